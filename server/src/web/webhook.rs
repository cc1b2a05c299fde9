//! `POST /webhooks/registry/{name}`: the secret first, then the body, then a quick 202.
//!
//! Who does not prove himself learns nothing: a registry that is not configured, one that has no secret and a wrong secret
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
use crate::hook::{Pushed, Unreadable, pushed};

/// The handler. The body is whole and within its limit already, see `guard`.
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
