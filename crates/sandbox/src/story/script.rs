//! The two weeks before the story's start: who was deployed when, what went wrong, and the states that it starts with.

mod pulls;
mod start;
mod trap;

pub(crate) use self::pulls::HANGING;

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};

use super::action::Action;
use super::cast::{CAST, Member};
use super::fleet::{Fleet, Mode};
use super::images::split;
use super::pulls::Request;
use super::step::Step;
use super::unit::{REGISTRY, Unit, image_of, tag_at};
use crate::build::workload::WorkloadKind;
use crate::build::{hex_of, small};
use crate::cluster::Cluster;

/// How far back the story reaches.
pub(crate) const DAYS: i64 = 14;
const PROD: usize = 0;
const STG: usize = 1;
const SSL: usize = 2;

/// The service whose builds are alike bit by bit: they say no time, and their tags are commits.
const TIMELESS: &str = "access-review";

/// Where to find a unit: service and environment.
pub(crate) type Index = BTreeMap<(String, String), usize>;

struct Script {
    fleet: Fleet,
    index: Index,
    start: Timestamp,
    random: fastrand::Rng,
}

/// The fleet at the beginning of its two weeks, with all of them in its queue. Ends at `start`.
pub(crate) fn write(clusters: Vec<Cluster>, mode: Mode, seed: u64, start: Timestamp) -> (Fleet, Index) {
    let start = Timestamp::from_second(start.as_second()).unwrap_or(start);
    let begin = start.saturating_sub(SignedDuration::from_hours(24 * DAYS)).unwrap_or(start);
    let fleet = Fleet::new(clusters, mode, begin);
    let mut script = Script { fleet, index: Index::new(), start, random: fastrand::Rng::with_seed(seed) };
    script.fleet.founded = begin.saturating_sub(SignedDuration::from_hours(24 * 30)).unwrap_or(begin);
    script.cast();
    script.previews();
    script.furniture();
    script.incidents();
    script.start_states();
    script.image_updater();
    (script.fleet, script.index)
}

impl Script {
    /// An instant some minutes before the start.
    fn minutes_ago(&self, minutes: f64) -> Timestamp {
        #[expect(clippy::cast_possible_truncation, reason = "minutes of two weeks")]
        let seconds = (minutes * 60.0) as i64;
        self.start.saturating_sub(SignedDuration::from_secs(seconds)).unwrap_or(self.start)
    }

    fn act(&mut self, service: &str, environment: &str, minutes: f64, action: Action) {
        let at = self.minutes_ago(minutes);
        if let Some(&unit) = self.index.get(&(service.to_owned(), environment.to_owned())) {
            self.fleet.schedule(at, Step::Act(unit, action));
        }
    }

    fn unit(&mut self, service: &str, environment: &str) -> Option<&mut Unit> {
        let at = *self.index.get(&(service.to_owned(), environment.to_owned()))?;
        Some(&mut self.fleet.units[at])
    }

    fn add(&mut self, mut unit: Unit) -> usize {
        let at = self.fleet.units.len();
        for pod in &mut unit.pods {
            pod.digest = self.fleet.images.built(pod.created, &pod.image);
        }
        if unit.exists {
            self.fleet.images.built(self.fleet.now, &unit.meant);
        }
        self.index.insert((unit.service.clone(), unit.environment.clone()), at);
        self.fleet.units.push(unit);
        if self.fleet.units[at].exists {
            self.fleet.put_workload(at);
            self.fleet.put(super::fleet::Thing::App(at));
        }
        at
    }

    /// Every service with its releases, production some while after staging.
    fn cast(&mut self) {
        for member in CAST {
            let horizon = 24.0 * 13.5;
            // Releases in hours before the start, newest first.
            let mut production = Vec::new();
            if let Some(newest) = member.production_h {
                let mut age = newest;
                while age < horizon {
                    production.push(age);
                    age += 40.0 + 110.0 * self.random.f64();
                }
            }
            let mut staging: Vec<(f64, f64)> = production.iter().map(|age| (*age, age + 0.15)).collect();
            if let Some(newest) = member.staging_h {
                let lead = production.first().is_none_or(|first| newest + 0.5 < *first);
                if lead {
                    staging.insert(0, (newest, newest));
                }
            }
            let older = 1.0 + self.random.f64() / 4.0;
            let oldest = self.minutes_ago((horizon + 90.0) * 60.0 * older);
            for (environment, place) in [("production", PROD), ("staging", STG)] {
                let there = if place == PROD { member.production_h } else { member.staging_h };
                if there.is_some() {
                    self.settle(member, environment, place, oldest);
                }
            }
            for (build, at) in &staging {
                let tag = tag_of(member.name, self.minutes_ago(build * 60.0 + 21.0));
                self.act(member.name, "staging", at * 60.0, Action::Deploy { tag });
            }
            for age in &production {
                let tag = tag_of(member.name, self.minutes_ago(age * 60.0 + 21.0));
                self.act(member.name, "production", age * 60.0, Action::Deploy { tag });
            }
        }
    }

