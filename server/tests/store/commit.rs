//! Writing: exactly once, under the fence, whatever the values hold.

use jiff::ToSpan as _;
use landfall::store::{Batch, Epoch, FindingChange, StoreError};
use landfall_model::Text;
use sqlx::PgPool;

use crate::world::*;

#[sqlx::test(migrator = "landfall::store::MIGRATOR")]
async fn what_is_written_is_loaded(pool: PgPool) {
    with_store(pool.clone(), async |store| {
        let epoch = lead(&pool, "a").await;
        let mut first = batch();
        first.revision = 7;
        first.objects = vec![put("one", "x", 1), put("two", "y", 2), put("three", "z", 3)];
        first.frames = vec![frame("web", at("2026-11-20T10:00:00Z"), Some("well"))];
        first.sources = vec![source_change("cluster/prod", "ok", "2026-11-20T10:00:00Z")];
        first.findings = vec![
            finding_row("open", "2026-11-20T10:00:00Z", None, true).into(),
            finding_row("grace", "2026-11-20T10:00:00Z", None, false).into(),
            finding_row("over", "2026-11-20T10:00:00Z", Some("2026-11-20T11:00:00Z"), false).into(),
        ];
        store.commit(&epoch, &first).await.unwrap();
        let mut second = batch();
        second.objects = vec![put("two", "changed", 5), gone("three")];
        let committed = store.commit(&epoch, &second).await.unwrap();

        let (mut stored, seq) = store.load().await.unwrap();
        stored.observations.sort_by(|a, b| a.name.cmp(&b.name));
        assert_eq!(stored.observations, [object("one", "x", 1), object("two", "changed", 5)]);
        assert_eq!(stored.environments, [environment("web", "well")]);
        let findings: Vec<_> = stored.findings.iter().map(|row| (&*row.finding.id, row.open)).collect();
        assert_eq!(findings, [("grace", false), ("open", true)]);
        assert_eq!(stored.sources, [source("cluster/prod", "ok", "2026-11-20T10:00:00Z")]);
        assert_eq!(stored.revision, 7, "a batch without a view does not put it back");
        assert_eq!(seq, committed.seq);
    })
    .await;
}

#[sqlx::test(migrator = "landfall::store::MIGRATOR")]
async fn a_repeated_batch_and_repeated_transitions_are_written_once(pool: PgPool) {
    with_store(pool.clone(), async |store| {
        let epoch = lead(&pool, "a").await;
        let mut batch_1 = batch();
        batch_1.transitions = (0..1_200).map(|n| transition(n, "web", "2026-11-20T10:00:00Z")).collect();
        batch_1.frames = vec![frame("web", at("2026-11-20T10:00:00Z"), Some("well"))];
        let first = store.commit(&epoch, &batch_1).await.unwrap();
        assert_eq!(first.new_transitions, 1_200);

        // The answer was lost, the batch is tried again.
        let again = store.commit(&epoch, &batch_1).await.unwrap();
        assert!(again.repeated);
        assert_eq!(again.seq, first.seq);

        // A new leader derives the same changes from its own lists, at another time and in another batch.
        let epoch = lead(&pool, "b").await;
        let mut batch_2 = batch();
        batch_2.transitions = (1_100..1_300).map(|n| transition(n, "web", "2026-11-20T10:00:09Z")).collect();
        // The same one twice in one batch.
        batch_2.transitions.push(transition(1_299, "web", "2026-11-20T10:00:09Z"));
        let second = store.commit(&epoch, &batch_2).await.unwrap();
        assert_eq!(second.new_transitions, 100);
        assert_eq!(rows(&pool, "select count(*) from transitions").await, 1_300);
        assert_eq!(rows(&pool, "select count(distinct id) from transitions").await, 1_300);
        assert_eq!(rows(&pool, "select count(*) from frames where not keyframe").await, 1);
    })
    .await;
}

#[sqlx::test(migrator = "landfall::store::MIGRATOR")]
async fn a_late_writer_is_fenced_and_leaves_nothing(pool: PgPool) {
    with_store(pool.clone(), async |store| {
        let old = lead(&pool, "a").await;
        let new = lead(&pool, "b").await;
        assert_eq!(new.number, old.number + 1);
        let mut late = batch();
        late.transitions = vec![transition(1, "web", "2026-11-20T10:00:00Z")];
        late.objects = vec![put("one", "x", 1)];
        assert!(matches!(store.commit(&old, &late).await, Err(StoreError::Fenced)));
        assert!(matches!(
            store
                .commit(&old, &Batch::signs_of_life(0, vec![(Text::from("a"), at("2026-11-20T10:00:00Z"))]))
                .await,
            Err(StoreError::Fenced)
        ));
        let other = Epoch { lease: Text::from("no such lease"), number: 1 };
        assert!(matches!(store.commit(&other, &late).await, Err(StoreError::Fenced)));
        assert_eq!(
            rows(&pool, "select (select count(*) from transitions) + (select count(*) from observations)")
                .await,
            0
        );
        store.commit(&new, &late).await.unwrap();

        sqlx::query("update lease set expires_at = now() - interval '1 second'")
            .execute(&pool)
            .await
            .unwrap();
        late.id = batch().id;
        assert!(matches!(store.commit(&new, &late).await, Err(StoreError::LeaseExpired)));
    })
    .await;
}

