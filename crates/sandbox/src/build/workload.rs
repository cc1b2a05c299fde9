//! Deployments, StatefulSets, DaemonSets, Rollouts and CronJobs with their ReplicaSets, as their controllers write them.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::managed;
use super::{hex_of, time, uid_of};

/// Which controller runs the pods.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WorkloadKind {
    /// `apps/v1` Deployment with ReplicaSets.
    Deployment,
    /// `apps/v1` StatefulSet.
    StatefulSet,
    /// `apps/v1` DaemonSet.
    DaemonSet,
    /// `argoproj.io` Rollout with ReplicaSets.
    Rollout,
    /// `batch/v1` CronJob.
    CronJob,
}

impl WorkloadKind {
    /// Kind, API group and resource.
    pub fn names(self) -> (&'static str, &'static str, &'static str) {
        match self {
            Self::Deployment => ("Deployment", "apps", "deployments"),
            Self::StatefulSet => ("StatefulSet", "apps", "statefulsets"),
            Self::DaemonSet => ("DaemonSet", "apps", "daemonsets"),
            Self::Rollout => ("Rollout", "argoproj.io", "rollouts"),
            Self::CronJob => ("CronJob", "batch", "cronjobs"),
        }
    }

    /// Whether ReplicaSets stand between it and the pods.
    pub fn has_replica_sets(self) -> bool {
        matches!(self, Self::Deployment | Self::Rollout)
    }

    /// `apps/v1`
    pub fn api_version(self) -> &'static str {
        match self {
            Self::Deployment | Self::StatefulSet | Self::DaemonSet => "apps/v1",
            Self::Rollout => "argoproj.io/v1alpha1",
            Self::CronJob => "batch/v1",
        }
    }
}

/// How far a roll is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Roll {
    /// Everything runs the newest template.
    Complete,
    /// On its way.
    Running,
    /// Longer than `progressDeadlineSeconds`.
    Overdue,
}

/// A workload and what its controller says of it.
#[derive(Clone, Debug)]
pub struct Workload {
    /// Which controller.
    pub kind: WorkloadKind,
    /// Namespace.
    pub namespace: String,
    /// Name.
    pub name: String,
    /// Application that its tracking id names.
    pub app: String,
    /// The image of the container named `app`.
    pub image: String,
    /// A second container with this image.
    pub sidecar: Option<String>,
    /// Wanted pods.
    pub replicas: u32,
    /// Counts changes of the spec.
    pub generation: u64,
    /// Counts changes of the template.
    pub revision: u64,
    /// `progressDeadlineSeconds`
    pub deadline_s: u32,
    /// `maxUnavailable`
    pub max_unavailable: String,
    /// `OnDelete`: pods keep their image until they are deleted. StatefulSets and DaemonSets.
    pub on_delete: bool,
    /// A suspended CronJob.
    pub suspended: bool,
    /// When it was made.
    pub created: Timestamp,
    /// When Argo CD last wrote it.
    pub applied: Timestamp,
    /// Who edited it by hand after that, and when.
    pub edited: Option<(String, Timestamp)>,
    /// Pods, those of the newest template, ready ones.
    pub counts: (u32, u32, u32),
    /// How far its roll is, and since when.
    pub roll: (Roll, Timestamp),
}

impl Workload {
    /// The `pod-template-hash` of an image.
    pub fn hash_of(&self, image: &str) -> String {
        // Kubernetes leaves out vowels and look-alikes from its hashes.
        let safe = b"bcdfghjklmnpqrstvwxz2456789";
        hex_of(&[&self.name, image])
            .bytes()
            .take(10)
            .map(|byte| char::from(safe[usize::from(byte) % safe.len()]))
            .collect()
    }

    /// The uid of the workload.
    pub fn uid(&self) -> String {
        uid_of(&[self.kind.names().2, &self.namespace, &self.name, &time(self.created)])
    }

    /// `catalog-prod:apps/Deployment:prod/catalog`
    pub fn tracking_id(&self) -> String {
        let (kind, group, _) = self.kind.names();
        format!("{}:{group}/{kind}:{}/{}", self.app, self.namespace, self.name)
    }

