//! Images: what the pages of repositories show.

use std::sync::Arc;

use jiff::Timestamp;
use landfall_model::{query::images::Repository, transition::Transition};

use super::{Facet, NoHistory, Pager};

/// Every repository that is used.
#[derive(Debug, Clone)]
pub struct Images {
    /// Those of this page.
    pub repositories: Vec<Repository>,
    pub facets: Vec<Facet>,
    pub sort: String,
    pub pager: Pager,
    /// How many there are without any filter.
    pub unfiltered: usize,
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
