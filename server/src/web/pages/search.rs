//! `/search?q=`.

use std::sync::Arc;

use jiff::Timestamp;
use landfall_app::{
    data::{Edge, FOUND_SIGHTINGS, FoundSighting, FoundSightings, Hit, Search},
    pages,
};
use landfall_model::{
    query::{List, Needle, Prepared, Query, images, services::services},
    view::{Environment, ImageView},
};

use super::{Ask, service};
use crate::{
    store::{Found, HistoryQuery},
    web::Problem,
};

/// Services and transitions that are listed.
const SHOWN: usize = 30;
/// How far sightings can be leafed through: of each way to fit some thousands are looked at.
const FURTHEST: u32 = 20_000;

pub(super) async fn page(ask: &Ask) -> Result<String, Problem> {
    let mut query = ask.query(List::Services, &["seen"])?;
    query.limit = SHOWN;
    query.group = None;
    let view = ask.view(query.at.as_ref().map(|m| m.at)).await?;
    let snapshot = &view.prepared.snapshot;
    let shell = ask.shell(snapshot, view.at, None);
    let q = query.q.clone();
    if q.is_empty() {
        let data =
            Search { q, services: Vec::new(), services_total: 0, past: None, seen: None, near: Vec::new() };
        return Ok(pages::search(&data, &shell));
    }
    let found = services(&view.prepared, &query).page;
    let hits: Vec<Hit> = found.items.iter().map(|service| hit(service, &query)).collect();
    let past = match ask.state.history.as_deref() {
        Some(history) => {
            let query =
                HistoryQuery { q: Some(q.clone()), until: view.at, limit: 30, ..HistoryQuery::default() };
            // The present is found all the same where the past cannot be read.
            history.page(&query).await.ok().map(|page| page.items.into_iter().map(Arc::new).collect())
        }
        None => None,
    };
    let seen = seen(ask, &view.prepared, &q, view.at).await;
    let near = if hits.is_empty() { service::near(snapshot, &q) } else { Vec::new() };
    let data = Search { services: hits, services_total: found.total, past, seen, near, q };
    Ok(pages::search(&data, &shell))
}

/// What was seen at registries, as it was known at `at`. The rest is found all the same where that cannot be read.
async fn seen(ask: &Ask, prepared: &Prepared, q: &str, at: Option<Timestamp>) -> Option<FoundSightings> {
    let history = ask.state.history.as_deref()?;
    let needle = Needle::read(q)?;
    let first = ask.params.get("seen").and_then(|text| text.parse().ok()).unwrap_or(0).min(FURTHEST);
    let limit = u32::try_from(FOUND_SIGHTINGS).unwrap_or(u32::MAX);
    let at = at.unwrap_or_else(|| ask.state.now());
    let page = history.find_sightings(&needle, at, first, limit).await.ok()?;
    Some(FoundSightings {
        rows: page.items.into_iter().map(|found| sighting(prepared, found)).collect(),
        first: usize::try_from(first).unwrap_or(usize::MAX),
        total: usize::try_from(page.total).unwrap_or(usize::MAX),
        is_partial: page.is_partial,
    })
}

fn sighting(prepared: &Prepared, found: Found) -> FoundSighting {
    let repository = images::repository(prepared, &found.repository);
    let digests: Vec<&str> =
        found.platforms.iter().chain([&found.sighting.digest]).map(String::as_str).collect();
    let running = repository.iter().flat_map(|repository| repository.running_any(&digests));
    let runs = running.map(|one| (one.service.name.clone(), one.environment.name.clone())).collect();
    FoundSighting {
        is_used: repository.is_some(),
        runs,
        edge: Edge {
            tag: found.sighting.tag,
            digest: found.sighting.digest,
            created: found.sighting.created,
            first_seen: found.sighting.first_seen,
            last_seen: found.sighting.last_seen,
            ended_at: found.sighting.ended_at,
            moved: false,
            pushed_at: found.sighting.pushed_at,
        },
        repository: found.repository,
        revision: found.revision,
    }
}

/// Which environments hold the words themselves; none where they stand in the service's name.
fn hit(service: &Arc<landfall_model::view::Service>, query: &Query) -> Hit {
    let q = query.q.to_lowercase();
    let environments = if service.name.to_lowercase().contains(&q) {
        Vec::new()
    } else {
        service.environments.iter().filter(|e| holds(e, &q)).cloned().collect()
    };
    Hit { service: Arc::clone(service), environments }
}

fn holds(environment: &Environment, q: &str) -> bool {
    let text = |t: &str| t.to_lowercase().contains(q);
    let image = |image: &ImageView| {
        let named = image.meant.iter().chain(&image.reported).flat_map(|i| [&i.tag, &i.digest]);
        let running = image.running.iter().flat_map(|i| [&i.tag, &i.digest]);
        text(&image.repository) || named.chain(running).flatten().any(|t| text(t))
    };
    environment.image.iter().chain(&environment.other_images).any(image)
        || environment.compared.iter().chain(&environment.deployed).any(|r| text(r))
        || text(&environment.application)
        || text(&environment.name)
}
