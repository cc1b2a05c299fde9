//! Every fault does what it says, and ends when it is told to.

use std::time::Duration;

use landfall_sandbox::{Cluster, Fault, Malformed, Perturb, World};
use serde_json::{Value, json};

use crate::support::{APPS, Lines, Next, PODS, Served, app, http, pod, serve};

async fn watched() -> (Served, Cluster, Lines) {
    let served = serve(World::empty()).await;
    let cluster = served.world.cluster("prod");
    let version = cluster.apply(app("a")).unwrap();
    let lines = served.open(&format!("{APPS}?watch=1&resourceVersion={version}")).await;
    (served, cluster, lines)
}

fn touch(cluster: &Cluster, sync: &str) -> u64 {
    let mut object = app("a");
    object["status"]["sync"]["status"] = sync.into();
    cluster.apply(object).unwrap()
}

#[tokio::test]
async fn watches_are_closed_broken_or_expired() {
    for (fault, clean) in [(Fault::CloseWatches, true), (Fault::BreakWatches, false)] {
        let (served, cluster, mut lines) = watched().await;
        cluster.inject("applications", fault).unwrap();
        match lines.next().await {
            Next::End => assert!(clean),
            Next::Broken(_) => assert!(!clean),
            Next::Line(line) => panic!("{line}"),
        }
        let version = cluster.resource_version();
        touch(&cluster, "OutOfSync");
        let mut again = served.open(&format!("{APPS}?watch=1&resourceVersion={version}")).await;
        assert_eq!(again.line().await["type"], "MODIFIED", "nothing is lost to who resumes");
    }
    let (served, cluster, mut lines) = watched().await;
    let version = cluster.resource_version();
    cluster.inject("*", Fault::ExpireWatches).unwrap();
    assert_eq!(lines.line().await["object"]["code"], 410);
    assert_eq!(lines.next().await, Next::End);
    let mut again = served.open(&format!("{APPS}?watch=1&resourceVersion={version}")).await;
    assert_eq!(again.line().await["object"]["reason"], "Expired");
}

#[tokio::test]
async fn a_half_open_connection_is_silent_until_it_heals() {
    let (served, cluster, mut lines) = watched().await;
    cluster.inject("*", Fault::HalfOpen).unwrap();
    touch(&cluster, "OutOfSync");
    assert!(lines.is_silent(150).await);
    let hanging = tokio::time::timeout(Duration::from_millis(150), served.get(APPS)).await;
    assert!(hanging.is_err(), "new requests hang too");
    cluster.faults().clear("*").unwrap();
    assert_eq!(lines.line().await["object"]["status"]["sync"]["status"], "OutOfSync");

    cluster.inject("applications", Fault::FreezeWatches).unwrap();
    touch(&cluster, "Synced");
    assert!(lines.is_silent(150).await, "a frozen watch never speaks again");
    assert_eq!(served.get(APPS).await.status, 200, "while new requests are answered");
}

#[tokio::test]
async fn a_line_is_cut_in_the_middle_once() {
    let (served, cluster, mut lines) = watched().await;
    cluster.inject("applications", Fault::CutLine { times: 1 }).unwrap();
    let version = cluster.resource_version();
    touch(&cluster, "OutOfSync");
    let Next::Broken(rest) = lines.next().await else { panic!("not broken") };
    assert!(rest.starts_with("{\"type\":\"MODIFIED\"") && !rest.ends_with('}'), "{rest}");
    let mut again = served.open(&format!("{APPS}?watch=1&resourceVersion={version}")).await;
    assert_eq!(again.line().await["type"], "MODIFIED");
}

