//! Without a database: the pages live on, nothing is kept, and that is said.

use std::time::Duration;

use landfall_model::index::Stored;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use super::{End, Engine, Role, pace::Pace};
use crate::store::{Leadership, StoreError, WriterState, WriterStatus};

/// How often is looked for the database: soon at first, for a first start only waits for its tables.
const FIRST_LOOK: Duration = Duration::from_millis(50);
const LOOK: Duration = Duration::from_secs(2);
/// A database that is only restarting is waited for this long before collectors start.
const PATIENCE: Duration = Duration::from_secs(5);

impl Engine {
    /// Collects and shows until the database answers.
    pub(super) async fn detached(
        &self,
        why: StoreError,
        _leadership: &mut watch::Receiver<Leadership>,
        shutdown: &CancellationToken,
    ) -> anyhow::Result<End> {
        tracing::warn!(error = %why, "no database: pages are live, history is not kept until it answers");
        self.publisher.tell(|s| {
            s.role = Role::Detached;
            s.leader = None;
        });
        self.publisher.writes(WriterStatus {
            state: WriterState::Retrying,
            error: Some(why.to_string()),
            ..WriterStatus::default()
        });
        let waited = tokio::time::timeout(PATIENCE, self.answers());
        tokio::select! {
            () = shutdown.cancelled() => return Ok(End::Shutdown),
            back = waited => if back.is_ok() { return Ok(End::Turn) },
        }
        let mut collecting = self.collect([], &[], None);
        let mut index = self.index(Stored::default())?;
        let mut pace = Pace::new();
        let answers = self.answers();
        tokio::pin!(answers);
        let end = loop {
            tokio::select! {
                biased;
                () = shutdown.cancelled() => break End::Shutdown,
                () = &mut answers => break End::Turn,
                () = tokio::time::sleep_until(pace.due()) => { self.step(&mut index, &mut pace); }
                open = collecting.next(&mut index) => {
                    anyhow::ensure!(open, "the collectors ended by themselves");
                    pace.stir();
                }
            }
        };
        collecting.stop().await;
        Ok(end)
    }

    /// Returns once the database answers.
    async fn answers(&self) {
        let mut wait = FIRST_LOOK;
        loop {
            tokio::time::sleep(wait).await;
            wait = (wait * 2).min(LOOK);
            // Reads a table: a database without tables is no better than none.
            match self.store.earliest().await {
                Ok(_) => return,
                Err(error) => tracing::debug!(%error, "the database is still away"),
            }
        }
    }
}
