//! Transitions: changes of meaning. A refresh is none.

pub mod diff;
pub mod rollout;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;

use crate::{phrase::Phrase, text::Text, words::TransitionKind};

/// One change of meaning.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Transition {
    /// Made from what changed, so that the same change noticed twice is stored once.
    pub id: Uuid,
    /// When it happened, by the source's own time where it tells one, else `noticed_at`.
    pub at: Timestamp,
    /// When Landfall noticed.
    pub noticed_at: Timestamp,
    pub service: Option<Text>,
    pub environment: Option<Text>,
    /// `instance:namespace/application`, or a source's name.
    pub entity: Text,
    pub kind: TransitionKind,
    /// Value before: a string, a number, `{"tag","digest"}`, or null.
    pub from: Value,
    pub to: Value,
    /// Words that go with it (an operation's message, a finding's summary), at most 1,000 characters.
    pub detail: Option<Text>,
    /// Its parts, where the sentence is ours.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detail_phrase: Option<Box<Phrase>>,
    /// Whether it reads as a change for the worse, for the lower half of the timeline.
    pub bad: bool,
    /// Source that told it.
    pub source: Text,
    /// Object it is about: `Deployment control-panel/control-panel`.
    pub subject: Text,
}
