//! `/previews`, and `/pr/…` and `/forge/NAME/pr/…`: pull requests with their previews.

use std::{collections::BTreeMap, sync::Arc};

use axum::http::StatusCode;
use jiff::{SignedDuration, Timestamp};
use landfall_app::{
    data::{Missing, NoHistory, NotFound, Previews, PullPage, Usual, UsualStep},
    pages,
};
use landfall_model::{
    Text,
    query::{FilterKey, List, previews},
    transition::Transition,
    view::{Pull, Snapshot},
    words::{PreviewState, SourceKind, TransitionKind},
};

use super::{Ask, view};
use crate::{
    store::HistoryQuery,
    web::{Problem, cache::Rendered},
};

/// Changes of one pull request's previews that its page tells.
const TIMELINE: u32 = 100;
/// What is usual is reckoned over so many weeks, of at least so many previews.
const WEEKS: u32 = 4;
const ENOUGH: u64 = 3;
/// Pull requests that are offered where one is not known.
const NEAR: usize = 5;

pub(super) async fn list(ask: &Ask) -> Result<String, Problem> {
    let query = ask.query(List::Previews, &[])?;
    let view = ask.view(query.at.as_ref().map(|m| m.at)).await?;
    let page = previews::previews(&view.prepared, &query);
    let snapshot = &view.prepared.snapshot;
    let count = |state| snapshot.pulls.iter().filter(|pull| pull.state == state).count();
    let data = Previews {
        states: PreviewState::ALL.iter().map(|s| (*s, count(*s))).filter(|(_, n)| *n > 0).collect(),
        facets: view::facets(&page.facets, &[FilterKey::State, FilterKey::Team]),
        pager: view::pager(&page, query.limit),
        sort: ask.params.get("sort").unwrap_or("state").to_owned(),
        known: snapshot.pulls.len(),
        has_forge: snapshot.sources.values().any(|source| source.kind == SourceKind::Forge),
        pulls: page.items,
        snapshot: Arc::clone(snapshot),
    };
    Ok(pages::previews(&data, &ask.shell(snapshot, view.at, None)))
}

/// A pull request of the first forge: `REPOSITORY/NUMBER`.
pub(super) async fn of_first_forge(ask: &Ask, path: &str) -> Result<Rendered, Problem> {
    one(ask, None, path).await
}

/// A pull request of a forge by name: `NAME/pr/REPOSITORY/NUMBER`.
pub(super) async fn of_forge(ask: &Ask, path: &str) -> Result<Rendered, Problem> {
    match path.split_once("/pr/") {
        Some((forge, path)) => one(ask, Some(forge), path).await,
        None => Err(Problem::not_found("Pull requests are called /forge/NAME/pr/REPOSITORY/NUMBER.")),
    }
}

async fn one(ask: &Ask, forge: Option<&str>, path: &str) -> Result<Rendered, Problem> {
    let query = ask.query(List::Previews, &[])?;
    let view = ask.view(query.at.as_ref().map(|m| m.at)).await?;
    let snapshot = &view.prepared.snapshot;
    let shell = ask.shell(snapshot, view.at, None);
    let (repository, number) = match path.rsplit_once('/') {
        Some((repository, number)) => (repository, number.parse::<u64>().ok()),
        None => (path, None),
    };
    let known = number.and_then(|number| find(snapshot, forge, repository, number)).map(Arc::clone);
    let pull = match (known, number) {
        (Some(pull), _) => Some(pull),
        (None, Some(number)) => gone(ask, forge, repository, number, view.at).await,
        (None, None) => None,
    };
    let Some(pull) = pull else {
        let near = near(snapshot, repository, number);
        let data = NotFound { what: Missing::Pull(repository.to_owned(), number), near, gone: None };
        return Ok(Rendered { status: StatusCode::NOT_FOUND, html: pages::not_found(&data, &shell) });
    };
    let (timeline, no_timeline) = match timeline(ask, &pull, view.at).await {
        Ok(items) => (items, None),
        Err(why) => (Vec::new(), Some(why)),
    };
    let wants = |generates: &&landfall_model::view::Generates| *generates.repository == *repository;
    let data = PullPage {
        labels: snapshot.generators.iter().filter(wants).flat_map(|g| g.labels.clone()).collect(),
        usual: usual(ask, view.at).await,
        timeline,
        no_timeline,
        pull,
        snapshot: Arc::clone(snapshot),
    };
    Ok(pages::pull(&data, &shell).into())
}

