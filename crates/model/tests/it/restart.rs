//! A restart in the middle: nothing is told twice, nothing is forgotten.

use std::sync::Arc;

use landfall_model::{
    index::{Changes, Step, Stored},
    observe::{Automation, Body, Observation, Version},
    transition::Transition,
    words::{Health, Kind, Rule, TransitionKind},
};

use super::world::*;

/// Keeps what a store would keep.
#[derive(Default, Clone)]
pub struct Kept {
    pub stored: Stored,
    pub transitions: Vec<Transition>,
}

impl Kept {
    pub fn commit(&mut self, step: Step) {
        self.transitions.extend(step.transitions);
        let Changes { upserts, deletes, frames, sources, findings, pulls, step_times: _ } = step.store;
        let same = |a: &Observation, b: &Observation| a.scope == b.scope && a.name == b.name;
        for upsert in upserts {
            self.stored.observations.retain(|o| !same(o, &upsert));
            self.stored.observations.push(upsert);
        }
        self.stored
            .observations
            .retain(|o| !deletes.iter().any(|(scope, at)| o.scope == *scope && o.name == *at));
        for (id, frame) in frames {
            self.stored.environments.retain(|e| e.id != id);
            self.stored.environments.extend(frame.map(|f| (*f).clone()));
        }
        for (id, pull) in pulls {
            self.stored.pulls.retain(|p| p.id != id);
            self.stored.pulls.extend(pull.map(|p| (*p).clone()));
        }
        for source in sources {
            self.stored.sources.retain(|s| s.name != source.name);
            self.stored.sources.push((*source).clone());
        }
        for row in findings {
            self.stored.findings.retain(|r| r.finding.id != row.finding.id);
            self.stored.findings.push(row);
        }
        self.stored.revision = step.snapshot.revision;
    }
}

#[test]
fn the_last_known_view_is_there_before_any_source_answers() {
    let mut first = index();
    read_everything(&mut first, start());
    put_service(&mut first, "web", "1", 0);
    let mut kept = Kept::default();
    kept.commit(first.advance(start()));
    assert!(kept.transitions.iter().any(|t| t.kind == TransitionKind::Appeared));
    assert!(kept.transitions.iter().any(|t| t.kind == TransitionKind::Revision), "Argo CD's own history");

    let mut second = index();
    second.restore(kept.stored.clone());
    let step = second.advance(after(60));
    let environment = &step.snapshot.services[0].environments[0];
    assert_eq!(environment.image.as_ref().map(|i| i.running[0].pods), Some(2));
    assert!(step.snapshot.is_stale(environment), "old values are marked until a source speaks");
    assert_eq!(step.transitions, [], "a restart is no change");
    assert!(step.store.frames.is_empty() && step.store.upserts.is_empty(), "{:?}", step.store);
}

#[test]
fn what_happened_meanwhile_is_told_once() {
    let mut first = index();
    read_everything(&mut first, start());
    put_service(&mut first, "web", "1", 0);
    put_service(&mut first, "old", "1", 50);
    let mut kept = Kept::default();
    kept.commit(first.advance(start()));

    // Meanwhile `web` became degraded and `old` was deleted.
    let mut second = index();
    second.restore(kept.stored.clone());
    kept.commit(second.advance(after(10)));
    let before = kept.transitions.len();
    let mut app = application("web");
    app.health = Some(Health::Degraded);
    app.health_since = Some(after(5));
    let seen = observation(
        Kind::Application,
        name("argocd", "web-production"),
        200,
        Body::Application(Arc::new(app)),
    );
    second.reset(&scope(Kind::Application), None, vec![seen.clone()], Version { epoch: 0, resource: 210 });
    kept.commit(second.advance(after(11)));
    let told: Vec<_> = kept.transitions[before..].iter().map(|t| (t.kind, t.entity.to_string())).collect();
    assert_eq!(
        told,
        [
            (TransitionKind::Gone, "main:argocd/old-production".to_owned()),
            (TransitionKind::Health, "main:argocd/web-production".to_owned()),
        ]
    );

    // Once more: the same list, and nothing new.
    let mut third = index();
    third.restore(kept.stored.clone());
    third.reset(&scope(Kind::Application), None, vec![seen], Version { epoch: 0, resource: 220 });
    let told: Vec<_> = third.advance(after(12)).transitions.into_iter().map(|t| t.kind).collect();
    assert_eq!(told, [], "sources aside, nothing changed");
}

