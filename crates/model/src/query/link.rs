//! A query back to its text: links for facets, sorting, paging and saved views are built here and nowhere else.

use super::{Cursor, DEFAULT_LIMIT, FilterKey, GroupKey, List, Moment, Query, Sort, SortKey};
use crate::text::Text;

impl Query {
    /// The canonical query string, without `?`: keys in one order, defaults left out, so that equal queries have
    /// equal text (and one place in the page cache).
    pub fn to_query_string(&self) -> String {
        let mut text = form_urlencoded::Serializer::new(String::new());
        for (key, value) in self.pairs() {
            text.append_pair(key, &value);
        }
        text.finish()
    }

    /// The same as pairs, for the hidden fields of a form.
    pub fn pairs(&self) -> Vec<(&'static str, String)> {
        let mut pairs = Vec::new();
        if !self.q.is_empty() {
            pairs.push(("q", self.q.clone()));
        }
        for (key, values) in &self.filters {
            pairs.extend(values.iter().map(|value| (key.as_str(), value.to_string())));
        }
        if let Some(group) = self.group {
            pairs.push(("group", group.as_str().to_owned()));
        }
        if self.sort != self.list.default_sort() {
            pairs.push(("sort", self.sort.to_string()));
        }
        if self.limit != DEFAULT_LIMIT {
            pairs.push(("limit", self.limit.to_string()));
        }
        let moments = [("at", &self.at), ("since", &self.since), ("until", &self.until)];
        pairs.extend(
            moments.into_iter().filter_map(|(key, moment)| Some((key, moment.as_ref()?.text.clone()))),
        );
        if let Some(cursor) = &self.cursor {
            pairs.push(("cursor", cursor.encode()));
        }
        pairs
    }

    /// `path?query`, or the path alone where nothing is asked.
    pub fn href(&self, path: &str) -> String {
        let query = self.to_query_string();
        if query.is_empty() { path.to_owned() } else { format!("{path}?{query}") }
    }

    /// From the first page. Every change of what is shown starts there.
    #[must_use]
    pub fn from_start(mut self) -> Self {
        self.cursor = None;
        self
    }

    /// With this value chosen if it was not, and not if it was.
    #[must_use]
    pub fn toggled(&self, key: FilterKey, value: &str) -> Self {
        let mut query = self.clone().from_start();
        let values = query.filters.entry(key).or_default();
        if !values.remove(value) {
            values.insert(Text::from(value));
        }
        if values.is_empty() {
            query.filters.remove(&key);
        }
        query
    }

    /// With this value alone chosen for the key.
    #[must_use]
    pub fn only(&self, key: FilterKey, value: &str) -> Self {
        let mut query = self.clone().from_start();
        query.filters.insert(key, [Text::from(value)].into());
        query
    }

    /// Without anything chosen for the key.
    #[must_use]
    pub fn without(&self, key: FilterKey) -> Self {
        let mut query = self.clone().from_start();
        query.filters.remove(&key);
        query
    }

    /// Without search and filters; order, grouping and moment stay.
    #[must_use]
    pub fn unfiltered(&self) -> Self {
        let mut query = self.clone().from_start();
        query.q.clear();
        query.filters.clear();
        query
    }

    /// With another search text.
    #[must_use]
    pub fn searching(&self, q: &str) -> Self {
        let mut query = self.clone().from_start();
        q.trim().clone_into(&mut query.q);
        query
    }

    /// Ordered by this key; the same key again turns the direction round.
    #[must_use]
    pub fn sorted(&self, key: SortKey, environment: Option<&str>) -> Self {
        let mut query = self.clone().from_start();
        let same = query.sort.key == key && query.sort.environment.as_deref() == environment;
        query.sort =
            Sort { key, reverse: same && !query.sort.reverse, environment: environment.map(Text::from) };
        query
    }

    /// Grouped by this key, or not at all.
    #[must_use]
    pub fn grouped(&self, group: Option<GroupKey>) -> Self {
        let mut query = self.clone().from_start();
        query.group = group;
        query
    }

    /// With another number of items.
    #[must_use]
    pub fn limited(&self, limit: usize) -> Self {
        let mut query = self.clone().from_start();
        query.limit = limit;
        query
    }

    /// At this place of the list.
    #[must_use]
    pub fn at_cursor(&self, cursor: Option<Cursor>) -> Self {
        let mut query = self.clone();
        query.cursor = cursor;
        query
    }

    /// Of another moment, or now.
    #[must_use]
    pub fn as_of(&self, at: Option<Moment>) -> Self {
        let mut query = self.clone().from_start();
        query.at = at;
        query
    }

    /// The same choice on another list, as far as that list knows the keys.
    #[must_use]
    pub fn on(&self, list: List) -> Self {
        let mut query = Self::new(list);
        query.q.clone_from(&self.q);
        query.at.clone_from(&self.at);
        query.since.clone_from(&self.since);
        let known = list.filters();
        for (key, values) in &self.filters {
            let shared = match known.iter().find(|(k, _)| k == key) {
                Some((_, super::spec::Allowed::Name)) => values.clone(),
                Some((_, super::spec::Allowed::Words(words))) => {
                    values.iter().filter(|v| words.contains(&&***v)).cloned().collect()
                }
                None => continue,
            };
            if !shared.is_empty() {
                query.filters.insert(*key, shared);
            }
        }
        query
    }
}
