//! The writer: nothing is lost on the way, and what is lost is admitted.

use std::time::Duration;

use landfall::store::{Gap, HistoryQuery, Writer, WriterState, WriterStatus};
use landfall_model::words::TransitionKind;
use sqlx::{Connection as _, PgConnection, PgPool};
use tokio::sync::watch;

use crate::world::*;

async fn until(
    status: &mut watch::Receiver<WriterStatus>,
    fits: impl FnMut(&WriterStatus) -> bool,
) -> WriterStatus {
    tokio::time::timeout(PATIENCE, status.wait_for(fits)).await.expect("in time").expect("a writer").clone()
}

#[sqlx::test(migrator = "landfall::store::MIGRATOR")]
async fn everything_given_is_written_in_order(pool: PgPool) {
    with_store(pool.clone(), async |store| {
        let epoch = lead(&pool, "a").await;
        let writer = Writer::start(store.clone(), epoch);
        for n in 0..500_u64 {
            let mut one = batch();
            one.revision = n;
            one.transitions = vec![transition(n.into(), "web", "2026-11-20T10:00:00Z")];
            one.objects = vec![put("one", &n.to_string(), n)];
            writer.submit_batch(one);
        }
        assert!(writer.flush(PATIENCE).await);
        let (stored, _) = store.load().await.unwrap();
        assert_eq!(stored.observations, [object("one", "499", 499)]);
        assert_eq!(stored.revision, 499);
        let page = store.history(&HistoryQuery { limit: 1000, ..Default::default() }).await.unwrap();
        assert_eq!(page.items.len(), 500);
        assert!(page.items.windows(2).all(|two| two[0].id > two[1].id), "newest first");
        assert_eq!(writer.stop(PATIENCE).await, 0);
    })
    .await;
}

#[sqlx::test(migrator = "landfall::store::MIGRATOR")]
async fn what_does_not_fit_is_dropped_oldest_first_and_admitted(pool: PgPool) {
    with_store(pool.clone(), async |store| {
        let epoch = lead(&pool, "a").await;
        // The database takes no writes: somebody holds the head.
        let mut blocker = pool.acquire().await.unwrap();
        let mut tx = blocker.begin().await.unwrap();
        sqlx::query("select seq from head for update").fetch_one(&mut *tx).await.unwrap();
        let writer = Writer::with_limit(store.clone(), epoch, 10);
        let mut status = writer.status();
        for n in 0..40_u8 {
            let mut one = batch();
            one.transitions = vec![transition(n.into(), "web", &format!("2026-11-20T10:00:{n:02}Z"))];
            writer.submit_batch(one);
            if n == 0 {
                until_true(&pool, "select exists (select from pg_locks where not granted)").await;
            }
        }
        let told = until(&mut status, |status| status.state == WriterState::Retrying).await;
        assert_eq!(told.dropped, 29);
        let gap = told.gap.unwrap();
        assert_eq!(
            (gap.from, gap.until, gap.lost),
            (at("2026-11-20T10:00:01Z"), at("2026-11-20T10:00:29Z"), 29)
        );
        assert!(told.error.is_some());
        tx.rollback().await.unwrap();
        drop(blocker);

        assert!(writer.flush(PATIENCE).await);
        let told = until(&mut status, |status| status.state == WriterState::Ok).await;
        assert_eq!((told.gap, told.error), (None, None));
        let page = store.history(&HistoryQuery { limit: 1000, ..Default::default() }).await.unwrap();
        let kinds = |kind| page.items.iter().filter(|t| t.kind == kind).count();
        assert_eq!((kinds(TransitionKind::Sync), kinds(TransitionKind::Gap)), (11, 1));
        let gaps: Vec<Gap> = store.gaps(at("2026-11-01T00:00:00Z")).await.unwrap();
        assert_eq!((gaps.len(), gaps[0].lost), (1, 29));
        writer.stop(PATIENCE).await;
    })
    .await;
}

