//! `/services/{name}`.

use std::sync::Arc;

use axum::http::StatusCode;
use jiff::Timestamp;
use landfall_app::{
    data::{Missing, NoHistory, NotFound, ServicePage},
    pages,
};
use landfall_model::{Text, query::List, transition::Transition, view::Snapshot};

use super::{Ask, board, errors, view};
use crate::{
    store::HistoryQuery,
    web::{Problem, badge, cache::Rendered},
};

/// Transitions of the timeline: a deployment is ten of them and one line.
const TIMELINE: u32 = 120;

pub(super) async fn page(ask: &Ask, name: &str) -> Result<Rendered, Problem> {
    let query = ask.query(List::Services, &[])?;
    let since = query.since.as_ref().map(|m| m.at);
    let shown = ask.view(query.at.as_ref().map(|m| m.at)).await?;
    let snapshot = &shown.prepared.snapshot;
    let shell = ask.shell(snapshot, shown.at, since);
    let Some(service) = snapshot.service(name) else {
        let gone =
            timeline(ask, name, None, 1).await.ok().and_then(|(items, ..)| items.first().map(|t| t.at));
        let data = NotFound { what: Missing::Service(name.to_owned()), near: near(snapshot, name), gone };
        return Ok(Rendered { status: StatusCode::NOT_FOUND, html: pages::not_found(&data, &shell) });
    };
    let (timeline, no_timeline, more) = match timeline(ask, name, shown.at, TIMELINE).await {
        Ok((items, more)) => (items, None, more),
        Err(why) => (Vec::new(), Some(why), false),
    };
    let mut findings: Vec<_> =
        snapshot.findings.iter().filter(|f| f.service.as_deref() == Some(name)).cloned().collect();
    findings.sort_by_cached_key(|finding| view::weight(finding, snapshot));
    let data = ServicePage {
        findings,
        timeline,
        no_timeline,
        more,
        changed: board::changed(ask, since, shown.at).await.unwrap_or_default(),
        // Badges show the present only.
        badges: if shown.at.is_none() {
            badge::of_service(&ask.state, service, ask.look.lang)
        } else {
            Vec::new()
        },
        service: Arc::clone(service),
        snapshot: Arc::clone(snapshot),
    };
    Ok(pages::service(&data, &shell).into())
}

/// The newest transitions, and whether there are more. The page is whole without them.
async fn timeline(
    ask: &Ask,
    name: &str,
    until: Option<Timestamp>,
    limit: u32,
) -> Result<(Vec<Arc<Transition>>, bool), NoHistory> {
    let history = ask.state.history.as_deref().ok_or(NoHistory::Off)?;
    let query = HistoryQuery { services: vec![name.to_owned()], until, limit, ..HistoryQuery::default() };
    let page = history.page(&query).await.map_err(|error| {
        tracing::warn!(%error, "the timeline of a service cannot be read");
        NoHistory::Away
    })?;
    Ok((page.items.into_iter().map(Arc::new).collect(), page.next.is_some()))
}

/// Names that are near, best first.
pub(super) fn near(snapshot: &Snapshot, name: &str) -> Vec<Text> {
    errors::near(name, snapshot.services.iter().map(|service| &service.name))
}
