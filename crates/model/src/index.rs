//! The join: observations in, snapshots and transitions out.
//!
//! ```text
//!  apply / delete / reset (any order, repeats, stale ones)  ->  objects, joins
//!  report (who is fresh, who fails)                         ->  columns
//!  advance(now)                                             ->  Step { snapshot, transitions, what to store }
//!
//!  objects   what each source said last, by scope and name        (order does not matter)
//!  joins     pod -> ReplicaSet -> Deployment <- Application       (names only, either side first)
//!  joined    one Application with all that belongs to it
//!  environment, state, images   the view of it
//!  tracker   findings in time: grace, opening, ending
//! ```
//!
//! Only what was touched is worked out again; everything else of a snapshot is shared with the one before it.

pub mod branch;
mod columns;
mod committed;
mod core;
mod environment;
mod few;
pub mod images;
pub mod joined;
mod joins;
pub mod objects;
pub mod outlook;
mod pulls;
pub mod state;
mod step;
mod tracker;

pub use self::{
    columns::{WATCH_SILENCE, source_kind},
    core::Index,
    joins::ApplicationKey,
    objects::{Effect, Objects},
    tracker::order as finding_order,
};

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};

use crate::{
    observe::{ObjectName, Observation, Scope},
    phrase::Said,
    text::Text,
    transition::Transition,
    view::{BudgetView, Environment, Finding, Pull, Snapshot, SourceView},
    words::{Kind, SourceKind, SourceState, StepKind},
};

/// What happened since the last step; everything in it belongs into one database transaction.
#[derive(Debug, Clone, Default)]
pub struct Step {
    /// The new view, or the same `Arc` as before where nothing changed.
    pub snapshot: Arc<Snapshot>,
    /// Whether the meaning changed (`snapshot.revision` grew).
    pub changed: bool,
    /// Ids of what changed, for the event stream: `service/NAME`, `source/NAME`.
    pub changed_ids: Vec<Text>,
    pub transitions: Vec<Transition>,
    pub store: Changes,
    /// When the next grace time ends; call [`Index::advance`] then even if nothing else happens.
    pub wake_at: Option<Timestamp>,
}

/// Rows to write.
#[derive(Debug, Clone, Default)]
pub struct Changes {
    /// Observations whose body is new or different.
    pub upserts: Vec<Observation>,
    /// Objects that are gone.
    pub deletes: Vec<(Scope, ObjectName)>,
    /// Environments whose view changed its meaning, as they are now; `None` = gone.
    pub frames: Vec<(Text, Option<Arc<Environment>>)>,
    /// Sources whose state changed.
    pub sources: Vec<Arc<SourceView>>,
    /// Findings opened, changed or ended, grace periods included.
    pub findings: Vec<FindingRow>,
    /// Pull requests whose view changed its meaning; `None` = nobody tells of it any more.
    pub pulls: Vec<(Text, Option<Arc<Pull>>)>,
    /// Steps of previews that were done, or that got stuck.
    pub step_times: Vec<StepTime>,
}

/// A step of a preview that was done, or got stuck: what is usual is reckoned from these.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StepTime {
    /// That of its transition.
    pub id: uuid::Uuid,
    /// Id of the pull request.
    pub pull: Text,
    pub repository: Option<Text>,
    pub service: Option<Text>,
    pub environment: Option<Text>,
    pub commit: Option<Text>,
    pub step: StepKind,
    pub at: Timestamp,
    /// Since the step before, or the push that began the round; `None`: not known.
    pub took: Option<SignedDuration>,
    /// Of `healthy`: since the label, or the push that began the round.
    pub in_all: Option<SignedDuration>,
    pub exact: bool,
    /// It got stuck there.
    pub stuck: bool,
}

impl Changes {
    /// Whether there is nothing to write.
    pub fn is_empty(&self) -> bool {
        self.upserts.is_empty()
            && self.deletes.is_empty()
            && self.frames.is_empty()
            && self.sources.is_empty()
            && self.findings.is_empty()
            && self.pulls.is_empty()
            && self.step_times.is_empty()
    }
}

/// A finding as stored: also those whose grace still runs, so that a restart does not start it anew.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct FindingRow {
    pub finding: Finding,
    /// False while the grace time runs.
    pub open: bool,
}

/// What a collector says about one stream.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceReport {
    pub scope: Scope,
    /// The namespace this stream is restricted to; `None` = everywhere.
    pub within: Option<Text>,
    pub source_kind: SourceKind,
    pub state: SourceState,
    /// Set when this report proves life: a list, an event, a bookmark, a clean end of a watch.
    pub success_at: Option<Timestamp>,
    pub error: Option<Said>,
}

/// What is said about a source that is asked again and again, and has no streams.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PollReport {
    pub source: Text,
    pub state: SourceState,
    /// Set when this report proves life.
    pub success_at: Option<Timestamp>,
    pub error: Option<Said>,
    /// What it holds: a registry's repositories.
    pub objects: u64,
    /// Those among them that could not be read.
    pub unreadable: u64,
    pub budget: Option<BudgetView>,
}

/// What the store gives back at a start.
#[derive(Debug, Clone, Default)]
pub struct Stored {
    pub observations: Vec<Observation>,
    /// The last frame of each environment: carries what the objects themselves do not tell (since when, whether
    /// automation was ever on).
    pub environments: Vec<Environment>,
    /// The last frame of each pull request that somebody tells of: carries its rounds, and times that were noticed.
    pub pulls: Vec<Pull>,
    pub findings: Vec<FindingRow>,
    pub sources: Vec<SourceView>,
    pub revision: u64,
}

/// Kinds that each source watches.
pub const CLUSTER_KINDS: &[Kind] = &[
    Kind::Deployment,
    Kind::StatefulSet,
    Kind::DaemonSet,
    Kind::CronJob,
    Kind::Job,
    Kind::ReplicaSet,
    Kind::Rollout,
    Kind::Pod,
    Kind::Namespace,
    Kind::Service,
    Kind::Ingress,
    Kind::HttpRoute,
    Kind::Gateway,
];

/// Kinds of an Argo CD instance.
pub const ARGOCD_KINDS: &[Kind] =
    &[Kind::Application, Kind::ApplicationSet, Kind::AppProject, Kind::ImageUpdater, Kind::Event];
