//! The timeline: filters, pages, histogram, counts.

use std::time::Duration;

use jiff::ToSpan as _;
use landfall::store::{Batch, Cursor, Gap, HistoryQuery, Past, Store};
use landfall_model::{said, transition::Transition, words::TransitionKind};
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

/// A gap is one line and one span of the same id, however the timeline is narrowed, and the pages still join.
#[sqlx::test(migrator = "landfall::store::MIGRATOR")]
async fn a_gap_is_one_line_of_every_timeline(pool: PgPool) {
    with_store(pool.clone(), async |store| {
        let all = filled(&pool, &store).await;
        let epoch = lead(&pool, "b").await;
        let gap = Gap {
            from: at("2026-10-01T00:00:00Z"),
            until: at("2026-10-01T06:00:00Z"),
            lost: 0,
            why: said!("nobody-watched", "nobody was watching {n}", n = 3_u32),
        };
        store.commit(&epoch, &Batch { gaps: vec![gap.clone()], ..batch() }).await.unwrap();
        let spans = store.gaps(at("2026-09-01T00:00:00Z")).await.unwrap();
        assert_eq!(spans, std::slice::from_ref(&gap), "with the parts of its sentence");
        let web = HistoryQuery { services: vec!["web".into()], limit: 7, ..Default::default() };
        let staging = HistoryQuery { environments: vec!["staging".into()], limit: 7, ..Default::default() };
        let entity = HistoryQuery { entity: Some("main:argocd/web".into()), limit: 7, ..Default::default() };
        let words = HistoryQuery { q: Some("watching".into()), ..web.clone() };
        for (query, others) in [
            (HistoryQuery::default(), 300),
            (web.clone(), 150),
            (staging, 98),
            (entity, 150),
            (words, 0),
            (HistoryQuery { kinds: vec![TransitionKind::Gap], ..web.clone() }, 0),
        ] {
            let lines = pages(&store, query.clone()).await;
            assert!(lines.is_sorted_by(|a, b| a.at >= b.at), "{query:?}");
            let gaps: Vec<_> = lines.iter().filter(|t| t.kind == TransitionKind::Gap).collect();
            assert_eq!((gaps.len(), lines.len()), (1, others + 1), "{query:?}");
            assert_eq!((gaps[0].id, gaps[0].at), (gap.id(), gap.from));
            if query.q.is_none() && query.kinds.is_empty() {
                let counts = store.counts_by_kind(&query).await.unwrap();
                assert_eq!(counts.iter().map(|c| c.count).sum::<u64>(), lines.len() as u64, "{query:?}");
            }
        }
        let no_gaps = HistoryQuery { kinds: vec![TransitionKind::Sync], ..web };
        let syncs = all.iter().filter(|t| t.service.as_deref() == Some("web"));
        let syncs = syncs.filter(|t| t.kind == TransitionKind::Sync).count();
        assert_eq!(pages(&store, no_gaps).await.len(), syncs, "kinds leave it out");
    })
    .await;
}

/// A search that pauses after each span gives the same in the end as one that does not.
#[sqlx::test(migrator = "landfall::store::MIGRATOR")]
async fn a_search_that_pauses_goes_on_where_it_was(pool: PgPool) {
    with_store(pool.clone(), async |store| {
        let all = filled(&pool, &store).await;
        let query = HistoryQuery {
            q: Some("line 12".into()),
            patience: Some(Duration::ZERO),
            until: Some(at("2026-11-25T00:00:00Z")),
            limit: 4,
            ..Default::default()
        };
        let first = store.history(&query).await.unwrap();
        assert!(first.items.is_empty() && first.next.is_some(), "it pauses after the newest span");
        let found = pages(&store, query.clone()).await;
        let expected: Vec<_> =
            all.into_iter().filter(|t| t.detail.as_deref().unwrap().contains("Line 12")).collect();
        assert_eq!(found, expected);
        let full = store.history(&HistoryQuery { patience: Some(PATIENCE), ..query }).await.unwrap();
        assert_eq!(full.items, expected[..4], "with time, a page is full");
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

/// A finding that comes and goes within its grace time is one finding, however many lines the timeline has of it.
#[sqlx::test(migrator = "landfall::store::MIGRATOR")]
async fn what_opened_and_closed_since_are_findings(pool: PgPool) {
    with_store(pool.clone(), async |store| {
        let epoch = lead(&pool, "a").await;
        let rows = [
            ("old", "2026-11-01T00:00:00Z", None, true),
            ("ended-before", "2026-11-01T00:00:00Z", Some("2026-11-02T00:00:00Z"), false),
            ("ended-since", "2026-11-01T00:00:00Z", Some("2026-11-11T00:00:00Z"), false),
            ("opened-since", "2026-11-12T00:00:00Z", None, true),
            ("came-and-went", "2026-11-12T00:00:00Z", Some("2026-11-13T00:00:00Z"), false),
        ];
        for (id, opened, until, open) in rows {
            let mut one = batch();
            one.findings = vec![finding_row(id, opened, None, true).into()];
            store.commit(&epoch, &one).await.unwrap();
            let mut two = batch();
            two.findings = vec![finding_row(id, opened, until, open).into()];
            store.commit(&epoch, &two).await.unwrap();
        }
        let (since, until) = (at("2026-11-10T00:00:00Z"), at("2026-11-20T00:00:00Z"));
        assert_eq!(store.count_findings_opened(since, until).await.unwrap(), 2);
        assert_eq!(store.count_findings_closed(Some(since), Some(until)).await.unwrap(), 2);
        assert_eq!(store.count_findings_opened(since, at("2026-11-11T00:00:00Z")).await.unwrap(), 0);
    })
    .await;
}
