//! `/`.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use landfall_app::{
    data::{Board, Column, Group, GroupTitle, SavedView, ViewName},
    links::Params,
    pages,
};
use landfall_model::{
    Text,
    query::{FilterKey, GroupKey, List, Prepared, Query, Services, services::services, spec},
    view::{Environment, Finding, Snapshot},
    words::{Severity, State},
};

use super::{Ask, view};
use crate::{store::HistoryQuery, web::Problem};

/// Findings above the matrix.
const LOOK: usize = 9;
/// States in the order in which they are told: the good first, as the reader expects it.
const STATES: &[State] = &[
    State::Healthy,
    State::Progressing,
    State::Degraded,
    State::Drifted,
    State::Suspended,
    State::Missing,
    State::Unknown,
];

pub(super) async fn page(ask: &Ask) -> Result<String, Problem> {
    let query = ask.query_or(List::Services, &[], &[("group", GroupKey::Team.as_str())])?;
    let since = query.since.as_ref().map(|m| m.at);
    let view = ask.view(query.at.as_ref().map(|m| m.at)).await?;
    let prepared = &view.prepared;
    let snapshot = &prepared.snapshot;
    let shell = ask.shell(snapshot, view.at, since);
    let found = services(prepared, &query);
    let worst = worst(snapshot, &found);
    let board = Board {
        since_review: ask.review_counts(shell.review.at, view.at).await,
        look: snapshot.findings.iter().take(LOOK).cloned().collect(),
        columns: columns(&found),
        groups: groups(&query, &found),
        facets: view::facets(
            &found.page.facets,
            &[FilterKey::Team, FilterKey::State, FilterKey::Env, FilterKey::Rule],
        ),
        views: views(ask, prepared),
        group_choices: vec!["team", "state", "none"],
        group: ask.params.get("group").unwrap_or("team").to_owned(),
        sort_choices: vec!["name", "-since", "since", "state"],
        sort: ask.params.get("sort").unwrap_or("name").to_owned(),
        pager: view::pager(&found.page, query.limit),
        unfiltered: snapshot.services.len(),
        stale: found.stale,
        worst,
        changed: changed(ask, since, view.at).await?,
        snapshot: Arc::clone(snapshot),
    };
    Ok(pages::board(&board, &shell))
}

/// The worst open finding of each service on the page.
fn worst(snapshot: &Snapshot, found: &Services) -> BTreeMap<Text, Arc<Finding>> {
    let shown: BTreeSet<&Text> = found.page.items.iter().map(|service| &service.name).collect();
    let mut worst: BTreeMap<Text, Arc<Finding>> = BTreeMap::new();
    for finding in &snapshot.findings {
        if let Some(service) = finding.service.as_ref().filter(|service| shown.contains(service)) {
            let known = worst.entry(Arc::clone(service)).or_insert_with(|| Arc::clone(finding));
            if view::weight(finding, snapshot) < view::weight(known, snapshot) {
                *known = Arc::clone(finding);
            }
        }
    }
    worst
}

fn columns(found: &Services) -> Vec<Column> {
    found
        .columns
        .iter()
        .map(|column| {
            let here = |e: &&Arc<Environment>| !e.preview && e.name == column.environment;
            let shown: Vec<&Arc<Environment>> =
                found.page.items.iter().flat_map(|s| s.environments.iter().filter(here)).collect();
            let sources: BTreeSet<Text> = shown.iter().flat_map(|e| e.sources.iter().cloned()).collect();
            Column {
                name: Arc::clone(&column.environment),
                sources: sources.into_iter().collect(),
                stale: column.stale,
                states: STATES.iter().map(|s| (*s, column.count(*s))).filter(|(_, n)| *n > 0).collect(),
            }
        })
        .collect()
}

