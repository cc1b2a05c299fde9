//! `workflow-failed`: the workflow of the head failed, and no image of it is there.

use super::{Candidate, Context, proof};
use crate::{
    phrase::Said,
    said,
    words::{Rule, RunState, StepKind, StepState},
};

pub(super) fn check(at: &Context<'_>) -> Option<Candidate> {
    let request = at.pull.request.as_ref()?;
    let waits = at.pull.previews.iter().find(|preview| {
        let missing =
            |step: &crate::view::Step| step.kind == StepKind::Pushed && step.state == StepState::Stuck;
        preview.steps.iter().any(missing)
    })?;
    let failed = |run: &&crate::observe::Run| run.sha == request.head.sha && run.state == RunState::Failed;
    let run = request.runs.as_ref()?.iter().find(failed)?;
    let name = &run.name;
    let summary = if let Some(failed) = &run.failed_step {
        said!("waits-run-failed-in", "Workflow {name} failed in step {failed}", name = name, failed = failed)
    } else {
        said!("waits-run-failed", "Workflow {name} failed", name = name)
    };
    let way_out =
        said!("way-run-failed", "Read the log of the run, mend the build and push, or run it again.");
    let mut found = at.candidate(Rule::WorkflowFailed, run.finished_at, summary, way_out);
    found.link = run.url.clone().filter(|url| url.starts_with("https://")).or(found.link);
    let what = run.failed_step.as_ref().map_or_else(|| Said::from(run.state.as_str()), Said::from);
    let head = waits.head.as_deref().unwrap_or_default();
    let lines = vec![
        proof(said!("what-failed-step", "failed step"), what, &at.forge(), run.finished_at),
        proof(said!("what-head", "head"), head, &at.forge(), None),
    ];
    Some(found.with(lines))
}
