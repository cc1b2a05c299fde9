use std::{collections::BTreeSet, sync::Arc};

use jiff::Timestamp;
use proptest::prelude::*;

use super::{spec::*, *};
use crate::{
    time::{Reckoning, ReviewSchedule},
    view::*,
    words::*,
};

mod finding;
mod fleet;
mod image;
mod prepared;
mod service;
mod text;

use fleet::{fleet, now};

fn reckoning() -> Reckoning {
    Reckoning { now: now(), review: ReviewSchedule::default() }
}

fn query(list: List, text: &str) -> Query {
    let parsed = Query::parse_str(list, text, &reckoning());
    assert_eq!(parsed.errors, [], "{text}");
    parsed.query
}

fn names(services: &Services) -> Vec<&str> {
    services.page.items.iter().map(|s| &*s.name).collect()
}

/// Any query of a list that parses without an error, as text.
fn any_query(list: List) -> impl Strategy<Value = String> {
    let filters: Vec<_> = list
        .filters()
        .into_iter()
        .map(|(key, allowed)| {
            let values: Vec<String> = match allowed {
                Allowed::Words(words) => words.into_iter().map(str::to_owned).collect(),
                Allowed::Name => fleet::NAMES.iter().map(|name| (*name).to_owned()).collect(),
            };
            let value = prop::sample::select(values);
            prop::collection::vec(value, 0..3).prop_map(move |values| (key, values)).boxed()
        })
        .collect();
    let most = filters.len().min(3);
    let few = prop::sample::subsequence(filters, 0..=most).prop_flat_map(|chosen| chosen);
    let sorts: Vec<SortKey> = list.sorts().to_vec();
    let groups: Vec<Option<GroupKey>> =
        std::iter::once(None).chain(list.groups().iter().copied().map(Some)).collect();
    let words =
        prop::sample::select(vec!["", "", "", "service-1", "2026", "abc123", "shop registry.example"]);
    (few, prop::sample::select(sorts), any::<bool>(), prop::sample::select(groups), 1_usize..40, words)
        .prop_map(move |(filters, sort, reverse, group, limit, q)| {
            let mut query = Query::new(list);
            q.clone_into(&mut query.q);
            for (key, values) in filters {
                if !values.is_empty() {
                    query.filters.insert(key, values.into_iter().map(crate::Text::from).collect());
                }
            }
            query.sort = Sort { key: sort, reverse, environment: None };
            query.group = group;
            query.limit = limit;
            query.to_query_string()
        })
}

/// Walks all pages forwards, then all the way back; each item once, in the same order.
fn walk<T: Clone>(query: &Query, page: impl Fn(&Query) -> Page<T>, id: impl Fn(&T) -> String) -> Vec<String> {
    let mut forwards = Vec::new();
    let mut at = query.clone();
    let last = loop {
        let shown = page(&at);
        assert_eq!(shown.first, forwards.len());
        forwards.extend(shown.items.iter().map(&id));
        assert!(shown.items.len() <= query.limit);
        match &shown.next {
            Some(next) => at = query.at_cursor(Some(next.clone())),
            None => break shown,
        }
    };
    assert_eq!(forwards.len(), last.total);
    let mut backwards: Vec<String> = Vec::new();
    let mut shown = last;
    loop {
        backwards.splice(0..0, shown.items.iter().map(&id));
        match &shown.prev {
            Some(prev) => shown = page(&query.at_cursor(Some(prev.clone()))),
            None => break,
        }
    }
    assert_eq!(forwards, backwards);
    forwards
}