    fn containers(&self) -> Value {
        let container = |name: &str, image: &str| {
            json!({
                "image": image, "imagePullPolicy": "IfNotPresent", "name": name, "resources": {},
                "terminationMessagePath": "/dev/termination-log", "terminationMessagePolicy": "File",
            })
        };
        let mut app = container("app", &self.image);
        app["envFrom"] = json!([{ "configMapRef": { "name": self.name } }]);
        app["ports"] = json!([{ "containerPort": 8080, "protocol": "TCP" }]);
        let mut all = vec![app];
        all.extend(self.sidecar.as_deref().map(|image| container("proxy", image)));
        Value::Array(all)
    }

    fn template(&self, hash: Option<&str>) -> Value {
        let mut labels = json!({ "app.kubernetes.io/name": self.name });
        if let Some(hash) = hash {
            labels["pod-template-hash"] = hash.into();
        }
        json!({
            "metadata": { "labels": labels },
            "spec": {
                "containers": self.containers(), "dnsPolicy": "ClusterFirst",
                "restartPolicy": if self.kind == WorkloadKind::CronJob { "OnFailure" } else { "Always" },
                "schedulerName": "default-scheduler", "securityContext": {}, "terminationGracePeriodSeconds": 30,
            },
        })
    }

    fn spec(&self) -> Value {
        let selector = json!({ "matchLabels": { "app.kubernetes.io/name": self.name } });
        let template = self.template(None);
        let update = if self.on_delete { "OnDelete" } else { "RollingUpdate" };
        match self.kind {
            WorkloadKind::Deployment => json!({
                "progressDeadlineSeconds": self.deadline_s, "replicas": self.replicas, "revisionHistoryLimit": 10,
                "selector": selector, "template": template,
                "strategy": {
                    "rollingUpdate": { "maxSurge": "25%", "maxUnavailable": self.max_unavailable },
                    "type": "RollingUpdate",
                },
            }),
            WorkloadKind::StatefulSet => json!({
                "persistentVolumeClaimRetentionPolicy": { "whenDeleted": "Retain", "whenScaled": "Retain" },
                "podManagementPolicy": "OrderedReady", "replicas": self.replicas, "revisionHistoryLimit": 10,
                "selector": selector, "serviceName": self.name, "template": template,
                "updateStrategy": if self.on_delete { json!({ "type": update }) } else {
                    json!({ "rollingUpdate": { "partition": 0 }, "type": update })
                },
            }),
            WorkloadKind::DaemonSet => json!({
                "revisionHistoryLimit": 10, "selector": selector, "template": template,
                "updateStrategy": { "type": update },
            }),
            WorkloadKind::Rollout => json!({
                "replicas": self.replicas, "revisionHistoryLimit": 5, "selector": selector, "template": template,
                "strategy": { "canary": { "steps": [{ "setWeight": 20 }, { "pause": { "duration": "30s" } }] } },
            }),
            WorkloadKind::CronJob => json!({
                "concurrencyPolicy": "Forbid", "failedJobsHistoryLimit": 1, "schedule": "0 4 * * *",
                "successfulJobsHistoryLimit": 3, "suspend": self.suspended,
                "jobTemplate": { "metadata": {}, "spec": { "template": template } },
            }),
        }
    }

