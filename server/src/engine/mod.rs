//! The engine: one task that owns the index, publishes snapshots and hands each step to the store.

use landfall_model::{
    Text,
    index::SourceReport,
    observe::{ObjectName, Observation, Scope, Version},
};
use tokio::sync::mpsc;

/// What collectors send.
#[derive(Debug, Clone)]
pub enum Change {
    Apply(Observation),
    Delete { scope: Scope, name: ObjectName, version: Version },
    /// A complete list: what it does not hold is gone. `version` is the list's own. `within` is the namespace that was
    /// listed where a watch is restricted to one; `None` means everywhere.
    Reset { scope: Scope, within: Option<Text>, items: Vec<Observation>, version: Version },
    Report(SourceReport),
}

/// The way into the engine. Bounded: a collector waits when the engine is busy.
pub type Inbox = mpsc::Sender<Change>;
