//! Following: the same state as the leader's, in the end.

use std::collections::BTreeMap;

use landfall::store::{Batch, CHANNEL, Followed, Tail};
use landfall_model::observe::{ObjectName, Observation};
use sqlx::{PgPool, postgres::PgListener};

use crate::world::*;

fn take(known: &mut BTreeMap<ObjectName, Observation>, followed: &Followed) {
    for object in &followed.upserts {
        known.insert(object.name.clone(), object.clone());
    }
    for (_, name) in &followed.deletes {
        known.remove(name);
    }
}

#[sqlx::test(migrator = "landfall::store::MIGRATOR")]
async fn a_follower_ends_with_what_the_leader_has(pool: PgPool) {
    with_store(pool.clone(), async |store| {
        let other = store_on(&pool);
        let epoch = lead(&pool, "a").await;
        let mut early = batch();
        early.objects = vec![put("kept", "x", 1), put("lost", "x", 1)];
        store.commit(&epoch, &early).await.unwrap();
        let (stored, seq) = other.load().await.unwrap();
        let mut known: BTreeMap<_, _> =
            stored.observations.into_iter().map(|o| (o.name.clone(), o)).collect();
        assert_eq!(known.len(), 2);

        let mut tail = Tail::new(other.clone(), seq);
        let mut random = fastrand::Rng::with_seed(7);
        let mut last = seq;
        for round in 0..60_u64 {
            let mut batch_n = batch();
            let called = format!("object {}", random.u32(0..20));
            batch_n.objects =
                vec![if random.bool() { put(&called, &round.to_string(), round) } else { gone(&called) }];
            if round == 30 {
                batch_n.objects.push(gone("lost"));
            }
            last = store.commit(&epoch, &batch_n).await.unwrap().seq;
            // Sometimes it is quick, sometimes it lags behind.
            if random.u32(0..3) == 0 {
                take(&mut known, &tail.next().await.unwrap());
            }
        }
        while tail.seq() < last {
            take(&mut known, &tail.next().await.unwrap());
        }
        let (stored, _) = store.load().await.unwrap();
        let truth: BTreeMap<_, _> = stored.observations.into_iter().map(|o| (o.name.clone(), o)).collect();
        assert_eq!(known, truth);
        assert!(!known.contains_key(&name("lost")) && known.contains_key(&name("kept")));
        assert_eq!(other.follow(last).await.unwrap(), None);
        drop(tail);
        other.close().await;
    })
    .await;
}

#[sqlx::test(migrator = "landfall::store::MIGRATOR")]
async fn news_of_sources_and_findings_arrive_with_their_revision(pool: PgPool) {
    with_store(pool.clone(), async |store| {
        let epoch = lead(&pool, "a").await;
        let mut tail = Tail::new(store.clone(), 0);
        let waiting = tokio::spawn(async move {
            let first = tail.next().await.unwrap();
            (first, tail)
        });
        let mut news = batch();
        news.revision = 12;
        news.sources = vec![source_change("cluster/prod", "ok", "2026-11-20T10:00:00Z")];
        news.findings = vec![finding_row("f", "2026-11-20T10:00:00Z", None, true).into()];
        store.commit(&epoch, &news).await.unwrap();
        let (first, mut tail) = tokio::time::timeout(PATIENCE, waiting).await.unwrap().unwrap();
        assert_eq!((first.revision, first.sources.len(), first.findings.len()), (12, 1, 1));

        // A sign of life without a change of state.
        let alive = at("2026-11-20T10:00:30Z");
        let signs = vec![("cluster/prod".into(), alive), ("unknown".into(), alive)];
        store.commit(&epoch, &Batch::signs_of_life(12, signs)).await.unwrap();
        let second = tail.next().await.unwrap();
        assert_eq!(second.sources[0].last_success, Some(alive));
        assert_eq!((second.revision, second.findings.len()), (12, 0));
        // An older one changes nothing and wakes nobody.
        let signs = vec![("cluster/prod".into(), at("2026-11-20T10:00:10Z"))];
        store.commit(&epoch, &Batch::signs_of_life(12, signs)).await.unwrap();
        assert_eq!(store.follow(tail.seq()).await.unwrap(), None);
    })
    .await;
}

#[sqlx::test(migrator = "landfall::store::MIGRATOR")]
async fn who_was_away_for_too_long_is_told_to_load_anew(pool: PgPool) {
    with_store(pool.clone(), async |store| {
        let epoch = lead(&pool, "a").await;
        let mut one = batch();
        one.objects = vec![put("one", "x", 1)];
        let before = store.commit(&epoch, &one).await.unwrap().seq;
        let mut two = batch();
        two.objects = vec![gone("one"), put("two", "x", 1)];
        let after = store.commit(&epoch, &two).await.unwrap().seq;
        sqlx::query("update observations set written_at = now() - interval '25 hours'")
            .execute(&pool)
            .await
            .unwrap();
        let done = store.retain(landfall::store::Retention { months: 0 }).await.unwrap();
        assert_eq!(done.tombstones, 1);
        assert!(store.follow(before).await.unwrap().unwrap().reload);
        assert_eq!(store.follow(after).await.unwrap(), None);
        // A backup was restored: the database is behind the follower.
        assert!(store.follow(after + 100).await.unwrap().unwrap().reload);
    })
    .await;
}

/// A notification is one small number for each commit, whatever its size; without it, a look each second finds the same.
#[sqlx::test(migrator = "landfall::store::MIGRATOR")]
async fn a_notification_is_a_number_and_looking_does_without(pool: PgPool) {
    with_store(pool.clone(), async |store| {
        let epoch = lead(&pool, "a").await;
        let mut listener = PgListener::connect_with(&pool).await.unwrap();
        listener.listen(CHANNEL).await.unwrap();
        let mut large = batch();
        large.objects = (0..600).map(|n| put(&format!("object {n}"), &"x".repeat(500), 1)).collect();
        let seq = store.commit(&epoch, &large).await.unwrap().seq;
        let told = tokio::time::timeout(PATIENCE, listener.recv()).await.unwrap().unwrap();
        assert_eq!(told.payload(), seq.to_string());
        assert!(listener.next_buffered().is_none(), "one for each commit");

        // Nobody is notified of this one.
        let mut tail = Tail::new(store.clone(), seq);
        let waiting = tokio::spawn(async move { tail.next().await.map(|followed| followed.upserts.len()) });
        sqlx::query("update observations set seq = seq + 1 where name = 'object 7'")
            .execute(&pool)
            .await
            .unwrap();
        sqlx::query("update head set seq = seq + 1").execute(&pool).await.unwrap();
        assert_eq!(tokio::time::timeout(PATIENCE, waiting).await.unwrap().unwrap().unwrap(), 1);
    })
    .await;
}
