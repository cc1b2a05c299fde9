//! Spec and status of a workload at its place in a roll.

use super::{Roll, Workload, WorkloadKind};
use crate::build::time;
use serde_json::{Value, json};

impl Workload {
    pub(super) fn containers(&self) -> Value {
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
        all.extend(self.sidecar.as_ref().map(|(image, _)| container("proxy", image)));
        Value::Array(all)
    }

    pub(super) fn template(&self, hash: Option<&str>) -> Value {
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

    pub(super) fn spec(&self) -> Value {
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

    pub(super) fn status(&self) -> Value {
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
}
