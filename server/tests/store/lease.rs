//! The lease: one leader, quick hand-over, no return of a leader that was replaced.

use std::time::Duration;

use landfall::store::{Lease, LeaseSettings, StoreError};
use sqlx::{Acquire as _, PgPool};

use crate::world::*;

const SHORT: Duration = Duration::from_secs(2);

fn settings(holder: &str) -> LeaseSettings {
    let mut settings = LeaseSettings::new(holder).with_ttl(SHORT);
    settings.holder = holder.into();
    settings
}

#[sqlx::test(migrator = "landfall::store::MIGRATOR")]
async fn one_leads_and_the_other_takes_over_at_once_when_it_is_given_back(pool: PgPool) {
    with_store(pool.clone(), async |store| {
        let other_store = store_on(&pool);
        let (first, epoch) = leading(&store, "first", Duration::from_mins(10)).await;
        let second = Lease::start(other_store.clone(), settings("second"));
        assert_eq!(known_leader(&second).await.as_deref(), Some("first"));

        first.release().await;
        let next = led(&second).await;
        assert_eq!(next.number, epoch.number + 1);
        second.release().await;
        other_store.close().await;
    })
    .await;
}

#[sqlx::test(migrator = "landfall::store::MIGRATOR")]
async fn a_leader_that_died_is_replaced_and_a_living_one_is_not(pool: PgPool) {
    with_store(pool.clone(), async |store| {
        // Held by nobody who would renew it.
        lead(&pool, "dead").await;
        let candidate = Lease::start(store.clone(), settings("candidate"));
        assert_eq!(followed(&candidate).await, None, "not yet looked");
        tokio::time::sleep(SHORT).await;
        assert!(candidate.leadership().borrow().epoch().is_none(), "the dead one's time is not up");
        sqlx::query("update lease set expires_at = clock_timestamp()").execute(&pool).await.unwrap();
        let epoch = led(&candidate).await;
        // It renews: three lifetimes later it still leads under the same epoch.
        tokio::time::sleep(SHORT * 3).await;
        assert_eq!(candidate.leadership().borrow().epoch(), Some(&epoch));
        candidate.release().await;
    })
    .await;
}

#[sqlx::test(migrator = "landfall::store::MIGRATOR")]
async fn a_paused_leader_finds_itself_replaced(pool: PgPool) {
    with_store(pool.clone(), async |store| {
        let (paused, old) = leading(&store, "paused", SHORT).await;
        let new = lead(&pool, "successor").await;
        assert!(
            matches!(
                store
                    .commit(&old, &{
                        let mut late = batch();
                        late.objects = vec![put("one", "x", 1)];
                        late
                    })
                    .await,
                Err(StoreError::Fenced)
            ),
            "fenced before it knows"
        );
        assert_eq!(followed(&paused).await.as_deref(), Some("successor"));
        // Releasing must not give back what is another's.
        paused.release().await;
        assert_eq!(rows(&pool, "select epoch from lease where not released").await, new.number);
    })
    .await;
}

#[sqlx::test(migrator = "landfall::store::MIGRATOR")]
async fn a_takeover_waits_for_the_write_under_way(pool: PgPool) {
    with_store(pool.clone(), async |store| {
        lead(&pool, "old").await;
        let mut conn = pool.acquire().await.unwrap();
        let mut tx = conn.begin().await.unwrap();
        // What a commit does first.
        sqlx::query("select epoch from lease for key share").fetch_one(&mut *tx).await.unwrap();
        sqlx::query("update lease set expires_at = clock_timestamp()").execute(&pool).await.unwrap();
        let candidate = Lease::start(store.clone(), settings("new"));
        until_true(
            &pool,
            "select exists (select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock')",
        )
        .await;
        assert!(candidate.leadership().borrow().epoch().is_none());
        tx.commit().await.unwrap();
        led(&candidate).await;
        candidate.release().await;
    })
    .await;
}

/// The holder comes back between a candidate's look and its grasp.
#[sqlx::test(migrator = "landfall::store::MIGRATOR")]
async fn a_lease_that_is_renewed_at_the_last_moment_stays(pool: PgPool) {
    with_store(pool.clone(), async |store| {
        let epoch = lead(&pool, "old").await;
        sqlx::query("update lease set expires_at = clock_timestamp()").execute(&pool).await.unwrap();
        let mut conn = pool.acquire().await.unwrap();
        let mut tx = conn.begin().await.unwrap();
        let renew = "update lease set expires_at = clock_timestamp() + interval '1 hour'";
        sqlx::query(renew).execute(&mut *tx).await.unwrap();
        let candidate = Lease::start(store.clone(), settings("new"));
        until_true(
            &pool,
            "select exists (select from pg_stat_activity
                             where datname = current_database() and wait_event_type = 'Lock')",
        )
        .await;
        tx.commit().await.unwrap();
        assert_eq!(known_leader(&candidate).await.as_deref(), Some("old"));
        assert_eq!(rows(&pool, "select epoch from lease").await, epoch.number);
        candidate.release().await;
    })
    .await;
}

#[sqlx::test(migrator = "landfall::store::MIGRATOR")]
async fn two_candidates_at_once_make_one_leader(pool: PgPool) {
    with_store(pool.clone(), async |store| {
        let leases: Vec<_> = (0..6).map(|n| Lease::start(store.clone(), settings(&n.to_string()))).collect();
        until_true(&pool, "select exists (select from lease)").await;
        tokio::time::sleep(Duration::from_millis(500)).await;
        let leaders = leases.iter().filter(|lease| lease.leadership().borrow().epoch().is_some()).count();
        assert_eq!(leaders, 1);
        for lease in leases {
            lease.release().await;
        }
    })
    .await;
}
