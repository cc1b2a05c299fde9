//! What pages are made from. Handlers fill these; pages only show them.

use std::{collections::BTreeMap, sync::Arc};

use jiff::Timestamp;
use landfall_model::{
    Text,
    view::{Finding, Service, Snapshot},
    words::{Rule, Severity, SourceState, State},
};

use crate::{format::Clock, lang::Lang, links::Params};

mod compared;
mod history;
mod images;
mod lists;
mod pulls;
mod views;

pub use compared::*;
pub use history::*;
pub use images::*;
pub use lists::*;
pub use pulls::*;
pub use views::*;

/// Colours a reader chose.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Theme {
    /// As the reader's system says.
    #[default]
    System,
    Light,
    Dark,
}

impl Theme {
    /// The value of `?theme=` and of the cookie.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::System => "system",
            Self::Light => "light",
            Self::Dark => "dark",
        }
    }

    /// The theme with this name.
    pub fn parse(text: &str) -> Option<Self> {
        [Self::System, Self::Light, Self::Dark].into_iter().find(|theme| theme.as_str() == text)
    }

    /// The one that a click changes to.
    #[must_use]
    pub const fn next(self) -> Self {
        match self {
            Self::System => Self::Light,
            Self::Light => Self::Dark,
            Self::Dark => Self::System,
        }
    }
}

/// What every page shows around its content.
#[derive(Debug, Clone)]
pub struct Shell {
    /// Moment, zone and language. For a past view `now` is that moment, so that ages are those of then.
    pub clock: Clock,
    pub theme: Theme,
    /// Path of this page, without the query string.
    pub path: String,
    pub params: Params,
    /// The past moment that is shown.
    pub at: Option<Timestamp>,
    /// Changes since then are marked.
    pub since: Option<Timestamp>,
    /// The last review before the moment shown: its week (`W47`) and freeze.
    pub review: Review,
    /// Address of the folder with style sheet and script, without a trailing slash.
    pub assets: String,
    /// Where people reach these pages, without a trailing slash, if that is known.
    pub base: Option<String>,
    pub version: &'static str,
    pub revision: u64,
    /// Number of the newest migration that the database has.
    pub schema: Option<i64>,
    pub sources: Freshness,
    /// Open findings.
    pub findings: usize,
    /// The past moment lies in a span of which history is incomplete.
    pub gap: Option<Gap>,
    pub database: Database,
    /// Sources that were not read since the start; the view is the last known one, or empty.
    pub starting: Option<Starting>,
    pub links: Arc<DeepLinks>,
}

impl Shell {
    /// The language of the page.
    pub const fn lang(&self) -> Lang {
        self.clock.lang
    }

    /// The address of one of our pages, at the moment that is shown.
    pub fn href(&self, path: &str) -> String {
        self.params.view().on(path)
    }
}

/// The last review.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Review {
    /// `2026-W47`, as in addresses.
    pub id: String,
    pub at: Timestamp,
}

impl Review {
    /// `W47`, as it is spoken of.
    pub fn week(&self) -> String {
        self.id.split_once('-').map_or(self.id.as_str(), |(_, week)| week).to_owned()
    }
}

/// How the sources are doing, for the bar.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Freshness {
    pub fresh: usize,
    pub total: usize,
    /// Those that are not fresh, worst first.
    pub silent: Vec<Silent>,
}

/// A source that is not fresh.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Silent {
    pub name: Text,
    pub state: SourceState,
    pub last_success: Option<Timestamp>,
}

impl Freshness {
    /// From a view's sources. Those that are switched off or not installed count neither way.
    pub fn of(snapshot: &Snapshot) -> Self {
        let counted =
            snapshot.sources.values().filter(|s| !matches!(s.state, SourceState::Off | SourceState::Absent));
        let mut freshness = Self::default();
        for source in counted {
            freshness.total += 1;
            if source.state.is_untrusted() {
                freshness.silent.push(Silent {
                    name: Text::clone(&source.name),
                    state: source.state,
                    last_success: source.last_success,
                });
            } else {
                freshness.fresh += 1;
            }
        }
        freshness
            .silent
            .sort_by(|a, b| a.last_success.cmp(&b.last_success).then_with(|| a.name.cmp(&b.name)));
        freshness
    }
}

/// How the database is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Database {
    #[default]
    Ok,
    /// None is configured.
    Off,
    /// It does not answer; transitions wait.
    Away { since: Timestamp, waiting: usize },
}

