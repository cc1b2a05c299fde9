//! The index itself: takes messages in and knows what they touch.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    sync::Arc,
};

use jiff::Timestamp;

use super::{
    FindingRow, PollReport, SourceReport, Stored,
    columns::{Columns, source_kind},
    committed,
    few::Few,
    joined::{self, workload_kind},
    joins::{ApplicationKey, Joins, Referent},
    objects::{Effect, Objects},
    outlook,
    pulls::{PullKey, Pulls},
    tracker::Tracker,
};
use crate::{
    mapping::Mapper,
    observe::{Application, Body, Event, ObjectName, Observation, Scope, Version},
    settings::Settings,
    text::Text,
    updater::trap::is_told_again,
    view::{Environment, Service, Snapshot, SourceView, Traced},
    words::{Kind, SourceKind, SourceState},
};

/// The join of everything that was observed.
#[derive(Debug)]
pub struct Index {
    pub(super) settings: Settings,
    pub(super) mapper: Mapper,
    pub(super) objects: Objects,
    pub(super) joins: Joins,
    pub(super) columns: Columns,
    pub(super) tracker: Tracker,
    pub(super) entries: HashMap<ApplicationKey, Entry>,
    pub(super) services: BTreeMap<Text, ServiceEntry>,
    /// Applications whose view must be worked out again.
    pub(super) dirty: BTreeSet<ApplicationKey>,
    /// Objects whose stored row must change: by scope and name, so that repeats coalesce.
    pub(super) unsaved: BTreeSet<(Scope, ObjectName)>,
    /// State of each source as it was last told.
    pub(super) told_sources: BTreeMap<Text, SourceState>,
    /// Sources whose unreadable objects changed.
    pub(super) broken: BTreeSet<Text>,
    /// Last "Updated sync status" Event per Application: status and time.
    pub(super) sync_events: HashMap<ApplicationKey, (Text, Timestamp)>,
    /// The last Events of Image Updater about each Application, oldest first.
    pub(super) update_events: HashMap<ApplicationKey, Vec<Arc<Event>>>,
    /// Those of them that are to be told.
    pub(super) told_updates: HashMap<ApplicationKey, Vec<Arc<Event>>>,
    /// Objects of Image Updater that rules looked at.
    pub(super) known_updaters: BTreeSet<Text>,
    /// An ApplicationSet came, changed or went.
    pub(super) sets_changed: bool,
    /// ApplicationSets that rules looked at.
    pub(super) known_sets: BTreeSet<Text>,
    pub(super) pulls: Pulls,
    /// Repositories that changed.
    pub(super) looked_at: BTreeSet<(Scope, ObjectName)>,
    /// Environments of an earlier run, by id, until their Application is seen.
    pub(super) remembered: HashMap<Text, Environment>,
    pub(super) snapshot: Arc<Snapshot>,
}

/// Events of Image Updater that are kept of an Application.
const UPDATES: usize = 20;

/// A repository's name with its host.
pub(super) fn repository_name(scope: &Scope, name: &ObjectName) -> Text {
    let host = scope.source.strip_prefix("registry/").unwrap_or(&scope.source);
    Text::from(format!("{host}/{}", name.name))
}

/// Whether two states of an updater mean something else for its Applications. That it looked again does not.
fn updater_differs(before: Option<&Body>, after: Option<&Body>) -> bool {
    match (before, after) {
        (Some(Body::ImageUpdater(before)), Some(Body::ImageUpdater(after))) => {
            before.spec != after.spec || before.conditions != after.conditions
        }
        _ => true,
    }
}

/// What is kept per Application.
#[derive(Debug)]
pub(super) struct Entry {
    pub view: Arc<Environment>,
    /// The view that the last transitions led to.
    pub recorded: Option<Arc<Environment>>,
    /// Whether the cluster's part of `recorded` was known.
    pub recorded_settled: bool,
    /// What was asked for of each repository, as it was noticed to change; oldest first.
    pub asked: Vec<(Text, Timestamp, Text)>,
    pub owner: Option<Text>,
    pub repository: Option<Text>,
    pub assigned: bool,
    /// Of a preview: its pull request, and how that was found.
    pub pull: Option<PullKey>,
    pub origin: Option<Traced>,
}

/// What is kept per service.
#[derive(Debug, Default)]
pub(super) struct ServiceEntry {
    pub keys: Few<ApplicationKey>,
    pub view: Option<Arc<Service>>,
}

