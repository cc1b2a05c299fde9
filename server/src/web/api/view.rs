//! What lists have in common: the query, the view it is asked of, the envelope.

use std::sync::Arc;

use jiff::Timestamp;
use landfall_model::{
    Text,
    query::{Cursor, Facet, List, Page, ParamError, Prepared, Query, pairs},
};
use serde::Serialize;
use serde_json::value::RawValue;

use super::{Ask, Format, JSON, Reply, csv, to_json, types};
use crate::web::{Problem, history, respond};

/// A query with the view it is asked of.
pub(super) struct View {
    pub query: Query,
    pub prepared: Arc<Prepared>,
    /// The moment of the view.
    pub as_of: Timestamp,
    pub now: Timestamp,
}

/// How many lines a list without `limit` has as CSV or JSON Lines.
pub(super) const MOST_LINES: usize = 100_000;

/// Reads the query and finds the view: the live one, or that of `at`.
pub(super) async fn view(ask: &Ask<'_>, list: List) -> Result<View, Problem> {
    view_without(ask, list, &[]).await
}

/// The same, where `own` are parameters that the answer reads itself.
pub(super) async fn view_without(ask: &Ask<'_>, list: List, own: &[&str]) -> Result<View, Problem> {
    let mut query = parse_without(ask, list, own)?;
    let given = pairs(ask.query).iter().any(|(key, value)| key == "limit" && !value.is_empty());
    if ask.format != Format::Json && !given {
        query.limit = MOST_LINES;
    }
    let (prepared, as_of, now) = of_moment(ask, query.at.as_ref().map(|moment| moment.at)).await?;
    Ok(View { query, prepared, as_of, now })
}

/// The view of a moment, or the live one.
pub(super) async fn of_moment(
    ask: &Ask<'_>,
    at: Option<Timestamp>,
) -> Result<(Arc<Prepared>, Timestamp, Timestamp), Problem> {
    let (state, now) = (ask.state, ask.state.now());
    let Some(at) = at else {
        let prepared = state.prepared();
        let as_of = prepared.snapshot.as_of.unwrap_or(now);
        return Ok((prepared, as_of, now));
    };
    let store = state.history.as_deref().ok_or_else(history::no_database)?;
    let past = state.past.get(store, at, now, &state.live()).await?;
    Ok((Arc::clone(&past.prepared), at, now))
}

/// The query alone; every wrong parameter is named.
pub(super) fn parse(ask: &Ask<'_>, list: List) -> Result<Query, Problem> {
    parse_without(ask, list, &[])
}

fn parse_without(ask: &Ask<'_>, list: List, own: &[&str]) -> Result<Query, Problem> {
    let mut asked = pairs(ask.query);
    asked.retain(|(key, _)| !own.contains(&key.as_str()));
    let parsed = Query::parse(list, &asked, &ask.state.reckoning());
    if parsed.errors.is_empty() { Ok(parsed.query) } else { Err(Problem::parameters(parsed.errors)) }
}

/// `format=json|csv`, for history `jsonl` as well.
pub(super) fn format(query: &str, lines: bool) -> Result<Format, Problem> {
    match pairs(query).iter().rev().find(|(key, _)| key == "format").map(|(_, value)| value.as_str()) {
        None | Some("" | "json") => Ok(Format::Json),
        Some("csv") => Ok(Format::Csv),
        Some("jsonl") if lines => Ok(Format::Lines),
        Some(_) => Err(Problem::from(ParamError {
            field: "format".to_owned(),
            detail: format!("must be json or csv{}", if lines { " or jsonl" } else { "" }).into(),
        })),
    }
}

#[derive(Serialize)]
struct Envelope<'a> {
    revision: u64,
    as_of: Timestamp,
    stale: Vec<Text>,
    /// Null where it is not counted.
    total: Option<usize>,
    items: &'a RawValue,
    next: Option<String>,
    prev: Option<String>,
    facets: Vec<types::Facet>,
    #[serde(skip_serializing_if = "Option::is_none")]
    gaps: Option<Vec<types::Gap>>,
}

#[derive(Serialize)]
struct One<'a> {
    revision: u64,
    as_of: Timestamp,
    stale: Vec<Text>,
    item: &'a RawValue,
}

/// What stands around the items of a list.
#[derive(Default)]
pub(super) struct Around {
    pub total: Option<usize>,
    pub next: Option<Cursor>,
    pub prev: Option<Cursor>,
    pub facets: Vec<types::Facet>,
    pub gaps: Option<Vec<types::Gap>>,
}

impl Around {
    pub fn of<T>(page: &Page<T>) -> Self {
        Self {
            total: Some(page.total),
            next: page.next.clone(),
            prev: page.prev.clone(),
            facets: page.facets.iter().map(facet).collect(),
            gaps: None,
        }
    }
}

fn facet(facet: &Facet) -> types::Facet {
    let values = facet.values.iter().map(|value| types::FacetValue {
        value: Text::clone(&value.value),
        count: value.count,
        selected: value.selected,
    });
    types::Facet { key: facet.key.as_str(), values: values.collect() }
}

fn raw(value: &impl Serialize) -> Result<Box<RawValue>, Problem> {
    serde_json::value::to_raw_value(value).map_err(|error| {
        tracing::error!(%error, "an answer cannot be written as JSON");
        Problem::internal()
    })
}

/// A list as JSON. Its tag leaves out the moment of asking.
pub(super) fn list(view: &View, items: &impl Serialize, around: Around) -> Result<Reply, Problem> {
    let items = raw(items)?;
    let envelope = Envelope {
        revision: view.prepared.snapshot.revision,
        as_of: view.as_of,
        stale: view.prepared.snapshot.stale_sources(),
        total: around.total,
        items: &items,
        next: around.next.as_ref().map(Cursor::encode),
        prev: around.prev.as_ref().map(Cursor::encode),
        facets: around.facets,
        gaps: around.gaps,
    };
    let meta = to_json(&(
        envelope.revision,
        &envelope.stale,
        envelope.total,
        &envelope.next,
        &envelope.facets,
        &envelope.gaps,
    ))?;
    let tag = respond::tag_of([&*meta, items.get().as_bytes()]);
    Ok(Reply {
        content_type: JSON,
        tag,
        body: to_json(&envelope)?,
        next: around.next.map(|next| link(view, &next)),
    })
}

/// One object as JSON.
pub(super) fn one(prepared: &Prepared, as_of: Timestamp, item: &impl Serialize) -> Result<Reply, Problem> {
    let item = raw(item)?;
    let (revision, stale) = (prepared.snapshot.revision, prepared.snapshot.stale_sources());
    let tag = respond::tag_of([&*to_json(&(revision, &stale))?, item.get().as_bytes()]);
    let body = to_json(&One { revision, as_of, stale, item: &item })?;
    Ok(Reply { content_type: JSON, tag, body, next: None })
}

/// A list as CSV.
pub(super) fn table(view: &View, table: csv::Table, next: Option<&Cursor>) -> Reply {
    let next = next.map(|next| link(view, next));
    Reply { next, ..Reply::text(super::CSV, table.finish()) }
}

/// Query string of the next page, for `Link: rel="next"`.
pub(super) fn link(view: &View, next: &Cursor) -> String {
    view.query.at_cursor(Some(next.clone())).to_query_string()
}
