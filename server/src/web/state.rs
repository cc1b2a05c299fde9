//! What every handler needs, shared.

use std::{
    collections::HashSet,
    path::PathBuf,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use jiff::Timestamp;
use landfall_model::{
    query::Prepared,
    time::{Reckoning, ReviewSchedule},
    view::Snapshot,
};
use tokio::sync::{Semaphore, watch};
use tokio_util::sync::CancellationToken;

use super::{
    assets::Assets,
    badge::BadgeKeys,
    cache::PageCache,
    events::Events,
    guard,
    history::{History, PastViews},
    metrics::Metrics,
    routes::Pages,
};
use crate::{
    hook::Hooks,
    store::{Leadership, WriterStatus},
};

/// Pages are made anew after this many seconds, for their ages.
const PAGES_FRESH_FOR: i64 = 10;

/// How the web part is set up.
#[derive(Debug, Clone)]
pub struct WebSettings {
    /// Names this server answers to beside loopback's, in lower case, without port. Empty and not on loopback: any.
    pub hosts: Vec<String>,
    /// Whether it listens on loopback, where only known names are answered (DNS rebinding).
    pub loopback: bool,
    /// People reach it by https: only then the browser is told to insist on it.
    pub https: bool,
    /// Where people reach it, without a trailing slash: for what is shown elsewhere and leads here.
    pub base: Option<String>,
    /// By what addresses of badges prove themselves.
    pub badges: BadgeKeys,
    /// Folder with `pkg/`: what the browser loads.
    pub site: Option<PathBuf>,
    pub review: ReviewSchedule,
    /// Requests worked on at once; more get 503.
    pub in_flight: usize,
    /// How long the body of a form may take.
    pub body_wait: Duration,
    /// Bytes of compressed pages that are kept.
    pub cache_bytes: usize,
    /// Open event streams per client address, and in all.
    pub streams_per_ip: usize,
    pub streams: usize,
    /// How often an idle event stream shows that it lives.
    pub keep_alive: Duration,
}

impl Default for WebSettings {
    fn default() -> Self {
        Self {
            hosts: Vec::new(),
            loopback: true,
            https: false,
            base: None,
            badges: BadgeKeys::default(),
            site: None,
            review: ReviewSchedule::default(),
            in_flight: 256,
            body_wait: Duration::from_secs(10),
            cache_bytes: 32 << 20,
            streams_per_ip: 512,
            streams: 10_000,
            keep_alive: Duration::from_secs(15),
        }
    }
}

/// What the state is made of.
pub struct Parts {
    pub settings: WebSettings,
    pub snapshot: watch::Receiver<Arc<Snapshot>>,
    pub events: Arc<Events>,
    /// `None`: no database is configured.
    pub history: Option<Arc<dyn History>>,
    pub writer: Option<watch::Receiver<WriterStatus>>,
    pub leadership: Option<watch::Receiver<Leadership>>,
    pub pages: Arc<dyn Pages>,
    pub metrics: Arc<Metrics>,
    /// Registries that may call.
    pub hooks: Arc<Hooks>,
    /// Asks what time it is.
    pub clock: fn() -> Timestamp,
    /// Cancelled when the process is to end.
    pub shutdown: CancellationToken,
}

/// Cheap to clone.
#[derive(Clone)]
pub struct AppState(Arc<Inner>);

pub struct Inner {
    pub settings: WebSettings,
    pub snapshot: watch::Receiver<Arc<Snapshot>>,
    pub events: Arc<Events>,
    pub history: Option<Arc<dyn History>>,
    pub writer: Option<watch::Receiver<WriterStatus>>,
    pub leadership: Option<watch::Receiver<Leadership>>,
    pub pages: Arc<dyn Pages>,
    pub metrics: Arc<Metrics>,
    pub hooks: Arc<Hooks>,
    pub clock: fn() -> Timestamp,
    pub shutdown: CancellationToken,
    pub cache: PageCache,
    pub assets: Assets,
    pub past: PastViews,
    pub(super) headers: guard::Headers,
    pub(super) in_flight: Arc<Semaphore>,
    prepared: Mutex<Option<Arc<Prepared>>>,
}

impl std::ops::Deref for AppState {
    type Target = Inner;

    fn deref(&self) -> &Inner {
        &self.0
    }
}

impl AppState {
    /// Puts the parts together; reads the folder of assets once.
    pub fn new(parts: Parts) -> Self {
        let Parts {
            settings,
            snapshot,
            events,
            history,
            writer,
            leadership,
            pages,
            metrics,
            hooks,
            clock,
            shutdown,
        } = parts;
        Self(Arc::new(Inner {
            cache: PageCache::new(settings.cache_bytes),
            assets: settings.site.as_deref().map(Assets::read).unwrap_or_default(),
            past: PastViews::default(),
            headers: guard::Headers::new(&pages.script_hashes(), settings.https),
            in_flight: Arc::new(Semaphore::new(settings.in_flight)),
            prepared: Mutex::new(None),
            settings,
            snapshot,
            events,
            history,
            writer,
            leadership,
            pages,
            metrics,
            hooks,
            clock,
            shutdown,
        }))
    }

    /// Now, by the server's clock.
    pub fn now(&self) -> Timestamp {
        (self.clock)()
    }

    /// The present view.
    pub fn live(&self) -> Arc<Snapshot> {
        Arc::clone(&self.snapshot.borrow())
    }

    /// The present view, ready for queries; prepared once per snapshot, whoever asks first.
    pub fn prepared(&self) -> Arc<Prepared> {
        let snapshot = self.live();
        let mut slot = self.prepared.lock().unwrap_or_else(PoisonError::into_inner);
        match &*slot {
            Some(ready) if Arc::ptr_eq(&ready.snapshot, &snapshot) => Arc::clone(ready),
            before => {
                let ready = Arc::new(Prepared::new(&snapshot, before.as_deref()));
                *slot = Some(Arc::clone(&ready));
                ready
            }
        }
    }

    /// For the cache: pages are made anew after some seconds, for their ages.
    pub fn page_minute(&self) -> i64 {
        self.now().as_second() / PAGES_FRESH_FOR
    }

    /// Lets go of pages and past views that nobody can be shown any more, every few seconds until the end.
    pub async fn tidy(self) {
        let mut every = tokio::time::interval(Duration::from_secs(10));
        every.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        while self.shutdown.run_until_cancelled(every.tick()).await.is_some() {
            self.cache.tidy(self.page_minute());
            self.past.tidy(self.now());
        }
    }

    /// What moments in query strings are reckoned by.
    pub fn reckoning(&self) -> Reckoning {
        Reckoning { now: self.now(), review: self.settings.review.clone() }
    }

    /// Whether a view is there: since a first snapshot with a source that was read, now or before the start.
    pub fn has_view(&self) -> bool {
        let snapshot = self.snapshot.borrow();
        snapshot.revision > 0 || snapshot.sources.values().any(|source| source.last_success.is_some())
    }

    /// Names this server answers to, for the check of host and origin.
    pub(super) fn known_hosts(&self) -> HashSet<&str> {
        let own = self.settings.hosts.iter().map(String::as_str);
        let loopback = ["localhost", "127.0.0.1", "[::1]"];
        own.chain(loopback.into_iter().filter(|_| self.settings.loopback)).collect()
    }
}
