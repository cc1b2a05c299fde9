//! Steps 3 to 6, once per head that was seen; and the last time that it could be used.

use super::{Given, Head, commit, runs};
use crate::{
    text::Text,
    view::{LastGood, Preview, Round},
    words::{PreviewState, RoundEnd, RunState, StepKind, StepState},
};

/// Puts the present round before the earlier ones.
pub(super) fn fill(made: &mut Preview, at: &Given<'_>, head: Option<&Head>) {
    let before = at.before;
    made.rounds = before.map(|before| before.rounds.clone()).unwrap_or_default();
    made.last_good = before.and_then(|before| before.last_good.clone());
    if let Some(head) = head.filter(|_| at.app.is_some()) {
        let is_same = made.rounds.first().is_some_and(|round| round.sha == head.sha);
        if !is_same {
            if let Some(last) = made.rounds.first_mut().filter(|last| last.end == RoundEnd::Going) {
                last.end = overtaken(at, &last.sha);
            }
            made.rounds.insert(0, begin(head));
            made.rounds.truncate(Preview::ROUNDS);
        }
        let end = end(made, at, head);
        let tag = tag(made, head);
        let done =
            |kind| made.step(kind).filter(|step| step.state == StepState::Done).and_then(|step| step.at);
        let (pushed, picked) = (done(StepKind::Pushed), done(StepKind::Picked));
        let (synced, healthy) = (done(StepKind::Synced), done(StepKind::Healthy));
        if let Some(round) = made.rounds.first_mut() {
            round.began = head.since.or(round.began);
            round.pushed = pushed.or(round.pushed);
            round.picked = picked.or(round.picked);
            round.synced = synced.or(round.synced);
            round.healthy = healthy.or(round.healthy);
            round.tag = tag.or_else(|| round.tag.take());
            round.end = end;
        }
    }
    for round in &mut made.rounds {
        let commits = at.request.into_iter().flat_map(|request| &request.commits);
        let title = commits.into_iter().find(|it| it.sha == round.sha).map(|it| Text::clone(&it.title));
        round.title = title.or_else(|| round.title.take());
    }
    if made.state == PreviewState::Ready {
        let since = made.step(StepKind::Healthy).and_then(|step| step.at);
        let sha = made.deployed.as_ref().map(|it| Text::clone(&it.sha)).or_else(|| made.head.clone());
        let same = made.last_good.as_ref().filter(|good| good.sha == sha).map(|good| good.at);
        let good = LastGood { sha, url: made.urls.first().cloned(), at: since.or(same).unwrap_or(at.now) };
        made.last_good = Some(good);
    }
}

fn begin(head: &Head) -> Round {
    Round {
        sha: Text::clone(&head.sha),
        title: None,
        began: head.since,
        pushed: None,
        picked: None,
        synced: None,
        healthy: None,
        tag: None,
        end: RoundEnd::Going,
    }
}

fn tag(made: &Preview, head: &Head) -> Option<Text> {
    let tag = made.image.as_ref()?.1.tag.as_ref()?;
    commit::is_of(tag, &head.sha).then(|| Text::clone(tag))
}

fn end(made: &Preview, at: &Given<'_>, head: &Head) -> RoundEnd {
    if made.step(StepKind::Healthy).is_some_and(|step| step.state == StepState::Done) {
        return RoundEnd::Healthy;
    }
    match by_run(at, &head.sha) {
        Some(end) if made.waits.as_ref().is_some_and(|it| it.stuck && it.step == StepKind::Pushed) => end,
        _ => RoundEnd::Going,
    }
}

/// How the round of an earlier head ended that was not healthy.
fn overtaken(at: &Given<'_>, sha: &str) -> RoundEnd {
    by_run(at, sha).unwrap_or(RoundEnd::Overtaken)
}

fn by_run(at: &Given<'_>, sha: &str) -> Option<RoundEnd> {
    let runs = at.request.and_then(|request| request.runs.as_deref())?;
    match runs::telling(runs, sha)?.state {
        RunState::Failed => Some(RoundEnd::Failed),
        RunState::Cancelled => Some(RoundEnd::Cancelled),
        _ => None,
    }
}
