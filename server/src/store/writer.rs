//! The writer: takes steps from the engine at once, writes them when the database lets it.
//!
//! The engine never waits for the database. What cannot be written yet waits in a [`Spool`]; what does not
//! fit is dropped, oldest first, and admitted as a gap once the database is back. A batch is tried until it
//! is written, this replica loses the lease, or the database refuses one of its values, in which case the
//! others are still written.

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use jiff::{SignedDuration, Timestamp};
use landfall_model::{index::Step, said};
use tokio::{
    sync::{Notify, watch},
    task::JoinHandle,
    time::Instant,
};
use tokio_util::sync::CancellationToken;

use super::{Batch, Committed, Epoch, Gap, Store, StoreError, WriterState, WriterStatus, pending::Spool};
use crate::clock;

/// Transitions that may wait.
pub const SPOOL_LIMIT: usize = 100_000;

/// At most one commit in this time; what comes in between goes together.
const COMMIT_EVERY: Duration = Duration::from_millis(250);
/// Pauses between tries while the database is away.
const FIRST_PAUSE: Duration = Duration::from_millis(100);
const LONGEST_PAUSE: Duration = Duration::from_secs(5);
/// Clocks that differ by less are taken as equal: measuring is no more exact than a busy connection.
const SKEW_LIMIT: SignedDuration = SignedDuration::from_secs(2);

struct Shared {
    spool: Mutex<Spool>,
    wake: Notify,
    tell: watch::Sender<WriterStatus>,
    skew: Mutex<SignedDuration>,
}

impl Shared {
    fn spool(&self) -> MutexGuard<'_, Spool> {
        self.spool.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn skew(&self) -> SignedDuration {
        *self.skew.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The writer of one tenure. Make a new one with each [`Epoch`], after [`Store::load`].
#[derive(Debug)]
pub struct Writer {
    shared: Arc<Shared>,
    stop: CancellationToken,
    task: JoinHandle<()>,
}

impl std::fmt::Debug for Shared {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Shared").finish_non_exhaustive()
    }
}

impl Writer {
    /// Starts writing under `epoch`. Needs a running Tokio runtime.
    pub fn start(store: Store, epoch: Epoch) -> Self {
        Self::with_limit(store, epoch, SPOOL_LIMIT)
    }

    /// The same with room for `limit` transitions in waiting.
    pub fn with_limit(store: Store, epoch: Epoch, limit: usize) -> Self {
        let shared = Arc::new(Shared {
            spool: Mutex::new(Spool::new(limit)),
            wake: Notify::new(),
            tell: watch::channel(WriterStatus::default()).0,
            skew: Mutex::new(SignedDuration::ZERO),
        });
        let stop = CancellationToken::new();
        let work = Work { store, epoch, shared: Arc::clone(&shared), parts: Vec::new(), pause: FIRST_PAUSE };
        let task = tokio::spawn(work.run(stop.clone()));
        Self { shared, stop, task }
    }

    /// Takes a step that was made at `at`, by one's own clock. Never waits.
    pub fn submit(&self, step: &Step, at: Timestamp) {
        self.submit_batch(Batch::of(step, at));
    }

    /// Takes rows. Never waits.
    pub fn submit_batch(&self, batch: Batch) {
        if batch.is_empty() {
            return;
        }
        let rows = batch.rows();
        let (dropped, gap) = {
            let mut spool = self.shared.spool();
            let dropped = spool.add(batch, self.shared.skew());
            (dropped, spool.gap().cloned())
        };
        self.shared.tell.send_modify(|status| {
            status.queued += rows;
            status.dropped += dropped as u64;
            status.gap = gap;
        });
        self.shared.wake.notify_one();
    }

    /// Follows how it goes.
    pub fn status(&self) -> watch::Receiver<WriterStatus> {
        self.shared.tell.subscribe()
    }

    /// Waits until everything taken so far is written; false where that takes longer than `patience` or
    /// cannot be.
    pub async fn flush(&self, patience: Duration) -> bool {
        let mut status = self.status();
        let done = status.wait_for(|status| {
            status.queued == 0 || matches!(status.state, WriterState::Fenced | WriterState::Stopped)
        });
        matches!(tokio::time::timeout(patience, done).await, Ok(Ok(status)) if status.queued == 0)
    }

    /// Writes what waits, for at most `patience`, and ends. Returns how many rows stayed unwritten: they are
    /// told again by their sources, to whoever leads next.
    pub async fn stop(self, patience: Duration) -> usize {
        if !self.flush(patience).await {
            tracing::warn!(queued = self.shared.tell.borrow().queued, "stopping with rows unwritten");
        }
        self.stop.cancel();
        if let Err(error) = self.task.await {
            tracing::error!(%error, "the writer failed");
        }
        self.shared.tell.borrow().queued
    }
}

struct Work {
    store: Store,
    epoch: Epoch,
    shared: Arc<Shared>,
    /// Taken from the spool and not yet written, in reverse order. The batch under way is the last.
    parts: Vec<Batch>,
    pause: Duration,
}

impl Work {
    async fn run(mut self, stop: CancellationToken) {
        if stop.run_until_cancelled(self.work()).await.is_none() {
            self.shared.tell.send_modify(|status| status.state = WriterState::Stopped);
        }
    }

