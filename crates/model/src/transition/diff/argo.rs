//! What changed in Argo CD's words: appearance and disappearance, sync, health, operations, deployments.

use jiff::Timestamp;
use serde_json::Value;

use super::{Change, application, argocd, make, why, word};
use crate::{
    observe::{Application, Event, HistoryEntry, ImageChange},
    phrase::Said,
    said,
    text::Text,
    transition::Transition,
    view::Environment,
    words::{Health, Phase, SyncStatus, TransitionKind},
};

/// An environment that was not there before, with what Argo CD still remembers of its deployments.
pub fn appeared(after: &Environment, history: &[HistoryEntry], now: Timestamp) -> Vec<Transition> {
    let mut transitions = vec![make(
        after,
        Change {
            kind: TransitionKind::Appeared,
            at: after.created.unwrap_or(now),
            from: Value::Null,
            to: word(Some(&after.application)),
            detail: None,
            bad: false,
            source: argocd(after),
            subject: application(after),
        },
        now,
    )];
    transitions.extend(deployments(after, history, None, now));
    transitions
}

/// An environment that is gone.
pub fn gone(before: &Environment, now: Timestamp) -> Transition {
    let change = Change {
        kind: TransitionKind::Gone,
        at: now,
        from: word(Some(&before.application)),
        to: Value::Null,
        detail: None,
        bad: !before.preview && before.deleting_since.is_none(),
        source: argocd(before),
        subject: application(before),
    };
    make(before, change, now)
}

/// Successful syncs after `since`, each from the one before it.
pub fn deployments(
    environment: &Environment,
    history: &[HistoryEntry],
    since: Option<Timestamp>,
    now: Timestamp,
) -> Vec<Transition> {
    let mut found = Vec::new();
    for (place, entry) in history.iter().enumerate() {
        let Some(at) = entry.deployed_at.filter(|at| since.is_none_or(|since| *at > since)) else { continue };
        let earlier = &history[..place];
        let from = earlier.last().map_or(Value::Null, |e| joined(&e.revisions));
        // A new entry with a revision that an older one had, but not the last: somebody went back.
        let rollback = earlier.last().is_some_and(|last| last.revisions != entry.revisions)
            && earlier.iter().any(|e| e.revisions == entry.revisions);
        let mut detail =
            vec![if rollback { said!("rolled-back", "rolled back") } else { said!("deployed", "deployed") }];
        detail.extend(entry.initiated_by.as_ref().map(|who| said!("by", "by {who}", who = who)));
        match entry.images.as_slice() {
            // What was deployed before anybody looked. Later ones have an image transition beside them.
            [] if since.is_none() => detail.push(said!("images-unknown", "images unknown")),
            [] => {}
            images => detail.push(Said::from(images.join(", "))),
        }
        let change = Change {
            kind: TransitionKind::Revision,
            at,
            from,
            to: joined(&entry.revisions),
            detail: Some(Said::list(detail)),
            bad: rollback,
            source: argocd(environment),
            subject: Text::from(format!("Application {} history {}", environment.application, entry.id)),
        };
        found.push(make(environment, change, now));
    }
    found
}

fn joined(revisions: &[Text]) -> Value {
    match revisions {
        [] => Value::Null,
        revisions => Value::from(revisions.join(", ")),
    }
}

/// What changed in Argo CD's words.
pub fn argo_changes(
    before: &Environment,
    after: &Environment,
    history: &[HistoryEntry],
    sync_seen: Option<Timestamp>,
    now: Timestamp,
) -> Vec<Transition> {
    let mut found = Vec::new();
    let plain = |kind, at, from, to, detail, bad| {
        let change =
            Change { kind, at, from, to, detail, bad, source: argocd(after), subject: application(after) };
        make(after, change, now)
    };
    if before.sync != after.sync {
        let finished = after.operation.as_ref().and_then(|o| o.finished_at);
        let synced = after.sync == Some(SyncStatus::Synced);
        let recent = finished.filter(|at| synced && now.duration_since(*at).as_secs() < 60);
        found.push(plain(
            TransitionKind::Sync,
            sync_seen.or(recent).unwrap_or(now),
            word(before.sync.map(SyncStatus::as_str)),
            word(after.sync.map(SyncStatus::as_str)),
            (!synced).then(|| why(after)).flatten(),
            after.sync == Some(SyncStatus::Unknown),
        ));
    }
    if before.health != after.health {
        let at = after.health_since.filter(|at| before.health_since.is_none_or(|b| *at >= b));
        found.push(plain(
            TransitionKind::Health,
            at.unwrap_or(now),
            word(before.health.map(Health::as_str)),
            word(after.health.map(Health::as_str)),
            why(after),
            matches!(after.health, Some(Health::Degraded | Health::Missing)),
        ));
    }
    found.extend(operations(before, after, now));
    found.extend(deployments(after, history, before.deployed_at.or(before.created), now));
    found
}

