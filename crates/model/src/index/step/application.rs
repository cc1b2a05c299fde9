//! One Application's turn in a step: its view, what changed of it, its findings, its service.

use std::sync::Arc;

use jiff::Timestamp;

use super::Gathered;
use crate::{
    finding::{self, Context},
    index::{
        Index,
        core::Entry,
        environment::{self, Around},
        joined::{self, Lookup},
        joins::ApplicationKey,
        outlook,
        pulls::{Known, PullKey},
        tracker::About,
    },
    observe::{Application, ApplicationSet, Body, ObjectName, Scope, Unreadable},
    text::Text,
    transition::diff,
    view::{Environment, Service, Traced},
    words::{Confidence, Kind, State},
};

impl Index {
    pub(super) fn advance_application(
        &mut self,
        key: &ApplicationKey,
        now: Timestamp,
        gathered: &mut Gathered,
    ) {
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
        let set = self.owner_set(key, app);
        let mapped = self.mapper.map(&instance, &key.name, app, cluster_name, set.as_deref());
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
        let mut fresh = environment::environment(&joined, &around);
        let asked = asked(old.as_ref(), &joined, now);
        let around = outlook::Around {
            objects: &self.objects,
            columns: &self.columns,
            settings: &self.settings,
            events: self.update_events.get(key).map_or(&[], Vec::as_slice),
            asked: &asked,
        };
        let managed = outlook::fill(&mut fresh, &joined, around);
        let view = match &old {
            Some(entry) if *entry.view == fresh => Arc::clone(&entry.view),
            _ => Arc::new(fresh),
        };
        let argocd = self.settings.instances.iter().find(|i| i.name == instance);
        let context = Context {
            joined: &joined,
            environment: &view,
            objects: &self.objects,
            managed: &managed,
            critical_in: &self.settings.critical_in,
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

        let before = old.as_ref().map(|entry| &*entry.view);
        self.joins.use_images(key, before.into_iter().flat_map(repositories), repositories(&view));
        let told = self.update_events.contains_key(key);
        for (repository, was, what) in
            old.as_ref().map(|entry| changed(&entry.asked, &asked)).unwrap_or_default()
        {
            gathered.transitions.extend(diff::asked(&view, app, (repository, was, what), told, now));
        }
        for event in self.told_updates.remove(key).unwrap_or_default() {
            gathered.transitions.extend(diff::image_updates(&view, &event, now));
        }

        let traced = mapped.preview.then(|| {
            let heads = Known { objects: &self.objects, settings: &self.settings };
            let repository = mapped.repository.as_deref();
            let origin = self.mapper.trace(&instance, &key.name, app, set.as_deref(), repository, &heads);
            let pull = PullKey::of_origin(&origin, &view.id, &self.settings, &self.objects);
            (pull, origin.traced)
        });
        let (pull, origin) = traced.unzip();
        let old_pull = old.as_ref().and_then(|entry| entry.pull.as_ref());
        self.assign_pull(key, &view.id, old_pull, pull.as_ref(), origin.as_ref());

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
            asked,
            view,
            owner: mapped.owner.clone(),
            repository: mapped.repository.clone(),
            assigned: mapped.assigned,
            pull,
            origin,
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

    /// The ApplicationSet that owns an Application.
    fn owner_set(&self, key: &ApplicationKey, app: &Application) -> Option<Arc<ApplicationSet>> {
        let set = app.owner_set.as_ref()?;
        let scope = Scope { source: Text::clone(&key.source), kind: Kind::ApplicationSet };
        let name = ObjectName { namespace: Text::clone(&key.name.namespace), name: Text::clone(set) };
        match &self.objects.get(&scope, &name)?.body {
            Body::ApplicationSet(set) => Some(Arc::clone(set)),
            _ => None,
        }
    }

    /// Puts a preview under its pull request. What is not certain is asked again when a forge says something new.
    fn assign_pull(
        &mut self,
        key: &ApplicationKey,
        environment: &Text,
        old: Option<&PullKey>,
        new: Option<&PullKey>,
        origin: Option<&Traced>,
    ) {
        let is_sure = matches!(new, None | Some(PullKey::Of { forge: Some(_), .. }))
            && origin.is_none_or(|origin| origin.confidence == Confidence::Certain);
        if is_sure {
            self.pulls.unsure.remove(key);
        } else {
            self.pulls.unsure.insert(key.clone());
        }
        self.pulls.assign(key, environment, old, new);
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
        self.assign_pull(key, &entry.view.id, entry.pull.as_ref(), None, None);
        self.sync_events.remove(key);
        self.update_events.remove(key);
        self.joins.use_images(key, repositories(&entry.view), []);
        self.leave_service(key, &entry.view.service, gathered);
    }

    fn leave_service(&mut self, key: &ApplicationKey, service: &Text, gathered: &mut Gathered) {
        if let Some(entry) = self.services.get_mut(service) {
            entry.keys.remove(key);
        }
        gathered.services.insert(Text::clone(service));
    }

    pub(super) fn rebuild_service(&mut self, name: &Text) {
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
}

/// Changes of what is asked for that are kept.
const ASKED: usize = 20;

/// What is asked for of each repository, with what it was before.
fn asked(old: Option<&Entry>, joined: &joined::Joined<'_>, now: Timestamp) -> Vec<(Text, Timestamp, Text)> {
    let mut asked = old.map(|entry| entry.asked.clone()).unwrap_or_default();
    for (repository, what) in outlook::overrides(joined) {
        let last = asked.iter().rev().find(|(of, ..)| *of == repository);
        if last.is_none_or(|(.., known)| *known != what) {
            asked.push((repository, now, what));
        }
    }
    let more = asked.len().saturating_sub(ASKED);
    asked.drain(..more);
    asked
}

/// What is asked for now of repositories of which something else was asked for before: repository, before, now.
fn changed<'a>(
    before: &'a [(Text, Timestamp, Text)],
    after: &'a [(Text, Timestamp, Text)],
) -> Vec<(&'a Text, &'a Text, &'a Text)> {
    let last = |all: &'a [(Text, Timestamp, Text)], of: &Text| {
        all.iter().rev().find(|(repository, ..)| repository == of).map(|(.., what)| what)
    };
    let newest = after.last().map(|(_, at, _)| *at);
    let of_now = after.iter().filter(|(_, at, _)| Some(*at) == newest);
    of_now
        .filter_map(|(repository, _, what)| Some((repository, last(before, repository)?, what)))
        .filter(|(_, was, what)| was != what)
        .collect()
}

fn repositories(view: &Environment) -> impl Iterator<Item = &Text> {
    view.image.iter().chain(&view.other_images).map(|image| &image.repository)
}
