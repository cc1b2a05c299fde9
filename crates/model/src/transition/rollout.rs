//! Rollouts: what one deployment changed, folded into one line of a timeline.
//!
//! A deployment is eight to twelve transitions: out of sync, an operation runs and ends, pods come and go, an image
//! replaces another, health comes back. They are stored one by one; a reader wants the one sentence they make.

use std::{collections::BTreeMap, sync::Arc};

use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

use super::Transition;
use crate::{
    phrase::{Arg, LIST, Said},
    words::TransitionKind,
};

/// Steps further apart than this belong to different rollouts: a Deployment's default progress deadline (600 s,
/// Kubernetes API reference, `progressDeadlineSeconds`) and half as much again for who notices it.
const QUIET: SignedDuration = SignedDuration::from_mins(15);

/// One line of a timeline.
#[derive(Debug, Clone, PartialEq)]
pub enum Line {
    /// A transition that stands for itself.
    One(Arc<Transition>),
    /// Two and more that are one deployment.
    Rollout(Rollout),
}

/// The transitions of one deployment of one Application.
#[derive(Debug, Clone, PartialEq)]
pub struct Rollout {
    /// Newest first, at least two, all of the same entity.
    steps: Vec<Arc<Transition>>,
}

/// What a rollout has come to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// Its operation ended well, and health came back.
    Done,
    /// It is on its way.
    Moving,
    /// It ended and lives, yet is not what Git says: somebody changed it by hand.
    Drifted,
    /// Its operation failed, or what it brought does not run.
    Bad,
}

/// Folds a stretch of history, newest first, into lines, newest first by their newest step. Each transition is in exactly
/// one line. A rollout that reaches beyond the stretch is folded as far as it is in it.
#[must_use]
pub fn fold(newest_first: &[Arc<Transition>]) -> Vec<Line> {
    let mut entities: BTreeMap<&str, Vec<&Arc<Transition>>> = BTreeMap::new();
    for transition in newest_first.iter().filter(|t| is_step(t)) {
        entities.entry(&transition.entity).or_default().push(transition);
    }
    // Which rollout a transition belongs to; `lines` holds each once, at its newest step.
    let mut of: BTreeMap<uuid::Uuid, usize> = BTreeMap::new();
    let mut rollouts: Vec<Option<Rollout>> = Vec::new();
    for mut steps in entities.into_values() {
        steps.sort_by_key(|t| (t.at, t.noticed_at, order_within(t)));
        for group in groups(&steps) {
            if !is_rollout(group) {
                continue;
            }
            of.extend(group.iter().map(|t| (t.id, rollouts.len())));
            rollouts.push(Some(Rollout { steps: group.iter().rev().map(|t| Arc::clone(t)).collect() }));
        }
    }
    let line = |transition: &Arc<Transition>| match of.get(&transition.id) {
        None => Some(Line::One(Arc::clone(transition))),
        Some(at) => rollouts[*at].take().map(Line::Rollout),
    };
    newest_first.iter().filter_map(line).collect()
}

impl Rollout {
    /// Newest first.
    #[must_use]
    pub fn steps(&self) -> &[Arc<Transition>] {
        &self.steps
    }

    /// The step that came last.
    #[must_use]
    pub fn newest(&self) -> &Arc<Transition> {
        &self.steps[0]
    }

    /// The step that came first: it stays the same while the rollout goes on.
    #[must_use]
    pub fn oldest(&self) -> &Arc<Transition> {
        &self.steps[self.steps.len() - 1]
    }

    /// From what to what image, where one was replaced.
    #[must_use]
    pub fn image(&self) -> Option<(&Value, &Value)> {
        let last = self.last(TransitionKind::Image)?;
        let of_same = |t: &&Arc<Transition>| t.kind == TransitionKind::Image && t.subject == last.subject;
        let first = self.steps.iter().rev().find(of_same)?;
        Some((&first.from, &last.to))
    }

    /// The deployment that Argo CD recorded, where it did.
    #[must_use]
    pub fn revision(&self) -> Option<&Arc<Transition>> {
        self.last(TransitionKind::Revision)
    }

