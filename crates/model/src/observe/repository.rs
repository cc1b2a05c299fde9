//! A repository of a registry, reduced to what rules need: where its tags point and pointed, and what is behind.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{
    image::{ImageFacts, SeenBy, Sighting},
    phrase::Said,
    text::Text,
};

/// What is known of a repository. Nothing in it moves with every look: what only says that all is as it was is no change.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Repository {
    /// Tags of the last whole list; more than there are edges where some were left out.
    pub tags: u64,
    /// Until then tags were read that had been there before the first look: when they came was not seen. `None`: that
    /// still goes on.
    pub settled_at: Option<Timestamp>,
    /// By tag, then in time. Of a large repository those that a policy ranks last, those that were seen last, and those
    /// that are in use.
    pub edges: Vec<Edge>,
    /// By digest; of one that cannot be read without a date.
    pub facts: BTreeMap<Text, ImageFacts>,
    /// Why it cannot be read now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<Said>,
}

/// A tag pointed at a digest from a moment on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Edge {
    pub tag: Text,
    pub digest: Text,
    pub first_seen: Timestamp,
    /// When it was seen not to be so any more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended_at: Option<Timestamp>,
    pub seen_by: SeenBy,
    /// The registry's own word.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pushed_at: Option<Timestamp>,
}

impl Repository {
    /// Where tags point now.
    pub fn open(&self) -> impl Iterator<Item = &Edge> {
        self.edges.iter().filter(|edge| edge.ended_at.is_none())
    }

    /// Whether two digests are the same image, as an index or as one of its platforms.
    #[must_use]
    pub fn is_same(&self, a: &str, b: &str) -> bool {
        let is = |own: &str, other: &str| self.facts.get(own).is_some_and(|it| it.is(own, other));
        a == b || is(a, b) || is(b, a)
    }

    /// The edges as sightings; open ones as seen at `seen`.
    #[must_use]
    pub fn sightings(&self, registry: &Text, repository: &Text, seen: Timestamp) -> Vec<Sighting> {
        let sighting = |edge: &Edge| Sighting {
            registry: Text::clone(registry),
            repository: Text::clone(repository),
            tag: Text::clone(&edge.tag),
            digest: Text::clone(&edge.digest),
            first_seen: edge.first_seen,
            // It was not seen at the moment at which it was seen to have ended.
            last_seen: edge.ended_at.map_or(seen.max(edge.first_seen), |ended| {
                let before = ended.checked_sub(jiff::SignedDuration::from_micros(1)).unwrap_or(ended);
                before.max(edge.first_seen)
            }),
            seen_by: edge.seen_by,
        };
        self.edges.iter().map(sighting).collect()
    }
}
