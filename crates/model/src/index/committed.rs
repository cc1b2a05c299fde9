//! What Image Updater committed by write-back `git`: told like its Events, with the commit.

use std::sync::Arc;

use super::{
    branch::{self, Place, branch, written},
    core::Index,
    joins::ApplicationKey,
    objects::Objects,
    outlook,
};
use crate::{
    observe::{Body, Branch, Event, ImageChange, ObjectName, Scope},
    settings::Settings,
    text::Text,
    updater::{
        settings::WritesBack,
        trap::{UPDATED, is_told_again},
    },
    view::Environment,
};

impl Index {
    /// What rests on a branch depends on its commits; those that Image Updater made since are told.
    pub(super) fn touch_branch(
        &mut self,
        scope: &Scope,
        name: &ObjectName,
        previous: Option<&Body>,
        body: Option<&Body>,
        tell: bool,
    ) {
        let at = Place { source: Text::clone(&scope.source), path: Text::clone(&name.namespace) };
        // Reading an address is dear for a fleet: first those that hold the path at all.
        let may_be = |address: &Text| address.contains(&*at.path);
        let is_near = |view: &Environment| {
            let by_outlook = branch::outlooks(view).any(|outlook| {
                let own = outlook.policy.as_ref().and_then(|it| it.write_back.repository.value.as_ref());
                outlook.built_from.iter().chain(own).any(may_be)
            });
            by_outlook || view.manifests.iter().any(|source| may_be(&source.repo_url))
        };
        let rests = |view: &Environment| {
            let mut all = branch::of_environment(&self.settings, view);
            all.any(|(place, branch)| place == at && branch == name.name)
        };
        let entries = self.entries.iter().filter(|(_, entry)| is_near(&entry.view) && rests(&entry.view));
        let keys: Vec<ApplicationKey> = entries.map(|(key, _)| key.clone()).collect();
        let commits = |body: Option<&Body>| match body {
            Some(Body::Branch(branch)) => branch.commits.clone(),
            _ => Vec::new(),
        };
        let (old, mut new) = (commits(previous), commits(body));
        new.retain(|commit| commit.update.is_some() && !old.iter().any(|it| it.sha == commit.sha));
        let new = Branch { commits: new };
        for key in keys.iter().filter(|_| tell) {
            let Some(entry) = self.entries.get(key) else { continue };
            let known = self.update_events.get(key).map_or(&[][..], Vec::as_slice);
            let patience = outlook::interval(&key.source, &self.settings).saturating_mul(2);
            let news = committed(&new, &at, &key.name, &entry.view).filter(|event| {
                !is_told_again(event, known.iter().map(|known| &**known), &entry.asked, patience)
            });
            let news: Vec<Arc<Event>> = news.map(Arc::new).collect();
            self.told_updates.entry(key.clone()).or_default().extend(news);
        }
        self.dirty.extend(keys);
    }
}

/// What Image Updater committed for an Application, under every policy of its images.
pub fn updates(
    objects: &Objects,
    settings: &Settings,
    application: &ObjectName,
    view: &Environment,
) -> Vec<Arc<Event>> {
    let policies = branch::outlooks(view).filter_map(|outlook| outlook.policy.as_deref());
    policies.flat_map(|it| updates_by(objects, settings, application, view, &it.write_back)).collect()
}

/// What Image Updater committed for an Application, oldest first, told as its Events tell it.
pub fn updates_by(
    objects: &Objects,
    settings: &Settings,
    application: &ObjectName,
    view: &Environment,
    write_back: &WritesBack,
) -> Vec<Arc<Event>> {
    let mut all: Vec<Arc<Event>> = Vec::new();
    for (place, name) in written(settings, write_back, &view.manifests) {
        let Some(branch) = branch(objects, &place, name) else { continue };
        all.extend(committed(branch, &place, application, view).map(Arc::new));
    }
    all.sort_by(|a, b| (a.at, &a.message).cmp(&(b.at, &b.message)));
    all.dedup_by(|a, b| a.message == b.message);
    all
}

/// The commits of Image Updater among those of a branch that are for this Application.
fn committed<'a>(
    branch: &'a Branch,
    place: &'a Place,
    application: &'a ObjectName,
    view: &'a Environment,
) -> impl Iterator<Item = Event> + 'a {
    branch.commits.iter().filter_map(move |commit| {
        let update = commit.update.as_ref().filter(|update| update.application == application.name)?;
        let image =
            |change: &ImageChange| ImageChange { image: in_full(view, &change.image), ..change.clone() };
        Some(Event {
            about_kind: Text::from("Application"),
            about: application.clone(),
            reason: Text::from(UPDATED),
            message: Text::clone(&commit.sha),
            warning: false,
            component: Text::clone(&place.source),
            at: commit.at?,
            count: 1,
            images: update.images.iter().map(image).collect(),
        })
    })
}

/// An image with the registry that the environment's image of the same path has; the commit leaves it out.
fn in_full(view: &Environment, image: &Text) -> Text {
    let images = view.image.iter().chain(&view.other_images);
    let fits = |repository: &str| repository.strip_suffix(&**image).is_some_and(|host| host.ends_with('/'));
    let mut fitting = images.map(|it| &it.repository).filter(|it| **it == *image || fits(it));
    Text::clone(fitting.next().unwrap_or(image))
}
