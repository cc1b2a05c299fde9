//! A pull request put together from what lists tell and what is known beside them.

use std::collections::BTreeMap;

use jiff::Timestamp;
use landfall_model::{
    observe::{Pull, PullAsk, Run},
    text::Text,
    words::RunState,
};

use crate::source::forge::{Details, Listing, Ran};

/// What is known of a pull request beside the lists.
#[derive(Debug, Clone, Default)]
pub struct Held {
    /// Of which state the details are: when it changed last, and its head.
    pub of: Option<(Option<Timestamp>, Text)>,
    pub details: Details,
    /// Runs of its commits, newest first; `None`: not read.
    pub runs: Option<Vec<Ran>>,
    /// The head whose runs were asked for by themselves.
    pub runs_asked: Option<Text>,
    /// The step that failed of a run that ended at a moment.
    pub steps: BTreeMap<(u64, Option<Timestamp>), Option<Text>>,
}

impl Held {
    /// Whether the details are of the pull request as the list tells it.
    pub fn is_of(&self, listing: &Listing) -> bool {
        // Without a time of change nobody can know.
        listing.updated.is_some()
            && self.of.as_ref() == Some(&(listing.updated, Text::clone(&listing.pull.head.sha)))
    }

    /// Takes in runs of the repository: those of its commits.
    pub fn take(&mut self, head: &Text, found: &[Ran]) {
        let known = self.runs.get_or_insert_default();
        let mut by_id: BTreeMap<u64, Ran> = known.drain(..).map(|one| (one.run.id, one)).collect();
        for one in found {
            let of_this =
                one.run.sha == *head || self.details.commits.iter().any(|commit| commit.sha == one.run.sha);
            if of_this {
                by_id.insert(one.run.id, one.clone());
            }
        }
        *known = by_id.into_values().rev().take(Pull::RUNS).collect();
        let kept = &self.runs;
        self.steps.retain(|(id, _), _| kept.iter().flatten().any(|one| one.run.id == *id));
    }

    /// Runs of the head that failed, and of which the step is not known yet.
    pub fn without_step(&self, head: &Text) -> Vec<(u64, Option<Timestamp>)> {
        let runs = self.runs.iter().flatten().map(|one| &one.run);
        let failed = runs.filter(|run| run.state == RunState::Failed && run.sha == *head);
        failed.map(|run| (run.id, run.finished_at)).filter(|key| !self.steps.contains_key(key)).collect()
    }

    /// The whole: `asked` is what the repository's own list of comments tells.
    pub fn complete(&self, listing: &Listing, asked: Option<&PullAsk>) -> Pull {
        let mut pull = listing.pull.clone();
        for label in &mut pull.labels {
            let last = self
                .details
                .labels
                .iter()
                .filter(|(name, ..)| *name == label.name)
                .max_by_key(|(_, at, _)| *at);
            if let Some((_, at, by)) = last {
                (label.since, label.by) = (Some(*at), by.clone());
            }
        }
        pull.commits = self.details.commits.iter().take(Pull::COMMITS).cloned().collect();
        pull.asked =
            [self.details.asked.as_ref(), asked].into_iter().flatten().max_by_key(|ask| ask.at).cloned();
        let sha = &pull.head.sha;
        let pushed = self.details.pushes.iter().filter(|(head, _)| head == sha).map(|(_, at)| *at).max();
        // GitHub tells no time of a push; what it starts is queued with it.
        let of_head = self.runs.iter().flatten().filter(|one| one.run.sha == *sha);
        pull.head.pushed_at = pushed.or_else(|| of_head.filter_map(|one| one.queued).min());
        pull.runs = self.runs.as_ref().map(|runs| runs.iter().map(|one| self.with_step(&one.run)).collect());
        pull
    }

    fn with_step(&self, run: &Run) -> Run {
        let step = self.steps.get(&(run.id, run.finished_at)).cloned().flatten();
        Run { failed_step: step.filter(|_| run.state == RunState::Failed), ..run.clone() }
    }
}
