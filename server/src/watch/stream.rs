//! The state machine of one stream.
//!
//! ```text
//!            +-- not installed --> wait, look again
//!   find ----+
//!            +-- no version known --> LIST (streamed or paged) --> Reset
//!            |                                                       |
//!            +-- version known ----> WATCH from there <--------------+
//!                                      |  clean end, broken connection: WATCH again from the last version
//!                                      +- 410, or a store that went back in time: forget the version, LIST
//! ```

mod events;
mod failing;
mod listing;
mod watching;

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use landfall_model::{Interner, observe::Version};
use prometheus_client::metrics::counter::Counter;
use tokio::time::Instant;

use super::{
    Pace,
    backoff::{Backoff, jitter},
    edge::Edge,
    metrics,
    metrics::WatchMetrics,
    report::{Closed, Reporter},
    resource::Plan,
    server::{Failure, Server},
};
use crate::engine::{Change, Inbox};

/// After so many times the time of a verdict a list tells whether an object without a name is still there.
const LOOK_AGAIN: u32 = 10;
/// What a stream is made of.
#[derive(Debug, Clone)]
pub struct Parts {
    pub plan: Plan,
    /// The highest version known from before, with its epoch.
    pub version: Version,
    pub server: Arc<Server>,
    pub inbox: Inbox,
    pub pace: Arc<Pace>,
    pub interner: Arc<Mutex<Interner>>,
    pub metrics: WatchMetrics,
    pub page: u32,
}

/// Why a round ended early.
#[derive(Debug)]
enum End {
    Failed(Failure),
    Closed,
}

impl From<Failure> for End {
    fn from(failure: Failure) -> Self {
        Self::Failed(failure)
    }
}

impl From<Closed> for End {
    fn from(_: Closed) -> Self {
        Self::Closed
    }
}

/// A stream at work.
#[derive(Debug)]
pub struct Stream {
    parts: Parts,
    labels: metrics::Stream,
    panics: Counter,
    reporter: Reporter,
    backoff: Backoff,
    /// Where the watch goes on; without it a list is due.
    resume: Option<u64>,
    /// The highest version seen, and the epoch.
    known: Version,
    page: u32,
    /// Lists in a row that were older than what is known.
    lower: u32,
    failures: u32,
    /// Grows while each watch after a list is told that its version is too old.
    relist: Backoff,
    refused_since: Option<Instant>,
    absent: u32,
    quiet: u32,
    /// How often a line broke off at this version.
    broken_at: Option<(u64, u32)>,
    no_streaming: bool,
    /// Since when there is an object without a name: no watch tells that such a one is mended or gone.
    unnamed: Option<Instant>,
}

impl Stream {
    pub fn new(parts: Parts) -> Self {
        let labels = metrics::Stream::of(&parts.plan);
        let panics = parts.metrics.panics.get_or_create(&labels).clone();
        Self {
            panics,
            labels,
            reporter: Reporter::new(parts.plan.clone()),
            backoff: Backoff::new(parts.pace.first_wait, parts.pace.longest_wait),
            relist: Backoff::new(parts.pace.spread / 2, parts.pace.longest_wait),
            resume: None,
            known: parts.version,
            page: parts.page,
            lower: 0,
            failures: 0,
            refused_since: None,
            absent: 0,
            quiet: 0,
            broken_at: None,
            no_streaming: false,
            unnamed: None,
            parts,
        }
    }

    /// Runs until the engine is gone.
    pub async fn run(&mut self) -> Closed {
        loop {
            let begun = Instant::now();
            match self.round().await {
                // A server that ends each watch at once is not to be asked in a loop.
                Ok(()) if begun.elapsed() < self.parts.pace.first_wait => {
                    tokio::time::sleep(self.backoff.wait()).await;
                }
                Ok(()) => tokio::time::sleep(jitter(Duration::from_millis(50))).await,
                Err(End::Closed) => return Closed,
                Err(End::Failed(failure)) => {
                    if self.settle(failure).await.is_err() {
                        return Closed;
                    }
                }
            }
        }
    }

    async fn round(&mut self) -> Result<(), End> {
        let api_version = self.parts.server.find(&self.parts.plan.resource).await?;
        self.absent = 0;
        if self.unnamed.is_some_and(|since| since.elapsed() > self.parts.pace.verdict * LOOK_AGAIN) {
            self.unnamed = None;
            self.resume = None;
        }
        if self.resume.is_none() && (self.no_streaming || !self.parts.server.streams_lists().await) {
            self.list(api_version).await?;
        }
        self.watch(api_version).await
    }

    /// Something came: the stream lives.
    async fn life(&mut self) -> Result<(), Closed> {
        self.healed();
        self.relist.reset();
        self.reporter.alive(&self.parts.inbox, &self.parts.pace).await
    }

    fn healed(&mut self) {
        self.failures = 0;
        self.refused_since = None;
        self.backoff.reset();
    }

    /// An event was read: the watch can be resumed after it. Stale repeats do not set it back.
    fn moved_on(&mut self, version: u64) {
        self.resume = self.resume.map(|resume| resume.max(version));
        self.moved_to(version);
    }

    fn moved_to(&mut self, version: u64) {
        self.known.resource = self.known.resource.max(version);
        self.parts.server.saw(version);
    }

    fn edge(&self) -> Edge<'_> {
        Edge {
            plan: &self.parts.plan,
            epoch: self.known.epoch,
            interner: &self.parts.interner,
            panics: &self.panics,
        }
    }

    fn unreadable(&self, count: u64) {
        if count == 0 {
            return;
        }
        let counter = self.parts.metrics.unreadable.get_or_create(&self.labels);
        // Once: an object that nobody mends would fill the log.
        if counter.inc_by(count) == 0 {
            tracing::warn!(
                count,
                "objects could not be read; /sources and the finding `unreadable-object` name them"
            );
        }
    }

    async fn send(&self, change: Change) -> Result<(), Closed> {
        self.parts.inbox.send(change).await.map_err(|_| Closed)
    }
}
