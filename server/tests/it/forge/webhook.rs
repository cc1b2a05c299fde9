//! F14: webhooks that are lost, doubled and in any order lead to the same; they only say "look now".

use std::sync::Arc;

use landfall::{hook::Wish, source::forge::Github};
use landfall_model::words::ForgeKind;
use landfall_sandbox::forge::ForgeFault;

use super::{Stage, looking::Looking, quick};

#[tokio::test]
async fn only_what_is_named_is_looked_at() {
    let stage = Stage::new().await;
    for repository in ["shop/web", "shop/api"] {
        stage.forge.open(repository, 1, "One", "mika", "one");
    }
    let mut looking = Looking::<Github>::at(&stage.config(ForgeKind::Github), quick());
    looking.generate(&["shop/web", "shop/api"], "preview");
    looking.look().await;
    stage.forge.reset_counters();
    let head = stage.forge.push("shop/web", 1, "more");
    let asks = Arc::clone(&looking.looker.asks);
    asks.add("forge/git", "Shop/Web", Wish::list());
    asks.add("forge/git", "somebody/else", Wish::list());
    assert!(looking.looker.look_at_asked().await);
    looking.take();
    assert_eq!(*looking.pull("shop/web", 1).unwrap().head.sha, *head);
    let counters = stage.forge.counters();
    assert!(counters.requests.keys().all(|(_, repository)| repository == "shop/web"), "{counters:?}");
}

#[tokio::test]
async fn a_thousand_permuted_doubled_and_lost_ones_end_in_the_same() {
    let stage = Stage::new().await;
    let repositories: Vec<String> = (0..10).map(|n| format!("shop/service-{n}")).collect();
    for repository in &repositories {
        for number in 1..=5 {
            stage.forge.open(repository, number, "One", "mika", &format!("branch-{number}"));
        }
    }
    let names: Vec<&str> = repositories.iter().map(String::as_str).collect();
    let mut looking = Looking::<Github>::at(&stage.config(ForgeKind::Github), quick());
    looking.generate(&names, "preview");
    looking.look().await;
    let asks = Arc::clone(&looking.looker.asks);
    let mut random = fastrand::Rng::with_seed(14);
    let mut late: Vec<&str> = Vec::new();
    for n in 0..1_000 {
        let (repository, number) = (names[random.usize(..names.len())], random.u64(1..=5));
        match random.u8(..4) {
            0 => stage.forge.label(repository, number, "preview", "mika"),
            1 => stage.forge.unlabel(repository, number, "preview", "mika"),
            2 => stage.forge.retitle(repository, number, &format!("Title {n}"), false, false),
            _ => drop(stage.forge.push(repository, number, &format!("commit {n}"))),
        }
        // One in five is lost, some come twice, some much later.
        match random.u8(..10) {
            0 | 1 => {}
            2 => late.push(repository),
            3 => drop((
                asks.add("forge/git", repository, Wish::list()),
                asks.add("forge/git", repository, Wish::list()),
            )),
            _ => drop(asks.add("forge/git", repository, Wish::list())),
        }
        if n % 97 == 0 {
            assert!(looking.looker.look_at_asked().await);
            looking.take();
        }
    }
    random.shuffle(&mut late);
    for repository in late {
        asks.add("forge/git", repository, Wish::list());
    }
    looking.looker.look_at_asked().await;
    looking.take();
    // The regular look, which comes in any case, finds what got lost.
    looking.look().await;
    let mut fresh = Looking::<Github>::at(&stage.config(ForgeKind::Github), quick());
    fresh.generate(&names, "preview");
    fresh.look().await;
    assert_eq!(looking.known(), fresh.known());
    for repository in &names {
        for number in 1..=5 {
            let (known, is) =
                (looking.pull(repository, number).unwrap(), fresh.pull(repository, number).unwrap());
            assert_eq!((&known.title, &known.head.sha, &known.state), (&is.title, &is.head.sha, &is.state));
            let names = |pull: &landfall_model::observe::Pull| -> Vec<String> {
                pull.labels.iter().map(|label| label.name.to_string()).collect()
            };
            assert_eq!(names(&known), names(&is), "{repository}#{number}");
        }
    }
}

#[tokio::test]
async fn what_cannot_be_read_is_not_asked_for_again_and_again_but_what_waits_is_kept() {
    let stage = Stage::new().await;
    stage.forge.open("shop/web", 1, "One", "mika", "one");
    let mut looking = Looking::<Github>::at(&stage.config(ForgeKind::Github), quick());
    looking.generate(&["shop/web"], "preview");
    looking.look().await;
    let asks = Arc::clone(&looking.looker.asks);
    // A permission that was taken away is told by the regular look.
    stage.forge.hide("shop/web", true);
    asks.add("forge/git", "shop/web", Wish::list());
    assert!(looking.looker.look_at_asked().await);
    assert!(asks.is_empty());
    stage.forge.hide("shop/web", false);
    // A forge that wants to be left alone, or is in trouble, is asked later.
    for fault in [
        ForgeFault::Secondary { of: "", retry_after: Some(1), times: 1 },
        ForgeFault::Status { of: "", code: 502, times: 1 },
    ] {
        let head = stage.forge.push("shop/web", 1, &format!("{fault:?}"));
        stage.forge.inject(fault);
        asks.add("forge/git", "shop/web", Wish::list());
        assert!(!looking.looker.look_at_asked().await);
        assert!(!asks.is_empty());
        tokio::time::sleep(std::time::Duration::from_millis(1_100)).await;
        assert!(looking.looker.look_at_asked().await);
        looking.take();
        assert_eq!(*looking.pull("shop/web", 1).unwrap().head.sha, *head);
    }
}
