//! What the configuration tells the model: mapping rules, destinations, grace times.

use std::collections::BTreeMap;

use jiff::SignedDuration;
use serde::{Deserialize, Serialize};

use crate::{
    text::Text,
    words::{ForgeKind, Rule, Severity},
};

/// Everything the index needs to know beside observations.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Settings {
    pub clusters: Vec<ClusterSettings>,
    pub instances: Vec<InstanceSettings>,
    #[serde(default)]
    pub registries: Vec<RegistrySettings>,
    #[serde(default)]
    pub forges: Vec<ForgeSettings>,
    pub environments: Vec<EnvironmentRule>,
    /// Catalogue of services; empty means discovery.
    pub catalog: Vec<CatalogEntry>,
    /// Environments in which findings are critical. Default: `production`.
    pub critical_in: Vec<Text>,
    /// Overrides of grace and severity per rule.
    pub rules: BTreeMap<Rule, RuleSettings>,
    /// Kept per source: how long it may be silent. Default 3 × its usual interval, at least two minutes.
    pub stale_after: BTreeMap<Text, SignedDuration>,
    /// For deep links: `host` of a registry or forge to a URL template.
    pub links: BTreeMap<Text, Text>,
}

/// One cluster, source `cluster/NAME`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClusterSettings {
    pub name: Text,
}

/// One Argo CD, source `argocd/NAME`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InstanceSettings {
    pub name: Text,
    /// Where its Applications live.
    pub cluster: Text,
    /// External URL for links, without a trailing slash.
    pub url: Option<Text>,
    /// Namespace of the control plane; Applications elsewhere are written `namespace/name`.
    pub namespace: Text,
    pub destinations: Vec<DestinationRule>,
    /// How often its Image Updater looks (`--interval`).
    #[serde(default = "updater_interval")]
    pub updater_interval: SignedDuration,
}

/// How often Image Updater looks where nobody says otherwise.
pub const UPDATER_INTERVAL: SignedDuration = SignedDuration::from_mins(2);

const fn updater_interval() -> SignedDuration {
    UPDATER_INTERVAL
}

/// One registry that is asked, source `registry/HOST`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RegistrySettings {
    pub host: Text,
    /// How often it is looked at.
    #[serde(default)]
    pub interval: SignedDuration,
}

/// One forge that is asked, source `forge/NAME`. The first one is where `/pr/{path}/{number}` leads.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ForgeSettings {
    pub name: Text,
    pub kind: ForgeKind,
    /// Its address for people, such as `https://github.com`, without a trailing slash.
    pub url: Text,
    /// How often its lists are looked at.
    #[serde(default)]
    pub interval: SignedDuration,
}

impl ForgeSettings {
    /// Name of the source.
    #[must_use]
    pub fn source(&self) -> Text {
        Text::from(format!("forge/{}", self.name))
    }
}

/// Which of our clusters a destination is. Without a rule `https://kubernetes.default.svc` and `in-cluster` mean the
/// instance's own cluster, and a destination name equal to a cluster's name means that cluster.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DestinationRule {
    pub server: Option<Text>,
    pub name: Option<Text>,
    pub cluster: Text,
}

/// First rule that fits names the environment. All given patterns must fit (globs: `*`, `?`, `{a,b}`).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct EnvironmentRule {
    pub name: Text,
    pub order: Option<i32>,
    pub cluster: Option<Text>,
    pub namespace: Option<Text>,
    /// `key=glob`.
    pub label: Option<(Text, Text)>,
    pub application: Option<Text>,
    /// A preview belongs to a pull request and has no column of its own.
    pub preview: bool,
}

/// A service of the catalogue.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CatalogEntry {
    pub name: Text,
    pub owner: Option<Text>,
    /// Applications that belong to it: globs of `name` or `instance:namespace/name`.
    pub applications: Vec<Text>,
    /// Container whose image is the primary one.
    pub container: Option<Text>,
    /// Repository on the forge, for links.
    pub repository: Option<Text>,
}

/// Grace and severity of one rule.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RuleSettings {
    /// Opens after this time.
    pub after: Option<SignedDuration>,
    pub severity: Option<Severity>,
    pub off: bool,
}
