//! Sources by query.

use std::sync::Arc;

use super::{
    FilterKey, GroupKey, Page, Prepared, Query, SortKey,
    facet::count_flat,
    page::{SortedBy, cut, groups, position},
    search::{self, Terms},
};
use crate::{text::Text, view::SourceView, words::SourceState};

/// Sources that a query chooses.
pub fn sources(prepared: &Prepared, query: &Query) -> Page<Arc<SourceView>> {
    let terms = Terms::new(&query.q);
    let all = prepared.snapshot.sources.values();
    let found: Vec<_> = all.filter(|s| terms.is_empty() || terms.fit(&search::source(s))).collect();
    let value = |source: &Arc<SourceView>, key: FilterKey| match key {
        FilterKey::State => Some(Text::from(source.state.as_str())),
        FilterKey::Kind => Some(Text::from(source.kind.as_str())),
        _ => None,
    };
    let passes = |source: &Arc<SourceView>, but: Option<FilterKey>| {
        let mut keys = query.filters.keys().copied().filter(|key| Some(*key) != but);
        keys.all(|key| value(source, key).is_some_and(|value| query.admits(key, &value)))
    };
    let facets = count_flat(query, &found.iter().copied(), value, |source, key| passes(source, Some(key)));
    let mut chosen: Vec<_> = found.into_iter().filter(|source| passes(source, None)).collect();
    let group =
        |source: &SourceView| if query.group == Some(GroupKey::Kind) { source.kind.as_str() } else { "" };
    let key =
        |source: &SourceView| position((0, group(source)), value_to_sort_by(source, query), &source.name);
    let reverse = query.sort.reverse;
    chosen.sort_by_cached_key(|source| SortedBy { position: key(source), reverse });
    let cut = cut(query, chosen.len(), |i| key(chosen[i]));
    let shown = &chosen[cut.range.clone()];
    let names = |source: &&Arc<SourceView>| Text::from(group(source));
    let grouped = query.group.is_some();
    Page {
        total: chosen.len(),
        first: cut.range.start,
        items: shown.iter().map(|source| Arc::clone(source)).collect(),
        item_groups: if grouped { shown.iter().map(names).collect() } else { Vec::new() },
        groups: if grouped {
            groups(chosen.iter().map(names).collect::<Vec<_>>().iter())
        } else {
            Vec::new()
        },
        facets,
        next: cut.next,
        prev: cut.prev,
    }
}

fn value_to_sort_by<'a>(source: &'a SourceView, query: &Query) -> (i64, &'a str) {
    let turn = |number: i64| if query.sort.reverse { -number } else { number };
    match query.sort.key {
        SortKey::State => (turn(badness(source.state)), ""),
        SortKey::Age => (source.last_success.map_or(i64::MIN, |at| turn(at.as_microsecond())), ""),
        _ => (0, &source.name),
    }
}

/// How bad a state is, worst first.
fn badness(state: SourceState) -> i64 {
    match state {
        SourceState::Failing => 0,
        SourceState::Forbidden => 1,
        SourceState::Stale => 2,
        SourceState::Starting => 3,
        SourceState::Absent => 4,
        SourceState::Off => 5,
        SourceState::Ok => 6,
    }
}
