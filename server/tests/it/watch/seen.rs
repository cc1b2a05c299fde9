//! Runs collectors on a world and keeps what they send, by the rules that the index has.

use std::{
    collections::BTreeMap,
    path::Path,
    sync::{Arc, Mutex},
    time::Duration,
};

use landfall::{
    config::{Config, Variables},
    engine::Change,
    watch::{self, Known, Pace, WatchMetrics},
};
use landfall_model::{
    Text,
    observe::{ObjectName, Observation, Scope, Version},
    phrase::Said,
    words::{Kind, SourceState},
};
use landfall_sandbox::{Running, World};
use serde_json::{Value, json};
use tokio_util::sync::{CancellationToken, DropGuard};

/// What was sent so far.
#[derive(Debug, Default)]
pub struct View {
    pub objects: BTreeMap<(Scope, ObjectName), Observation>,
    /// Every removal that removed something.
    pub removed: Vec<(Scope, ObjectName)>,
    pub reported: Vec<SourceState>,
    reports: BTreeMap<(Scope, Option<Text>), (SourceState, Option<Said>)>,
    graves: BTreeMap<(Scope, ObjectName), Version>,
}

impl View {
    fn take(&mut self, change: Change) {
        match change {
            Change::Apply(object) => self.apply(object),
            Change::Delete { scope, name, version } => {
                let key = (scope, name);
                if self.objects.get(&key).is_some_and(|held| held.version <= version) {
                    self.objects.remove(&key);
                    self.removed.push(key.clone());
                }
                self.graves.insert(key, version);
            }
            Change::Reset { scope, within, items, version } => {
                let gone: Vec<_> = self
                    .objects
                    .iter()
                    .filter(|((of, name), held)| {
                        *of == scope
                            && within.as_ref().is_none_or(|within| name.namespace == *within)
                            && held.version <= version
                            && !items.iter().any(|item| item.name == *name)
                    })
                    .map(|(key, _)| key.clone())
                    .collect();
                for key in gone {
                    self.objects.remove(&key);
                    self.removed.push(key);
                }
                for item in items {
                    self.apply(item);
                }
            }
            Change::Polled(_) => {}
            Change::Report(report) => {
                self.reported.push(report.state);
                self.reports.insert((report.scope, report.within), (report.state, report.error));
            }
        }
    }

    fn apply(&mut self, object: Observation) {
        let key = (object.scope.clone(), object.name.clone());
        let newest = self.objects.get(&key).map(|held| held.version).max(self.graves.get(&key).copied());
        if newest.is_none_or(|newest| object.version > newest) {
            self.objects.insert(key, object);
        }
    }

    pub fn count(&self, kind: Kind) -> usize {
        self.objects.keys().filter(|(scope, _)| scope.kind == kind).count()
    }

    pub fn state(&self, scope: &Scope) -> Option<SourceState> {
        self.reports.get(&(scope.clone(), None)).map(|(state, _)| *state)
    }

    pub fn error(&self, scope: &Scope) -> Option<String> {
        self.reports.get(&(scope.clone(), None))?.1.clone().map(String::from)
    }

    pub fn states(&self) -> impl Iterator<Item = SourceState> {
        self.reports.values().map(|(state, _)| *state)
    }
}

/// Collectors at work on a world.
pub struct Collecting {
    view: Arc<Mutex<View>>,
    metrics: WatchMetrics,
    _stop: DropGuard,
    _running: Running,
}

impl Collecting {
    /// On every cluster of the world; `more` are further keys of the first cluster.
    pub async fn start(world: &World, more: &str) -> Self {
        Self::start_with(world, more, "", &Known::new()).await
    }

