//! `/history`.

use std::{collections::BTreeSet, sync::Arc, time::Duration};

use jiff::Timestamp;
use landfall_app::{
    data::{Bar, Comparison, Facet, FacetOption, Gap, History, NoHistory, Pager, Shell},
    pages,
};
use landfall_model::{
    Text,
    query::{FilterKey, List, ParamError, Query},
    said,
    words::TransitionKind,
};

use super::{Ask, compare};
use crate::{
    store::{Bucket, HistoryQuery, StoreError},
    web::{self, Problem, api},
};

/// Bars of the histogram.
const BARS: u32 = 96;
/// Transitions of a page, unless another number is asked for: a deployment is ten of them and one line.
const STRETCH: usize = 150;
/// Parameters that only this page has: the two moments that are compared, and whether all lines of that are wanted.
const OWN: &[&str] = &["from", "to", "compare"];
/// Environments up to which two moments are compared without being asked.
const SMALL: usize = 4_000;

pub(super) async fn page(ask: &Ask) -> Result<String, Problem> {
    let mut query = ask.query(List::History, OWN)?;
    if ask.params.get("limit").is_none() {
        query.limit = STRETCH;
    }
    let (compare_from, compare_to) = (ask.moment("from")?, ask.moment("to")?);
    let rows = match ask.params.get("compare") {
        None => compare::SHOWN,
        Some("all") => compare::AT_MOST,
        Some(_) => {
            let detail = said!("wrong-compare", "must be `all`, or be left out");
            return Err(ParamError { field: "compare".to_owned(), detail }.into());
        }
    };
    let at = query.at.as_ref().map(|m| m.at);
    // What stands around a page of the past is of that time too; where it cannot be read the page says why.
    let snapshot = match ask.view(at).await {
        Ok(view) => Arc::clone(&view.prepared.snapshot),
        Err(_) => ask.state.live(),
    };
    let shell = ask.shell(&snapshot, at, None);
    let since = query.since.as_ref().map_or(shell.review.at, |m| m.at);
    let mut asked = api::history::history_query(&query, shell.clock.now)?;
    asked.since = Some(since);
    let until = asked.until.unwrap_or(shell.clock.now);
    let blank = |why, first| History {
        missing: Some(why),
        first,
        from: since,
        to: until,
        total: 0,
        bad: 0,
        histogram: Vec::new(),
        gaps: Vec::new(),
        kinds: Vec::new(),
        facets: Vec::new(),
        transitions: Vec::new(),
        pager: Pager::default(),
        comparison: None,
    };
    let Some(history) = ask.state.history.as_deref() else {
        return Ok(pages::history(&blank(NoHistory::Off, None), &shell));
    };
    let data = match read(history, &query, &asked, since, until).await {
        Ok(data) if data.first.is_none_or(|first| first > until) => blank(NoHistory::BeforeFirst, data.first),
        Ok(mut data) => {
            data.facets = facets(ask, &query);
            data.comparison = comparison(ask, &shell, &data, (compare_from, compare_to), rows).await?;
            data
        }
        Err(StoreError::BadCursor(why)) => return Err(StoreError::BadCursor(why).into()),
        Err(error) => {
            tracing::warn!(%error, "history cannot be read");
            blank(NoHistory::Away, None)
        }
    };
    Ok(pages::history(&data, &shell))
}

