//! `/images` and `/images/{repository}`.

use std::{
    collections::{BTreeMap, HashSet},
    sync::Arc,
};

use axum::http::StatusCode;
use jiff::Timestamp;
use landfall_app::{
    data::{
        Compared, ComparedImage, Edge, Image, ImagePart, Images, Missing, NewestTag, NoHistory, NotFound,
        RepositoryPage, Seen,
    },
    pages,
};
use landfall_model::{
    query::{FilterKey, List, images},
    transition::Transition,
    words::TransitionKind,
};

use super::{Ask, errors, view};
use crate::{
    store::{HistoryQuery, ImageDetails, Newest, Part},
    web::{Problem, cache::Rendered, policies::in_force},
};

/// Changes of images that a repository's page looks through at most.
const LOOKED_THROUGH: u32 = 500;
/// Edges of tags that it knows at most, the newest.
const EDGES: u32 = 2_000;

pub(super) async fn list(ask: &Ask) -> Result<String, Problem> {
    let query = ask.query(List::Images, &[])?;
    let view = ask.view(query.at.as_ref().map(|m| m.at)).await?;
    let page = images::images(&view.prepared, &query);
    let names: Vec<String> = page.items.iter().map(|one| one.name.to_string()).collect();
    let mut newest = match ask.state.history.as_deref() {
        Some(history) => {
            let at = view.at.unwrap_or_else(|| ask.state.now());
            history.newest_tags(&names, at).await.unwrap_or_else(|error| {
                tracing::warn!(%error, "the newest tags cannot be read");
                BTreeMap::new()
            })
        }
        None => BTreeMap::new(),
    };
    let newest_tag = |it: Newest| NewestTag { tag: it.tag, digest: it.digest, at: it.at };
    let data = Images {
        newest: names.iter().map(|name| newest.remove(name).map(newest_tag)).collect(),
        facets: view::facets(
            &page.facets,
            &[FilterKey::Team, FilterKey::Env, FilterKey::State, FilterKey::Policy],
        ),
        pager: view::pager(&page, query.limit),
        host: only_host(view.prepared.repositories()),
        unfiltered: view.prepared.repositories().len(),
        sort: ask.params.get("sort").unwrap_or("state").to_owned(),
        repositories: page.items.into_iter().cloned().collect(),
    };
    Ok(pages::images(&data, &ask.shell(&view.prepared.snapshot, view.at, None)))
}

/// The registry that all are of.
fn only_host(repositories: &[images::Repository]) -> Option<String> {
    let host = |one: &images::Repository| one.name.split_once('/').map(|(host, _)| host.to_owned());
    let first = host(repositories.first()?)?;
    repositories.iter().all(|one| host(one).as_deref() == Some(&*first)).then_some(first)
}

pub(super) async fn one(ask: &Ask, name: &str) -> Result<Rendered, Problem> {
    let query = ask.query(List::Images, &["from", "to"])?;
    let view = ask.view(query.at.as_ref().map(|m| m.at)).await?;
    let shell = ask.shell(&view.prepared.snapshot, view.at, None);
    let Some(repository) = images::repository(&view.prepared, name) else {
        let near = errors::near(name, view.prepared.repositories().iter().map(|one| &one.name));
        let data = NotFound { what: Missing::Repository(name.to_owned()), near, gone: None };
        return Ok(Rendered { status: StatusCode::NOT_FOUND, html: pages::not_found(&data, &shell) });
    };
    let services = repository.services().iter().map(|service| service.name.to_string()).collect();
    let (changes, missing) = match changes(ask, name, services, view.at).await {
        Ok(changes) => (changes, None),
        Err(why) => (Vec::new(), Some(why)),
    };
    let seen = seen(ask, name, view.at).await;
    let policies = in_force(&ask.state, repository, view.at).await;

    let compared = compared(ask, name, view.at).await;
    let data = RepositoryPage { repository: repository.clone(), changes, missing, seen, policies, compared };
    Ok(pages::repository(&data, &shell).into())
}

/// Two images beside each other, where both are asked for.
async fn compared(ask: &Ask, repository: &str, at: Option<Timestamp>) -> Option<Compared> {
    let word = |key| ask.params.get(key).map(str::trim).filter(|word| !word.is_empty());
    let (from, to) = (word("from")?, word("to")?);
    let history = ask.state.history.as_deref()?;
    let at = at.unwrap_or_else(|| ask.state.now());
    let side = async |asked: &str| match history.image(repository, asked, at).await {
        Ok(image) => Some(ComparedImage { asked: asked.to_owned(), image: image.map(image_of) }),
        Err(error) => {
            tracing::warn!(%error, "an image of a repository cannot be read");
            None
        }
    };
    Some(Compared { from: side(from).await?, to: side(to).await? })
}

fn image_of(image: ImageDetails) -> Image {
    let part = |part: Part| ImagePart {
        platform: part.platform,
        config: part.config,
        created: part.created,
        labels: part.labels.into_iter().map(|label| (label.name, label.value)).collect(),
        bytes: part.bytes,
        layers: part.layers.map(|all| all.into_iter().map(|it| (it.digest, it.bytes)).collect()),
    };
    let mut tags: Vec<String> = Vec::new();
    for seen in &image.tags {
        if !tags.contains(&seen.tag) {
            tags.push(seen.tag.clone());
        }
    }
    Image {
        digest: image.digest,
        first_seen: image.tags.iter().map(|seen| seen.first_seen).min(),
        tags,
        parts: image.parts.into_iter().map(part).collect(),
    }
}

/// What was seen at the registry, as it was known at `at`.
async fn seen(ask: &Ask, name: &str, at: Option<Timestamp>) -> Option<Seen> {
    let history = ask.state.history.as_deref()?;
    let found = match history.sightings(name, EDGES).await {
        Ok(found) => found?,
        Err(error) => {
            tracing::warn!(%error, "the sightings of a repository cannot be read");
            return None;
        }
    };
    let found = found.as_of(at.unwrap_or_else(|| ask.state.now()));
    // It moved where another edge of the tag begins as this one ends.
    let begin: HashSet<_> = found.edges.iter().map(|edge| (edge.tag.as_str(), edge.first_seen)).collect();
    let edges = found
        .edges
        .iter()
        .map(|edge| Edge {
            tag: edge.tag.clone(),
            digest: edge.digest.clone(),
            created: edge.created,
            first_seen: edge.first_seen,
            pushed_at: edge.pushed_at,
            last_seen: edge.last_seen,
            ended_at: edge.ended_at,
            moved: edge.ended_at.is_some_and(|ended| begin.contains(&(edge.tag.as_str(), ended))),
        })
        .collect();
    Some(Seen { tried_at: found.tried_at, tags: found.tags, error: found.error, edges })
}

/// The newest changes of what ran of this repository, newest first.
async fn changes(
    ask: &Ask,
    name: &str,
    services: Vec<String>,
    until: Option<Timestamp>,
) -> Result<Vec<Arc<Transition>>, NoHistory> {
    let history = ask.state.history.as_deref().ok_or(NoHistory::Off)?;
    let kinds = vec![TransitionKind::Image];
    let query = HistoryQuery { services, kinds, until, limit: LOOKED_THROUGH, ..HistoryQuery::default() };
    let page = history.page(&query).await.map_err(|error| {
        tracing::warn!(%error, "the history of a repository cannot be read");
        NoHistory::Away
    })?;
    Ok(page.items.into_iter().filter(|t| *t.subject == *name).map(Arc::new).collect())
}
