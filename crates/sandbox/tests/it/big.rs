//! Big worlds: their sizes, their consistency, their churn.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use jiff::Timestamp;
use landfall_sandbox::{Big, Churn, Clock, World};
use serde_json::Value;

fn world(size: Big) -> World {
    let now: Timestamp = "2026-11-24T05:05:12Z".parse().unwrap();
    World::big(size, Clock::manual(now))
}

fn text<'a>(value: &'a Value, at: &str) -> &'a str {
    value.pointer(at).and_then(Value::as_str).unwrap_or_default()
}

#[test]
fn it_has_so_many_of_each_and_they_belong_together() {
    let world = world(Big { apps: 300, pods: 1_500, clusters: 2, ..Big::default() });
    let (mut apps, mut pods, mut bytes, mut uids) = (0, 0, 0, BTreeSet::new());
    for name in ["prod-1", "prod-2"] {
        let cluster = world.cluster(name);
        let sets: BTreeMap<String, String> = cluster
            .list("replicasets")
            .iter()
            .map(|set| {
                (
                    text(set, "/metadata/uid").to_owned(),
                    text(set, "/metadata/ownerReferences/0/uid").to_owned(),
                )
            })
            .collect();
        let deployments: BTreeSet<String> = cluster
            .list("deployments")
            .iter()
            .map(|object| text(object, "/metadata/uid").to_owned())
            .collect();
        for pod in cluster.list("pods") {
            pods += 1;
            assert!(deployments.contains(&sets[text(&pod, "/metadata/ownerReferences/0/uid")]));
            assert!(uids.insert(text(&pod, "/metadata/uid").to_owned()), "a uid twice");
            assert!(!pod.to_string().contains("zq-"), "{pod}");
            assert!(text(&pod, "/status/containerStatuses/0/imageID").contains("@sha256:"));
        }
        for app in cluster.list("applications") {
            apps += 1;
            bytes += app.to_string().len();
            assert!(!app.to_string().contains("zq-"), "{app}");
        }
    }
    assert_eq!((apps, pods), (300, 1_500));
    let average = bytes / apps;
    assert!((6_000..9_000).contains(&average), "{average} bytes per Application");
}

#[test]
fn wide_applications_are_bigger() {
    let world = world(Big { apps: 20, pods: 20, resources: (20, 60), ..Big::default() });
    let apps = world.cluster("prod").list("applications");
    assert!(apps.iter().all(|app| app["status"]["resources"].as_array().unwrap().len() >= 20));
}

#[test]
fn refreshes_change_only_the_time_and_changes_change_more() {
    let world = world(Big { apps: 50, pods: 100, ..Big::default() });
    let cluster = world.cluster("prod");
    let meaning = || -> Vec<Value> {
        let mut apps = cluster.list("applications");
        for app in &mut apps {
            app["status"]["reconciledAt"] = Value::Null;
            app["metadata"]["generation"] = Value::Null;
            app["metadata"]["resourceVersion"] = Value::Null;
        }
        apps
    };
    let (before, version) = (meaning(), cluster.resource_version());
    world.churn(Churn { refreshes_per_s: 20, changes_per_s: 0 });
    world.advance(Duration::from_secs(10));
    assert_eq!(cluster.resource_version(), version + 200);
    assert_eq!(meaning(), before);
    world.churn(Churn { refreshes_per_s: 0, changes_per_s: 5 });
    world.advance(Duration::from_secs(10));
    assert_eq!(cluster.resource_version(), version + 250);
    assert_ne!(meaning(), before);
}
