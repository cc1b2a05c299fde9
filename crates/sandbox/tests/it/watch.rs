//! Watches: order, resuming, streaming lists, selectors, bookmarks.

use std::time::Duration;

use landfall_sandbox::World;
use serde_json::Value;

use crate::support::{APPS, Next, PODS, app, pod, serve};

fn told(line: &Value) -> (String, String) {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    (text(&line["type"]), text(&line["object"]["metadata"]["name"]))
}

fn is(kind: &str, name: &str) -> (String, String) {
    (kind.to_owned(), name.to_owned())
}

#[tokio::test]
async fn a_watch_resumes_from_any_version_in_the_window() {
    let served = serve(World::empty()).await;
    let cluster = served.world.cluster("prod");
    let start = cluster.resource_version();
    cluster.apply(app("a")).unwrap();
    let mut changed = app("a");
    changed["status"]["sync"]["status"] = "OutOfSync".into();
    let version = cluster.apply(changed.clone()).unwrap();
    assert_eq!(cluster.apply(changed).unwrap(), version, "nothing changed, so no new version");
    cluster.delete("applications", "argocd", "a");

    let mut watch = served.open(&format!("{APPS}?watch=1&resourceVersion={start}")).await;
    assert_eq!(told(&watch.line().await), is("ADDED", "a"));
    let modified = watch.line().await;
    assert_eq!(told(&modified), is("MODIFIED", "a"));
    assert_eq!(modified["object"]["metadata"]["resourceVersion"], version.to_string());
    let deleted = watch.line().await;
    assert_eq!(told(&deleted), is("DELETED", "a"));
    assert_eq!(deleted["object"]["metadata"]["resourceVersion"], (version + 1).to_string());
    assert_eq!(deleted["object"]["metadata"]["uid"], modified["object"]["metadata"]["uid"]);

    let mut later = served.open(&format!("{APPS}?watch=1&resourceVersion={version}")).await;
    assert_eq!(told(&later.line().await), is("DELETED", "a"));
    assert_eq!(served.world.counters().open_watches("prod", "applications"), 2);
    drop((watch, later));
    for _ in 0..100 {
        if served.world.counters().open_watches("prod", "applications") == 0 {
            return;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("the watches of a client that went away stay open");
}

#[tokio::test]
async fn a_streaming_list_ends_with_its_mark_and_a_plain_one_has_none() {
    let served = serve(World::empty()).await;
    let cluster = served.world.cluster("prod");
    cluster.apply(pod("a", "one")).unwrap();
    let version = cluster.apply(app("x")).unwrap();
    let query = "watch=1&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true";
    let mut watch = served.open(&format!("{PODS}?{query}")).await;
    assert_eq!(told(&watch.line().await), is("ADDED", "one"));
    let mark = watch.line().await;
    assert_eq!(mark["object"]["metadata"]["annotations"]["k8s.io/initial-events-end"], "true");
    assert_eq!(
        mark["object"]["metadata"]["resourceVersion"],
        version.to_string(),
        "of the cluster, not of the kind"
    );
    cluster.apply(pod("a", "two")).unwrap();
    assert_eq!(told(&watch.line().await), is("ADDED", "two"));

    let mut plain = served.open(&format!("{PODS}?watch=1&allowWatchBookmarks=true")).await;
    assert_eq!(told(&plain.line().await), is("ADDED", "one"));
    assert_eq!(told(&plain.line().await), is("ADDED", "two"));
    assert!(plain.is_silent(150).await);
    assert_eq!(served.world.counters().lists("prod", "pods"), 1);
}

#[tokio::test]
async fn an_object_that_leaves_a_selection_is_deleted_for_that_watch() {
    let served = serve(World::empty()).await;
    let cluster = served.world.cluster("prod");
    let start = cluster.resource_version();
    let mut watch =
        served.open(&format!("{PODS}?watch=1&resourceVersion={start}&labelSelector=app%3Done")).await;
    cluster.apply(pod("a", "other")).unwrap();
    cluster.apply(pod("a", "one")).unwrap();
    assert_eq!(told(&watch.line().await), is("ADDED", "one"));
    let mut moved = pod("a", "one");
    moved["metadata"]["labels"]["app"] = "none".into();
    cluster.apply(moved).unwrap();
    assert_eq!(told(&watch.line().await), is("DELETED", "one"));
    cluster.apply(pod("a", "one")).unwrap();
    assert_eq!(told(&watch.line().await), is("ADDED", "one"));
}

#[tokio::test]
async fn bookmarks_carry_the_version_of_other_kinds_and_a_timeout_ends_the_watch() {
    let served = serve(World::empty()).await;
    let cluster = served.world.cluster("prod");
    cluster.set_bookmark_every(Duration::from_millis(50));
    let start = cluster.resource_version();
    let path = format!("{PODS}?watch=1&allowWatchBookmarks=true&resourceVersion={start}&timeoutSeconds=1");
    let mut watch = served.open(&path).await;
    let version = cluster.apply(app("x")).unwrap().to_string();
    let mut seen = false;
    loop {
        match watch.next().await {
            Next::Line(line) => {
                assert_eq!(line["type"], "BOOKMARK");
                seen |= line["object"]["metadata"]["resourceVersion"] == version;
            }
            other => {
                assert_eq!(other, Next::End);
                break;
            }
        }
    }
    assert!(seen);
}

#[tokio::test]
async fn a_watch_of_partial_objects_tells_metadata_only() {
    let served = serve(World::empty()).await;
    served.world.cluster("prod").apply(pod("a", "one")).unwrap();
    let accept = "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1";
    let query = "watch=1&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true";
    let lines = served.get_as(&format!("{PODS}?{query}&timeoutSeconds=1"), accept).await.lines();
    for line in &lines {
        assert_eq!(line["object"]["kind"], "PartialObjectMetadata");
        assert_eq!(line["object"]["spec"], Value::Null);
    }
    assert_eq!(lines[0]["object"]["metadata"]["name"], "one");
}