    /// Ends when fenced.
    async fn work(&mut self) {
        loop {
            if self.parts.is_empty() {
                let next = self.shared.spool().take();
                let Some(batch) = next else {
                    self.tell_queued();
                    self.shared.wake.notified().await;
                    continue;
                };
                self.parts.push(batch);
            }
            self.tell_queued();
            let started = Instant::now();
            let Some(part) = self.parts.last() else { continue };
            let before = clock::now();
            match self.store.commit(&self.epoch, part).await {
                Ok(committed) => {
                    self.parts.pop();
                    self.written(committed, before);
                    if self.parts.is_empty() {
                        tokio::time::sleep_until(started + COMMIT_EVERY).await;
                    }
                }
                Err(StoreError::Fenced) => {
                    let unwritten = self.rows();
                    tracing::warn!(epoch = %self.epoch, unwritten, "another replica leads: what waited is dropped");
                    self.shared.tell.send_modify(|status| {
                        status.state = WriterState::Fenced;
                        status.error = Some(StoreError::Fenced.to_string());
                    });
                    return;
                }
                Err(error @ (StoreError::Refused(_) | StoreError::Unreadable { .. })) => self.divide(&error),
                Err(error) => self.wait(&error).await,
            }
        }
    }

    fn written(&mut self, committed: Committed, before: Timestamp) {
        self.pause = FIRST_PAUSE;
        let skew = committed.clock.duration_since(before);
        let skew = (skew.abs() >= SKEW_LIMIT).then_some(skew);
        *self.shared.skew.lock().unwrap_or_else(PoisonError::into_inner) =
            skew.unwrap_or(SignedDuration::ZERO);
        let queued = self.rows();
        let gap = self.shared.spool().gap().cloned();
        self.shared.tell.send_modify(|status| {
            if status.state != WriterState::Ok {
                tracing::info!(queued, "the database takes writes again");
            }
            status.state = WriterState::Ok;
            status.error = None;
            status.queued = queued;
            status.last_commit = Some(committed.clock);
            status.last_seq = committed.seq;
            status.gap = gap;
            status.skew = skew;
        });
    }

    /// Cuts a refused batch in two until the value that is refused stands alone, and leaves that out.
    fn divide(&mut self, error: &StoreError) {
        let Some(part) = self.parts.pop() else { return };
        let what = describe(&part);
        let at = part.moments().next().unwrap_or_else(clock::now);
        if let Some((first, second)) = part.halves() {
            self.parts.extend([second, first]);
            return;
        }
        tracing::error!(%error, row = what, "the database refuses a row; it is left out");
        let why = said!("row-refused", "the database refused a row");
        self.shared.spool().lose(Gap { from: at, until: at, lost: 1, why });
        self.shared.tell.send_modify(|status| status.refused += 1);
    }

    async fn wait(&mut self, error: &StoreError) {
        let state = if error.is_read_only() { WriterState::ReadOnly } else { WriterState::Retrying };
        let queued = self.rows();
        self.shared.tell.send_modify(|status| {
            // Once, not for every try.
            if status.state != state {
                tracing::warn!(%error, queued, "the database takes no writes; what comes waits");
            }
            status.state = state;
            status.error = Some(error.to_string());
            status.queued = queued;
        });
        let jitter = self.pause.mul_f64(fastrand::f64() / 4.0);
        tokio::time::sleep(self.pause + jitter).await;
        self.pause = (self.pause * 2).min(LONGEST_PAUSE);
    }

    fn rows(&self) -> usize {
        self.parts.iter().map(Batch::rows).sum::<usize>() + self.shared.spool().rows()
    }

    fn tell_queued(&self) {
        let queued = self.rows();
        self.shared.tell.send_if_modified(|status| std::mem::replace(&mut status.queued, queued) != queued);
    }
}

/// Names the single row of a batch, without its values.
fn describe(batch: &Batch) -> String {
    if let Some(transition) = batch.transitions.first() {
        return format!("transition {} {}", transition.kind, transition.id);
    }
    match batch.objects.first() {
        Some(super::ObjectChange::Put(object)) => {
            return format!("{} of {}", object.scope.kind, object.scope.source);
        }
        Some(super::ObjectChange::Gone(scope, _)) => {
            return format!("removal of a {} of {}", scope.kind, scope.source);
        }
        None => {}
    }
    if batch.frames.is_empty() { "finding, source or gap".into() } else { "frame".into() }
}
