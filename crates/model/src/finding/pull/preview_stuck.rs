//! `preview-stuck`: a preview does not go on, by itself or for longer than anybody would wait.

use jiff::SignedDuration;

use super::{Candidate, Context, done, proof, step, turn};
use crate::{
    said,
    text::Text,
    words::{PreviewState, Rule},
};

/// What may still come by itself is given more time.
const PATIENCE: SignedDuration = SignedDuration::from_mins(30);

pub(super) fn check(at: &Context<'_>) -> Option<Candidate> {
    let is_it = |state| matches!(state, PreviewState::Stuck | PreviewState::Waiting);
    let preview = at.pull.previews.iter().find(|preview| is_it(preview.state))?;
    let waits = preview.waits.as_ref()?;
    let summary = said!(
        "preview-stuck",
        "Its preview waits for step {step}: {sentence}",
        step = step(waits.step),
        sentence = waits.sentence,
    );
    let way_out = waits.way_out.clone().unwrap_or_else(|| {
        said!(
            "way-preview-stuck",
            "It is the turn of {who}: the page of the pull request says what was seen.",
            who = turn(waits.turn)
        )
    });
    let source = preview.steps.iter().rev().find_map(|step| step.source.clone());
    let source = source.unwrap_or_else(|| Text::from("derived"));
    let mut lines = done(preview);
    lines.push(proof(said!("what-waits-for", "waits for"), waits.sentence.clone(), &source, waits.since));
    let found = at.candidate(Rule::PreviewStuck, waits.since, summary, way_out).with(lines);
    Some(if waits.stuck { found } else { found.after(PATIENCE) })
}
