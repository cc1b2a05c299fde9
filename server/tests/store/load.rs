//! Stored rows that do not read: of a newer version, or broken. They end nothing, are counted, and are told again.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
    time::Duration,
};

use landfall::store::{Meter, Store};
use landfall_model::observe::{Body, Version};
use sqlx::PgPool;

use crate::world::*;

/// Counts what could not be read.
#[derive(Default)]
struct Counts(Mutex<BTreeMap<&'static str, u32>>);

impl Meter for Counts {
    fn record(&self, _: &'static str, _: Duration, _: bool) {}

    fn unreadable(&self, what: &'static str) {
        *self.0.lock().unwrap().entry(what).or_default() += 1;
    }
}

impl Counts {
    fn take(&self) -> Vec<(&'static str, u32)> {
        std::mem::take(&mut *self.0.lock().unwrap()).into_iter().collect()
    }
}

async fn filled(pool: &PgPool, store: &Store) {
    let epoch = lead(pool, "a").await;
    let mut all = batch();
    all.objects = vec![put("good", "x", 7), put("strange", "x", 8)];
    let moment = at("2026-11-20T10:00:00Z");
    all.frames = vec![frame("good", moment, Some("well")), frame("strange", moment, Some("well"))];
    all.sources = vec![
        source_change("cluster/good", "ok", "2026-11-20T10:00:00Z"),
        source_change("cluster/strange", "ok", "2026-11-20T10:00:00Z"),
    ];
    all.findings = vec![
        finding_row("good", "2026-11-20T10:00:00Z", None, true).into(),
        finding_row("strange", "2026-11-20T10:00:00Z", None, true).into(),
    ];
    store.commit(&epoch, &all).await.unwrap();
    for statement in [
        r#"update observations set body = '{"is": "Hologram", "of": {}}' where name = 'strange'"#,
        "update frames set view = '[]' where entity = 'strange'",
        r#"update sources set view = '{"name": 7}' where name = 'cluster/strange'"#,
        "update findings set body = '{}' where id = 'strange'",
    ] {
        assert_eq!(sqlx::query(statement).execute(pool).await.unwrap().rows_affected(), 1, "{statement}");
    }
}

#[sqlx::test(migrator = "landfall::store::MIGRATOR")]
async fn a_row_that_does_not_read_hides_no_other(pool: PgPool) {
    with_store(pool.clone(), async |store| {
        filled(&pool, &store).await;
        let counts = Arc::new(Counts::default());
        let store = store.metered(Arc::clone(&counts) as Arc<dyn Meter>);
        let each = [("environment", 1), ("finding", 1), ("object", 1), ("source", 1)];

        let (stored, _) = store.load().await.unwrap();
        assert_eq!(counts.take(), each);
        assert_eq!((stored.environments.len(), stored.findings.len(), stored.sources.len()), (1, 1, 1));
        assert_eq!(stored.observations.len(), 2, "an object keeps its place");
        let strange = stored.observations.iter().find(|o| o.name == name("strange")).unwrap();
        assert!(matches!(strange.body, Body::Unreadable(_)), "{strange:?}");
        assert_eq!(strange.version, Version::default(), "whatever its source says is newer");

        let followed = store.follow(0).await.unwrap().unwrap();
        assert_eq!(counts.take(), [("finding", 1), ("object", 1), ("source", 1)]);
        assert_eq!((followed.upserts.len(), followed.sources.len(), followed.findings.len()), (2, 1, 1));

        let past = store.as_of(at("2026-11-20T10:00:00Z")).await.unwrap().unwrap();
        assert_eq!((past.environments.len(), past.findings.len(), past.sources.len()), (1, 1, 2));
        assert_eq!(counts.take(), [("environment", 1), ("finding", 1)]);
    })
    .await;
}

/// A version that does not know the newest form of an object reads it anew from its source, and writes its own.
#[sqlx::test(migrator = "landfall::store::MIGRATOR")]
async fn what_its_source_tells_again_takes_the_place(pool: PgPool) {
    with_store(pool.clone(), async |store| {
        filled(&pool, &store).await;
        let epoch = lead(&pool, "b").await;
        let mut again = batch();
        again.objects = vec![put("strange", "y", 8)];
        store.commit(&epoch, &again).await.unwrap();
        let (stored, _) = store.load().await.unwrap();
        assert!(stored.observations.iter().all(|o| !matches!(o.body, Body::Unreadable(_))));
    })
    .await;
}
