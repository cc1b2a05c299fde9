//! Images: what the pages of repositories show.

use std::sync::Arc;

use jiff::Timestamp;
use landfall_model::{
    Text, query::images::Repository, transition::Transition, updater::Explained, view::PolicyInForce,
};

use super::{Compared, Facet, NoHistory, Pager};

/// Every repository that is used.
#[derive(Debug, Clone)]
pub struct Images {
    /// Those of this page.
    pub repositories: Vec<Repository>,
    /// The tag of each that was seen last, in step; `None` where none was, or nobody looks.
    pub newest: Vec<Option<NewestTag>>,
    pub facets: Vec<Facet>,
    pub sort: String,
    pub pager: Pager,
    /// The registry, where there is only one.
    pub host: Option<String>,
    /// How many there are without any filter.
    pub unfiltered: usize,
}

/// The tag of a repository that was seen last.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewestTag {
    pub tag: String,
    pub digest: String,
    /// When it was pushed; `None`: it was there before the first look.
    pub at: Option<Timestamp>,
}

/// One repository.
#[derive(Debug, Clone)]
pub struct RepositoryPage {
    pub repository: Repository,
    /// Changes of what ran of it, newest first.
    pub changes: Vec<Arc<Transition>>,
    /// Why there are none to show.
    pub missing: Option<NoHistory>,
    /// What was seen at its registry; `None` where nobody looks, or the database is away.
    pub seen: Option<Seen>,
    /// What holds for it, a policy each, those of the most environments first.
    pub policies: Vec<InForce>,
    /// Two of its images beside each other, where they are asked for.
    pub compared: Option<Compared>,
}

/// A policy in force, and what it chooses.
#[derive(Debug, Clone)]
pub struct InForce {
    pub policy: Arc<PolicyInForce>,
    /// The references that take those in, each once; other objects' settings may differ in nothing else.
    pub patterns: Vec<Text>,
    /// Places in the repository's uses that it holds for.
    pub uses: Vec<usize>,
    /// `None` where the tags are not known.
    pub explained: Option<Explained>,
    /// How many tags were looked at, and how many there are.
    pub looked_at: usize,
    pub tags: usize,
}

/// What was seen of a repository at its registry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seen {
    /// The last look.
    pub tried_at: Timestamp,
    /// Tags of the last list that was read to its end.
    pub tags: u64,
    /// Why the last look failed.
    pub error: Option<String>,
    /// The newest first.
    pub edges: Vec<Edge>,
}

/// Sightings of one page of a search.
pub const FOUND_SIGHTINGS: usize = 30;

/// What a search found at registries.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FoundSightings {
    /// The newest first.
    pub rows: Vec<FoundSighting>,
    /// Place of the first of them, from nought.
    pub first: usize,
    pub total: usize,
    /// So many fit that some were not looked at.
    pub is_partial: bool,
}

/// A sighting that fits what was searched for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FoundSighting {
    pub repository: String,
    /// It has a page.
    pub is_used: bool,
    pub edge: Edge,
    /// Commit that the image was built from, by its label.
    pub revision: Option<String>,
    /// Service and environment of each place where it runs now.
    pub runs: Vec<(Text, Text)>,
}

/// A tag pointed at a digest, from when to when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edge {
    pub tag: String,
    pub digest: String,
    /// When the image was built, by its own word.
    pub created: Option<Timestamp>,
    pub first_seen: Timestamp,
    /// When it was pushed, by the registry's own word.
    pub pushed_at: Option<Timestamp>,
    pub last_seen: Timestamp,
    /// When it was seen not to be so any more.
    pub ended_at: Option<Timestamp>,
    /// It ended because the tag points elsewhere; else the tag is gone.
    pub moved: bool,
}
