//! A pull request with its previews: six steps, what each waits for, and how far behind the head it is.
//!
//! Like all views it knows no clock. Times are the sources' own where they tell them; what was only noticed is marked as
//! not exact.

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::TagDigest;
use crate::{
    observe,
    phrase::Said,
    text::Text,
    words::{Confidence, PreviewState, RoundEnd, StepKind, StepState, TraceMethod, Turn},
};

/// A pull request, known from its forge, from an Application, or from both.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pull {
    /// `REPOSITORY#NUMBER`; with `FORGE:` before it for all forges but the first. The id of its environment where it
    /// is not known which pull request a preview belongs to.
    pub id: Text,
    /// `forge/NAME`, where one is configured that knows it.
    pub forge: Option<Text>,
    /// Path on the forge: `accounts/control-panel`, `group/sub/project`.
    pub repository: Option<Text>,
    pub number: Option<u64>,
    /// Its page on the forge, where known; `https` or `http` only.
    pub url: Option<Text>,
    /// What the forge says; `None`: no forge was asked, or it does not know it.
    pub request: Option<Arc<observe::Pull>>,
    /// Of all its previews the one that needs a look first.
    pub state: PreviewState,
    /// One per Application, and one per generator that should have made one; those that need a look first.
    pub previews: Vec<Preview>,
    /// What cannot be said, and why: no forge configured, a set that cannot be read.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub missing: Vec<Said>,
    /// Names of sources that it rests on, sorted.
    pub sources: Vec<Text>,
}

impl Pull {
    /// One of which nothing is known but its id.
    pub(crate) fn unknown(id: &Text) -> Self {
        Self {
            id: Text::clone(id),
            forge: None,
            repository: None,
            number: None,
            url: None,
            request: None,
            state: PreviewState::Unknown,
            previews: Vec::new(),
            missing: Vec::new(),
            sources: Vec::new(),
        }
    }

    /// What its first preview waits for.
    #[must_use]
    pub fn waits(&self) -> Option<&Waits> {
        self.previews.first()?.waits.as_ref()
    }

    /// The order of lists: by forge and repository, then the newest first; what has no number last.
    #[must_use]
    pub fn order(a: &Self, b: &Self) -> std::cmp::Ordering {
        let place = |pull: &Self| (pull.repository.is_none(), pull.forge.clone(), pull.repository.clone());
        place(a).cmp(&place(b)).then(b.number.cmp(&a.number)).then_with(|| a.id.cmp(&b.id))
    }

    /// `/pr/{repository}/{number}`, where both are known.
    #[must_use]
    pub fn path(&self) -> Option<String> {
        Some(format!("/pr/{}/{}", self.repository.as_ref()?, self.number?))
    }

    /// The preview of this environment.
    #[must_use]
    pub fn preview(&self, environment: &str) -> Option<&Preview> {
        self.previews.iter().find(|preview| preview.environment.as_deref() == Some(environment))
    }
}

/// One service's preview of a pull request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Preview {
    /// Id of its environment; `None`: there is no Application yet, or none any more.
    pub environment: Option<Text>,
    pub service: Option<Text>,
    /// `namespace/name` of the Application.
    pub application: Option<Text>,
    /// Name of the Argo CD instance.
    pub instance: Option<Text>,
    /// `namespace/name` of the ApplicationSet that makes it.
    pub set: Option<Text>,
    /// How the pull request was found.
    pub traced: Traced,
    pub state: PreviewState,
    /// The six, in order.
    pub steps: Vec<Step>,
    /// What it waits for now; `None`: nothing.
    pub waits: Option<Waits>,
    /// One per head that was seen, newest first, at most [`Preview::ROUNDS`].
    #[serde(default)]
    pub rounds: Vec<Round>,
    /// The commit that should run, as far as is known.
    pub head: Option<Text>,
    /// The commit that runs.
    pub deployed: Option<Deployed>,
    /// Commits between the deployed one and the head; `None`: not known.
    pub behind: Option<u32>,
    /// The head that the generator saw last, where its template writes it down.
    pub generated_for: Option<Text>,
    pub urls: Vec<Text>,
    /// When it was last healthy with all that was asked for; kept while the next commit is brought in.
    pub last_good: Option<LastGood>,
    /// The image that shows the commit: repository, with what runs of it.
    pub image: Option<(Text, TagDigest)>,
    pub created: Option<Timestamp>,
    pub deleting_since: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub finalizers: Vec<Text>,
    /// Pods ready and wanted.
    pub ready: i32,
    pub desired: i32,
}

impl Preview {
    /// Most rounds kept.
    pub const ROUNDS: usize = 20;

    /// A step by its kind.
    #[must_use]
    pub fn step(&self, kind: StepKind) -> Option<&Step> {
        self.steps.iter().find(|step| step.kind == kind)
    }

    /// The step that it stands at.
    #[must_use]
    pub fn here(&self) -> Option<&Step> {
        self.steps.iter().find(|step| matches!(step.state, StepState::Now | StepState::Stuck))
    }
}

/// How a preview was traced to its pull request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Traced {
    pub method: TraceMethod,
    pub confidence: Confidence,
    /// In words: "label landfall.dev/pr", "name template of ApplicationSet previews".
    pub by: Said,
    /// Pull requests between which it cannot be decided: `REPOSITORY#NUMBER`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub candidates: Vec<Text>,
}

/// One of the six steps.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Step {
    pub kind: StepKind,
    pub state: StepState,
    /// When it was done.
    pub at: Option<Timestamp>,
    /// False: done by then at the latest.
    pub exact: bool,
    /// Since what it follows: the step before, or the push that began the round.
    pub took: Option<SignedDuration>,
    /// What was seen.
    pub what: Option<Said>,
    /// Source that tells it.
    pub source: Option<Text>,
}

/// What a preview waits for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Waits {
    pub step: StepKind,
    /// One sentence.
    pub sentence: Said,
    /// What can be done, where somebody has to.
    pub way_out: Option<Said>,
    pub turn: Turn,
    /// Since when; `None`: not known.
    pub since: Option<Timestamp>,
    /// It does not go on by itself.
    pub stuck: bool,
}

/// Steps 3 to 6 of one head.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Round {
    /// The commit.
    pub sha: Text,
    /// First line of its message.
    pub title: Option<Text>,
    /// When it became the head, as far as that is told.
    pub began: Option<Timestamp>,
    pub pushed: Option<Timestamp>,
    pub picked: Option<Timestamp>,
    pub synced: Option<Timestamp>,
    pub healthy: Option<Timestamp>,
    /// Tag of its image.
    pub tag: Option<Text>,
    pub end: RoundEnd,
}

/// The commit that runs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Deployed {
    pub sha: Text,
    /// How it is known: by the image that runs, or by the revision that was synced.
    pub by: Said,
}

/// A preview that could be used.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LastGood {
    /// The commit that ran.
    pub sha: Option<Text>,
    pub url: Option<Text>,
    /// Since when.
    pub at: Timestamp,
}
