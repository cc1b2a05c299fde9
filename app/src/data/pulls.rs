//! Pull requests with their previews: what their pages show.

use std::{collections::BTreeMap, sync::Arc};

use jiff::SignedDuration;
use landfall_model::{
    Text,
    transition::Transition,
    view::{Pull, Snapshot},
    words::{PreviewState, StepKind},
};

use super::{Facet, NoHistory, Pager};

/// Every pull request that has a preview or asks for one.
#[derive(Debug, Clone)]
pub struct Previews {
    pub snapshot: Arc<Snapshot>,
    /// Those of this page.
    pub pulls: Vec<Arc<Pull>>,
    /// How many are in which state, without any filter; states with none left out.
    pub states: Vec<(PreviewState, usize)>,
    pub facets: Vec<Facet>,
    pub sort: String,
    pub pager: Pager,
    /// How many pull requests are known at all.
    pub known: usize,
    /// A forge is asked.
    pub has_forge: bool,
}

/// One pull request.
#[derive(Debug, Clone)]
pub struct PullPage {
    pub snapshot: Arc<Snapshot>,
    pub pull: Arc<Pull>,
    /// How long steps take usually, where enough previews were seen.
    pub usual: Option<Usual>,
    /// What happened to its previews, newest first.
    pub timeline: Vec<Arc<Transition>>,
    pub no_timeline: Option<NoHistory>,
    /// Labels that the generators of its repository want, one set each.
    pub labels: Vec<Vec<Text>>,
}

/// How long steps take usually.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Usual {
    /// Over how many weeks it was counted.
    pub weeks: u32,
    pub steps: BTreeMap<StepKind, UsualStep>,
}

/// How long one step takes usually.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UsualStep {
    /// Half of them took no longer.
    pub median: SignedDuration,
    /// Nine of ten took no longer.
    pub most: SignedDuration,
    /// How many were seen.
    pub seen: u32,
}
