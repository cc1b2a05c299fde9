//! Pods as a kubelet reports them.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::managed;
use super::workload::{Workload, WorkloadKind};
use super::{hex_of, time, uid_of};

/// What a pod does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PodState {
    /// No node has room for it.
    Unschedulable,
    /// Placed, its containers are being made.
    Creating,
    /// Running and ready.
    Ready,
    /// Its container exits again and again.
    CrashLoop {
        /// How often it was restarted.
        restarts: u32,
        /// Its last words.
        message: String,
    },
    /// Its image cannot be pulled.
    PullFailing,
    /// Ended well: a pod of a Job.
    Succeeded,
}

/// One pod.
#[derive(Clone, Debug)]
pub struct Pod {
    /// Name.
    pub name: String,
    /// Image of the container named `app`.
    pub image: String,
    /// Digest that the image had when it was pulled: `sha256:…`.
    pub digest: String,
    /// When it was made.
    pub created: Timestamp,
    /// What it does.
    pub state: PodState,
    /// Since when.
    pub since: Timestamp,
    /// Restarts of a pod that is well again.
    pub restarts: u32,
    /// When its deletion was asked for.
    pub deleted: Option<Timestamp>,
}

/// A digest for an image that no registry has.
pub fn digest_of(image: &str) -> String {
    format!("sha256:{}", hex_of(&["digest", image]))
}

fn repository(image: &str) -> &str {
    match image.rfind(':') {
        Some(at) if !image[at..].contains('/') => &image[..at],
        _ => image,
    }
}

impl Pod {
    /// Whether it is ready.
    pub fn is_ready(&self) -> bool {
        self.state == PodState::Ready
    }

    /// The object. `owner` is the workload that it belongs to, over a ReplicaSet where there is one.
    pub fn object(&self, owner: &Workload) -> Value {
        let (kind, _, _) = owner.kind.names();
        let (owner_kind, owner_name, owner_uid, owner_version) = if owner.kind.has_replica_sets() {
            ("ReplicaSet", owner.replica_set_name(&self.image), owner.replica_set_uid(&self.image), "apps/v1")
        } else if owner.kind == WorkloadKind::CronJob {
            let job = self.name.rsplit_once('-').map_or(self.name.as_str(), |(job, _)| job);
            ("Job", job.to_owned(), uid_of(&["jobs", &owner.namespace, job]), "batch/v1")
        } else {
            (kind, owner.name.clone(), owner.uid(), "apps/v1")
        };
        let uid = uid_of(&["pods", &owner.namespace, &self.name, &time(self.created)]);
        let mut labels = json!({ "app.kubernetes.io/name": owner.name });
        if owner.kind.has_replica_sets() {
            labels["pod-template-hash"] = owner.hash_of(&self.image).into();
        }
        let mut spec = self.spec(owner);
        if self.state == PodState::Unschedulable
            && let Some(spec) = spec.as_object_mut()
        {
            spec.remove("nodeName");
        }
        let status = self.status(owner);
        let wrote = json!({ "metadata": { "labels": labels }, "spec": spec });
        let mut metadata = json!({
            "creationTimestamp": time(self.created), "generateName": format!("{owner_name}-"), "generation": 1,
            "labels": labels, "name": self.name, "namespace": owner.namespace, "uid": uid,
            "managedFields": [
                managed::entry("kube-controller-manager", "v1", &time(self.created), None, &wrote),
                managed::entry("kubelet", "v1", &time(self.since), Some("status"), &json!({ "status": status })),
            ],
            "ownerReferences": [{
                "apiVersion": owner_version, "blockOwnerDeletion": true, "controller": true, "kind": owner_kind,
                "name": owner_name, "uid": owner_uid,
            }],
        });
        if let Some(at) = self.deleted {
            metadata["deletionTimestamp"] = time(at).into();
            metadata["deletionGracePeriodSeconds"] = 30.into();
        }
        json!({ "apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": spec, "status": status })
    }

