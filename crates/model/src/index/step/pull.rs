//! One pull request's turn in a step: its previews, what changed of them, its findings, its frame.

use std::sync::Arc;

use jiff::Timestamp;

use super::Gathered;
use crate::{
    finding,
    index::{
        ApplicationKey, Index, outlook,
        pulls::{self, PullKey},
        tracker::{About, owner_of_pull},
    },
    observe::{ApplicationSet, Body, ObjectName, Pull, Scope},
    phrase::Said,
    preview::{self, App, Given, Set, wanted},
    said,
    text::Text,
    transition::diff,
    view::{self, Preview, Traced},
    words::{Confidence, Kind, PreviewState, PullState, TraceMethod},
};

impl Index {
    /// Works out the pull requests of which something changed.
    pub(super) fn advance_pulls(&mut self, now: Timestamp, gathered: &mut Gathered) {
        for key in std::mem::take(&mut self.pulls.dirty) {
            self.advance_pull(&key, now, gathered);
        }
    }

    fn advance_pull(&mut self, key: &PullKey, now: Timestamp, gathered: &mut Gathered) {
        let id = key.id(&self.settings);
        let known = self.pulls.entries.get(key).and_then(|entry| entry.view.clone());
        let is_first = known.is_none();
        let known = known.or_else(|| self.pulls.remembered.remove(&id).map(Arc::new));
        let entry = self.pulls.entries.entry(key.clone()).or_default();
        let before = entry.before(known.as_deref(), &id);
        let lives = !entry.applications.is_empty() || key.request(&self.objects).is_some();
        if !lives {
            self.forget_pull(key, &id, before.as_ref(), now, gathered);
            return;
        }
        let fresh = self.view_pull(key, &id, before.as_ref(), now);
        self.check_pull(&fresh, now);
        let view = match known {
            Some(known) if *known == fresh => {
                self.pulls.changed |= is_first;
                known
            }
            _ => {
                let fresh = Arc::new(fresh);
                let told = diff::preview_steps(before.as_ref(), &fresh, now);
                gathered.changes.step_times.extend(told.iter().filter_map(|(_, time)| time.clone()));
                gathered.transitions.extend(told.into_iter().map(|(transition, _)| transition));
                gathered.changes.pulls.push((Text::clone(&id), Some(Arc::clone(&fresh))));
                gathered.changed_ids.insert(Text::from(format!("pull/{id}")));
                self.pulls.changed = true;
                fresh
            }
        };
        if let Some(entry) = self.pulls.entries.get_mut(key) {
            entry.view = Some(view);
        }
    }

    /// Nobody tells of it any more: its last frame stays.
    fn forget_pull(
        &mut self,
        key: &PullKey,
        id: &Text,
        before: Option<&view::Pull>,
        now: Timestamp,
        gathered: &mut Gathered,
    ) {
        self.pulls.entries.remove(key);
        self.tracker.update(&owner_of_pull(id), &About::default(), Vec::new(), &self.settings, now);
        let Some(before) = before else { return };
        let mut last = before.clone();
        last.previews.iter_mut().for_each(end);
        last.state = PreviewState::Ended;
        let told = diff::preview_steps(Some(before), &last, now);
        gathered.changes.step_times.extend(told.iter().filter_map(|(_, time)| time.clone()));
        gathered.transitions.extend(told.into_iter().map(|(transition, _)| transition));
        if last != *before {
            gathered.changes.pulls.push((Text::clone(id), Some(Arc::new(last))));
        }
        gathered.changes.pulls.push((Text::clone(id), None));
        gathered.changed_ids.insert(Text::from(format!("pull/{id}")));
        self.pulls.changed = true;
    }