/// The view before sources were read for the first time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Starting {
    /// Moment of the last known view; `None`: there is none.
    pub last_known: Option<Timestamp>,
}

/// Where the pages of other systems are.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DeepLinks {
    /// External URL of each Argo CD instance, without a trailing slash.
    pub argocd: BTreeMap<Text, Text>,
    /// By registry host: a template with `{repository}`, `{tag}` and `{digest}`.
    pub registries: BTreeMap<Text, Text>,
    /// By a forge's host, with its port where it has one: how it writes addresses.
    pub forges: BTreeMap<Text, crate::links::Forge>,
}

/// The board.
#[derive(Debug, Clone)]
pub struct Board {
    pub snapshot: Arc<Snapshot>,
    /// What happened since the last review; `None` where there is no history.
    pub since_review: Option<ReviewCounts>,
    /// Findings to show above the matrix, worst first, and how many there are in all.
    pub look: Vec<Arc<Finding>>,
    /// Columns, in order.
    pub columns: Vec<Column>,
    pub groups: Vec<Group>,
    pub facets: Vec<Facet>,
    pub views: Vec<SavedView>,
    /// Values of `group` that may be chosen; the first is the one without a parameter.
    pub group_choices: Vec<&'static str>,
    pub group: String,
    pub sort_choices: Vec<&'static str>,
    pub sort: String,
    pub pager: Pager,
    /// Services without any filter.
    pub unfiltered: usize,
    /// Services among the matching ones that rest on a source that is silent.
    pub stale: usize,
    /// Worst open finding of each service that has one.
    pub worst: BTreeMap<Text, Arc<Finding>>,
    /// Ids of environments that changed since `?since=`.
    pub changed: std::collections::BTreeSet<Text>,
}

/// Counts from history since the last review.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ReviewCounts {
    /// When history begins, where that is after the review: it knows nothing of before.
    pub begins: Option<Timestamp>,
    pub deploys: u64,
    pub failed: u64,
    pub rolled_back: u64,
    pub opened: u64,
    pub closed: u64,
}

/// One environment's column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Column {
    pub name: Text,
    /// What its values come from.
    pub sources: Vec<Text>,
    /// How many of the matching services are in which state, in the order of [`State::ALL`], zeros left out.
    pub states: Vec<(State, usize)>,
    /// How many rest on a source that is silent: they count in none of the states.
    pub stale: usize,
}

/// Rows under one heading.
#[derive(Debug, Clone)]
pub struct Group {
    /// `None`: the list is not grouped.
    pub title: Option<GroupTitle>,
    pub services: Vec<Arc<Service>>,
}

/// A group's heading.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GroupTitle {
    /// Key and value of the filter that shows this group alone; `None` for the group without a value.
    pub filter: Option<(&'static str, Text)>,
    pub name: Option<Text>,
    /// Services of this group on all pages.
    pub total: usize,
    /// Of them, with an open finding.
    pub look: usize,
    /// What no rule could place.
    pub unassigned: bool,
}

/// A filter with the values it may have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Facet {
    /// The query parameter.
    pub key: &'static str,
    pub options: Vec<FacetOption>,
}

/// One value of a filter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FacetOption {
    pub value: Text,
    /// Matches under all other filters; `None` where they are not counted.
    pub count: Option<usize>,
    pub chosen: bool,
}

/// Which part of a list is shown.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Pager {
    /// 1-based; 0 of an empty list.
    pub from: usize,
    pub to: usize,
    pub total: usize,
    pub limit: usize,
    pub limits: Vec<usize>,
    /// Cursor of the next part.
    pub next: Option<String>,
    /// Cursor of the part before; empty for the first part.
    pub previous: Option<String>,
}

/// Findings by how much they matter.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct SeverityCounts {
    pub critical: usize,
    pub warning: usize,
    pub notice: usize,
}

impl SeverityCounts {
    /// Counts findings.
    pub fn of<'a>(findings: impl IntoIterator<Item = &'a Arc<Finding>>) -> Self {
        let mut counts = Self::default();
        for finding in findings {
            match finding.severity {
                Severity::Critical => counts.critical += 1,
                Severity::Warning => counts.warning += 1,
                Severity::Notice => counts.notice += 1,
            }
        }
        counts
    }
}

/// How often a rule fired.
pub type RuleCount = (Rule, usize);