#[tokio::test]
async fn statuses_are_answered_so_often_or_until_cleared() {
    let served = serve(World::empty()).await;
    let cluster = served.world.cluster("prod");
    cluster.inject("applications", Fault::Status { code: 429, times: Some(2), verb: None }).unwrap();
    for status in [429, 429, 200] {
        let answer = served.get(APPS).await;
        assert_eq!(answer.status, status);
        assert_eq!(answer.headers.contains_key("retry-after"), status == 429);
    }
    cluster.inject("*", Fault::Status { code: 503, times: None, verb: Some("watch".to_owned()) }).unwrap();
    assert_eq!(served.get(APPS).await.status, 200);
    assert_eq!(served.get(&format!("{APPS}?watch=1")).await.status, 503);
    cluster.faults().clear("*").unwrap();
    assert_eq!(served.get(&format!("{APPS}?watch=1&timeoutSeconds=1")).await.status, 200);
    cluster.inject("*", Fault::Gone { times: 1 }).unwrap();
    let version = cluster.resource_version();
    let answer = served.get(&format!("{APPS}?watch=1&resourceVersion={version}&timeoutSeconds=1")).await;
    assert_eq!(answer.lines()[0]["object"]["code"], 410);
    assert_eq!(served.world.counters().requests("prod", "watch", "applications"), 3);
}

#[tokio::test]
async fn objects_are_served_malformed_in_lists_and_watches() {
    let served = serve(World::empty()).await;
    let cluster = served.world.cluster("prod");
    cluster.apply(pod("a", "one")).unwrap();
    cluster.apply(pod("a", "two")).unwrap();
    let one = async || -> Value {
        let list = served.get(PODS).await.json();
        assert_eq!(list["items"][1]["metadata"]["name"], "two", "the other is well");
        list["items"][0].clone()
    };
    let with = |how| {
        cluster.faults().clear("*").unwrap();
        cluster
            .inject("pods", Fault::Malformed { how, namespace: None, name: Some("one".to_owned()) })
            .unwrap();
    };
    with(Malformed::MissingMetadata);
    assert_eq!(one().await["metadata"], Value::Null);
    let lines = served.get(&format!("{PODS}?watch=1&timeoutSeconds=1")).await.lines();
    assert_eq!(lines[0]["object"]["metadata"], Value::Null);
    with(Malformed::WrongTypes);
    assert_eq!(one().await["status"], 17);
    with(Malformed::WrongTypesInStatus);
    assert_eq!(one().await["status"]["phase"], json!({ "not": "text" }));
    with(Malformed::Huge);
    assert!(one().await.to_string().len() > 1_500_000);
    with(Malformed::ManyLabels);
    assert_eq!(one().await["metadata"]["labels"].as_object().unwrap().len(), 50_000);
    with(Malformed::Null);
    assert_eq!(one().await, Value::Null);
    with(Malformed::Truncated);
    assert!(serde_json::from_str::<Value>(&served.get(PODS).await.text).is_err());
}

#[tokio::test]
async fn watches_repeat_go_back_and_lose_order_but_end_in_the_truth() {
    let (_served, cluster, mut lines) = watched().await;
    let how = Perturb { duplicate: 50, stale: 50, reorder: 50, seed: 7 };
    cluster.inject("*", Fault::Perturb(how)).unwrap();
    let mut last = 0;
    for n in 0..40 {
        last = touch(&cluster, if n % 2 == 0 { "OutOfSync" } else { "Synced" });
        tokio::task::yield_now().await;
    }
    let (mut versions, mut newest) = (Vec::new(), 0);
    while newest < last || versions.len() < 41 {
        let line = lines.line().await;
        let version: u64 = line["object"]["metadata"]["resourceVersion"].as_str().unwrap().parse().unwrap();
        newest = newest.max(version);
        versions.push(version);
    }
    assert!(!versions.is_sorted(), "{versions:?}");
    assert_eq!(newest, last);
}

