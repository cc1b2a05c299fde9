//! Around every request: who may ask, what every answer carries, what a panic becomes.

use std::{
    net::IpAddr,
    panic::AssertUnwindSafe,
    time::{Duration, Instant},
};

use axum::{
    extract::{MatchedPath, Request, State},
    http::{HeaderMap, HeaderName, HeaderValue, Method, Uri, header},
    middleware::Next,
    response::Response,
};
use futures::FutureExt;
use landfall_model::said;
use tracing::Instrument;

use super::{
    AppState, Problem, respond,
    routes::{Access, Caching, rule},
};

/// Headers that every answer carries.
pub struct Headers(Vec<(HeaderName, HeaderValue)>);

impl Headers {
    /// `script_hashes`: base64 of SHA-256 of the pages' constant inline scripts. Pages are cached as compressed bytes,
    /// so a nonce per answer is not possible.
    pub fn new(script_hashes: &[String], https: bool) -> Self {
        let hashes: Vec<_> = script_hashes.iter().map(|hash| format!(" 'sha256-{hash}'")).collect();
        let hashes = hashes.concat();
        let policy = format!(
            "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'{hashes}; style-src 'self'; img-src 'self' data:; \
             font-src 'self'; manifest-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'self'; \
             frame-ancestors 'none'"
        );
        let mut headers = vec![
            (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
            (header::REFERRER_POLICY, HeaderValue::from_static("same-origin")),
            (header::X_FRAME_OPTIONS, HeaderValue::from_static("DENY")),
            (HeaderName::from_static("cross-origin-opener-policy"), HeaderValue::from_static("same-origin")),
            (
                HeaderName::from_static("cross-origin-resource-policy"),
                HeaderValue::from_static("same-origin"),
            ),
            (
                HeaderName::from_static("permissions-policy"),
                HeaderValue::from_static("camera=(), microphone=(), geolocation=()"),
            ),
        ];
        if let Ok(policy) = HeaderValue::from_str(&policy) {
            headers.push((header::CONTENT_SECURITY_POLICY, policy));
        }
        if https {
            let a_year = HeaderValue::from_static("max-age=31536000; includeSubDomains");
            headers.push((header::STRICT_TRANSPORT_SECURITY, a_year));
        }
        Self(headers)
    }
}

/// The header with that id, in requests as handlers see them, and in answers.
pub const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Bytes of the largest form, and of the largest webhook: GitHub's hold the description of the package.
const LARGEST_FORM: usize = 64 << 10;
const LARGEST_WEBHOOK: usize = 512 << 10;

/// The id under which the log knows a request.
#[derive(Debug, Clone)]
pub struct RequestId(pub String);

/// The middleware.
pub async fn guard(State(state): State<AppState>, mut request: Request, next: Next) -> Response {
    let started = Instant::now();
    let route = request
        .extensions()
        .get::<MatchedPath>()
        .and_then(|path| rule(request.method().as_str(), path.as_str()));
    let id = uuid::Uuid::now_v7().simple().to_string();
    request.extensions_mut().insert(RequestId(id.clone()));
    // Whatever the client sent under this name: pages of errors quote it from here.
    if let Ok(id) = HeaderValue::from_str(&id) {
        request.headers_mut().insert(REQUEST_ID, id);
    }
    let (method, uri, headers) = (request.method().clone(), request.uri().clone(), request.headers().clone());
    let span = tracing::info_span!("request", %method, path = uri.path(), id);

    // What only says whether the server lives must answer under any name and any load.
    let probe = route.is_some_and(|route| route.access == Access::Anybody && route.caching == Caching::Never);
    let answer = async {
        if !probe && let Err(refused) = check(&state, &method, &uri, &headers) {
            return respond::problem(&state, &uri, &headers, &refused);
        }
        let request = match route {
            Some(route) if route.method == "POST" && method == Method::POST => {
                let largest = if route.access == Access::Caller { LARGEST_WEBHOOK } else { LARGEST_FORM };
                match whole(request, largest, state.settings.body_wait).await {
                    Ok(request) => request,
                    Err(refused) => return respond::problem(&state, &uri, &headers, &refused),
                }
            }
            _ => request,
        };
        let Ok(place) = (if probe { Ok(None) } else { state.in_flight.try_acquire().map(Some) }) else {
            state.metrics.shed.inc();
            let detail = said!("too-much", "Too much to do at once; try again in a second.");
            let full = Problem::unavailable(detail, 1);
            return respond::problem(&state, &uri, &headers, &full);
        };
        let response = AssertUnwindSafe(next.run(request)).catch_unwind().await.unwrap_or_else(|_| {
            state.metrics.panics.inc();
            tracing::error!("a request panicked");
            respond::problem(&state, &uri, &headers, &Problem::internal())
        });
        drop(place);
        // The page quotes the id; here it is found again.
        if response.status().is_server_error() && !probe {
            tracing::warn!(status = response.status().as_u16(), "a request failed");
        }
        response
    };
    let mut response = answer.instrument(span.clone()).await;

    let took = started.elapsed();
    let label = route.map_or("none", |route| route.path);
    state.metrics.request(label, response.status(), took);
    span.in_scope(|| tracing::debug!(status = response.status().as_u16(), ms = took.as_millis(), "answered"));

    let to = response.headers_mut();
    for (name, value) in &state.headers.0 {
        // What is shown on pages of others says so itself.
        to.entry(name).or_insert_with(|| value.clone());
    }
    if let Ok(id) = HeaderValue::from_str(&id) {
        to.insert(REQUEST_ID, id);
    }
    if !to.contains_key(header::CACHE_CONTROL) {
        let revalidate = route.is_some_and(|route| route.caching == Caching::Revalidate);
        let value = if revalidate { "no-cache" } else { "no-store" };
        to.insert(header::CACHE_CONTROL, HeaderValue::from_static(value));
    }
    response
}

/// The request with its body read whole: one that comes drop by drop holds no place among those that are worked on.
async fn whole(request: Request, largest: usize, wait: Duration) -> Result<Request, Problem> {
    let (parts, body) = request.into_parts();
    match tokio::time::timeout(wait, axum::body::to_bytes(body, largest)).await {
        Ok(Ok(bytes)) => Ok(Request::from_parts(parts, bytes.into())),
        Ok(Err(_)) => Err(Problem::too_large(said!(
            "body-too-large",
            "The body is cut off, or larger than any form of these pages."
        ))),
        Err(_) => Err(Problem::timeout(said!("body-too-slow", "The body did not come in time."))),
    }
}

/// Host, and for anything but reading the origin.
fn check(state: &AppState, method: &Method, uri: &Uri, headers: &HeaderMap) -> Result<(), Problem> {
    let host = host_of(uri, headers);
    let known = state.known_hosts();
    // A name that a stranger points at 127.0.0.1 would otherwise let his page read this one (DNS rebinding).
    if !known.is_empty() && !host.as_deref().is_some_and(|host| known.contains(host)) {
        let host: String = host.unwrap_or_default().chars().take(100).collect();
        let host = format!("{host:?}");
        return Err(Problem::misdirected(said!(
            "unknown-host",
            "This server does not answer to {host}. Names it answers to stand in the configuration.",
            host = host,
        )));
    }
    if method == Method::GET || method == Method::HEAD {
        return Ok(());
    }
    let said = |name: &str| headers.get(name).map(|value| value.to_str().unwrap_or("?"));
    let site_is_ours = said("sec-fetch-site").is_none_or(|site| matches!(site, "same-origin" | "none"));
    let origin_is_ours = said("origin").is_none_or(|origin| {
        let authority = origin.split_once("://").map_or("", |(_, rest)| rest);
        Some(name_of(authority)) == host
    });
    if site_is_ours && origin_is_ours {
        Ok(())
    } else {
        Err(Problem::forbidden(said!(
            "foreign-request",
            "A request that changes something must come from this site's own pages."
        )))
    }
}

/// The name that was asked for, in lower case, without port and trailing dot. HTTP/2 has it in the URI.
fn host_of(uri: &Uri, headers: &HeaderMap) -> Option<String> {
    let mut said = headers.get_all(header::HOST).iter();
    let header = match (said.next(), said.next()) {
        (Some(one), None) => Some(one.to_str().ok()?),
        (None, _) => None,
        // Two names are no name.
        _ => return None,
    };
    uri.authority().map(axum::http::uri::Authority::as_str).or(header).map(name_of)
}

fn name_of(authority: &str) -> String {
    let host = match authority.strip_prefix('[') {
        Some(rest) => rest.split_once(']').map(|(address, _)| format!("[{address}]")).unwrap_or_default(),
        None => authority.split(':').next().unwrap_or_default().trim_end_matches('.').to_ascii_lowercase(),
    };
    // `[0:0:0:0:0:0:0:1]` is `[::1]`.
    match host.trim_matches(['[', ']']).parse::<IpAddr>() {
        Ok(IpAddr::V6(address)) => format!("[{address}]"),
        _ => host,
    }
}

#[cfg(test)]
mod tests {
    use super::name_of;

    #[test]
    fn names_are_compared_without_port_case_and_dot() {
        for (written, name) in [
            ("LOCALHOST:3000", "localhost"),
            ("landfall.example.", "landfall.example"),
            ("127.0.0.1:80", "127.0.0.1"),
            ("[::1]:3000", "[::1]"),
            ("[0:0:0:0:0:0:0:1]", "[::1]"),
            ("localhost.evil.example", "localhost.evil.example"),
            ("", ""),
        ] {
            assert_eq!(name_of(written), name, "{written}");
        }
    }
}
