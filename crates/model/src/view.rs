//! What is shown: by pages, by the API, and in the frames that history keeps.
//!
//! Everything here is derived. An [`Environment`] holds no clock-dependent value: ages and staleness are worked out at
//! the time of showing, from [`Snapshot::sources`] and the `now` of the viewer.

mod outlook;
mod pull;

use std::{collections::BTreeMap, sync::Arc};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{
    observe::{Condition, Operation, Source as ManifestSource},
    phrase::{Phrase, Said},
    text::Text,
    words::{Health, Kind, Rule, Severity, SourceKind, SourceState, State, SubjectKind, SyncStatus},
};

pub use outlook::{Outlook, PolicyInForce};
pub use pull::{Deployed, LastGood, Preview, Pull, Round, Step, Traced, Waits};

/// The whole view at one moment. Cheap to clone and to share.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Snapshot {
    /// Grows by one with every change of meaning; refreshes leave it alone.
    pub revision: u64,
    /// The moment this view is of. For a past view, the moment asked for.
    pub as_of: Option<Timestamp>,
    /// Sorted by name.
    pub services: Vec<Arc<Service>>,
    /// Open ones, worst first, then newest, then by id.
    pub findings: Vec<Arc<Finding>>,
    /// By name.
    pub sources: BTreeMap<Text, Arc<SourceView>>,
    /// Names of environments that have columns, in their order (previews have none).
    pub environment_order: Vec<Text>,
    /// Applications that no rule could place.
    pub unassigned: usize,
    /// Where pull request generators look: each place once, with every set of labels that one of them wants.
    pub generators: Arc<Vec<Generates>>,
    /// Pull requests, known from a forge or from an Application: by forge and repository, then the newest first.
    pub pulls: Vec<Arc<Pull>>,
}

/// A repository that pull request generators look at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Generates {
    /// As in [`PullRequestGenerator`](crate::observe::PullRequestGenerator).
    pub provider: Text,
    pub repository: Text,
    pub api: Option<Text>,
    /// A request is of interest that carries all labels of one of these.
    pub labels: Vec<Vec<Text>>,
}

impl Snapshot {
    /// The service of this name.
    pub fn service(&self, name: &str) -> Option<&Arc<Service>> {
        self.services.binary_search_by(|s| (*s.name).cmp(name)).ok().map(|at| &self.services[at])
    }

    /// The pull request of this number in the repository of this path; of several forges that have such a one the first.
    pub fn pull(&self, repository: &str, number: u64) -> Option<&Arc<Pull>> {
        let is_it =
            |pull: &&Arc<Pull>| pull.number == Some(number) && pull.repository.as_deref() == Some(repository);
        self.pulls.iter().find(is_it)
    }

    /// Names of sources whose values are shown but cannot be relied on at present.
    pub fn stale_sources(&self) -> Vec<Text> {
        self.sources.values().filter(|s| s.state.is_untrusted()).map(|s| Arc::clone(&s.name)).collect()
    }

    /// Whether an environment rests on a source that is silent. A stale state never counts as healthy.
    pub fn is_stale(&self, environment: &Environment) -> bool {
        environment.sources.iter().any(|name| self.sources.get(name).is_none_or(|s| s.state.is_untrusted()))
    }

    /// When the environment's values were last confirmed: the oldest `last_success` of its sources.
    pub fn confirmed_at(&self, environment: &Environment) -> Option<Timestamp> {
        environment.sources.iter().filter_map(|name| self.sources.get(name)?.last_success).min()
    }
}

impl SourceState {
    /// Whether values of a source in this state must be marked.
    pub const fn is_untrusted(self) -> bool {
        !matches!(self, Self::Ok)
    }
}

/// The unit that migrates and is deployed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Service {
    pub name: Text,
    /// Team, from the catalogue or the label `team`/`owner`.
    pub owner: Option<Text>,
    /// Repository on the forge, where known.
    pub repository: Option<Text>,
    /// In the order of the columns, previews last by name.
    pub environments: Vec<Arc<Environment>>,
    /// No rule placed its Applications: it stands in the group "unassigned".
    pub unassigned: bool,
}

impl Service {
    /// Environments that are previews.
    pub fn previews(&self) -> impl Iterator<Item = &Arc<Environment>> {
        self.environments.iter().filter(|e| e.preview)
    }
}