    fn settle(&mut self, member: &Member, environment: &str, place: usize, at: Timestamp) {
        let image = image_of(member.team, member.name, &tag_of(member.name, at));
        if member.name == TIMELESS {
            self.fleet.images.timeless.insert(split(&image).0.to_owned());
        }
        let mut unit = Unit::settled(member, environment, place, place, &image, at);
        match (member.name, environment) {
            // One staging environment is deployed by production's Argo CD, over the destination's name.
            ("identity-sync", "staging") => {
                unit.argo = PROD;
                "stg".clone_into(&mut unit.app.destination);
                unit.app.by_name = true;
            }
            ("webmail-front" | "reseller-portal", _) => {
                let proxy = format!("{REGISTRY}/platform/nginx-static:1.27.3");
                let digest = self.fleet.images.built(at, &proxy);
                unit.work.sidecar = Some((proxy, digest));
            }
            ("ssl-issuer", "production") => {
                unit.cluster = SSL;
                "https://ssl.k8s.hosting.example:6443".clone_into(&mut unit.app.destination);
            }
            ("mail-quota" | "log-shipper", _) => unit.work.on_delete = true,
            ("dns-editor", "production") => {
                "75%".clone_into(&mut unit.work.max_unavailable);
                unit.work.deadline_s = 300;
            }
            ("control-panel" | "site-stats", "production") => unit.app.automated = None,
            ("session-api", "production") => unit.pace_s = 75,
            _ => {}
        }
        self.add(unit);
    }

    /// What stands around the services: projects, gateways, finished jobs.
    fn furniture(&mut self) {
        let founded = self.fleet.founded;
        let mut teams: Vec<String> = CAST.iter().map(|member| member.team.replace(' ', "-")).collect();
        teams.push("previews".to_owned());
        teams.dedup();
        for place in [PROD, STG] {
            self.fleet.put_fixed(place, small::namespace("argocd", founded));
            for team in &teams {
                self.fleet.put_fixed(place, small::project(team, founded));
            }
            self.fleet.put_fixed(place, small::namespace("gateway", founded));
            self.fleet.put_fixed(place, small::gateway("gateway", "edge", founded));
        }
        let host = "webmail.hosting.example";
        self.fleet.put_fixed(
            PROD,
            small::http_route("webmail-front-production", "webmail-front", "webmail-front", host, founded),
        );
        for service in ["dunning", "sla-report"] {
            for at in [self.index.get(&(service.to_owned(), "production".to_owned()))]
                .into_iter()
                .flatten()
                .copied()
                .collect::<Vec<_>>()
            {
                let work = &self.fleet.units[at].work;
                let started =
                    self.fleet.now.saturating_sub(SignedDuration::from_hours(9)).unwrap_or(self.fleet.now);
                let name = format!("{service}-29401920");
                let job = small::job(&work.namespace, service, &work.uid(), &name, started, &work.image);
                self.fleet.put_fixed(PROD, job);
            }
        }
        self.fleet.run(Step::Previews);
    }
}

/// The tag of a service's build.
fn tag_of(service: &str, built: Timestamp) -> String {
    let tag = tag_at(built);
    if service == TIMELESS { hex_of(&["commit", service, &tag])[..7].to_owned() } else { tag }
}

/// A preview that does not exist yet.
pub(crate) fn preview(of: Request<'_>, team: &str, head: &str, now: Timestamp) -> Unit {
    let Request { service, number, .. } = of;
    let image = super::pulls::image(team, service, number, head);
    let name = format!("{service}-pr-{number}");
    let environment = format!("pr-{number}");
    let place = (STG, STG);
    let kind = WorkloadKind::Deployment;
    let mut unit = Unit::new(team, service, &environment, &name, &name, kind, 1, place, &image, now);
    unit.exists = false;
    unit.has_workload = false;
    unit.pods.clear();
    unit.sets.clear();
    "previews".clone_into(&mut unit.app.project);
    unit.app.owner = Some(format!("previews-{service}"));
    unit.app.image = Some(image);
    unit.app.spec_manager = "argocd-applicationset-controller";
    head.clone_into(&mut unit.app.target);
    head.clone_into(&mut unit.app.revision);
    unit.app.repo = format!("https://git.hosting.example/hosting/{service}.git");
    "deploy/preview".clone_into(&mut unit.app.path);
    let pair = |key: &str, value: &str| (key.to_owned(), value.to_owned());
    unit.app.labels.push(pair("landfall.dev/pr", &number.to_string()));
    unit.app.labels.push(pair("preview", "yes"));
    let repo = format!("https://git.hosting.example/hosting/{service}");
    unit.app.annotations.push(pair("landfall.dev/head-sha", head));
    unit.app.annotations.push(pair("landfall.dev/repo", &repo));
    unit.app.annotations.push(pair("link.argocd.argoproj.io/pull-request", &format!("{repo}/pull/{number}")));
    unit
}