impl Index {
    /// An empty index. `mapper` comes from the same settings.
    pub fn new(settings: Settings, mapper: Mapper) -> Self {
        let mut columns = Columns::default();
        for cluster in &settings.clusters {
            columns.declare(&Text::from(format!("cluster/{}", cluster.name)), SourceKind::Kubernetes);
        }
        for instance in &settings.instances {
            columns.declare(&Text::from(format!("argocd/{}", instance.name)), SourceKind::ArgoCd);
        }
        for registry in &settings.registries {
            columns.declare_polled(&Text::from(format!("registry/{}", registry.host)));
        }
        for forge in &settings.forges {
            columns.declare_polled(&forge.source());
        }
        Self {
            settings,
            mapper,
            objects: Objects::default(),
            joins: Joins::default(),
            columns,
            tracker: Tracker::default(),
            entries: HashMap::new(),
            services: BTreeMap::new(),
            dirty: BTreeSet::new(),
            unsaved: BTreeSet::new(),
            told_sources: BTreeMap::new(),
            broken: BTreeSet::new(),
            sync_events: HashMap::new(),
            update_events: HashMap::new(),
            told_updates: HashMap::new(),
            known_updaters: BTreeSet::new(),
            sets_changed: false,
            known_sets: BTreeSet::new(),
            pulls: Pulls::default(),
            looked_at: BTreeSet::new(),
            remembered: HashMap::new(),
            snapshot: Arc::default(),
        }
    }

    /// The settings it works by.
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// The view of the last [`Index::advance`].
    pub fn snapshot(&self) -> Arc<Snapshot> {
        Arc::clone(&self.snapshot)
    }

    /// Puts back what an earlier run stored. Call it once, before anything else.
    ///
    /// Objects of sources that are no longer configured are left out; they are deleted with the next step.
    pub fn restore(&mut self, stored: Stored) {
        let configured = |source: &Text| {
            let name = source.split_once('/').map_or("", |(_, name)| name);
            self.settings.clusters.iter().any(|c| source.starts_with("cluster/") && &*c.name == name)
                || self.settings.instances.iter().any(|i| source.starts_with("argocd/") && &*i.name == name)
                || self
                    .settings
                    .registries
                    .iter()
                    .any(|r| source.starts_with("registry/") && &*r.host == name)
                || self.settings.forges.iter().any(|f| source.starts_with("forge/") && &*f.name == name)
        };
        let (kept, dropped): (Vec<_>, Vec<_>) =
            stored.observations.into_iter().partition(|o| configured(&o.scope.source));
        let sources: Vec<SourceView> = stored.sources.into_iter().filter(|s| configured(&s.name)).collect();
        self.pulls.remembered = stored.pulls.into_iter().map(|pull| (Text::clone(&pull.id), pull)).collect();
        self.remembered = stored.environments.into_iter().map(|e| (Text::clone(&e.id), e)).collect();
        self.unsaved.extend(dropped.into_iter().map(|o| (o.scope, o.name)));
        self.told_sources = sources.iter().map(|s: &SourceView| (Text::clone(&s.name), s.state)).collect();
        self.columns.restore(sources);
        self.tracker.restore(stored.findings);
        Arc::make_mut(&mut self.snapshot).revision = stored.revision;
        for observation in kept {
            let (scope, name) = (observation.scope.clone(), observation.name.clone());
            if let Effect::Changed { previous } = self.objects.apply(observation) {
                self.touch(&scope, &name, previous.as_ref(), false);
            }
        }
    }

    /// Takes one object in.
    pub fn apply(&mut self, observation: Observation) {
        let (scope, name) = (observation.scope.clone(), observation.name.clone());
        let effect = self.objects.apply(observation);
        self.took_effect(&scope, &name, effect);
    }

    /// Takes a deletion in.
    pub fn delete(&mut self, scope: &Scope, name: &ObjectName, version: Version) {
        let effect = self.objects.delete(scope, name, version);
        self.took_effect(scope, name, effect);
    }

    /// Takes a complete list in; what it does not hold is gone. `within` is the namespace that was listed.
    pub fn reset(&mut self, scope: &Scope, within: Option<&Text>, items: Vec<Observation>, version: Version) {
        for (name, effect) in self.objects.reset(scope, within, items, version) {
            self.took_effect(scope, &name, effect);
        }
        if self.columns.mark_read(scope, within) {
            self.touch_all_of(scope);
        }
    }

    /// Takes a collector's report in.
    pub fn report(&mut self, report: SourceReport) {
        let scope = report.scope.clone();
        let readable_before = |state| !matches!(state, SourceState::Forbidden | SourceState::Absent);
        let state = report.state;
        if self.columns.report(report) || !readable_before(state) {
            self.touch_all_of(&scope);
        }
    }

    /// Takes the report of a source that is asked again and again.
    pub fn polled(&mut self, report: PollReport) {
        self.columns.polled(report);
    }

