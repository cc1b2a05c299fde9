//! A registry, a database of its own, a leader that looks.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use anyhow::Context as _;
use landfall::{
    config::Registry as Config,
    engine::Change,
    hook::HookMetrics,
    source::registry::{
        Patience,
        poll::{Looker, Polling},
    },
    store::{Epoch, Look, Store},
};
use landfall_model::image::SeenBy;
use landfall_model::view::{Environment, Service, Snapshot};
use landfall_sandbox::registry::{Dialect, Image, Registry, RunningRegistry};
use serde_json::json;
use sqlx::{AssertSqlSafe, Connection as _, PgConnection, postgres::PgConnectOptions};
use tokio::sync::{mpsc, watch};

/// Everything that a measurement needs.
pub struct Stage {
    pub registry: Registry,
    running: RunningRegistry,
    paths: Vec<String>,
    looker: Looker,
    inbox: mpsc::Receiver<Change>,
    view: watch::Sender<Arc<Snapshot>>,
    store: Store,
    epoch: Epoch,
    admin: PgConnectOptions,
    name: String,
}

impl Stage {
    /// With so many empty repositories.
    pub async fn new(url: &str, repositories: u64) -> anyhow::Result<Self> {
        let admin: PgConnectOptions = url.parse()?;
        let name = format!("landfall_bench_{:08x}", fastrand::u32(..));
        let mut conn = PgConnection::connect_with(&admin).await?;
        sqlx::query(AssertSqlSafe(format!("create database {name}"))).execute(&mut conn).await?;
        conn.close().await?;
        let store = Store::with_options(admin.clone().database(&name), 4);
        store.migrate().await?;
        let mut conn = PgConnection::connect_with(&admin.clone().database(&name)).await?;
        sqlx::query(
            "insert into lease (name, holder, epoch, acquired_at, expires_at)
             values ('landfall', 'bench', 1, now(), now() + interval '1 day')",
        )
        .execute(&mut conn)
        .await?;
        conn.close().await?;
        let registry = Registry::new(Dialect::Harbor);
        let running = registry.start().await?;
        let paths: Vec<String> = (0..repositories).map(|n| format!("team/service-{n:04}")).collect();
        let config = Config {
            repositories: paths.clone(),
            plain_http: true,
            allow_private: true,
            requests_per_minute: 60_000_000,
            interval: Duration::from_hours(1),
            ..Config::anonymous(&running.host)
        };
        let epoch = Epoch { lease: "landfall".into(), number: 1 };
        let (view, snapshot) = watch::channel(Arc::new(Snapshot::default()));
        let (sender, inbox) = mpsc::channel(10_000);
        let polling = Polling {
            store: store.clone(),
            epoch: epoch.clone(),
            snapshot,
            patience: Patience::default(),
            hooks: HookMetrics::default(),
        };
        let looker = Looker::new(polling, &config, sender)?;
        Ok(Self { registry, running, paths, looker, inbox, view, store, epoch, admin, name })
    }

    /// Pushes `tags` images, each another, into every repository.
    pub fn push_all(&self, tags: u64) {
        for path in &self.paths {
            for n in 0..tags {
                let image = Image::plain(&format!("{path} {n}"), "2026-11-20T10:00:00Z");
                self.registry.push(path, &format!("2026.11.{n}"), &image);
            }
        }
    }

    /// `tags` tags on one image in every repository, all of them seen before.
    pub async fn know_all(&self, tags: u64) -> anyhow::Result<()> {
        let image = Image::plain("known", "2026-11-20T10:00:00Z");
        for path in &self.paths {
            let digest = self.registry.push(path, "tag-00000", &image);
            let mut pointed = BTreeMap::new();
            for n in 0..tags {
                let tag = format!("tag-{n:06}");
                self.registry.tag(path, &tag, &digest);
                pointed.insert(tag, digest.clone());
            }
            pointed.insert("tag-00000".to_owned(), digest);
            let repository = format!("{}/{path}", self.running.host);
            let look = Look {
                registry: self.running.host.clone(),
                repository,
                at: landfall::clock::now(),
                listed: Some(pointed.keys().cloned().collect()),
                pointed,
                error: None,
                seen_by: SeenBy::Poll,
            };
            self.store.record_look(&self.epoch, &look).await?;
        }
        Ok(())
    }

    pub fn push_everywhere(&self, tag: &str, image: impl Fn(&str) -> Image) {
        for path in &self.paths {
            self.registry.push(path, tag, &image(path));
        }
    }

    /// This tag runs in every repository.
    pub fn runs_everywhere(&self, tag: &str) {
        let images: Vec<_> = self
            .paths
            .iter()
            .map(|path| {
                json!({"repository": format!("{}/{path}", self.running.host), "containers": [], "meant": [],
                       "reported": [], "running": [{"tag": tag, "digest": null, "pods": 1, "ready": 1}], "since": null,
                       "since_exact": false, "chosen_by": ""})
            })
            .collect();
        let environment: Result<Environment, _> = serde_json::from_value(json!({
            "id": "a", "service": "all", "name": "production", "preview": false, "mapped_by": "", "instance": "main",
            "application": "argocd/all", "project": "default", "state": "healthy", "since_exact": true, "compared": [],
            "deployed": [], "manifests": [], "finalizers": [], "conditions": [], "workloads": [],
            "other_images": images, "urls": [], "objects": 1, "objects_out_of_sync": 0, "sources": [],
        }));
        let environments = environment.into_iter().map(Arc::new).collect();
        let service =
            Service { name: "all".into(), owner: None, repository: None, environments, unassigned: false };
        self.view
            .send_replace(Arc::new(Snapshot { services: vec![Arc::new(service)], ..Snapshot::default() }));
    }

    pub async fn look(&mut self) -> anyhow::Result<()> {
        let look = self.looker.look();
        tokio::pin!(look);
        let mut error = None;
        let mut take = |change: Change| {
            if let Change::Polled(report) = change {
                error = report.error;
            }
        };
        loop {
            tokio::select! {
                ended = &mut look => {
                    ended.map_err(|_| anyhow::anyhow!("another leads"))?;
                    break;
                }
                Some(change) = self.inbox.recv() => take(change),
            }
        }
        while let Ok(change) = self.inbox.try_recv() {
            take(change);
        }
        error.map_or(Ok(()), |error| Err(anyhow::anyhow!("the look failed: {error}")))
    }

    /// Whether every tag has its edge and every digest is read.
    pub async fn is_taken_in(&self, tags: u64) -> anyhow::Result<bool> {
        let wanted = usize::try_from(tags)?;
        for path in &self.paths {
            let name = format!("{}/{path}", self.running.host);
            let seen = self.store.sightings(&name, u32::try_from(tags)? + 1).await?.len();
            if seen < wanted || !self.store.undescribed(&name, 1).await?.is_empty() {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// So many of the newest edges of the first repository.
    pub async fn newest(&self, limit: u32) -> anyhow::Result<usize> {
        let path = self.paths.first().context("no repository")?;
        Ok(self.store.sightings(&format!("{}/{path}", self.running.host), limit).await?.len())
    }

    /// Closes and drops the database.
    pub async fn end(self) -> anyhow::Result<()> {
        anyhow::ensure!(self.registry.violations().is_empty(), "a reader did what no reader may");
        self.store.close().await;
        let mut conn = PgConnection::connect_with(&self.admin).await?;
        sqlx::query(AssertSqlSafe(format!("drop database {} with (force)", self.name)))
            .execute(&mut conn)
            .await?;
        conn.close().await?;
        Ok(())
    }
}
