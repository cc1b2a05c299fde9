//! The workflow that builds the head's image, and what it says of a missing one.

use super::{Given, Head, short, waits};
use crate::{
    observe::Run,
    said,
    view::Waits,
    words::{RunState, StepKind, Turn},
};

/// The run of a commit that says most: of each workflow its newest, and of those one that is under way, else one that
/// failed, else one that was cancelled.
pub(super) fn telling<'a>(runs: &'a [Run], sha: &str) -> Option<&'a Run> {
    let mut newest: Vec<&Run> = Vec::new();
    for run in runs.iter().filter(|run| *run.sha == *sha) {
        if newest.iter().all(|known| known.name != run.name) {
            newest.push(run);
        }
    }
    let rank = |run: &&Run| match run.state {
        RunState::Running => 0,
        RunState::Queued => 1,
        RunState::Failed => 2,
        RunState::Cancelled => 3,
        RunState::Succeeded => 4,
    };
    newest.into_iter().min_by_key(rank)
}

/// What the image waits for, by what the forge says of its workflow.
pub(super) fn waits_for(at: &Given<'_>, head: &Head) -> Waits {
    let step = StepKind::Pushed;
    let sha = short(&head.sha);
    let runs = at.request.and_then(|request| request.runs.as_deref());
    let Some(runs) = runs else {
        let sentence =
            said!("waits-image", "No image of {sha} was seen yet; its workflow is not known", sha = sha);
        return waits(step, Turn::Ci, sentence);
    };
    let Some(run) = telling(runs, &head.sha) else { return not_started(at, head) };
    let name = &run.name;
    match run.state {
        RunState::Queued => {
            let sentence = said!("waits-run-queued", "Workflow {name} is queued", name = name);
            waits(step, Turn::Ci, sentence).since(run.started_at)
        }
        RunState::Running => {
            let sentence = said!("waits-run", "Workflow {name} builds {sha}", name = name, sha = sha);
            waits(step, Turn::Ci, sentence).since(run.started_at)
        }
        RunState::Failed => {
            let sentence = if let Some(failed) = &run.failed_step {
                said!(
                    "waits-run-failed-in",
                    "Workflow {name} failed in step {failed}",
                    name = name,
                    failed = failed
                )
            } else {
                said!("waits-run-failed", "Workflow {name} failed", name = name)
            };
            let way_out =
                said!("way-run-failed", "Read the log of the run, mend the build and push, or run it again.");
            waits(step, Turn::Author, sentence).stuck().since(run.finished_at).way_out(way_out)
        }
        RunState::Cancelled => {
            let sentence = said!("waits-run-cancelled", "Workflow {name} was cancelled", name = name);
            let way_out = said!("way-run-cancelled", "Run it again, or push.");
            waits(step, Turn::Author, sentence).stuck().since(run.finished_at).way_out(way_out)
        }
        RunState::Succeeded => {
            let sentence = said!(
                "waits-run-no-image",
                "Workflow {name} succeeded, but no image of {sha} is at the registry",
                name = name,
                sha = sha,
            );
            waits(step, Turn::Ci, sentence).since(run.finished_at)
        }
    }
}

/// No workflow runs for the head: a comment may have to ask for it.
fn not_started(at: &Given<'_>, head: &Head) -> Waits {
    let sha = short(&head.sha);
    let asked = at.request.and_then(|request| request.asked.as_ref());
    let way_out = said!("way-ask", "Ask for it in a comment, if this repository builds previews by comment.");
    match asked {
        Some(asked) if head.since.is_none_or(|since| asked.at >= since) => {
            let sentence =
                said!("waits-run-start", "Asked for, but no workflow runs for {sha} yet", sha = sha);
            waits(StepKind::Pushed, Turn::Ci, sentence).since(Some(asked.at))
        }
        Some(_) => {
            let sentence = said!(
                "waits-comment-again",
                "No /preview comment since {sha} was pushed, and no workflow runs",
                sha = sha
            );
            waits(StepKind::Pushed, Turn::Author, sentence).way_out(way_out)
        }
        None => {
            let sentence =
                said!("waits-comment", "No /preview comment yet, and no workflow runs for {sha}", sha = sha);
            waits(StepKind::Pushed, Turn::Author, sentence).way_out(way_out)
        }
    }
}
