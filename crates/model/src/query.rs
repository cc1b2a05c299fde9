//! Filter, facets, sort and paging: the same for pages, API and exports, because the query string is the same.
//!
//! ```text
//!  "team=a&state=drifted&sort=-since"  --parse-->  Query  --services / findings / sources-->  a Page
//!                       ^                            |
//!                       '------ to_query_string -----'   links: one key changed, toggled or dropped
//! ```
//!
//! * [`spec`]: which keys each list takes; [`parse`]: text to [`Query`], every error collected;
//!   [`link`]: a query back to text.
//! * [`prepared`]: a snapshot made ready for queries (dictionaries, marks per environment, search text), once per
//!   snapshot; what did not change is taken over from the one before.
//! * [`services`], [`findings`], [`sources`], [`images`], [`previews`]: the lists.
//! * [`page`]: keyset paging: each item is visited once, also while the view changes.
//!
//! Within a key values are alternatives, between keys all must hold. For services `env`, `state`, `flag`, `rule`,
//! `severity`, `kind`, `cluster` and `instance` must hold *for one and the same environment*, so
//! `env=production&state=drifted` is what it says. A facet's count is how many items selecting that value (and no
//! other of its key) would give.

pub mod cursor;
mod facet;
pub mod findings;
pub mod images;
pub mod link;
mod needle;
pub mod page;
pub mod parse;
pub mod prepared;
pub mod previews;
mod search;
pub mod services;
pub mod sources;
pub mod spec;

#[cfg(test)]
mod tests;

pub use cursor::{Cursor, Part};
pub use facet::{Facet, FacetValue};
pub use needle::Needle;
pub use page::{Group, Page};
pub use parse::{ParamError, Parsed, pairs};
pub use prepared::Prepared;
pub use services::{Column, Services, worst_state};
pub use spec::{FilterKey, GroupKey, List, SortKey};

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use crate::text::Text;

/// How many items a page has without `limit`, and at most.
pub const DEFAULT_LIMIT: usize = 100;
pub const MAX_LIMIT: usize = 1_000;

/// What is asked of a list.
#[derive(Debug, Clone, PartialEq)]
pub struct Query {
    /// The list it is for: which keys exist and what is the default.
    pub list: List,
    /// Words that must all be found; trimmed.
    pub q: String,
    /// Chosen values by key; a key without values is not there.
    pub filters: BTreeMap<FilterKey, BTreeSet<Text>>,
    pub group: Option<GroupKey>,
    pub sort: Sort,
    pub limit: usize,
    pub cursor: Option<Cursor>,
    /// The view as it was then.
    pub at: Option<Moment>,
    /// Marks what changed since then; for `/history` the start of the span.
    pub since: Option<Moment>,
    /// End of the span, `/history` and closed findings only.
    pub until: Option<Moment>,
}

impl Query {
    /// The list without any choice.
    pub fn new(list: List) -> Self {
        Self {
            list,
            q: String::new(),
            filters: BTreeMap::new(),
            group: None,
            sort: list.default_sort(),
            limit: DEFAULT_LIMIT,
            cursor: None,
            at: None,
            since: None,
            until: None,
        }
    }

    /// Chosen values of a key.
    pub fn chosen(&self, key: FilterKey) -> impl Iterator<Item = &Text> {
        self.filters.get(&key).into_iter().flatten()
    }

    /// Whether this value of this key is chosen.
    pub fn is_chosen(&self, key: FilterKey, value: &str) -> bool {
        self.filters.get(&key).is_some_and(|values| values.contains(value))
    }

    /// Whether anything narrows the list.
    pub fn is_filtered(&self) -> bool {
        !self.q.is_empty() || !self.filters.is_empty()
    }

    /// Whether a value passes a key's filter: nothing chosen, or one of the chosen.
    pub(crate) fn admits(&self, key: FilterKey, value: &str) -> bool {
        self.filters.get(&key).is_none_or(|values| values.contains(value))
    }

    /// What a cursor must have been made for: a position in another order would be meaningless.
    pub fn order(&self) -> String {
        let group = self.group.map(GroupKey::as_str).unwrap_or_default();
        format!("{}|{group}|{}", self.list.as_str(), self.sort)
    }
}

/// A moment, with the text that named it, so that `-7d` stays `-7d` in links.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Moment {
    pub text: String,
    pub at: Timestamp,
}

/// Order of a list. Each key has a natural direction (names A to Z, states and severities worst first, times newest
/// first); `reverse` turns it round. Written `since`, `-since`, `state:production`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sort {
    pub key: SortKey,
    pub reverse: bool,
    /// For `state` and `since` of services: by this environment alone.
    pub environment: Option<Text>,
}

impl Sort {
    /// In the key's natural direction.
    pub const fn by(key: SortKey) -> Self {
        Self { key, reverse: false, environment: None }
    }
}

impl std::fmt::Display for Sort {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let sign = if self.reverse { "-" } else { "" };
        write!(f, "{sign}{}", self.key.as_str())?;
        self.environment.as_ref().map_or(Ok(()), |name| write!(f, ":{name}"))
    }
}
