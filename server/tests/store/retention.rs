//! Tidying up: whole months go, what is still needed stays.

use jiff::{Timestamp, ToSpan as _, tz::TimeZone};
use landfall::store::{HistoryQuery, Past, Retention};
use sqlx::{Connection as _, PgPool};

use crate::world::*;

/// The tenth of the month that was `n` months ago, at noon.
fn months_ago(now: Timestamp, n: i64) -> Timestamp {
    let day = now.to_zoned(TimeZone::UTC).date().first_of_month() - n.months() + 9.days();
    day.at(12, 0, 0, 0).to_zoned(TimeZone::UTC).unwrap().timestamp()
}

#[sqlx::test(migrator = "landfall::store::MIGRATOR")]
async fn old_months_are_dropped_and_the_rest_reads_as_before(pool: PgPool) {
    with_store(pool.clone(), async |store| {
        let epoch = lead(&pool, "a").await;
        let now = store.ping().await.unwrap();
        let mut past = Past::default();
        for n in 1..=6_u8 {
            let moment = months_ago(now, n.into());
            past.transitions.push(transition(n.into(), "web", &moment.to_string()));
            past.frames.push(frame("busy", moment, Some(&n.to_string())));
        }
        past.frames.push(frame("quiet", months_ago(now, 6), Some("still")));
        past.frames.push(frame("gone", months_ago(now, 6), Some("here")));
        past.frames.push(frame("gone", months_ago(now, 5), None));
        past.sources = [6, 5, 1]
            .map(|n| {
                source_change(
                    "cluster/prod",
                    if n == 5 { "stale" } else { "ok" },
                    &months_ago(now, n).to_string(),
                )
            })
            .into();
        store.backfill(&epoch, past).await.unwrap();
        let kept = store.as_of(months_ago(now, 2)).await.unwrap().unwrap();
        assert_eq!(kept.environments, [environment("busy", "2"), environment("quiet", "still")]);

        let done = store.retain(Retention { months: 0 }).await.unwrap();
        assert_eq!(done.dropped, [] as [String; 0]);
        let done = store.retain(Retention { months: 3 }).await.unwrap();
        // The three oldest months of two tables.
        assert_eq!(done.dropped.len(), 6, "{:?}", done.dropped);
        assert_eq!(store.history(&HistoryQuery::default()).await.unwrap().items.len(), 3);
        assert_eq!(store.as_of(months_ago(now, 4)).await.unwrap(), None);
        let view = store.as_of(months_ago(now, 2)).await.unwrap().unwrap();
        assert_eq!(view.environments, kept.environments);
        assert_eq!(view.sources[0].state.as_str(), "stale", "the state at the first kept month stays known");
        assert_eq!(store.earliest().await.unwrap(), Some(view.earliest));
        assert!(view.earliest <= months_ago(now, 3) && view.earliest > months_ago(now, 4));

        // However little is asked to be kept, this month and the last one stay.
        store.retain(Retention { months: 1 }).await.unwrap();
        for _month in 0..12 {
            sqlx::query("select landfall_drop_months(now() + interval '1 year')")
                .execute(&pool)
                .await
                .unwrap();
        }
        assert_eq!(store.history(&HistoryQuery::default()).await.unwrap().items.len(), 1);
        // Writing goes on.
        let mut more = batch();
        more.transitions = vec![transition(99, "web", &now.to_string())];
        store.commit(&epoch, &more).await.unwrap();
    })
    .await;
}

