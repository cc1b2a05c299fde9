//! A preview in one word, and what holds up its end.

use super::{Given, span, waits, wanted};
use crate::{
    said,
    view::{Step, Waits},
    words::{PreviewState, PullState, StepKind, StepState, Turn},
};

/// The state. What is being deleted, or should be, waits for that and for nothing else.
pub(super) fn state(
    at: &Given<'_>,
    waiting: &mut Option<Waits>,
    steps: &mut [Step],
    ready: bool,
) -> PreviewState {
    let closed = at.request.is_some_and(|request| request.state != PullState::Open);
    let Some(app) = &at.app else {
        if closed {
            *waiting = None;
            rest(steps);
            return PreviewState::Ended;
        }
        return match waiting {
            Some(found) if found.step == StepKind::Labelled => PreviewState::None,
            Some(found) if found.stuck => PreviewState::Stuck,
            Some(_) => PreviewState::Waiting,
            None => PreviewState::Unknown,
        };
    };
    if let Some(since) = app.body.deleting_since {
        *waiting = Some(going(at, since));
        rest(steps);
        return PreviewState::Going;
    }
    if let Some(found) = left_over(at) {
        *waiting = Some(found);
        rest(steps);
        return PreviewState::Leftover;
    }
    match waiting {
        Some(found) if found.stuck => PreviewState::Stuck,
        Some(_) => PreviewState::Waiting,
        None if ready => PreviewState::Ready,
        None => PreviewState::Unknown,
    }
}

/// Nothing is brought in any more.
fn rest(steps: &mut [Step]) {
    for step in steps.iter_mut().filter(|step| matches!(step.state, StepState::Now | StepState::Stuck)) {
        step.state = StepState::Ahead;
    }
}

fn going(at: &Given<'_>, since: jiff::Timestamp) -> Waits {
    let finalizers = at.app.as_ref().map(|app| app.body.finalizers.join(", ")).unwrap_or_default();
    let sentence = if finalizers.is_empty() {
        said!("waits-deletion", "It is being deleted")
    } else {
        said!(
            "waits-finalizers",
            "It is being deleted; finalizer {names} is still to run",
            names = finalizers
        )
    };
    waits(StepKind::Healthy, Turn::ArgoCd, sentence).since(Some(since))
}

/// Nobody asks for it any more, and it lives.
fn left_over(at: &Given<'_>) -> Option<Waits> {
    let request = at.request?;
    let generator = at.set.and_then(|set| set.generator);
    let takes = generator.is_some_and(|generator| wanted::takes_state(generator, request.state));
    let reason = match request.state {
        PullState::Open => {
            let labelled = generator.is_none_or(|generator| wanted::is_labelled(generator, request));
            if labelled {
                return None;
            }
            said!("leftover-label", "The pull request no longer carries the label")
        }
        // GitLab's generator keeps those of closed ones where it is told so.
        _ if takes => return None,
        PullState::Closed => said!("leftover-closed", "The pull request is closed"),
        PullState::Merged => said!("leftover-merged", "The pull request is merged"),
    };
    let mut found = match at.set {
        Some(set) if set.body.never_deletes() => waits(
            StepKind::Healthy,
            Turn::Operator,
            said!(
                "waits-never-deleted",
                "{reason}; ApplicationSet {name} never deletes Applications ({policy})",
                reason = reason,
                name = set.name.name,
                policy = set.body.applications_sync.as_deref().unwrap_or_default(),
            ),
        )
        .stuck(),
        Some(set) if set.failure().is_some() => waits(
            StepKind::Healthy,
            Turn::Operator,
            said!(
                "waits-list-stale",
                "{reason}; the generator of ApplicationSet {name} fails and deletes nothing",
                reason = reason,
                name = set.name.name,
            ),
        )
        .stuck(),
        Some(set) => waits(
            StepKind::Healthy,
            Turn::ArgoCd,
            said!(
                "waits-generator-end",
                "{reason}; the generator of ApplicationSet {name} looks every {every}",
                reason = reason,
                name = set.name.name,
                every = span(set.interval()),
            ),
        ),
        None => waits(
            StepKind::Healthy,
            Turn::Operator,
            said!(
                "waits-nobody-deletes",
                "{reason}; no ApplicationSet would delete its preview",
                reason = reason
            ),
        )
        .stuck(),
    };
    found.since = request.closed_at;
    Some(found.way_out(said!("way-leftover", "Delete the Application, if nobody needs it.")))
}
