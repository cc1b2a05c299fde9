//! Argo CD Image Updater's objects, reduced. Field by field after `api/v1alpha1/imageupdater_types.go` of
//! argoproj-labs/argocd-image-updater, v1.0 to v1.4. Credentials are kept by the name of their secret only.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Condition, Labels};
use crate::text::Text;

/// An `ImageUpdater` object.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ImageUpdater {
    pub last_checked: Option<Timestamp>,
    pub last_updated: Option<Timestamp>,
    pub applications_matched: Option<u32>,
    pub images_managed: Option<u32>,
    /// What the last cycle that updated anything says it did, failed updates included (at most 100).
    pub recent: Vec<RecentUpdate>,
    /// Without `Reconciling`, which only says that a cycle runs.
    pub conditions: Vec<Condition>,
    /// `None` in rows of versions that did not keep it.
    #[serde(default)]
    pub spec: Option<UpdaterSpec>,
}

/// One entry of `status.recentUpdates`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecentUpdate {
    pub image: Text,
    pub new_version: Text,
    pub applications: u32,
    pub at: Option<Timestamp>,
}

/// What an `ImageUpdater` object asks for.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct UpdaterSpec {
    /// Where its Applications are, up to v1.1; later versions look in the object's own namespace.
    pub namespace: Option<Text>,
    pub settings: Option<UpdateSettings>,
    pub write_back: Option<WriteBack>,
    /// Images are verified by their signatures, `imagesVerification.enabled` (since v1.3).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub verified: Option<bool>,
    /// In the order of the object (at most 500).
    pub references: Vec<ApplicationRef>,
}

/// `commonUpdateSettings`, on any of its three levels. `None`: not set there.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct UpdateSettings {
    pub strategy: Option<Text>,
    pub force_update: Option<bool>,
    pub allow_tags: Option<Text>,
    pub ignore_tags: Option<Vec<Text>>,
    /// Where credentials are, never the credentials.
    pub pull_secret: Option<Text>,
    pub platforms: Option<Vec<Text>>,
}

/// `writeBackConfig`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct WriteBack {
    /// `argocd`, `git`, or `git:` and where credentials are.
    pub method: Option<Text>,
    pub repository: Option<Text>,
    pub branch: Option<Text>,
    /// `kustomization`, `helmvalues:path` or a path.
    pub target: Option<Text>,
    /// A pull or merge request is opened: `github` or `gitlab`.
    pub pull_request: Option<Text>,
}

/// `applicationRefs[]`: which Applications, and what is to be done with their images.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ApplicationRef {
    pub name_pattern: Text,
    pub selector: Option<Selector>,
    /// Everything is read from the Application's annotations instead (since v1.1).
    pub use_annotations: bool,
    pub settings: Option<UpdateSettings>,
    pub write_back: Option<WriteBack>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub verified: Option<bool>,
    pub images: Vec<ImageRule>,
}

/// A Kubernetes label selector.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Selector {
    pub labels: Labels,
    pub expressions: Vec<LabelExpression>,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LabelExpression {
    pub key: Text,
    /// `In`, `NotIn`, `Exists`, `DoesNotExist`.
    pub operator: Text,
    pub values: Vec<Text>,
}

/// `images[]` of a reference.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImageRule {
    pub alias: Text,
    /// `repository[:constraint]`.
    pub image: Text,
    pub settings: Option<UpdateSettings>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub verified: Option<bool>,
    pub target: ManifestTarget,
}

/// Which parameters of the manifests are written. All empty: the defaults of the kind of source.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ManifestTarget {
    pub helm_name: Option<Text>,
    pub helm_tag: Option<Text>,
    pub helm_spec: Option<Text>,
    pub kustomize_name: Option<Text>,
    /// Parameters of a plugin (since v1.3).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub plugin_name: Option<Text>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub plugin_tag: Option<Text>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub plugin_spec: Option<Text>,
}