    /// What Argo CD's record says beside the commit: by whom, and whether it went back. What automation deployed, and that it
    /// was deployed at all, goes without saying.
    #[must_use]
    pub fn words(&self) -> Vec<&Said> {
        let Some(phrase) = self.revision().and_then(|step| step.detail_phrase.as_deref()) else {
            return Vec::new();
        };
        let Some(Arg::Phrases(parts)) = phrase.arg(LIST) else { return Vec::new() };
        let tells = |said: &&Said| {
            said.phrase.as_ref().is_some_and(|part| match &*part.id {
                "rolled-back" => true,
                "by" => part.arg("who") != Some(&Arg::Text("automated".into())),
                _ => false,
            })
        };
        parts.iter().filter(tells).collect()
    }

    /// The step that says what is wrong, where something is.
    #[must_use]
    pub fn trouble(&self) -> Option<&Arc<Transition>> {
        [TransitionKind::Health, TransitionKind::Operation]
            .into_iter()
            .filter_map(|kind| self.last(kind))
            .find(|step| step.bad)
    }

    /// What it has come to so far.
    #[must_use]
    pub fn outcome(&self) -> Outcome {
        if self.trouble().is_some() {
            return Outcome::Bad;
        }
        let to = |kind| self.last(kind).and_then(|step| step.to.as_str());
        let runs = matches!(to(TransitionKind::Operation), Some("Running" | "Terminating"));
        let waits = matches!(to(TransitionKind::Health), Some("Progressing" | "Missing" | "Unknown"));
        match to(TransitionKind::Sync) {
            _ if runs || waits => Outcome::Moving,
            Some("OutOfSync") => Outcome::Drifted,
            _ => Outcome::Done,
        }
    }

    /// How long until its operation ended well.
    #[must_use]
    pub fn synced_after(&self) -> Option<SignedDuration> {
        self.after(TransitionKind::Operation, "Succeeded")
    }

    /// How long until health had come back.
    #[must_use]
    pub fn healthy_after(&self) -> Option<SignedDuration> {
        self.after(TransitionKind::Health, "Healthy")
    }

    fn last(&self, kind: TransitionKind) -> Option<&Arc<Transition>> {
        self.steps.iter().find(|step| step.kind == kind)
    }

    fn after(&self, kind: TransitionKind, word: &str) -> Option<SignedDuration> {
        let step = self.last(kind).filter(|step| step.to == word)?;
        Some(step.at.duration_since(self.oldest().at))
    }
}

/// Kinds that a rollout is made of.
fn is_step(transition: &Transition) -> bool {
    use TransitionKind::{Appeared, Health, Image, Operation, Replicas, Revision, Sync};
    transition.environment.is_some()
        && matches!(transition.kind, Sync | Health | Operation | Revision | Image | Replicas | Appeared)
}

/// Within one second, what begins comes before what follows from it.
fn order_within(transition: &Transition) -> u8 {
    match transition.kind {
        TransitionKind::Appeared => 0,
        _ if begins(transition) && transition.kind == TransitionKind::Sync => 1,
        _ if begins(transition) => 2,
        _ => 3,
    }
}

/// Whether a rollout may begin with it.
fn begins(transition: &Transition) -> bool {
    match transition.kind {
        TransitionKind::Sync => transition.to == "OutOfSync",
        TransitionKind::Operation => transition.to == "Running",
        TransitionKind::Appeared => true,
        _ => false,
    }
}

/// Cuts the steps of one entity, oldest first, where one rollout ends and another begins.
fn groups<'a, 'b>(steps: &'b [&'a Arc<Transition>]) -> impl Iterator<Item = &'b [&'a Arc<Transition>]> {
    let (mut settled, mut last): (bool, Option<Timestamp>) = (false, None);
    let mut starts = vec![0];
    for (at, step) in steps.iter().enumerate() {
        let quiet = last.is_some_and(|last| step.at.duration_since(last) > QUIET);
        if at > 0 && (quiet || (settled && begins(step))) {
            starts.push(at);
            settled = false;
        }
        // From here on what begins is another deployment: this one's operation has ended, or its image is there.
        settled |= step.kind == TransitionKind::Image
            || (step.kind == TransitionKind::Operation && step.to != "Running" && step.to != "Terminating");
        last = Some(step.at);
    }
    starts.push(steps.len());
    (1..starts.len()).map(move |n| &steps[starts[n - 1]..starts[n]]).filter(|group| !group.is_empty())
}

/// Only what deployed something is folded; a drift or a pod that fell over stands for itself.
fn is_rollout(group: &[&Arc<Transition>]) -> bool {
    let deploys = |t: &&Arc<Transition>| matches!(t.kind, TransitionKind::Image | TransitionKind::Revision);
    group.len() > 1 && group.iter().any(deploys)
}
