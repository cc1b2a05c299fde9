//! What happened, and what is not known of it.

use jiff::Timestamp;
use landfall_model::{Text, words::TransitionKind};
use serde_json::Value;
use uuid::Uuid;

use crate::web::api::schema::api_type;

api_type! {
    /// A change of meaning.
    Transition {
        /// Stable id: the same change has the same id.
        id: Uuid,
        /// When it happened, by the source's time where it tells one.
        at: Timestamp,
        /// When Landfall noticed.
        noticed_at: Timestamp,
        /// Service it is about.
        service: Option<Text>,
        /// Name of the environment.
        environment: Option<Text>,
        /// The environment's id, or a source's name.
        entity: Text,
        /// What changed.
        kind: TransitionKind,
        /// Value before: a string, a number, tag and digest, or null.
        from: Value,
        /// Value after.
        to: Value,
        /// Words that go with it.
        detail: Option<Text>,
        /// It reads as a change for the worse.
        bad: bool,
        /// Source that told it.
        source: Text,
        /// Object it is about.
        subject: Text,
    }
}

api_type! {
    /// A span for which history is incomplete. The list has one line of kind `gap` under the same id.
    Gap {
        /// That of its line.
        id: Uuid,
        /// Where it begins.
        from: Timestamp,
        /// Where it ends.
        until: Timestamp,
        /// Changes known to be lost.
        lost: u64,
        /// Why.
        why: Text,
    }
}
