//! A snapshot made ready for queries, once per snapshot.
//!
//! A step of the index changes a handful of services out of thousands: what the others are ordered, filtered and
//! searched by is taken over from the snapshot before.

use std::sync::{Arc, OnceLock};

use super::{
    images::{self, Repository},
    search,
    spec::{ANY_PREVIEW, NO_TEAM},
};
use crate::{
    text::Text,
    view::{Environment, Service, Snapshot},
    words::{Severity, State},
};

mod marks;
mod names;

use marks::{Marks, Sources};
pub(super) use names::Names;

/// A snapshot with what queries need: names as numbers, marks per environment, search texts made when first asked for.
#[derive(Debug)]
pub struct Prepared {
    pub snapshot: Arc<Snapshot>,
    pub(super) numbers: Numbers,
    /// Alphabetical place of each team, by its number.
    pub(super) team_ranks: Vec<u32>,
    pub(super) rows: Vec<Row>,
    pub(super) cells: Vec<Cell>,
    /// By name; made when first asked for.
    repositories: OnceLock<Vec<Repository>>,
    /// Search texts of findings, in step with the snapshot's.
    finding_texts: Vec<OnceLock<Arc<str>>>,
    /// How many snapshots ago names were numbered afresh.
    taken_over: u32,
}

/// Names as numbers.
#[derive(Debug, Clone, Default)]
pub(super) struct Numbers {
    pub teams: Names,
    pub environments: Names,
    pub clusters: Names,
    pub instances: Names,
}

/// One service.
#[derive(Debug)]
pub(super) struct Row {
    pub team: u32,
    pub unassigned: bool,
    pub cells: std::ops::Range<usize>,
    text: OnceLock<Arc<str>>,
}

/// One environment of a service, or the place of one that it does not have.
#[derive(Debug, Clone, Copy)]
#[expect(clippy::struct_excessive_bools, reason = "independent marks, each asked for on its own")]
pub(super) struct Cell {
    pub environment: u32,
    pub preview: bool,
    /// A column in which the service has nothing.
    pub empty: bool,
    pub state: State,
    pub stale: bool,
    pub unassigned: bool,
    /// One bit per rule, severity and kind of workload.
    pub rules: u64,
    pub severities: u32,
    pub kinds: u32,
    /// `NOWHERE` for a place that is empty.
    pub cluster: u32,
    pub instance: u32,
    /// Microseconds since 1970; `i64::MIN` where not known.
    pub since: i64,
}

/// No name.
pub(super) const NOWHERE: u32 = u32::MAX;

/// After so many snapshots names are numbered afresh: those of previews that are long gone are let go.
const AFRESH: u32 = 1_000;

impl Numbers {
    /// Columns first, so that their numbers are their order.
    fn new(columns: &[Text]) -> Self {
        let mut this = Self::default();
        for name in columns {
            this.environments.number(name);
        }
        this.environments.number(&Text::from(ANY_PREVIEW));
        this.teams.number(&Text::from(NO_TEAM));
        this
    }
}

impl Prepared {
    /// Every repository that an image names, by name.
    pub fn repositories(&self) -> &[Repository] {
        self.repositories.get_or_init(|| images::all(&self.snapshot))
    }

    /// Prepares a snapshot; what is the same as before is taken over.
    pub fn new(snapshot: &Arc<Snapshot>, before: Option<&Self>) -> Self {
        let like = before.filter(|before| before.taken_over < AFRESH && before.is_like(snapshot));
        let mut sources = Sources::default();
        let mut this = Self {
            numbers: like
                .map_or_else(|| Numbers::new(&snapshot.environment_order), |before| before.numbers.clone()),
            team_ranks: Vec::new(),
            rows: Vec::with_capacity(snapshot.services.len()),
            cells: Vec::with_capacity(before.map_or(snapshot.services.len() * 2, |b| b.cells.len() + 64)),
            finding_texts: snapshot.findings.iter().map(|_| OnceLock::new()).collect(),
            repositories: OnceLock::new(),
            snapshot: Arc::clone(snapshot),
            taken_over: like.map_or(0, |before| before.taken_over + 1),
        };
        let touched = like.map(|before| marks::touched(&before.snapshot.findings, &snapshot.findings));
        let mut marks = None;
        let mut old = before.map(|b| b.snapshot.services.iter().zip(&b.rows).peekable());
        for service in &snapshot.services {
            let mut same = None;
            if let Some(old) = &mut old {
                // Most stand where they stood: no name is compared then.
                let here = |one: &(&Arc<Service>, &Row)| Arc::ptr_eq(one.0, service);
                if !old.peek().is_some_and(here) {
                    while old.next_if(|(known, _)| known.name < service.name).is_some() {}
                }
                same = old.next_if(here).map(|(_, row)| row);
            }
            if let (Some(before), Some(row), Some(touched)) = (like, same, &touched)
                && (touched.is_empty() || !touched.contains(&*service.name))
            {
                this.take_over(before, row);
            } else {
                let marks = marks.get_or_insert_with(|| Marks::new(&snapshot.findings));
                this.push(service, marks, &mut sources, same);
            }
        }
        this.team_ranks = this.numbers.teams.ranks();
        this
    }

