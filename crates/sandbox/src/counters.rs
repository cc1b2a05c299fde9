//! What was asked of the world: every request by cluster, verb, resource and status, and what it never should see.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use serde::Serialize;

/// How many violations are kept; more are counted only.
const KEPT_VIOLATIONS: usize = 1_000;

/// Something no reader may do: a write, or a path that Landfall has no business with.
#[derive(Clone, Debug, Serialize, PartialEq, Eq)]
pub struct Violation {
    /// Cluster that was asked.
    pub cluster: String,
    /// HTTP method.
    pub method: String,
    /// Path with query.
    pub path: String,
    /// What was wrong with it.
    pub why: String,
}

/// One row: how often this was asked and answered so.
#[derive(Clone, Debug, Serialize, PartialEq, Eq, PartialOrd, Ord)]
pub struct RequestCount {
    /// Cluster that was asked.
    pub cluster: String,
    /// `list` (the first page), `list-page` (a page by `continue`), `watch`, `watch-list` (a streaming list), `get`,
    /// `discovery`, `review`, `health` or `other`.
    pub verb: String,
    /// Plural name of the resource, or `-`.
    pub resource: String,
    /// HTTP status that was answered; 0 when the connection was dropped instead.
    pub status: u16,
    /// How often.
    pub count: u64,
}

/// A reading of all counters.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Counters {
    /// Requests by cluster, verb, resource and status.
    pub requests: Vec<RequestCount>,
    /// Watches open now, by cluster and resource.
    pub open_watches: Vec<OpenWatches>,
    /// How many violations there were.
    pub violations: u64,
}

/// Watches open now on one resource.
#[derive(Clone, Debug, Serialize, PartialEq, Eq)]
pub struct OpenWatches {
    /// Cluster.
    pub cluster: String,
    /// Plural name of the resource.
    pub resource: String,
    /// How many are open.
    pub open: u64,
}

impl Counters {
    /// Sum of the requests that fit; `""` fits everything.
    pub fn requests(&self, cluster: &str, verb: &str, resource: &str) -> u64 {
        self.requests
            .iter()
            .filter(|row| {
                fits(cluster, &row.cluster) && fits(verb, &row.verb) && fits(resource, &row.resource)
            })
            .map(|row| row.count)
            .sum()
    }

    /// Whole LISTs of a resource: first pages and streaming lists, later pages not counted. `""` fits everything.
    pub fn lists(&self, cluster: &str, resource: &str) -> u64 {
        self.requests(cluster, "list", resource) + self.requests(cluster, "watch-list", resource)
    }

    /// WATCH requests of a resource, streaming lists included. `""` fits everything.
    pub fn watches(&self, cluster: &str, resource: &str) -> u64 {
        self.requests(cluster, "watch", resource) + self.requests(cluster, "watch-list", resource)
    }

    /// Watches open now. `""` fits everything.
    pub fn open_watches(&self, cluster: &str, resource: &str) -> u64 {
        self.open_watches
            .iter()
            .filter(|row| fits(cluster, &row.cluster) && fits(resource, &row.resource))
            .map(|row| row.open)
            .sum()
    }
}

fn fits(pattern: &str, value: &str) -> bool {
    pattern.is_empty() || pattern == value
}

/// The counters of one cluster, shared by all its requests.
#[derive(Debug, Default)]
pub(crate) struct Recorder(Mutex<Recorded>);

#[derive(Debug, Default)]
struct Recorded {
    requests: BTreeMap<(&'static str, &'static str, u16), u64>,
    open: BTreeMap<&'static str, u64>,
    violations: Vec<Violation>,
    violation_count: u64,
    /// How many of them somebody has looked at.
    looked_at: u64,
}

impl Recorder {
    fn lock(&self) -> std::sync::MutexGuard<'_, Recorded> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub fn request(&self, verb: &'static str, resource: &'static str, status: u16) {
        *self.lock().requests.entry((verb, resource, status)).or_default() += 1;
    }

    pub fn watch_opened(&self, resource: &'static str) {
        *self.lock().open.entry(resource).or_default() += 1;
    }

    pub fn watch_closed(&self, resource: &'static str) {
        if let Some(open) = self.lock().open.get_mut(resource) {
            *open = open.saturating_sub(1);
        }
    }

    pub fn violation(&self, violation: Violation) {
        tracing::warn!(
            cluster = violation.cluster,
            method = violation.method,
            path = violation.path,
            "violation"
        );
        let mut recorded = self.lock();
        recorded.violation_count += 1;
        if recorded.violations.len() < KEPT_VIOLATIONS {
            recorded.violations.push(violation);
        }
    }

    pub fn violations(&self) -> Vec<Violation> {
        let mut recorded = self.lock();
        recorded.looked_at = recorded.violation_count;
        recorded.violations.clone()
    }

    /// The newest violation, if nobody has looked at it.
    pub fn unnoticed(&self) -> Option<Violation> {
        let recorded = self.lock();
        recorded.violations.last().filter(|_| recorded.violation_count > recorded.looked_at).cloned()
    }

    pub fn reset(&self) {
        let mut recorded = self.lock();
        recorded.requests.clear();
        recorded.violations.clear();
        (recorded.violation_count, recorded.looked_at) = (0, 0);
    }

    pub fn read_into(&self, cluster: &str, into: &mut Counters) {
        let recorded = self.lock();
        into.violations += recorded.violation_count;
        into.requests.extend(recorded.requests.iter().map(|(&(verb, resource, status), &count)| {
            RequestCount {
                cluster: cluster.to_owned(),
                verb: verb.to_owned(),
                resource: resource.to_owned(),
                status,
                count,
            }
        }));
        into.open_watches.extend(recorded.open.iter().map(|(&resource, &open)| OpenWatches {
            cluster: cluster.to_owned(),
            resource: resource.to_owned(),
            open,
        }));
    }
}
