//! What is known of one image of one Application at one moment.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};

use super::{Expected, Push};
use crate::{
    Text,
    finding::proof,
    image::{ImageFacts, Sighting},
    observe::Operation,
    phrase::Said,
    updater::settings::ImageSettings,
    view::Proof,
    words::SyncStatus,
};

/// What is known of one image of one Application at one moment.
#[derive(Debug)]
pub struct Situation<'a> {
    pub now: Timestamp,
    /// `None`: nothing manages the image; `tried` says what was looked at.
    pub settings: Option<&'a ImageSettings>,
    /// References that do not take the Application in, each with why.
    pub tried: &'a [(Text, Said)],
    /// Whether the Application reports the image, or it is forced.
    pub live: bool,
    pub reported: &'a [Text],
    /// Platform that the updater runs on; empty: not known.
    pub own_platforms: &'a [String],
    /// Every sighting of the repository, those that ended included.
    pub sightings: &'a [Sighting],
    /// By digest.
    pub facts: &'a BTreeMap<Text, ImageFacts>,
    /// Push times from elsewhere: webhooks, vendors, the forge.
    pub pushes: &'a [Push],
    /// The tag that the build of the branch's head pushed, where that is known.
    pub head: Option<&'a str>,
    pub running: &'a [Running],
    /// Tag, or digest, that the desired state asks for.
    pub meant: Option<&'a str>,
    pub updater: Updater<'a>,
    pub registry: Registry,
    /// What the updater wrote, and what undid it; oldest first.
    pub writes: &'a [Write],
    pub sync: Option<SyncStatus>,
    pub operation: Option<&'a Operation>,
    /// What holds the pods up, in the words of the cluster.
    pub trouble: Option<&'a str>,
    pub sources: Sources<'a>,
}

/// Names of the sources, for the proof.
#[derive(Debug, Clone, Copy)]
pub struct Sources<'a> {
    pub registry: &'a Text,
    pub argocd: &'a Text,
    pub cluster: &'a Text,
}

/// An image that pods run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Running {
    pub tag: Option<Text>,
    pub digest: Text,
}

/// How the updater is doing.
#[derive(Debug, Clone, Copy)]
pub struct Updater<'a> {
    pub interval: SignedDuration,
    /// `None`: it says nowhere when it looked (v0.x).
    pub last_checked: Option<Timestamp>,
    /// Message of `Error=True`. `Ready` stays true with partial errors.
    pub error: Option<&'a str>,
    /// When its pod started: a date that it read since is never read again. `None`: not known, taken as long ago.
    pub started: Option<Timestamp>,
}

/// How the registry is doing.
#[derive(Debug, Clone)]
pub struct Registry {
    pub poll: SignedDuration,
    /// Until then tags were read that had been there before the first look. `None`: that was the first sighting.
    pub beginning: Option<Timestamp>,
    /// The last list that came to its end.
    pub listed: Option<Timestamp>,
    /// Why it cannot be read now.
    pub error: Option<Said>,
}

/// A change of the image in the desired state.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Write {
    pub at: Timestamp,
    /// Tag or digest.
    pub to: Text,
    pub by_updater: bool,
}

impl<'a> Situation<'a> {
    /// Within max(one poll of the registry, two intervals of the updater) it may still come.
    pub(super) fn is_early(&self, expected: &Expected) -> bool {
        let patience = self.registry.poll.max(self.updater.interval.saturating_mul(2));
        expected.at.is_some_and(|at| self.now.duration_since(at) < patience)
    }

    /// Whether every pod runs this image, as an index or as a platform of it.
    pub(super) fn runs(&self, digest: &str) -> bool {
        !self.running.is_empty() && self.running.iter().all(|it| self.is_same(Some(digest), &it.digest))
    }

    pub(super) fn is_same(&self, a: Option<&str>, b: &str) -> bool {
        let Some(a) = a else { return false };
        let is = |own: &str, other: &str| self.facts.get(own).is_some_and(|it| it.is(own, other));
        a == b || is(a, b) || is(b, a)
    }

    /// Tags as they are now: the last sighting of each, unless a later list came to its end without it.
    pub(super) fn present(&self) -> Vec<&'a Sighting> {
        let mut newest: BTreeMap<&str, &Sighting> = BTreeMap::new();
        for sighting in self.sightings {
            let kept = newest.entry(&sighting.tag).or_insert(sighting);
            if (sighting.last_seen, sighting.first_seen) > (kept.last_seen, kept.first_seen) {
                *kept = sighting;
            }
        }
        newest
            .into_values()
            .filter(|it| self.registry.listed.is_none_or(|listed| it.last_seen >= listed))
            .collect()
    }

    pub(super) fn seen(&self, what: Said, value: impl Into<Said>, as_of: Option<Timestamp>) -> Proof {
        proof(what, value, self.sources.registry, as_of)
    }

    pub(super) fn argocd(&self, what: Said, value: impl Into<Said>, as_of: Option<Timestamp>) -> Proof {
        proof(what, value, self.sources.argocd, as_of)
    }
}
