//! What the collectors count.

use prometheus_client::{
    encoding::EncodeLabelSet,
    metrics::{counter::Counter, family::Family},
    registry::Registry,
};

use super::resource::Plan;

/// One stream's labels.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
pub struct Stream {
    source: String,
    kind: &'static str,
}

impl Stream {
    pub fn of(plan: &Plan) -> Self {
        Self { source: plan.scope.source.to_string(), kind: plan.scope.kind.as_str() }
    }
}

/// Counters by source and kind.
#[derive(Debug, Clone, Default)]
pub struct WatchMetrics {
    pub lists: Family<Stream, Counter>,
    pub watches: Family<Stream, Counter>,
    pub events: Family<Stream, Counter>,
    pub failures: Family<Stream, Counter>,
    pub unreadable: Family<Stream, Counter>,
    pub panics: Family<Stream, Counter>,
}

impl WatchMetrics {
    pub fn register(&self, registry: &mut Registry) {
        registry.register("lists", "Complete lists that were begun", self.lists.clone());
        registry.register("watches", "Watches that were opened or resumed", self.watches.clone());
        registry.register("events", "Watch events, bookmarks aside", self.events.clone());
        registry.register("failures", "Requests that failed or broke off", self.failures.clone());
        registry.register("unreadable", "Objects and lines that could not be read", self.unreadable.clone());
        registry.register("panics", "Panics that were caught", self.panics.clone());
    }
}
