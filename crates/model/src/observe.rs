//! Observations: what a source said about one object, reduced to what Landfall needs.
//!
//! A raw object is never kept. Free-form fields that may hold secrets (Helm values, environment, plugin
//! parameters, annotations outside an allow-list) have no place in these types, so they cannot leak.

use std::sync::Arc;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{
    text::Text,
    words::{Health, Kind, Phase, SyncStatus},
};

mod application;
mod branch;
mod pack;
mod pull;
mod repository;
mod updater;
mod workload;

pub use application::*;
pub use branch::*;
pub use pull::*;
pub use repository::*;
pub use updater::*;
pub use workload::*;

/// One stream of objects: a kind as seen through one source (`cluster/prod` + `Pod`).
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Scope {
    /// Name of the source: `cluster/NAME`, `argocd/NAME`, `registry/HOST` or `forge/NAME`.
    pub source: Text,
    pub kind: Kind,
}

/// An object's name within its scope. `namespace` is empty for cluster-wide kinds.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct ObjectName {
    pub namespace: Text,
    pub name: Text,
}

impl std::fmt::Display for ObjectName {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if self.namespace.is_empty() {
            f.write_str(&self.name)
        } else {
            write!(f, "{}/{}", self.namespace, self.name)
        }
    }
}

/// Orders what one API server said. `resourceVersion`s grow within one store; `epoch` grows when a collector finds
/// that the store itself was replaced (restored from a backup: its versions went back).
///
/// `resource` is 0 where the server gave no number. Such a version orders nothing: what comes later is newer.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Version {
    pub epoch: u32,
    pub resource: u64,
}

/// One object as a source showed it at one moment.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Observation {
    pub scope: Scope,
    pub name: ObjectName,
    /// The object's own id; a deleted and re-created object has a new one.
    pub uid: Text,
    pub version: Version,
    /// When Landfall first saw *this body* (not each refresh).
    pub noticed_at: Timestamp,
    pub body: Body,
}

/// The reduced object.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "is", content = "of")]
pub enum Body {
    Application(Arc<Application>),
    ApplicationSet(Arc<ApplicationSet>),
    AppProject(Arc<AppProject>),
    /// Deployment, StatefulSet, DaemonSet, CronJob, Job, Rollout.
    Workload(Arc<Workload>),
    ReplicaSet(Arc<ReplicaSet>),
    Pod(Arc<Pod>),
    Namespace(Arc<Namespace>),
    /// Service, Ingress, HTTPRoute, Gateway: only which names they answer to.
    Entry(Arc<Entry>),
    ImageUpdater(Arc<ImageUpdater>),
    Event(Arc<Event>),
    Repository(Arc<Repository>),
    Pull(Arc<Pull>),
    Branch(Arc<Branch>),
    Unreadable(Arc<Unreadable>),
}

/// An object that could not be decoded. It stays visible under its name, with the reason.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Unreadable {
    /// Path of the offending field (`spec.replicas`) where known, else empty.
    pub field: Text,
    /// What is wrong, at most 300 characters, without values from the object.
    pub why: Text,
}

/// A namespace; only what tells whether it is going away.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Namespace {
    pub created: Option<Timestamp>,
    pub deleting_since: Option<Timestamp>,
    /// Labels that a mapping rule may use.
    pub labels: Labels,
}

/// What traffic enters by: host names of an Ingress or HTTPRoute, type of a Service.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Entry {
    pub hosts: Vec<Text>,
    /// `ClusterIP`, `LoadBalancer`, …; only of a Service.
    pub service_type: Option<Text>,
    /// `app.kubernetes.io/instance` or the tracking id's Application.
    pub managed_by: Option<TrackingId>,
    /// Addresses a load balancer gave it.
    pub addresses: Vec<Text>,
}

/// An Event that tells something a page shows.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Event {
    /// Kind, namespace and name of the object it is about.
    pub about_kind: Text,
    pub about: ObjectName,
    pub reason: Text,
    /// First line, at most 1,000 characters.
    pub message: Text,
    /// `Warning` or `Normal`.
    pub warning: bool,
    /// Component that wrote it, such as `argocd-application-controller`.
    pub component: Text,
    pub at: Timestamp,
    pub count: u32,
    /// Of the Image Updater's `ImagesUpdated`: what it changed (at most 50).
    pub images: Vec<ImageChange>,
}

/// One image of an `ImagesUpdated` Event, from its annotations.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImageChange {
    /// With its registry: `registry.example/shop/web`.
    pub image: Text,
    /// Tag or digest before.
    pub old: Text,
    pub new: Text,
}

/// A Kubernetes-style condition.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Condition {
    #[serde(rename = "type")]
    pub kind: Text,
    /// `True`, `False`, `Unknown`; Argo CD's Application conditions have none.
    pub status: Option<Text>,
    pub reason: Option<Text>,
    /// At most 1,000 characters.
    pub message: Text,
    pub since: Option<Timestamp>,
}

/// Selected labels, sorted by key.
pub type Labels = Vec<(Text, Text)>;

/// Sync and health as Argo CD gave them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Said {
    pub sync: SyncStatus,
    pub health: Health,
}

/// Phase with times of an operation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Operation {
    pub phase: Phase,
    /// At most 1,000 characters.
    pub message: Option<Text>,
    pub started_at: Option<Timestamp>,
    pub finished_at: Option<Timestamp>,
    pub retries: u32,
    /// Who asked: a user name, or `automated`.
    pub initiated_by: Option<Text>,
    /// What it deploys, one per source.
    pub revisions: Vec<Text>,
}
