//! What cannot be read is one object, under its name or its place; everything around it is read.

use landfall::watch::Known;
use landfall_model::{observe::Body, words::Kind};
use landfall_sandbox::{Fault, Malformed, World};

use super::{
    seen::{Collecting, View, application, pod},
    small,
};

/// Served malformed: one Application, or all.
fn malformed(world: &World, how: Malformed, name: &str) {
    let fault = Fault::Malformed { how, namespace: None, name: Some(name.to_owned()) };
    world.cluster("prod").inject("applications", fault).unwrap();
}

/// Names of unreadable Applications with the reasons.
fn unreadable(view: &View) -> Vec<(String, String)> {
    view.objects
        .iter()
        .filter(|((scope, _), _)| scope.kind == Kind::Application)
        .filter_map(|((_, name), object)| match &object.body {
            Body::Unreadable(broken) => Some((name.to_string(), broken.why.to_string())),
            _ => None,
        })
        .collect()
}

fn readable(view: &View) -> usize {
    view.count(Kind::Application) - unreadable(view).len()
}

/// The whole page is no JSON because of one object: that one is found, the others are kept, and it costs few requests.
#[tokio::test]
async fn one_broken_object_does_not_take_its_page_with_it() {
    let world = small(120);
    let prod = world.cluster("prod");
    prod.inject("*", Fault::NoStreamingLists).unwrap();
    for name in ["app-2", "app-77", "app-99"] {
        malformed(&world, Malformed::Truncated, name);
    }
    let seen = Collecting::start_with(&world, "", "[limits]\nlist_page = 50\n", &Known::new()).await;
    seen.until("117 are read and three are not", |view| readable(view) == 117 && unreadable(view).len() == 3)
        .await;
    let broken = seen.with(unreadable);
    let names: Vec<&str> = broken.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["argocd/app-2", "argocd/app-77", "argocd/app-99"]);
    assert!(broken.iter().all(|(_, why)| why.starts_with("is no JSON: ")), "{broken:?}");
    let counters = world.counters();
    let asked =
        counters.lists("prod", "applications") + counters.requests("prod", "list-page", "applications");
    assert!(asked <= 60, "asked {asked} times");
    assert_eq!(
        seen.with(|view| view.state(&Collecting::scope(Kind::Application))),
        Some(landfall_model::words::SourceState::Ok)
    );

    // It is mended: the watch tells.
    prod.faults().clear("applications").unwrap();
    for nth in [2, 77, 99] {
        prod.apply(application(nth, "OutOfSync")).unwrap();
    }
    seen.until("all are read", |view| readable(view) == 120 && unreadable(view).is_empty()).await;
}

/// An object without a name stands under its place until a list no longer has it.
#[tokio::test]
async fn objects_without_a_name_stand_under_their_place_and_go_with_it() {
    for paged in [true, false] {
        let world = small(5);
        let prod = world.cluster("prod");
        if paged {
            prod.inject("*", Fault::NoStreamingLists).unwrap();
        }
        malformed(&world, Malformed::MissingMetadata, "app-1");
        malformed(&world, Malformed::Null, "app-2");
        malformed(&world, Malformed::MissingMetadata, "app-4");
        let seen = Collecting::start(&world, "").await;
        seen.until("two are read and three are not", |view| {
            readable(view) == 2 && unreadable(view).len() == 3
        })
        .await;
        let broken = seen.with(unreadable);
        let names: Vec<&str> = broken.iter().map(|(name, _)| name.as_str()).collect();
        let expected = [
            "(no name, after argocd/app-0)",
            "(no name, after argocd/app-0, number 2)",
            "(no name, after argocd/app-3)",
        ];
        assert_eq!(names, expected, "paged: {paged}");
        assert!(broken[0].1.contains("does not say its name"), "{broken:?}");

        prod.faults().clear("applications").unwrap();
        seen.until("a later list has them all", |view| readable(view) == 5 && unreadable(view).is_empty())
            .await;
    }
}

