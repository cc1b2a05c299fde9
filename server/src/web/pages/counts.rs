//! What happened since the last review, counted in history at most twice a minute, whatever is asked.

use std::{
    sync::{Mutex, PoisonError},
    time::Duration,
};

use jiff::Timestamp;
use landfall_app::data::ReviewCounts;
use landfall_model::words::TransitionKind;

use super::Ask;
use crate::{
    store::{HistoryQuery, StoreError},
    web::history::History,
};

/// How long counts are shown before they are made anew, and how long a page waits for new ones.
const FRESH_FOR: i64 = 30;
/// How long nobody waits after one has waited in vain: a database that hangs delays one page in so many seconds.
const REST: i64 = 10;
pub(super) const PATIENCE: Duration = Duration::from_millis(400);

/// The newest counts of the live view.
#[derive(Default)]
pub(super) struct Counts {
    known: Mutex<Option<Known>>,
    /// One request counts; the others show what is known. Holds when one waited in vain.
    counting: tokio::sync::Mutex<Option<Timestamp>>,
}

#[derive(Clone, Copy)]
struct Known {
    since: Timestamp,
    at: Timestamp,
    counts: ReviewCounts,
}

impl Ask {
    /// Counts from `since` to `until`, or to now. `None` where history cannot tell.
    pub(super) async fn review_counts(
        &self,
        since: Timestamp,
        until: Option<Timestamp>,
    ) -> Option<ReviewCounts> {
        let history = self.state.history.as_deref()?;
        let now = self.state.now();
        if let Some(until) = until {
            return tokio::time::timeout(PATIENCE, count(history, since, until)).await.ok()?.ok()?;
        }
        let known = self.counts.known(since);
        if let Some(known) = known.filter(|known| now.as_second() - known.at.as_second() < FRESH_FOR) {
            return Some(known.counts);
        }
        let Ok(mut in_vain) = self.counts.counting.try_lock() else { return known.map(|k| k.counts) };
        if in_vain.is_some_and(|at| now.as_second() - at.as_second() < REST) {
            return known.map(|k| k.counts);
        }
        match tokio::time::timeout(PATIENCE, count(history, since, now)).await {
            Ok(Ok(None)) => None,
            Ok(Ok(Some(counts))) => {
                let mut slot = self.counts.known.lock().unwrap_or_else(PoisonError::into_inner);
                *slot = Some(Known { since, at: now, counts });
                *in_vain = None;
                Some(counts)
            }
            // Old figures are better than none; the page's banner says that the database is away.
            _ => {
                *in_vain = Some(now);
                known.map(|k| k.counts)
            }
        }
    }
}

impl Counts {
    fn known(&self, since: Timestamp) -> Option<Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner).filter(|known| known.since == since)
    }
}

/// `None` where nothing is known of that time at all.
async fn count(
    history: &dyn History,
    since: Timestamp,
    until: Timestamp,
) -> Result<Option<ReviewCounts>, StoreError> {
    let Some(begins) = history.earliest().await?.filter(|begins| *begins < until) else { return Ok(None) };
    let begins = Some(begins).filter(|begins| *begins > since);
    let (deploys, rolled_back) = sums(history, TransitionKind::Revision, since, until).await?;
    let (_, failed) = sums(history, TransitionKind::Operation, since, until).await?;
    // Findings, not lines of the timeline: one that comes and goes within its grace time is one.
    let opened = history.count_findings_opened(since, until).await?;
    let closed = history.count_findings_closed(Some(since), Some(until)).await?;
    Ok(Some(ReviewCounts { begins, deploys: deploys + rolled_back, failed, rolled_back, opened, closed }))
}

/// How many changes of a kind were for the better and for the worse.
async fn sums(
    history: &dyn History,
    kind: TransitionKind,
    since: Timestamp,
    until: Timestamp,
) -> Result<(u64, u64), StoreError> {
    let query =
        HistoryQuery { kinds: vec![kind], since: Some(since), until: Some(until), ..HistoryQuery::default() };
    let whole = until.duration_since(since).unsigned_abs() + Duration::from_secs(1);
    let bars = history.histogram(&query, since, until, whole).await?;
    Ok(bars.iter().fold((0, 0), |(good, bad), bar| (good + bar.good, bad + bar.bad)))
}
