//! Argo CD's objects, reduced. Field by field after `pkg/apis/application/v1alpha1/types.go` of argoproj/argo-cd.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Condition, Labels, Operation};
use crate::{
    text::Text,
    words::{Health, SyncStatus},
};

/// An Application.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Application {
    pub created: Option<Timestamp>,
    pub deleting_since: Option<Timestamp>,
    pub finalizers: Vec<Text>,
    /// Its labels (at most 64, those that the built-in rules know first: an environment rule may name any), and
    /// annotations of `landfall.dev/*` where no label has the same key. No other annotation.
    pub labels: Labels,
    /// Name of the ApplicationSet that owns it.
    pub owner_set: Option<Text>,
    pub project: Text,
    pub destination: Destination,
    /// One per source, in the order of the spec.
    pub sources: Vec<Source>,
    /// Several sources (`spec.sources`) rather than one (`spec.source`).
    pub multi_source: bool,
    pub automation: Automation,
    /// `None` when never compared.
    pub sync: Option<SyncStatus>,
    /// What was compared, one per source. Not always a commit: a branch name where it could not be resolved.
    pub compared: Vec<Text>,
    pub health: Option<Health>,
    pub health_message: Option<Text>,
    /// Since Argo CD v2.14.
    pub health_since: Option<Timestamp>,
    pub operation: Option<Operation>,
    /// A top-level `.operation` waits or runs.
    pub operation_pending: bool,
    /// Oldest first. Successful syncs only; Argo CD keeps ten.
    pub history: Vec<HistoryEntry>,
    /// `status.summary.images`: image strings of live pods as Argo CD saw them (*reported*).
    pub reported_images: Vec<Text>,
    /// `http` and `https` only.
    pub urls: Vec<Text>,
    pub conditions: Vec<Condition>,
    /// Managed objects that run pods, or that are missing or would be pruned.
    pub resources: Resources,
    /// Images of the last sync's workloads (`syncResult.resources[].images`, since v3.1), by object.
    pub synced_images: Vec<(ManagedObject, Vec<Text>)>,
    /// Who last set an image field of the spec (`metadata.managedFields`): manager and time.
    pub image_owner: Option<(Text, Option<Timestamp>)>,
    pub app_of_apps: bool,
    /// Annotations that Argo CD Image Updater reads its settings from, without their common beginning
    /// (`argocd-image-updater.argoproj.io/`); sorted, at most 200. Credentials by the name of their secret only.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub updater: Labels,
}

/// `spec.destination`: server or name, never both.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Destination {
    pub server: Option<Text>,
    pub name: Option<Text>,
    pub namespace: Option<Text>,
}

/// One source of manifests.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Source {
    pub repo_url: Text,
    pub path: Option<Text>,
    pub chart: Option<Text>,
    pub target_revision: Option<Text>,
    /// `ref`: only lends its files to other sources.
    pub reference: Option<Text>,
    /// `kustomize.images`, and Helm parameters that name an image (`image.name`, `image.tag`, `image.repository`,
    /// `image.spec`, …): `key=value` strings for Helm. No other parameters are kept: people put secrets there.
    pub images: Vec<Text>,
}

/// Auto-sync.
#[expect(clippy::struct_excessive_bools, reason = "four independent switches of Argo CD's own")]
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Automation {
    /// The block `syncPolicy.automated` stands there.
    pub present: bool,
    /// It is on (`enabled` absent or true).
    pub enabled: bool,
    pub prune: bool,
    pub self_heal: bool,
}

/// One entry of `status.history`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HistoryEntry {
    pub id: i64,
    pub revisions: Vec<Text>,
    pub started_at: Option<Timestamp>,
    pub deployed_at: Option<Timestamp>,
    pub initiated_by: Option<Text>,
    /// Image overrides of the source as it was then; empty means unknown, not none.
    pub images: Vec<Text>,
}

