//! Keyset paging over items in order.

use std::cmp::Ordering;

use super::{Cursor, Facet, Part, Query};
use crate::text::Text;

/// One page of a list.
#[derive(Debug, Clone, PartialEq)]
pub struct Page<T> {
    /// How many the whole selection has.
    pub total: usize,
    /// Number of the first item shown, from 0.
    pub first: usize,
    pub items: Vec<T>,
    /// The group of each item, in step with `items`; empty when not grouped.
    pub item_groups: Vec<Text>,
    /// Every group of the selection, in order; empty when not grouped.
    pub groups: Vec<Group>,
    pub facets: Vec<Facet>,
    /// Place of the next page, if there is one.
    pub next: Option<Cursor>,
    /// Place of the page before, if there is one.
    pub prev: Option<Cursor>,
}

/// One group of a selection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    pub value: Text,
    pub count: usize,
}

/// Where a page begins and ends among sorted items.
pub(super) struct Cut {
    pub range: std::ops::Range<usize>,
    pub next: Option<Cursor>,
    pub prev: Option<Cursor>,
}

/// Cuts a page out of `len` sorted items, whose positions `key` gives.
pub(super) fn cut(query: &Query, len: usize, key: impl Fn(usize) -> Vec<Part>) -> Cut {
    // Index of the first item that is at or behind (`or_equal`), or truly behind, a position.
    let first = |position: &[Part], or_equal: bool| {
        let (mut low, mut high) = (0, len);
        while low < high {
            let middle = usize::midpoint(low, high);
            let order = compare(&key(middle), position, query.sort.reverse);
            if order.is_gt() || (or_equal && order.is_eq()) { high = middle } else { low = middle + 1 }
        }
        low
    };
    let range = match &query.cursor {
        None => 0..query.limit.min(len),
        Some(cursor) if cursor.before => {
            let end = first(&cursor.key, true);
            end.saturating_sub(query.limit)..end
        }
        Some(cursor) => {
            let start = first(&cursor.key, false);
            start..(start + query.limit).min(len)
        }
    };
    let place = |i: usize, before: bool| Cursor { order: query.order(), before, key: key(i) };
    let next = match range.end {
        end if end == len => None,
        // Before the first item, because items went away: the next page is the first one.
        0 => Some(Cursor { order: query.order(), before: false, key: Vec::new() }),
        end => Some(place(end - 1, false)),
    };
    let prev = match range.start {
        0 => None,
        start if start < len => Some(place(start, true)),
        _ => {
            // Past the end, because items went away: the page before is the last one, its last item included.
            let mut behind = place(len - 1, true);
            behind.key.push(Part::Number(0));
            Some(behind)
        }
    };
    Cut { range, next, prev }
}

/// A position: group (rank, then name), value (number, then text), and what makes it unique.
pub(super) fn position(group: (i64, &str), value: (i64, &str), name: &str) -> Vec<Part> {
    vec![
        Part::Number(group.0),
        Part::Text(group.1.to_owned()),
        Part::Number(value.0),
        Part::Text(value.1.to_owned()),
        Part::Text(name.to_owned()),
    ]
}

/// Which part a reversed order turns round: the text of the value. Numbers are turned by their sign, so that "not
/// known" stays last both ways.
const VALUE_TEXT: usize = 3;

fn compare(a: &[Part], b: &[Part], reverse: bool) -> Ordering {
    for (i, (a, b)) in a.iter().zip(b).enumerate() {
        let order = if reverse && i == VALUE_TEXT { b.cmp(a) } else { a.cmp(b) };
        if order.is_ne() {
            return order;
        }
    }
    a.len().cmp(&b.len())
}

/// A position as a key to sort by.
#[derive(PartialEq, Eq)]
pub(super) struct SortedBy {
    pub position: Vec<Part>,
    pub reverse: bool,
}

impl Ord for SortedBy {
    fn cmp(&self, other: &Self) -> Ordering {
        compare(&self.position, &other.position, self.reverse)
    }
}

impl PartialOrd for SortedBy {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// Counts runs of equal groups in sorted order.
pub(super) fn groups<'a>(sorted: impl Iterator<Item = &'a Text>) -> Vec<Group> {
    let mut groups: Vec<Group> = Vec::new();
    for value in sorted {
        match groups.last_mut() {
            Some(group) if group.value == *value => group.count += 1,
            _ => groups.push(Group { value: value.clone(), count: 1 }),
        }
    }
    groups
}
