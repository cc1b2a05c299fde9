//! The ReplicaSets below a Deployment or Rollout: one per pod template.

use super::Workload;
use crate::build::{managed, time, uid_of};
use jiff::Timestamp;
use serde_json::{Value, json};

impl Workload {
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
