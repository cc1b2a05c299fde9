//! Kinds and forms that the recorded objects do not show.

use std::sync::Arc;

use landfall_model::{
    observe::{Application, Body, Entry, Pod, Workload},
    words::{Health, Kind, SyncStatus},
};
use serde_json::{Value, json};

use super::fixtures::body;

fn workload(kind: Kind, mut object: Value) -> Arc<Workload> {
    object["metadata"]["name"] = json!("w");
    match body(kind, &object) {
        Body::Workload(workload) => workload,
        other => panic!("{other:?}"),
    }
}

fn pod(spec: &Value, status: &Value) -> Arc<Pod> {
    match body(Kind::Pod, &json!({"metadata": {"name": "p"}, "spec": spec, "status": status})) {
        Body::Pod(pod) => pod,
        other => panic!("{other:?}"),
    }
}

fn application(spec: &Value, status: &Value) -> Arc<Application> {
    match body(Kind::Application, &json!({"metadata": {"name": "a"}, "spec": spec, "status": status})) {
        Body::Application(app) => app,
        other => panic!("{other:?}"),
    }
}

fn entry(kind: Kind, object: &Value) -> Arc<Entry> {
    match body(kind, object) {
        Body::Entry(entry) => entry,
        other => panic!("{other:?}"),
    }
}

#[test]
fn workloads_of_each_kind() {
    let template = json!({"spec": {"containers": [{"name": "app", "image": "a:1"}],
        "initContainers": [{"name": "wait", "image": "w:1"}, {"name": "mesh", "image": "m:1", "restartPolicy": "Always"}]}});
    let deployment = workload(Kind::Deployment, json!({"spec": {"template": template}}));
    assert_eq!((deployment.desired, deployment.progress_deadline_s), (Some(1), Some(600)));
    let names: Vec<_> = deployment.containers.iter().map(|c| (&*c.name, c.sidecar)).collect();
    assert_eq!(names, [("app", false), ("mesh", true)]);
    assert_eq!(&*deployment.init_containers[0].name, "wait");

    let daemon = workload(
        Kind::DaemonSet,
        json!({"spec": {"template": template}, "status": {
        "desiredNumberScheduled": 5, "numberReady": 4, "updatedNumberScheduled": 3, "numberAvailable": 2}}),
    );
    assert_eq!((daemon.desired, daemon.ready, daemon.updated, daemon.available), (Some(5), 4, 3, 2));

    let cron = workload(
        Kind::CronJob,
        json!({"spec": {"schedule": "*/5 * * * *", "suspend": true,
        "jobTemplate": {"spec": {"template": template}}}, "status": {"lastScheduleTime": "2026-11-24T10:00:00Z"}}),
    );
    assert_eq!((cron.desired, cron.paused, cron.schedule.as_deref()), (None, true, Some("*/5 * * * *")));
    assert!(cron.last_run.is_some());
    assert_eq!(&*cron.containers[0].image, "a:1");

    let job = workload(
        Kind::Job,
        json!({"metadata": {"ownerReferences": [{"kind": "CronJob", "name": "c", "controller": true}]},
        "spec": {"parallelism": 1, "template": template}, "status": {"failed": 1, "conditions": [
            {"type": "Failed", "status": "True", "lastTransitionTime": "2026-11-24T10:00:00Z"}]}}),
    );
    assert_eq!((job.desired, job.owner.as_ref().map(|(kind, _)| &**kind)), (None, Some("CronJob")));
    assert!(job.finished.is_some(), "a failed Job has ended too");
}

#[test]
fn argo_rollouts() {
    let rollout = workload(
        Kind::Rollout,
        json!({
            "metadata": {"generation": 7, "annotations": {"rollout.argoproj.io/revision": "4"}},
            "spec": {"replicas": 5, "workloadRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": "web"}},
            "status": {"observedGeneration": "7", "readyReplicas": 5, "updatedReplicas": 1, "availableReplicas": 5,
                "phase": "Paused", "message": "CanaryPauseStep"},
        }),
    );
    assert_eq!((rollout.generation, rollout.observed_generation, rollout.revision), (7, 7, Some(4)));
    assert_eq!((rollout.desired, rollout.ready, rollout.updated), (Some(5), 5, 1));
    assert_eq!(
        rollout.template_of.as_ref().map(|(kind, name)| (&**kind, &**name)),
        Some(("Deployment", "web"))
    );
    let phase = rollout.conditions.last().expect("the phase");
    assert_eq!(
        (&*phase.kind, phase.reason.as_deref(), &*phase.message),
        ("Phase", Some("Paused"), "CanaryPauseStep")
    );
}

