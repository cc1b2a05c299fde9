//! `/search?q=`.

use std::sync::Arc;

use landfall_app::{
    data::{Hit, Search},
    pages,
};
use landfall_model::{
    query::{List, Query, services::services},
    view::{Environment, ImageView},
};

use super::{Ask, service};
use crate::{store::HistoryQuery, web::Problem};

/// Services and transitions that are listed.
const SHOWN: usize = 30;

pub(super) async fn page(ask: &Ask) -> Result<String, Problem> {
    let mut query = ask.query(List::Services, &[])?;
    query.limit = SHOWN;
    query.group = None;
    let view = ask.view(query.at.as_ref().map(|m| m.at)).await?;
    let snapshot = &view.prepared.snapshot;
    let shell = ask.shell(snapshot, view.at, None);
    let q = query.q.clone();
    if q.is_empty() {
        let data = Search { q, services: Vec::new(), services_total: 0, past: None, near: Vec::new() };
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
    let near = if hits.is_empty() { service::near(snapshot, &q) } else { Vec::new() };
    let data = Search { services: hits, services_total: found.total, past, near, q };
    Ok(pages::search(&data, &shell))
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
