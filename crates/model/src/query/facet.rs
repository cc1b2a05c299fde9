//! Facets: for each key, each value with how many items choosing it would give.

use std::collections::HashMap;

use super::{FilterKey, Query};
use crate::text::Text;

/// One key with its values.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Facet {
    pub key: FilterKey,
    /// Words in their own order, names by alphabet; values with no item only where they are chosen.
    pub values: Vec<FacetValue>,
}

/// One value of a facet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FacetValue {
    pub value: Text,
    /// Items that choosing this value alone for its key would give, other keys as they are.
    pub count: usize,
    pub selected: bool,
}

impl Facet {
    /// Keeps what has items or is chosen, and adds what was chosen but is nowhere.
    pub(super) fn new(
        query: &Query,
        key: FilterKey,
        counts: impl IntoIterator<Item = (Text, usize)>,
    ) -> Self {
        let mut values: Vec<FacetValue> = counts
            .into_iter()
            .map(|(value, count)| FacetValue { selected: query.is_chosen(key, &value), value, count })
            .filter(|v| v.count > 0 || v.selected)
            .collect();
        for chosen in query.chosen(key) {
            if !values.iter().any(|v| v.value == *chosen) {
                values.push(FacetValue { value: chosen.clone(), count: 0, selected: true });
            }
        }
        Self { key, values }
    }
}

/// Counts for items that have at most one value per key. `passes(item, key)` says whether the item passes every filter
/// but that key's.
pub(super) fn count_flat<'a, T: 'a>(
    query: &Query,
    items: &(impl Iterator<Item = &'a T> + Clone),
    value: impl Fn(&'a T, FilterKey) -> Option<Text>,
    passes: impl Fn(&'a T, FilterKey) -> bool,
) -> Vec<Facet> {
    query
        .list
        .filters()
        .into_iter()
        .map(|(key, allowed)| {
            let mut counts: HashMap<Text, usize> = HashMap::new();
            for item in items.clone() {
                if let Some(value) = value(item, key).filter(|_| passes(item, key)) {
                    *counts.entry(value).or_default() += 1;
                }
            }
            let mut counts: Vec<_> = counts.into_iter().collect();
            match allowed {
                super::spec::Allowed::Name => counts.sort_unstable(),
                super::spec::Allowed::Words(words) => {
                    counts.sort_by_key(|(value, _)| words.iter().position(|word| **word == **value));
                }
            }
            Facet::new(query, key, counts)
        })
        .collect()
}
