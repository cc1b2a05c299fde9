//! Findings by query. Open ones come from the snapshot, ended ones from history: both take the same road.

use std::sync::Arc;

use super::{
    FilterKey, GroupKey, Page, Prepared, Query, SortKey,
    facet::count_flat,
    page::{cut, groups, position},
    search::{self, Terms},
    spec::{CLOSED, NO_TEAM, OPEN},
};
use crate::{text::Text, view::Finding};

/// Whether the query asks for findings that have ended; open ones are the default.
pub fn wants_closed(query: &Query) -> bool {
    query.is_chosen(FilterKey::State, CLOSED)
}

/// Whether it asks for open ones.
pub fn wants_open(query: &Query) -> bool {
    query.is_chosen(FilterKey::State, OPEN) || !wants_closed(query)
}

/// Findings that a query chooses: open ones of the snapshot, and those of `closed` (newest first, as history gives
/// them for the span that was asked for) where it asks for them.
pub fn findings(prepared: &Prepared, closed: &[Arc<Finding>], query: &Query) -> Page<Arc<Finding>> {
    let terms = Terms::new(&query.q);
    let open = prepared.snapshot.findings.iter().enumerate();
    let open =
        open.filter(|(at, _)| terms.is_empty() || terms.fit(prepared.finding_text(*at))).map(|(_, f)| f);
    let closed = closed.iter().filter(|f| terms.is_empty() || terms.fit(&search::finding(f)));
    let found: Vec<&Arc<Finding>> = open.chain(closed).collect();

    let value = |finding: &Arc<Finding>, key: FilterKey| value_of(prepared, finding, key);
    let passes = |finding: &Arc<Finding>, but: Option<FilterKey>| {
        let state = if finding.until.is_some() { wants_closed(query) } else { wants_open(query) };
        let rest = query.filters.keys().filter(|key| **key != FilterKey::State && Some(**key) != but);
        (but == Some(FilterKey::State) || state)
            && rest.copied().all(|key| value(finding, key).is_some_and(|value| query.admits(key, &value)))
    };
    let facets = count_flat(query, &found.iter().copied(), value, |finding, key| passes(finding, Some(key)));

    let mut chosen: Vec<&Arc<Finding>> = found.into_iter().filter(|finding| passes(finding, None)).collect();
    let group = |finding: &Finding| match query.group {
        Some(GroupKey::Rule) => (0, finding.rule.as_str().to_owned()),
        Some(GroupKey::Service) => {
            (i64::from(finding.service.is_none()), finding.service.as_deref().unwrap_or_default().to_owned())
        }
        _ => (0, String::new()),
    };
    let key = |finding: &Finding| {
        let (rank, name) = group(finding);
        let (number, text) = value_to_sort_by(finding, query);
        // Equal ones stand newest first, then by id.
        let unique = format!("{:020}{}", i64::MAX.wrapping_sub(finding.since.as_microsecond()), finding.id);
        position((rank, &name), (number, text), &unique)
    };
    let reverse = query.sort.reverse;
    chosen.sort_by_cached_key(|finding| super::page::SortedBy { position: key(finding), reverse });
    let cut = cut(query, chosen.len(), |i| key(chosen[i]));
    let shown = &chosen[cut.range.clone()];
    let names = |finding: &&Arc<Finding>| Text::from(group(finding).1);
    let grouped = query.group.is_some();
    Page {
        total: chosen.len(),
        first: cut.range.start,
        items: shown.iter().map(|finding| Arc::clone(finding)).collect(),
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

fn value_to_sort_by<'a>(finding: &'a Finding, query: &Query) -> (i64, &'a str) {
    let turn = |number: i64| if query.sort.reverse { -number } else { number };
    match query.sort.key {
        SortKey::Since => (turn(-finding.since.as_microsecond()), ""),
        SortKey::Ended => (finding.until.map_or(i64::MIN, |until| turn(-until.as_microsecond())), ""),
        SortKey::Rule => (0, finding.rule.as_str()),
        SortKey::Name => (0, finding.service.as_deref().unwrap_or(&finding.subject.name)),
        _ => (turn(finding.severity as i64), ""),
    }
}

fn value_of(prepared: &Prepared, finding: &Finding, key: FilterKey) -> Option<Text> {
    match key {
        FilterKey::Service => finding.service.clone(),
        FilterKey::Team => {
            let team = finding.service.as_ref().and_then(|service| prepared.team_of(service));
            Some(team.cloned().unwrap_or_else(|| Text::from(NO_TEAM)))
        }
        FilterKey::Env => finding.environment.clone(),
        FilterKey::State => Some(Text::from(if finding.until.is_some() { CLOSED } else { OPEN })),
        FilterKey::Rule => Some(Text::from(finding.rule.as_str())),
        FilterKey::Severity => Some(Text::from(finding.severity.as_str())),
        FilterKey::Kind => Some(Text::from(finding.subject.kind.as_str())),
        _ => None,
    }
}