#[sqlx::test(migrator = "landfall::store::MIGRATOR")]
async fn one_refused_row_does_not_hold_up_the_others(pool: PgPool) {
    with_store(pool.clone(), async |store| {
        let epoch = lead(&pool, "a").await;
        let writer = Writer::start(store.clone(), epoch);
        let mut mixed = batch();
        mixed.transitions = (0..30).map(|n| transition(n, "web", "2026-11-20T10:00:00Z")).collect();
        // Too long for the index on it, and it does not compress.
        let mut random = fastrand::Rng::with_seed(1);
        mixed.transitions[17].entity = (0..20_000).map(|_| random.alphanumeric()).collect::<String>().into();
        mixed.objects = vec![put("one", "x", 1)];
        mixed.frames = vec![frame("web", at("2026-11-20T10:00:00Z"), Some("well"))];
        writer.submit_batch(mixed);
        assert!(writer.flush(PATIENCE).await);
        assert_eq!(writer.status().borrow().refused, 1);
        assert_eq!(rows(&pool, "select count(*) from transitions where kind = 'sync'").await, 29);
        assert_eq!(rows(&pool, "select count(*) from observations").await, 1);
        assert_eq!(rows(&pool, "select count(*) from frames where not keyframe").await, 1);
        assert_eq!(rows(&pool, "select lost from gaps").await, 1);
        writer.stop(PATIENCE).await;
    })
    .await;
}

#[sqlx::test(migrator = "landfall::store::MIGRATOR")]
async fn a_fenced_writer_ends_and_says_so(pool: PgPool) {
    with_store(pool.clone(), async |store| {
        let epoch = lead(&pool, "a").await;
        let writer = Writer::start(store.clone(), epoch);
        let mut status = writer.status();
        lead(&pool, "b").await;
        let mut one = batch();
        one.objects = vec![put("one", "x", 1)];
        writer.submit_batch(one);
        until(&mut status, |status| status.state == WriterState::Fenced).await;
        assert!(!writer.flush(Duration::from_secs(5)).await);
        assert_eq!(writer.stop(Duration::from_secs(1)).await, 1);
        assert_eq!(rows(&pool, "select count(*) from observations").await, 0);
    })
    .await;
}

#[sqlx::test(migrator = "landfall::store::MIGRATOR")]
async fn an_expired_lease_that_is_renewed_loses_nothing(pool: PgPool) {
    with_store(pool.clone(), async |store| {
        let epoch = lead(&pool, "a").await;
        sqlx::query("update lease set expires_at = now() - interval '1 second'")
            .execute(&pool)
            .await
            .unwrap();
        let writer = Writer::start(store.clone(), epoch);
        let mut status = writer.status();
        let mut one = batch();
        one.objects = vec![put("one", "x", 1)];
        writer.submit_batch(one);
        until(&mut status, |status| status.state == WriterState::Retrying).await;
        sqlx::query("update lease set expires_at = now() + interval '1 hour'").execute(&pool).await.unwrap();
        assert!(writer.flush(PATIENCE).await);
        writer.stop(PATIENCE).await;
    })
    .await;
}

/// As after a failover: connections that were opened to what is now a standby stay read-only for as long as
/// they live.
#[sqlx::test(migrator = "landfall::store::MIGRATOR")]
async fn read_only_connections_are_left_for_new_ones(pool: PgPool) {
    with_store(pool.clone(), async |store| {
        let epoch = lead(&pool, "a").await;
        let options =
            pool.connect_options().as_ref().clone().options([("default_transaction_read_only", "off")]);
        let mut admin = PgConnection::connect_with(&options).await.unwrap();
        let read_only = async |admin: &mut PgConnection, value: &str| {
            let name: String = sqlx::query_scalar("select quote_ident(current_database())")
                .fetch_one(&mut *admin)
                .await
                .unwrap();
            let statement = format!("alter database {name} set default_transaction_read_only = {value}");
            sqlx::query(sqlx::AssertSqlSafe(statement)).execute(admin).await.unwrap();
        };
        read_only(&mut admin, "on").await;
        let writer = Writer::start(store.clone(), epoch);
        let mut status = writer.status();
        let mut one = batch();
        one.objects = vec![put("one", "x", 1)];
        writer.submit_batch(one);
        until(&mut status, |status| status.state == WriterState::ReadOnly).await;
        read_only(&mut admin, "off").await;
        assert!(writer.flush(PATIENCE).await, "{:?}", writer.status().borrow());
        assert_eq!(writer.status().borrow().state, WriterState::Ok);
        writer.stop(PATIENCE).await;
        admin.close().await.unwrap();
    })
    .await;
}
