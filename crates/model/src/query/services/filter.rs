//! Filters as sets of numbers, and counters that count a service once per value.

use super::{
    ANY_PREVIEW, Cell, FLAG_STALE, FLAG_UNASSIGNED, FilterKey, Kind, Names, Prepared, Query, Rule, Service,
    Severity, State,
};

/// Chosen values of each key, as numbers; `None` = nothing chosen.
pub(super) struct Filters {
    services: Option<Vec<crate::Text>>,
    teams: Option<Vec<u32>>,
    pub environments: Option<Environments>,
    states: Option<u64>,
    stale: bool,
    unassigned: bool,
    flags: bool,
    rules: Option<u64>,
    severities: Option<u64>,
    kinds: Option<u64>,
    clusters: Option<Vec<u32>>,
    instances: Option<Vec<u32>>,
}

/// Chosen environments.
pub(super) struct Environments {
    numbers: Vec<u32>,
    any_preview: bool,
}

impl Environments {
    pub fn has(&self, cell: &Cell) -> bool {
        (self.any_preview && cell.preview) || self.numbers.contains(&cell.environment)
    }
}

impl Filters {
    pub fn new(prepared: &Prepared, query: &Query) -> Self {
        let names = |key: FilterKey, names: &Names| {
            // A name that nobody has chooses nothing, rather than everything.
            let chosen = query.filters.get(&key)?;
            Some(chosen.iter().filter_map(|name| names.get(name)).collect::<Vec<_>>())
        };
        let bits = |key: FilterKey, number: fn(&str) -> Option<u32>| {
            let chosen = query.filters.get(&key)?;
            Some(chosen.iter().filter_map(|word| number(word)).fold(0_u64, |bits, number| bits | 1 << number))
        };
        Self {
            services: query.filters.get(&FilterKey::Service).map(|names| names.iter().cloned().collect()),
            teams: names(FilterKey::Team, &prepared.numbers.teams),
            environments: names(FilterKey::Env, &prepared.numbers.environments).map(|numbers| Environments {
                numbers,
                any_preview: query.is_chosen(FilterKey::Env, ANY_PREVIEW),
            }),
            states: bits(FilterKey::State, |word| State::parse(word).map(|state| state as u32)),
            stale: query.is_chosen(FilterKey::Flag, FLAG_STALE),
            unassigned: query.is_chosen(FilterKey::Flag, FLAG_UNASSIGNED),
            flags: query.filters.contains_key(&FilterKey::Flag),
            rules: bits(FilterKey::Rule, |word| Rule::parse(word).map(|rule| rule as u32)),
            severities: bits(FilterKey::Severity, |word| Severity::parse(word).map(|s| s as u32)),
            kinds: bits(FilterKey::Kind, |word| Kind::parse(word).map(|kind| kind as u32)),
            clusters: names(FilterKey::Cluster, &prepared.numbers.clusters),
            instances: names(FilterKey::Instance, &prepared.numbers.instances),
        }
    }

    /// Bits of the filters on the service itself that it fails.
    pub fn outside(&self, service: &Service, team: u32) -> u32 {
        fail(FilterKey::Service, self.services.as_ref().is_none_or(|names| names.contains(&service.name)))
            | fail(FilterKey::Team, has(self.teams.as_ref(), team))
    }

    /// Bits of the filters on environments that this one fails. A place that is empty is nothing unless `state=none`
    /// asks for it.
    pub fn failed(&self, cell: &Cell) -> u32 {
        let one = |set: Option<u64>, number: u32| set.is_none_or(|set| set & 1 << number != 0);
        let any = |set: Option<u64>, bits: u64| set.is_none_or(|set| set & bits != 0);
        let flags = !self.flags || (self.stale && cell.stale) || (self.unassigned && cell.unassigned);
        let state = one(self.states, cell.state as u32) && (!cell.empty || self.states.is_some());
        fail(FilterKey::Env, self.environments.as_ref().is_none_or(|set| set.has(cell)))
            | fail(FilterKey::State, state)
            | fail(FilterKey::Flag, flags)
            | fail(FilterKey::Rule, any(self.rules, cell.rules))
            | fail(FilterKey::Severity, any(self.severities, cell.severities.into()))
            | fail(FilterKey::Kind, any(self.kinds, cell.kinds.into()))
            | fail(FilterKey::Cluster, has(self.clusters.as_ref(), cell.cluster))
            | fail(FilterKey::Instance, has(self.instances.as_ref(), cell.instance))
    }
}

/// The key's bit where its filter does not hold.
const fn fail(key: FilterKey, holds: bool) -> u32 {
    if holds { 0 } else { bit(key) }
}

pub(super) const fn bit(key: FilterKey) -> u32 {
    1 << key as u32
}

fn has(set: Option<&Vec<u32>>, number: u32) -> bool {
    set.is_none_or(|set| set.contains(&number))
}

/// Counts per value; a service counts once per value, however many of its environments have it.
pub(super) struct Values {
    pub counts: Vec<usize>,
    last: Vec<usize>,
}

impl Values {
    pub fn new(values: usize) -> Self {
        Self { counts: vec![0; values], last: vec![usize::MAX; values] }
    }

    pub fn count(&mut self, service: usize, value: u32) {
        let value = value as usize;
        if let Some(last) = self.last.get_mut(value).filter(|last| **last != service) {
            *last = service;
            self.counts[value] += 1;
        }
    }

    pub fn count_bits(&mut self, service: usize, mut bits: u64) {
        while bits != 0 {
            self.count(service, bits.trailing_zeros());
            bits &= bits - 1;
        }
    }
}
