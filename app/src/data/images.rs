//! Images: what the pages of repositories show.

use std::sync::Arc;

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
}
