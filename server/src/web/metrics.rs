//! `/metrics`, for Prometheus. Labels hold names of routes, statements, sources and states, nothing from the data.

use std::{
    sync::{Arc, Mutex, PoisonError, atomic::AtomicU64},
    time::Duration,
};

use axum::{
    extract::State,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use landfall_model::words::SourceState;
use prometheus_client::{
    encoding::{EncodeLabelSet, text::encode},
    metrics::{counter::Counter, family::Family, gauge::Gauge, histogram::Histogram},
    registry::{Registry, Unit},
};

use super::AppState;
use crate::store::{Leadership, Meter};

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct RequestLabels {
    route: &'static str,
    /// `2xx`, `3xx`, …
    status: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct StatementLabels {
    statement: &'static str,
    result: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct SourceLabels {
    source: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct SourceStateLabels {
    source: String,
    state: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct CacheLabels {
    result: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct RowLabels {
    what: &'static str,
}

type Seconds = Gauge<f64, AtomicU64>;
type Histograms<L> = Family<L, Histogram, fn() -> Histogram>;

/// Everything that is counted.
pub struct Metrics {
    registry: Mutex<Registry>,
    requests: Histograms<RequestLabels>,
    statements: Histograms<StatementLabels>,
    unreadable_rows: Family<RowLabels, Counter>,
    page_cache: Family<CacheLabels, Counter>,
    /// Panics at requests; those at items are counted by who reads them.
    pub panics: Counter,
    /// Requests that got 503 because too many were worked on.
    pub shed: Counter,
    pub refused_connections: Counter,
    pub connections: Gauge,
    streams: Gauge,
    revision: Gauge,
    services: Gauge,
    findings: Gauge,
    source_state: Family<SourceStateLabels, Gauge>,
    source_age: Family<SourceLabels, Seconds>,
    source_objects: Family<SourceLabels, Gauge>,
    source_unreadable: Family<SourceLabels, Gauge>,
    leader: Gauge,
    writer_queue: Gauge,
    writer_dropped: Gauge,
    writer_refused: Gauge,
    cache_bytes: Gauge,
}

fn fast() -> Histogram {
    Histogram::new([0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0])
}

impl Default for Metrics {
    fn default() -> Self {
        Self::new()
    }
}

impl Metrics {
    /// Names stand under `landfall_`.
    pub fn new() -> Self {
        let this = Self {
            registry: Mutex::new(Registry::default()),
            requests: Family::new_with_constructor(fast as fn() -> Histogram),
            statements: Family::new_with_constructor(fast as fn() -> Histogram),
            unreadable_rows: Family::default(),
            page_cache: Family::default(),
            panics: Counter::default(),
            shed: Counter::default(),
            refused_connections: Counter::default(),
            connections: Gauge::default(),
            streams: Gauge::default(),
            revision: Gauge::default(),
            services: Gauge::default(),
            findings: Gauge::default(),
            source_state: Family::default(),
            source_age: Family::default(),
            source_objects: Family::default(),
            source_unreadable: Family::default(),
            leader: Gauge::default(),
            writer_queue: Gauge::default(),
            writer_dropped: Gauge::default(),
            writer_refused: Gauge::default(),
            cache_bytes: Gauge::default(),
        };
        this.with_registry(|registry| {
            let seconds = Unit::Seconds;
            let (r, m) = (registry, &this);
            let help = "Time of requests by route";
            r.register_with_unit("http_request_duration", help, seconds.clone(), m.requests.clone());
            let help = "Time of database statements by name";
            r.register_with_unit("store_statement_duration", help, seconds.clone(), m.statements.clone());
            let help = "Stored rows that could not be read, by what they should be";
            r.register("store_unreadable_rows", help, m.unreadable_rows.clone());
            r.register("page_cache", "Pages by whether they were there", m.page_cache.clone());
            r.register("page_cache_bytes", "Bytes of compressed pages that are kept", m.cache_bytes.clone());
            r.register("request_panics", "Requests that ended in a panic", m.panics.clone());
            r.register("requests_shed", "Requests refused because too many were under way", m.shed.clone());
            let help = "Connections refused because there were too many";
            r.register("connections_refused", help, m.refused_connections.clone());
            r.register("connections", "Open connections", m.connections.clone());
            r.register("event_streams", "Open event streams", m.streams.clone());
            r.register("snapshot_revision", "Revision of the view", m.revision.clone());
            r.register("services", "Services in the view", m.services.clone());
            r.register("findings_open", "Open findings", m.findings.clone());
            r.register("source_state", "1 for the state that a source is in", m.source_state.clone());
            let help = "Time since a source was last read";
            r.register_with_unit("source_age", help, seconds, m.source_age.clone());
            r.register("source_objects", "Objects of a source", m.source_objects.clone());
            r.register(
                "source_unreadable",
                "Objects of a source that cannot be read",
                m.source_unreadable.clone(),
            );
            r.register("leader", "1 if this replica leads", m.leader.clone());
            r.register("writer_queue", "Rows waiting for the database", m.writer_queue.clone());
            r.register(
                "writer_dropped",
                "Transitions that did not fit into the spool",
                m.writer_dropped.clone(),
            );
            r.register("writer_refused", "Rows that the database refused", m.writer_refused.clone());
        });
        this
    }

    /// For parts that bring metrics of their own; names get `landfall_` before them.
    pub fn with_registry<T>(&self, register: impl FnOnce(&mut Registry) -> T) -> T {
        let mut registry = self.registry.lock().unwrap_or_else(PoisonError::into_inner);
        register(registry.sub_registry_with_prefix("landfall"))
    }

    pub(super) fn request(&self, route: &'static str, status: StatusCode, took: Duration) {
        let status = match status.as_u16() / 100 {
            2 => "2xx",
            3 => "3xx",
            4 => "4xx",
            5 => "5xx",
            _ => "1xx",
        };
        self.requests.get_or_create(&RequestLabels { route, status }).observe(took.as_secs_f64());
    }

    pub(super) fn page(&self, hit: bool) {
        let result = if hit { "hit" } else { "rendered" };
        self.page_cache.get_or_create(&CacheLabels { result }).inc();
    }

    pub(super) fn stream(self: &Arc<Self>) -> Counted {
        self.streams.inc();
        Counted(Arc::clone(self))
    }

    /// Open event streams.
    pub fn open_streams(&self) -> i64 {
        self.streams.get()
    }

    /// Takes what is not counted but looked up.
    fn look(&self, state: &AppState) {
        let (snapshot, now) = (state.live(), state.now());
        let gauge = |number: usize| i64::try_from(number).unwrap_or(i64::MAX);
        let wide = |number: u64| i64::try_from(number).unwrap_or(i64::MAX);
        self.revision.set(wide(snapshot.revision));
        self.services.set(gauge(snapshot.services.len()));
        self.findings.set(gauge(snapshot.findings.len()));
        self.source_state.clear();
        for source in snapshot.sources.values() {
            let labels = SourceLabels { source: source.name.to_string() };
            for known in SourceState::ALL {
                let labels = SourceStateLabels { source: source.name.to_string(), state: known.as_str() };
                self.source_state.get_or_create(&labels).set(i64::from(*known == source.state));
            }
            if let Some(last) = source.last_success {
                let age = now.duration_since(last).as_secs_f64().max(0.0);
                self.source_age.get_or_create(&labels).set(age);
            }
            self.source_objects.get_or_create(&labels).set(wide(source.objects));
            self.source_unreadable.get_or_create(&labels).set(wide(source.unreadable));
        }
        let leads =
            |l: &tokio::sync::watch::Receiver<Leadership>| matches!(*l.borrow(), Leadership::Leader { .. });
        self.leader.set(i64::from(state.leadership.as_ref().is_none_or(leads)));
        if let Some(writer) = &state.writer {
            let writer = writer.borrow();
            self.writer_queue.set(gauge(writer.queued));
            self.writer_dropped.set(wide(writer.dropped));
            self.writer_refused.set(wide(writer.refused));
        }
        self.cache_bytes.set(gauge(state.cache.size().0));
    }
}

impl Meter for Metrics {
    fn record(&self, statement: &'static str, took: Duration, ok: bool) {
        let result = if ok { "ok" } else { "error" };
        self.statements.get_or_create(&StatementLabels { statement, result }).observe(took.as_secs_f64());
    }

    fn unreadable(&self, what: &'static str) {
        self.unreadable_rows.get_or_create(&RowLabels { what }).inc();
    }
}

/// One open event stream, until dropped.
pub struct Counted(Arc<Metrics>);

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.streams.dec();
    }
}

/// The handler.
pub async fn metrics(State(state): State<AppState>) -> Response {
    state.metrics.look(&state);
    let mut text = String::new();
    let registry = state.metrics.registry.lock().unwrap_or_else(PoisonError::into_inner);
    if let Err(error) = encode(&mut text, &registry) {
        tracing::error!(%error, "metrics cannot be written");
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    }
    let content_type = "application/openmetrics-text; version=1.0.0; charset=utf-8";
    ([(header::CONTENT_TYPE, content_type)], text).into_response()
}