fn groups(query: &Query, found: &Services) -> Vec<Group> {
    let page = &found.page;
    if page.item_groups.is_empty() {
        return vec![Group { title: None, services: page.items.clone() }];
    }
    let mut groups: Vec<Group> = Vec::new();
    let mut last: Option<&Text> = None;
    for (service, value) in page.items.iter().zip(&page.item_groups) {
        if last != Some(value) {
            let mut all = page.groups.iter().zip(&found.looks);
            let (total, look) = all.find(|(g, _)| g.value == *value).map_or((0, 0), |(g, n)| (g.count, *n));
            groups.push(Group { title: Some(title(query, value, total, look)), services: Vec::new() });
            last = Some(value);
        }
        if let Some(group) = groups.last_mut() {
            group.services.push(Arc::clone(service));
        }
    }
    groups
}

fn title(query: &Query, value: &Text, total: usize, look: usize) -> GroupTitle {
    let key = match query.group {
        Some(GroupKey::State) => "state",
        _ => "team",
    };
    if **value == *spec::FLAG_UNASSIGNED {
        let filter = Some(("flag", Arc::clone(value)));
        return GroupTitle { filter, name: None, total, look, unassigned: true };
    }
    let nobody = key == "team" && (value.is_empty() || **value == *spec::NO_TEAM);
    GroupTitle {
        filter: Some((key, if nobody { Text::from(spec::NO_TEAM) } else { Arc::clone(value) })),
        name: (!nobody && !value.is_empty()).then(|| Arc::clone(value)),
        total,
        look,
        unassigned: false,
    }
}

/// All, what needs a look, what no rule placed, and those of the configuration.
fn views(ask: &Ask, prepared: &Prepared) -> Vec<SavedView> {
    let any_severity: String =
        Severity::ALL.iter().map(|s| format!("severity={s}")).collect::<Vec<_>>().join("&");
    let mut views = vec![
        (ViewName::All, String::new(), Some(prepared.snapshot.services.len())),
        (ViewName::NeedsALook, any_severity, Some(prepared.with_findings())),
    ];
    let unassigned = prepared.unassigned();
    if unassigned > 0 {
        views.push((ViewName::Unassigned, "flag=unassigned".to_owned(), Some(unassigned)));
    }
    for (name, query) in &ask.settings.views {
        views.push((ViewName::Shared(Text::from(name.as_str())), query.clone(), None));
    }
    for (name, query) in ask.own.iter() {
        views.push((ViewName::Own(Text::from(name)), query.to_owned(), None));
    }
    let whole = |params: &Params| -> BTreeSet<(String, String)> {
        let question = params.question();
        question.pairs().map(|(key, value)| (key.to_owned(), value.to_owned())).collect()
    };
    views
        .into_iter()
        .map(|(name, query, count)| {
            let kept = Params::parse(&query);
            // Ours are filters, whatever the order; a saved view keeps its order and grouping.
            let current = match name {
                ViewName::Shared(_) | ViewName::Own(_) => whole(&kept) == whole(&ask.params),
                _ => question(&kept) == question(&ask.params),
            };
            SavedView { name, query, count, current }
        })
        .collect()
}

/// What is asked, without the moment, the part and the look.
fn question(params: &Params) -> BTreeSet<(String, String)> {
    params
        .pairs()
        .filter(|(key, _)| {
            !matches!(*key, "at" | "since" | "cursor" | "limit" | "lang" | "theme" | "sort" | "group")
        })
        .map(|(key, value)| (key.to_owned(), value.to_owned()))
        .collect()
}

/// Ids of environments with a change since then.
pub(super) async fn changed(
    ask: &Ask,
    since: Option<jiff::Timestamp>,
    until: Option<jiff::Timestamp>,
) -> Result<BTreeSet<Text>, Problem> {
    let (Some(since), Some(history)) = (since, ask.state.history.as_deref()) else {
        return Ok(BTreeSet::new());
    };
    let query = HistoryQuery { since: Some(since), until, limit: 1_000, ..HistoryQuery::default() };
    let page = history.page(&query).await?;
    Ok(page.items.into_iter().map(|transition| transition.entity).collect())
}
