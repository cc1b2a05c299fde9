//! What goes on in a big world: Argo CD's refreshes that change nothing, and changes that mean something.

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use crate::build::time;
use crate::cluster::Cluster;
use crate::kinds;
use crate::store::Key;

/// How much goes on.
#[derive(Clone, Copy, Debug, Default)]
pub struct Churn {
    /// Applications compared again a second; only `reconciledAt` changes. An idle fleet of 10,000 has about 55.
    pub refreshes_per_s: u32,
    /// Changes of meaning a second: sync, revision, a pod that stops or starts being ready.
    pub changes_per_s: u32,
}

/// A big world's churn, kept up with the clock.
#[derive(Debug)]
pub(crate) struct Churning {
    clusters: Vec<Cluster>,
    names: Vec<Vec<Key>>,
    pods: Vec<Vec<Key>>,
    pub churn: Churn,
    since: Timestamp,
    done: (u64, u64),
    random: fastrand::Rng,
}

impl Churning {
    pub fn new(clusters: Vec<Cluster>, seed: u64, now: Timestamp) -> Self {
        let keys = |plural: &str| -> Vec<Vec<Key>> {
            clusters
                .iter()
                .map(|cluster| {
                    let Some(id) = kinds::by_plural(plural) else { return Vec::new() };
                    cluster.store().table(id).all().iter().map(|object| object.key.clone()).collect()
                })
                .collect()
        };
        let (names, pods) = (keys("applications"), keys("pods"));
        let random = fastrand::Rng::with_seed(seed ^ 0xc4);
        Self { clusters, names, pods, churn: Churn::default(), since: now, done: (0, 0), random }
    }

    /// Begins anew with another churn.
    pub fn set(&mut self, churn: Churn, now: Timestamp) {
        self.churn = churn;
        self.since = now;
        self.done = (0, 0);
    }

    /// Makes up for the time since the last call.
    pub fn play(&mut self, now: Timestamp) {
        let millis =
            u64::try_from(now.duration_since(self.since).max(SignedDuration::ZERO).as_millis()).unwrap_or(0);
        let due = |per_second: u32| millis * u64::from(per_second) / 1_000;
        while self.done.0 < due(self.churn.refreshes_per_s) {
            self.done.0 += 1;
            self.refresh(now);
        }
        while self.done.1 < due(self.churn.changes_per_s) {
            self.done.1 += 1;
            self.change(now);
        }
    }

    fn pick(&mut self, pods: bool) -> Option<(usize, Key)> {
        let at = self.random.usize(0..self.clusters.len());
        let keys = if pods { &self.pods[at] } else { &self.names[at] };
        if keys.is_empty() {
            return None;
        }
        Some((at, keys[self.random.usize(0..keys.len())].clone()))
    }

    fn modify(&mut self, resource: &str, change: impl FnOnce(&mut Value)) {
        let Some((at, key)) = self.pick(resource == "pods") else { return };
        let _stored = self.clusters[at].modify(resource, &key.namespace, &key.name, change);
    }

    fn refresh(&mut self, now: Timestamp) {
        self.modify("applications", |app| touch(app, now));
    }

    fn change(&mut self, now: Timestamp) {
        if self.random.bool() {
            self.modify("applications", |app| {
                touch(app, now);
                let synced = app["status"]["sync"]["status"] == "Synced";
                app["status"]["sync"]["status"] = json!(if synced { "OutOfSync" } else { "Synced" });
                app["status"]["resources"][2]["status"] = json!(if synced { "OutOfSync" } else { "Synced" });
            });
        } else {
            self.modify("pods", |pod| {
                let status = &mut pod["status"]["containerStatuses"][0];
                let ready = status["ready"] == true;
                status["ready"] = json!(!ready);
                pod["status"]["conditions"][2]["status"] = json!(if ready { "False" } else { "True" });
                pod["status"]["conditions"][2]["lastTransitionTime"] = json!(time(now));
            });
        }
    }
}

fn touch(app: &mut Value, now: Timestamp) {
    app["status"]["reconciledAt"] = json!(time(now));
    let generation = app["metadata"]["generation"].as_u64().unwrap_or(0);
    app["metadata"]["generation"] = json!(generation + 1);
}
