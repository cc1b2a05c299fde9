//! Housekeeping in the database while this replica leads: tables of the months, and what is too old to keep.

use std::time::Duration;

use crate::{
    store::{Epoch, Retention, Store, StoreError},
    watch::Backoff,
};

/// How often old partitions are looked for, and new ones are made.
const EVERY: Duration = Duration::from_hours(1);
/// After a failure it is tried again, soon at first: the database may only have been busy.
const FIRST_RETRY: Duration = Duration::from_secs(5);
const LONGEST_RETRY: Duration = Duration::from_mins(10);

/// Keeps house until it is aborted.
pub async fn keep(store: Store, epoch: Epoch, retention: Retention) {
    let mut turns = Turns::new();
    loop {
        let done = house(&store, &epoch, retention).await;
        tokio::time::sleep(turns.after(&done)).await;
    }
}

async fn house(store: &Store, epoch: &Epoch, retention: Retention) -> Result<(), StoreError> {
    store.begin_month(epoch).await?;
    let done = store.retain(retention).await?;
    tracing::debug!(?done, "housekeeping");
    Ok(())
}

/// When the next turn is due.
#[derive(Debug)]
struct Turns {
    backoff: Backoff,
    failures: u32,
}

impl Turns {
    fn new() -> Self {
        Self { backoff: Backoff::new(FIRST_RETRY, LONGEST_RETRY), failures: 0 }
    }

    /// How long to wait after a turn that ended so. Trouble is told once, and its end.
    fn after(&mut self, done: &Result<(), StoreError>) -> Duration {
        match done {
            Ok(()) => {
                let failures = std::mem::take(&mut self.failures);
                if failures > 0 {
                    tracing::info!(failures, "housekeeping in the database works again");
                }
                self.backoff.reset();
                EVERY
            }
            Err(error) => {
                let wait = self.backoff.wait();
                if self.failures == 0 {
                    tracing::warn!(%error, "housekeeping in the database failed; it is tried again soon");
                }
                self.failures += 1;
                tracing::debug!(%error, failures = self.failures, ?wait, "housekeeping failed");
                wait
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_failed_is_tried_again_soon_and_then_each_hour() {
        let mut turns = Turns::new();
        assert_eq!(turns.after(&Ok(())), EVERY);
        let busy = Err(StoreError::LeaseExpired);
        let waits: Vec<Duration> = (0..12).map(|_| turns.after(&busy)).collect();
        assert!(waits[..3].iter().all(|wait| *wait <= Duration::from_secs(30)), "{waits:?}");
        assert!(waits.iter().all(|wait| *wait <= LONGEST_RETRY), "{waits:?}");
        assert_eq!(turns.after(&Ok(())), EVERY);
        assert!(turns.after(&busy) <= FIRST_RETRY * 2, "after a success it is soon again");
    }
}
