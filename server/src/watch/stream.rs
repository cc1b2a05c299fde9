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

use std::{
    fmt::Write as _,
    sync::{Arc, Mutex},
    time::Duration,
};

use landfall_model::{
    Interner,
    observe::{ObjectName, Observation, Version},
    reduce::{self, Meta},
    words::SourceState,
};
use prometheus_client::metrics::counter::Counter;
use serde_json::value::RawValue;
use tokio::time::Instant;

use super::{
    Pace,
    backoff::{Backoff, jitter},
    edge::{self, Edge},
    lines::{Line, Lines},
    list, metrics,
    metrics::WatchMetrics,
    report::{Closed, Reporter},
    resource::Plan,
    server::{Failure, Server, failure_of},
    skim::{Form, Skim},
    wire,
};
use crate::engine::{Change, Inbox};

/// How many failures in a row make a stream's state `failing`. The first may be a server that restarts.
const TROUBLE: u32 = 2;
/// After so many failures in a row a version that cannot be resumed is given up.
const GIVE_UP: u32 = 4;
/// So many watches in a row without any word from the server, not even a bookmark, are suspicious.
const QUIET: u32 = 3;
/// After so many times the time of a verdict a list tells whether an object without a name is still there.
const LOOK_AGAIN: u32 = 10;
/// A line that breaks off so often at the same version is skipped.
const SKIP: u32 = 2;

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
                    tokio::time::sleep(self.backoff.next()).await;
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

    // ---- lists

    async fn list(&mut self, api_version: &str) -> Result<(), End> {
        self.parts.metrics.lists.get_or_create(&self.labels).inc();
        let listed = {
            let _turn = self.parts.server.turn().await;
            let edge = self.edge();
            list::pages(&self.parts.server, &self.parts.plan, api_version, self.page, &edge).await
        };
        let listed = match listed {
            Err(Failure::TooLarge(_)) if self.page > 1 => {
                self.page = (self.page / 4).max(1);
                tracing::info!(page = self.page, "a page was too large; asking for smaller ones");
                return Err(listed.map_or_else(End::Failed, |_| End::Closed));
            }
            other => other?,
        };
        self.unreadable(listed.broken);
        self.listed(listed.items, listed.version).await
    }

    /// Takes over a complete list, unless it is older than what is known and may only be a late answer.
    async fn listed(&mut self, mut items: Vec<Observation>, version: u64) -> Result<(), End> {
        if version < self.known.resource {
            self.lower += 1;
            if self.lower < 2 {
                tokio::time::sleep(jitter(self.parts.pace.spread)).await;
                let message = format!("the list's version {version} is older than {}", self.known.resource);
                return Err(Failure::Status { status: 200, message, retry_after: None }.into());
            }
            self.known.epoch += 1;
            self.known.resource = 0;
            tracing::warn!(epoch = self.known.epoch, version, "the store went back in time: it was replaced");
        }
        self.lower = 0;
        for item in &mut items {
            item.version.epoch = self.known.epoch;
        }
        self.unnamed = items.iter().any(edge::is_unnamed).then(Instant::now);
        edge::by_name(&mut items);
        self.resume = Some(version);
        self.moved_to(version);
        let version = Version { epoch: self.known.epoch, resource: version };
        self.reset(items, version).await?;
        self.healed();
        self.reporter.alive(&self.parts.inbox, &self.parts.pace).await?;
        self.parts.interner.lock().unwrap_or_else(std::sync::PoisonError::into_inner).sweep();
        Ok(())
    }

    async fn reset(&self, items: Vec<Observation>, version: Version) -> Result<(), Closed> {
        let plan = &self.parts.plan;
        match &plan.within {
            // One namespace, picked by its name: it lies in no namespace that a Reset could be restricted to.
            Some(namespace) if !plan.resource.namespaced && items.is_empty() => {
                let name = ObjectName { namespace: "".into(), name: namespace.clone() };
                self.send(Change::Delete { scope: plan.scope.clone(), name, version }).await?;
            }
            _ => {}
        }
        let within = plan.within.clone();
        self.send(Change::Reset { scope: plan.scope.clone(), within, items, version }).await
    }

    // ---- watches

    async fn watch(&mut self, api_version: &str) -> Result<(), End> {
        let initial = self.resume.is_none();
        let mut turn = if initial { self.parts.server.turn().await } else { None };
        let window = fastrand::u64(self.parts.pace.window_s.clone());
        let path = self.watch_path(api_version, window);
        let counters = if initial { &self.parts.metrics.lists } else { &self.parts.metrics.watches };
        counters.get_or_create(&self.labels).inc();
        let accept = if self.parts.plan.resource.metadata_only {
            "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1"
        } else {
            "application/json"
        };
        let response = match self.parts.server.open(&path, accept).await {
            Err(Failure::Status { status: 400 | 422, message, .. }) if initial => {
                tracing::info!(message, "no streaming lists here");
                self.no_streaming = true;
                return Ok(());
            }
            other => other?,
        };
        let mut lines = Lines::new(response.into_body(), self.parts.server.largest_object());
        let mut collected: Option<Vec<Observation>> = initial.then(Vec::new);
        let silence = Duration::from_secs(window) + self.parts.pace.margin;
        let mut heard = false;
        let mut proved = false;
        loop {
            // A watch that was opened and does not break off at once works, also where nothing happens.
            let wait = if proved || initial { silence } else { self.parts.pace.first_wait * 2 };
            let line = match tokio::time::timeout(wait, lines.next()).await {
                Ok(line) => line?,
                Err(_) if !proved && !initial => {
                    proved = true;
                    self.healed();
                    self.reporter.alive(&self.parts.inbox, &self.parts.pace).await?;
                    continue;
                }
                Err(_) => return Err(Failure::Silent(silence).into()),
            };
            match line {
                Line::End => break,
                Line::TooLong(meta) => {
                    let why = edge::too_large(self.parts.server.largest_object());
                    self.broken_object(meta.as_ref(), &why, &mut collected).await?;
                }
                Line::Text(line) => {
                    proved = true;
                    heard |= self.line(&line, &mut collected).await?;
                    if collected.is_none() {
                        turn = None;
                    }
                }
            }
        }
        if collected.is_some() {
            // The initial events did not end within the window: this server is too slow for streaming lists.
            self.no_streaming = true;
            return Ok(());
        }
        drop(turn);
        self.reporter.alive(&self.parts.inbox, &self.parts.pace).await?;
        if !proved {
            // Ended at once: no trouble, but no reason to hurry either.
            return Ok(());
        }
        self.healed();
        self.relist.reset();
        self.check_quiet(heard, api_version).await
    }

    fn watch_path(&self, api_version: &str, window: u64) -> String {
        let plan = &self.parts.plan;
        let mut path = plan.resource.path(api_version, plan.within.as_deref());
        let _ = write!(path, "?watch=true&allowWatchBookmarks=true&timeoutSeconds={window}");
        match self.resume {
            Some(version) => {
                let _ = write!(path, "&resourceVersion={version}");
            }
            None => path.push_str("&sendInitialEvents=true&resourceVersionMatch=NotOlderThan"),
        }
        if let Some(selector) = plan.selector() {
            let _ = write!(path, "&fieldSelector={}", list::encode(&selector));
        }
        path
    }

    /// Takes one line. Returns whether it moved the watch on.
    async fn line(&mut self, line: &[u8], collected: &mut Option<Vec<Observation>>) -> Result<bool, End> {
        let event: wire::Event<'_> = match serde_json::from_slice(line) {
            Ok(event) => event,
            Err(error) => {
                self.broken_line(&error)?;
                let meta = Skim::of(Form::Event, line);
                self.broken_object(meta.as_ref(), &format!("is no JSON: {error}"), collected).await?;
                return Ok(meta.is_some());
            }
        };
        match event.kind.as_ref() {
            "ADDED" | "MODIFIED" => {
                self.parts.metrics.events.get_or_create(&self.labels).inc();
                let reduced = match self.edge().reduce(event.object.get()) {
                    Ok(reduced) => reduced,
                    Err(why) => {
                        self.broken_object(None, &why, collected).await?;
                        return Ok(false);
                    }
                };
                if let Some(collected) = collected {
                    collected.extend(reduced.observation);
                } else {
                    self.moved_on(reduced.meta.resource_version);
                    if let Some(observation) = reduced.observation {
                        self.send(Change::Apply(observation)).await?;
                    }
                    self.life().await?;
                }
                Ok(true)
            }
            "DELETED" => {
                self.parts.metrics.events.get_or_create(&self.labels).inc();
                self.deleted(event.object, collected).await?;
                Ok(true)
            }
            "BOOKMARK" => self.bookmark(event.object, collected).await,
            "ERROR" => {
                let status: wire::Status = serde_json::from_str(event.object.get()).unwrap_or_default();
                let expired = matches!(status.reason.as_deref(), Some("Expired" | "Gone"));
                let code = if expired { 410 } else { status.code.unwrap_or(500) };
                Err(failure_of(code, status, None).into())
            }
            other => {
                tracing::debug!(other, "a watch event of an unknown type");
                Ok(false)
            }
        }
    }

    async fn deleted(
        &mut self,
        object: &RawValue,
        collected: &mut Option<Vec<Observation>>,
    ) -> Result<(), End> {
        let Some(meta) = reduce::meta(object.get()) else {
            self.unreadable(1);
            return Ok(());
        };
        let name = {
            let mut interner = self.parts.interner.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
            ObjectName { namespace: interner.intern(&meta.namespace), name: interner.intern(&meta.name) }
        };
        if let Some(collected) = collected {
            collected.retain(|item| item.name != name);
            return Ok(());
        }
        self.moved_on(meta.resource_version);
        let version = Version { epoch: self.known.epoch, resource: meta.resource_version };
        self.send(Change::Delete { scope: self.parts.plan.scope.clone(), name, version }).await?;
        self.life().await?;
        Ok(())
    }

    async fn bookmark(
        &mut self,
        object: &RawValue,
        collected: &mut Option<Vec<Observation>>,
    ) -> Result<bool, End> {
        let Ok(mark) = serde_json::from_str::<wire::Bookmark>(object.get()) else { return Ok(false) };
        let Some(version) = wire::version(&mark.metadata.resource_version) else { return Ok(false) };
        if collected.is_some() {
            if mark.ends_initial_events()
                && let Some(items) = collected.take()
            {
                self.listed(items, version).await?;
            }
            return Ok(true);
        }
        if self.resume.is_some_and(|resume| version < resume) {
            // Bookmarks only grow. A lower one comes from a store that was replaced.
            tracing::warn!(version, "a bookmark went back in time");
            return Err(Failure::Expired.into());
        }
        self.moved_on(version);
        self.life().await?;
        Ok(true)
    }

    /// A line that is no JSON: the connection is given up and resumed before it. When that does not help the object
    /// is shown as unreadable, and the watch goes on behind it.
    fn broken_line(&mut self, error: &serde_json::Error) -> Result<(), Failure> {
        let at = self.resume.unwrap_or_default();
        let times = match self.broken_at {
            Some((version, times)) if version == at => times,
            _ => 0,
        };
        if times < SKIP {
            self.broken_at = Some((at, times + 1));
            return Err(Failure::Broken(format!("a line of the watch: {error}")));
        }
        Ok(())
    }

    /// Shows an object of which no more than its name is known, or its place.
    async fn broken_object(
        &mut self,
        meta: Option<&Meta>,
        why: &str,
        collected: &mut Option<Vec<Observation>>,
    ) -> Result<(), Closed> {
        self.unreadable(1);
        let place = || match &*collected {
            Some(items) => edge::place_in_list(items),
            None => "in the watch".to_owned(),
        };
        let broken = self.edge().known_as(meta, place, why);
        if edge::is_unnamed(&broken) {
            self.unnamed.get_or_insert_with(Instant::now);
        }
        if let Some(collected) = collected {
            collected.push(broken);
            return Ok(());
        }
        self.moved_on(broken.version.resource);
        self.send(Change::Apply(broken)).await?;
        self.life().await
    }

    /// A server that was set back answers a version from its future with silence. After some watches without any
    /// word one small list tells whether that is so.
    async fn check_quiet(&mut self, heard: bool, api_version: &str) -> Result<(), End> {
        self.quiet = if heard { 0 } else { self.quiet + 1 };
        if self.quiet < QUIET {
            return Ok(());
        }
        self.quiet = 0;
        let plan = &self.parts.plan;
        let path = format!("{}?limit=1", plan.resource.path(api_version, plan.within.as_deref()));
        let bytes = self.parts.server.get(&path, list::accept(plan)).await?;
        let page: wire::Page<'_> =
            serde_json::from_slice(&bytes).map_err(|error| Failure::Broken(error.to_string()))?;
        let version = page.metadata.resource_version.as_deref().and_then(wire::version);
        match (version, self.resume) {
            (Some(version), Some(resume)) if version < resume => Err(Failure::Expired.into()),
            _ => Ok(()),
        }
    }

    // ---- what follows

    /// Decides what a failure means, says so, and waits.
    async fn settle(&mut self, failure: Failure) -> Result<(), Closed> {
        if !matches!(failure, Failure::Absent) {
            self.parts.metrics.failures.get_or_create(&self.labels).inc();
            tracing::debug!(%failure, resume = self.resume, "a request failed");
        }
        let pace = Arc::clone(&self.parts.pace);
        match failure {
            Failure::Absent => return self.settle_absent().await,
            Failure::Expired => {
                self.resume = None;
                tokio::time::sleep(self.relist.next()).await;
                return Ok(());
            }
            Failure::Refused { status, .. } => {
                let since = *self.refused_since.get_or_insert_with(Instant::now);
                // Just after its start a server refuses everyone for a second or two.
                if since.elapsed() < pace.verdict {
                    let wait = self.backoff.next().min(pace.verdict.saturating_sub(since.elapsed()));
                    tokio::time::sleep(wait.max(Duration::from_millis(10))).await;
                    return Ok(());
                }
                let state = if status == 401 { SourceState::Failing } else { SourceState::Forbidden };
                self.trouble(state, &failure).await?;
                tokio::time::sleep(pace.verdict.mul_f64(1.0 + fastrand::f64() * 0.1)).await;
                return Ok(());
            }
            _ => {}
        }
        self.refused_since = None;
        self.failures += 1;
        if matches!(failure, Failure::Status { status: 404, .. }) {
            // Gone while we watched, perhaps: discovery tells.
            self.parts.server.look_again().await;
        }
        if self.failures >= GIVE_UP {
            self.resume = None;
        }
        if self.failures >= TROUBLE
            || matches!(failure, Failure::Silent(_) | Failure::Credentials(_) | Failure::NotAllowed(_))
        {
            self.trouble(SourceState::Failing, &failure).await?;
        }
        let wait = match failure {
            Failure::Status { retry_after: Some(wait), .. } => jitter(wait).max(wait),
            _ => self.backoff.next(),
        };
        tokio::time::sleep(wait).await;
        Ok(())
    }

    /// Not installed. What was read of it before is gone once two looks agree: a server that starts serves custom
    /// resources a moment later than the rest.
    async fn settle_absent(&mut self) -> Result<(), Closed> {
        self.absent += 1;
        let seen_before = self.resume.is_some() || self.known.resource > 0;
        if self.absent >= 2 || !seen_before {
            self.reporter.trouble(&self.parts.inbox, &self.parts.pace, SourceState::Absent, None).await?;
        }
        if self.absent == 2 && seen_before {
            let version = self.known.resource.max(self.parts.server.highest());
            self.resume = None;
            self.moved_to(version);
            self.reset(Vec::new(), Version { epoch: self.known.epoch, resource: version }).await?;
        }
        self.backoff.reset();
        tokio::time::sleep(self.parts.pace.verdict.mul_f64(0.9 + fastrand::f64() * 0.1)).await;
        Ok(())
    }

    async fn trouble(&mut self, state: SourceState, failure: &Failure) -> Result<(), Closed> {
        self.reporter.trouble(&self.parts.inbox, &self.parts.pace, state, Some(failure.to_string())).await
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
