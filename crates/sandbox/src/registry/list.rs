//! `tags/list`, in every dialect.

use axum::body::Body;
use axum::http::{Response, StatusCode, Uri, header};
use serde_json::json;

use super::answer::{error, json_answer};
use super::content::digest;
use super::dialect::Dialect;
use super::{Inner, RegistryFault, lock};

/// A page of a repository's tags.
pub(super) fn list(inner: &Inner, repository: &str, uri: &Uri) -> Response<Body> {
    let query = |key: &str| {
        let pairs = uri.query().unwrap_or_default().split('&').filter_map(|pair| pair.split_once('='));
        pairs.filter(|(name, _)| *name == key).map(|(_, value)| value.to_owned()).next()
    };
    for pair in uri.query().unwrap_or_default().split('&').filter(|pair| !pair.is_empty()) {
        if !["n=", "last=", "next_page=", "page="].iter().any(|known| pair.starts_with(known)) {
            lock(&inner.counts).violation(format!("a list with {pair}"));
        }
    }
    let dialect = inner.dialect;
    let mut tags: Vec<String> = {
        let state = lock(&inner.state);
        let Some(tags) = state.tags.get(repository) else {
            let (status, code) = dialect.unknown_repository();
            return error(
                StatusCode::from_u16(status).unwrap_or_default(),
                code,
                "repository name not known to registry",
            );
        };
        tags.keys().cloned().collect()
    };
    if dialect == Dialect::Ecr {
        tags.sort_by_key(|tag| digest(tag.as_bytes()));
    }
    let asked = query("n");
    let size = match dialect.page(asked.as_deref().and_then(|n| n.parse().ok())) {
        Ok(size) if dialect != Dialect::Gar => {
            let most = *lock(&inner.page);
            size.or(most).map(|size| most.map_or(size, |most| size.min(most)))
        }
        Ok(size) => size,
        Err((status, code)) => {
            return error(
                StatusCode::from_u16(status).unwrap_or_default(),
                code,
                "the number of results is not valid",
            );
        }
    };
    let from = match query("next_page").or_else(|| query("last")) {
        _ if dialect == Dialect::Gar => 0,
        None => 0,
        Some(mark) if dialect.marks_pages() => {
            mark.strip_prefix("mark-").and_then(|at| at.parse().ok()).unwrap_or(0)
        }
        Some(last) => tags.iter().position(|tag| *tag > last).unwrap_or(tags.len()),
    };
    let to = size.map_or(tags.len(), |size| (from + size).min(tags.len()));
    let page = &tags[from.min(to)..to];
    let next = (to < tags.len()).then(|| {
        let n = asked.map(|n| format!("&n={n}")).unwrap_or_default();
        let last = page.last().cloned().unwrap_or_default();
        match dialect {
            Dialect::Quay => format!("/v2/{repository}/tags/list?next_page=mark-{to}{n}"),
            Dialect::Ecr => format!("/v2/{repository}/tags/list?last=mark-{to}{n}"),
            Dialect::Harbor => {
                format!("http://harbor-core.internal/v2/{repository}/tags/list?last={last}{n}")
            }
            _ => format!("/v2/{repository}/tags/list?last={last}{n}"),
        }
    });
    let faults = lock(&inner.faults);
    let number: u64 = query("page").and_then(|page| page.parse().ok()).unwrap_or(0);
    let next = if faults.contains(&RegistryFault::EndlessPages) {
        let n = query("n").map(|n| format!("&n={n}")).unwrap_or_default();
        Some(format!("/v2/{repository}/tags/list?page={}{n}", number + 1))
    } else if faults.contains(&RegistryFault::SamePage) {
        Some(uri.path_and_query().map(ToString::to_string).unwrap_or_default())
    } else {
        next
    };
    // Distribution writes null where there is none.
    let tags = if page.is_empty() && dialect == Dialect::Distribution { json!(null) } else { json!(page) };
    let mut response = json_answer(&json!({"name": repository, "tags": tags}));
    if let Some(link) = next.and_then(|next| format!("<{next}>; rel=\"next\"").parse().ok()) {
        response.headers_mut().insert(header::LINK, link);
    }
    response
}
