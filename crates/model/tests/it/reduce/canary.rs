//! What an object may hold that must never be kept: a canary in each text field, one after the other.
//!
//! The snapshots are the whole list of fields whose text gets through. A field that appears there must have been meant.

use std::collections::BTreeSet;

use landfall_model::words::Kind;
use serde_json::{Value, json};

use super::fixtures::{objects, reduced};

const CANARY: &str = "canary7x";

/// Every path to a text, indices as `[]`, map keys that people choose as `*`.
fn leaves(value: &Value, path: &mut Vec<String>, found: &mut Vec<Vec<String>>) {
    match value {
        Value::Object(map) => {
            for (key, value) in map {
                path.push(key.clone());
                leaves(value, path, found);
                path.pop();
            }
        }
        Value::Array(items) => {
            for (at, value) in items.iter().enumerate() {
                path.push(at.to_string());
                leaves(value, path, found);
                path.pop();
            }
        }
        Value::String(_) => found.push(path.clone()),
        _ => {}
    }
}

fn shown(path: &[String]) -> String {
    let steps: Vec<_> =
        path.iter().map(|step| if step.parse::<u32>().is_ok() { "[]" } else { step }).collect();
    let known = steps.join(".");
    // Labels are for everybody to choose and to see.
    match known.split_once("metadata.labels.") {
        Some(("", _)) => "metadata.labels.*".to_owned(),
        _ => known,
    }
}

/// Fields whose text is kept, of the given objects.
fn kept(kind: Kind, objects: impl IntoIterator<Item = Value>) -> BTreeSet<String> {
    let mut kept = BTreeSet::new();
    let mut asked = BTreeSet::new();
    for object in objects {
        let mut found = Vec::new();
        leaves(&object, &mut Vec::new(), &mut found);
        for path in found {
            let shown = shown(&path);
            // One object with this field is enough; a different neighbourhood may still let it through.
            if kept.contains(&shown) || !asked.insert((shown.clone(), asked.len() / 5000)) {
                continue;
            }
            let pointer = format!(
                "/{}",
                path.iter().map(|p| p.replace('~', "~0").replace('/', "~1")).collect::<Vec<_>>().join("/")
            );
            for text in [CANARY.to_owned(), format!("https://{CANARY}.example/"), format!("x/{CANARY}:1")] {
                let mut planted = object.clone();
                *planted.pointer_mut(&pointer).expect("the path exists") = json!(text);
                let Ok(read) = reduced(kind, &planted.to_string()) else { continue };
                if serde_json::to_string(&read.observation).expect("it can be stored").contains(CANARY) {
                    kept.insert(shown.clone());
                }
            }
        }
    }
    kept
}

fn recorded(kind: Kind) -> Vec<Value> {
    let of_kind = objects().into_iter().filter(|recorded| recorded.kind == kind);
    of_kind.map(|recorded| serde_json::from_str(&recorded.text).expect("JSON")).collect()
}

/// An Application with everything that people put secrets into.
fn rich_application() -> Value {
    let source = json!({
        "repoURL": "https://git.example/x.git", "path": "p", "targetRevision": "main", "chart": "c", "ref": "r", "name": "n",
        "helm": {
            "values": "password: x", "valuesObject": {"password": "x", "nested": [{"deep": "x"}]}, "valueFiles": ["x"],
            "releaseName": "x",
            "parameters": [
                {"name": "image.tag", "value": "1"}, {"name": "db.password", "value": "x"},
                {"name": "image.pullSecrets[0].name", "value": "x"},
            ],
            "fileParameters": [{"name": "image.tag", "path": "x"}],
        },
        "kustomize": {
            "images": ["a=b:1"], "commonAnnotations": {"a": "x"}, "commonLabels": {"a": "x"}, "namePrefix": "x",
            "patches": [{"patch": "x", "target": {"name": "x"}}],
        },
        "plugin": {"name": "x", "env": [{"name": "x", "value": "x"}], "parameters": [{"name": "x", "string": "x", "map": {"a": "x"}}]},
        "directory": {"jsonnet": {"extVars": [{"name": "x", "value": "x"}], "tlas": [{"name": "x", "value": "x"}]}},
    });
    json!({
        "apiVersion": "argoproj.io/v1alpha1", "kind": "Application",
        "metadata": {
            "name": "rich", "namespace": "argocd", "uid": "u", "resourceVersion": "1",
            "annotations": {
                "kubectl.kubernetes.io/last-applied-configuration": "x", "notifications.argoproj.io/subscribe.on-x": "x",
                "argocd.argoproj.io/refresh": "x", "link.argocd.argoproj.io/external-link": "x", "example.com/token": "x",
                "argocd-image-updater.argoproj.io/app.pull-secret": "x", "landfall.dev/repo": "x",
            },
            "managedFields": [{
                "manager": "m", "operation": "x", "subresource": "x", "apiVersion": "x", "time": "2026-01-01T00:00:00Z",
                "fieldsV1": {"f:spec": {"f:source": {"f:kustomize": {"f:images": {"x": "x"}}}, "f:x": "x"}},
            }],
            "ownerReferences": [{"kind": "ApplicationSet", "name": "s", "uid": "x", "apiVersion": "x"}],
        },
        "operation": {"info": [{"name": "x", "value": "x"}], "sync": {"manifests": ["x"], "source": source}},
        "spec": {
            "project": "p", "destination": {"server": "s", "name": "n", "namespace": "ns"}, "source": source,
            "info": [{"name": "x", "value": "x"}], "ignoreDifferences": [{"kind": "x", "jsonPointers": ["x"]}],
            "syncPolicy": {"syncOptions": ["x"], "managedNamespaceMetadata": {"annotations": {"a": "x"}}},
        },
        "status": {
            "sync": {"status": "Synced", "revision": "r", "comparedTo": {"source": source}},
            "health": {"status": "Healthy", "message": "m"},
            "history": [{"id": 1, "revision": "r", "source": source, "initiatedBy": {"username": "u"}}],
            "operationState": {
                "phase": "Succeeded", "message": "m",
                "operation": {
                    "initiatedBy": {"username": "u"}, "info": [{"name": "x", "value": "x"}],
                    "sync": {"source": source, "manifests": ["x"], "resources": [{"name": "x"}]},
                },
                "syncResult": {
                    "revision": "r", "source": source, "managedNamespaceMetadata": {"annotations": {"a": "x"}},
                    "resources": [{"kind": "Deployment", "name": "d", "message": "x", "images": ["i"]}],
                },
            },
            "resources": [{"group": "apps", "kind": "Deployment", "name": "d", "status": "OutOfSync", "health": {"message": "x"}}],
            "sourceHydrator": {"currentOperation": {"message": "x", "drySHA": "x"}},
        },
    })
}