/// In a watch there is no neighbour to name.
#[tokio::test]
async fn an_object_that_loses_its_name_while_it_is_watched_is_shown() {
    let world = small(3);
    let seen = Collecting::start(&world, "").await;
    seen.complete(&world).await;
    malformed(&world, Malformed::MissingMetadata, "app-1");
    world.cluster("prod").apply(application(1, "OutOfSync")).unwrap();
    seen.until("it is shown", |view| {
        unreadable(view).first().is_some_and(|(name, _)| name == "(no name, in the watch)")
    })
    .await;
    assert_eq!(seen.with(readable), 3, "what was known of it stays until a list says otherwise");
}

/// `object_mib` holds for pages, streamed lists and watches alike.
#[tokio::test]
async fn an_object_larger_than_allowed_is_named_wherever_it_comes_from() {
    for (paged, live) in [(true, false), (false, false), (false, true)] {
        let world = small(4);
        let prod = world.cluster("prod");
        if paged {
            prod.inject("*", Fault::NoStreamingLists).unwrap();
        }
        let huge = || malformed(&world, Malformed::Huge, "app-2");
        if !live {
            huge();
        }
        let seen = Collecting::start_with(&world, "", "[limits]\nobject_mib = 1\n", &Known::new()).await;
        if live {
            seen.complete(&world).await;
            huge();
            prod.apply(application(2, "OutOfSync")).unwrap();
        }
        seen.until("it is named", |view| readable(view) == 3 && unreadable(view).len() == 1).await;
        let (name, why) = seen.with(unreadable).remove(0);
        assert_eq!(name, "argocd/app-2", "paged {paged}, live {live}");
        assert_eq!(why, "is larger than 1 MiB: `object_mib` in [limits]");
    }
}

/// Since 1.34 lists are streamed: one request for all, and the watch goes on in it.
#[tokio::test]
async fn a_server_that_streams_lists_is_asked_for_no_page() {
    let world = small(30);
    let seen = Collecting::start_with(&world, "", "[limits]\nlist_page = 10\n", &Known::new()).await;
    seen.complete(&world).await;
    world.cluster("prod").apply(pod(50, "a")).unwrap();
    seen.complete(&world).await;
    let counters = world.counters();
    assert_eq!(counters.requests("prod", "watch-list", "pods"), 1);
    assert_eq!(counters.requests("prod", "list", "") + counters.requests("prod", "list-page", ""), 0);
}

/// A name longer than Kubernetes allows is no key of anything: the object is shown as unreadable under its beginning,
/// changes and goes as the one object it is, and nobody else is harmed.
#[tokio::test]
async fn an_object_whose_name_is_too_long_is_shown_as_unreadable() {
    for streamed in [true, false] {
        let world = small(3);
        let prod = world.cluster("prod");
        if !streamed {
            prod.inject("*", Fault::NoStreamingLists).unwrap();
        }
        let name = "n".repeat(1_500);
        let mut long = application(7, "Synced");
        long["metadata"]["name"] = name.clone().into();
        prod.apply(long.clone()).unwrap();
        let seen = Collecting::start_with(&world, "", "", &Known::new()).await;
        seen.until("three are read, one is not", |view| readable(view) == 3 && unreadable(view).len() == 1)
            .await;
        let broken = seen.with(unreadable);
        assert!(
            broken[0].0.starts_with("argocd/nnn") && broken[0].0.contains("(1500 characters, "),
            "{broken:?}"
        );
        assert!(
            broken[0].0.chars().count() < 260 && broken[0].1.contains("longer than 253 characters"),
            "{broken:?}"
        );

        long["status"]["sync"]["status"] = "OutOfSync".into();
        prod.apply(long).unwrap();
        prod.apply(application(8, "Synced")).unwrap();
        seen.until("a fourth is read", |view| readable(view) == 4).await;
        assert_eq!(seen.with(unreadable), broken, "it is still one");
        assert!(prod.delete("applications", "argocd", &name));
        seen.until("it is gone", |view| unreadable(view).is_empty() && readable(view) == 4).await;
    }
}