#[test]
fn troubles_of_pods() {
    let spec = json!({"containers": [{"name": "app", "image": "a:1"}]});
    let state = |state: Value| {
        let pod = pod(&spec, &json!({"containerStatuses": [state]}));
        let container = pod.containers[0].clone();
        (
            container.trouble.as_deref().map(str::to_owned),
            container.message.as_deref().map(str::to_owned),
            container.starting,
        )
    };
    let some = |text: &str| Some(text.to_owned());
    let crash = json!({"name": "app", "restartCount": 9, "state": {"waiting": {"reason": "CrashLoopBackOff", "message": "back-off 5m0s"}},
        "lastState": {"terminated": {"reason": "OOMKilled", "exitCode": 137}}});
    assert_eq!(state(crash), (some("CrashLoopBackOff"), some("last ended: OOMKilled, exit code 137"), false));
    let waiting = json!({"name": "app", "state": {"waiting": {"reason": "ContainerCreating"}}});
    assert_eq!(state(waiting), (None, None, true));
    let ended = json!({"name": "app", "state": {"terminated": {"reason": "Completed", "exitCode": 0}}});
    assert_eq!(state(ended), (None, None, false));
    let failed = json!({"name": "app", "state": {"terminated": {"reason": "Error", "exitCode": 1, "message": "its own output"}}});
    assert_eq!(state(failed), (some("Error"), some("Error, exit code 1"), false));

    let unplaced = pod(
        &spec,
        &json!({"phase": "Pending", "conditions": [{"type": "PodScheduled", "status": "False",
        "reason": "Unschedulable", "message": "0/3 nodes are available"}]}),
    );
    assert_eq!(
        (unplaced.reason.as_deref(), unplaced.message.as_deref()),
        (Some("Unschedulable"), Some("0/3 nodes are available"))
    );
    assert!(unplaced.containers[0].starting, "no status yet");
    let evicted = pod(&spec, &json!({"phase": "Failed", "reason": "Evicted", "message": "low on memory"}));
    assert_eq!(evicted.reason.as_deref(), Some("Evicted"));
}

#[test]
fn init_containers_are_shown_until_they_succeed() {
    let spec = json!({"containers": [], "initContainers": [{"name": "done", "image": "a"}, {"name": "now", "image": "b"},
        {"name": "later", "image": "c"}, {"name": "mesh", "image": "m", "restartPolicy": "Always"}]});
    let digest = format!("sha256:{}", "0a".repeat(32));
    let pod = pod(
        &spec,
        &json!({"initContainerStatuses": [
            {"name": "done", "state": {"terminated": {"exitCode": 0}}},
            {"name": "now", "state": {"running": {"startedAt": "2026-11-24T10:00:00Z"}}},
            {"name": "mesh", "ready": true, "imageID": format!("m@{digest}"), "state": {"running": {}}},
        ]}),
    );
    assert_eq!(pod.init.iter().map(|c| &*c.name).collect::<Vec<_>>(), ["now"]);
    assert!(pod.init[0].started.is_some());
    assert_eq!((&*pod.containers[0].name, pod.containers[0].digest.as_deref()), ("mesh", Some(&*digest)));
    assert!(pod.containers[0].sidecar && pod.containers[0].ready);
}

#[test]
fn ids_without_a_repository_are_no_digests() {
    let digest = format!("sha256:{}", "0a".repeat(32));
    let status = json!({"containerStatuses": [{"name": "app", "imageID": format!("docker://{digest}")}]});
    let pod = pod(&json!({"containers": [{"name": "app", "image": "a"}]}), &status);
    assert_eq!(
        (pod.containers[0].digest.as_deref(), pod.containers[0].local_id.as_deref()),
        (None, Some(&*digest))
    );
}

