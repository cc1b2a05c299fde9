//! `/api/v1/findings`.

use std::sync::Arc;

use landfall_model::{
    Text,
    query::{FilterKey, List, Query, findings},
    view as model,
};

use super::{
    Ask, Format, Reply,
    csv::{Table, cell, maybe},
    types,
    view::{self, Around},
};
use crate::web::{AppState, Problem, history};

pub(super) async fn list(ask: &Ask<'_>) -> Result<Reply, Problem> {
    let view = view::view(ask, List::Findings).await?;
    let closed = closed(ask.state, &view.query).await?;
    let page = findings::findings(&view.prepared, &closed, &view.query);
    if ask.format == Format::Csv {
        let mut table = Table::new(&[
            "id",
            "rule",
            "severity",
            "service",
            "environment",
            "subject_kind",
            "subject",
            "since",
            "until",
            "summary",
            "way_out",
        ]);
        for f in &page.items {
            table.row([
                cell(&f.id),
                cell(f.rule),
                cell(f.severity),
                maybe(f.service.as_ref()),
                maybe(f.environment.as_ref()),
                cell(f.subject.kind),
                cell(&f.subject.name),
                cell(f.since),
                maybe(f.until),
                cell(&f.summary),
                cell(&f.way_out),
            ]);
        }
        return Ok(view::table(&view, table, page.next.as_ref()));
    }
    let items: Vec<_> = page.items.iter().map(|found| finding(found)).collect();
    view::list(&view, &items, Around::of(&page))
}

/// Findings that ended are looked through from the newest; more than this is the export's work.
pub const MOST_CLOSED: usize = 5_000;

/// Findings that ended, where the query asks for them: the newest [`MOST_CLOSED`] between `since` and `until`.
pub async fn closed(state: &AppState, query: &Query) -> Result<Vec<Arc<model::Finding>>, Problem> {
    if !findings::wants_closed(query) {
        return Ok(Vec::new());
    }
    let store = state.history.as_deref().ok_or_else(history::no_database)?;
    let since = query.since.as_ref().map(|moment| moment.at);
    let until = [&query.until, &query.at].into_iter().flatten().map(|moment| moment.at).min();
    let mut names = query.chosen(FilterKey::Service);
    let service = names.next().filter(|_| names.next().is_none());
    let (mut found, mut cursor, mut read) = (Vec::new(), None, 0);
    loop {
        let page = store.findings_closed(service.map(|name| &**name), cursor.as_ref(), 1_000).await?;
        read += page.items.len();
        let past = |f: &model::Finding| since.is_some_and(|since| f.until.is_some_and(|until| until < since));
        let done = page.items.last().is_some_and(past);
        let wanted = page
            .items
            .into_iter()
            .filter(|f| !past(f) && f.until.is_some_and(|ended| until.is_none_or(|until| ended <= until)));
        found.extend(wanted.map(Arc::new));
        cursor = page.next;
        if done || cursor.is_none() || read >= MOST_CLOSED {
            return Ok(found);
        }
    }
}

fn finding(f: &model::Finding) -> types::Finding {
    let proof = f.proof.iter().map(|p| types::Proof {
        what: Text::clone(&p.what),
        value: Text::clone(&p.value),
        source: Text::clone(&p.source),
        as_of: p.as_of,
    });
    types::Finding {
        id: Text::clone(&f.id),
        rule: f.rule,
        severity: f.severity,
        subject: types::Subject { kind: f.subject.kind, name: Text::clone(&f.subject.name) },
        service: f.service.clone(),
        environment: f.environment.clone(),
        since: f.since,
        opened_at: f.opened_at,
        until: f.until,
        summary: Text::clone(&f.summary),
        proof: proof.collect(),
        way_out: Text::clone(&f.way_out),
        link: f.link.clone(),
        docs: format!("/docs/findings/{}", f.rule),
    }
}
