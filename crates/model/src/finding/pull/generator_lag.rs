//! `generator-lag`: the generator should have seen the head long ago, and its template still says an earlier one.

use jiff::SignedDuration;

use super::{Candidate, Context, proof};
use crate::{
    preview::{short, span},
    said,
    text::Text,
    words::{PreviewState, Rule},
};

/// Beyond its interval: Argo CD's own queue.
const SLACK: SignedDuration = SignedDuration::from_mins(2);

pub(super) fn check(at: &Context<'_>) -> Option<Candidate> {
    let request = at.pull.request.as_ref()?;
    let is_alive =
        |state| !matches!(state, PreviewState::Going | PreviewState::Leftover | PreviewState::Ended);
    let preview = at.pull.previews.iter().find(|preview| {
        is_alive(preview.state)
            && preview.generated_for.as_ref().is_some_and(|seen| *seen != request.head.sha)
    })?;
    let pace = at.pace(preview).filter(|pace| !pace.never_updates)?;
    let seen = preview.generated_for.as_ref()?;
    let began = request.head.pushed_at.or_else(|| preview.rounds.first().and_then(|round| round.began));
    let summary = said!(
        "generator-lag",
        "ApplicationSet {set} still generates for {seen}; the head is {head}, and it looks every {every}",
        set = pace.name,
        seen = short(seen),
        head = short(&request.head.sha),
        every = span(pace.interval),
    );
    let way_out = said!(
        "way-generator-lag",
        "Give Argo CD's ApplicationSet controller the forge's webhook, or a shorter requeueAfterSeconds; see its log.",
    );
    let source = Text::from(format!("argocd/{}", pace.instance));
    let evidence = vec![
        proof(said!("what-generated-for", "landfall.dev/head-sha"), &**seen, &source, None),
        proof(said!("what-head", "head"), &*request.head.sha, &at.forge(), began),
    ];
    let found = at.candidate(Rule::GeneratorLag, began, summary, way_out).with(evidence);
    Some(found.after(pace.interval.saturating_add(SLACK)))
}
