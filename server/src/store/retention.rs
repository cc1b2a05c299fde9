//! Tidying up: old months are dropped as whole tables, leftovers purged in small deletes.

use std::time::Duration;

use jiff::{SignedDuration, Span};
use sqlx::{Connection as _, PgConnection};

use super::{
    Store, StoreError,
    statement::{finding, head, observation, partition, pull},
    text::{month_of, start_of},
};

/// How long a follower may be behind and still learn that an object is gone.
const TOMBSTONES_FOR: SignedDuration = SignedDuration::from_hours(24);

/// How often a month is tried that readers are at, and the pause between.
const TRIES: u32 = 10;
const PAUSE: Duration = Duration::from_millis(500);

/// How much of the past to keep.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Retention {
    /// Whole months before the present one; 0 keeps everything. The database keeps the last two in any case.
    pub months: u16,
}

/// What was removed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Retained {
    /// Another replica was at it; nothing was done.
    pub busy: bool,
    /// Dropped tables.
    pub dropped: Vec<String>,
    pub tombstones: u64,
    pub seen: u64,
    pub findings: u64,
    /// Pull requests that are gone, and steps of previews.
    pub pulls: u64,
}

impl Store {
    /// Removes what is older than `keep` says, a month at a time. Any replica may call it, at any time; once a day will
    /// do. It gives way to readers: nobody waits behind it for longer than a fifth of a second, and where a table is in
    /// use each time that it looks it fails with [`StoreError::TooSlow`]; what is left is for the next call.
    pub async fn retain(&self, keep: Retention) -> Result<Retained, StoreError> {
        let mut conn = self.own_connection("landfall upkeep").await?;
        let mut done = Retained::default();
        let mut tx = conn.begin().await?;
        if !self.measure("lock_tidying", partition::lock_tidying(&mut tx)).await? {
            return Ok(Retained { busy: true, ..done });
        }
        self.measure("allow_time", partition::allow_time(&mut tx)).await?;
        self.purge(&mut tx, keep, &mut done).await?;
        self.measure("commit", tx.commit()).await?;
        if keep.months == 0 {
            return Ok(done);
        }
        let mut tries = 0;
        loop {
            match self.drop_month(&mut conn, keep).await {
                Ok(dropped) if dropped.is_empty() => return Ok(done),
                Ok(dropped) => done.dropped.extend(dropped),
                Err(StoreError::TooSlow(_)) if tries < TRIES => {
                    tries += 1;
                    tokio::time::sleep(PAUSE).await;
                }
                Err(error) => return Err(error),
            }
        }
    }

    /// Takes the oldest month off; gives the names of its tables, or none where nothing is old enough.
    async fn drop_month(&self, conn: &mut PgConnection, keep: Retention) -> Result<Vec<String>, StoreError> {
        let mut tx = conn.begin().await?;
        if !self.measure("lock_tidying", partition::lock_tidying(&mut tx)).await? {
            return Ok(Vec::new());
        }
        self.measure("allow_time", partition::allow_time(&mut tx)).await?;
        let now = self.measure("clock", partition::clock(&mut tx)).await?;
        let first = month_of(now).saturating_sub(Span::new().months(keep.months));
        let dropped = self.measure("drop_months", partition::drop_months(&mut tx, start_of(first))).await?;
        self.measure("commit", tx.commit()).await?;
        self.forget_months();
        Ok(dropped)
    }

    async fn purge(
        &self,
        tx: &mut PgConnection,
        keep: Retention,
        done: &mut Retained,
    ) -> Result<(), StoreError> {
        let now = self.measure("clock", partition::clock(tx)).await?;
        let day_ago = now.saturating_sub(TOMBSTONES_FOR).unwrap_or(now);
        let (tombstones, seq) = self.measure("purge_tombstones", observation::purge(tx, day_ago)).await?;
        if let Some(seq) = seq {
            self.measure("set_purged", head::set_purged(tx, seq)).await?;
        }
        let first = month_of(now).saturating_sub(Span::new().months(keep.months));
        let ended_before = if keep.months == 0 { jiff::Timestamp::UNIX_EPOCH } else { start_of(first) };
        done.tombstones = tombstones;
        done.findings = self.measure("purge_findings", finding::purge(tx, ended_before, day_ago)).await?;
        done.pulls = self.measure("purge_pulls", pull::purge(tx, ended_before)).await?;
        done.seen = self.measure("purge_seen", partition::purge_seen(tx, now)).await?;
        Ok(())
    }
}
