//! `POST /webhooks/registry/{name}`, `/webhooks/forge/{name}`, `/webhooks/github`: the secret first, then the body, then a quick 202.
//!
//! Who does not prove himself learns nothing: a source that is not configured, one that has no secret and a wrong secret
//! are one answer. Who does learns no more than that he was heard.

use axum::{
    Json,
    extract::{Path, State},
    http::{HeaderMap, HeaderValue, StatusCode, Uri, header::WWW_AUTHENTICATE},
    response::{IntoResponse as _, Response},
};
use bytes::Bytes;
use serde_json::json;

use super::{AppState, Problem, respond};
use crate::hook::{Happened, Pushed, Unreadable, Wish, delivery, happened, pushed};

/// The handler of registries. The body is whole and within its limit already, see `guard`.
pub async fn registry(
    State(state): State<AppState>,
    Path(name): Path<String>,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let hooks = &state.hooks;
    let refuse = |result, problem: &Problem| {
        hooks.metrics.received(result);
        respond::problem(&state, &uri, &headers, problem)
    };
    if !hooks.is_proven(&name, &headers, uri.query(), &body) {
        let mut response =
            refuse("refused", &Problem::unproven("The secret of this webhook is missing or wrong."));
        response.headers_mut().insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        return response;
    }
    let repositories = match pushed(&body) {
        Ok(Pushed::Repositories(repositories)) => repositories,
        Ok(Pushed::Validation(code)) => {
            hooks.metrics.received("accepted");
            return Json(json!({"validationResponse": code})).into_response();
        }
        Err(Unreadable) => {
            let problem = Problem::bad_request("The body is not the JSON that a registry sends.");
            return refuse("malformed", &problem);
        }
    };
    let result = if repositories.is_empty() { "ignored" } else { "accepted" };
    let mut all = true;
    for (repository, wish) in repositories {
        all &= hooks.asks.add(&name, &repository, wish);
    }
    if !all {
        return refuse("full", &Problem::unavailable("Too much is waiting to be looked at; try again.", 30));
    }
    hooks.metrics.received(result);
    StatusCode::ACCEPTED.into_response()
}

/// The handler of forges.
pub async fn forge(
    State(state): State<AppState>,
    Path(name): Path<String>,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    of_forge(&state, &format!("forge/{name}"), &uri, &headers, &body)
}

/// The handler of the first GitHub.
pub async fn github(State(state): State<AppState>, uri: Uri, headers: HeaderMap, body: Bytes) -> Response {
    let source = state.hooks.github().unwrap_or_default().to_owned();
    of_forge(&state, &source, &uri, &headers, &body)
}

fn of_forge(state: &AppState, source: &str, uri: &Uri, headers: &HeaderMap, body: &[u8]) -> Response {
    let hooks = &state.hooks;
    let refuse = |result, problem: &Problem| {
        hooks.metrics.received(result);
        respond::problem(state, uri, headers, problem)
    };
    if !hooks.is_proven(source, headers, uri.query(), body) {
        return refuse("refused", &Problem::unproven("The secret of this webhook is missing or wrong."));
    }
    let id = delivery(headers);
    if id.is_some_and(|id| hooks.deliveries.knows(source, id)) {
        hooks.metrics.received("repeated");
        return StatusCode::ACCEPTED.into_response();
    }
    let told = match happened(headers, body) {
        Ok(Happened::In(repository)) => vec![(source.to_owned(), repository, Wish::list())],
        Ok(Happened::Package) => of_package(body),
        Ok(Happened::Nothing) => Vec::new(),
        Err(Unreadable) => {
            return refuse(
                "malformed",
                &Problem::bad_request("The body is not the JSON that a forge sends."),
            );
        }
    };
    let result = if told.is_empty() { "ignored" } else { "accepted" };
    if !told.into_iter().all(|(host, repository, wish)| hooks.asks.add(&host, &repository, wish)) {
        return refuse("full", &Problem::unavailable("Too much is waiting to be looked at; try again.", 30));
    }
    // One that was refused may be sent again.
    if let Some(id) = id {
        hooks.deliveries.keep(source, id);
    }
    hooks.metrics.received(result);
    StatusCode::ACCEPTED.into_response()
}

/// An image that was pushed to GitHub's own registry.
fn of_package(body: &[u8]) -> Vec<(String, String, Wish)> {
    match pushed(body) {
        Ok(Pushed::Repositories(found)) => {
            found.into_iter().map(|(repository, wish)| ("ghcr.io".to_owned(), repository, wish)).collect()
        }
        _ => Vec::new(),
    }
}