    fn status(&self) -> Value {
        let (replicas, updated, ready) = self.counts;
        let since = time(self.roll.1);
        let complete = self.roll.0 == Roll::Complete;
        let newest = format!("{}-{}", self.name, self.hash_of(&self.image));
        match self.kind {
            WorkloadKind::Deployment => {
                let (status, reason, message) = match self.roll.0 {
                    Roll::Complete => {
                        let message = format!("ReplicaSet \"{newest}\" has successfully progressed.");
                        ("True", "NewReplicaSetAvailable", message)
                    }
                    Roll::Running => {
                        ("True", "ReplicaSetUpdated", format!("ReplicaSet \"{newest}\" is progressing."))
                    }
                    Roll::Overdue => {
                        let message = format!("ReplicaSet \"{newest}\" has timed out progressing.");
                        ("False", "ProgressDeadlineExceeded", message)
                    }
                };
                let enough = self.is_available();
                let (available, why) = if enough {
                    ("MinimumReplicasAvailable", "Deployment has minimum availability.")
                } else {
                    ("MinimumReplicasUnavailable", "Deployment does not have minimum availability.")
                };
                let mut status = json!({
                    "conditions": [
                        { "lastTransitionTime": since, "lastUpdateTime": since, "message": why, "reason": available,
                          "status": if enough { "True" } else { "False" }, "type": "Available" },
                        { "lastTransitionTime": time(self.created), "lastUpdateTime": since, "message": message,
                          "reason": reason, "status": status, "type": "Progressing" },
                    ],
                    "observedGeneration": self.generation, "terminatingReplicas": 0,
                });
                // Go leaves out zeroes.
                for (key, count) in [
                    ("replicas", replicas),
                    ("updatedReplicas", updated),
                    ("readyReplicas", ready),
                    ("availableReplicas", ready),
                    ("unavailableReplicas", self.replicas.saturating_sub(ready)),
                ] {
                    if count > 0 {
                        status[key] = count.into();
                    }
                }
                status
            }
            WorkloadKind::StatefulSet => json!({
                "availableReplicas": ready, "collisionCount": 0, "currentReplicas": replicas - updated.min(replicas),
                "currentRevision": if complete { newest.clone() } else { format!("{}-7c9d5f8b64", self.name) },
                "observedGeneration": self.generation, "readyReplicas": ready, "replicas": replicas,
                "updateRevision": newest, "updatedReplicas": updated,
            }),
            WorkloadKind::DaemonSet => json!({
                "currentNumberScheduled": replicas, "desiredNumberScheduled": self.replicas, "numberAvailable": ready,
                "numberMisscheduled": 0, "numberReady": ready, "observedGeneration": self.generation,
                "updatedNumberScheduled": updated,
            }),
            WorkloadKind::Rollout => json!({
                "HPAReplicas": replicas, "availableReplicas": ready, "readyReplicas": ready, "replicas": replicas,
                "updatedReplicas": updated, "currentPodHash": self.hash_of(&self.image),
                "stableRS": if complete { self.hash_of(&self.image) } else { "6d44d6fcc9".to_owned() },
                "observedGeneration": self.generation.to_string(),
                "phase": match self.roll.0 {
                    Roll::Complete => "Healthy", Roll::Running => "Progressing", Roll::Overdue => "Degraded",
                },
            }),
            WorkloadKind::CronJob => json!({ "lastScheduleTime": since, "lastSuccessfulTime": since }),
        }
    }

    /// Whether enough pods are ready for the `Available` condition.
    pub fn is_available(&self) -> bool {
        let percent = self.max_unavailable.trim_end_matches('%').parse::<u32>().unwrap_or(25);
        self.counts.2 + self.replicas * percent / 100 >= self.replicas
    }

