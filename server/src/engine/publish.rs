//! What the engine tells the rest of the process.

use std::sync::Arc;

use landfall_model::{Text, index::Step, view::Snapshot, words::SourceState};
use tokio::sync::watch;

use crate::{
    store::WriterStatus,
    web::events::{Events, RevisionEvent},
};

/// A line in the log for each source that began to fail, or is well again.
fn log_sources(before: &Snapshot, after: &Snapshot) {
    for (name, source) in &after.sources {
        let was = before.sources.get(name).map(|source| source.state);
        if was == Some(source.state) {
            continue;
        }
        let error = source.error.as_deref().unwrap_or_default();
        let (source, state, was) = (name, source.state, was.map_or("unknown", SourceState::as_str));
        match state {
            SourceState::Ok | SourceState::Starting | SourceState::Off => {
                tracing::info!(%source, %state, was, "source");
            }
            _ => tracing::warn!(%source, %state, was, error, "source"),
        }
    }
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
    /// Every kind of every source was read, or is known to be out of reach.
    pub complete: bool,
}

/// The channels out of the engine.
pub struct Publisher {
    snapshot: watch::Sender<Arc<Snapshot>>,
    status: watch::Sender<EngineStatus>,
    writer: watch::Sender<WriterStatus>,
    events: Arc<Events>,
}

impl std::fmt::Debug for Publisher {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Publisher").field("revision", &self.revision()).finish_non_exhaustive()
    }
}

impl Default for Publisher {
    fn default() -> Self {
        Self {
            snapshot: watch::channel(Arc::default()).0,
            status: watch::channel(EngineStatus::default()).0,
            writer: watch::channel(WriterStatus::default()).0,
            events: Events::new(0),
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

    /// Follows how writing goes, of whichever tenure writes.
    pub fn writer(&self) -> watch::Receiver<WriterStatus> {
        self.writer.subscribe()
    }

    /// Where open tabs are told.
    pub fn events(&self) -> &Arc<Events> {
        &self.events
    }

    /// Revision of the view that is shown.
    pub fn revision(&self) -> u64 {
        self.snapshot.borrow().revision
    }

    /// Shows the last known view, before the first step.
    pub(super) fn remember(&self, view: Snapshot) {
        self.snapshot.send_replace(Arc::new(view));
    }

    /// Shows a step to everybody: the view first, then the word of it.
    pub(super) fn step(&self, step: &Step) {
        let before = self.snapshot.send_replace(Arc::clone(&step.snapshot));
        log_sources(&before, &step.snapshot);
        if step.changed {
            let changed = step.changed_ids.clone();
            self.events.publish(RevisionEvent { revision: step.snapshot.revision, changed });
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

    /// How writing goes now.
    pub(super) fn writes(&self, status: WriterStatus) {
        self.writer.send_if_modified(|known| {
            let differs = *known != status;
            *known = status;
            differs
        });
    }
}
