//! A database, a leader, a registry and a view: what looking again and again needs.

use std::{collections::BTreeMap, sync::Arc};

use landfall::{
    config::Registry as Config,
    engine::Change,
    hook::HookMetrics,
    source::registry::{
        Patience,
        poll::{Fenced, Looker, Polling},
    },
    store::{Epoch, Sighting, Store},
};
use landfall_model::{
    Text,
    index::PollReport,
    observe::{Body, Observation, Repository},
    view::{Environment, Service, Snapshot},
};
use serde_json::json;
use sqlx::PgPool;
use tokio::sync::{mpsc, watch};

/// Looks at one registry, as one leader does.
pub struct Looking {
    pub store: Store,
    pub looker: Looker,
    /// What the engine was last told of each repository, and what it was told by the last look.
    pub known: BTreeMap<Text, Arc<Repository>>,
    pub news: usize,
    inbox: mpsc::Receiver<Change>,
    view: watch::Sender<Arc<Snapshot>>,
}

impl Looking {
    /// Takes the lead on this database.
    pub async fn lead(pool: &PgPool, config: &Config, patience: Patience) -> Self {
        let number = sqlx::query_scalar::<_, i64>(
            "insert into lease (name, holder, epoch, acquired_at, expires_at)
             values ('landfall', 'test', 1, now(), now() + interval '1 hour')
             on conflict (name) do update set epoch = lease.epoch + 1 returning epoch",
        )
        .fetch_one(pool)
        .await
        .unwrap();
        let epoch = Epoch { lease: "landfall".into(), number };
        let store = Store::with_options(pool.connect_options().as_ref().clone(), 4);
        let (view, snapshot) = watch::channel(Arc::new(Snapshot::default()));
        let (sender, inbox) = mpsc::channel(1_000);
        let polling =
            Polling { store: store.clone(), epoch, snapshot, patience, hooks: HookMetrics::default() };
        let looker = Looker::new(polling, config, sender).unwrap();
        Self { store, looker, known: BTreeMap::new(), news: 0, inbox, view }
    }

    /// From now on these images run: repository with host, tag, digest or nothing.
    pub fn runs(&self, images: &[(&str, &str, &str)]) {
        let views: Vec<_> = images
            .iter()
            .map(|(repository, tag, digest)| {
                json!({"repository": repository, "containers": [], "meant": [{"tag": tag, "digest": null}],
                       "reported": [], "running": [{"tag": tag, "digest": Some(*digest).filter(|it| !it.is_empty()), "pods": 1, "ready": 1}],
                       "since": null, "since_exact": false, "chosen_by": ""})
            })
            .collect();
        let environment: Environment = serde_json::from_value(json!({
            "id": "a", "service": "web", "name": "production", "preview": false, "mapped_by": "", "instance": "main",
            "application": "argocd/app", "project": "default", "state": "healthy", "since_exact": true, "compared": [],
            "deployed": [], "manifests": [], "finalizers": [], "conditions": [], "workloads": [],
            "other_images": views, "urls": [], "objects": 1, "objects_out_of_sync": 0, "sources": [],
        }))
        .unwrap();
        let service = Service {
            name: "web".into(),
            owner: None,
            repository: None,
            environments: vec![Arc::new(environment)],
            unassigned: false,
        };
        let view = Snapshot { services: vec![Arc::new(service)], ..Snapshot::default() };
        self.view.send_replace(Arc::new(view));
    }

    /// One cycle; gives the last report.
    pub async fn look(&mut self) -> PollReport {
        self.try_look().await.unwrap();
        let mut last = None;
        self.news = 0;
        while let Ok(change) = self.inbox.try_recv() {
            match change {
                Change::Polled(report) => last = Some(report),
                Change::Apply(Observation { name, body: Body::Repository(body), .. }) => {
                    self.news += 1;
                    self.known.insert(name.name, body);
                }
                _ => {}
            }
        }
        last.expect("a report")
    }

    pub async fn try_look(&mut self) -> Result<(), Fenced> {
        self.looker.look().await
    }

    /// Edges of a repository, oldest first within each tag.
    pub async fn edges(&self, repository: &str) -> Vec<Sighting> {
        let mut edges = self.store.sightings(repository, 100_000).await.unwrap();
        edges.sort_by(|a, b| (&a.tag, a.first_seen).cmp(&(&b.tag, b.first_seen)));
        edges
    }

    /// The same in short: tag, digest, open.
    pub async fn short(&self, repository: &str) -> Vec<(String, String, bool)> {
        let edges = self.edges(repository).await;
        edges.into_iter().map(|edge| (edge.tag, edge.digest, edge.ended_at.is_none())).collect()
    }
}
