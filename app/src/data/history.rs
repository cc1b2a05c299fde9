//! History: what pages with transitions show.

use std::sync::Arc;

use jiff::Timestamp;
use landfall_model::{Text, phrase::Said, transition::Transition, view::Finding, words::TransitionKind};

use super::{Facet, Pager};

/// The history page.
#[derive(Debug, Clone)]
pub struct History {
    /// Why there is none to show; everything else is then empty.
    pub missing: Option<NoHistory>,
    /// Oldest moment that is known.
    pub first: Option<Timestamp>,
    /// From and to of the part that is shown.
    pub from: Timestamp,
    pub to: Timestamp,
    /// Transitions of it under all filters.
    pub total: u64,
    pub bad: u64,
    /// Equal slices of time from `from` to `to`, oldest first.
    pub histogram: Vec<Bar>,
    pub gaps: Vec<Gap>,
    /// How many of each kind, under all filters but this one.
    pub kinds: Vec<(TransitionKind, u64, bool)>,
    pub facets: Vec<Facet>,
    /// Newest first.
    pub transitions: Vec<Arc<Transition>>,
    pub pager: Pager,
    pub comparison: Option<Comparison>,
}

/// Why history cannot be shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoHistory {
    Off,
    Away,
    /// Nothing was recorded yet at the moment asked for.
    BeforeFirst,
}

/// One slice of the histogram.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Bar {
    pub good: u64,
    pub bad: u64,
}

/// A time of which nothing is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Gap {
    pub from: Timestamp,
    pub to: Timestamp,
    pub why: Said,
}

/// Two moments beside each other.
#[derive(Debug, Clone, PartialEq)]
pub struct Comparison {
    pub from: Timestamp,
    pub to: Timestamp,
    /// `to` is now.
    pub to_now: bool,
    pub worse: Vec<Difference>,
    pub better: Vec<Difference>,
    pub other: Vec<Difference>,
    /// How many there are beyond those listed: worse, better, other.
    pub more: (usize, usize, usize),
}

/// One environment, then and now.
#[derive(Debug, Clone, PartialEq)]
pub struct Difference {
    pub service: Text,
    pub environment: Text,
    pub was: Side,
    pub is: Side,
    /// When it became so, where known.
    pub changed: Option<Timestamp>,
}

/// One side of a difference; all `None`: it was not there.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Side {
    pub tag: Option<Text>,
    pub digest: Option<Text>,
    pub state: Option<landfall_model::words::State>,
}

/// Findings, open or closed.
#[derive(Debug, Clone)]
pub struct Findings {
    /// Closed ones are shown.
    pub closed: bool,
    pub open_total: usize,
    pub closed_total: Option<u64>,
    pub counts: super::SeverityCounts,
    /// Since the last review.
    pub opened_since: Option<u64>,
    pub closed_since: Option<u64>,
    /// The ones of this page, worst first, then newest.
    pub findings: Vec<Arc<Finding>>,
    pub facets: Vec<Facet>,
    pub rules: Vec<super::RuleCount>,
    /// Show one line per rule instead.
    pub by_rule: bool,
    pub pager: Pager,
    pub missing: Option<NoHistory>,
}
