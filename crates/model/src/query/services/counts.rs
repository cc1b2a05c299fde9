//! Facets of services, counted in the same walk that chooses them.

use super::{
    ANY_PREVIEW, Cell, FLAG_STALE, FLAG_UNASSIGNED, FLAGS, Facet, FilterKey, Kind, NOWHERE, Names, Prepared,
    Query, Rule, Severity, State, Text,
    filter::{Values, bit},
};

/// Counts of each value: how many services choosing it alone for its key would give.
pub(super) struct Counts {
    /// Number of the word for any preview among the environments.
    any_preview: u32,
    teams: Values,
    environments: Values,
    states: Values,
    flags: Values,
    rules: Values,
    severities: Values,
    kinds: Values,
    clusters: Values,
    instances: Values,
}

impl Counts {
    pub fn new(prepared: &Prepared) -> Self {
        let names = |names: &Names| Values::new(names.all.len());
        Self {
            any_preview: prepared.numbers.environments.get(ANY_PREVIEW).unwrap_or(NOWHERE),
            teams: names(&prepared.numbers.teams),
            environments: names(&prepared.numbers.environments),
            states: Values::new(State::ALL.len()),
            flags: Values::new(FLAGS.len()),
            rules: Values::new(Rule::ALL.len()),
            severities: Values::new(Severity::ALL.len()),
            kinds: Values::new(Kind::ALL.len()),
            clusters: names(&prepared.numbers.clusters),
            instances: names(&prepared.numbers.instances),
        }
    }

    /// Counts one service. `failed` says which filters an environment fails. Where one fails none the service is
    /// chosen: gives the severities of findings of those that do.
    pub fn add(
        &mut self,
        row: usize,
        team: u32,
        cells: &[Cell],
        failed: impl Fn(&Cell) -> u32,
    ) -> Option<u32> {
        let mut chosen = None;
        for cell in cells {
            let failed = failed(cell);
            if failed.count_ones() > 1 {
                continue;
            }
            if failed == 0 {
                chosen = Some(chosen.unwrap_or_default() | cell.severities);
            }
            // It would be chosen if this key's filter were let go.
            let without = |key: FilterKey| failed & !bit(key) == 0;
            if without(FilterKey::Team) {
                self.teams.count(row, team);
            }
            if without(FilterKey::Env) && cell.environment != NOWHERE {
                self.environments.count(row, cell.environment);
                if cell.preview {
                    self.environments.count(row, self.any_preview);
                }
            }
            if without(FilterKey::State) {
                self.states.count(row, cell.state as u32);
            }
            if without(FilterKey::Flag) {
                for (number, holds) in (0..).zip([cell.stale, cell.unassigned]) {
                    if holds {
                        self.flags.count(row, number);
                    }
                }
            }
            if without(FilterKey::Rule) {
                self.rules.count_bits(row, cell.rules);
            }
            if without(FilterKey::Severity) {
                self.severities.count_bits(row, cell.severities.into());
            }
            if without(FilterKey::Kind) {
                self.kinds.count_bits(row, cell.kinds.into());
            }
            if without(FilterKey::Cluster) {
                self.clusters.count(row, cell.cluster);
            }
            if without(FilterKey::Instance) {
                self.instances.count(row, cell.instance);
            }
        }
        chosen
    }

    pub fn facets(&self, prepared: &Prepared, query: &Query) -> Vec<Facet> {
        let words = |all: Vec<&str>, values: &Values| -> Vec<(Text, usize)> {
            all.into_iter().map(Text::from).zip(values.counts.iter().copied()).collect()
        };
        let names = |names: &Names, values: &Values| -> Vec<(Text, usize)> {
            let mut all: Vec<_> = names.all.iter().cloned().zip(values.counts.iter().copied()).collect();
            all.retain(|(name, _)| !name.is_empty());
            all.sort_unstable();
            all
        };
        // Columns in their order, then previews as one; a single preview only where it is chosen.
        let columns = prepared.snapshot.environment_order.len();
        let environments =
            prepared.numbers.environments.all.iter().cloned().zip(self.environments.counts.iter().copied());
        let environments: Vec<_> = environments
            .enumerate()
            .filter(|(i, (name, _))| {
                *i < columns || **name == *ANY_PREVIEW || query.is_chosen(FilterKey::Env, name)
            })
            .map(|(_, counted)| counted)
            .collect();
        vec![
            Facet::new(query, FilterKey::Team, names(&prepared.numbers.teams, &self.teams)),
            Facet::new(query, FilterKey::Env, environments),
            Facet::new(query, FilterKey::State, words(spelled(State::ALL, State::as_str), &self.states)),
            Facet::new(query, FilterKey::Flag, words(vec![FLAG_STALE, FLAG_UNASSIGNED], &self.flags)),
            Facet::new(query, FilterKey::Rule, words(spelled(Rule::ALL, Rule::as_str), &self.rules)),
            Facet::new(
                query,
                FilterKey::Severity,
                words(spelled(Severity::ALL, Severity::as_str), &self.severities),
            ),
            Facet::new(query, FilterKey::Kind, words(spelled(Kind::ALL, Kind::as_str), &self.kinds)),
            Facet::new(query, FilterKey::Cluster, names(&prepared.numbers.clusters, &self.clusters)),
            Facet::new(query, FilterKey::Instance, names(&prepared.numbers.instances, &self.instances)),
        ]
    }
}

fn spelled<T: Copy>(all: &[T], spell: impl Fn(T) -> &'static str) -> Vec<&'static str> {
    all.iter().map(|word| spell(*word)).collect()
}
