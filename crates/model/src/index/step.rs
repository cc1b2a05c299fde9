//! `advance`: lets time pass and works out what changed.

mod application;
mod pull;

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use jiff::Timestamp;

use super::{
    Changes, Index, Step,
    core::repository_name,
    tracker::{About, Event},
};
use crate::{
    finding,
    observe::{Body, Scope},
    text::Text,
    transition::{Transition, diff},
    view::{Generates, Service, Snapshot, SourceView},
    words::{Kind, SourceState},
};

/// What one step gathers.
#[derive(Default)]
struct Gathered {
    transitions: Vec<Transition>,
    changes: Changes,
    changed_ids: BTreeSet<Text>,
    services: BTreeSet<Text>,
}

impl Index {
    /// Works out everything that was touched, as of `now`.
    ///
    /// The result's transitions and rows belong into one database transaction; the index itself already counts them as
    /// told.
    pub fn advance(&mut self, now: Timestamp) -> Step {
        let mut gathered = Gathered::default();
        let (views, next_silence) = self.advance_sources(now, &mut gathered);
        self.advance_repositories(now);
        let next_updater = self.advance_updaters(now);
        for key in std::mem::take(&mut self.dirty) {
            self.advance_application(&key, now, &mut gathered);
        }
        self.advance_pulls(now, &mut gathered);
        if self.sets_changed {
            self.advance_sets(now);
        }
        for service in std::mem::take(&mut gathered.services) {
            self.rebuild_service(&service);
            gathered.changed_ids.insert(Text::from(format!("service/{service}")));
        }
        let (events, rows, next_finding) = self.tracker.advance(&self.settings, now);
        let findings_changed = !rows.is_empty();
        for event in &events {
            let (found, opened) = match event {
                Event::Opened(found) => (found, true),
                Event::Closed(found) => (found, false),
            };
            gathered.transitions.push(diff::finding(found, opened, now));
            let about = found.service.as_ref().map_or_else(
                || Text::clone(&found.subject.name),
                |service| Text::from(format!("service/{service}")),
            );
            gathered.changed_ids.insert(about);
        }
        gathered.changes.findings = rows;
        self.collect_unsaved(&mut gathered.changes);
        let changed = !gathered.changed_ids.is_empty() || findings_changed;
        self.publish(views, changed, findings_changed, now);
        let wake_at = [next_silence, next_updater, next_finding].into_iter().flatten().min();
        Step {
            snapshot: Arc::clone(&self.snapshot),
            changed,
            changed_ids: gathered.changed_ids.into_iter().collect(),
            transitions: gathered.transitions,
            store: gathered.changes,
            wake_at,
        }
    }

    fn advance_sources(
        &mut self,
        now: Timestamp,
        gathered: &mut Gathered,
    ) -> (Vec<SourceView>, Option<Timestamp>) {
        let settings = &self.settings;
        let silence = |name: &Text| settings.stale_after.get(name).copied().unwrap_or(super::WATCH_SILENCE);
        let (views, next) = self.columns.advance(now, silence, &self.objects);
        for view in &views {
            let told = self.told_sources.get(&view.name).copied();
            let known = self.snapshot.sources.get(&view.name);
            let same_columns = known.is_some_and(|k| states(k) == states(view) && polled(k) == polled(view));
            let broken = self.broken.contains(&view.name);
            // That it has not been heard yet is told once, and is no state that others remember.
            let is_starting = view.state == SourceState::Starting
                && known.is_some_and(|known| known.state == SourceState::Starting);
            if (told == Some(view.state) || is_starting) && same_columns && !broken {
                continue;
            }
            // That Landfall has just started is no change of the source.
            if told != Some(view.state) && view.state != SourceState::Starting {
                // The first word about a source is no change: it was not watched before.
                if told.is_some() {
                    gathered.transitions.push(diff::source(&view.name, told, view, now));
                }
                self.told_sources.insert(Text::clone(&view.name), view.state);
            }
            gathered.changes.sources.push(Arc::new(view.clone()));
            gathered.changed_ids.insert(Text::from(format!("source/{}", view.name)));
            let found = finding::source::check(view, &unreadable(self, view));
            self.tracker.update(&view.name, &About::default(), found, &self.settings, now);
        }
        self.broken.clear();
        (views, next)
    }

    /// Rules about repositories that changed.
    fn advance_repositories(&mut self, now: Timestamp) {
        for (scope, name) in std::mem::take(&mut self.looked_at) {
            let full = repository_name(&scope, &name);
            let found = match self.objects.get(&scope, &name).map(|held| &held.body) {
                Some(Body::Repository(body)) => {
                    finding::registry_unreadable::check(&scope.source, &full, body)
                }
                _ => None,
            };
            let found = found.into_iter().collect();
            self.tracker.update(&full, &About::default(), found, &self.settings, now);
        }
    }

    /// Rules about the objects of Image Updater: few, and silence comes by itself. Returns when the next would be silent.
    fn advance_updaters(&mut self, now: Timestamp) -> Option<Timestamp> {
        let (mut next, mut known) = (None, BTreeSet::new());
        for instance in &self.settings.instances {
            let interval = instance.updater_interval;
            let source = Text::from(format!("argocd/{}", instance.name));
            let scope = Scope { source: Text::clone(&source), kind: Kind::ImageUpdater };
            for (name, held) in self.objects.of(&scope) {
                let Body::ImageUpdater(updater) = &held.body else { continue };
                let silent = finding::updater_down::silent_from(updater, interval).filter(|at| *at > now);
                next = [next, silent].into_iter().flatten().min();
                let found = finding::updater_down::check(&source, name, updater, interval, now);
                let owner = finding::updater_down::subject(&source, name).name;
                self.tracker.update(
                    &owner,
                    &About::default(),
                    found.into_iter().collect(),
                    &self.settings,
                    now,
                );
                known.insert(owner);
            }
        }
        for gone in self.known_updaters.difference(&known) {
            self.tracker.update(gone, &About::default(), Vec::new(), &self.settings, now);
        }
        self.known_updaters = known;
        next
    }