#[sqlx::test(migrator = "landfall::store::MIGRATOR")]
async fn hostile_texts_are_stored_without_their_nul(pool: PgPool) {
    with_store(pool.clone(), async |store| {
        let epoch = lead(&pool, "a").await;
        let nasty = "\0<script>\\u0000\u{202e}'); drop table transitions;--";
        let mut hostile = batch();
        let mut change = transition(1, nasty, "2026-11-20T10:00:00Z");
        change.detail = Some(Text::from(nasty.repeat(1_000)));
        change.to = serde_json::json!({ nasty: nasty });
        hostile.transitions = vec![change];
        hostile.objects = vec![put("one", nasty, u64::MAX)];
        store.commit(&epoch, &hostile).await.unwrap();
        let (stored, _) = store.load().await.unwrap();
        let clean = nasty.replace('\0', "\u{fffd}");
        assert_eq!(to_json(&stored.observations[0].body), to_json(&object("one", &clean, 1).body));
        let page = store
            .history(&landfall::store::HistoryQuery { services: vec![nasty.into()], ..Default::default() })
            .await
            .unwrap();
        assert_eq!(page.items[0].service.as_deref(), Some(&*clean));
        assert_eq!(page.items[0].to[&*clean], serde_json::json!(clean));
    })
    .await;
}

/// Names of the greatest length that reduction lets through fit into every index, whatever characters they have.
#[sqlx::test(migrator = "landfall::store::MIGRATOR")]
async fn the_longest_names_are_stored(pool: PgPool) {
    with_store(pool.clone(), async |store| {
        let epoch = lead(&pool, "a").await;
        // Four bytes each, and nothing that an index could pack.
        let longest = |seed: u32| -> Text {
            let odd = |n: u32| char::from_u32(0x2_0000 + (n * 7_919 + seed * 104_729) % 40_000).unwrap();
            (0..u32::try_from(landfall_model::reduce::LONGEST_NAME).unwrap())
                .map(odd)
                .collect::<String>()
                .into()
        };
        let (namespace, called) = (longest(1), longest(2));
        let mut all = batch();
        let mut found = object("one", "x", 1);
        found.name =
            landfall_model::observe::ObjectName { namespace: namespace.clone(), name: called.clone() };
        let mut change = transition(1, &called, "2026-11-20T10:00:00Z");
        change.entity = format!("main:{namespace}/{called}").into();
        all.frames = vec![frame(&change.entity, at("2026-11-20T10:00:00Z"), Some("x"))];
        all.objects = vec![landfall::store::ObjectChange::Put(found)];
        all.transitions = vec![change];
        store.commit(&epoch, &all).await.unwrap();
        let (stored, _) = store.load().await.unwrap();
        assert_eq!((&*stored.observations[0].name.name, stored.environments.len()), (&*called, 1));
    })
    .await;
}

#[sqlx::test(migrator = "landfall::store::MIGRATOR")]
async fn a_clock_that_is_wrong_writes_neither_the_future_nor_the_past(pool: PgPool) {
    with_store(pool.clone(), async |store| {
        let epoch = lead(&pool, "a").await;
        let now = store.ping().await.unwrap();
        let ahead = now + 1.hour();
        let mut early = batch();
        early.transitions = vec![transition(1, "web", &ahead.to_string())];
        early.frames = vec![frame("web", ahead, Some("first"))];
        store.commit(&epoch, &early).await.unwrap();
        // The clock is set back by two hours.
        let mut later = batch();
        later.frames = vec![frame("web", now - 1.hour(), Some("second"))];
        store.commit(&epoch, &later).await.unwrap();
        assert_eq!(rows(&pool, "select count(*) from frames where at > clock_timestamp()").await, 0);
        assert_eq!(
            rows(&pool, "select count(*) from transitions where noticed_at > clock_timestamp()").await,
            0
        );
        let view = store.as_of(store.ping().await.unwrap()).await.unwrap().unwrap();
        assert_eq!(view.environments, [environment("web", "second")]);
    })
    .await;
}

#[sqlx::test(migrator = "landfall::store::MIGRATOR")]
async fn a_finding_that_reopens_keeps_its_first_opening_and_one_that_was_open_stays_known(pool: PgPool) {
    with_store(pool.clone(), async |store| {
        let epoch = lead(&pool, "a").await;
        for row in [
            finding_row("f", "2026-11-20T10:00:00Z", None, true),
            finding_row("f", "2026-11-20T10:00:00Z", Some("2026-11-20T11:00:00Z"), false),
            finding_row("f", "2026-11-20T11:01:00Z", None, true),
        ] {
            let mut one = batch();
            one.findings = vec![row.into()];
            store.commit(&epoch, &one).await.unwrap();
        }
        let (stored, _) = store.load().await.unwrap();
        assert_eq!(stored.findings[0].finding.opened_at, at("2026-11-20T10:00:00Z"));
        // Opened and closed between two commits.
        let mut both = batch();
        let closed = finding_row("g", "2026-11-20T10:00:00Z", Some("2026-11-20T10:05:00Z"), false);
        both.findings = vec![FindingChange { row: closed, opened: true }];
        store.commit(&epoch, &both).await.unwrap();
        let page = store.findings_closed(None, None, 10).await.unwrap();
        assert_eq!(page.items.iter().map(|finding| &*finding.id).collect::<Vec<_>>(), ["g"]);
    })
    .await;
}
