//! Services by query, with facets and the states per column.

use std::sync::Arc;

use super::{
    Facet, FilterKey, GroupKey, Page, Prepared, Query, SortKey,
    page::{Group, cut, position},
    prepared::{Cell, NOWHERE, Names, badness, worst_severity},
    search::Terms,
    spec::{ANY_PREVIEW, FLAG_STALE, FLAG_UNASSIGNED, FLAGS},
};
use crate::{
    text::Text,
    view::Service,
    words::{Kind, Rule, Severity, State},
};

mod counts;
mod filter;

use counts::Counts;
use filter::Filters;

/// A page of services.
#[derive(Debug, Clone, PartialEq)]
pub struct Services {
    pub page: Page<Arc<Service>>,
    /// States per column over the whole selection, in the order of the columns.
    pub columns: Vec<Column>,
    /// How many of the selection rest on a silent source in some shown environment.
    pub stale: usize,
    /// How many of each group have a finding in what was chosen of them, in step with the page's groups.
    pub looks: Vec<usize>,
}

/// States of one environment over a selection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Column {
    pub environment: Text,
    /// In the order of [`State::ALL`]. Stale ones are not among them: a stale state counts as none of these.
    pub states: [usize; State::ALL.len()],
    pub stale: usize,
}

/// A service that was chosen, with what it is ordered by.
struct Chosen {
    row: usize,
    group: Key,
    value: Key,
    /// It has a finding in what was chosen of it.
    look: bool,
}

/// A number, then the alphabetical place of a text: sorting compares numbers only.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Key {
    number: i64,
    place: u32,
}

impl Key {
    const fn number(number: i64) -> Self {
        Self { number, place: 0 }
    }
}

/// Services that a query chooses.
pub fn services(prepared: &Prepared, query: &Query) -> Services {
    let snapshot = &prepared.snapshot;
    let filters = Filters::new(prepared, query);
    let terms = Terms::new(&query.q);
    let mut counts = Counts::new(prepared);
    let mut columns: Vec<Column> = snapshot.environment_order.iter().map(Column::new).collect();
    let mut stale = 0;
    let mut chosen = Vec::new();
    for (at, row) in prepared.rows.iter().enumerate() {
        if !terms.is_empty() && !terms.fit(prepared.text(at)) {
            continue;
        }
        let cells = &prepared.cells[row.cells.clone()];
        let outside = filters.outside(&snapshot.services[at], row.team);
        if let Some(severities) = counts.add(at, row.team, cells, |cell| outside | filters.failed(cell)) {
            let shown =
                |cell: &&Cell| filters.environments.as_ref().map_or(!cell.preview, |set| set.has(cell));
            for cell in cells.iter().filter(|cell| !cell.preview) {
                if let Some(column) = columns.get_mut(cell.environment as usize) {
                    if cell.stale { column.stale += 1 } else { column.states[cell.state as usize] += 1 }
                }
            }
            stale += usize::from(cells.iter().filter(shown).any(|cell| cell.stale));
            chosen.push(Chosen {
                row: at,
                group: group(prepared, query, at, cells.iter().filter(shown)),
                value: value(prepared, query, at, cells, shown),
                look: severities != 0,
            });
        }
    }
    let reverse = query.sort.reverse;
    chosen.sort_unstable_by_key(|c| {
        let place = if reverse { u32::MAX - c.value.place } else { c.value.place };
        // Rows stand by name, so their number orders as the name does.
        (c.group.number, c.group.place, c.value.number, place, c.row)
    });
    let cut = cut(query, chosen.len(), |i| {
        let (c, name) = (&chosen[i], &*snapshot.services[chosen[i].row].name);
        let value = match query.sort.key {
            SortKey::Team => team_name(prepared, c.row),
            SortKey::State | SortKey::Since | SortKey::Severity => "",
            _ => name,
        };
        position((c.group.number, group_text(prepared, query, c)), (c.value.number, value), name)
    });
    let grouped = query.group.is_some() || chosen.last().is_some_and(|c| c.group.number == UNASSIGNED);
    let (mut groups, mut looks) = (Vec::new(), Vec::new());
    if grouped {
        for run in chosen.chunk_by(|a, b| a.group == b.group) {
            let value = Text::from(group_label(prepared, query, &run[0]));
            groups.push(Group { value, count: run.len() });
            looks.push(run.iter().filter(|c| c.look).count());
        }
    }
    let shown = &chosen[cut.range.clone()];
    let label = |c: &Chosen| Text::from(group_label(prepared, query, c));
    let page = Page {
        total: chosen.len(),
        first: cut.range.start,
        items: shown.iter().map(|c| Arc::clone(&snapshot.services[c.row])).collect(),
        item_groups: if grouped { shown.iter().map(label).collect() } else { Vec::new() },
        groups,
        facets: counts.facets(prepared, query),
        next: cut.next,
        prev: cut.prev,
    };
    Services { page, columns, stale, looks }
}

