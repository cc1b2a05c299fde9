//! What was seen in a registry: which tag pointed at which digest from when to when, and what is behind a digest.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::Text;

/// A tag that pointed at a digest. A moved tag is a new sighting; one that is seen no more has ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sighting {
    /// Host, with its port.
    pub registry: Text,
    /// Path within the registry.
    pub repository: Text,
    pub tag: Text,
    pub digest: Text,
    pub first_seen: Timestamp,
    pub last_seen: Timestamp,
    /// By what it was seen first.
    pub seen_by: SeenBy,
}

/// How a sighting came about. A webhook tells the moment of the push; a poll only that it was before.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SeenBy {
    #[default]
    Poll,
    Webhook,
}

/// What is behind a digest: of an index one entry a platform, of an image one.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImageFacts {
    pub platforms: Vec<PlatformFacts>,
    /// Commit that it was built from, by its label.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub revision: Option<Text>,
    /// Address of the repository that holds that commit, by its label.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<Text>,
}

/// One platform of an image.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlatformFacts {
    /// `os/arch` or `os/arch/variant`.
    pub platform: Text,
    /// Of its own manifest.
    pub manifest: Text,
    /// Of its configuration: equal for two images that were built alike.
    pub config: Text,
    /// As its configuration has it; may be missing, or no time at all.
    pub created: Option<Text>,
}

impl ImageFacts {
    /// Whether a digest is this image's, as an index or as one of its platforms.
    #[must_use]
    pub fn is(&self, own: &str, digest: &str) -> bool {
        own == digest || self.platforms.iter().any(|it| *it.manifest == *digest)
    }

    /// Whether the two were built alike, whatever their index says: the same configurations.
    #[must_use]
    pub fn is_built_like(&self, other: &Self) -> bool {
        let configs = |facts: &Self| {
            let mut all: Vec<_> = facts.platforms.iter().map(|it| Text::clone(&it.config)).collect();
            all.sort();
            all.dedup();
            all
        };
        let own = configs(self);
        !own.is_empty() && own.iter().all(|it| !it.is_empty()) && own == configs(other)
    }
}
