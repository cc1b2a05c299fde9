//! Collectors against API servers that misbehave (the numbers F1 to F24 are those of the list of failure modes).
//! Counters of the sandbox prove what was asked; the pace is about twenty times the real one.

mod broken;
pub mod seen;

use landfall::watch::{Known, Pace};
use landfall_model::{
    observe::{Body, Scope, Version},
    words::{Kind, SourceState},
};
use landfall_sandbox::{Clock, Fault, Malformed, Perturb, World};
use serde_json::json;

use seen::{Collecting, application, pod};

const CLUSTER_KINDS: u64 = 13;
const ARGOCD_KINDS: u64 = 5;

/// A world of one cluster with some pods and Applications.
fn small(count: usize) -> World {
    let world = World::empty();
    let prod = world.cluster("prod");
    for nth in 0..count {
        prod.apply(pod(nth, "a")).unwrap();
        prod.apply(application(nth, "Synced")).unwrap();
    }
    world
}

#[tokio::test]
async fn one_list_and_one_watch_per_kind_see_everything() {
    let world = World::story(1, Clock::real());
    let seen = Collecting::start(&world, "").await;
    let expected: usize = world
        .clusters()
        .iter()
        .flat_map(landfall_sandbox::Cluster::sizes)
        .filter(|(resource, _)| *resource != "events")
        .map(|(_, size)| size)
        .sum();
    seen.until("everything is seen", |view| {
        view.objects.keys().filter(|(scope, _)| scope.kind != Kind::Event).count() == expected
    })
    .await;
    let counters = world.counters();
    assert_eq!(counters.lists("prod", ""), CLUSTER_KINDS + ARGOCD_KINDS);
    for resource in ["pods", "applications", "replicasets", "httproutes"] {
        assert_eq!(counters.lists("prod", resource), 1, "{resource}");
    }
    assert_eq!(world.violations(), []);
    assert_eq!(seen.panics(), 0);
}

/// F1: what was open is resumed, never listed again.
#[tokio::test]
async fn closed_and_broken_watches_are_resumed_without_a_list() {
    let world = small(3);
    let seen = Collecting::start(&world, "").await;
    seen.complete(&world).await;
    world.reset_counters();
    let prod = world.cluster("prod");
    for (nth, fault) in
        [Fault::CloseWatches, Fault::BreakWatches, Fault::CutLine { times: 1 }].into_iter().enumerate()
    {
        prod.inject("*", fault).unwrap();
        prod.apply(application(0, "OutOfSync")).unwrap();
        prod.apply(pod(10 + nth, "a")).unwrap();
        seen.complete(&world).await;
    }
    assert_eq!(world.counters().lists("", ""), 0);
    assert!(world.counters().watches("prod", "pods") > 1);
}

/// F2: versions that are too old cost one list; what went away meanwhile is noticed, what stayed is kept.
#[tokio::test]
async fn an_expired_version_costs_one_list_and_finds_deletions() {
    let world = small(40);
    let seen = Collecting::start(&world, "").await;
    seen.complete(&world).await;
    let prod = world.cluster("prod");
    prod.inject("applications", Fault::FreezeWatches).unwrap();
    world.reset_counters();
    for nth in [3, 7] {
        assert!(prod.delete("applications", "argocd", &format!("app-{nth}")));
    }
    prod.compact("applications").unwrap();
    seen.complete(&world).await;
    assert_eq!(world.counters().lists("prod", "applications"), 1);
    assert_eq!(world.counters().lists("prod", "pods"), 0);
    let gone =
        seen.with(|view| view.removed.iter().filter(|(scope, _)| scope.kind == Kind::Application).count());
    assert_eq!(gone, 2, "each deletion once, and nothing else");
}

/// After a restart every version is gone, and permitted readers are refused for a moment: one list each, no verdict.
#[tokio::test]
async fn a_restart_is_one_list_per_kind_and_no_verdict() {
    let world = small(5);
    let seen = Collecting::start(&world, "").await;
    seen.complete(&world).await;
    world.reset_counters();
    let prod = world.cluster("prod");
    prod.inject("*", Fault::Restart { forbidden_ms: 150, unavailable_ms: 100 }).unwrap();
    prod.apply(pod(77, "a")).unwrap();
    seen.complete(&world).await;
    seen.until("all streams are well again", |view| view.states().all(|state| state == SourceState::Ok))
        .await;
    let lists = world.counters();
    // The first tries fail and are counted with their status; those that succeed are one per kind.
    let succeeded: u64 = lists
        .requests
        .iter()
        .filter(|row| row.status == 200 && matches!(row.verb.as_str(), "list" | "watch-list"))
        .map(|row| row.count)
        .sum();
    assert_eq!(succeeded, CLUSTER_KINDS + ARGOCD_KINDS);
    assert!(seen.with(|view| view.reported.iter().all(|state| *state != SourceState::Forbidden)));
}

