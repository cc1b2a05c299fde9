//! `preview-behind`: a preview can be used, but shows an earlier commit than the head.

use super::{Candidate, Context, proof};
use crate::{
    preview::short,
    said,
    text::Text,
    words::{PreviewState, Rule},
};

pub(super) fn check(at: &Context<'_>) -> Option<Candidate> {
    let is_it = |state| matches!(state, PreviewState::Stuck | PreviewState::Waiting | PreviewState::Ready);
    let preview = at
        .pull
        .previews
        .iter()
        .find(|preview| is_it(preview.state) && preview.behind.is_some_and(|behind| behind > 0))?;
    let (behind, deployed, head) = (preview.behind?, preview.deployed.as_ref()?, preview.head.as_ref()?);
    let began = preview.rounds.first().and_then(|round| round.began);
    let summary = said!(
        "preview-behind",
        "Its preview runs {deployed}; the head {head} is {n} ahead",
        deployed = short(&deployed.sha),
        head = short(head),
        n = behind,
    );
    let way_out = match preview.waits.as_ref().and_then(|waits| waits.way_out.clone()) {
        Some(way_out) => way_out,
        None => {
            said!("way-preview-behind", "The page of the pull request says which step the head waits for.")
        }
    };
    let source = preview.steps.iter().rev().find_map(|step| step.source.clone());
    let source = source.unwrap_or_else(|| Text::from("derived"));
    let lines = vec![
        proof(said!("what-head", "head"), &**head, &at.forge(), began),
        proof(said!("what-deployed", "deployed"), deployed.by.clone(), &source, None),
    ];
    Some(at.candidate(Rule::PreviewBehind, began, summary, way_out).with(lines))
}
