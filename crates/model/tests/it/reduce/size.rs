//! Objects of hostile size and content: read, cut, bounded.

use landfall_model::{
    observe::{Application, Body},
    words::Kind,
};
use serde_json::{Value, json};

use super::fixtures::{body, observation};

fn application(change: impl FnOnce(&mut Value)) -> Application {
    let mut object = json!({"metadata": {"name": "a", "namespace": "b"}, "spec": {}, "status": {}});
    change(&mut object);
    match body(Kind::Application, &object) {
        Body::Application(app) => (*app).clone(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn long_messages_are_cut_between_characters() {
    let app = application(|object| {
        object["status"]["health"] = json!({"status": "Degraded", "message": "é🦀".repeat(400_000)});
        object["status"]["conditions"] = json!(vec![json!({"type": "X", "message": "日".repeat(5000)}); 60]);
    });
    assert_eq!(app.health_message.expect("a message").chars().count(), 1000);
    assert_eq!(app.conditions.len(), 50);
    assert!(app.conditions.iter().all(|condition| condition.message.chars().count() == 1000));
}

#[test]
fn fifty_thousand_labels_leave_those_that_rules_know() {
    let mut labels: serde_json::Map<_, _> = (0..50_000).map(|i| (format!("a{i}"), json!("v"))).collect();
    labels.insert("app.kubernetes.io/name".into(), json!("web"));
    let app = application(|object| object["metadata"]["labels"] = Value::Object(labels));
    assert_eq!(app.labels.len(), 64);
    assert!(app.labels.is_sorted());
    assert!(app.labels.iter().any(|(key, _)| &**key == "app.kubernetes.io/name"));
}

#[test]
fn counts_are_true_and_lists_bounded() {
    let resource = |i: usize| {
        json!({"group": "apps", "kind": "Deployment", "namespace": "n", "name": format!("d{i}"),
            "status": "OutOfSync", "requiresPruning": true, "health": {"status": "Missing"}})
    };
    let app = application(|object| object["status"]["resources"] = (0..3000).map(resource).collect());
    let resources = app.resources;
    assert_eq!((resources.total, resources.out_of_sync, resources.prunable), (3000, 3000, 3000));
    assert_eq!((resources.workloads.len(), resources.differing.len()), (500, 50));
    assert_eq!((resources.to_prune.len(), resources.missing.len()), (50, 50));
}

#[test]
fn odd_characters_stay_text_and_nul_goes() {
    let app = application(|object| {
        object["spec"]["project"] = json!("a\u{0}b\u{202e}<script>alert(1)</script>");
        object["status"]["summary"] = json!({"externalURLs": [
            "javascript:alert(1)", "https://ok.example/", "data:text/html,x", "https://bad.example/\u{202e}",
        ]});
        object["spec"]["source"] =
            json!({"repoURL": "r", "kustomize": {"images": ["a:1", "a:1 --evil", "<b>", ""]}});
    });
    assert_eq!(&*app.project, "a\u{fffd}b\u{202e}<script>alert(1)</script>");
    assert_eq!(app.urls.iter().map(|url| &**url).collect::<Vec<_>>(), ["https://ok.example/"]);
    assert_eq!(app.sources[0].images.iter().map(|image| &**image).collect::<Vec<_>>(), ["a:1"]);
}

#[test]
fn depth_is_bounded() {
    let deep = format!("{}{}", r#"{"generators":[{"matrix":"#.repeat(5000), "}]}".repeat(5000));
    let text = format!(r#"{{"metadata":{{"name":"a"}},"spec":{deep}}}"#);
    assert!(matches!(observation(Kind::ApplicationSet, &text).body, Body::Unreadable(_)));
    let ignored =
        format!(r#"{{"metadata":{{"name":"a"}},"other":{}{}}}"#, "[".repeat(100_000), "]".repeat(100_000));
    assert!(
        matches!(observation(Kind::Namespace, &ignored).body, Body::Namespace(_)),
        "what is skipped costs no depth"
    );
}

/// A wrong type where the object makes sense without the value is left out and counted; where it does not, the object
/// is unreadable and the field named.
#[test]
fn lenient_where_it_may_be_strict_where_it_must() {
    let read = super::fixtures::reduced(Kind::Application, &json!({
        "metadata": {"name": "a", "labels": 7, "annotations": [], "creationTimestamp": 1, "finalizers": null},
        "spec": {"project": {}, "sources": null, "source": null},
        "status": {"summary": "x", "history": {}, "conditions": 3, "reconciledAt": {}, "resources": null},
    }).to_string()).expect("a name");
    assert_eq!(read.left_out, 7);
    assert!(matches!(read.observation.expect("kept").body, Body::Application(_)));
    for (kind, object, field) in [
        (Kind::Application, json!({"spec": []}), "spec"),
        (
            Kind::Application,
            json!({"spec": {"syncPolicy": {"automated": {"enabled": "no"}}}}),
            "spec.syncPolicy.automated.enabled",
        ),
        (Kind::Application, json!({"spec": {}, "status": {"sync": {"status": 7}}}), "status.sync.status"),
        (
            Kind::Application,
            json!({"spec": {}, "status": {"operationState": {"phase": "Dancing"}}}),
            "status.operationState.phase",
        ),
        (Kind::Application, json!({"spec": {}, "status": {"resources": {}}}), "status.resources"),
        (Kind::Deployment, json!({"spec": {"replicas": "3"}}), "spec.replicas"),
        (Kind::Deployment, json!({"spec": {"replicas": 3_000_000_000_i64}}), "spec.replicas"),
        (Kind::Deployment, json!({"spec": {}, "status": {"readyReplicas": true}}), "status.readyReplicas"),
        (Kind::Pod, json!({"spec": {"containers": [7]}}), "spec.containers[0]"),
        (
            Kind::Pod,
            json!({"spec": {}, "status": {"containerStatuses": [{"ready": "x"}]}}),
            "status.containerStatuses[0].ready",
        ),
    ] {
        let mut object = object;
        object["metadata"] = json!({"name": "a"});
        match observation(kind, &object.to_string()).body {
            Body::Unreadable(broken) => assert_eq!(&*broken.field, field, "{object}: {}", broken.why),
            other => panic!("{object}: {other:?}"),
        }
    }
}
