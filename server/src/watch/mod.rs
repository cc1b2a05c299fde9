//! Collectors: one LIST and one WATCH per kind, namespace scope and source; raw text, reduced at the edge.
//!
//! * [`resource`]: kinds as Kubernetes serves them, and which streams a configuration needs.
//! * [`server`]: one API server: client, credentials, limits, discovery.
//! * [`access`], [`sign_in`]: credentials, read anew each time.
//! * [`stream`]: the state machine of one stream: list, watch, resume, relist, verdicts.
//! * [`wire`]: list pages and watch lines, borrowed from the text they came in.
//!
//! Why not `kube::runtime::watcher`: it hides the list's version, bookmarks and clean ends, and those are what tell
//! fresh from silent, and a restored store from a late answer. The client underneath is kube's.

mod access;
mod backoff;
mod edge;
mod lines;
mod list;
mod metrics;
mod report;
pub mod resource;
pub mod server;
mod sign_in;
mod skim;
mod stream;
mod supervise;
mod wire;

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
    time::Duration,
};

use landfall_model::{
    Interner,
    observe::{Observation, Scope, Version},
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

pub(crate) use backoff::Backoff;
pub use metrics::WatchMetrics;
pub use server::{Failure, Server, ServerVersion, chain};

use crate::{config::Config, engine::Inbox};
use resource::Plan;

/// How long things may take. Tests make it shorter.
#[derive(Debug, Clone)]
pub struct Pace {
    /// Seconds that one watch is asked to last, drawn anew for each. A quiet watch ends then and is resumed, so that
    /// a connection which died without a word is noticed.
    pub window_s: std::ops::RangeInclusive<u64>,
    /// How long after its window a watch may stay silent.
    pub margin: Duration,
    /// Until a response begins.
    pub response: Duration,
    pub first_wait: Duration,
    pub longest_wait: Duration,
    /// How long refusals must last before they are a verdict, and how often is asked after that. Also how often is
    /// looked for what is not installed.
    pub verdict: Duration,
    /// Lists that follow an expired version are spread over so much time.
    pub spread: Duration,
    /// Signs of life are passed on at most this often.
    pub report: Duration,
}

impl Default for Pace {
    fn default() -> Self {
        Self {
            window_s: 20..=25,
            margin: Duration::from_secs(3),
            response: Duration::from_secs(15),
            first_wait: Duration::from_millis(800),
            longest_wait: Duration::from_secs(30),
            verdict: Duration::from_secs(30),
            spread: Duration::from_secs(3),
            report: Duration::from_secs(2),
        }
    }
}

impl Pace {
    /// For tests: everything about twenty times as fast.
    pub fn quick() -> Self {
        Self {
            window_s: 1..=1,
            margin: Duration::from_millis(400),
            response: Duration::from_millis(600),
            first_wait: Duration::from_millis(40),
            longest_wait: Duration::from_millis(600),
            verdict: Duration::from_millis(600),
            spread: Duration::from_millis(100),
            report: Duration::from_millis(20),
        }
    }
}

/// The highest version that is known of each scope, from the store: a collector goes on in that epoch, and notices a
/// store that was restored from a backup while Landfall was away.
pub type Known = BTreeMap<Scope, Version>;

/// The highest version of each scope among stored observations.
pub fn known<'a>(observations: impl IntoIterator<Item = &'a Observation>) -> Known {
    let mut known = Known::new();
    for observation in observations {
        let version = known.entry(observation.scope.clone()).or_default();
        *version = observation.version.max(*version);
    }
    known
}

/// Collects everything that the configuration names, until `shutdown`.
pub async fn run(
    config: &Config,
    known: &Known,
    inbox: Inbox,
    shutdown: CancellationToken,
    metrics: &WatchMetrics,
) {
    run_at(&Pace::default(), config, known, inbox, shutdown, metrics).await;
}

/// [`run`] at a given pace.
pub async fn run_at(
    pace: &Pace,
    config: &Config,
    known: &Known,
    inbox: Inbox,
    shutdown: CancellationToken,
    metrics: &WatchMetrics,
) {
    let pace = Arc::new(pace.clone());
    let interner = Arc::new(Mutex::new(Interner::default()));
    let tasks = TaskTracker::new();
    for cluster in &config.clusters {
        let server = Arc::new(Server::new(cluster, &config.limits, &pace));
        for plan in plans(config, cluster) {
            let parts = stream::Parts {
                version: known.get(&plan.scope).copied().unwrap_or_default(),
                plan,
                server: Arc::clone(&server),
                inbox: inbox.clone(),
                pace: Arc::clone(&pace),
                interner: Arc::clone(&interner),
                metrics: metrics.clone(),
                page: config.limits.list_page,
            };
            tasks.spawn(supervise::keep(parts, shutdown.clone()));
        }
    }
    drop(inbox);
    tasks.close();
    tasks.wait().await;
}

/// Every stream of a cluster and of the Argo CD instances that live in it.
pub fn plans(config: &Config, cluster: &crate::config::Cluster) -> Vec<Plan> {
    let mut plans = resource::cluster_plans(cluster);
    for instance in &config.instances {
        if *instance.settings.cluster == *cluster.name {
            plans.extend(resource::instance_plans(instance));
        }
    }
    plans
}

/// One LIST of every stream in `plans`, without watching: what a check needs.
pub async fn collect_once(
    config: &Config,
    server: &Arc<Server>,
    plans: &[Plan],
) -> Vec<(Plan, Result<Vec<Observation>, Failure>)> {
    let interner = Mutex::new(Interner::default());
    let mut results = Vec::with_capacity(plans.len());
    for plan in plans {
        let result = list::once(server, plan, config.limits.list_page, &interner).await;
        results.push((plan.clone(), result));
    }
    results
}