    fn view_pull(&self, key: &PullKey, id: &Text, before: Option<&view::Pull>, now: Timestamp) -> view::Pull {
        let (forge, repository, number) = match key {
            PullKey::Of { forge, repository, number } => {
                (forge.clone(), Some(Text::clone(repository)), Some(*number))
            }
            PullKey::Alone(_) => (None, None, None),
        };
        let request = key.request(&self.objects);
        let mut previews = self.of_applications(key, request.map(|it| &**it), before, now);
        if let (Some(repository), Some(request)) = (&repository, request) {
            let expected = self.expected(forge.as_ref(), repository, request, &previews, before, now);
            previews.extend(expected);
        }
        // Those that were there and are gone: their page stays.
        for gone in before.into_iter().flat_map(|before| &before.previews) {
            let is_there = |known: &Preview| {
                known.environment.is_some() && known.environment == gone.environment
                    || known.environment.is_none() && known.set == gone.set
            };
            if gone.environment.is_some() && !previews.iter().any(is_there) {
                let mut gone = gone.clone();
                end(&mut gone);
                previews.push(gone);
            }
        }
        previews.sort_by(|a, b| {
            let order = |it: &Preview| (it.state, it.service.clone(), it.environment.clone(), it.set.clone());
            order(a).cmp(&order(b))
        });
        let mut sources: Vec<Text> = forge.iter().cloned().collect();
        sources.extend(self.sources_of(key));
        sources.sort();
        sources.dedup();
        view::Pull {
            id: Text::clone(id),
            url: request.and_then(|request| request.url.clone()).or_else(|| self.url_of(key)),
            state: preview::worst(&previews),
            missing: self.missing(key, request.is_some()),
            request: request.cloned(),
            forge,
            repository,
            number,
            previews,
            sources,
        }
    }

    fn applications<'a>(&'a self, key: &'a PullKey) -> impl Iterator<Item = &'a ApplicationKey> {
        self.pulls.entries.get(key).into_iter().flat_map(|entry| &entry.applications)
    }

    fn of_applications(
        &self,
        key: &PullKey,
        request: Option<&Pull>,
        before: Option<&view::Pull>,
        now: Timestamp,
    ) -> Vec<Preview> {
        let forge = match key {
            PullKey::Of { forge, .. } => forge.as_ref(),
            PullKey::Alone(_) => None,
        };
        let mut previews = Vec::new();
        for application in self.applications(key) {
            let Some(entry) = self.entries.get(application) else { continue };
            let scope = Scope { source: Text::clone(&application.source), kind: Kind::Application };
            let Some(Body::Application(body)) =
                self.objects.get(&scope, &application.name).map(|held| &held.body)
            else {
                continue;
            };
            let set_name = body.owner_set.as_ref().map(|set| ObjectName {
                namespace: Text::clone(&application.name.namespace),
                name: Text::clone(set),
            });
            let set = set_name.as_ref().and_then(|name| Some((name, self.set(&application.source, name)?)));
            let images = entry.view.image.iter().chain(&entry.view.other_images).filter_map(|image| {
                let known = outlook::repository(&self.objects, &image.repository)?;
                Some((Text::clone(&image.repository), known.source, known.body))
            });
            let given = Given {
                request,
                forge,
                app: Some(App {
                    key: application,
                    body,
                    view: &entry.view,
                    events: self.update_events.get(application).map_or(&[], Vec::as_slice),
                    asked: &entry.asked,
                    images: images.collect(),
                    interval: outlook::interval(&application.source, &self.settings),
                }),
                set: set.map(|(name, body)| Set {
                    source: &application.source,
                    name,
                    body,
                    generator: self.generator(body, key),
                }),
                traced: entry.origin.clone().unwrap_or_else(unknown),
                before: before.and_then(|before| of_before(before, &entry.view.id, set_name.as_ref())),
                now,
            };
            previews.push(preview::preview(&given));
        }
        previews
    }

