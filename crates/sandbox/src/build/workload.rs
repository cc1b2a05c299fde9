//! Deployments, StatefulSets, DaemonSets, Rollouts and CronJobs with their ReplicaSets, as their controllers write them.

mod replica_set;
mod status;

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
    /// A second container with this image, and the image's digest.
    pub sidecar: Option<(String, String)>,
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
}
