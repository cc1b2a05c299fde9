//! `/api/v1/history`.

use std::time::{Duration, Instant};

use jiff::Timestamp;
use landfall_model::{
    Text,
    query::{Cursor, DEFAULT_LIMIT, FilterKey, List, MAX_LIMIT, ParamError, Part, Query, pairs},
    said,
    transition::Transition,
    words::TransitionKind,
};

use super::{
    Ask, Format, LINES, Reply,
    csv::{Table, cell, maybe},
    to_json, types,
    view::{self, Around, View},
};
use crate::{
    store::{self, HistoryQuery},
    web::{Problem, history},
};

/// How long words are searched for before an answer is given as it is, with its `next`; and for an export, which has
/// many more lines.
const SEARCH_FOR: Duration = Duration::from_secs(4);
const EXPORT_FOR: Duration = Duration::from_secs(20);

pub(super) async fn list(ask: &Ask<'_>) -> Result<Reply, Problem> {
    let query = view::parse(ask, List::History)?;
    let now = ask.state.now();
    let store = ask.state.history.as_deref().ok_or_else(history::no_database)?;
    let mut asked = history_query(&query, now)?;
    let given = pairs(ask.query).iter().any(|(key, value)| key == "limit" && !value.is_empty());
    let wanted = if ask.format == Format::Json || given { query.limit } else { view::MOST_LINES };
    let prepared = ask.state.prepared();
    let view = View { query, prepared, as_of: asked.until.unwrap_or(now), now };

    let mut items: Vec<Transition> = Vec::new();
    let end = Instant::now() + if ask.format == Format::Json { SEARCH_FOR } else { EXPORT_FOR };
    loop {
        asked.limit = u32::try_from((wanted - items.len()).min(MAX_LIMIT)).unwrap_or(100);
        asked.patience = Some(end.saturating_duration_since(Instant::now()));
        let page = store.page(&asked).await?;
        items.extend(page.items);
        asked.cursor = page.next;
        let searched_enough = asked.q.is_some() && Instant::now() >= end;
        if asked.cursor.is_none() || items.len() >= wanted || searched_enough {
            break;
        }
    }
    let next = asked.cursor.as_ref().map(|cursor| cursor_of(&view.query, cursor));
    match ask.format {
        Format::Csv => Ok(view::table(&view, table(&items), next.as_ref())),
        Format::Lines => {
            let mut lines = Vec::new();
            for item in &items {
                lines.extend(to_json(&transition(item))?);
                lines.push(b'\n');
            }
            let next = next.map(|next| view::link(&view, &next));
            let lines = String::from_utf8_lossy(&lines).into_owned();
            Ok(Reply { next, ..Reply::text(LINES, lines) })
        }
        Format::Json => {
            let total = total(store, &view.query, &asked).await?;
            let gaps = match asked.since {
                Some(since) => store.gaps(since).await?,
                None => Vec::new(),
            };
            let gaps = gaps.into_iter().filter(|gap| asked.until.is_none_or(|until| gap.from < until));
            let gap = |gap: store::Gap| types::Gap {
                id: gap.id(),
                from: gap.from,
                until: gap.until,
                lost: gap.lost,
                why: gap.why.text,
            };
            let around = Around { total, next, gaps: Some(gaps.map(gap).collect()), ..Around::default() };
            view::list(&view, &items.iter().map(transition).collect::<Vec<_>>(), around)
        }
    }
}

/// How many there are in all; not counted where words are searched for.
async fn total(
    store: &dyn history::History,
    query: &Query,
    asked: &HistoryQuery,
) -> Result<Option<usize>, Problem> {
    if !query.q.is_empty() {
        return Ok(None);
    }
    let counts = store.counts_by_kind(asked).await?;
    let wanted = counts.iter().filter(|count| asked.kinds.is_empty() || asked.kinds.contains(&count.kind));
    Ok(usize::try_from(wanted.map(|count| count.count).sum::<u64>()).ok())
}

/// What the database is asked for a query string. `at` ends the span as `until` does: what came later was not known.
pub fn history_query(query: &Query, now: Timestamp) -> Result<HistoryQuery, Problem> {
    let names = |key| query.chosen(key).map(ToString::to_string).collect();
    let until = [&query.until, &query.at].into_iter().flatten().map(|moment| moment.at).min();
    let since = query.since.as_ref().map(|moment| moment.at);
    if let (Some(since), Some(until)) = (since, until)
        && since > until
    {
        let detail = said!("since-after-end", "lies after the end of the span (`until` or `at`)");
        return Err(ParamError { field: "since".to_owned(), detail }.into());
    }
    let cursor = match &query.cursor {
        Some(Cursor { key, before: false, .. }) => match key.as_slice() {
            [Part::Text(text)] => Some(store::Cursor::parse(text).map_err(store::StoreError::from)?),
            _ => return Err(store::StoreError::from(store::BadCursor).into()),
        },
        Some(_) => return Err(store::StoreError::from(store::BadCursor).into()),
        None => None,
    };
    Ok(HistoryQuery {
        services: names(FilterKey::Service),
        environments: names(FilterKey::Env),
        entity: None,
        kinds: query.chosen(FilterKey::Kind).filter_map(|kind| TransitionKind::parse(kind)).collect(),
        since,
        until: Some(until.unwrap_or(now)),
        q: (!query.q.is_empty()).then(|| query.q.clone()),
        patience: None,
        cursor,
        limit: u32::try_from(query.limit).unwrap_or(u32::try_from(DEFAULT_LIMIT).unwrap_or(100)),
    })
}

/// The database's place as a cursor of the query string.
pub fn cursor_of(query: &Query, cursor: &store::Cursor) -> Cursor {
    Cursor { order: query.order(), before: false, key: vec![Part::Text(cursor.to_string())] }
}

fn transition(t: &Transition) -> types::Transition {
    types::Transition {
        id: t.id,
        at: t.at,
        noticed_at: t.noticed_at,
        service: t.service.clone(),
        environment: t.environment.clone(),
        entity: Text::clone(&t.entity),
        kind: t.kind,
        from: t.from.clone(),
        to: t.to.clone(),
        detail: t.detail.clone(),
        bad: t.bad,
        source: Text::clone(&t.source),
        subject: Text::clone(&t.subject),
    }
}

fn table(items: &[Transition]) -> Table {
    let mut table = Table::new(&[
        "at",
        "noticed_at",
        "service",
        "environment",
        "kind",
        "from",
        "to",
        "detail",
        "bad",
        "source",
        "subject",
        "id",
    ]);
    let value = |value: &serde_json::Value| match value {
        serde_json::Value::Null => None,
        serde_json::Value::String(text) => Some(text.clone()),
        other => Some(other.to_string()),
    };
    for t in items {
        table.row([
            cell(t.at),
            cell(t.noticed_at),
            maybe(t.service.as_ref()),
            maybe(t.environment.as_ref()),
            cell(t.kind),
            value(&t.from),
            value(&t.to),
            maybe(t.detail.as_ref()),
            cell(t.bad),
            cell(&t.source),
            cell(&t.subject),
            cell(t.id),
        ]);
    }
    table
}
