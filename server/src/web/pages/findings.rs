//! `/findings`.

use jiff::Timestamp;
use landfall_app::{
    data::{Findings, NoHistory, SeverityCounts},
    pages,
};
use landfall_model::{
    query::{
        FilterKey, GroupKey, List, Query,
        findings::{findings, wants_closed},
    },
    words::Rule,
};

use super::{Ask, counts::PATIENCE, view};
use crate::web::{Problem, api};

pub(super) async fn page(ask: &Ask) -> Result<String, Problem> {
    let mut query = ask.query(List::Findings, &[])?;
    let by_rule = query.group == Some(GroupKey::Rule);
    let is_closed = wants_closed(&query);
    let view = ask.view(query.at.as_ref().map(|m| m.at)).await?;
    let prepared = &view.prepared;
    let snapshot = &prepared.snapshot;
    let shell = ask.shell(snapshot, view.at, None);
    let (closed, missing) = match (is_closed, ask.state.history.is_some()) {
        (true, false) => (Vec::new(), Some(NoHistory::Off)),
        (true, true) => match api::findings::closed(&ask.state, &query).await {
            Ok(closed) => (closed, None),
            Err(problem) if problem.status == axum::http::StatusCode::SERVICE_UNAVAILABLE => {
                (Vec::new(), Some(NoHistory::Away))
            }
            Err(problem) => return Err(problem),
        },
        (false, has) => (Vec::new(), (!has).then_some(NoHistory::Off)),
    };
    let rules = if by_rule { rules(prepared, &query) } else { Vec::new() };
    query.group = None;
    let page = findings(prepared, &closed, &query);
    let counts = ask.review_counts(shell.review.at, view.at).await;
    let data = Findings {
        closed: is_closed,
        open_total: snapshot.findings.len(),
        closed_total: closed_total(ask, &query, view.at).await,
        counts: SeverityCounts::of(&snapshot.findings),
        opened_since: counts.map(|c| c.opened),
        closed_since: counts.map(|c| c.closed),
        facets: view::facets(
            &page.facets,
            &[FilterKey::Severity, FilterKey::Rule, FilterKey::Team, FilterKey::Env, FilterKey::Service],
        ),
        rules,
        by_rule,
        pager: view::pager(&page, query.limit),
        findings: page.items,
        missing,
    };
    Ok(pages::findings(&data, &shell))
}

/// How many ended in the time that is asked for, whatever the other filters; `None` where history cannot tell soon.
async fn closed_total(ask: &Ask, query: &Query, at: Option<Timestamp>) -> Option<u64> {
    let history = ask.state.history.as_deref()?;
    let since = query.since.as_ref().map(|moment| moment.at);
    let count = history.count_findings_closed(since, at);
    tokio::time::timeout(PATIENCE, count).await.ok()?.ok()
}

/// How often each rule fired under the filters, most often first.
fn rules(prepared: &landfall_model::query::Prepared, query: &Query) -> Vec<(Rule, usize)> {
    let page = findings(prepared, &[], query);
    let mut rules: Vec<(Rule, usize)> =
        page.groups.iter().filter_map(|group| Some((Rule::parse(&group.value)?, group.count))).collect();
    rules.sort_by(|a, b| b.1.cmp(&a.1).then(a.0.cmp(&b.0)));
    rules
}
