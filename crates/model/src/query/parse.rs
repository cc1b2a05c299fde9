//! Query string to [`Query`]. A wrong parameter is left out and reported; the rest holds.

use super::{
    Cursor, DEFAULT_LIMIT, FilterKey, GroupKey, List, MAX_LIMIT, Moment, Query, Sort, SortKey,
    findings::{wants_closed, wants_open},
    spec::Allowed,
};
use crate::{phrase::Said, said, text::Text, time::Reckoning};

/// Longest search text and longest name, in characters; most values in one query.
const MAX_Q: usize = 200;
const MAX_NAME: usize = 253;
const MAX_VALUES: usize = 100;
const MAX_CURSOR: usize = 4_096;

/// Keys that say how to show rather than what; they belong to whoever serves the page.
const PRESENTATION: &[&str] = &["lang", "theme", "format", "view", "v"];

/// One wrong parameter.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct ParamError {
    /// The key as written.
    pub field: String,
    /// What is wrong and what would be right: goes on behind the key. The API says the English sentence.
    #[serde(serialize_with = "english")]
    pub detail: Said,
}

fn english<S: serde::Serializer>(said: &Said, to: S) -> Result<S::Ok, S::Error> {
    to.serialize_str(&said.text)
}

impl std::fmt::Display for ParamError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "`{}` {}", self.field, self.detail)
    }
}

/// What could be read, and what could not.
#[derive(Debug, Clone, PartialEq)]
pub struct Parsed {
    pub query: Query,
    pub errors: Vec<ParamError>,
}

/// Splits a query string (without `?`) into decoded pairs. What is no UTF-8 is replaced, as browsers do.
pub fn pairs(query_string: &str) -> Vec<(String, String)> {
    form_urlencoded::parse(query_string.as_bytes()).into_owned().collect()
}

impl Query {
    /// Reads the pairs of a query string. An empty value is no value, as forms send them.
    pub fn parse(list: List, pairs: &[(String, String)], reckoning: &Reckoning) -> Parsed {
        let mut reader = Reader { query: Self::new(list), errors: Vec::new(), reckoning, values: 0 };
        let mut cursor = None;
        for (key, value) in pairs {
            if value.trim().is_empty() || PRESENTATION.contains(&key.as_str()) {
                continue;
            }
            if let Some(bad) = value.chars().find(|c| c.is_control()) {
                let character = format!("U+{:04X}", u32::from(bad));
                let why = said!(
                    "control-character",
                    "must not hold the control character {character}",
                    character = character,
                );
                reader.wrong(key, why);
            } else if key == "cursor" {
                cursor = Some(value);
            } else {
                reader.read(key, value);
            }
        }
        // What has ended is looked through from the newest end.
        let sorted = pairs.iter().any(|(key, value)| key == "sort" && !value.trim().is_empty());
        if list == List::Findings && !sorted && wants_closed(&reader.query) && !wants_open(&reader.query) {
            reader.query.sort = Sort::by(SortKey::Ended);
        }
        // Last, for a cursor belongs to an order that stands elsewhere in the query string.
        if let Some(text) = cursor {
            reader.cursor(text);
        }
        Parsed { query: reader.query, errors: reader.errors }
    }

    /// As [`Query::parse`], from the query string itself.
    pub fn parse_str(list: List, query_string: &str, reckoning: &Reckoning) -> Parsed {
        Self::parse(list, &pairs(query_string), reckoning)
    }
}

struct Reader<'a> {
    query: Query,
    errors: Vec<ParamError>,
    reckoning: &'a Reckoning,
    values: usize,
}

