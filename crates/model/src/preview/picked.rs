//! Step 4: the Application asks for the head's image, or for the head itself.

use jiff::Timestamp;

use super::{
    App, Given, Head, Look,
    commit::{Shows, is_of},
    pushed, short, span, waits,
};
use crate::{
    said,
    text::Text,
    updater::trap::{Cause, State},
    view::{ImageView, Outlook, Waits},
    words::{StepKind, Turn},
};

pub(super) fn look(at: &Given<'_>, head: Option<&Head>, shows: &Shows) -> Look {
    let Some(app) = &at.app else { return Look::Unknown(crate::phrase::Said::from("")) };
    let Some(head) = head else { return Look::Unknown(said!("head-unknown", "no forge tells the head")) };
    match shows {
        Shows::Image(repository) => image(at, app, head, shows, repository),
        Shows::Revision => revision(at, app, head),
        Shows::Nothing => {
            Look::Unknown(said!("image-no-commit", "nothing shows which commit its image is of"))
        }
    }
}

fn image(at: &Given<'_>, app: &App<'_>, head: &Head, shows: &Shows, repository: &Text) -> Look {
    let pushed = pushed::tag(at, head, shows);
    let is_it = |what: &str| {
        is_of(what, &head.sha)
            || pushed.as_ref().is_some_and(|(tag, digest)| **tag == *what || digest.as_deref() == Some(what))
    };
    let image = shows.view(at);
    if let Some(meant) = asked_for(app, image, repository).into_iter().find(|what| is_it(what)) {
        let (when, exact) = time(at, app, repository, &is_it);
        return Look::done(
            when,
            exact,
            said!("image-asked", "the Application asks for {tag}", tag = meant),
            app.argocd(),
        );
    }
    let outlook = image.and_then(|image| image.outlook.as_deref());
    Look::Waits(match (outlook.filter(|it| it.policy.is_some()), &pushed) {
        (Some(outlook), Some((tag, _))) => updater(app, outlook, tag),
        (Some(_), None) => waits(StepKind::Picked, Turn::ImageUpdater, unpicked(&short(&head.sha), app)),
        (None, _) => generated(at, app, head),
    })
}

/// Tags and digests that the Application asks for: its own overrides, else what its workloads are meant to run.
fn asked_for(app: &App<'_>, image: Option<&ImageView>, repository: &str) -> Vec<Text> {
    let sources = app.body.sources.iter().flat_map(|source| &source.images);
    let named = sources.filter_map(|written| {
        let (named, what) = crate::index::images::split(written.rsplit('=').next().unwrap_or(written));
        (*named == *repository).then_some(what.tag.or(what.digest)?)
    });
    let overrides: Vec<Text> = named.collect();
    if !overrides.is_empty() {
        return overrides;
    }
    let meant = image.into_iter().flat_map(|image| &image.meant);
    meant.flat_map(|it| it.tag.iter().chain(&it.digest)).cloned().collect()
}

/// When it was picked: by Image Updater's own Event, by the Application's making, by the deployment that brought it,
/// else when it was noticed.
fn time(
    given: &Given<'_>,
    app: &App<'_>,
    repository: &str,
    is_it: &impl Fn(&str) -> bool,
) -> (Option<Timestamp>, bool) {
    let changes =
        app.events.iter().flat_map(|event| event.images.iter().map(move |change| (event.at, change)));
    let told = changes
        .filter(|(_, change)| *change.image == *repository && is_it(&change.new))
        .map(|(at, _)| at)
        .min();
    if told.is_some() {
        return (told, true);
    }
    let of_this: Vec<_> = app.asked.iter().filter(|(of, ..)| **of == *repository).collect();
    let noticed = of_this.iter().position(|(_, _, what)| is_it(what));
    let deployed = deployed(app, is_it);
    let was_seen = given.before.is_some_and(|before| before.environment.is_some());
    match noticed {
        // It was so when it was first looked at: since its making, if the template writes it and nothing else was
        // deployed since.
        Some(0) if !was_seen && app.body.history.len() <= 1 => {
            (app.body.created, is_templated(given, repository))
        }
        Some(0) if !was_seen => (deployed, false),
        Some(nth) => (deployed.into_iter().chain([of_this[nth].1]).min(), false),
        None => (deployed, false),
    }
}

/// Whether the set's template says which image of a repository it is.
fn is_templated(at: &Given<'_>, repository: &str) -> bool {
    let sources = at.set.into_iter().flat_map(|set| &set.body.template_sources);
    sources.flat_map(|source| &source.images).any(|image| image.contains(repository))
}

/// When the deployment began that brought it.
fn deployed(app: &App<'_>, is_it: &impl Fn(&str) -> bool) -> Option<Timestamp> {
    let brought = app.body.history.iter().filter(|entry| {
        let tags = entry
            .images
            .iter()
            .map(|image| crate::index::images::split(image.rsplit('=').next().unwrap_or(image)).1);
        tags.into_iter()
            .any(|it| it.tag.as_deref().is_some_and(is_it) || it.digest.as_deref().is_some_and(is_it))
    });
    brought.filter_map(|entry| entry.started_at.or(entry.deployed_at)).min()
}