#[test]
fn entries_of_each_kind() {
    let hosts = |entry: &Entry| entry.hosts.iter().map(ToString::to_string).collect::<Vec<_>>();
    let service = entry(
        Kind::Service,
        &json!({"metadata": {"name": "s"}, "spec": {"type": "LoadBalancer"},
        "status": {"loadBalancer": {"ingress": [{"ip": "192.0.2.1"}, {"hostname": "lb.example"}]}}}),
    );
    assert_eq!(service.service_type.as_deref(), Some("LoadBalancer"));
    assert_eq!(service.addresses.len(), 2);
    let route = entry(
        Kind::HttpRoute,
        &json!({"metadata": {"name": "r"}, "spec": {"hostnames": ["a.example", "a.example"],
        "rules": [{"backendRefs": []}]}}),
    );
    assert_eq!(hosts(&route), ["a.example"]);
    let gateway = entry(
        Kind::Gateway,
        &json!({"metadata": {"name": "g", "labels": {"app.kubernetes.io/instance": "edge"}},
        "spec": {"listeners": [{"hostname": "*.example"}, {}]}, "status": {"addresses": [{"type": "IPAddress", "value": "192.0.2.2"}]}}),
    );
    assert_eq!((hosts(&gateway), &*gateway.addresses[0]), (vec!["*.example".to_owned()], "192.0.2.2"));
    assert_eq!(gateway.managed_by.as_ref().map(|id| &*id.application), Some("edge"));
}

#[test]
fn automation_has_three_states() {
    let automation = |spec: Value| application(&spec, &json!({})).automation;
    let never = automation(json!({"syncPolicy": {"syncOptions": []}}));
    assert!(!never.present && !never.enabled);
    let on = automation(json!({"syncPolicy": {"automated": {"prune": true}}}));
    assert!(on.present && on.enabled && on.prune && !on.self_heal);
    let off = automation(json!({"syncPolicy": {"automated": {"enabled": false, "selfHeal": true}}}));
    assert!(off.present && !off.enabled && off.self_heal);
}

#[test]
fn words_that_a_later_argo_cd_may_say() {
    let app =
        application(&json!({}), &json!({"sync": {"status": "Sideways"}, "health": {"status": "Resting"}}));
    assert_eq!((app.sync, app.health), (Some(SyncStatus::Unknown), Some(Health::Unknown)));
    let never = application(&json!({}), &json!({"sync": {"status": ""}}));
    assert_eq!((never.sync, never.health, &*never.project), (None, None, "default"));
}

#[test]
fn a_hydrated_application_syncs_the_branch_that_is_written() {
    let app = application(
        &json!({"sourceHydrator": {
        "drySource": {"repoURL": "https://git.example/dry", "path": "env/dev", "targetRevision": "HEAD"},
        "syncSource": {"targetBranch": "environments/dev", "path": "dev"}}}),
        &json!({"sourceHydrator": {}}),
    );
    assert_eq!(app.sources.len(), 1);
    assert_eq!(app.sources[0].target_revision.as_deref(), Some("environments/dev"));
    let plain = application(&json!({"source": {"repoURL": "r"}, "sourceHydrator": {}}), &json!({}));
    assert_eq!(&*plain.sources[0].repo_url, "r");
}

#[test]
fn health_of_a_set_before_it_was_written_down() {
    let health = |conditions: Value| {
        let set = json!({"metadata": {"name": "s"}, "spec": {"generators": [{"matrix": {"generators": [{"git": {}},
            {"merge": {"generators": [{"pullRequest": {"gitlab": {"project": "7", "api": "https://gitlab.example",
            "labels": ["preview", 7, "web"]}}}]}}]}}]},
            "status": {"conditions": conditions}});
        match body(Kind::ApplicationSet, &set) {
            Body::ApplicationSet(set) => {
                let kinds: Vec<_> = set.generators.iter().map(|kind| &**kind).collect();
                assert_eq!(kinds, ["git", "matrix", "merge", "pullRequest"]);
                assert_eq!(
                    (&*set.pull_requests[0].provider, &*set.pull_requests[0].repository),
                    ("gitlab", "7")
                );
                let labels: Vec<_> = set.pull_requests[0].labels.iter().map(|label| &**label).collect();
                assert_eq!(labels, ["preview", "web"]);
                set.health
            }
            other => panic!("{other:?}"),
        }
    };
    let holds = |kind: &str| json!({"type": kind, "status": "True"});
    assert_eq!(health(json!([holds("ErrorOccurred"), holds("ResourcesUpToDate")])), Some(Health::Degraded));
    assert_eq!(
        health(json!([holds("ResourcesUpToDate"), holds("RolloutProgressing")])),
        Some(Health::Progressing)
    );
    assert_eq!(health(json!([holds("ResourcesUpToDate")])), Some(Health::Healthy));
    assert_eq!(health(json!([])), Some(Health::Unknown));
}