    fn collect_unsaved(&mut self, changes: &mut Changes) {
        for (scope, name) in std::mem::take(&mut self.unsaved) {
            match self.objects.get(&scope, &name) {
                Some(observation) => changes.upserts.push(observation.clone()),
                None => changes.deletes.push((scope, name)),
            }
        }
    }

    fn publish(&mut self, views: Vec<SourceView>, changed: bool, findings_changed: bool, now: Timestamp) {
        let generators = self.generators();
        let old = &self.snapshot;
        let sources = views
            .into_iter()
            .map(|view| {
                let shared = match old.sources.get(&view.name) {
                    Some(known) if **known == view => Arc::clone(known),
                    _ => Arc::new(view),
                };
                (Text::clone(&shared.name), shared)
            })
            .collect::<BTreeMap<_, _>>();
        let mut next = Snapshot {
            revision: old.revision + u64::from(changed),
            as_of: Some(now),
            services: Vec::new(),
            findings: Vec::new(),
            sources,
            environment_order: Vec::new(),
            unassigned: 0,
            generators,
            pulls: Vec::new(),
        };
        next.pulls =
            if std::mem::take(&mut self.pulls.changed) { self.pulls.views() } else { old.pulls.clone() };
        if changed || old.as_of.is_none() {
            next.services = self.services.values().filter_map(|entry| entry.view.clone()).collect();
            next.environment_order = self.environment_order(&next.services);
            next.unassigned =
                next.services.iter().filter(|s| s.unassigned).map(|s| s.environments.len()).sum();
        } else {
            next.services.clone_from(&old.services);
            next.environment_order.clone_from(&old.environment_order);
            next.unassigned = old.unassigned;
        }
        next.findings =
            if findings_changed || old.as_of.is_none() { self.tracker.open() } else { old.findings.clone() };
        self.snapshot = Arc::new(next);
    }

    /// Where the pull request generators of all instances look.
    fn generators(&mut self) -> Arc<Vec<Generates>> {
        if !std::mem::take(&mut self.sets_changed) {
            return Arc::clone(&self.snapshot.generators);
        }
        let mut found: BTreeMap<(Text, Text, Option<Text>), BTreeSet<Vec<Text>>> = BTreeMap::new();
        for instance in &self.settings.instances {
            let source = Text::from(format!("argocd/{}", instance.name));
            for (_, held) in self.objects.of(&Scope { source, kind: Kind::ApplicationSet }) {
                let Body::ApplicationSet(set) = &held.body else { continue };
                for one in &set.pull_requests {
                    let (provider, repository) = (Text::clone(&one.provider), Text::clone(&one.repository));
                    let place = (provider, repository, one.api.clone());
                    found.entry(place).or_default().insert(one.labels.clone());
                }
            }
        }
        let one = |((provider, repository, api), labels): (_, BTreeSet<_>)| Generates {
            provider,
            repository,
            api,
            labels: labels.into_iter().collect(),
        };
        Arc::new(found.into_iter().map(one).collect())
    }

    /// Names of environments in use that have columns, in their order.
    fn environment_order(&self, services: &[Arc<Service>]) -> Vec<Text> {
        let names: BTreeSet<&Text> = services
            .iter()
            .flat_map(|service| &service.environments)
            .filter(|environment| !environment.preview)
            .map(|environment| &environment.name)
            .collect();
        let mut names: Vec<Text> = names.into_iter().cloned().collect();
        names.sort_by_key(|name| self.mapper.environment_rank(name));
        names
    }
}

/// What of a source's columns matters to rules and to the stored row.
fn states(view: &SourceView) -> Vec<(Kind, Option<&Text>, SourceState, Option<&Text>)> {
    view.columns.iter().map(|c| (c.kind, c.namespace.as_ref(), c.state, c.error.as_ref())).collect()
}

/// Error, objects, unreadable ones, until when it is left alone, and whether its budget is low.
type Polled<'a> = (Option<&'a Text>, u64, u64, Option<Timestamp>, bool);

/// The same of a source without columns: what it said, and until when it is left alone. How many requests are left
/// changes with each of them, and matters to nobody but who looks.
fn polled(view: &SourceView) -> Option<Polled<'_>> {
    let budget = view.budget.as_ref()?;
    let is_low = finding::source::is_low(view);
    Some((view.error.as_ref(), view.objects, view.unreadable, budget.blocked_until, is_low))
}

/// Unreadable objects of a source, at most ten.
fn unreadable(index: &Index, view: &SourceView) -> Vec<finding::source::Broken> {
    if view.unreadable == 0 {
        return Vec::new();
    }
    let columns = view.columns.iter().filter(|c| c.unreadable > 0);
    let objects = columns.flat_map(|column| {
        let scope = Scope { source: Text::clone(&view.name), kind: column.kind };
        let broken: Vec<_> = index
            .objects
            .of(&scope)
            .filter_map(|(name, held)| match &held.body {
                Body::Unreadable(broken) => Some((
                    Text::from(column.kind.as_str()),
                    Text::from(name.to_string()),
                    Text::from(format!("{} {}", broken.field, broken.why).trim()),
                )),
                _ => None,
            })
            .take(10)
            .collect();
        broken
    });
    objects.take(10).collect()
}
