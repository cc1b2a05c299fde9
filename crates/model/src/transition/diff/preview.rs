//! What changed of a pull request's previews: steps that were done, what got stuck, what is gone.

use jiff::Timestamp;
use serde_json::Value;

use super::{id, id_of_one, parts, word};
use crate::{
    finding::pull::step,
    index::StepTime,
    phrase::Said,
    preview::short,
    said,
    text::Text,
    transition::Transition,
    view::{Preview, Pull, Round, Step},
    words::{PreviewState, StepKind, StepState, TransitionKind},
};

/// Each change with the step's time. Of previews that were never seen before, steps are told whose times are exact.
pub fn preview_steps(
    before: Option<&Pull>,
    after: &Pull,
    now: Timestamp,
) -> Vec<(Transition, Option<StepTime>)> {
    let mut told = Vec::new();
    for preview in after.previews.iter().filter(|preview| preview.environment.is_some()) {
        let was = before.and_then(|before| matching(before, preview));
        let about = About { pull: after, preview, now, is_first: was.is_none() };
        let same_round = was.is_some_and(|was| was.head == preview.head);
        for done in preview.steps.iter().filter(|step| step.state == StepState::Done) {
            let was_done =
                was.and_then(|was| was.step(done.kind)).is_some_and(|step| step.state == StepState::Done);
            let is_told =
                was_done && (same_round || done.kind < StepKind::Pushed) || is_of_a_round(was, preview, done);
            if is_told || was.is_none() && !done.exact {
                continue;
            }
            let (transition, time) = about.done(done);
            told.push((transition, Some(time)));
        }
        let stuck = |preview: &Preview| preview.waits.as_ref().filter(|it| it.stuck).map(|it| it.step);
        if preview.state == PreviewState::Stuck
            && let Some(at) = stuck(preview)
            && (was.is_none_or(|was| stuck(was) != Some(at)) || !same_round)
        {
            let (transition, time) = about.stuck(at);
            told.push((transition, Some(time)));
        }
        if preview.state == PreviewState::Ended && was.is_some_and(|was| was.state != PreviewState::Ended) {
            told.push((about.ended(), None));
        }
    }
    told
}

/// What a preview was before: itself, or what was expected of its set.
fn matching<'a>(before: &'a Pull, preview: &Preview) -> Option<&'a Preview> {
    let same = |it: &&Preview| it.environment == preview.environment;
    let expected = |it: &&Preview| it.environment.is_none() && it.set.is_some() && it.set == preview.set;
    before.previews.iter().find(same).or_else(|| before.previews.iter().find(expected))
}

/// A head that comes back brings its round with it: what was done then was told then.
fn is_of_a_round(was: Option<&Preview>, preview: &Preview, done: &Step) -> bool {
    let rounds = was.into_iter().flat_map(|was| &was.rounds);
    let mut of_head = rounds.filter(|round| Some(&round.sha) == preview.head.as_ref());
    let time = |round: &Round| match done.kind {
        StepKind::Pushed => round.pushed,
        StepKind::Picked => round.picked,
        StepKind::Synced => round.synced,
        StepKind::Healthy => round.healthy,
        StepKind::Labelled | StepKind::Created => None,
    };
    done.at.is_some() && of_head.any(|round| time(round) == done.at)
}

struct About<'a> {
    pull: &'a Pull,
    preview: &'a Preview,
    now: Timestamp,
    /// It is seen for the first time: whoever sees it first, tells the same.
    is_first: bool,
}

impl About<'_> {
    fn done(&self, done: &Step) -> (Transition, StepTime) {
        let sentence = match (&self.preview.head, done.kind >= StepKind::Pushed) {
            (Some(sha), true) => {
                said!("preview-step-of", "{step}: {sha}", step = step(done.kind), sha = short(sha))
            }
            _ => step(done.kind),
        };
        let (transition, mut time) =
            self.make(done.kind, done.at, word(Some(done.kind.as_str())), sentence, false);
        time.took = done.took;
        time.exact = done.exact;
        if done.kind == StepKind::Healthy {
            time.in_all = self.in_all(done);
        }
        let source = done.source.clone().unwrap_or_else(|| Text::clone(&transition.source));
        (Transition { source, ..transition }, time)
    }

    /// From the label or the Application's making to the first time that it could be used; later from push to that.
    fn in_all(&self, healthy: &Step) -> Option<jiff::SignedDuration> {
        let mut steps = [StepKind::Labelled, StepKind::Created].into_iter();
        let begun = steps.find_map(|kind| self.preview.step(kind)?.at);
        let pushed = self.preview.rounds.first().and_then(|round| round.began);
        let from = if self.preview.rounds.len() > 1 { pushed.max(begun) } else { begun.or(pushed) }?;
        let took = healthy.at?.duration_since(from);
        (!took.is_negative()).then_some(took)
    }

    fn stuck(&self, at: StepKind) -> (Transition, StepTime) {
        let waits = self.preview.waits.as_ref();
        let sentence = waits.map_or_else(|| Said::from(""), |waits| waits.sentence.clone());
        let since = waits.and_then(|waits| waits.since);
        let (transition, mut time) = self.make(at, since, word(Some("stuck")), sentence, true);
        time.stuck = true;
        (Transition { from: word(Some(at.as_str())), ..transition }, time)
    }

    fn ended(&self) -> Transition {
        let sentence = said!("preview-ended", "the preview is gone");
        self.make(StepKind::Labelled, None, word(Some("ended")), sentence, false).0
    }

    fn make(
        &self,
        kind: StepKind,
        at: Option<Timestamp>,
        to: Value,
        sentence: Said,
        bad: bool,
    ) -> (Transition, StepTime) {
        let (preview, now) = (self.preview, self.now);
        let at = at.unwrap_or(now).min(now);
        let entity = preview.environment.clone().unwrap_or_else(|| Text::clone(&self.pull.id));
        let commit = preview.head.clone().filter(|_| kind >= StepKind::Pushed);
        // The same step is done again for each commit.
        let what = format!("{}|{kind}|{}", self.pull.id, commit.as_deref().unwrap_or_default());
        let (detail, detail_phrase) = parts(Some(sentence));
        let environment = self.pull.number.map(|number| Text::from(format!("pr-{number}")));
        let instance = preview.instance.as_deref().unwrap_or_default();
        let transition = Transition {
            id: if self.is_first {
                id(&entity, TransitionKind::Preview, &what, at, &to)
            } else {
                id_of_one(&entity, TransitionKind::Preview, &what, at, &to, now)
            },
            at,
            noticed_at: now,
            service: preview.service.clone(),
            environment: environment.clone(),
            entity,
            kind: TransitionKind::Preview,
            from: Value::Null,
            to,
            detail,
            detail_phrase,
            bad,
            source: Text::from(format!("argocd/{instance}")),
            subject: Text::clone(&self.pull.id),
        };
        let time = StepTime {
            id: transition.id,
            pull: Text::clone(&self.pull.id),
            repository: self.pull.repository.clone(),
            service: preview.service.clone(),
            environment,
            commit,
            step: kind,
            at,
            took: None,
            in_all: None,
            exact: false,
            stuck: false,
        };
        (transition, time)
    }
}