    /// Whether cells of an unchanged service would be the same with this snapshot: same columns, same trust in sources.
    fn is_like(&self, snapshot: &Snapshot) -> bool {
        let trusted = |snapshot: &Snapshot| -> Vec<Text> {
            let sources = snapshot.sources.values();
            sources.filter(|s| !s.state.is_untrusted()).map(|s| Arc::clone(&s.name)).collect()
        };
        self.snapshot.environment_order == snapshot.environment_order
            && trusted(&self.snapshot) == trusted(snapshot)
    }

    fn take_over(&mut self, before: &Self, row: &Row) {
        let start = self.cells.len();
        self.cells.extend_from_slice(&before.cells[row.cells.clone()]);
        self.rows.push(Row {
            team: row.team,
            unassigned: row.unassigned,
            cells: start..self.cells.len(),
            text: row.text.clone(),
        });
    }

    fn push(&mut self, service: &Service, marks: &Marks<'_>, sources: &mut Sources, same: Option<&Row>) {
        let marks = marks.of(&service.name);
        let team = service.owner.as_ref().map_or(0, |owner| self.numbers.teams.number(owner));
        let start = self.cells.len();
        for environment in &service.environments {
            let cell = self.cell(service, environment, marks.of(&environment.id), sources);
            self.cells.push(cell);
        }
        let nothing = Cell {
            environment: NOWHERE,
            preview: false,
            empty: false,
            state: State::None,
            stale: false,
            unassigned: service.unassigned,
            rules: 0,
            severities: 0,
            kinds: 0,
            cluster: NOWHERE,
            instance: NOWHERE,
            since: i64::MIN,
        };
        if service.environments.is_empty() {
            // It stands in the list all the same, with what is said of it as a whole.
            let (rules, severities) = marks.of("");
            self.cells.push(Cell { rules, severities, ..nothing });
        }
        for number in 0..u32::try_from(self.snapshot.environment_order.len()).unwrap_or_default() {
            if self.cells[start..].iter().all(|cell| cell.environment != number || cell.preview) {
                self.cells.push(Cell { environment: number, empty: true, ..nothing });
            }
        }
        self.rows.push(Row {
            team,
            unassigned: service.unassigned,
            cells: start..self.cells.len(),
            text: same.map(|row| row.text.clone()).unwrap_or_default(),
        });
    }

    fn cell(
        &mut self,
        service: &Service,
        environment: &Environment,
        (rules, severities): (u64, u32),
        sources: &mut Sources,
    ) -> Cell {
        let numbers = &mut self.numbers;
        Cell {
            environment: numbers.environments.number(&environment.name),
            preview: environment.preview,
            empty: false,
            state: environment.state,
            stale: environment.sources.iter().any(|name| sources.is_untrusted(&self.snapshot, name)),
            unassigned: service.unassigned,
            rules,
            severities,
            kinds: environment.workloads.iter().fold(0, |bits, w| bits | 1 << w.kind as u32),
            cluster: environment.cluster.as_ref().map_or(NOWHERE, |name| numbers.clusters.number(name)),
            instance: numbers.instances.number(&environment.instance),
            since: environment.since.map_or(i64::MIN, jiff::Timestamp::as_microsecond),
        }
    }

    /// How many services have an open finding.
    pub fn with_findings(&self) -> usize {
        let has = |row: &&Row| self.cells[row.cells.clone()].iter().any(|cell| cell.severities != 0);
        self.rows.iter().filter(has).count()
    }

    /// How many services no rule placed.
    pub fn unassigned(&self) -> usize {
        self.rows.iter().filter(|row| row.unassigned).count()
    }

    /// Search text of the service at this place.
    pub(super) fn text(&self, row: usize) -> &str {
        self.rows[row].text.get_or_init(|| search::service(&self.snapshot.services[row]).into())
    }

    /// Search text of the finding at this place.
    pub(super) fn finding_text(&self, at: usize) -> &str {
        self.finding_texts[at].get_or_init(|| search::finding(&self.snapshot.findings[at]).into())
    }

    /// The team of a service, `none` where nobody owns it.
    pub(super) fn team_of(&self, service: &str) -> Option<&Text> {
        let services = &self.snapshot.services;
        let at = services.binary_search_by(|s| (*s.name).cmp(service)).ok()?;
        Some(&self.numbers.teams.all[self.rows[at].team as usize])
    }
}

/// How bad a state is, worst first: the order of lists. What is stale does not count as healthy.
pub fn badness(state: State, is_stale: bool) -> i64 {
    match (state, is_stale) {
        (State::Degraded, _) => 0,
        (State::Missing, _) => 1,
        (State::Drifted, _) => 2,
        (State::Unknown, _) => 3,
        (State::Progressing, _) => 4,
        (State::Suspended, _) => 5,
        (State::Healthy, true) => 6,
        (State::Healthy, false) => 7,
        (State::None, _) => 8,
    }
}

/// Rank of the worst severity among bits; after all others where there is none.
pub(super) fn worst_severity(bits: u32) -> i64 {
    if bits == 0 {
        i64::try_from(Severity::ALL.len()).unwrap_or(i64::MAX)
    } else {
        i64::from(bits.trailing_zeros())
    }
}