    /// Takes a source as the leader told it; for followers.
    pub fn follow_source(&mut self, view: SourceView) {
        let name = Text::clone(&view.name);
        let kinds: Vec<Kind> = view.columns.iter().map(|column| column.kind).collect();
        self.columns.adopt(view);
        for kind in kinds {
            self.touch_all_of(&Scope { source: Text::clone(&name), kind });
        }
    }

    /// Takes a finding as the leader told it; for followers.
    pub fn follow_finding(&mut self, row: FindingRow) {
        self.tracker.adopt(row);
    }

    fn took_effect(&mut self, scope: &Scope, name: &ObjectName, effect: Effect) {
        match effect {
            Effect::Stale | Effect::Refreshed => {}
            Effect::Changed { previous } => self.touch(scope, name, previous.as_ref(), true),
            Effect::Removed { previous } => self.touch(scope, name, Some(&previous), true),
        }
    }

    /// Keeps the joins right and marks what depends on an object that changed, came or went.
    fn touch(&mut self, scope: &Scope, name: &ObjectName, previous: Option<&Body>, save: bool) {
        if save {
            self.unsaved.insert((scope.clone(), name.clone()));
        }
        let body = self.objects.get(scope, name).map(|o| o.body.clone());
        let broken = |body: Option<&Body>| matches!(body, Some(Body::Unreadable(_)));
        if broken(previous) || broken(body.as_ref()) {
            self.broken.insert(Text::clone(&scope.source));
        }
        match scope.kind {
            Kind::Application => self.touch_application(scope, name, previous, body.as_ref()),
            Kind::ApplicationSet => {
                self.sets_changed = true;
                self.dirty.extend(self.joins.applications_of_set(&scope.source, name));
                self.touch_pulls_of_set(previous, body.as_ref());
            }
            Kind::Event => {
                if let Some(Body::Event(event)) = &body {
                    self.remember_sync_event(&scope.source, event);
                    self.remember_update(&scope.source, event, save);
                }
            }
            Kind::Pull => self.touch_pull(scope, name, previous, body.as_ref()),
            Kind::Repository => {
                self.looked_at.insert((scope.clone(), name.clone()));
                self.dirty.extend(self.joins.applications_with_image(&repository_name(scope, name)));
            }
            Kind::Branch => self.touch_branch(scope, name, previous, body.as_ref(), save),
            Kind::ImageUpdater => {
                if updater_differs(previous, body.as_ref()) {
                    let of_source = self.entries.keys().filter(|key| key.source == scope.source);
                    self.dirty.extend(of_source.cloned());
                }
            }
            _ => {
                if let Some(previous) = previous {
                    self.dirty.extend(self.joins.applications_above(scope, name, previous));
                    self.joins.link(scope, name, previous, false);
                }
                if let Some(body) = &body {
                    self.joins.link(scope, name, body, true);
                    self.dirty.extend(self.joins.applications_above(scope, name, body));
                }
            }
        }
    }

    /// Another head, or another request: what was traced by commits, or not at all, may be traced now.
    fn touch_pull(&mut self, scope: &Scope, name: &ObjectName, previous: Option<&Body>, body: Option<&Body>) {
        self.pulls.dirty.extend(PullKey::of_object(scope, name));
        let head = |body: Option<&Body>| match body {
            Some(Body::Pull(pull)) => Some(Text::clone(&pull.head.sha)),
            _ => None,
        };
        if head(previous) != head(body) {
            self.dirty.extend(self.pulls.unsure.iter().cloned());
        }
    }

    /// Pull requests of the repositories that a set looked at, and looks at now.
    fn touch_pulls_of_set(&mut self, previous: Option<&Body>, body: Option<&Body>) {
        let sets = [previous, body].into_iter().flatten().filter_map(|body| match body {
            Body::ApplicationSet(set) => Some(set),
            _ => None,
        });
        let repositories: BTreeSet<&Text> =
            sets.flat_map(|set| &set.pull_requests).map(|generator| &generator.repository).collect();
        if repositories.is_empty() {
            return;
        }
        let of_these = self.pulls.entries.keys().filter(|key| match key {
            PullKey::Of { repository, .. } => repositories.contains(repository),
            PullKey::Alone(_) => false,
        });
        self.pulls.dirty.extend(of_these.cloned());
    }

