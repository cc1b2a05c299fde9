//! Step 5: Argo CD has applied it.

use jiff::Timestamp;

use super::{
    App, Given, Head, Look,
    commit::{Shows, is_of},
    pushed, waits,
};
use crate::{
    phrase::Said,
    said,
    view::Waits,
    words::{Phase, StepKind, SyncStatus, Turn},
};

pub(super) fn look(at: &Given<'_>, head: Option<&Head>, shows: &Shows, picked: &Look) -> Look {
    let Some(app) = &at.app else { return Look::Unknown(Said::from("")) };
    let since = match picked {
        Look::Done { at, .. } => *at,
        Look::Unknown(_) | Look::Skipped(_) => None,
        // What is not asked for cannot be applied; but a deployment that is known to have brought it shows it.
        Look::Waits(_) => match head.and_then(|head| brought(at, app, head, shows)) {
            Some(when) => return done(app, Some(when)),
            None => return Look::Unknown(Said::from("")),
        },
    };
    if let Some(when) = head.and_then(|head| brought(at, app, head, shows)) {
        return done(app, Some(when));
    }
    let knows_head = head.is_some() && *shows != Shows::Nothing;
    let ended =
        app.body.operation.as_ref().filter(|it| it.phase == Phase::Succeeded).and_then(|it| it.finished_at);
    // Kubernetes tells whole seconds.
    let is_later =
        since.is_none_or(|since| ended.is_some_and(|ended| ended.as_second() >= since.as_second()));
    let applied = app.body.sync == Some(SyncStatus::Synced) && ended.is_some() && is_later;
    if applied && (!knows_head || is_asked(picked)) {
        return done(app, ended);
    }
    Look::Waits(waits_for(app))
}

fn is_asked(picked: &Look) -> bool {
    matches!(picked, Look::Done { .. } | Look::Unknown(_))
}

fn done(app: &App<'_>, when: Option<Timestamp>) -> Look {
    Look::done(when, true, said!("step-synced", "synced"), app.argocd())
}

/// When the first deployment ended that is known to have brought the head.
fn brought(at: &Given<'_>, app: &App<'_>, head: &Head, shows: &Shows) -> Option<Timestamp> {
    let entries = app.body.history.iter();
    match shows {
        Shows::Image(repository) => {
            let pushed = pushed::tag(at, head, shows);
            let is_it = |image: &crate::Text| {
                let (named, what) = crate::index::images::split(image.rsplit('=').next().unwrap_or(image));
                let tag = what.tag.as_deref();
                named == *repository
                    && (tag.is_some_and(|tag| is_of(tag, &head.sha))
                        || pushed.as_ref().is_some_and(|(own, digest)| {
                            tag == Some(&**own) || digest.is_some() && what.digest == *digest
                        }))
            };
            entries.filter(|entry| entry.images.iter().any(is_it)).filter_map(|entry| entry.deployed_at).min()
        }
        Shows::Revision => entries
            .filter(|entry| entry.revisions.contains(&head.sha))
            .filter_map(|entry| entry.deployed_at)
            .min(),
        Shows::Nothing => None,
    }
}

fn waits_for(app: &App<'_>) -> Waits {
    let step = StepKind::Synced;
    let renders =
        app.body.conditions.iter().find(|c| matches!(&*c.kind, "ComparisonError" | "InvalidSpecError"));
    if let Some(condition) = renders {
        let sentence = said!(
            "waits-cannot-render",
            "Argo CD cannot make its manifests: {message}",
            message = condition.message
        );
        return waits(step, Turn::Author, sentence).stuck().since(condition.since);
    }
    let operation = app.body.operation.as_ref();
    if let Some(running) = operation.filter(|it| matches!(it.phase, Phase::Running | Phase::Terminating)) {
        let message = running.message.as_deref().filter(|message| !message.is_empty());
        let sentence = match message {
            Some(message) => said!("waits-syncing-says", "Argo CD syncs it: {message}", message = message),
            None => said!("waits-syncing", "Argo CD syncs it"),
        };
        return waits(step, Turn::ArgoCd, sentence).since(running.started_at);
    }
    let failed = operation.filter(|it| matches!(it.phase, Phase::Failed | Phase::Error));
    if let Some(failed) = failed.filter(|_| app.body.sync != Some(SyncStatus::Synced)) {
        let message = failed.message.as_deref().unwrap_or("no message");
        let sentence = said!("waits-sync-failed", "The sync failed: {message}", message = message);
        let way_out = said!("way-preview-sync", "Mend what the message names, then push or sync again.");
        return waits(step, Turn::Author, sentence).stuck().since(failed.finished_at).way_out(way_out);
    }
    if !app.body.automation.enabled && app.body.sync != Some(SyncStatus::Synced) {
        let sentence = said!("waits-manual-sync", "Automatic sync is off: somebody has to sync it");
        return waits(step, Turn::Operator, sentence).stuck();
    }
    waits(step, Turn::ArgoCd, said!("waits-sync", "Argo CD has not synced it yet"))
}
