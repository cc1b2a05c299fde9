//! Pull requests with their previews by query.

use std::{collections::BTreeSet, sync::Arc};

use jiff::Timestamp;

use super::{
    FilterKey, Page, Prepared, Query, SortKey,
    facet::Facet,
    page::{SortedBy, cut, position},
    search::{self, Terms},
    spec::{Allowed, FLAG_STALE, NO_TEAM},
};
use crate::{text::Text, view::Pull, view::Snapshot, words::PreviewState};

/// Pull requests that a query chooses: without a choice of state those that have a preview or ask for one.
pub fn previews(prepared: &Prepared, query: &Query) -> Page<Arc<Pull>> {
    let terms = Terms::new(&query.q);
    let snapshot = &prepared.snapshot;
    let fits = |pull: &&Arc<Pull>| terms.is_empty() || terms.fit(&search::pull(pull));
    let found: Vec<&Arc<Pull>> = snapshot.pulls.iter().filter(fits).collect();
    let any_state = !query.filters.contains_key(&FilterKey::State);
    let passes = |pull: &Pull, but: Option<FilterKey>| {
        if any_state && but != Some(FilterKey::State) && !is_current(pull) {
            return false;
        }
        let mut keys = query.filters.keys().copied().filter(|key| Some(*key) != but);
        keys.all(|key| values(prepared, pull, key).iter().any(|value| query.admits(key, value)))
    };
    let facets = query
        .list
        .filters()
        .into_iter()
        .map(|(key, allowed)| {
            let mut counts: std::collections::BTreeMap<Text, usize> = std::collections::BTreeMap::new();
            for pull in found.iter().filter(|pull| passes(pull, Some(key))) {
                for value in values(prepared, pull, key) {
                    *counts.entry(value).or_default() += 1;
                }
            }
            let mut counts: Vec<_> = counts.into_iter().collect();
            if let Allowed::Words(words) = allowed {
                counts.sort_by_key(|(value, _)| words.iter().position(|word| **word == **value));
            }
            Facet::new(query, key, counts)
        })
        .collect();
    let mut chosen: Vec<&Arc<Pull>> = found.into_iter().filter(|pull| passes(pull, None)).collect();
    let key = |pull: &Pull| {
        let (number, text) = value_to_sort_by(pull, snapshot, query);
        position((0, ""), (number, &text), &unique(pull))
    };
    let reverse = query.sort.reverse;
    chosen.sort_by_cached_key(|pull| SortedBy { position: key(pull), reverse });
    let cut = cut(query, chosen.len(), |i| key(chosen[i]));
    Page {
        total: chosen.len(),
        first: cut.range.start,
        items: chosen[cut.range].iter().map(|pull| Arc::clone(pull)).collect(),
        item_groups: Vec::new(),
        groups: Vec::new(),
        facets,
        next: cut.next,
        prev: cut.prev,
    }
}

/// Whether it has a preview or asks for one.
pub fn is_current(pull: &Pull) -> bool {
    !matches!(pull.state, PreviewState::None | PreviewState::Ended)
}

/// Whether any source that it rests on is silent.
pub fn is_stale(pull: &Pull, snapshot: &Snapshot) -> bool {
    pull.sources.iter().any(|name| snapshot.sources.get(name).is_none_or(|s| s.state.is_untrusted()))
}

/// When its oldest preview was made, else when the pull request was.
pub fn began(pull: &Pull) -> Option<Timestamp> {
    let of_previews = pull.previews.iter().filter_map(|preview| preview.created).min();
    of_previews.or_else(|| pull.request.as_ref().and_then(|request| request.created))
}

/// Equal ones stand oldest first: what has been waiting longest.
fn unique(pull: &Pull) -> String {
    let began = began(pull).map_or(i64::MAX, Timestamp::as_microsecond);
    format!("{:020}{}", began.max(0), pull.id)
}

fn value_to_sort_by(pull: &Pull, snapshot: &Snapshot, query: &Query) -> (i64, String) {
    let turn = |number: i64| if query.sort.reverse { -number } else { number };
    match query.sort.key {
        SortKey::Since => (began(pull).map_or(i64::MAX, |at| turn(-at.as_microsecond())), String::new()),
        SortKey::Name => {
            let (repository, number) = (pull.repository.as_deref().unwrap_or("\u{10ffff}"), pull.number);
            (0, format!("{repository} {:020} {}", number.unwrap_or_default(), pull.id))
        }
        // What rests on a silent source stands behind what is stuck and before what goes well.
        _ => {
            let rank = match pull.state {
                PreviewState::Stuck => 0,
                PreviewState::Leftover => 1,
                _ if is_stale(pull, snapshot) => 2,
                PreviewState::Going => 3,
                PreviewState::Waiting => 4,
                PreviewState::Unknown => 5,
                PreviewState::Ready => 6,
                PreviewState::Ended => 7,
                PreviewState::None => 8,
            };
            (turn(rank), String::new())
        }
    }
}

/// Its values for a key; several where it has several previews.
fn values(prepared: &Prepared, pull: &Pull, key: FilterKey) -> BTreeSet<Text> {
    let services = || pull.previews.iter().filter_map(|preview| preview.service.as_ref());
    match key {
        FilterKey::State => [Text::from(pull.state.as_str())].into(),
        FilterKey::Service => services().cloned().collect(),
        FilterKey::Team => {
            let teams: BTreeSet<Text> =
                services().filter_map(|service| prepared.team_of(service)).cloned().collect();
            if teams.is_empty() { [Text::from(NO_TEAM)].into() } else { teams }
        }
        FilterKey::Flag if is_stale(pull, &prepared.snapshot) => [Text::from(FLAG_STALE)].into(),
        FilterKey::Instance => pull.previews.iter().filter_map(|preview| preview.instance.clone()).collect(),
        _ => BTreeSet::new(),
    }
}
