//! Workloads and pods, reduced.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Condition, Labels, TrackingId};
use crate::{text::Text, words::Kind};

/// Deployment, StatefulSet, DaemonSet, CronJob, Job or Rollout.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Workload {
    pub kind: Kind,
    pub created: Option<Timestamp>,
    pub deleting_since: Option<Timestamp>,
    pub labels: Labels,
    pub managed_by: Option<TrackingId>,
    /// Owner that controls it: a Job's CronJob.
    pub owner: Option<(Text, Text)>,
    /// `metadata.generation` against `status.observedGeneration`: unequal means the controller has not looked yet.
    pub generation: i64,
    pub observed_generation: i64,
    /// Pods wanted; `None` for a CronJob and a Job, which are not meant to keep a number running.
    pub desired: Option<i32>,
    pub ready: i32,
    pub updated: i32,
    pub available: i32,
    /// `spec.paused`, `spec.suspend`.
    pub paused: bool,
    /// `spec.progressDeadlineSeconds`, default 600; `None` for kinds that have no such limit.
    pub progress_deadline_s: Option<i32>,
    /// At most 50. A Rollout's `status.phase` and `status.message` stand here as a condition of type `Phase`.
    pub conditions: Vec<Condition>,
    /// Containers of the pod template in the order of the spec, then its sidecars; init containers apart.
    pub containers: Vec<MeantContainer>,
    pub init_containers: Vec<MeantContainer>,
    /// `deployment.kubernetes.io/revision` or `rollout.argoproj.io/revision`.
    pub revision: Option<i64>,
    /// Rollout with `spec.workloadRef`: kind and name of the object whose pod template it uses.
    pub template_of: Option<(Text, Text)>,
    /// CronJob: its schedule, last scheduled run and last success; Job: start and end.
    pub schedule: Option<Text>,
    pub last_run: Option<Timestamp>,
    pub finished: Option<Timestamp>,
}

/// A container as the spec wants it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MeantContainer {
    pub name: Text,
    pub image: Text,
    /// An init container with `restartPolicy: Always`.
    pub sidecar: bool,
}

/// A ReplicaSet: only what ties pods to a Deployment or Rollout.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReplicaSet {
    pub created: Option<Timestamp>,
    /// Kind and name of the controller that owns it.
    pub owner: Option<(Text, Text)>,
    pub revision: Option<i64>,
}

/// A pod.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pod {
    pub created: Option<Timestamp>,
    pub deleting_since: Option<Timestamp>,
    /// Kind and name of its controller: (`ReplicaSet`, `web-6d44d6fcc9`), (`StatefulSet`, …), (`Job`, …).
    pub owner: Option<(Text, Text)>,
    /// `Pending`, `Running`, `Succeeded`, `Failed`, `Unknown`.
    pub phase: Text,
    pub ready: bool,
    /// Since when `Ready` has its present value.
    pub ready_since: Option<Timestamp>,
    /// Why it is not running, from the pod itself: `Evicted`, `Unschedulable`.
    pub reason: Option<Text>,
    /// What goes with that reason, at most 300 characters.
    pub message: Option<Text>,
    /// In the order of the spec, then the sidecars.
    pub containers: Vec<RunningContainer>,
    /// Init containers that failed, wait or still run; sidecars (`restartPolicy: Always`) are in `containers`.
    pub init: Vec<RunningContainer>,
}

/// A container as its status reports it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunningContainer {
    pub name: Text,
    /// Image of the pod's spec: what this pod was meant to run.
    pub image: Text,
    /// `imageID` reduced to the digest of its repository, `sha256:…`; `None` until the image is pulled.
    pub digest: Option<Text>,
    /// An `imageID` without a repository: the id of a locally known image (its config's digest). It cannot be
    /// compared with the digests of a registry, so it is no `digest`.
    pub local_id: Option<Text>,
    pub ready: bool,
    pub restarts: u32,
    /// When it last began to run.
    pub started: Option<Timestamp>,
    /// The waiting or terminated reason where it tells of trouble: `CrashLoopBackOff`, `ImagePullBackOff`, `Error`.
    pub trouble: Option<Text>,
    /// Message of that trouble, at most 300 characters. Never the container's own output.
    pub message: Option<Text>,
    /// It waits for something usual: `ContainerCreating`, `PodInitializing`.
    pub starting: bool,
    pub sidecar: bool,
}