/// Starts and ends of operations. Both are told with their own times, also when only the end was seen.
fn operations(before: &Environment, after: &Environment, now: Timestamp) -> Vec<Transition> {
    let Some(is) = &after.operation else { return Vec::new() };
    let was = before.operation.as_ref();
    let started = was.and_then(|o| o.started_at) != is.started_at;
    let old_phase = if started { None } else { was.map(|o| o.phase) };
    let mut found = Vec::new();
    let tell = |at: Timestamp, from: Option<Phase>, to: Phase| {
        let bad = matches!(to, Phase::Failed | Phase::Error);
        let who = is.initiated_by.as_ref().map(|who| said!("by", "by {who}", who = who));
        let words = if to == Phase::Running { who } else { is.message.as_ref().map(Said::from) };
        let change = Change {
            kind: TransitionKind::Operation,
            at,
            from: word(from.map(Phase::as_str)),
            to: word(Some(to.as_str())),
            detail: words,
            bad,
            source: argocd(after),
            subject: application(after),
        };
        make(after, change, now)
    };
    if started {
        found.push(tell(is.started_at.unwrap_or(now), was.map(|o| o.phase), Phase::Running));
    }
    if is.phase != Phase::Running && old_phase != Some(is.phase) {
        let ended = matches!(is.phase, Phase::Succeeded | Phase::Failed | Phase::Error);
        let at = if ended { is.finished_at.unwrap_or(now) } else { now };
        found.push(tell(at, old_phase.or(Some(Phase::Running)), is.phase));
    }
    found
}

/// What Image Updater's own Event says that it changed, one for each image.
pub fn image_updates(environment: &Environment, event: &Event, now: Timestamp) -> Vec<Transition> {
    let update = |change: &ImageChange| {
        // Of a commit the message is its id, and the component its forge.
        let forge = event.component.starts_with("forge/");
        let detail = if forge {
            said!(
                "updater-committed",
                "Image Updater committed it for {image}: {sha}",
                image = change.image,
                sha = event.message.get(..12).unwrap_or(&event.message)
            )
        } else {
            said!("updater-wrote", "Image Updater wrote it for {image}", image = change.image)
        };
        let change = Change {
            kind: TransitionKind::Tag,
            at: event.at,
            from: tag_or_digest(&change.old),
            to: tag_or_digest(&change.new),
            detail: Some(detail),
            bad: false,
            source: if forge { Text::clone(&event.component) } else { argocd(environment) },
            subject: Text::from(format!("{} {}", application(environment), change.image)),
        };
        make(environment, change, now)
    };
    event.images.iter().map(update).collect()
}

/// The Application asks for another image than before: repository, before, now. What Image Updater writes its own Event
/// tells, where there are such Events.
pub fn asked(
    environment: &Environment,
    application: &Application,
    (repository, was, what): (&Text, &Text, &Text),
    events: bool,
    now: Timestamp,
) -> Option<Transition> {
    let owner = application.image_owner.as_ref();
    if events && owner.is_some_and(|(manager, _)| **manager == *UPDATER) {
        return None;
    }
    let detail = if let Some((manager, _)) = owner {
        said!(
            "asked-by",
            "the Application asks for it of {image}, set by {manager}",
            image = repository,
            manager = manager
        )
    } else {
        said!("asked", "the Application asks for it of {image}", image = repository)
    };
    let change = Change {
        kind: TransitionKind::Tag,
        at: owner.and_then(|(_, at)| *at).unwrap_or(now),
        from: tag_or_digest(was),
        to: tag_or_digest(what),
        detail: Some(detail),
        bad: false,
        source: argocd(environment),
        subject: Text::from(format!("{} {repository}", self::application(environment))),
    };
    Some(make(environment, change, now))
}

/// Field manager of Image Updater's writes.
const UPDATER: &str = "argocd-image-updater";

fn tag_or_digest(text: &str) -> Value {
    let digest = text.starts_with("sha256:");
    serde_json::json!({
        "tag": if digest { None } else { Some(text) },
        "digest": if digest { Some(text) } else { None },
    })
}