#[test]
fn a_grace_time_goes_on_over_a_restart() {
    let mut first = index();
    read_everything(&mut first, start());
    put_service(&mut first, "web", "1", 0);
    let mut kept = Kept::default();
    kept.commit(first.advance(start()));
    let mut app = application("web");
    app.automation = Automation::default();
    let at = name("argocd", "web-production");
    first.apply(observation(Kind::Application, at, 99, Body::Application(Arc::new(app))));
    kept.commit(first.advance(after(1)));

    let mut second = index();
    second.restore(kept.stored.clone());
    let rules = |index: &mut landfall_model::index::Index, seconds| -> Vec<Rule> {
        all_alive(index, after(seconds));
        index.advance(after(seconds)).snapshot.findings.iter().map(|f| f.rule).collect()
    };
    assert_eq!(rules(&mut second, 590), []);
    assert_eq!(
        rules(&mut second, 602),
        [Rule::AutoSyncOff],
        "it was on before the restart, and off since second 1"
    );
}

#[test]
fn an_idle_fleet_writes_nothing() {
    let mut index = index();
    read_everything(&mut index, start());
    put_service(&mut index, "web", "1", 0);
    index.advance(start());
    for minute in 1..200_u64 {
        // Argo CD touches each Application every three minutes: a new version, the same meaning.
        let app = Body::Application(Arc::new(application("web")));
        index.apply(observation(Kind::Application, name("argocd", "web-production"), 100 + minute, app));
        let now = after(i64::try_from(minute).unwrap_or(0) * 60);
        all_alive(&mut index, now);
        let step = index.advance(now);
        assert!(
            step.transitions.is_empty() && step.store.is_empty() && !step.changed,
            "minute {minute}: {step:?}"
        );
    }
}

#[test]
fn a_watch_that_is_now_restricted_to_a_namespace_goes_on_from_the_one_before() {
    let mut first = index();
    read_everything(&mut first, start());
    put_service(&mut first, "web", "1", 0);
    let mut kept = Kept::default();
    kept.commit(first.advance(start()));

    let mut second = index();
    second.restore(kept.stored.clone());
    let within = Some(text("argocd"));
    let applications = scope(Kind::Application);
    let cluster = landfall_model::index::CLUSTER_KINDS.iter().map(|kind| (scope(*kind), None));
    second.expect(cluster.chain([(applications.clone(), within.clone())]).collect());
    assert!(!second.is_complete());
    let report = |scope: landfall_model::observe::Scope, within| landfall_model::index::SourceReport {
        source_kind: landfall_model::index::source_kind(&scope.source),
        scope,
        within,
        state: landfall_model::words::SourceState::Ok,
        success_at: Some(after(10)),
        error: None,
    };
    for kind in landfall_model::index::CLUSTER_KINDS {
        second.report(report(scope(*kind), None));
    }
    second.report(report(applications, within));
    assert!(second.is_complete());
    let step = second.advance(after(10));
    assert!(
        !step.snapshot.is_stale(&step.snapshot.services[0].environments[0]),
        "no stream of before lingers"
    );
    assert_eq!(step.transitions.iter().filter(|t| t.kind != TransitionKind::Source).count(), 0);
}

#[test]
fn a_pod_counts_once_however_many_containers_run_its_image() {
    let mut index = index();
    read_everything(&mut index, start());
    put_service(&mut index, "web", "1", 0);
    let mut body = pod("web-1", "web", "1", true);
    let mut sidecar = body.containers[0].clone();
    sidecar.name = text("migrate");
    sidecar.ready = false;
    body.containers.push(sidecar);
    index.apply(observation(Kind::Pod, name("apps", "web-1-0"), 50, Body::Pod(Arc::new(body))));
    let snapshot = index.advance(start()).snapshot;
    let image = snapshot.services[0].environments[0].image.clone().expect("an image");
    assert_eq!((image.running.len(), image.running[0].pods, image.running[0].ready), (1, 2, 1));
}
