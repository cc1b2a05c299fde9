//! A snapshot made ready for queries, once per snapshot.

use std::{
    collections::HashMap,
    sync::{Arc, OnceLock},
};

use super::{
    search,
    spec::{ANY_PREVIEW, NO_TEAM},
};
use crate::{
    text::Text,
    view::{Environment, Service, Snapshot},
    words::{Severity, State},
};

/// A snapshot with what queries need: names as numbers, marks per environment, search texts made when first asked for.
#[derive(Debug)]
pub struct Prepared {
    pub snapshot: Arc<Snapshot>,
    pub(super) teams: Names,
    /// Alphabetical place of each team, by its number.
    pub(super) team_ranks: Vec<u32>,
    pub(super) environments: Names,
    pub(super) clusters: Names,
    pub(super) instances: Names,
    pub(super) rows: Vec<Row>,
    pub(super) cells: Vec<Cell>,
    /// Search texts of findings, in step with the snapshot's.
    finding_texts: Vec<OnceLock<Arc<str>>>,
}

/// One service.
#[derive(Debug)]
pub(super) struct Row {
    pub team: u32,
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
    pub rules: u32,
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

/// Names as numbers.
#[derive(Debug, Default)]
pub(super) struct Names {
    pub all: Vec<Text>,
    numbers: HashMap<Text, u32>,
    /// The last numbers given, by address: a fleet repeats few shared strings, which need no hashing then.
    recent: [Option<(usize, u32)>; 32],
}

impl Names {
    fn number(&mut self, name: &Text) -> u32 {
        let address = Arc::as_ptr(name).cast::<u8>().addr();
        let slot = (address >> 5) % self.recent.len();
        if let Some((known, number)) = self.recent[slot]
            && known == address
            // The address of an empty or freed string may be another's by now.
            && Arc::ptr_eq(&self.all[number as usize], name)
        {
            return number;
        }
        let number = self.numbers.get(name).copied().unwrap_or_else(|| {
            let number = u32::try_from(self.all.len()).unwrap_or(NOWHERE);
            self.all.push(Arc::clone(name));
            self.numbers.insert(Arc::clone(name), number);
            number
        });
        self.recent[slot] = Some((address, number));
        number
    }

    /// The number of a known name.
    pub fn get(&self, name: &str) -> Option<u32> {
        self.numbers.get(name).copied()
    }

    /// Place of each name in their alphabetical order, by number.
    fn ranks(&self) -> Vec<u32> {
        let mut by_name: Vec<u32> = (0..).take(self.all.len()).collect();
        by_name.sort_unstable_by(|a, b| self.all[*a as usize].cmp(&self.all[*b as usize]));
        let mut ranks = vec![0; by_name.len()];
        for (rank, number) in (0..).zip(by_name) {
            ranks[number as usize] = rank;
        }
        ranks
    }
}

/// What findings say of one service.
#[derive(Default)]
struct Marks<'a> {
    /// By environment id; `None` = the service as a whole, which holds for each of its environments.
    of: Vec<(Option<&'a str>, u32, u32)>,
}

impl Marks<'_> {
    fn of(&self, id: &str) -> (u32, u32) {
        let fits = self.of.iter().filter(|(about, ..)| about.is_none_or(|about| about == id));
        fits.fold((0, 0), |(rules, severities), (_, rule, severity)| (rules | rule, severities | severity))
    }
}

/// Which sources cannot be relied on, asked for once each.
#[derive(Default)]
struct Sources {
    names: Names,
    untrusted: Vec<bool>,
}

impl Sources {
    fn is_untrusted(&mut self, snapshot: &Snapshot, name: &Text) -> bool {
        let number = self.names.number(name) as usize;
        if number == self.untrusted.len() {
            self.untrusted.push(snapshot.sources.get(name).is_none_or(|source| source.state.is_untrusted()));
        }
        self.untrusted[number]
    }
}

impl Prepared {
    /// Prepares a snapshot; search texts of services that are the same as before are taken over.
    pub fn new(snapshot: &Arc<Snapshot>, before: Option<&Self>) -> Self {
        let mut sources = Sources::default();
        let mut this = Self {
            teams: Names::default(),
            team_ranks: Vec::new(),
            environments: Names::default(),
            clusters: Names::default(),
            instances: Names::default(),
            rows: Vec::with_capacity(snapshot.services.len()),
            cells: Vec::with_capacity(snapshot.services.len() * 2),
            finding_texts: snapshot.findings.iter().map(|_| OnceLock::new()).collect(),
            snapshot: Arc::clone(snapshot),
        };
        // Columns first, so that their numbers are their order.
        for name in &snapshot.environment_order {
            this.environments.number(name);
        }
        this.environments.number(&Text::from(ANY_PREVIEW));
        this.teams.number(&Text::from(NO_TEAM));
        let mut marks: HashMap<&str, Marks<'_>> = HashMap::new();
        for finding in &snapshot.findings {
            if let Some(service) = &finding.service {
                let bits = (
                    finding.environment_id.as_deref(),
                    1 << finding.rule as u32,
                    1 << finding.severity as u32,
                );
                marks.entry(service).or_default().of.push(bits);
            }
        }
        let none = Marks::default();
        let mut old = before.map(|b| b.snapshot.services.iter().zip(&b.rows).peekable());
        for service in &snapshot.services {
            let text = OnceLock::new();
            if let Some(old) = &mut old {
                while old.next_if(|(s, _)| s.name < service.name).is_some() {}
                if let Some((_, row)) = old.next_if(|(s, _)| Arc::ptr_eq(s, service))
                    && let Some(known) = row.text.get()
                {
                    let _ = text.set(Arc::clone(known));
                }
            }
            this.push(service, marks.get(&*service.name).unwrap_or(&none), &mut sources, text);
        }
        this.team_ranks = this.teams.ranks();
        this
    }

    fn push(
        &mut self,
        service: &Service,
        marks: &Marks<'_>,
        sources: &mut Sources,
        text: OnceLock<Arc<str>>,
    ) {
        let team = service.owner.as_ref().map_or(0, |owner| self.teams.number(owner));
        let start = self.cells.len();
        for environment in &service.environments {
            let cell = self.cell(service, environment, marks, sources);
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
        self.rows.push(Row { team, cells: start..self.cells.len(), text });
    }

    fn cell(
        &mut self,
        service: &Service,
        environment: &Environment,
        marks: &Marks<'_>,
        sources: &mut Sources,
    ) -> Cell {
        let (rules, severities) = marks.of(&environment.id);
        Cell {
            environment: self.environments.number(&environment.name),
            preview: environment.preview,
            empty: false,
            state: environment.state,
            stale: environment.sources.iter().any(|name| sources.is_untrusted(&self.snapshot, name)),
            unassigned: service.unassigned,
            rules,
            severities,
            kinds: environment.workloads.iter().fold(0, |bits, w| bits | 1 << w.kind as u32),
            cluster: environment.cluster.as_ref().map_or(NOWHERE, |name| self.clusters.number(name)),
            instance: self.instances.number(&environment.instance),
            since: environment.since.map_or(i64::MIN, jiff::Timestamp::as_microsecond),
        }
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
        Some(&self.teams.all[self.rows[at].team as usize])
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
