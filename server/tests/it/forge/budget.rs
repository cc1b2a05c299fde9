//! F13: what a forge allows is kept to, what has not changed is free, and nothing is asked while it wants to be left alone.

use std::time::Duration;

use landfall::source::forge::{Forge as _, Github};
use landfall_model::words::{ForgeKind, SourceState};
use landfall_sandbox::forge::{ForgeFault, Limits};

use super::{Stage, looking::Looking, quick};

const WEB: &str = "shop/web";

async fn stage(pulls: u64) -> Stage {
    let stage = Stage::new().await;
    for number in 1..=pulls {
        stage.forge.open(WEB, number, "One", "mika", &format!("branch-{number}"));
        stage.forge.label(WEB, number, "preview", "mika");
    }
    stage
}

#[tokio::test]
async fn what_has_not_changed_is_free() {
    let stage = stage(20).await;
    let mut looking = Looking::<Github>::at(&stage.config(ForgeKind::Github), quick());
    looking.generate(&[WEB], "preview");
    let report = looking.look().await;
    let budget = report.budget.unwrap();
    assert_eq!(budget.limit, Some(5_000));
    let charged = stage.forge.counters().charged;
    assert_eq!(u64::from(5_000 - budget.remaining.unwrap()), charged, "it is shown as it is");
    stage.forge.reset_counters();
    for _ in 0..5 {
        looking.look().await;
    }
    let counters = stage.forge.counters();
    assert_eq!((counters.charged, counters.unchanged), (0, counters.of("")), "{counters:?}");
    assert_eq!(counters.of(""), 5 * 4, "open, closed, comments, runs");
    // One changes: its list, and its three details.
    stage.forge.push(WEB, 7, "more");
    stage.forge.reset_counters();
    looking.look().await;
    let counters = stage.forge.counters();
    assert_eq!(
        (counters.of("events"), counters.of("commits"), counters.of("pulls")),
        (1, 1, 2),
        "{counters:?}"
    );
    assert!(counters.charged <= 3, "{counters:?}");
}

#[tokio::test]
async fn nothing_is_asked_once_the_hour_is_used_up() {
    let stage = stage(3).await;
    stage.forge.limit(Limits { per_hour: 4, ..Limits::default() });
    let mut looking = Looking::<Github>::at(&stage.config(ForgeKind::Github), quick());
    looking.generate(&[WEB], "preview");
    let report = looking.look().await;
    assert_eq!(report.state, SourceState::Failing);
    let budget = report.budget.unwrap();
    assert_eq!((budget.remaining, budget.left), (Some(0), 0));
    assert!(budget.blocked_until.is_some());
    assert_eq!(budget.blocked_by.as_deref(), Some("all 4 requests of its hour are used"));
    stage.forge.reset_counters();
    for _ in 0..10 {
        assert_eq!(looking.look().await.state, SourceState::Failing);
    }
    assert_eq!(stage.forge.counters().of(""), 0, "0 requests while it is used up");
    assert_eq!(stage.forge.counters().while_limited, 0);
}

#[tokio::test]
async fn the_secondary_limit_is_obeyed_with_and_without_a_time() {
    for retry_after in [Some(1), None] {
        let stage = stage(2).await;
        let mut looking = Looking::<Github>::at(&stage.config(ForgeKind::Github), quick());
        looking.generate(&[WEB], "preview");
        stage.forge.inject(ForgeFault::Secondary { of: "pulls", retry_after, times: 1 });
        let report = looking.look().await;
        assert_eq!(report.state, SourceState::Failing);
        let blocked = report.budget.unwrap().blocked_by;
        let wanted = if retry_after.is_some() { "it asks to wait (403)" } else { "too many requests (403)" };
        assert_eq!(blocked.as_deref(), Some(wanted));
        assert_eq!(stage.forge.counters().of(""), 1, "it broke off at once");
        looking.look().await;
        assert_eq!(stage.forge.counters().of(""), 1, "and nothing is asked meanwhile");
        tokio::time::sleep(Duration::from_millis(1_100)).await;
        assert_eq!(looking.look().await.state, SourceState::Ok);
        assert_eq!(looking.known().len(), 2);
    }
}

#[tokio::test]
async fn with_little_left_only_the_lists_are_read_and_what_was_known_stays() {
    let stage = stage(3).await;
    let mut looking = Looking::<Github>::at(&stage.config(ForgeKind::Github), quick());
    looking.generate(&[WEB], "preview");
    looking.look().await;
    let before = looking.pull(WEB, 1).unwrap();
    // 100 an hour: below five only what is needed most is asked.
    stage.forge.limit(Limits { per_hour: 100, ..Limits::default() });
    for _ in 0..96 {
        looking.looker.forge.pull(WEB, 1).await.unwrap();
    }
    assert!(looking.looker.forge.budget().is_low());
    stage.forge.reset_counters();
    stage.forge.push(WEB, 1, "more");
    looking.look().await;
    let counters = stage.forge.counters();
    assert_eq!(
        (counters.of("events"), counters.of("comments"), counters.of("runs")),
        (0, 0, 0),
        "{counters:?}"
    );
    let after = looking.pull(WEB, 1).unwrap();
    assert_ne!(after.head.sha, before.head.sha, "the list tells the new head");
    assert_eq!(after.labels, before.labels, "and since when it is labelled is still known");
}

#[tokio::test]
async fn a_block_outlives_a_restart() {
    let stage = stage(1).await;
    let mut looking = Looking::<Github>::at(&stage.config(ForgeKind::Github), quick());
    looking.generate(&[WEB], "preview");
    stage.forge.inject(ForgeFault::Secondary { of: "", retry_after: Some(60), times: 1 });
    looking.look().await;
    let blocked = looking.looker.forge.budget().blocked().unwrap();
    let mut later = Looking::<Github>::at(&stage.config(ForgeKind::Github), quick());
    later.looker.forge.budget().resume(blocked);
    later.generate(&[WEB], "preview");
    stage.forge.reset_counters();
    later.look().await;
    assert_eq!(stage.forge.counters().of(""), 0);
}
