//! How an image stands against what was pushed: what should run, what Image Updater would pick, and why not the newer.

use std::sync::Arc;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::Proof;
use crate::{
    observe::ObjectName,
    phrase::Said,
    said,
    text::Text,
    updater::{
        Pick,
        settings::{ImageSettings, WritesBack},
        trap::{Cause, Expected, State},
    },
};

/// How an image stands against what was pushed. Like all views it knows no clock: see [`Outlook::state_at`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Outlook {
    /// Once patience has run out; see [`Outlook::state_at`].
    pub state: State,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cause: Option<Cause>,
    pub summary: Said,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub proof: Vec<Proof>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub way_out: Option<Said>,
    /// The build that should run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expected: Option<Expected>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub would_pick: Option<Pick>,
    /// When it began to be wrong.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub since: Option<Timestamp>,
    /// Until then it may still come by itself: one look at the registry, or two of the updater.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub settles_at: Option<Timestamp>,
    /// What holds for the image. `None`: nothing manages it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub policy: Option<Arc<PolicyInForce>>,
    /// Address of the repository that the newest image says it is built from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub built_from: Option<Text>,
}

/// What holds for an image, and who says so.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PolicyInForce {
    /// The `ImageUpdater` object; `None` where annotations alone are read (v0.x).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub object: Option<ObjectName>,
    /// Of the reference that takes the Application in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name_pattern: Option<Text>,
    pub from_annotations: bool,
    /// Further objects that take the same Application in: nobody says which of them wins.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub also: Vec<ObjectName>,
    pub write_back: WritesBack,
    pub image: ImageSettings,
}

impl Outlook {
    /// The state at a moment: what has still time is on its way.
    #[must_use]
    pub fn state_at(&self, now: Timestamp) -> State {
        if self.is_early(now) { State::OnItsWay } else { self.state }
    }

    /// The sentence at a moment.
    #[must_use]
    pub fn summary_at(&self, now: Timestamp) -> Said {
        match &self.expected {
            Some(expected) if self.is_early(now) => {
                said!("outlook-early", "{tag} was pushed just now", tag = expected.tag)
            }
            _ => self.summary.clone(),
        }
    }

    /// Something newer is there and does not run, whatever the reason.
    #[must_use]
    pub const fn is_behind(&self) -> bool {
        !matches!(self.state, State::Fine) && self.expected.is_some()
    }

    fn is_early(&self, now: Timestamp) -> bool {
        let may_come = matches!(self.state, State::Trapped | State::Unknown) && self.expected.is_some();
        may_come && self.settles_at.is_some_and(|at| now < at)
    }
}
