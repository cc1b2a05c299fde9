//! F7, quick: what an idle fleet says over and over writes nothing; what changes faster than anybody looks is told as
//! far as it lasted. The whole server on a real database.

use std::{net::SocketAddr, path::Path, time::Duration};

use landfall::{
    config::{Config, Variables},
    serve::{self, ServeOptions},
    store::Store,
};
use landfall_sandbox::{Big, Clock, Running, World};
use serde_json::{Value, json};
use sqlx::PgPool;
use tokio::{net::TcpListener, task::JoinHandle};
use tokio_util::sync::CancellationToken;

/// A server on a world of twenty Applications; everything that is there is written.
struct Whole {
    world: World,
    pool: PgPool,
    stop: CancellationToken,
    task: JoinHandle<anyhow::Result<()>>,
    running: Running,
}

type Change = (String, Value, Value);

impl Whole {
    async fn start(pool: PgPool) -> Self {
        let _already = rustls::crypto::ring::default_provider().install_default();
        let world = World::big(Big { apps: 20, pods: 40, ..Big::default() }, Clock::real());
        let running = world.start().await.unwrap();
        let address: SocketAddr = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
        let text = world.landfall_toml().replace("127.0.0.1:3000", &address.to_string());
        let variables = Variables::from([("DATABASE_URL".to_owned(), "postgres://unused".to_owned())]);
        let config = Config::parse(Path::new("landfall.toml"), &text, &variables)
            .unwrap_or_else(|problems| panic!("{problems}"));
        let store = Store::with_options(pool.connect_options().as_ref().clone(), 2);
        let stop = CancellationToken::new();
        let task = tokio::spawn(serve::serve(config, ServeOptions { site: None }, store, stop.clone()));
        let whole = Self { world, pool, stop, task, running };
        whole
            .until("everything is written", "select count(*) = 20 from transitions where kind = 'appeared'")
            .await;
        // The cluster's part may be a step later than the Applications.
        let pods = "select count(*) = 40 from observations where kind = 'Pod' and body is not null";
        whole.until("pods are written", pods).await;
        whole
    }

    async fn until(&self, what: &str, sql: &'static str) {
        let seen = async {
            while !sqlx::query_scalar::<_, bool>(sql).fetch_one(&self.pool).await.unwrap() {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        };
        tokio::time::timeout(Duration::from_mins(1), seen)
            .await
            .unwrap_or_else(|_| panic!("{what}: not in time"));
    }

    fn modify(&self, app: u32, change: impl FnOnce(&mut Value)) {
        let name = format!("service-{app:05}");
        self.world.cluster("prod").modify("applications", "argocd", &name, change).unwrap().unwrap();
    }

    /// Changes of an Application's sync, oldest first.
    async fn syncs(&self) -> Vec<Change> {
        sqlx::query_as("select subject, was, now from transitions where kind = 'sync' order by seq")
            .fetch_all(&self.pool)
            .await
            .unwrap()
    }

    async fn end(self) {
        self.stop.cancel();
        self.task.await.unwrap().unwrap();
        self.running.shutdown().await;
    }
}

#[sqlx::test(migrator = "landfall::store::MIGRATOR")]
async fn refreshes_of_an_idle_fleet_write_no_row(pool: PgPool) {
    let whole = Whole::start(pool).await;
    let count = async || -> (i64, i64) {
        sqlx::query_as("select (select count(*) from transitions where kind <> 'finding'), (select count(*) from frames)")
            .fetch_one(&whole.pool)
            .await
            .unwrap()
    };
    let (transitions, frames) = count().await;
    for round in 0..20 {
        for app in 0..20 {
            whole.modify(app, |app| {
                app["status"]["reconciledAt"] = json!(format!("2026-11-24T10:00:{round:02}Z"));
                app["metadata"]["generation"] = json!(100 + round);
            });
        }
    }
    // One change behind them in the same watch: once it is written, the others are worked out.
    whole.modify(3, |app| {
        app["status"]["sync"]["status"] =
            json!(if app["status"]["sync"]["status"] == "Synced" { "OutOfSync" } else { "Synced" });
    });
    whole.until("the change is written", "select count(*) = 1 from transitions where kind = 'sync'").await;
    assert_eq!(count().await, (transitions + 1, frames + 1));
    whole.end().await;
}

#[sqlx::test(migrator = "landfall::store::MIGRATOR")]
async fn a_flapping_application_is_told_as_an_unbroken_chain(pool: PgPool) {
    const FLAPS: usize = 501;
    let whole = Whole::start(pool).await;
    let start = whole.world.cluster("prod").get("applications", "argocd", "service-00003").unwrap();
    let synced = start["status"]["sync"]["status"] == "Synced";
    for nth in 0..FLAPS {
        let now_synced = synced == (nth % 2 == 1);
        whole.modify(3, |app| {
            app["status"]["sync"]["status"] = json!(if now_synced { "Synced" } else { "OutOfSync" });
        });
        if nth % 50 == 0 {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }
    whole.modify(4, |app| app["status"]["sync"]["revision"] = json!("f".repeat(40)));
    let last = "select bool_or(body #>> '{of,compared,0}' = repeat('f', 40)) from observations where name = 'service-00004'";
    whole.until("the last change is written", last).await;
    let told = whole.syncs().await;
    assert!(
        !told.is_empty() && told.len() < FLAPS / 5,
        "{} changes are told of {FLAPS} that were made",
        told.len()
    );
    assert_eq!(told[0].1, start["status"]["sync"]["status"]);
    assert!(told.windows(2).all(|two| two[0].2 == two[1].1), "{told:?}");
    assert_ne!(
        told.last().unwrap().2,
        start["status"]["sync"]["status"],
        "an odd number of flaps ends elsewhere"
    );
    whole.end().await;
}
