//! Lists: paging, consistency over pages, forms, selectors.

use landfall_sandbox::World;
use serde_json::Value;

use crate::support::{APPS, PODS, app, fixture, pod, serve, shape};

#[tokio::test]
async fn pages_are_one_consistent_list() {
    let served = serve(World::empty()).await;
    let cluster = served.world.cluster("prod");
    for n in 0..27 {
        cluster.apply(app(&format!("app-{n:02}"))).unwrap();
    }
    let first = served.get(&format!("{APPS}?limit=5")).await.json();
    let real = fixture("lists.json");
    assert_eq!(shape(&first["metadata"]), shape(&real["first page"]));
    assert_eq!(first["metadata"]["remainingItemCount"], real["first page"]["remainingItemCount"]);
    assert_eq!(first["kind"], "ApplicationList");
    assert_eq!(first["items"][0]["kind"], "Application", "items of custom resources say what they are");

    // What changes between two pages must not show.
    cluster.delete("applications", "argocd", "app-20");
    cluster.apply(app("app-99")).unwrap();
    let (mut names, mut page) = (Vec::new(), first.clone());
    loop {
        assert_eq!(page["metadata"]["resourceVersion"], first["metadata"]["resourceVersion"]);
        names.extend(page["items"].as_array().unwrap().iter().map(|item| item["metadata"]["name"].clone()));
        let token = page["metadata"]["continue"].as_str().unwrap_or_default().to_owned();
        if token.is_empty() {
            break;
        }
        page = served.get(&format!("{APPS}?limit=5&continue={token}")).await.json();
    }
    let expected: Vec<Value> = (0..27).map(|n| format!("app-{n:02}").into()).collect();
    assert_eq!(names, expected);

    cluster.compact("*").unwrap();
    let token = first["metadata"]["continue"].as_str().unwrap();
    assert_eq!(served.get(&format!("{APPS}?limit=5&continue={token}")).await.status, 410);
    let counters = served.world.counters();
    assert_eq!((counters.lists("prod", "applications"), counters.requests("prod", "list-page", "")), (1, 6));
}

#[tokio::test]
async fn built_in_items_leave_out_their_kind_and_partial_objects_are_metadata_only() {
    let served = serve(World::empty()).await;
    let cluster = served.world.cluster("prod");
    cluster.apply(pod("prod", "cart-1")).unwrap();
    cluster.apply(app("cart")).unwrap();
    let list = served.get(PODS).await.json();
    assert_eq!((&list["kind"], &list["items"][0]["kind"]), (&"PodList".into(), &Value::Null));
    assert_eq!(list["items"][0]["metadata"]["name"], "cart-1");
    let one = served.get("/api/v1/namespaces/prod/pods/cart-1").await.json();
    assert_eq!(one["kind"], "Pod");

    let accept = "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1";
    let partial = served.get_as(APPS, accept).await.json();
    let real = fixture("lists.json")["PartialObjectMetadataList"].clone();
    assert_eq!((&partial["kind"], &partial["apiVersion"]), (&real["kind"], &real["apiVersion"]));
    let (ours, real) = (&partial["items"][0], &real["items"][0]);
    assert_eq!((&ours["kind"], &ours["apiVersion"]), (&real["kind"], &real["apiVersion"]));
    assert_eq!(ours["metadata"]["name"], "cart");
    assert_eq!(ours["spec"], Value::Null);
}

#[tokio::test]
async fn namespaces_and_selectors_select() {
    let served = serve(World::empty()).await;
    let cluster = served.world.cluster("prod");
    for (namespace, name) in [("a", "one"), ("a", "two"), ("b", "three")] {
        cluster.apply(pod(namespace, name)).unwrap();
    }
    for (kind, name) in [("Application", "e1"), ("Pod", "e2")] {
        let event = serde_json::json!({
            "apiVersion": "v1", "kind": "Event", "type": "Normal", "metadata": { "name": name, "namespace": "a" },
            "involvedObject": { "kind": kind, "name": "x", "namespace": "a" },
        });
        cluster.apply(event).unwrap();
    }
    let names = async |path: &str| -> Vec<String> {
        let list = served.get(path).await.json();
        let items = list["items"].as_array().unwrap_or_else(|| panic!("{list}"));
        items.iter().map(|item| item["metadata"]["name"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(names("/api/v1/namespaces/a/pods").await, ["one", "two"]);
    assert_eq!(names(&format!("{PODS}?labelSelector=app+in+(one,three)")).await, ["one", "three"]);
    assert_eq!(names(&format!("{PODS}?labelSelector=app!%3Done")).await, ["two", "three"]);
    assert_eq!(names(&format!("{PODS}?labelSelector=!app")).await, Vec::<String>::new());
    assert_eq!(names(&format!("{PODS}?fieldSelector=metadata.name%3Dtwo")).await, ["two"]);
    assert_eq!(names(&format!("{PODS}?fieldSelector=metadata.namespace!%3Da")).await, ["three"]);
    assert_eq!(names("/api/v1/events?fieldSelector=involvedObject.kind%3DApplication").await, ["e1"]);
    assert_eq!(names("/api/v1/events?fieldSelector=type%3DNormal,involvedObject.kind%3DPod").await, ["e2"]);
    assert_eq!(served.get(&format!("{PODS}?fieldSelector=spec.nothing%3D1")).await.status, 400);
    assert!(served.world.violations().is_empty());
}
