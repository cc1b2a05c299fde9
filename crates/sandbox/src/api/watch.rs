//! WATCH: JSON lines in chunks, with bookmarks, streaming lists, 410, and whatever faults are switched on.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::http::{Response, StatusCode};
use axum::response::IntoResponse;
use bytes::Bytes;
use futures::stream;
use tokio::sync::mpsc;
use tokio::time::Instant;

use super::Server;
use super::item::served;
use super::options::{Options, Version};
use super::selector::Selector;
use super::status::Status;
use crate::cluster::Cluster;
use crate::faults::WatchState;
use crate::kinds::KindId;
use crate::store::{Change, ChangeType, Object, Since};

/// Without `timeoutSeconds` a real server takes between 30 and 60 minutes.
const DEFAULT_TIMEOUT: Duration = Duration::from_mins(30);
/// A last bookmark comes so long before the end.
const LAST_BOOKMARK: Duration = Duration::from_secs(2);
const CHUNK: usize = 64 * 1024;
const BATCH: usize = 1_000;

pub(super) fn watch(
    server: &Server,
    id: KindId,
    selector: Selector,
    options: Options,
    partial: bool,
) -> Response<Body> {
    let cluster = server.cluster.clone();
    if options.send_initial_events && !cluster.0.faults.streaming_lists(id) {
        let why = "sendInitialEvents is forbidden for watch unless the WatchList feature gate is enabled";
        return Status::invalid_options("sendInitialEvents", why).into_response();
    }
    let (sender, receiver) = mpsc::channel::<Result<Bytes, Broken>>(4);
    let born = cluster.0.faults.new_watch();
    let open = Open::new(&cluster, id);
    let stop = server.stop.clone();
    let watcher = Watcher { cluster, id, selector, options, partial, born, sender, out: Vec::new() };
    tokio::spawn(async move {
        let closed = watcher.sender.clone();
        tokio::select! {
            () = stop.cancelled() => {}
            () = closed.closed() => {}
            _ = watcher.run() => {}
        }
        drop(open);
    });
    let body =
        stream::unfold(receiver, |mut receiver| async move { Some((receiver.recv().await?, receiver)) });
    super::json(StatusCode::OK, Body::from_stream(body))
}

/// Breaks the connection off in the middle of the response.
#[derive(Debug, thiserror::Error)]
#[error("the connection is broken on purpose")]
struct Broken;

/// The watch has ended, one way or another.
struct Ended;

/// Counts an open watch as long as it lives.
struct Open(Cluster, KindId);

impl Open {
    fn new(cluster: &Cluster, id: KindId) -> Self {
        cluster.0.recorder.watch_opened(id.kind().plural);
        Self(cluster.clone(), id)
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        self.0.0.recorder.watch_closed(self.1.kind().plural);
    }
}

struct Watcher {
    cluster: Cluster,
    id: KindId,
    selector: Selector,
    options: Options,
    partial: bool,
    born: u64,
    sender: mpsc::Sender<Result<Bytes, Broken>>,
    out: Vec<u8>,
}

impl Watcher {
    async fn run(mut self) -> Result<Infallible, Ended> {
        let faults = &self.cluster.0.faults;
        let mut epoch = faults.subscribe();
        let mut news = self.cluster.store().table(self.id).subscribe();
        let end = Instant::now() + self.options.timeout.unwrap_or(DEFAULT_TIMEOUT);
        if faults.take_gone(self.id) {
            let newest = self.cluster.resource_version();
            let asked = if let Version::At(version) = self.options.version { version } else { newest };
            return self.expire(asked, newest).await;
        }
        let mut random =
            fastrand::Rng::with_seed(faults.perturb(self.id).map_or(0, |how| how.seed) ^ self.born);
        let mut cursor = self.begin().await?;
        let mut told = cursor;
        let mut last_bookmark = false;
        let mut next_bookmark = Instant::now() + self.cluster.bookmark_every();
        loop {
            match self.cluster.0.faults.watch_state(self.id, self.born) {
                WatchState::Run => {}
                WatchState::Silent => {
                    if epoch.changed().await.is_err() {
                        return Err(Ended);
                    }
                    continue;
                }
                WatchState::Close => return Err(Ended),
                WatchState::Break => return self.break_off().await,
                WatchState::Expire => return self.expire(cursor, self.cluster.resource_version()).await,
            }
            let since = self.cluster.store().table(self.id).since(cursor, BATCH);
            match since {
                Since::TooOld(oldest) => return self.expire(cursor, oldest).await,
                Since::Changes(changes) if !changes.is_empty() => {
                    cursor = changes.last().map_or(cursor, |change| change.version);
                    told = cursor;
                    let changes = match self.cluster.0.faults.perturb(self.id) {
                        Some(how) => how.apply(changes, &mut random),
                        None => changes,
                    };
                    self.send_changes(&changes).await?;
                    continue;
                }
                Since::Changes(_) => {}
            }
            let now = Instant::now();
            if now >= end {
                return Err(Ended);
            }
            let in_last_seconds = end.saturating_duration_since(now) <= LAST_BOOKMARK;
            let due = now >= next_bookmark || (in_last_seconds && !last_bookmark);
            if due {
                last_bookmark |= in_last_seconds;
                next_bookmark = now + self.cluster.bookmark_every();
                if self.options.bookmarks && self.cluster.0.faults.bookmarks(self.id) {
                    // A bookmark may tell a version that other kinds have reached: nothing of this kind lies between.
                    cursor = self.cluster.resource_version().max(cursor).max(told);
                    self.push_bookmark(cursor, false);
                    self.flush().await?;
                }
                continue;
            }
            let last = if last_bookmark { end } else { end - LAST_BOOKMARK };
            let wake = next_bookmark.min(last).min(end).max(now + Duration::from_millis(1));
            tokio::select! {
                result = news.changed() => if result.is_err() { return Err(Ended) },
                result = epoch.changed() => if result.is_err() { return Err(Ended) },
                () = tokio::time::sleep_until(wake) => {}
            }
        }
    }