#[tokio::test]
async fn a_restart_breaks_watches_forbids_then_is_unavailable_then_forgets_versions() {
    let (served, cluster, mut lines) = watched().await;
    let version = cluster.resource_version();
    cluster.inject("*", Fault::Restart { forbidden_ms: 300, unavailable_ms: 300 }).unwrap();
    assert!(matches!(lines.next().await, Next::Broken(_)));
    let answer = served.get(APPS).await;
    assert_eq!(answer.status, 403);
    assert!(answer.json()["message"].as_str().unwrap().contains("RBAC: [clusterrole.rbac"));
    let mut seen = Vec::new();
    loop {
        let answer = served.get(APPS).await;
        if seen.last() != Some(&answer.status) {
            seen.push(answer.status);
        }
        if answer.status == 200 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert_eq!(seen, [403, 503, 200]);
    let answer = served.get(&format!("{APPS}?watch=1&resourceVersion={version}")).await;
    assert_eq!(answer.lines()[0]["object"]["code"], 410);
}

#[tokio::test]
async fn a_server_that_is_down_drops_connections_and_comes_back() {
    let served = serve(World::empty()).await;
    let cluster = served.world.cluster("prod");
    cluster.inject("*", Fault::Down).unwrap();
    let client = http();
    assert!(client.get(served.url("/version")).send().await.is_err());
    cluster.faults().clear("*").unwrap();
    assert_eq!(client.get(served.url("/version")).send().await.unwrap().status(), 200);
}

#[tokio::test]
async fn clocks_are_off_and_bookmarks_and_streaming_lists_can_be_missing() {
    let served = serve(World::empty()).await;
    let cluster = served.world.cluster("prod");
    let mut object = pod("a", "one");
    object["metadata"]["creationTimestamp"] = "2026-11-24T10:00:00Z".into();
    cluster.apply(object).unwrap();
    cluster.inject("*", Fault::ClockSkew { seconds: -3_600 }).unwrap();
    let list = served.get(PODS).await.json();
    assert_eq!(list["items"][0]["metadata"]["creationTimestamp"], "2026-11-24T09:00:00Z");
    cluster.faults().clear("*").unwrap();

    cluster.set_bookmark_every(Duration::from_millis(20));
    cluster.inject("*", Fault::NoBookmarks).unwrap();
    let version = cluster.resource_version();
    let path = format!("{PODS}?watch=1&allowWatchBookmarks=true&resourceVersion={version}&timeoutSeconds=1");
    assert_eq!(served.get(&path).await.text, "");
    cluster.inject("*", Fault::NoStreamingLists).unwrap();
    let path = format!("{PODS}?watch=1&sendInitialEvents=true&resourceVersionMatch=NotOlderThan");
    assert_eq!(served.get(&path).await.status, 422);
}

#[tokio::test]
async fn faults_and_counters_work_over_http() {
    let served = serve(World::empty()).await;
    let control = |path: &str| format!("{}/_sandbox{path}", served.running.control_url);
    let client = http();
    let post = async |path: &str, body: Value| {
        let request = client.post(control(path)).header("content-type", "application/json");
        request.body(body.to_string()).send().await.unwrap().status().as_u16()
    };
    let fault = json!({ "cluster": "prod", "resource": "pods", "fault": "status", "code": 500 });
    assert_eq!(post("/faults", fault).await, 204);
    assert_eq!(served.get(PODS).await.status, 500);
    assert_eq!(served.get(APPS).await.status, 200);
    client.delete(control("/faults")).send().await.unwrap();
    assert_eq!(served.get(PODS).await.status, 200);
    assert_eq!(post("/faults", json!({ "resource": "nonsense", "fault": "half-open" })).await, 422);
    assert_eq!(post("/objects/prod", pod("a", "one")).await, 200);
    assert_eq!(served.get(PODS).await.json()["items"].as_array().unwrap().len(), 1);
    let text = client.get(control("/counters")).send().await.unwrap().text().await.unwrap();
    let counters: Value = serde_json::from_str(&text).unwrap();
    assert!(
        counters["requests"]
            .as_array()
            .unwrap()
            .iter()
            .any(|row| row["resource"] == "pods" && row["status"] == 500)
    );
    served.running.shutdown().await;
}
