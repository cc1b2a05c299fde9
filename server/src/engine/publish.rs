//! What the engine tells the rest of the process.

use std::sync::Arc;

use landfall_model::{Text, index::Step, view::Snapshot};
use tokio::sync::{broadcast, watch};

use crate::store::WriterStatus;

/// A change of meaning, for open tabs.
#[derive(Debug, Clone)]
pub struct RevisionEvent {
    pub revision: u64,
    /// `service/NAME`, `source/NAME`.
    pub changed: Arc<[Text]>,
}

/// What this replica does.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Role {
    /// Nothing was read yet.
    #[default]
    Starting,
    /// Collects and writes.
    Leader,
    /// Shows what the leader wrote.
    Follower,
    /// Collects; there is no database to write to or to follow.
    Detached,
}

impl Role {
    /// The word for pages, API and metrics.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Starting => "starting",
            Self::Leader => "leader",
            Self::Follower => "follower",
            Self::Detached => "detached",
        }
    }
}

/// How the engine is doing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct EngineStatus {
    pub role: Role,
    /// Name of the leader where that is another replica.
    pub leader: Option<Text>,
    /// How writing goes; only of a leader.
    pub writer: Option<WriterStatus>,
    /// Every kind of every source was read, or is known to be out of reach.
    pub complete: bool,
}

/// The channels out of the engine.
#[derive(Debug)]
pub struct Publisher {
    snapshot: watch::Sender<Arc<Snapshot>>,
    status: watch::Sender<EngineStatus>,
    events: broadcast::Sender<RevisionEvent>,
}

/// Events that a slow listener may be behind before it is told to reload.
const EVENTS: usize = 256;

impl Default for Publisher {
    fn default() -> Self {
        Self {
            snapshot: watch::channel(Arc::default()).0,
            status: watch::channel(EngineStatus::default()).0,
            events: broadcast::channel(EVENTS).0,
        }
    }
}

impl Publisher {
    /// Follows the view.
    pub fn snapshot(&self) -> watch::Receiver<Arc<Snapshot>> {
        self.snapshot.subscribe()
    }

    /// Follows how the engine is doing.
    pub fn status(&self) -> watch::Receiver<EngineStatus> {
        self.status.subscribe()
    }

    /// Follows changes of meaning from now on.
    pub fn events(&self) -> broadcast::Receiver<RevisionEvent> {
        self.events.subscribe()
    }

    /// Revision of the view that is shown.
    pub fn revision(&self) -> u64 {
        self.snapshot.borrow().revision
    }

    /// Shows a step to everybody: the view first, then the word of it.
    pub(super) fn step(&self, step: &Step) {
        self.snapshot.send_replace(Arc::clone(&step.snapshot));
        if step.changed {
            let changed = step.changed_ids.iter().cloned().collect();
            // Without listeners there is nobody to tell.
            let _ = self.events.send(RevisionEvent { revision: step.snapshot.revision, changed });
        }
    }

    /// Changes the status; tells only if it differs.
    pub(super) fn tell(&self, change: impl FnOnce(&mut EngineStatus)) {
        self.status.send_if_modified(|status| {
            let before = status.clone();
            change(status);
            *status != before
        });
    }
}