async fn read(
    history: &dyn web::history::History,
    query: &Query,
    asked: &HistoryQuery,
    since: Timestamp,
    until: Timestamp,
) -> Result<History, StoreError> {
    let span = until.duration_since(since).unsigned_abs().max(Duration::from_secs(1));
    let width = (span / BARS).max(Duration::from_mins(1));
    let buckets = history.histogram(asked, since, until, width).await?;
    let any_kind = HistoryQuery { kinds: Vec::new(), cursor: None, ..asked.clone() };
    let counts = history.counts_by_kind(&any_kind).await?;
    let page = history.page(asked).await?;
    let gaps = history.gaps(since).await?;
    let first = history.earliest().await?;
    let chosen = |kind: TransitionKind| query.is_chosen(FilterKey::Kind, kind.as_str());
    let mut kinds: Vec<_> = counts.iter().map(|c| (c.kind, c.count, chosen(c.kind))).collect();
    kinds.extend(
        TransitionKind::ALL
            .iter()
            .filter(|k| chosen(**k) && !counts.iter().any(|c| c.kind == **k))
            .map(|k| (*k, 0, true)),
    );
    kinds.sort_by(|a, b| b.1.cmp(&a.1).then(a.0.cmp(&b.0)));
    let bars = bars(&buckets, since, span, width);
    Ok(History {
        missing: None,
        first,
        from: since,
        to: until,
        total: bars.iter().map(|b| b.good + b.bad).sum(),
        bad: bars.iter().map(|b| b.bad).sum(),
        histogram: bars,
        gaps: gaps
            .into_iter()
            .filter(|gap| gap.from < until)
            .map(|gap| Gap { from: gap.from.max(since), to: gap.until.min(until), why: gap.why })
            .collect(),
        kinds,
        facets: Vec::new(),
        pager: Pager {
            limit: query.limit,
            next: page.next.as_ref().map(|next| api::history::cursor_of(query, next).encode()),
            ..Pager::default()
        },
        transitions: page.items.into_iter().map(Arc::new).collect(),
        comparison: None,
    })
}

/// Every slice of the span, empty ones included.
fn bars(buckets: &[Bucket], since: Timestamp, span: Duration, width: Duration) -> Vec<Bar> {
    let (width, span) = (width.as_secs().max(1), span.as_secs().max(1));
    let count = usize::try_from(span.div_ceil(width)).unwrap_or(1).clamp(1, 400);
    let mut bars = vec![Bar::default(); count];
    for bucket in buckets {
        let offset = bucket.start.duration_since(since).as_secs().max(0).unsigned_abs();
        let at = usize::try_from(offset / width).unwrap_or(usize::MAX).min(count - 1);
        bars[at].good += bucket.good;
        bars[at].bad += bucket.bad;
    }
    bars
}

/// Where: the environments that there are, and those that are asked for. They are not counted: that would cost a query each,
/// and what the live view counts are services of now, not changes of then.
fn facets(ask: &Ask, query: &Query) -> Vec<Facet> {
    let live = ask.state.live();
    let mut names: Vec<Text> = live.environment_order.clone();
    names.extend(query.chosen(FilterKey::Env).map(Text::clone));
    let mut known = BTreeSet::new();
    names.retain(|name| known.insert(Text::clone(name)));
    let chosen = |name: &Text| query.is_chosen(FilterKey::Env, name);
    let option = |name: Text| FacetOption { chosen: chosen(&name), value: name, count: None };
    let options: Vec<FacetOption> = names.into_iter().map(option).collect();
    if options.is_empty() { Vec::new() } else { vec![Facet { key: FilterKey::Env.as_str(), options }] }
}

async fn comparison(
    ask: &Ask,
    shell: &Shell,
    data: &History,
    (from, to): (Option<Timestamp>, Option<Timestamp>),
    rows: usize,
) -> Result<Option<Comparison>, Problem> {
    let live = ask.state.prepared();
    let environments: usize = live.snapshot.services.iter().map(|s| s.environments.len()).sum();
    let Some(first) = data.first else { return Ok(None) };
    // Unasked, the last review against now: where history reaches back so far and the fleet is small.
    let from = match from {
        Some(from) => from,
        None if environments <= SMALL => shell.review.at.max(first),
        None => return Ok(None),
    };
    let end = to.or(shell.at);
    let was = ask.view(Some(from)).await?;
    let is = ask.view(end).await?;
    let to = end.unwrap_or(shell.clock.now);
    let (was, is) = (&was.prepared.snapshot, &is.prepared.snapshot);
    Ok(Some(compare::compare(was, is, (from, to, end.is_none()), rows)))
}
