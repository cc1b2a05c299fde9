//! The engine: one task that owns the index, publishes snapshots and hands each step to the store.
//!
//! ```text
//!   leadership (store::Lease)
//!      |-- Leader    lead:     load -> index; collectors -> inbox -> index -> publish, Writer
//!      |-- Follower  follow:   load -> index; Tail of what the leader wrote -> index -> publish
//!      '-- no database  detached: collectors -> inbox -> index -> publish; nothing is kept, and that is said
//! ```
//!
//! It runs on a thread of its own: working out ten thousand environments must not hold up a page.

mod absence;
mod collect;
mod detached;
mod follow;
mod house;
mod lead;
mod pace;
mod publish;
mod remember;

use std::{sync::Arc, time::Duration};

use landfall_model::{
    Text,
    index::{Index, PollReport, SourceReport, Stored},
    mapping::Mapper,
    observe::{ObjectName, Observation, Scope, Version},
    settings::Settings,
};
use tokio::sync::{mpsc, watch};
use tokio_util::sync::CancellationToken;

pub use self::publish::{EngineStatus, Publisher, Role};
use crate::{
    config::Config,
    hook::HookMetrics,
    store::{Leadership, Lease, Store},
    watch::WatchMetrics,
};

/// What collectors send.
#[derive(Debug, Clone)]
pub enum Change {
    Apply(Observation),
    Delete {
        scope: Scope,
        name: ObjectName,
        version: Version,
    },
    /// A complete list: what it does not hold is gone. `version` is the list's own. `within` is the namespace that was
    /// listed where a watch is restricted to one; `None` means everywhere.
    Reset {
        scope: Scope,
        within: Option<Text>,
        items: Vec<Observation>,
        version: Version,
    },
    Report(SourceReport),
    /// A source that is asked again and again.
    Polled(PollReport),
}

/// The way into the engine. Bounded: a collector waits when the engine is busy.
pub type Inbox = mpsc::Sender<Change>;

/// How many changes may wait in the inbox.
const INBOX: usize = 4_096;

/// How long a start waits to know who leads. A database that answers says it at once.
const FIRST_WORD: Duration = Duration::from_millis(300);

/// What the engine works with.
#[derive(Debug)]
pub struct Engine {
    pub config: Arc<Config>,
    pub store: Store,
    pub publisher: Arc<Publisher>,
    pub metrics: WatchMetrics,
    /// Counts what webhooks ask for.
    pub hooks: HookMetrics,
}

/// Why a part of the engine's life ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum End {
    /// Leadership changed, or the database came back: look again.
    Turn,
    Shutdown,
}

impl Engine {
    /// Runs until `shutdown`, on a thread of its own. The returned future ends with it.
    ///
    /// `lease` is given back at the end, after everything was written.
    pub async fn run(self, lease: Lease, shutdown: CancellationToken) -> anyhow::Result<()> {
        let handle = tokio::runtime::Handle::current();
        let (done, ended) = tokio::sync::oneshot::channel();
        std::thread::Builder::new().name("landfall-engine".to_owned()).spawn(move || {
            let result = handle.block_on(self.live(lease, shutdown));
            // Nobody waits only where the whole process is ending.
            let _ = done.send(result);
        })?;
        ended.await.map_err(|_| anyhow::anyhow!("the engine's thread panicked"))?
    }

    async fn live(self, lease: Lease, shutdown: CancellationToken) -> anyhow::Result<()> {
        let mut leadership = lease.leadership();
        self.show_last_known().await?;
        // Everything stored is loaded by who follows and again by who then leads: wait a moment to know which.
        let _ = tokio::time::timeout(FIRST_WORD, leadership.changed()).await;
        loop {
            let now = leadership.borrow_and_update().clone();
            let end = match &now {
                Leadership::Leader { epoch } => self.lead(epoch, &mut leadership, &shutdown).await?,
                Leadership::Follower { leader } => {
                    self.follow(leader.clone(), &mut leadership, &shutdown).await?
                }
            };
            if end == End::Shutdown {
                break;
            }
        }
        lease.release().await;
        Ok(())
    }

    /// Shows what the last run left, where the database is there and holds something.
    async fn show_last_known(&self) -> anyhow::Result<()> {
        match self.store.last_known().await {
            Ok(stored) if !stored.environments.is_empty() => {
                self.publisher.remember(remember::remembered(stored, &self.mapper()?));
            }
            Ok(_) => {}
            Err(error) => tracing::debug!(%error, "no last known view"),
        }
        Ok(())
    }

    fn mapper(&self) -> anyhow::Result<Mapper> {
        Mapper::new(&self.config.settings).map_err(|error| anyhow::anyhow!("the mapping rules: {error}"))
    }

    /// An index that goes on from what was stored. Its revision never goes back behind what was already shown.
    fn index(&self, mut stored: Stored) -> anyhow::Result<Index> {
        let settings: Settings = self.config.settings.clone();
        let mut index = Index::new(settings, self.mapper()?);
        stored.revision = stored.revision.max(self.publisher.revision());
        index.restore(stored);
        let plans =
            self.config.clusters.iter().flat_map(|cluster| crate::watch::plans(&self.config, cluster));
        index.expect(plans.map(|plan| (plan.scope, plan.within)).collect());
        Ok(index)
    }
}

/// Waits for a change of leadership that matters: from leading to not leading, or the other way, or another epoch.
async fn turned(leadership: &mut watch::Receiver<Leadership>, was: Option<&crate::store::Epoch>) {
    let was = was.cloned();
    if leadership.wait_for(|now| now.epoch().cloned() != was).await.is_err() {
        // The lease task is gone: nothing will change any more.
        std::future::pending::<()>().await;
    }
}

/// A pause that `shutdown` cuts short.
async fn pause(time: Duration, shutdown: &CancellationToken) {
    let _ = tokio::time::timeout(time, shutdown.cancelled()).await;
}
