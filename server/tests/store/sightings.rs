//! Edges from tags to digests: in order whatever a clock says, each once, under the leader's epoch.

use jiff::SignedDuration;
use landfall::store::{Looked, StoreError};
use sqlx::PgPool;

use crate::world::*;

#[sqlx::test(migrator = "landfall::store::MIGRATOR")]
async fn a_clock_that_leaps_back_changes_no_order(pool: PgPool) {
    with_store(pool.clone(), async |store| {
        let epoch = lead(&pool, "a").await;
        for (n, digest) in
            ["sha256:a", "sha256:b", "sha256:b", "sha256:a", "sha256:c"].into_iter().enumerate()
        {
            let mut look = look("latest", digest);
            // Each an hour before the one before it.
            look.at -= SignedDuration::from_hours(i64::try_from(n).unwrap());
            store.record_look(&epoch, &look).await.unwrap();
        }
        let mut edges = store.sightings("registry.example/web", 10).await.unwrap();
        edges.reverse();
        let digests: Vec<_> = edges.iter().map(|edge| edge.digest.as_str()).collect();
        assert_eq!(digests, ["sha256:a", "sha256:b", "sha256:a", "sha256:c"]);
        for two in edges.windows(2) {
            assert!(two[0].ended_at.is_some_and(|ended| ended <= two[1].first_seen), "{two:?}");
        }
        assert!(edges[3].ended_at.is_none() && edges[3].seen_by == "poll");
    })
    .await;
}

#[sqlx::test(migrator = "landfall::store::MIGRATOR")]
async fn the_future_is_not_seen_and_a_repeat_changes_nothing(pool: PgPool) {
    with_store(pool.clone(), async |store| {
        let epoch = lead(&pool, "a").await;
        let mut ahead = look("1.0", "sha256:a");
        ahead.at = at("2126-01-01T00:00:00Z");
        let first = store.record_look(&epoch, &ahead).await.unwrap();
        assert_eq!(first, Looked { begun: 1, ..Looked::default() });
        let edge = store.sightings("registry.example/web", 1).await.unwrap().remove(0);
        assert!(edge.first_seen < ahead.at);
        let seq = rows(&pool, "select seq from head").await;
        let again = store.record_look(&epoch, &ahead).await.unwrap();
        assert_eq!(again, Looked { confirmed: 1, ..Looked::default() });
        assert_eq!(rows(&pool, "select seq from head").await, seq, "nobody is woken");
        assert_eq!(rows(&pool, "select count(*) from tag_sightings").await, 1);
        // A list that holds other tags only ends it, once.
        let mut gone = look("2.0", "sha256:a");
        gone.listed = Some(vec!["2.0".into()]);
        let ended = store.record_look(&epoch, &gone).await.unwrap();
        assert_eq!((ended.begun, ended.ended), (1, 1));
        assert_eq!(store.record_look(&epoch, &gone).await.unwrap().ended, 0);
        assert_eq!(rows(&pool, "select count(*) from tag_sightings where ended_at is null").await, 1);
        assert_eq!(rows(&pool, "select tags from repositories").await, 1);
        assert_eq!(
            store
                .unseen_tags("registry.example/web", &["1.0".into(), "2.0".into(), "3.0".into()])
                .await
                .unwrap()
                .len(),
            2
        );
        assert_eq!(store.restless_tags("registry.example/web").await.unwrap(), ["1.0"]);
    })
    .await;
}

#[sqlx::test(migrator = "landfall::store::MIGRATOR")]
async fn only_who_leads_writes(pool: PgPool) {
    with_store(pool.clone(), async |store| {
        let old = lead(&pool, "a").await;
        let _new = lead(&pool, "b").await;
        let looked = store.record_look(&old, &look("1.0", "sha256:a")).await;
        assert!(matches!(looked, Err(StoreError::Fenced)), "{looked:?}");
        let kept = store.record_digests(&old, &[described("sha256:a", &[])]).await;
        assert!(matches!(kept, Err(StoreError::Fenced)), "{kept:?}");
        assert_eq!(rows(&pool, "select count(*) from repositories").await, 0);
        assert_eq!(rows(&pool, "select count(*) from digests").await, 0);
    })
    .await;
}

#[sqlx::test(migrator = "landfall::store::MIGRATOR")]
async fn what_is_behind_a_digest_is_kept_and_only_what_was_not_read_is_written_anew(pool: PgPool) {
    with_store(pool.clone(), async |store| {
        let epoch = lead(&pool, "a").await;
        let mut broken = described("sha256:a", &[]);
        broken.error = Some("not found\0".into());
        store.record_digests(&epoch, &[broken]).await.unwrap();
        assert_eq!(
            store.unknown_digests(&["sha256:a".into()]).await.unwrap(),
            [] as [&str; 0],
            "tried just now"
        );
        sqlx::query("update digests set described_at = now() - interval '7 hours'")
            .execute(&pool)
            .await
            .unwrap();
        assert_eq!(store.unknown_digests(&["sha256:a".into()]).await.unwrap(), ["sha256:a"]);
        store.record_digests(&epoch, &[described("sha256:a", &["sha256:b"])]).await.unwrap();
        let mut other = described("sha256:a", &[]);
        other.media_type = "other".into();
        store.record_digests(&epoch, &[other]).await.unwrap();
        assert_eq!(rows(&pool, "select count(*) from digests where media_type = 'other'").await, 0);
        assert_eq!(rows(&pool, "select count(*) from digest_children").await, 1);
        store.record_look(&epoch, &look("1.0", "sha256:new")).await.unwrap();
        assert_eq!(store.undescribed("registry.example/web", 5).await.unwrap(), ["sha256:new"]);
    })
    .await;
}
