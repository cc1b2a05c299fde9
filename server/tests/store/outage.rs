//! The database is stopped under a leader that goes on working.

use std::time::Duration;

use landfall::store::{Lease, LeaseSettings, Writer, WriterState};
use sqlx::{Connection as _, PgConnection};

use crate::{cluster::Cluster, world::*};

/// Stopped as by a power cut, again and again, while changes come in: all of them are there once, and the one
/// who led still leads although another replica waits for the lease.
#[tokio::test]
async fn a_database_that_comes_back_gets_all_that_waited_from_the_same_leader() {
    let cluster = Cluster::start().await;
    let (store, other_store) = (cluster.store(), cluster.store());
    let ttl = Duration::from_secs(2);
    let (lease, epoch) = leading(&store, "leader", ttl).await;
    let candidate = Lease::start(other_store.clone(), LeaseSettings::new("candidate").with_ttl(ttl));
    let writer = Writer::start(store.clone(), epoch.clone());
    let mut status = writer.status();
    let mut n = 0;
    let mut submit = |count| {
        for _ in 0..count {
            let mut one = batch();
            one.transitions = vec![transition(n, "web", "2026-11-20T10:00:00Z")];
            one.objects = vec![put(&format!("object {}", n % 7), &n.to_string(), 1)];
            writer.submit_batch(one);
            n += 1;
        }
    };
    for _ in 0..3 {
        submit(50);
        // Into the middle of a commit, or before it.
        tokio::time::sleep(Duration::from_millis(fastrand::u64(0..30))).await;
        cluster.down();
        submit(50);
        let away = status.wait_for(|status| status.state == WriterState::Retrying);
        drop(tokio::time::timeout(PATIENCE, away).await.expect("noticed").unwrap());
        // Longer than the lease lasts.
        tokio::time::sleep(ttl + Duration::from_secs(1)).await;
        submit(50);
        cluster.up();
        assert!(writer.flush(PATIENCE).await, "{:?}", writer.status().borrow());
        assert_eq!(lease.leadership().borrow().epoch(), Some(&epoch));
    }
    let mut conn = PgConnection::connect_with(&cluster.options()).await.unwrap();
    let (all, distinct): (i64, i64) = sqlx::query_as("select count(*), count(distinct id) from transitions")
        .fetch_one(&mut conn)
        .await
        .unwrap();
    assert_eq!((all, distinct), (450, 450));
    let newest: i64 =
        sqlx::query_scalar("select max((body->'of'->'labels'->0->>1)::bigint) from observations")
            .fetch_one(&mut conn)
            .await
            .unwrap();
    assert_eq!(newest, 449);
    assert_eq!(writer.status().borrow().dropped, 0);
    conn.close().await.unwrap();
    writer.stop(PATIENCE).await;
    candidate.release().await;
    lease.release().await;
    store.close().await;
    other_store.close().await;
}

/// A server that starts while its database is away comes alive when the database does.
#[tokio::test]
async fn a_start_without_a_database_waits_for_it() {
    let cluster = Cluster::start().await;
    cluster.down();
    let store = cluster.store();
    let error = store.load().await.expect_err("no database");
    assert!(error.is_transient(), "{error}");
    let lease = Lease::start(store.clone(), LeaseSettings::new("a").with_ttl(Duration::from_secs(2)));
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert!(lease.leadership().borrow().epoch().is_none());
    cluster.up();
    led(&lease).await;
    store.load().await.unwrap();
    lease.release().await;
    store.close().await;
}

/// After an outage that outlasted the lease, a candidate leaves the holder one lease time to come back with what
/// waited; a holder that is gone is replaced then.
#[tokio::test]
async fn a_candidate_leaves_the_holder_time_to_come_back() {
    let cluster = Cluster::start().await;
    let store = cluster.store();
    let mut conn = PgConnection::connect_with(&cluster.options()).await.unwrap();
    sqlx::query(
        "insert into lease (name, holder, epoch, acquired_at, expires_at)
         values ('landfall', 'old', 1, now(), now() + interval '3 seconds')",
    )
    .execute(&mut conn)
    .await
    .unwrap();
    let ttl = Duration::from_secs(3);
    let candidate = Lease::start(store.clone(), LeaseSettings::new("new").with_ttl(ttl));
    assert_eq!(known_leader(&candidate).await.as_deref(), Some("old"));
    cluster.down();
    tokio::time::sleep(ttl + Duration::from_secs(1)).await;
    cluster.up();
    led(&candidate).await;
    let mut conn = PgConnection::connect_with(&cluster.options()).await.unwrap();
    let waited: bool = sqlx::query_scalar(
        "select acquired_at - pg_postmaster_start_time() >= interval '2.9 seconds' from lease",
    )
    .fetch_one(&mut conn)
    .await
    .unwrap();
    assert!(waited, "it took the lease at once");
    conn.close().await.unwrap();
    candidate.release().await;
    store.close().await;
}
