//! How the writer is doing, as pages and metrics show it.

use jiff::{SignedDuration, Timestamp};

use super::Gap;

/// How writing goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum WriterState {
    /// Everything is written, or about to be.
    #[default]
    Ok,
    /// The database is away or slow; what comes waits.
    Retrying,
    /// The database answers but takes no writes (standby, or no space left); what comes waits.
    ReadOnly,
    /// Another replica leads; this writer has ended.
    Fenced,
    /// Stopped on request.
    Stopped,
}

/// What pages and metrics show of it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct WriterStatus {
    pub state: WriterState,
    /// Rows in waiting, those of a commit under way included.
    pub queued: usize,
    pub last_commit: Option<Timestamp>,
    /// Number of the last commit.
    pub last_seq: i64,
    /// Why it does not write, in words.
    pub error: Option<String>,
    /// Lost and not yet admitted in the database.
    pub gap: Option<Gap>,
    /// Rows that the database refused, since the start.
    pub refused: u64,
    /// Transitions that did not fit into the spool, since the start.
    pub dropped: u64,
    /// How far the database's clock is ahead of ours, where that is two seconds or more.
    pub skew: Option<SignedDuration>,
}