fn rich_pod() -> Value {
    let container = json!({
        "name": "app", "image": "a:1", "env": [{"name": "x", "value": "x"}], "command": ["x"], "args": ["x"],
        "lifecycle": {"postStart": {"exec": {"command": ["x"]}}},
    });
    json!({
        "kind": "Pod",
        "metadata": {"name": "p", "annotations": {"a": "x", "kubectl.kubernetes.io/last-applied-configuration": "x"}},
        "spec": {"containers": [container], "initContainers": [container], "hostAliases": [{"ip": "x", "hostnames": ["x"]}]},
        "status": {
            "phase": "Failed", "reason": "r", "message": "m",
            "containerStatuses": [{
                "name": "app", "imageID": "x", "lastState": {"terminated": {"reason": "r", "message": "its own output", "exitCode": 1}},
                "state": {"waiting": {"reason": "CrashLoopBackOff", "message": "m"}},
            }],
            "initContainerStatuses": [{
                "name": "app", "state": {"terminated": {"reason": "r", "message": "its own output", "exitCode": 1}},
            }],
        },
    })
}

#[test]
fn of_an_application_only_these_texts_are_kept() {
    let objects = std::iter::once(rich_application()).chain(recorded(Kind::Application));
    insta::assert_json_snapshot!("kept_of_application", kept(Kind::Application, objects));
}

#[test]
fn of_other_kinds_only_these_texts_are_kept() {
    for (name, kind) in [
        ("kept_of_application_set", Kind::ApplicationSet),
        ("kept_of_deployment", Kind::Deployment),
        ("kept_of_replica_set", Kind::ReplicaSet),
        ("kept_of_image_updater", Kind::ImageUpdater),
        ("kept_of_ingress", Kind::Ingress),
        ("kept_of_event", Kind::Event),
    ] {
        insta::assert_json_snapshot!(name, kept(kind, recorded(kind)));
    }
    let pods = std::iter::once(rich_pod()).chain(recorded(Kind::Pod));
    insta::assert_json_snapshot!("kept_of_pod", kept(Kind::Pod, pods));
}

/// The fields that are kept may themselves carry credentials in a URL.
#[test]
fn credentials_in_urls_are_cut_out() {
    let url = format!("https://bot:{CANARY}@git.example/x.git");
    let mut app = rich_application();
    app["spec"]["source"]["repoURL"] = json!(url);
    app["status"]["operationState"]["message"] = json!(format!("cannot fetch {url}: denied"));
    app["status"]["health"]["message"] = json!(format!("{url}"));
    app["status"]["conditions"] =
        json!([{"type": "ComparisonError", "message": format!("git '{url}' failed")}]);
    app["status"]["summary"] = json!({"externalURLs": [url]});
    let stored =
        serde_json::to_string(&reduced(Kind::Application, &app.to_string()).expect("a name").observation);
    let stored = stored.expect("it can be stored");
    assert!(stored.contains("https://git.example/x.git"));
    assert!(!stored.contains(CANARY), "{stored}");
}

/// What is wrong with an object is told without its values.
#[test]
fn reasons_hold_no_values() {
    let mut objects = vec![(Kind::Application, rich_application()), (Kind::Pod, rich_pod())];
    objects.extend([Kind::Deployment, Kind::ApplicationSet].map(|kind| (kind, recorded(kind).remove(0))));
    for (kind, object) in objects {
        let mut found = Vec::new();
        every_path(&object, String::new(), &mut found);
        for pointer in found {
            let mut broken = object.clone();
            *broken.pointer_mut(&pointer).expect("the path exists") =
                json!(format!("{CANARY}, expected {CANARY}"));
            let why = match reduced(kind, &broken.to_string()) {
                Err(nameless) => nameless.to_string(),
                Ok(read) => match read.observation.map(|observation| observation.body) {
                    Some(landfall_model::observe::Body::Unreadable(unreadable)) => unreadable.why.to_string(),
                    _ => continue,
                },
            };
            assert!(!why.contains(CANARY), "{pointer}: {why}");
        }
    }
}

fn every_path(value: &Value, pointer: String, found: &mut Vec<String>) {
    match value {
        Value::Object(map) => {
            for (key, value) in map {
                every_path(value, format!("{pointer}/{}", key.replace('~', "~0").replace('/', "~1")), found);
            }
        }
        Value::Array(items) => {
            for (at, value) in items.iter().enumerate() {
                every_path(value, format!("{pointer}/{at}"), found);
            }
        }
        _ => {}
    }
    found.push(pointer);
}