    /// The object.
    pub fn object(&self) -> Value {
        let (kind, _, _) = self.kind.names();
        let spec = self.spec();
        let status = self.status();
        let applied = json!({
            "apiVersion": self.kind.api_version(), "kind": kind,
            "metadata": {
                "annotations": { "argocd.argoproj.io/tracking-id": self.tracking_id() },
                "labels": { "app.kubernetes.io/name": self.name }, "name": self.name, "namespace": self.namespace,
            },
            "spec": {
                "replicas": self.replicas,
                "selector": { "matchLabels": { "app.kubernetes.io/name": self.name } },
                "template": {
                    "metadata": { "labels": { "app.kubernetes.io/name": self.name } },
                    "spec": { "containers": [{ "image": self.image, "name": "app" }] },
                },
            },
        });
        let mut annotations = json!({
            "argocd.argoproj.io/tracking-id": self.tracking_id(),
            "kubectl.kubernetes.io/last-applied-configuration": format!("{applied}\n"),
        });
        if self.kind == WorkloadKind::Deployment {
            annotations["deployment.kubernetes.io/revision"] = self.revision.to_string().into();
        }
        let wrote = json!({
            "metadata": { "annotations": annotations, "labels": { "app.kubernetes.io/name": self.name } }, "spec": spec,
        });
        let version = self.kind.api_version();
        let mut managers = vec![
            managed::entry("argocd-controller", version, &time(self.applied), None, &wrote),
            managed::entry(
                "kube-controller-manager",
                version,
                &time(self.roll.1),
                Some("status"),
                &json!({ "status": status }),
            ),
        ];
        if let Some((manager, at)) = &self.edited {
            let image = json!({ "spec": { "template": { "spec": { "containers": [{ "name": "app", "image": "" }] } } } });
            managers.push(managed::entry(manager, version, &time(*at), None, &image));
        }
        json!({
            "apiVersion": version, "kind": kind,
            "metadata": {
                "annotations": annotations, "creationTimestamp": time(self.created), "generation": self.generation,
                "labels": { "app.kubernetes.io/name": self.name }, "managedFields": managers, "name": self.name,
                "namespace": self.namespace, "uid": self.uid(),
            },
            "spec": spec, "status": status,
        })
    }

    /// The name of the ReplicaSet for an image.
    pub fn replica_set_name(&self, image: &str) -> String {
        format!("{}-{}", self.name, self.hash_of(image))
    }

    /// The uid of the ReplicaSet for an image.
    pub fn replica_set_uid(&self, image: &str) -> String {
        uid_of(&["replicasets", &self.namespace, &self.replica_set_name(image)])
    }

    /// The ReplicaSet for an image, with its own and its ready pods.
    pub fn replica_set(
        &self,
        image: &str,
        revision: u64,
        created: Timestamp,
        pods: u32,
        ready: u32,
    ) -> Value {
        let hash = self.hash_of(image);
        let (kind, _, _) = self.kind.names();
        let labels = json!({ "app.kubernetes.io/name": self.name, "pod-template-hash": hash });
        // As real controllers do, the annotations of the workload come along, its tracking id included.
        let annotations = json!({
            "argocd.argoproj.io/tracking-id": self.tracking_id(),
            "deployment.kubernetes.io/desired-replicas": self.replicas.to_string(),
            "deployment.kubernetes.io/max-replicas": (self.replicas + self.replicas.div_ceil(4)).to_string(),
            "deployment.kubernetes.io/revision": revision.to_string(),
        });
        let mut of = self.clone();
        image.clone_into(&mut of.image);
        let spec = json!({
            "replicas": pods, "selector": { "matchLabels": labels }, "template": of.template(Some(&hash)),
        });
        let mut status = json!({ "observedGeneration": 1, "replicas": pods, "terminatingReplicas": 0 });
        if pods > 0 {
            status["fullyLabeledReplicas"] = pods.into();
        }
        if ready > 0 {
            status["availableReplicas"] = ready.into();
            status["readyReplicas"] = ready.into();
        }
        let wrote = json!({ "metadata": { "annotations": annotations, "labels": labels }, "spec": spec });
        let at = time(created);
        json!({
            "apiVersion": "apps/v1", "kind": "ReplicaSet",
            "metadata": {
                "annotations": annotations, "creationTimestamp": at, "generation": 1, "labels": labels,
                "managedFields": [
                    managed::entry("kube-controller-manager", "apps/v1", &at, None, &wrote),
                    managed::entry("kube-controller-manager", "apps/v1", &at, Some("status"), &json!({ "status": status })),
                ],
                "name": self.replica_set_name(image), "namespace": self.namespace,
                "ownerReferences": [{
                    "apiVersion": self.kind.api_version(), "blockOwnerDeletion": true, "controller": true, "kind": kind,
                    "name": self.name, "uid": self.uid(),
                }],
                "uid": self.replica_set_uid(image),
            },
            "spec": spec, "status": status,
        })
    }
}
