//! Rules about pull requests and their previews: each looks at one pull request's view.

use jiff::{SignedDuration, Timestamp};

use super::{Candidate, proof, short};
use crate::{
    phrase::Said,
    said,
    text::Text,
    view::{Preview, Proof, Pull, Subject},
    words::{Rule, StepKind, StepState, SubjectKind, Turn},
};

mod generator_lag;
mod preview_behind;
mod preview_leftover;
mod preview_stuck;
mod workflow_failed;

/// What a rule of pull requests looks at.
#[derive(Debug, Clone, Copy)]
pub struct Context<'a> {
    pub pull: &'a Pull,
    /// ApplicationSets that make previews.
    pub sets: &'a [SetPace],
}

/// How often an ApplicationSet's generator looks, and what it does then.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SetPace {
    /// `namespace/name`.
    pub name: Text,
    /// Argo CD instance.
    pub instance: Text,
    pub interval: SignedDuration,
    /// It does not write new heads onto Applications that exist.
    pub never_updates: bool,
}

/// A rule of pull requests.
pub type PullRule = fn(&Context<'_>) -> Option<Candidate>;

/// Every rule of pull requests.
pub const RULES: &[PullRule] = &[
    preview_stuck::check,
    preview_behind::check,
    preview_leftover::check,
    workflow_failed::check,
    generator_lag::check,
];

impl Context<'_> {
    fn candidate(&self, rule: Rule, began: Option<Timestamp>, summary: Said, way_out: Said) -> Candidate {
        let link = self.pull.url.as_ref().filter(|url| url.starts_with("https://"));
        Candidate {
            rule,
            subject: Subject { kind: SubjectKind::Pull, name: Text::clone(&self.pull.id) },
            began,
            grace: None,
            summary: short(summary),
            proof: Vec::new(),
            way_out,
            link: link.cloned(),
        }
    }

    fn pace(&self, preview: &Preview) -> Option<&SetPace> {
        let of = |it: &&SetPace| {
            Some(&it.name) == preview.set.as_ref() && Some(&it.instance) == preview.instance.as_ref()
        };
        self.sets.iter().find(of)
    }

    fn forge(&self) -> Text {
        self.pull.forge.clone().unwrap_or_else(|| Text::from("forge"))
    }
}

/// A step's name.
pub(crate) fn step(kind: StepKind) -> Said {
    match kind {
        StepKind::Labelled => said!("step-labelled", "labelled"),
        StepKind::Created => said!("step-created", "Application created"),
        StepKind::Pushed => said!("step-pushed", "image pushed"),
        StepKind::Picked => said!("step-picked", "picked"),
        StepKind::Synced => said!("step-synced", "synced"),
        StepKind::Healthy => said!("step-healthy", "healthy"),
    }
}

/// Whose turn it is, in words.
fn turn(turn: Turn) -> Said {
    match turn {
        Turn::Author => said!("turn-author", "the author"),
        Turn::Ci => said!("turn-ci", "the workflow"),
        Turn::ImageUpdater => said!("turn-image-updater", "Image Updater"),
        Turn::ArgoCd => said!("turn-argocd", "Argo CD"),
        Turn::Cluster => said!("turn-cluster", "the cluster"),
        Turn::Operator => said!("turn-operator", "the operators"),
    }
}

/// The steps that are done, with their times.
fn done(preview: &Preview) -> Vec<Proof> {
    let steps = preview.steps.iter().filter(|step| step.state == StepState::Done);
    let told = steps.filter_map(|it| {
        let when = it.at?;
        Some(proof(step(it.kind), when.to_string(), it.source.as_ref()?, Some(when)))
    });
    told.collect()
}
