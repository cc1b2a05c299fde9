//! Sources and their streams.

use jiff::Timestamp;
use landfall_model::{
    Text,
    words::{Kind, SourceKind, SourceState},
};

use crate::web::api::schema::api_type;

api_type! {
    /// A source and how it is doing.
    Source {
        /// Such as `cluster/prod`.
        name: Text,
        /// What sort of system.
        kind: SourceKind,
        /// How it is doing.
        state: SourceState,
        /// When that state began.
        since: Option<Timestamp>,
        /// When it was last read.
        last_success: Option<Timestamp>,
        /// Seconds since then.
        age_seconds: Option<i64>,
        /// The last error, in words.
        error: Option<Text>,
        /// Objects it holds.
        objects: u64,
        /// Objects that cannot be read.
        unreadable: u64,
        /// Requests that could be made at once; null for sources that are watched rather than polled.
        budget: Option<u64>,
        /// Requests in a minute, at most.
        budget_per_minute: Option<u32>,
        /// Requests that the source itself allows in its window, where it tells that; of a forge mostly in an hour.
        budget_limit: Option<u32>,
        /// Those of them that are left.
        budget_remaining: Option<u32>,
        /// When that window is over.
        budget_resets_at: Option<Timestamp>,
        /// Nothing is asked of it before.
        blocked_until: Option<Timestamp>,
        /// Why, in words.
        blocked_by: Option<Text>,
        /// One per kind that is watched.
        columns: Vec<Column>,
    }
}

api_type! {
    /// One kind within a source.
    Column {
        /// The kind of objects.
        kind: Kind,
        /// Namespace that is watched; null = all.
        namespace: Option<Text>,
        /// How it is doing.
        state: SourceState,
        /// When it was last read.
        last_success: Option<Timestamp>,
        /// The last error, in words.
        error: Option<Text>,
        /// Objects it holds.
        objects: u64,
        /// Objects that cannot be read.
        unreadable: u64,
    }
}