    pub async fn start_with(world: &World, more: &str, sections: &str, known: &Known) -> Self {
        let _already = rustls::crypto::ring::default_provider().install_default();
        let running = world.start().await.unwrap();
        let text = world.landfall_toml().replacen("[[cluster]]\n", &format!("[[cluster]]\n{more}\n"), 1);
        let config =
            Config::parse(Path::new("landfall.toml"), &format!("{text}\n{sections}"), &Variables::new())
                .unwrap_or_else(|problems| panic!("{problems}\n{text}"));
        let view = Arc::new(Mutex::new(View::default()));
        let (inbox, mut changes) = tokio::sync::mpsc::channel(64);
        let into = Arc::clone(&view);
        tokio::spawn(async move {
            while let Some(change) = changes.recv().await {
                into.lock().unwrap().take(change);
            }
        });
        let stop = CancellationToken::new();
        let metrics = WatchMetrics::default();
        let (token, counting, known) = (stop.clone(), metrics.clone(), known.clone());
        tokio::spawn(async move {
            watch::run_at(&Pace::quick(), &config, &known, inbox, token, &counting).await;
        });
        Self { view, metrics, _stop: stop.drop_guard(), _running: running }
    }

    pub fn with<T>(&self, look: impl FnOnce(&View) -> T) -> T {
        look(&self.view.lock().unwrap())
    }

    /// Waits until something is so; far longer than it may take, so that only what never happens fails.
    pub async fn until(&self, what: &str, is: impl Fn(&View) -> bool) {
        for _ in 0..3_000 {
            if self.with(&is) {
                return;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        let (reports, count) = self.with(|view| (format!("{:#?}", view.reports), view.objects.len()));
        panic!("never: {what}; {count} objects; {reports}");
    }

    /// Waits until pods and Applications are those of the first cluster, in their newest versions.
    pub async fn complete(&self, world: &World) {
        let prod = world.cluster("prod");
        let truth = |resource: &str| -> BTreeMap<String, u64> {
            let version =
                |object: &Value| object["metadata"]["resourceVersion"].as_str().unwrap().parse().unwrap();
            let name = |object: &Value| object["metadata"]["name"].as_str().unwrap().to_owned();
            prod.list(resource).iter().map(|object| (name(object), version(object))).collect()
        };
        let (pods, applications) = (truth("pods"), truth("applications"));
        self.until("the view is the truth", |view| {
            let of = |kind: Kind| -> BTreeMap<String, u64> {
                let here = view.objects.iter().filter(|((scope, _), _)| scope.kind == kind);
                here.map(|((_, name), object)| (name.name.to_string(), object.version.resource)).collect()
            };
            of(Kind::Pod) == pods && of(Kind::Application) == applications
        })
        .await;
    }

    pub fn scope(kind: Kind) -> Scope {
        let source =
            if landfall_model::index::CLUSTER_KINDS.contains(&kind) { "cluster/prod" } else { "argocd/prod" };
        Scope { source: source.into(), kind }
    }

    /// Panics that were caught, of all streams.
    pub fn panics(&self) -> u64 {
        let mut registry = prometheus_client::registry::Registry::default();
        self.metrics.register(&mut registry);
        let mut text = String::new();
        prometheus_client::encoding::text::encode(&mut text, &registry).unwrap();
        let lines = text.lines().filter(|line| line.starts_with("panics_total{"));
        lines.filter_map(|line| line.rsplit(' ').next()?.parse::<u64>().ok()).sum()
    }
}

/// A running pod `pod-NTH`.
pub fn pod(nth: usize, namespace: &str) -> Value {
    json!({
        "apiVersion": "v1", "kind": "Pod",
        "metadata": {"name": format!("pod-{nth}"), "namespace": namespace},
        "spec": {"containers": [{"name": "web", "image": "registry.example/web:1"}]},
        "status": {"phase": "Running"},
    })
}

/// An Application `app-NTH` in `argocd`.
pub fn application(nth: usize, sync: &str) -> Value {
    json!({
        "apiVersion": "argoproj.io/v1alpha1", "kind": "Application",
        "metadata": {"name": format!("app-{nth}"), "namespace": "argocd"},
        "spec": {
            "project": "default",
            "source": {"repoURL": "https://git.example/web", "path": "deploy"},
            "destination": {"server": "https://kubernetes.default.svc", "namespace": "web"},
        },
        "status": {"sync": {"status": sync, "revision": "4f1c"}, "health": {"status": "Healthy"}},
    })
}