/// Where one Application puts a service.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Environment {
    /// Stable id: `instance:namespace/application`.
    pub id: Text,
    /// Service it belongs to.
    pub service: Text,
    /// `production`, `staging`, a preview's name.
    pub name: Text,
    pub preview: bool,
    /// How service and environment were found, for `doctor --explain-mapping` and the title of the cell.
    pub mapped_by: Text,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mapped_by_phrase: Option<Box<Phrase>>,
    pub cluster: Option<Text>,
    /// Namespace the workloads are in.
    pub namespace: Option<Text>,
    /// Name of the Argo CD instance (`[[argocd]] name`).
    pub instance: Text,
    /// `namespace/name` of the Application.
    pub application: Text,
    pub project: Text,
    /// When the Application was created.
    pub created: Option<Timestamp>,
    pub state: State,
    /// Why that state, in the source's own words where there are any.
    pub why: Option<Text>,
    /// Its parts, where the sentence is ours.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub why_phrase: Option<Box<Phrase>>,
    /// When the state began.
    pub since: Option<Timestamp>,
    /// False: at least since then.
    pub since_exact: bool,
    pub sync: Option<SyncStatus>,
    pub health: Option<Health>,
    /// When health became so, where Argo CD tells (since v2.14).
    pub health_since: Option<Timestamp>,
    pub operation: Option<Operation>,
    /// What was compared, one per source.
    pub compared: Vec<Text>,
    /// What was last deployed, one per source.
    pub deployed: Vec<Text>,
    pub deployed_at: Option<Timestamp>,
    pub manifests: Vec<ManifestSource>,
    /// `None`: automation never configured.
    pub auto_sync: Option<bool>,
    pub deleting_since: Option<Timestamp>,
    pub finalizers: Vec<Text>,
    pub conditions: Vec<Condition>,
    pub workloads: Vec<WorkloadView>,
    /// The primary image.
    pub image: Option<ImageView>,
    /// Other images, by repository.
    pub other_images: Vec<ImageView>,
    pub urls: Vec<Text>,
    pub objects: u32,
    pub objects_out_of_sync: u32,
    /// Names of sources that its values come from, sorted.
    pub sources: Vec<Text>,
}

impl Environment {
    /// Pods ready and wanted over all workloads that have a wanted number.
    pub fn replicas(&self) -> (i32, i32) {
        self.workloads
            .iter()
            .filter_map(|w| Some((w.ready, w.desired?)))
            .fold((0, 0), |(ready, desired), (r, d)| (ready + r, desired + d))
    }
}

/// A workload with its pods.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct WorkloadView {
    pub kind: Kind,
    pub namespace: Text,
    pub name: Text,
    /// `None` where there is no number (CronJob) or the object is not there.
    pub desired: Option<i32>,
    pub ready: i32,
    /// The object is meant but does not exist.
    pub missing: bool,
    pub suspended: bool,
    /// A rollout is under way: new pods are not all there yet.
    pub rolling: bool,
    /// Troubled pods, worst first, at most ten.
    pub troubles: Vec<Trouble>,
}

/// Why pods do not run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Trouble {
    /// `CrashLoopBackOff`, `ImagePullBackOff`, `Unschedulable`, …
    pub reason: Text,
    pub container: Option<Text>,
    pub message: Option<Text>,
    pub pods: u32,
    pub since: Option<Timestamp>,
}

/// One repository's image in one environment: meant, reported and running, each by its own source.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImageView {
    /// `registry.example/hosting/control-panel`.
    pub repository: Text,
    /// Container names that use it.
    pub containers: Vec<Text>,
    /// What the desired state asks for (workload spec). Several while workloads differ.
    pub meant: Vec<TagDigest>,
    /// What `status.summary.images` says.
    pub reported: Vec<TagDigest>,
    /// What pods report, most pods first.
    pub running: Vec<RunningImage>,
    /// When the present running set began.
    pub since: Option<Timestamp>,
    pub since_exact: bool,
    /// How the primary image was chosen: `configured`, `container`, `repository`, `override`, `first`; empty for others.
    pub chosen_by: Text,
    /// How it stands against what was pushed; only where its repository is looked at and something manages it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub outlook: Option<Box<Outlook>>,
}