    fn containers<'a>(&'a self, owner: &'a Workload) -> Vec<(&'static str, &'a str, String)> {
        let mut all = vec![("app", self.image.as_str(), self.digest.clone())];
        all.extend(owner.sidecar.as_ref().map(|(image, digest)| ("proxy", image.as_str(), digest.clone())));
        all
    }

    fn spec(&self, owner: &Workload) -> Value {
        let token = format!("kube-api-access-{}", &hex_of(&[&self.name])[..5]);
        let containers: Vec<Value> = self
            .containers(owner)
            .into_iter()
            .map(|(name, image, _)| {
                let mut container = json!({
                    "image": image, "imagePullPolicy": "IfNotPresent", "name": name, "resources": {},
                    "terminationMessagePath": "/dev/termination-log", "terminationMessagePolicy": "File",
                    "volumeMounts": [{
                        "mountPath": "/var/run/secrets/kubernetes.io/serviceaccount", "name": token, "readOnly": true,
                    }],
                });
                if name == "app" {
                    container["ports"] = json!([{ "containerPort": 8080, "protocol": "TCP" }]);
                }
                container
            })
            .collect();
        let job = owner.kind == WorkloadKind::CronJob;
        json!({
            "containers": containers, "dnsPolicy": "ClusterFirst", "enableServiceLinks": true, "nodeName": self.node(),
            "preemptionPolicy": "PreemptLowerPriority", "priority": 0,
            "restartPolicy": if job { "OnFailure" } else { "Always" }, "schedulerName": "default-scheduler",
            "securityContext": {}, "serviceAccount": "default", "serviceAccountName": "default",
            "terminationGracePeriodSeconds": 30,
            "tolerations": [
                { "effect": "NoExecute", "key": "node.kubernetes.io/not-ready", "operator": "Exists", "tolerationSeconds": 300 },
                { "effect": "NoExecute", "key": "node.kubernetes.io/unreachable", "operator": "Exists", "tolerationSeconds": 300 },
            ],
            "volumes": [{
                "name": token,
                "projected": { "defaultMode": 420, "sources": [
                    { "serviceAccountToken": { "expirationSeconds": 3607, "path": "token" } },
                    { "configMap": { "items": [{ "key": "ca.crt", "path": "ca.crt" }], "name": "kube-root-ca.crt" } },
                    { "downwardAPI": { "items": [{
                        "fieldRef": { "apiVersion": "v1", "fieldPath": "metadata.namespace" }, "path": "namespace",
                    }] } },
                ] },
            }],
        })
    }

    fn node(&self) -> String {
        format!("node-{}", hex_of(&[&self.name]).as_bytes()[0] % 9 + 1)
    }

    fn status(&self, owner: &Workload) -> Value {
        let ready = self.is_ready();
        let since = time(self.since);
        let condition = |name: &str, holds: bool, at: &str| {
            json!({
                "lastProbeTime": null, "lastTransitionTime": at, "status": if holds { "True" } else { "False" }, "type": name,
            })
        };
        if self.state == PodState::Unschedulable {
            let mut scheduled = condition("PodScheduled", false, &since);
            scheduled["reason"] = "Unschedulable".into();
            scheduled["message"] =
                "0/9 nodes are available: 9 Insufficient memory. preemption: 0/9 nodes are available.".into();
            return json!({ "conditions": [scheduled], "phase": "Pending", "qosClass": "BestEffort" });
        }
        let done = self.state == PodState::Succeeded;
        let mut conditions = vec![
            condition(
                "PodReadyToStartContainers",
                !matches!(self.state, PodState::Creating) && !done,
                &since,
            ),
            condition("Initialized", true, &time(self.created)),
            condition("Ready", ready, &since),
            condition("ContainersReady", ready, &since),
            condition("PodScheduled", true, &time(self.created)),
        ];
        if !ready {
            for at in [2, 3] {
                let why = if done { "PodCompleted" } else { "ContainersNotReady" };
                conditions[at]["reason"] = why.into();
                if !done {
                    conditions[at]["message"] = "containers with unready status: [app]".into();
                }
            }
        }
        let containers: Vec<Value> = self
            .containers(owner)
            .into_iter()
            .map(|(name, image, digest)| self.container_status(name, image, &digest))
            .collect();
        let ip = u32::from_str_radix(&hex_of(&[&self.name, "ip"])[..4], 16).unwrap_or(0);
        let ip = format!("10.244.{}.{}", ip >> 8, ip & 0xff);
        let phase = match self.state {
            PodState::Creating | PodState::PullFailing => "Pending",
            PodState::Succeeded => "Succeeded",
            _ => "Running",
        };
        let mut status = json!({
            "conditions": conditions, "containerStatuses": containers, "hostIP": "10.20.0.11", "phase": phase,
            "qosClass": "BestEffort", "startTime": time(self.created),
        });
        if self.state != PodState::Creating {
            status["podIP"] = ip.as_str().into();
            status["podIPs"] = json!([{ "ip": ip }]);
        }
        status
    }

    fn container_status(&self, name: &str, image: &str, digest: &str) -> Value {
        let main = name == "app";
        let id = format!("containerd://{}", hex_of(&[&self.name, name]));
        let image_id = format!("{}@{digest}", repository(image));
        let status = |state: Value, last: Value, ready: bool, restarts: u32, pulled: bool| {
            let mut status = json!({
                "image": image, "imageID": if pulled { image_id.as_str() } else { "" }, "lastState": last, "name": name,
                "ready": ready, "restartCount": restarts, "started": ready, "state": state,
            });
            if pulled {
                status["containerID"] = id.as_str().into();
            }
            status
        };
        let running = json!({ "running": { "startedAt": time(self.since) } });
        match &self.state {
            PodState::CrashLoop { restarts, message } if main => {
                let ended = json!({ "terminated": {
                    "containerID": id, "exitCode": 1, "finishedAt": time(self.since), "message": message,
                    "reason": "Error", "startedAt": time(self.since),
                } });
                let waiting = json!({ "waiting": {
                    "reason": "CrashLoopBackOff",
                    "message": format!("back-off 5m0s restarting failed container=app pod={}", self.name),
                } });
                status(waiting, ended, false, *restarts, true)
            }
            PodState::PullFailing if main => {
                let why = format!("Back-off pulling image \"{image}\": ErrImagePull: not found");
                status(
                    json!({ "waiting": { "reason": "ImagePullBackOff", "message": why } }),
                    json!({}),
                    false,
                    0,
                    false,
                )
            }
            PodState::Creating | PodState::PullFailing | PodState::Unschedulable => {
                status(json!({ "waiting": { "reason": "ContainerCreating" } }), json!({}), false, 0, false)
            }
            PodState::Succeeded => {
                let ended = json!({ "terminated": {
                    "containerID": id, "exitCode": 0, "finishedAt": time(self.since), "reason": "Completed",
                    "startedAt": time(self.created),
                } });
                status(ended, json!({}), false, 0, true)
            }
            PodState::Ready | PodState::CrashLoop { .. } => {
                status(running, json!({}), true, self.restarts, true)
            }
        }
    }
}
