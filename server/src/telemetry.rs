//! Logs to standard error, metrics for `/metrics`.

use std::{
    io::IsTerminal,
    sync::{Arc, Mutex, PoisonError},
};

use prometheus_client::registry::{Metric, Registry};
use tracing_subscriber::{EnvFilter, fmt, prelude::*};

use crate::{args::Color, config::Log, watch::WatchMetrics};

/// Starts the log. A second call changes nothing, so that tests may call it too.
pub fn start(log: &Log, color: Color) {
    let filter = EnvFilter::try_new(&log.filter).unwrap_or_else(|_| EnvFilter::new("info"));
    let registry = tracing_subscriber::registry().with(filter);
    let started = if log.json {
        registry.with(fmt::layer().json().with_writer(std::io::stderr)).try_init()
    } else {
        let ansi = colors(color, &std::io::stderr());
        registry.with(fmt::layer().with_ansi(ansi).with_writer(std::io::stderr)).try_init()
    };
    if started.is_err() {
        tracing::debug!("the log was started before");
    }
}

/// Whether to colour what goes to this stream.
pub fn colors(color: Color, stream: &impl IsTerminal) -> bool {
    match color {
        Color::Always => true,
        Color::Never => false,
        Color::Auto => {
            stream.is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty())
        }
    }
}

/// All metrics of the process. Each part registers its own; names begin with `landfall_`.
#[derive(Debug)]
pub struct Metrics {
    registry: Mutex<Registry>,
    pub watch: WatchMetrics,
}

impl Metrics {
    pub fn new() -> Arc<Self> {
        let mut registry = Registry::with_prefix("landfall");
        let watch = WatchMetrics::default();
        watch.register(registry.sub_registry_with_prefix("watch"));
        Arc::new(Self { registry: Mutex::new(registry), watch })
    }

    /// Adds a metric; `name` without the prefix `landfall_`, counters without `_total`.
    pub fn register(&self, name: &str, help: &str, metric: impl Metric) {
        self.registry.lock().unwrap_or_else(PoisonError::into_inner).register(name, help, metric);
    }

    /// The text that Prometheus reads (OpenMetrics 1.0).
    pub fn encode(&self) -> String {
        let mut text = String::new();
        let registry = self.registry.lock().unwrap_or_else(PoisonError::into_inner);
        if let Err(error) = prometheus_client::encoding::text::encode(&mut text, &registry) {
            // Writing into a String cannot fail; a metric that cannot be encoded would be our mistake.
            tracing::error!(%error, "metrics cannot be encoded");
        }
        text
    }
}