/// A tag, a digest, or both.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct TagDigest {
    pub tag: Option<Text>,
    /// `sha256:…`.
    pub digest: Option<Text>,
}

/// What some pods run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunningImage {
    /// Tag of the pod's own spec.
    pub tag: Option<Text>,
    pub digest: Option<Text>,
    pub pods: u32,
    pub ready: u32,
}

/// A rule that fired.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// Stable: the same rule on the same subject that began at the same time has the same id.
    pub id: Text,
    pub rule: Rule,
    pub severity: Severity,
    pub subject: Subject,
    pub service: Option<Text>,
    pub environment: Option<Text>,
    /// Id of the environment (`instance:namespace/application`), where the subject is one.
    pub environment_id: Option<Text>,
    /// When the trouble began.
    pub since: Timestamp,
    /// When it was opened: began plus grace, or when noticed if that was later.
    pub opened_at: Timestamp,
    pub until: Option<Timestamp>,
    /// One sentence for people: what is wrong, with its figures (English; pages say its parts in
    /// the reader's language).
    pub summary: Text,
    /// Its parts, where the sentence is ours.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub summary_phrase: Option<Box<Phrase>>,
    pub proof: Vec<Proof>,
    pub way_out: Text,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub way_out_phrase: Option<Box<Phrase>>,
    /// Deep link for the way out, `https` only.
    pub link: Option<Text>,
}

/// What a finding is about.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Subject {
    pub kind: SubjectKind,
    pub name: Text,
}

/// One line of evidence.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Proof {
    /// What was looked at: `health`, `pods ready`, `running digest`.
    pub what: Text,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub what_phrase: Option<Box<Phrase>>,
    pub value: Text,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value_phrase: Option<Box<Phrase>>,
    pub source: Text,
    pub as_of: Option<Timestamp>,
}

/// A source and how it is doing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SourceView {
    pub name: Text,
    pub kind: SourceKind,
    pub state: SourceState,
    /// When the present state began.
    pub since: Option<Timestamp>,
    pub last_success: Option<Timestamp>,
    /// The last error, in words; causes and secrets stay in the log.
    pub error: Option<Text>,
    /// Its parts, where the sentence is ours.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error_phrase: Option<Box<Phrase>>,
    pub objects: u64,
    pub unreadable: u64,
    /// One per kind that is watched; none for a source that is asked again and again instead.
    pub columns: Vec<ColumnView>,
    /// How often it may be asked; only of sources that are asked again and again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub budget: Option<BudgetView>,
}

/// How often a source may be asked, and until when it is left alone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BudgetView {
    /// Requests in a minute, at most.
    pub per_minute: u32,
    /// Requests that could be made at once.
    pub left: u32,
    /// Nothing is asked before.
    pub blocked_until: Option<Timestamp>,
    /// Why, in words.
    pub blocked_by: Option<Text>,
    /// Its parts, where the sentence is ours.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub blocked_by_phrase: Option<Box<Phrase>>,
    /// Requests that the source allows in its own window, where it tells that: of GitHub's hour.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<u32>,
    /// Those of them that are left.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub remaining: Option<u32>,
    /// When the window is over.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resets_at: Option<Timestamp>,
}

/// One kind within a source.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ColumnView {
    pub kind: Kind,
    /// The namespace this watch is restricted to; `None` = everywhere.
    pub namespace: Option<Text>,
    pub state: SourceState,
    pub last_success: Option<Timestamp>,
    pub error: Option<Text>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error_phrase: Option<Box<Phrase>>,
    pub objects: u64,
    pub unreadable: u64,
}

impl SourceView {
    /// The last error with its parts.
    pub fn said(&self) -> Option<Said> {
        Some(Said { text: Text::clone(self.error.as_ref()?), phrase: self.error_phrase.clone() })
    }
}

impl BudgetView {
    /// Why nothing is asked, with its parts.
    pub fn said(&self) -> Option<Said> {
        Some(Said { text: Text::clone(self.blocked_by.as_ref()?), phrase: self.blocked_by_phrase.clone() })
    }
}

impl ColumnView {
    /// The last error with its parts.
    pub fn said(&self) -> Option<Said> {
        Some(Said { text: Text::clone(self.error.as_ref()?), phrase: self.error_phrase.clone() })
    }
}
