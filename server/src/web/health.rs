//! `/livez` and `/readyz`.

use axum::{
    Json,
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use landfall_model::Text;
use serde::Serialize;

use super::AppState;

/// The process answers. Nothing else is asked: a database that is away is no reason to restart.
pub async fn live() -> &'static str {
    "ok\n"
}

/// What `/readyz` says.
#[derive(Debug, Serialize)]
#[expect(clippy::struct_field_names, reason = "the word that scripts look for")]
struct Ready {
    ready: bool,
    revision: u64,
    /// Sources that were never read.
    missing: Vec<Text>,
    /// Sources whose values are shown but cannot be relied on at present.
    stale: Vec<Text>,
    stopping: bool,
}

/// 200 once a view is there, from the sources or from the last run; 503 before, and while stopping.
pub async fn ready(State(state): State<AppState>) -> Response {
    let snapshot = state.live();
    let missing =
        snapshot.sources.values().filter(|s| s.last_success.is_none()).map(|s| Text::clone(&s.name));
    let stopping = state.shutdown.is_cancelled();
    let ready = state.has_view() && !stopping;
    let body = Ready {
        ready,
        revision: snapshot.revision,
        missing: missing.collect(),
        stale: snapshot.stale_sources(),
        stopping,
    };
    let status = if ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    (status, Json(body)).into_response()
}