    /// Sends what comes before the changes; returns the version from which on changes are told.
    async fn begin(&mut self) -> Result<u64, Ended> {
        let initial = self.options.send_initial_events || !matches!(self.options.version, Version::At(_));
        if let (Version::At(version), false) = (self.options.version, initial) {
            return Ok(version);
        }
        let (objects, version) = {
            let store = self.cluster.store();
            (store.table(self.id).all(), store.version())
        };
        let hidden = self.selector.hidden(&self.cluster.0.access);
        for object in &objects {
            if self.selector.fits(object, &hidden) {
                self.push_line(ChangeType::Added.as_str(), object);
                self.flush_full().await?;
            }
        }
        drop(objects);
        if self.options.send_initial_events && self.options.bookmarks {
            self.push_bookmark(version, true);
        }
        self.flush().await?;
        Ok(version)
    }

    async fn send_changes(&mut self, changes: &[Change]) -> Result<(), Ended> {
        let hidden = self.selector.hidden(&self.cluster.0.access);
        for change in changes {
            let Some((kind, object)) = self.seen(change, &hidden) else { continue };
            if self.cluster.0.faults.take_cut(self.id) {
                self.push_line(kind, &object);
                let half = self.out.len() - (self.out.len().min(object.bytes.len()) / 2).max(1);
                self.out.truncate(half);
                self.flush().await?;
                return self.break_off().await.map(|_| ());
            }
            self.push_line(kind, &object);
            self.flush_full().await?;
        }
        self.flush().await
    }

    /// A change as this watch sees it: an object that leaves the selection is deleted for it, one that comes is added.
    fn seen(&self, change: &Change, hidden: &[String]) -> Option<(&'static str, Arc<Object>)> {
        let fits = self.selector.fits(&change.object, hidden);
        if !self.selector.selects() {
            return fits.then(|| (change.kind.as_str(), change.object.clone()));
        }
        let before = change.before.as_ref().is_some_and(|before| self.selector.fits(before, hidden));
        match (change.kind, before, fits) {
            (ChangeType::Deleted, false, _) | (_, false, false) => None,
            (ChangeType::Added | ChangeType::Modified, true, true) => {
                Some((ChangeType::Modified.as_str(), change.object.clone()))
            }
            (_, false, true) => Some((ChangeType::Added.as_str(), change.object.clone())),
            (ChangeType::Deleted, true, _) | (_, true, false) => {
                Some((ChangeType::Deleted.as_str(), change.object.clone()))
            }
        }
    }

    fn push_line(&mut self, kind: &str, object: &Object) {
        self.out.extend_from_slice(b"{\"type\":\"");
        self.out.extend_from_slice(kind.as_bytes());
        self.out.extend_from_slice(b"\",\"object\":");
        self.out.extend_from_slice(&served(&self.cluster, self.id, object, self.partial));
        self.out.extend_from_slice(b"}\n");
    }

    fn push_bookmark(&mut self, version: u64, initial_end: bool) {
        let kind = self.id.kind();
        let annotations =
            if initial_end { r#","annotations":{"k8s.io/initial-events-end":"true"}"# } else { "" };
        let (prefix, extra) = if self.partial {
            (r#"{"kind":"PartialObjectMetadata","apiVersion":"meta.k8s.io/v1","#.to_owned(), "")
        } else {
            (kind.prefix(), kind.bookmark_extra)
        };
        let line = format!(
            "{{\"type\":\"BOOKMARK\",\"object\":{prefix}\"metadata\":{{\"resourceVersion\":\"{version}\"{annotations}}}{extra}}}}}\n"
        );
        self.out.extend_from_slice(line.as_bytes());
    }

    async fn flush_full(&mut self) -> Result<(), Ended> {
        if self.out.len() >= CHUNK { self.flush().await } else { Ok(()) }
    }

    async fn flush(&mut self) -> Result<(), Ended> {
        if self.out.is_empty() {
            return Ok(());
        }
        if let Some(delay) = self.cluster.0.faults.delay(Some(self.id)) {
            tokio::time::sleep(delay).await;
        }
        let bytes = Bytes::from(std::mem::take(&mut self.out));
        self.sender.send(Ok(bytes)).await.map_err(|_| Ended)
    }

    async fn break_off(&mut self) -> Result<Infallible, Ended> {
        // What was written before must reach the client before the connection is reset.
        tokio::time::sleep(Duration::from_millis(20)).await;
        let _closed = self.sender.send(Err(Broken)).await;
        Err(Ended)
    }

    async fn expire(&mut self, asked: u64, oldest: u64) -> Result<Infallible, Ended> {
        let line = format!("{{\"type\":\"ERROR\",\"object\":{}}}\n", Status::too_old(asked, oldest).body());
        self.out.extend_from_slice(line.as_bytes());
        self.flush().await?;
        Err(Ended)
    }
}