/// Rank of the group of what no rule placed: always there, always last.
const UNASSIGNED: i64 = i64::MAX;

fn group_label<'a>(prepared: &'a Prepared, query: &Query, chosen: &Chosen) -> &'a str {
    if chosen.group.number == UNASSIGNED { FLAG_UNASSIGNED } else { group_text(prepared, query, chosen) }
}

fn group_text<'a>(prepared: &'a Prepared, query: &Query, chosen: &Chosen) -> &'a str {
    match query.group {
        _ if chosen.group.number == UNASSIGNED => "",
        Some(GroupKey::Team) => team_name(prepared, chosen.row),
        Some(GroupKey::State) => {
            let worst = State::ALL.iter().find(|state| badness(**state, false) == chosen.group.number);
            worst.map_or("", |state| state.as_str())
        }
        _ => "",
    }
}

fn group<'c>(prepared: &Prepared, query: &Query, row: usize, shown: impl Iterator<Item = &'c Cell>) -> Key {
    if prepared.rows[row].unassigned {
        return Key::number(UNASSIGNED);
    }
    match query.group {
        Some(GroupKey::Team) => team(prepared, row),
        Some(GroupKey::State) => {
            let worst = shown.map(|c| badness(c.state, false)).min();
            Key::number(worst.unwrap_or_else(|| badness(State::None, false)))
        }
        _ => Key::number(0),
    }
}

fn team(prepared: &Prepared, row: usize) -> Key {
    let team = prepared.rows[row].team;
    Key { number: i64::from(team == 0), place: prepared.team_ranks[team as usize] }
}

fn team_name(prepared: &Prepared, row: usize) -> &str {
    &prepared.numbers.teams.all[prepared.rows[row].team as usize]
}

/// What a service is ordered by: smaller first.
fn value(
    prepared: &Prepared,
    query: &Query,
    row: usize,
    cells: &[Cell],
    shown: impl Fn(&&Cell) -> bool,
) -> Key {
    let wanted = query.sort.environment.as_ref().map(|name| prepared.numbers.environments.get(name));
    let counted = cells.iter().filter(|cell| match wanted {
        Some(number) => Some(cell.environment) == number,
        None => shown(cell),
    });
    let turn = |number: i64| if query.sort.reverse { -number } else { number };
    match query.sort.key {
        SortKey::Team => team(prepared, row),
        SortKey::State => {
            let worst = counted.map(|c| badness(c.state, c.stale)).min();
            Key::number(worst.filter(|w| *w < badness(State::None, false)).map_or(i64::MAX, turn))
        }
        SortKey::Since => {
            let newest = counted.map(|c| c.since).filter(|since| *since != i64::MIN).max();
            Key::number(newest.map_or(i64::MAX, |since| turn(-since)))
        }
        SortKey::Severity => {
            let bits = counted.fold(0, |bits, cell| bits | cell.severities);
            Key::number(if bits == 0 { i64::MAX } else { turn(worst_severity(bits)) })
        }
        _ => Key { number: 0, place: u32::try_from(row).unwrap_or(u32::MAX) },
    }
}

/// The worst state among environments that have columns, for a roll-up; stale if any of them is.
pub fn worst_state(prepared: &Prepared, service: &Service) -> (State, bool) {
    let columns = service.environments.iter().filter(|e| !e.preview);
    let stale = columns.clone().any(|e| prepared.snapshot.is_stale(e));
    let worst = columns.map(|e| (badness(e.state, false), e.state)).min();
    (worst.map_or(State::None, |(_, state)| state), stale)
}

impl Column {
    fn new(environment: &Text) -> Self {
        Self { environment: Arc::clone(environment), states: [0; State::ALL.len()], stale: 0 }
    }

    /// How many are in this state and fresh.
    pub fn count(&self, state: State) -> usize {
        self.states[state as usize]
    }
}