/// A pull request that was there once, as it was last known.
async fn gone(
    ask: &Ask,
    forge: Option<&str>,
    repository: &str,
    number: u64,
    at: Option<Timestamp>,
) -> Option<Arc<Pull>> {
    let history = ask.state.history.as_deref()?;
    let at = at.unwrap_or_else(|| ask.state.now());
    match history.pull(repository, number, at).await {
        Ok(past) => past.map(|past| past.pull).filter(|pull| is_of(pull, forge)).map(Arc::new),
        Err(error) => {
            tracing::warn!(%error, "a pull request of the past cannot be read");
            None
        }
    }
}

/// Whether it is of this forge; without one, of whichever is first.
fn is_of(pull: &Pull, forge: Option<&str>) -> bool {
    forge.is_none_or(|name| {
        pull.forge.as_deref().and_then(|source| source.strip_prefix("forge/")) == Some(name)
    })
}

/// How long steps took in the last weeks.
async fn usual(ask: &Ask, at: Option<Timestamp>) -> Option<Usual> {
    let history = ask.state.history.as_deref()?;
    let span = SignedDuration::from_hours(24 * 7 * i64::from(WEEKS));
    let steps = match history.usual_steps(None, span, at.unwrap_or_else(|| ask.state.now())).await {
        Ok(steps) => steps,
        Err(error) => {
            tracing::warn!(%error, "what is usual of previews cannot be read");
            return None;
        }
    };
    let of = |step: crate::store::UsualStep| {
        let seen = u32::try_from(step.count).unwrap_or(u32::MAX);
        (step.step, UsualStep { median: step.median, most: step.p90, seen })
    };
    let steps: BTreeMap<_, _> = steps.into_iter().filter(|step| step.count >= ENOUGH).map(of).collect();
    (!steps.is_empty()).then_some(Usual { weeks: WEEKS, steps })
}

/// The pull request that an address names.
pub(in crate::web) fn find<'a>(
    snapshot: &'a Snapshot,
    forge: Option<&str>,
    repository: &str,
    number: u64,
) -> Option<&'a Arc<Pull>> {
    match forge {
        None => snapshot.pull(repository, number),
        Some(_) => snapshot.pulls.iter().find(|pull| {
            pull.number == Some(number)
                && pull.repository.as_deref() == Some(repository)
                && is_of(pull, forge)
        }),
    }
}

/// Ids of pull requests that may be meant: those of the repository, the nearest number first.
fn near(snapshot: &Snapshot, repository: &str, number: Option<u64>) -> Vec<Text> {
    let number = number.unwrap_or(u64::MAX);
    let same = |pull: &&Arc<Pull>| {
        pull.repository.as_deref().is_some_and(|one| one.eq_ignore_ascii_case(repository))
    };
    let mut found: Vec<&Arc<Pull>> = snapshot.pulls.iter().filter(same).collect();
    found.sort_by_key(|pull| pull.number.unwrap_or_default().abs_diff(number));
    found.into_iter().take(NEAR).map(|pull| Text::clone(&pull.id)).collect()
}

/// What happened to its previews, newest first. The page is whole without it.
async fn timeline(
    ask: &Ask,
    pull: &Pull,
    until: Option<Timestamp>,
) -> Result<Vec<Arc<Transition>>, NoHistory> {
    let history = ask.state.history.as_deref().ok_or(NoHistory::Off)?;
    let services: std::collections::BTreeSet<String> =
        pull.previews.iter().filter_map(|preview| preview.service.as_deref().map(str::to_owned)).collect();
    if services.is_empty() {
        return Ok(Vec::new());
    }
    let query = HistoryQuery {
        services: services.into_iter().collect(),
        kinds: vec![TransitionKind::Preview],
        until,
        limit: 5 * TIMELINE,
        ..HistoryQuery::default()
    };
    let page = history.page(&query).await.map_err(|error| {
        tracing::warn!(%error, "the history of a pull request cannot be read");
        NoHistory::Away
    })?;
    let mine = |transition: &Transition| {
        *transition.subject == *pull.id || pull.preview(&transition.entity).is_some()
    };
    Ok(page.items.into_iter().filter(mine).take(TIMELINE as usize).map(Arc::new).collect())
}