    fn touch_application(
        &mut self,
        scope: &Scope,
        name: &ObjectName,
        previous: Option<&Body>,
        body: Option<&Body>,
    ) {
        let key = ApplicationKey { source: Text::clone(&scope.source), name: name.clone() };
        let app = |body: Option<&Body>| match body {
            Some(Body::Application(app)) => Some(Arc::clone(app)),
            _ => None,
        };
        let (old, new) = (app(previous), app(body));
        let managed = new.as_ref().map(|app| self.managed(&key, app)).unwrap_or_default();
        let set = |app: &Option<Arc<Application>>| app.as_ref().and_then(|app| app.owner_set.clone());
        self.joins.manage(&key, managed, set(&new).as_ref(), set(&old).as_ref());
        self.dirty.insert(key);
    }

    /// What an Application manages in one of our clusters.
    fn managed(&self, key: &ApplicationKey, app: &Application) -> Vec<Referent> {
        let Some(cluster) = self.cluster_of(key, app) else { return Vec::new() };
        let resources = &app.resources;
        let workloads = resources.workloads.iter().filter(|o| workload_kind(o).is_some());
        let entries = resources.differing.iter().filter(|o| joined::is_entry(o));
        workloads
            .chain(entries)
            .map(|object| Referent {
                source: Text::clone(&cluster),
                kind: Text::clone(&object.kind),
                namespace: Text::clone(&object.namespace),
                name: Text::clone(&object.name),
            })
            .collect()
    }

    /// `cluster/NAME` of an Application's destination, where it is one of ours.
    pub(super) fn cluster_of(&self, key: &ApplicationKey, app: &Application) -> Option<Text> {
        let instance = key.source.strip_prefix("argocd/")?;
        let cluster = self.mapper.resolve_destination(instance, &app.destination)?;
        Some(Text::from(format!("cluster/{cluster}")))
    }

    /// Argo CD's own Event tells the second at which the comparison changed.
    fn remember_sync_event(&mut self, source: &Text, event: &Event) {
        let Some((_, to)) =
            event.message.strip_prefix("Updated sync status:").and_then(|m| m.split_once("->"))
        else {
            return;
        };
        if &*event.about_kind != "Application" {
            return;
        }
        let key = ApplicationKey { source: Text::clone(source), name: event.about.clone() };
        let known = self.sync_events.entry(key).or_insert_with(|| (Text::from(""), event.at));
        if event.at >= known.1 {
            *known = (Text::from(to.trim()), event.at);
        }
    }

    /// What Image Updater says that it did, with the moment: the Event itself is gone after an hour.
    fn remember_update(&mut self, source: &Text, event: &Arc<Event>, tell: bool) {
        if event.images.is_empty() || &*event.about_kind != "Application" {
            return;
        }
        let key = ApplicationKey { source: Text::clone(source), name: event.about.clone() };
        let entry = self.entries.get(&key);
        let asked = entry.map_or(&[][..], |entry| &entry.asked);
        // A commit may have told of it already.
        let committed = entry
            .map(|entry| committed::updates(&self.objects, &self.settings, &key.name, &entry.view))
            .unwrap_or_default();
        let patience = outlook::interval(source, &self.settings).saturating_mul(2);
        let known = self.update_events.entry(key.clone()).or_default();
        let told = known.iter().chain(&committed).map(|known| &**known);
        let is_news = !is_told_again(event, told, asked, patience);
        known.push(Arc::clone(event));
        known.sort_by_key(|event| event.at);
        if known.len() > UPDATES {
            known.remove(0);
        }
        if is_news && tell {
            self.told_updates.entry(key.clone()).or_default().push(Arc::clone(event));
        }
        self.dirty.insert(key);
    }

    /// Everything that rests on one kind of one source.
    fn touch_all_of(&mut self, scope: &Scope) {
        let relevant = scope.kind.is_workload()
            || matches!(
                scope.kind,
                Kind::Pod
                    | Kind::ReplicaSet
                    | Kind::Service
                    | Kind::Ingress
                    | Kind::HttpRoute
                    | Kind::ApplicationSet
            );
        if scope.kind == Kind::ImageUpdater {
            self.dirty.extend(self.entries.keys().filter(|key| key.source == scope.source).cloned());
        } else if relevant {
            let rests = self.entries.iter().filter(|(_, entry)| entry.view.sources.contains(&scope.source));
            self.dirty.extend(rests.map(|(key, _)| key.clone()));
        }
    }

    /// Says which streams the collectors will read, after [`Index::restore`].
    pub fn expect(&mut self, streams: Vec<(Scope, Option<Text>)>) {
        self.columns.expect(streams);
    }

    /// Whether every stream was read in this run, or is known to be out of reach: the view is complete.
    pub fn is_complete(&self) -> bool {
        self.columns.are_settled()
    }

    /// The kind of a source by its name.
    pub fn kind_of(source: &str) -> SourceKind {
        source_kind(source)
    }
}