    /// Of the set's generators the one that looks at this repository; where that is not known, the only one.
    fn generator<'a>(
        &self,
        set: &'a ApplicationSet,
        key: &PullKey,
    ) -> Option<&'a crate::observe::PullRequestGenerator> {
        let PullKey::Of { forge, repository, .. } = key else { return set.pull_requests.first() };
        let mut looking = set
            .pull_requests
            .iter()
            .filter(|generator| pulls::looks_at(generator, forge.as_deref(), repository, &self.settings));
        looking.next().or_else(|| set.pull_requests.first().filter(|_| set.pull_requests.len() == 1))
    }

    fn set(&self, source: &Text, name: &ObjectName) -> Option<&ApplicationSet> {
        let scope = Scope { source: Text::clone(source), kind: Kind::ApplicationSet };
        match &self.objects.get(&scope, name)?.body {
            Body::ApplicationSet(set) => Some(set),
            _ => None,
        }
    }

    /// Previews that generators should make and have not made yet.
    fn expected(
        &self,
        forge: Option<&Text>,
        repository: &Text,
        request: &Pull,
        made: &[Preview],
        before: Option<&view::Pull>,
        now: Timestamp,
    ) -> Vec<Preview> {
        if request.state != PullState::Open {
            return Vec::new();
        }
        let mut expected = Vec::new();
        for (source, name, set) in pulls::preview_sets(&self.settings, &self.objects) {
            let looks = |it: &&crate::observe::PullRequestGenerator| {
                pulls::looks_at(it, forge.map(|it| &**it), repository, &self.settings)
                    && wanted::takes_state(it, request.state)
            };
            let Some(generator) = set.pull_requests.iter().find(looks) else { continue };
            let full = Text::from(name.to_string());
            let instance = source.strip_prefix("argocd/").unwrap_or(&source);
            let is_of =
                |it: &Preview| it.set.as_ref() == Some(&full) && it.instance.as_deref() == Some(instance);
            if made.iter().any(is_of) {
                continue;
            }
            let given = Given {
                request: Some(request),
                forge,
                app: None,
                set: Some(Set { source: &source, name, body: set, generator: Some(generator) }),
                traced: Traced {
                    method: TraceMethod::Generator,
                    confidence: Confidence::Certain,
                    by: said!("traced-by-generator", "generator of ApplicationSet {set}", set = name.name),
                    candidates: Vec::new(),
                },
                before: before
                    .and_then(|before| before.previews.iter().find(|it| it.set.as_ref() == Some(&full))),
                now,
            };
            expected.push(preview::preview(&given));
        }
        expected
    }

    /// What cannot be said, and why.
    fn missing(&self, key: &PullKey, is_told: bool) -> Vec<Said> {
        let mut missing = Vec::new();
        match key {
            PullKey::Of { forge: None, .. } if !is_told => missing.push(said!(
                "missing-forge",
                "no forge is configured that knows it: labels, commits and workflow runs are not known",
            )),
            PullKey::Of { forge: Some(forge), .. } if !is_told => {
                missing.push(said!(
                    "missing-pull",
                    "{forge} has not told of it yet, or does not know it",
                    forge = forge
                ));
            }
            PullKey::Alone(_) => {
                missing.push(said!("missing-number", "which pull request it belongs to is not known"));
            }
            PullKey::Of { .. } => {}
        }
        for application in self.applications(key) {
            let scope = Scope { source: Text::clone(&application.source), kind: Kind::Application };
            let Some(Body::Application(body)) =
                self.objects.get(&scope, &application.name).map(|held| &held.body)
            else {
                continue;
            };
            let Some(set) = &body.owner_set else { continue };
            let namespace = &application.name.namespace;
            let name = ObjectName { namespace: Text::clone(namespace), name: Text::clone(set) };
            if self.set(&application.source, &name).is_some() {
                continue;
            }
            let said = if self.columns.is_readable(&application.source, Kind::ApplicationSet, namespace) {
                said!(
                    "set-gone",
                    "Its ApplicationSet {set} does not exist any more: nobody updates or removes it",
                    set = set
                )
            } else {
                said!(
                    "missing-set",
                    "ApplicationSet {set} cannot be read: what its generator does is not known",
                    set = set
                )
            };
            if !missing.contains(&said) {
                missing.push(said);
            }
        }
        missing
    }

    fn sources_of(&self, key: &PullKey) -> Vec<Text> {
        let entries = self.applications(key).filter_map(|application| self.entries.get(application));
        let mut sources: Vec<Text> = entries.flat_map(|entry| entry.view.sources.iter().cloned()).collect();
        sources.extend(self.applications(key).map(|application| Text::clone(&application.source)));
        sources
    }

    /// Its page, where the forge did not tell it.
    fn url_of(&self, key: &PullKey) -> Option<Text> {
        let PullKey::Of { forge, repository, number } = key else { return None };
        let name = forge.as_deref()?.strip_prefix("forge/")?;
        let forge = self.settings.forges.iter().find(|forge| *forge.name == *name)?;
        let place = match forge.kind {
            crate::words::ForgeKind::Github => "pull",
            crate::words::ForgeKind::Gitlab => "-/merge_requests",
            crate::words::ForgeKind::Gitea => "pulls",
        };
        Some(Text::from(format!("{}/{repository}/{place}/{number}", forge.url)))
    }

    /// Its findings: of the preview that needs a look first.
    fn check_pull(&mut self, pull: &view::Pull, now: Timestamp) {
        let paces = pulls::preview_sets(&self.settings, &self.objects).map(|(source, name, set)| {
            let at = Set { source: &source, name, body: set, generator: set.pull_requests.first() };
            finding::pull::SetPace {
                name: Text::from(name.to_string()),
                instance: Text::from(source.strip_prefix("argocd/").unwrap_or(&source)),
                interval: at.interval(),
                never_updates: set.never_updates(),
            }
        });
        let paces: Vec<_> = paces.collect();
        let context = finding::pull::Context { pull, sets: &paces };
        let found = finding::pull::RULES.iter().filter_map(|rule| rule(&context)).collect();
        let first = pull.previews.iter().find(|preview| preview.environment.is_some());
        let about = About {
            service: first.and_then(|preview| preview.service.clone()),
            environment: first.and_then(|_| Some(Text::from(format!("pr-{}", pull.number?)))),
            environment_id: first.and_then(|preview| preview.environment.clone()),
        };
        self.tracker.update(&owner_of_pull(&pull.id), &about, found, &self.settings, now);
    }

    /// Rules about the generators themselves.
    pub(super) fn advance_sets(&mut self, now: Timestamp) {
        let mut known = std::collections::BTreeSet::new();
        let found: Vec<_> = pulls::preview_sets(&self.settings, &self.objects)
            .map(|(source, name, set)| {
                let at = Set { source: &source, name, body: set, generator: set.pull_requests.first() };
                (
                    finding::generator_failing::subject(&source, name).name,
                    finding::generator_failing::check(&at),
                )
            })
            .collect();
        for (owner, found) in found {
            self.tracker.update(&owner, &About::default(), found.into_iter().collect(), &self.settings, now);
            known.insert(owner);
        }
        for gone in self.known_sets.difference(&known) {
            self.tracker.update(gone, &About::default(), Vec::new(), &self.settings, now);
        }
        self.known_sets = known;
    }
}

fn unknown() -> Traced {
    Traced {
        method: TraceMethod::Unknown,
        confidence: Confidence::Unknown,
        by: Said::from(""),
        candidates: Vec::new(),
    }
}

/// What the preview of an environment was: itself, or what was expected of its set.
fn of_before<'a>(
    before: &'a view::Pull,
    environment: &Text,
    set: Option<&ObjectName>,
) -> Option<&'a Preview> {
    let own = before.preview(environment);
    let set = set.map(ToString::to_string);
    own.or_else(|| {
        let expected = |it: &&Preview| it.environment.is_none() && it.set.as_deref() == set.as_deref();
        before.previews.iter().find(expected).filter(|_| set.is_some())
    })
}

/// It is gone, as it should be. What was done stays.
fn end(preview: &mut Preview) {
    preview.state = PreviewState::Ended;
    preview.waits = None;
    preview.ready = 0;
    preview.desired = 0;
    for step in &mut preview.steps {
        if matches!(step.state, crate::words::StepState::Now | crate::words::StepState::Stuck) {
            step.state = crate::words::StepState::Ahead;
        }
    }
}
