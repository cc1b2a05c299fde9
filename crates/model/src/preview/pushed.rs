//! Step 3: an image of the head is at its registry.

use jiff::Timestamp;

use super::{
    App, Given, Head, Look,
    commit::{Shows, is_of},
    runs, waits,
};
use crate::{
    image::SeenBy,
    observe::{Edge, Repository},
    said,
    text::Text,
    updater::settings::ImageSettings,
    words::{StepKind, Turn},
};

pub(super) fn look(at: &Given<'_>, head: Option<&Head>, shows: &Shows) -> Look {
    let Some(app) = &at.app else {
        return Look::Unknown(said!(
            "image-unknown-yet",
            "which image it will be is known with its Application"
        ));
    };
    let repository = match shows {
        Shows::Image(repository) => repository,
        Shows::Revision => {
            return Look::Skipped(said!(
                "image-none",
                "no image is built for its commits: the manifests are the commit's"
            ));
        }
        Shows::Nothing => {
            return Look::Unknown(said!("image-no-commit", "nothing shows which commit its image is of"));
        }
    };
    let Some(head) = head else { return Look::Unknown(said!("head-unknown", "no forge tells the head")) };
    let Some((source, known)) = at.looked_at(repository) else {
        return unseen(at, app, head, shows, repository);
    };
    if let Some(found) = find(at, known, head, shows) {
        let (when, exact) = time(found.edge);
        let tag = &found.edge.tag;
        let what = if found.sure {
            said!("image-pushed", "{tag} of {repository}", tag = tag, repository = repository)
        } else {
            said!(
                "image-pushed-likely",
                "{tag}, the first that may be picked since the push; likely",
                tag = tag
            )
        };
        return Look::done(when, exact, what, source);
    }
    if let Some(error) = &known.error {
        let sentence = said!(
            "waits-registry",
            "The registry does not show {repository}: {error}",
            repository = repository,
            error = error
        );
        let way_out = said!("way-trap-visible", "Mend the credentials or the limit that the answer names.");
        return Look::Waits(waits(StepKind::Pushed, Turn::Operator, sentence).stuck().way_out(way_out));
    }
    Look::Waits(runs::waits_for(at, head))
}

/// The registry is not looked at: what runs must have been pushed, and a workflow may tell that nothing was.
fn unseen(at: &Given<'_>, app: &App<'_>, head: &Head, shows: &Shows, repository: &Text) -> Look {
    let image = shows.view(at);
    let runs = image.into_iter().flat_map(|image| &image.running).filter_map(|it| it.tag.as_ref());
    let reported = image.into_iter().flat_map(|image| &image.reported).filter_map(|it| it.tag.as_ref());
    if let Some(tag) = runs.chain(reported).find(|tag| is_of(tag, &head.sha)) {
        let what = said!("image-runs", "{tag} runs; its registry is not looked at", tag = tag);
        return Look::done(None, false, what, &app.cluster());
    }
    let runs = at.request.and_then(|request| request.runs.as_deref()).unwrap_or_default();
    match runs::telling(runs, &head.sha) {
        Some(run) if run.state != crate::words::RunState::Succeeded => Look::Waits(runs::waits_for(at, head)),
        _ => Look::Unknown(said!(
            "image-not-looked-at",
            "the registry of {repository} is not looked at",
            repository = repository
        )),
    }
}

/// An edge that is the head's.
pub(super) struct Found<'a> {
    pub edge: &'a Edge,
    /// The tag names the commit.
    pub sure: bool,
}

/// The image of the head: its tag names the commit; else the first tag since the push that may be picked.
pub(super) fn find<'a>(
    at: &Given<'_>,
    known: &'a Repository,
    head: &Head,
    shows: &Shows,
) -> Option<Found<'a>> {
    let earliest = |edges: Vec<&'a Edge>| edges.into_iter().min_by_key(|edge| (time(edge).0, &edge.tag));
    let named: Vec<&Edge> = known.edges.iter().filter(|edge| is_of(&edge.tag, &head.sha)).collect();
    if let Some(edge) = earliest(named) {
        return Some(Found { edge, sure: true });
    }
    let settings = settings(at, shows)?;
    let (since, commits) = (head.since?, at.commits(Some(head)));
    let policy = settings.policy(&[]);
    // A policy that lets any tag pass says nothing of whose it is.
    if settings.allow_tags.value.is_empty() {
        return None;
    }
    let fits = |edge: &&Edge| {
        policy.allow.allows(&edge.tag)
            && policy.ignore.taken_by(&edge.tag).is_none()
            && time(edge).0.is_some_and(|pushed| pushed > since)
            // It names another commit.
            && super::commit::commit_of(&edge.tag, &commits).is_none()
    };
    let edge = earliest(known.open().filter(fits).collect())?;
    Some(Found { edge, sure: false })
}

/// What holds for the image, where Image Updater picks it.
pub(super) fn settings<'a>(at: &'a Given<'_>, shows: &Shows) -> Option<&'a ImageSettings> {
    Some(&shows.view(at)?.outlook.as_ref()?.policy.as_ref()?.image)
}

/// When a tag was pushed: in the registry's own words, or by a webhook; else at the latest when it was seen.
fn time(edge: &Edge) -> (Option<Timestamp>, bool) {
    match edge.pushed_at {
        Some(at) => (Some(at), true),
        None => (Some(edge.first_seen), edge.seen_by == SeenBy::Webhook),
    }
}

/// Tag or digest of the head's image.
pub(super) fn tag(at: &Given<'_>, head: &Head, shows: &Shows) -> Option<(Text, Option<Text>)> {
    let Shows::Image(repository) = shows else { return None };
    let found = find(at, at.repository(repository)?, head, shows)?;
    Some((Text::clone(&found.edge.tag), Some(Text::clone(&found.edge.digest))))
}
