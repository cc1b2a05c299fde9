//! `preview-leftover`: nobody asks for the preview any more, and it lives on.

use jiff::SignedDuration;

use super::{Candidate, Context, proof};
use crate::{
    finding::defaults,
    said,
    text::Text,
    words::{PreviewState, Rule},
};

/// What Argo CD may take beyond its interval to delete what its generator no longer names.
const SLACK: SignedDuration = SignedDuration::from_mins(5);

pub(super) fn check(at: &Context<'_>) -> Option<Candidate> {
    let preview = at.pull.previews.iter().find(|preview| preview.state == PreviewState::Leftover)?;
    let waits = preview.waits.as_ref()?;
    let application = preview.application.clone().unwrap_or_default();
    let source = preview.instance.as_ref().map(|name| Text::from(format!("argocd/{name}")));
    let source = source.unwrap_or_else(|| Text::from("derived"));
    let state = at.pull.request.as_ref().map(|request| request.state.as_str()).unwrap_or_default();
    let pods = said!("of", "{ready} of {desired}", ready = preview.ready, desired = preview.desired);
    let lines = vec![
        proof(said!("what-pull", "pull request"), state, &at.forge(), waits.since),
        proof(said!("what-lives", "Application"), &*application, &source, preview.created),
        proof(said!("what-pods-ready", "pods ready"), pods, &source, None),
    ];
    let way_out = said!("way-leftover", "Delete the Application, if nobody needs it.");
    let found = at.candidate(Rule::PreviewLeftover, waits.since, waits.sentence.clone(), way_out).with(lines);
    let interval = at.pace(preview).map(|pace| pace.interval.saturating_add(SLACK));
    Some(found.after(interval.unwrap_or_default().max(defaults(Rule::PreviewLeftover).grace)))
}