/// F3: a connection that died without a word is told apart from one where nothing happens.
#[tokio::test]
async fn a_half_open_connection_is_noticed_and_healed() {
    let world = small(3);
    let seen = Collecting::start(&world, "").await;
    seen.complete(&world).await;
    let prod = world.cluster("prod");
    prod.inject("pods", Fault::HalfOpen).unwrap();
    prod.apply(pod(50, "a")).unwrap();
    let pods = Collecting::scope(Kind::Pod);
    seen.until("pods fail", |view| view.state(&pods) == Some(SourceState::Failing)).await;
    assert!(seen.with(|view| view.error(&pods)).unwrap().starts_with("no word from the server"));
    assert_eq!(
        seen.with(|view| view.state(&Scope { kind: Kind::Service, ..pods.clone() })),
        Some(SourceState::Ok)
    );
    world.reset_counters();
    prod.faults().clear("pods").unwrap();
    seen.complete(&world).await;
    seen.until("pods are well", |view| view.state(&pods) == Some(SourceState::Ok)).await;
}

/// F4: what repeats or goes back in time is passed on as it came and resumed from the newest.
#[tokio::test]
async fn duplicates_and_stale_repeats_do_not_set_a_watch_back() {
    let world = small(10);
    let seen = Collecting::start(&world, "").await;
    seen.complete(&world).await;
    let prod = world.cluster("prod");
    prod.inject("*", Fault::Perturb(Perturb { duplicate: 30, stale: 30, reorder: 50, seed: 7 })).unwrap();
    world.reset_counters();
    for round in 0..30 {
        for nth in 0..10 {
            prod.apply(application(nth, if round % 2 == 0 { "OutOfSync" } else { "Synced" })).unwrap();
        }
        if round % 10 == 5 {
            prod.inject("*", Fault::CloseWatches).unwrap();
        }
        tokio::task::yield_now().await;
    }
    seen.complete(&world).await;
    assert_eq!(world.counters().lists("", ""), 0);
}

/// F5: one kind without permission; the rest works, and it comes alive when the right is given.
#[tokio::test]
async fn a_refusal_is_a_verdict_only_after_its_time() {
    let world = small(3);
    let prod = world.cluster("prod");
    prod.forbid("pods", None).unwrap();
    let seen = Collecting::start(&world, "").await;
    let pods = Collecting::scope(Kind::Pod);
    seen.until("Applications are there", |view| view.count(Kind::Application) == 3).await;
    assert_ne!(
        seen.with(|view| view.state(&pods)),
        Some(SourceState::Forbidden),
        "one refusal is no verdict"
    );
    seen.until("pods are forbidden", |view| view.state(&pods) == Some(SourceState::Forbidden)).await;
    assert!(seen.with(|view| view.error(&pods)).unwrap().starts_with("no permission (403): "));
    assert_eq!(seen.with(|view| view.count(Kind::Pod)), 0);

    // From now on it asks once per verdict time.
    let before = world.counters().requests("prod", "", "pods");
    tokio::time::sleep(Pace::quick().verdict * 3).await;
    let asked = world.counters().requests("prod", "", "pods") - before;
    assert!(asked <= 4, "asked {asked} times");

    prod.allow("pods", None).unwrap();
    seen.complete(&world).await;
    seen.until("pods are well", |view| view.state(&pods) == Some(SourceState::Ok)).await;
}

/// F5: not installed is knowledge, not a failure; installed later, it comes alive.
#[tokio::test]
async fn what_is_not_installed_is_absent_until_it_is() {
    let world = small(2);
    let prod = world.cluster("prod");
    prod.uninstall("httproutes").unwrap();
    let seen = Collecting::start(&world, "").await;
    let routes = Collecting::scope(Kind::HttpRoute);
    seen.until("routes are absent", |view| view.state(&routes) == Some(SourceState::Absent)).await;
    assert_eq!(world.counters().requests("prod", "", "httproutes"), 0, "discovery told it");
    prod.install("httproutes").unwrap();
    seen.until("routes are read", |view| view.state(&routes) == Some(SourceState::Ok)).await;

    // And away again, with its objects.
    prod.uninstall("applications").unwrap();
    seen.until("no Application is left", |view| view.count(Kind::Application) == 0).await;
    assert_eq!(world.violations(), []);
}