/// What an Application manages.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Resources {
    pub total: u32,
    pub out_of_sync: u32,
    pub prunable: u32,
    /// Workloads, hooks excluded.
    pub workloads: Vec<ManagedObject>,
    /// Objects with status OutOfSync (at most 50): what differs, may be missing, or would be pruned.
    pub differing: Vec<ManagedObject>,
    /// The same for objects that need pruning (at most 50).
    pub to_prune: Vec<ManagedObject>,
    /// Objects that Argo CD itself calls `Missing` (at most 50). Only where it persists the health of objects, which
    /// it does not by default since v3.0: empty says nothing.
    pub missing: Vec<ManagedObject>,
}

/// An object that an Application manages.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct ManagedObject {
    /// Kubernetes kind as written, such as `Deployment`.
    pub kind: Text,
    pub group: Text,
    pub namespace: Text,
    pub name: Text,
}

/// `argocd.argoproj.io/tracking-id`: `<app>:<group>/<Kind>:<namespace>/<name>`; the app of another namespace is
/// written `<namespace>_<name>`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct TrackingId {
    pub application: Text,
    pub object: Option<ManagedObject>,
}

/// An ApplicationSet.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct ApplicationSet {
    pub created: Option<Timestamp>,
    pub deleting_since: Option<Timestamp>,
    pub conditions: Vec<Condition>,
    /// `status.health` since v3.4.
    pub health: Option<Health>,
    /// True number of children where told (`resourcesCount`, since v3.2), else the length of the list.
    pub children: Option<u32>,
    /// Kinds of its generators, nested ones included: `pullRequest`, `git`, `list`, …
    pub generators: Vec<Text>,
    /// Its pull request generators, nested ones included.
    pub pull_requests: Vec<PullRequestGenerator>,
    /// `spec.template.metadata.name`, such as `shop-pr-{{.number}}`.
    pub template_name: Option<Text>,
    /// Namespace that the template puts workloads in, such as `shop-pr-{{.number}}`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub template_namespace: Option<Text>,
    /// Sources of the template, with its parameters: `targetRevision: {{.head_sha}}`, images such as
    /// `shop/web:pr-{{.number}}-{{.head_short_sha_7}}`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub template_sources: Vec<Source>,
    /// Parameters are written as Go templates, `{{.number}}`; else in the old form, `{{number}}`.
    #[serde(default)]
    pub go_template: bool,
    /// `spec.syncPolicy.applicationsSync`: `sync`, `create-only`, `create-update`, `create-delete`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub applications_sync: Option<Text>,
}

impl ApplicationSet {
    /// It does not write its template onto Applications that exist: what that says stays as it was at their making.
    #[must_use]
    pub fn never_updates(&self) -> bool {
        matches!(self.applications_sync.as_deref(), Some("create-only" | "create-delete"))
    }

    /// It does not delete Applications that it no longer generates.
    #[must_use]
    pub fn never_deletes(&self) -> bool {
        matches!(self.applications_sync.as_deref(), Some("create-only" | "create-update"))
    }
}

/// Where a pull request generator looks: `spec.generators[].pullRequest`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PullRequestGenerator {
    /// `github`, `gitlab`, `gitea`, `bitbucketServer`, `bitbucket`, `azuredevops`.
    pub provider: Text,
    /// `owner/repo`, or what the provider names its projects by.
    pub repository: Text,
    /// Base URL of a self-hosted forge.
    pub api: Option<Text>,
    /// Labels that a request must carry, all of them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub labels: Vec<Text>,
    pub requeue_after_s: Option<i64>,
    /// One of them must fit, where there are any.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub filters: Vec<PullFilter>,
    /// GitLab's `pullRequestState`; empty: merge requests of every state.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub state: Option<Text>,
    /// `template.metadata.name` of the generator itself, which wins over the set's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub template_name: Option<Text>,
}

/// `spec.generators[].pullRequest.filters[]`: regular expressions of Go's; all that are given must fit.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PullFilter {
    pub branch: Option<Text>,
    pub target_branch: Option<Text>,
    /// Since Argo CD v3.2.
    pub title: Option<Text>,
}

/// An AppProject.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AppProject {
    pub created: Option<Timestamp>,
    pub source_namespaces: Vec<Text>,
}
