//! Every recorded object decodes, whole and with nothing left out.

use landfall_model::{observe::Body, reduce, words::Kind};
use serde_json::{Value, json};

use super::fixtures::{Recorded, objects, observation, reduced, text, watched};

fn decodes(recorded: &Recorded) -> bool {
    let Recorded { place, kind, text } = recorded;
    let read = reduced(*kind, text).unwrap_or_else(|error| panic!("{place}: {error}"));
    assert_eq!(read.left_out, 0, "{place}");
    let value: Value = serde_json::from_str(text).expect("JSON");
    let metadata = &value["metadata"];
    assert_eq!(read.meta.name, metadata["name"], "{place}");
    assert_eq!(read.meta.namespace, metadata["namespace"].as_str().unwrap_or(""), "{place}");
    assert_eq!(read.meta.uid, metadata["uid"], "{place}");
    assert_eq!(read.meta.resource_version.to_string(), metadata["resourceVersion"], "{place}");
    assert_eq!(reduce::meta(text).as_ref(), Some(&read.meta), "{place}");
    let Some(observation) = read.observation else { return false };
    assert!(!matches!(observation.body, Body::Unreadable(_)), "{place}: {:?}", observation.body);
    assert_eq!((&*observation.scope.source, observation.scope.kind), ("cluster/prod", *kind));
    let stored = serde_json::to_string(&observation).expect("it can be stored");
    assert_eq!(
        serde_json::from_str::<landfall_model::observe::Observation>(&stored).expect("and read"),
        observation
    );
    true
}

#[test]
fn every_recorded_object_decodes() {
    let objects = objects();
    assert!(objects.len() > 100, "the fixtures are there");
    let kept = objects.iter().filter(|recorded| decodes(recorded)).count();
    let events = objects.iter().filter(|recorded| recorded.kind == Kind::Event).count();
    assert!(kept >= objects.len() - events, "only Events may be of no interest");
}

#[test]
fn every_watched_object_decodes() {
    let objects = watched();
    assert!(objects.len() > 20, "the fixtures are there");
    assert!(objects.iter().all(decodes));
}

/// On an idle fleet every event differs in `status.reconciledAt`, generation and version alone: same body.
#[test]
fn a_refresh_changes_no_body() {
    let text = text("states/application-synced-healthy-automated.json");
    let mut value: Value = serde_json::from_str(&text).expect("JSON");
    value["status"]["reconciledAt"] = json!("2030-01-01T00:00:00Z");
    value["metadata"]["generation"] = json!(9999);
    value["metadata"]["resourceVersion"] = json!("999999");
    value["metadata"]["annotations"]["argocd.argoproj.io/refresh"] = json!("normal");
    for entry in value["metadata"]["managedFields"].as_array_mut().expect("a list") {
        if entry["manager"] == "argocd-application-controller" {
            entry["time"] = json!("2030-01-01T00:00:00Z");
        }
    }
    let before = observation(Kind::Application, &text);
    let after = observation(Kind::Application, &value.to_string());
    assert_eq!(before.body, after.body);
    assert!(before.version < after.version);
}

/// Metadata alone (a watch that asks for no more) is enough for a ReplicaSet, and too little for an Application.
#[test]
fn metadata_alone() {
    let partial =
        json!({"kind": "PartialObjectMetadata", "metadata": {"name": "a", "namespace": "b"}}).to_string();
    assert!(matches!(observation(Kind::ReplicaSet, &partial).body, Body::ReplicaSet(_)));
    match observation(Kind::Application, &partial).body {
        Body::Unreadable(broken) => assert!(broken.why.starts_with("`spec` is missing"), "{}", broken.why),
        other => panic!("{other:?}"),
    }
}

#[test]
fn an_opaque_version_orders_nothing() {
    for version in
        [json!("abc"), json!(""), json!(null), json!(7), json!("-1"), json!("99999999999999999999999")]
    {
        let text = json!({"metadata": {"name": "a", "resourceVersion": version}}).to_string();
        assert_eq!(observation(Kind::Namespace, &text).version.resource, 0, "{version}");
    }
}