/// F6: an object in any wrong form is one unreadable object, and the others go on.
#[tokio::test]
async fn malformed_objects_harm_nobody_else() {
    for how in [
        Malformed::MissingMetadata,
        Malformed::WrongTypes,
        Malformed::WrongTypesInStatus,
        Malformed::Huge,
        Malformed::ManyLabels,
        Malformed::Null,
        Malformed::Hostile,
        Malformed::Truncated,
    ] {
        let world = small(5);
        let prod = world.cluster("prod");
        let fault = Fault::Malformed { how, namespace: None, name: Some("app-2".to_owned()) };
        prod.inject("applications", fault).unwrap();
        let seen = Collecting::start(&world, "").await;
        seen.until(&format!("{how:?}: the other four are there"), |view| {
            (0..5).filter(|nth| *nth != 2).all(|nth| {
                view.objects.iter().any(|((scope, name), object)| {
                    scope.kind == Kind::Application
                        && *name.name == *format!("app-{nth}")
                        && matches!(object.body, Body::Application(_))
                })
            })
        })
        .await;
        prod.apply(application(0, "OutOfSync")).unwrap();
        seen.until(&format!("{how:?}: the watch goes on"), |view| {
            view.objects.iter().any(|((_, name), object)| {
                &*name.name == "app-0"
                    && object.version.resource >= prod.resource_version()
                    && matches!(object.body, Body::Application(_))
            })
        })
        .await;
        assert_eq!(seen.panics(), 0, "{how:?}");
    }
}

/// F24: a token that is replaced is used within moments of its refusal.
#[tokio::test]
async fn a_rotated_token_is_read_again() {
    let world = small(2);
    let prod = world.cluster("prod");
    prod.set_token(Some("first"));
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("token");
    std::fs::write(&file, "first\n").unwrap();
    let seen = Collecting::start(&world, &format!("token_file = \"{}\"", file.display())).await;
    seen.complete(&world).await;
    prod.set_token(Some("second"));
    prod.inject("*", Fault::CloseWatches).unwrap();
    std::fs::write(&file, "second\n").unwrap();
    prod.apply(pod(30, "a")).unwrap();
    seen.complete(&world).await;
}

#[tokio::test]
async fn a_server_without_streaming_lists_is_read_in_pages() {
    let world = small(120);
    let prod = world.cluster("prod");
    prod.inject("*", Fault::NoStreamingLists).unwrap();
    let seen = Collecting::start_with(&world, "", "[limits]\nlist_page = 50\n", &Known::new()).await;
    seen.complete(&world).await;
    assert_eq!(world.counters().requests("prod", "list", "pods"), 1);
    assert_eq!(world.counters().requests("prod", "list-page", "pods"), 2);
    prod.apply(pod(500, "a")).unwrap();
    seen.complete(&world).await;
}

/// A store that was restored from a backup has lower versions: a new epoch, once two lists agree.
#[tokio::test]
async fn a_store_that_went_back_in_time_begins_a_new_epoch() {
    let world = small(3);
    let pods = Scope { source: "cluster/prod".into(), kind: Kind::Pod };
    let known = Known::from([(pods, Version { epoch: 4, resource: 1_000_000_000 })]);
    let seen = Collecting::start_with(&world, "", "", &known).await;
    seen.complete(&world).await;
    assert_eq!(world.counters().lists("prod", "pods"), 2);
    assert!(seen.with(|view| view.objects.iter().all(|((scope, _), object)| {
        object.version.epoch == if scope.kind == Kind::Pod { 5 } else { 0 }
    })));
}

/// Rights in some namespaces only: one stream for each, and each is reset alone.
#[tokio::test]
async fn a_cluster_read_namespace_by_namespace() {
    let world = World::empty();
    let prod = world.cluster("prod");
    for resource in ["pods", "deployments", "services"] {
        prod.namespaced_only(resource).unwrap();
    }
    for namespace in ["a", "b", "c"] {
        prod.apply(json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": namespace}}))
            .unwrap();
        prod.apply(pod(1, namespace)).unwrap();
    }
    let seen = Collecting::start(&world, "namespaces = [\"a\", \"b\"]").await;
    seen.until("both pods and both namespaces", |view| {
        view.count(Kind::Pod) == 2 && view.count(Kind::Namespace) == 2
    })
    .await;
    assert_eq!(world.counters().lists("prod", "pods"), 2);
    assert!(seen.with(|view| view.objects.keys().all(|(_, name)| &*name.namespace != "c")));
    prod.delete("namespaces", "", "b");
    prod.delete("pods", "b", "pod-1");
    prod.inject("*", Fault::ExpireWatches).unwrap();
    seen.until("one of each is left", |view| view.count(Kind::Pod) == 1 && view.count(Kind::Namespace) == 1)
        .await;
}

/// A server that forgets every version at once is listed ever more slowly, not in a loop.
#[tokio::test]
async fn watches_that_expire_again_and_again_are_no_storm_of_lists() {
    let world = small(2);
    let prod = world.cluster("prod");
    prod.inject("pods", Fault::NoStreamingLists).unwrap();
    prod.inject("pods", Fault::Gone { times: 6 }).unwrap();
    let seen = Collecting::start(&world, "").await;
    seen.complete(&world).await;
    prod.apply(pod(9, "a")).unwrap();
    seen.complete(&world).await;
    assert!(world.counters().lists("prod", "pods") <= 9);
}
