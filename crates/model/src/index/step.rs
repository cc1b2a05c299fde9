//! `advance`: lets time pass and works out what changed.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use jiff::Timestamp;

use super::{
    Changes, Index, Step,
    core::Entry,
    environment::{self, Around},
    joined::{self, Lookup},
    joins::ApplicationKey,
    tracker::{About, Event},
};
use crate::{
    finding::{self, Context},
    observe::{Application, Body, ObjectName, Scope, Unreadable},
    text::Text,
    transition::{Transition, diff},
    view::{Environment, Service, Snapshot, SourceView},
    words::{Kind, SourceState, State},
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
        for key in std::mem::take(&mut self.dirty) {
            self.advance_application(&key, now, &mut gathered);
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
        let wake_at = [next_silence, next_finding].into_iter().flatten().min();
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
            if told == Some(view.state) && same_columns && !broken {
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

    fn advance_application(&mut self, key: &ApplicationKey, now: Timestamp, gathered: &mut Gathered) {
        let scope = Scope { source: Text::clone(&key.source), kind: Kind::Application };
        let body = self.objects.get(&scope, &key.name).map(|o| o.body.clone());
        match body {
            Some(Body::Application(app)) => self.view_application(key, &app, now, gathered),
            Some(Body::Unreadable(broken)) => self.keep_unreadable(key, &broken, gathered),
            _ => self.forget_application(key, now, gathered),
        }
    }

    fn view_application(
        &mut self,
        key: &ApplicationKey,
        app: &Arc<Application>,
        now: Timestamp,
        gathered: &mut Gathered,
    ) {
        let instance = Text::from(key.source.strip_prefix("argocd/").unwrap_or(&key.source));
        let cluster = self.cluster_of(key, app);
        let cluster_name = cluster.as_deref().and_then(|c| c.strip_prefix("cluster/"));
        let preview_set = self.is_preview_set(key, app);
        let mapped = self.mapper.map(&instance, &key.name, app, cluster_name, preview_set);
        let lookup = Lookup { objects: &self.objects, joins: &self.joins, columns: &self.columns };
        let joined = joined::join(key, app, cluster, lookup);
        let id = environment::id(&instance, &joined);
        let old = self.entries.remove(key);
        let remembered = self.remembered.remove(&id);
        let before = old.as_ref().map(|e| &*e.view).or(remembered.as_ref());
        let container = self.settings.catalog.iter().find(|c| c.name == mapped.service);
        let around = Around {
            mapped: &mapped,
            instance: &instance,
            container: container.and_then(|c| c.container.as_deref()),
            before,
            now,
        };
        let fresh = environment::environment(&joined, &around);
        let view = match &old {
            Some(entry) if *entry.view == fresh => Arc::clone(&entry.view),
            _ => Arc::new(fresh),
        };
        let argocd = self.settings.instances.iter().find(|i| i.name == instance);
        let context = Context {
            joined: &joined,
            environment: &view,
            argocd_url: argocd.and_then(|i| i.url.as_deref()),
        };
        let found = finding::ENVIRONMENT_RULES.iter().filter_map(|rule| rule(&context)).collect();
        let about = About {
            service: Some(Text::clone(&view.service)),
            environment: Some(Text::clone(&view.name)),
            environment_id: Some(Text::clone(&view.id)),
        };
        let settled = joined.settled;
        self.tracker.update(&view.id, &about, found, &self.settings, now);

        let recorded = match &old {
            Some(entry) => entry.recorded.clone(),
            None => remembered.map(Arc::new),
        };
        let recorded_settled = old.as_ref().is_none_or(|entry| entry.recorded_settled);
        match &recorded {
            None => gathered.transitions.extend(diff::appeared(&view, &app.history, now)),
            Some(was) => {
                let sync_seen = self.sync_seen(key, &view, was);
                gathered.transitions.extend(diff::argo_changes(was, &view, &app.history, sync_seen, now));
                if settled && recorded_settled {
                    gathered.transitions.extend(diff::cluster_changes(was, &view, now));
                }
            }
        }
        if recorded.as_ref().is_none_or(|was| **was != *view) {
            gathered.changes.frames.push((Text::clone(&view.id), Some(Arc::clone(&view))));
        }
        if old.as_ref().is_none_or(|entry| !Arc::ptr_eq(&entry.view, &view)) {
            gathered.services.insert(Text::clone(&view.service));
        }
        if let Some(entry) = old.as_ref().filter(|entry| entry.view.service != view.service) {
            self.leave_service(key, &entry.view.service, gathered);
        }
        self.services.entry(Text::clone(&view.service)).or_default().keys.insert(key.clone());
        let entry = Entry {
            recorded: Some(Arc::clone(&view)),
            recorded_settled: settled,
            view,
            owner: mapped.owner.clone(),
            repository: mapped.repository.clone(),
            assigned: mapped.assigned,
        };
        self.entries.insert(key.clone(), entry);
    }

    /// The time of Argo CD's own Event about this change of the comparison, if it came.
    fn sync_seen(&self, key: &ApplicationKey, view: &Environment, was: &Environment) -> Option<Timestamp> {
        if was.sync == view.sync {
            return None;
        }
        let (status, at) = self.sync_events.get(key)?;
        (Some(&**status) == view.sync.map(crate::words::SyncStatus::as_str)).then_some(*at)
    }

    fn is_preview_set(&self, key: &ApplicationKey, app: &Application) -> bool {
        let Some(set) = &app.owner_set else { return false };
        let scope = Scope { source: Text::clone(&key.source), kind: Kind::ApplicationSet };
        let name = ObjectName { namespace: Text::clone(&key.name.namespace), name: Text::clone(set) };
        match self.objects.get(&scope, &name).map(|o| &o.body) {
            Some(Body::ApplicationSet(set)) => set.generators.iter().any(|g| &**g == "pullRequest"),
            _ => false,
        }
    }

    /// An Application that can no longer be read keeps its place, as unknown.
    fn keep_unreadable(&mut self, key: &ApplicationKey, broken: &Unreadable, gathered: &mut Gathered) {
        let Some(entry) = self.entries.get_mut(key) else { return };
        let view = Arc::make_mut(&mut entry.view);
        view.state = State::Unknown;
        view.why =
            Some(Text::from(format!("the Application cannot be read: {} {}", broken.field, broken.why)));
        gathered.services.insert(Text::clone(&view.service));
    }

    fn forget_application(&mut self, key: &ApplicationKey, now: Timestamp, gathered: &mut Gathered) {
        let Some(entry) = self.entries.remove(key) else { return };
        if entry.recorded.is_some() {
            gathered.transitions.push(diff::gone(&entry.view, now));
            gathered.changes.frames.push((Text::clone(&entry.view.id), None));
        }
        self.tracker.update(&entry.view.id, &About::default(), Vec::new(), &self.settings, now);
        self.sync_events.remove(key);
        self.leave_service(key, &entry.view.service, gathered);
    }

    fn leave_service(&mut self, key: &ApplicationKey, service: &Text, gathered: &mut Gathered) {
        if let Some(entry) = self.services.get_mut(service) {
            entry.keys.remove(key);
        }
        gathered.services.insert(Text::clone(service));
    }

    fn rebuild_service(&mut self, name: &Text) {
        let Some(entry) = self.services.get_mut(name) else { return };
        if entry.keys.is_empty() {
            self.services.remove(name);
            return;
        }
        let mut environments: Vec<Arc<Environment>> = Vec::with_capacity(entry.keys.len());
        let (mut owner, mut repository, mut assigned) = (None, None, false);
        for known in entry.keys.iter().filter_map(|key| self.entries.get(key)) {
            environments.push(Arc::clone(&known.view));
            owner = owner.or_else(|| known.owner.clone());
            repository = repository.or_else(|| known.repository.clone());
            assigned |= known.assigned;
        }
        environments.sort_by_cached_key(|e| {
            (e.preview, self.mapper.environment_rank(&e.name), Text::clone(&e.name), Text::clone(&e.id))
        });
        let service =
            Service { name: Text::clone(name), owner, repository, environments, unassigned: !assigned };
        entry.view = Some(Arc::new(service));
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
        };
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

/// The same of a source without columns: what it said, and until when it is left alone. How many requests are left
/// changes with each of them, and matters to nobody but who looks.
fn polled(view: &SourceView) -> Option<(Option<&Text>, u64, u64, Option<Timestamp>)> {
    let budget = view.budget.as_ref()?;
    Some((view.error.as_ref(), view.objects, view.unreadable, budget.blocked_until))
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