impl Reader<'_> {
    fn wrong(&mut self, field: &str, detail: Said) {
        if self.errors.len() < MAX_VALUES {
            self.errors.push(ParamError { field: field.chars().take(MAX_NAME).collect(), detail });
        }
    }

    fn read(&mut self, key: &str, value: &str) {
        match key {
            "q" => self.search(value),
            "group" => self.group(value),
            "sort" => self.sort(value),
            "limit" => self.limit(value),
            "at" => self.query.at = self.moment(key, value),
            "since" => self.query.since = self.moment(key, value),
            "until" if self.query.list.has_until() => self.query.until = self.moment(key, value),
            _ => self.filter(key, value),
        }
    }

    fn search(&mut self, value: &str) {
        if value.chars().count() > MAX_Q {
            self.wrong("q", too_long(MAX_Q));
        } else {
            value.trim().clone_into(&mut self.query.q);
        }
    }

    fn group(&mut self, value: &str) {
        let allowed = self.query.list.groups();
        match GroupKey::parse(value).filter(|key| allowed.contains(key)) {
            Some(key) => self.query.group = Some(key),
            None => self.wrong("group", unknown(value, &spellings(allowed, |k| k.as_str()))),
        }
    }

    fn sort(&mut self, value: &str) {
        let (reverse, text) = value.strip_prefix('-').map_or((false, value), |rest| (true, rest));
        let (text, environment) = text.split_once(':').map_or((text, None), |(key, env)| (key, Some(env)));
        let list = self.query.list;
        let key = SortKey::parse(text).filter(|key| list.sorts().contains(key));
        let per_environment = list == List::Services && matches!(key, Some(SortKey::State | SortKey::Since));
        match (key, environment) {
            (None, _) => self.wrong("sort", unknown(text, &spellings(list.sorts(), |k| k.as_str()))),
            (Some(_), Some(env)) if !per_environment || env.is_empty() || env.chars().count() > MAX_NAME => {
                let why =
                    said!("sort-environment", "takes an environment only as `state:NAME` or `since:NAME`",);
                self.wrong("sort", why);
            }
            (Some(key), environment) => {
                self.query.sort = Sort { key, reverse, environment: environment.map(Text::from) };
            }
        }
    }

    fn limit(&mut self, value: &str) {
        match value.trim().parse::<usize>() {
            Ok(limit) if (1..=MAX_LIMIT).contains(&limit) => self.query.limit = limit,
            _ => self.wrong(
                "limit",
                said!(
                    "wrong-limit",
                    "must be a whole number from 1 to {most}, without it {usual}",
                    most = MAX_LIMIT.to_string(),
                    usual = DEFAULT_LIMIT,
                ),
            ),
        }
    }

    fn moment(&mut self, key: &str, value: &str) -> Option<Moment> {
        match self.reckoning.parse(value) {
            Ok(at) => return Some(Moment { text: value.trim().to_owned(), at }),
            Err(error) => self.wrong(key, error.said()),
        }
        None
    }

    fn filter(&mut self, key: &str, value: &str) {
        let filters = self.query.list.filters();
        let found = FilterKey::parse(key).and_then(|k| filters.iter().find(|(known, _)| *known == k));
        let Some((filter, allowed)) = found else {
            let why = said!(
                "no-parameter",
                "is no parameter of this list; filters are {allowed}",
                allowed = spellings(&filters, |(k, _)| k.as_str()),
            );
            return self.wrong(key, why);
        };
        self.values += 1;
        if self.values > MAX_VALUES {
            if self.values == MAX_VALUES + 1 {
                let why = said!(
                    "too-many-filters",
                    "is one of more than {most} filters in one query",
                    most = MAX_VALUES,
                );
                self.wrong(key, why);
            }
            return;
        }
        match allowed {
            Allowed::Words(words) if !words.contains(&value) => {
                self.wrong(key, unknown(value, &spellings(words, |w| w)));
            }
            Allowed::Name if value.chars().count() > MAX_NAME => {
                self.wrong(key, too_long(MAX_NAME));
            }
            _ => {
                self.query.filters.entry(*filter).or_default().insert(Text::from(value));
            }
        }
    }

    fn cursor(&mut self, text: &str) {
        let cursor = (text.len() <= MAX_CURSOR).then(|| Cursor::decode(text)).flatten();
        match cursor {
            Some(cursor) if cursor.order == self.query.order() => self.query.cursor = Some(cursor),
            Some(cursor) => {
                let (theirs, ours) = (in_words(&cursor.order), in_words(&self.query.order()));
                let why = said!(
                    "cursor-order",
                    "belongs to the order {theirs}, this list is in the order {ours}; ask in that order, or start \
                     again without it",
                    theirs = theirs,
                    ours = ours,
                );
                self.wrong("cursor", why);
            }
            None => {
                let why = said!("cursor-foreign", "is not one of ours; start again without it");
                self.wrong("cursor", why);
            }
        }
    }
}

/// An order as a query string asks for it: `services|team|-since` is `group=team&sort=-since`.
fn in_words(order: &str) -> String {
    let mut parts = order.splitn(3, '|').skip(1);
    let (group, sort) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
    let sort: String = sort.chars().take(MAX_NAME).collect();
    if group.is_empty() { format!("sort={sort}") } else { format!("group={group:.20}&sort={sort}") }
}

fn too_long(most: usize) -> Said {
    said!("too-long", "is longer than {most} characters", most = most)
}

fn unknown(value: &str, allowed: &Said) -> Said {
    let value: String = value.chars().take(60).collect();
    let value = format!("{value:?}");
    said!("unknown-value", "does not know {value}; allowed are {allowed}", value = value, allowed = allowed,)
}

fn spellings<T>(all: &[T], spell: impl Fn(&T) -> &str) -> Said {
    if all.is_empty() {
        return said!("none", "none");
    }
    Said::from(all.iter().map(spell).collect::<Vec<_>>().join(", "))
}
