//! The timeline: filters, pages, histogram, counts.

use std::time::Duration;

use jiff::ToSpan as _;
use landfall::store::{Cursor, HistoryQuery, Past, Store};
use landfall_model::{transition::Transition, words::TransitionKind};
use sqlx::PgPool;

use crate::world::*;

/// Three hundred changes over two months, ten at a time at equal times.
async fn filled(pool: &PgPool, store: &Store) -> Vec<Transition> {
    let epoch = lead(pool, "a").await;
    let start = at("2026-09-20T00:00:00Z");
    let kinds = [TransitionKind::Sync, TransitionKind::Health, TransitionKind::Image];
    let mut all: Vec<_> = (0..300_u32)
        .map(|n| {
            let moment = start + i64::from(n / 10 * 26).hours();
            let mut one = transition(n.into(), ["web", "api"][n as usize % 2], &moment.to_string());
            one.kind = kinds[n as usize % 3];
            one.environment = Some(["production", "staging", "preview"][n as usize / 7 % 3].into());
            one.detail = Some(format!("Line {n} says 100% of_it").into());
            one
        })
        .collect();
    let past = Past { transitions: all.clone(), ..Past::default() };
    assert_eq!(store.backfill(&epoch, past.clone()).await.unwrap().transitions, 300);
    assert_eq!(store.backfill(&epoch, past).await.unwrap().transitions, 0);
    // Newest first; of equal times what was written later comes first.
    all.reverse();
    all
}

async fn pages(store: &Store, mut query: HistoryQuery) -> Vec<Transition> {
    let mut all = Vec::new();
    loop {
        let page = store.history(&query).await.unwrap();
        all.extend(page.items);
        let Some(next) = page.next else { return all };
        query.cursor = Some(Cursor::parse(&next.to_string()).unwrap());
    }
}

#[sqlx::test(migrator = "landfall::store::MIGRATOR")]
async fn pages_join_into_the_whole_and_filters_select(pool: PgPool) {
    with_store(pool.clone(), async |store| {
        let all = filled(&pool, &store).await;
        for limit in [1, 7, 10, 300, 0] {
            assert_eq!(
                pages(&store, HistoryQuery { limit, ..Default::default() }).await,
                all,
                "limit {limit}"
            );
        }
        let some = |query: HistoryQuery, keep: fn(&Transition) -> bool| {
            let expected: Vec<_> = all.iter().filter(|t| keep(t)).cloned().collect();
            let store = &store;
            async move {
                assert!(!expected.is_empty());
                assert_eq!(pages(store, query).await, expected);
            }
        };
        some(HistoryQuery { services: vec!["web".into()], ..Default::default() }, |t| {
            t.service.as_deref() == Some("web")
        })
        .await;
        some(
            HistoryQuery { environments: vec!["staging".into(), "preview".into()], ..Default::default() },
            |t| t.environment.as_deref() != Some("production"),
        )
        .await;
        some(
            HistoryQuery {
                kinds: vec![TransitionKind::Image],
                services: vec!["api".into()],
                ..Default::default()
            },
            |t| t.kind == TransitionKind::Image && t.service.as_deref() == Some("api"),
        )
        .await;
        some(
            HistoryQuery {
                since: Some(at("2026-09-25T00:00:00Z")),
                until: Some(at("2026-10-03T02:00:00Z")),
                ..Default::default()
            },
            |t| t.at >= at("2026-09-25T00:00:00Z") && t.at < at("2026-10-03T02:00:00Z"),
        )
        .await;
        some(HistoryQuery { entity: Some("main:argocd/web".into()), ..Default::default() }, |t| {
            &*t.entity == "main:argocd/web"
        })
        .await;
        // Signs that a pattern language would take for its own are plain text.
        some(HistoryQuery { q: Some("LINE 12".into()), ..Default::default() }, |t| {
            t.detail.as_deref().unwrap().to_lowercase().contains("line 12")
        })
        .await;
        some(HistoryQuery { q: Some("100% of_".into()), ..Default::default() }, |_| true).await;
        assert_eq!(pages(&store, HistoryQuery { q: Some("1__%".into()), ..Default::default() }).await, []);
    })
    .await;
}

#[sqlx::test(migrator = "landfall::store::MIGRATOR")]
async fn histogram_and_counts_add_up(pool: PgPool) {
    with_store(pool.clone(), async |store| {
        let all = filled(&pool, &store).await;
        let (since, until) = (at("2026-09-01T00:00:00Z"), at("2026-12-01T00:00:00Z"));
        let query = HistoryQuery::default();
        let bars = store.history_histogram(&query, since, until, Duration::from_hours(24)).await.unwrap();
        let (good, bad) = bars.iter().fold((0, 0), |(good, bad), bar| (good + bar.good, bad + bar.bad));
        assert_eq!((good, bad), (150, 150));
        assert!(bars.windows(2).all(|two| two[0].start < two[1].start));
        for bar in &bars {
            let end = bar.start + 24.hours();
            let expected = all.iter().filter(|t| t.at >= bar.start && t.at < end).count() as u64;
            assert_eq!(bar.good + bar.bad, expected);
        }
        let web = HistoryQuery { services: vec!["web".into()], ..Default::default() };
        let counts = store.counts_by_kind(&web).await.unwrap();
        assert_eq!(counts.iter().map(|c| c.count).sum::<u64>(), 150);
        assert_eq!(counts.len(), 3);
    })
    .await;
}

#[sqlx::test(migrator = "landfall::store::MIGRATOR")]
async fn closed_findings_come_in_pages(pool: PgPool) {
    with_store(pool.clone(), async |store| {
        let epoch = lead(&pool, "a").await;
        for n in 0..25 {
            // Several end together.
            let until = format!("2026-11-{:02}T00:00:00.5Z", n / 3 + 2);
            for (until, open) in [(None, true), (Some(until.as_str()), false)] {
                let mut one = batch();
                one.findings =
                    vec![finding_row(&format!("f{n:02}"), "2026-11-01T00:00:00Z", until, open).into()];
                store.commit(&epoch, &one).await.unwrap();
            }
        }
        let mut ids = Vec::new();
        let mut cursor = None;
        loop {
            let page = store.findings_closed(Some("web"), cursor.as_ref(), 4).await.unwrap();
            ids.extend(page.items.iter().map(|finding| finding.id.to_string()));
            cursor = page.next;
            if cursor.is_none() {
                break;
            }
        }
        let expected: Vec<_> = (0..25).rev().map(|n| format!("f{n:02}")).collect();
        assert_eq!(ids, expected);
        assert_eq!(store.findings_closed(Some("other"), None, 4).await.unwrap().items, []);
    })
    .await;
}