fn unpicked(tag: &str, app: &App<'_>) -> crate::phrase::Said {
    said!(
        "waits-updater",
        "Image Updater has not picked {tag} yet; it looks every {every}",
        tag = tag,
        every = span(app.interval),
    )
}

/// It is at the registry, and Image Updater is to pick it.
fn updater(app: &App<'_>, outlook: &Outlook, tag: &Text) -> Waits {
    let step = StepKind::Picked;
    if let Some(settings) = outlook.policy.as_ref().map(|policy| &policy.image) {
        let policy = settings.policy(&[]);
        if !policy.allow.allows(tag) {
            let pattern = &settings.allow_tags.value;
            let sentence =
                said!("waits-not-allowed", "Tag {tag} does not fit {pattern}", tag = tag, pattern = pattern);
            let way_out = said!(
                "way-not-allowed",
                "Name tags as the policy asks (merging main may do), or change its allow-tags."
            );
            return waits(step, Turn::Author, sentence).stuck().way_out(way_out);
        }
        if let Some(pattern) = policy.ignore.taken_by(tag) {
            let sentence = said!(
                "waits-ignored",
                "Tag {tag} is left out by ignore-tags {pattern}",
                tag = tag,
                pattern = pattern
            );
            return waits(step, Turn::Operator, sentence).stuck();
        }
    }
    let picks_it = outlook.would_pick.as_ref().is_some_and(|pick| *pick.tag == **tag);
    let held = matches!(outlook.state, State::Trapped | State::Unwatched)
        || outlook.state == State::Blocked && outlook.cause == Some(Cause::WriteUndone);
    if picks_it && !matches!(outlook.cause, Some(Cause::UpdaterDown | Cause::WriteUndone)) || !held {
        return waits(step, Turn::ImageUpdater, unpicked(tag, app));
    }
    let mut found = waits(step, Turn::Operator, outlook.summary.clone()).stuck().since(outlook.since);
    found.way_out.clone_from(&outlook.way_out);
    found
}

/// Nothing picks images: the set's template writes them.
fn generated(at: &Given<'_>, app: &App<'_>, head: &Head) -> Waits {
    let (step, sha) = (StepKind::Picked, short(&head.sha));
    let Some(set) = at.set else {
        let sentence = said!(
            "waits-nobody-picks",
            "The Application does not ask for an image of {sha}, and nothing is known that would change it",
            sha = sha
        );
        return waits(step, Turn::Operator, sentence);
    };
    let name = &set.name.name;
    if set.body.never_updates() {
        let policy = set.body.applications_sync.as_deref().unwrap_or_default();
        let sentence = said!(
            "waits-create-only",
            "ApplicationSet {name} never changes Applications that exist ({policy}): {sha} does not reach it",
            name = name,
            policy = policy,
            sha = sha,
        );
        let way_out = said!(
            "way-create-only",
            "Set applicationsSync to sync or create-update, or delete the Application."
        );
        return waits(step, Turn::Operator, sentence).stuck().way_out(way_out);
    }
    if let Some((message, since)) = set.failure() {
        let sentence = said!(
            "waits-generator-fails",
            "The generator of ApplicationSet {name} fails: {message}",
            name = name,
            message = message
        );
        let way_out =
            said!("way-generator", "Mend what the message names. The generator tries again after 3 min.");
        return waits(step, Turn::Operator, sentence).stuck().since(since).way_out(way_out);
    }
    if app.generated_for().is_some_and(|seen| *seen == head.sha) {
        let sentence = said!(
            "waits-template",
            "The generator knows {sha}, but its template asks for another image",
            sha = sha
        );
        return waits(step, Turn::Operator, sentence);
    }
    let sentence = said!(
        "waits-generator-head",
        "The generator of ApplicationSet {name} has not seen {sha} yet; it looks every {every}",
        name = name,
        sha = sha,
        every = span(set.interval()),
    );
    waits(step, Turn::ArgoCd, sentence)
}

/// The manifests are the commit's: its sources point at the head.
fn revision(at: &Given<'_>, app: &App<'_>, head: &Head) -> Look {
    let targets = app.body.sources.iter().filter_map(|source| source.target_revision.as_ref());
    if targets.into_iter().chain(&app.body.compared).any(|revision| *revision == head.sha) {
        let first = app.body.history.len() <= 1
            && app.body.sources.iter().any(|s| s.target_revision.as_ref() == Some(&head.sha));
        let entries = app.body.history.iter().filter(|entry| entry.revisions.contains(&head.sha));
        let deployed = entries.filter_map(|entry| entry.started_at.or(entry.deployed_at)).min();
        let when = if first { app.body.created } else { deployed };
        return Look::done(
            when,
            first,
            said!("revision-asked", "it points at {sha}", sha = short(&head.sha)),
            app.argocd(),
        );
    }
    Look::Waits(generated(at, app, head))
}