/// A reader that takes its time is not disturbed, others read on beside the one who waits for it, and once it has ended
/// the months go.
#[sqlx::test(migrator = "landfall::store::MIGRATOR")]
async fn months_are_dropped_while_history_is_read(pool: PgPool) {
    with_store(pool.clone(), async |store| {
        let epoch = lead(&pool, "a").await;
        let now = store.ping().await.unwrap();
        let mut past = Past::default();
        for n in 0..=6_u8 {
            let moment = months_ago(now, n.into()).min(now);
            past.transitions.push(transition(n.into(), "web", &moment.to_string()));
            past.frames.push(frame("web", moment, Some(&n.to_string())));
        }
        store.backfill(&epoch, past).await.unwrap();
        let mut conn = pool.acquire().await.unwrap();
        let mut slow = conn.begin().await.unwrap();
        sqlx::query("select count(*) from transitions").execute(&mut *slow).await.unwrap();

        let retaining = tokio::spawn({
            let store = store.clone();
            async move { store.retain(Retention { months: 2 }).await }
        });
        let mut read = 0;
        while read < 10 {
            let page = store.history(&HistoryQuery::default()).await.expect("it reads on");
            assert_eq!(page.items.len(), 7, "nothing goes while somebody reads it");
            read += 1;
        }
        assert!(!retaining.is_finished(), "it waits for the slow reader, without holding up others");
        slow.commit().await.unwrap();
        drop(conn);
        let reading = tokio::spawn({
            let store = store.clone();
            async move {
                loop {
                    let page = store.history(&HistoryQuery::default()).await.expect("it reads on");
                    store.as_of(now).await.expect("it reads on").expect("a view");
                    if page.items.len() == 3 {
                        return;
                    }
                }
            }
        });
        let done = retaining.await.unwrap().expect("it found its moment");
        assert_eq!(done.dropped.len(), 8, "four months of two tables: {:?}", done.dropped);
        tokio::time::timeout(PATIENCE, reading).await.expect("readers see that they are gone").unwrap();
    })
    .await;
}

#[sqlx::test(migrator = "landfall::store::MIGRATOR")]
async fn a_month_that_as_of_still_needs_is_kept(pool: PgPool) {
    with_store(pool.clone(), async |store| {
        let epoch = lead(&pool, "a").await;
        let now = store.ping().await.unwrap();
        let mut old = batch();
        old.frames = vec![frame("quiet", months_ago(now, 6), Some("still"))];
        store.commit(&epoch, &old).await.unwrap();
        // Nobody wrote since: the only copy lies in the old month.
        assert_eq!(store.retain(Retention { months: 2 }).await.unwrap().dropped, [] as [String; 0]);
        assert_eq!(store.load().await.unwrap().0.environments, [environment("quiet", "still")]);
        store.begin_month(&epoch).await.unwrap();
        // As of a moment within the kept months would still rest on it.
        assert_eq!(store.retain(Retention { months: 2 }).await.unwrap().dropped, [] as [String; 0]);
    })
    .await;
}

#[sqlx::test(migrator = "landfall::store::MIGRATOR")]
async fn leftovers_go_when_their_time_is_up(pool: PgPool) {
    with_store(pool.clone(), async |store| {
        let epoch = lead(&pool, "a").await;
        let now = store.ping().await.unwrap();
        let mut one = batch();
        one.objects = vec![put("a", "x", 1), put("b", "x", 1)];
        let ago = |hours: i64| (now - hours.hours()).to_string();
        one.transitions = vec![transition(1, "web", &ago(1))];
        one.findings = vec![
            finding_row("grace over", &ago(50), Some(&ago(48)), false).into(),
            finding_row("grace just over", &ago(50), Some(&ago(1)), false).into(),
            finding_row("open", &ago(50), None, true).into(),
        ];
        store.commit(&epoch, &one).await.unwrap();
        let mut two = batch();
        two.objects = vec![gone("a")];
        store.commit(&epoch, &two).await.unwrap();
        let done = store.retain(Retention { months: 3 }).await.unwrap();
        assert_eq!((done.tombstones, done.seen, done.findings), (0, 0, 1));
        sqlx::query("update transition_seen set keep_until = keep_until - interval '8 days'")
            .execute(&pool)
            .await
            .unwrap();
        assert_eq!(store.retain(Retention { months: 3 }).await.unwrap().seen, 1);
    })
    .await;
}

#[sqlx::test(migrator = "landfall::store::MIGRATOR")]
async fn only_one_tidies_up(pool: PgPool) {
    with_store(pool.clone(), async |store| {
        let mut conn = pool.acquire().await.unwrap();
        let mut tx = conn.begin().await.unwrap();
        sqlx::query("select pg_advisory_xact_lock(x'6c616e6466616c6c'::bigint)")
            .execute(&mut *tx)
            .await
            .unwrap();
        assert!(store.retain(Retention { months: 3 }).await.unwrap().busy);
        tx.rollback().await.unwrap();
        assert!(!store.retain(Retention { months: 3 }).await.unwrap().busy);
    })
    .await;
}
