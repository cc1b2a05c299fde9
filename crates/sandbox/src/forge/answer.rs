//! Requests to answers: faults, who asks, limits, the route, 304.

use std::time::Duration;

use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, Request, Response, StatusCode, header};
use bytes::Bytes;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use super::access::Who;
use super::page::{Page, Query};
use super::route::{Api, Route, What};
use super::state::hex;
use super::{Forge, ForgeFault, gitea, github, gitlab, lock};

/// Largest body that is taken: a comment has at most 65,536 characters.
const LARGEST: usize = 1 << 20;

/// What a request is, once it is known who asks.
pub(super) struct Asked {
    pub route: Route,
    pub method: Method,
    pub query: Query,
    pub body: Value,
    pub who: Who,
    /// `127.0.0.1:PORT`, as the request names it.
    pub host: String,
}

/// What is answered.
pub(super) enum Reply {
    One(StatusCode, Value),
    /// A list in pages. Named: it stands in an object under this name, with its length.
    List(Option<&'static str>, Vec<Value>),
    Nothing,
}

pub(super) fn ok(value: Value) -> Reply {
    Reply::One(StatusCode::OK, value)
}

pub(super) fn not_found() -> Reply {
    Reply::One(StatusCode::NOT_FOUND, json!({"message": "Not Found", "status": "404"}))
}

pub(super) async fn answer(State(forge): State<Forge>, request: Request<Body>) -> Response<Body> {
    let (parts, body) = request.into_parts();
    let route = Route::of(parts.uri.path());
    let sort = route.sort();
    lock(&forge.0.counts).request(sort, &route.repository);
    if let Some(ms) = slowness(&forge) {
        tokio::time::sleep(Duration::from_millis(ms)).await;
    }
    if let Some(response) = failure(&forge, sort) {
        return response;
    }
    let host = parts.headers.get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
    let body = axum::body::to_bytes(body, LARGEST).await.unwrap_or_default();
    let who = lock(&forge.0.access).who(&parts.headers, forge.now());
    let asked = Asked {
        route,
        method: parts.method.clone(),
        query: Query::of(&parts.uri),
        body: serde_json::from_slice(&body).unwrap_or(Value::Null),
        who,
        host: host.to_owned(),
    };
    let mut response = if let Some(refusal) = refusal(&forge, &asked) {
        refusal
    } else {
        let reply = reply(&forge, &asked);
        respond(&forge, &asked, reply, &parts.uri, &parts.headers)
    };
    if asked.route.api == Api::Github {
        window_headers(&forge, &asked.who, response.headers_mut());
    }
    cut(&forge, sort, &asked.method, response)
}

/// Who may not ask, or not now.
fn refusal(forge: &Forge, asked: &Asked) -> Option<Response<Body>> {
    let is_for_app =
        matches!(asked.route.what, What::App | What::Installations | What::Installation | What::Token(_));
    let closed = lock(&forge.0.access).is_closed();
    let refused = match &asked.who {
        Who::Unknown => true,
        Who::Nobody => closed || is_for_app,
        Who::App => !is_for_app,
        Who::User(_) | Who::Installation(_) => is_for_app,
    };
    if refused {
        let message = if asked.who == Who::Nobody { "Requires authentication" } else { "Bad credentials" };
        return Some(json_answer(StatusCode::UNAUTHORIZED, &json!({"message": message, "status": "401"})));
    }
    if asked.route.api != Api::Github {
        return None;
    }
    let now = forge.now();
    let writes = asked.method != Method::GET && !is_for_app;
    let mut windows = lock(&forge.0.windows);
    if windows.of(asked.who.key(), now).left() == 0 {
        lock(&forge.0.counts).limited();
        let message = format!("API rate limit exceeded for {}.", asked.who.login());
        return Some(json_answer(StatusCode::FORBIDDEN, &json!({"message": message, "status": "403"})));
    }
    if writes && !windows.write(now) {
        lock(&forge.0.counts).limited();
        return Some(secondary(Some(60)));
    }
    None
}

fn reply(forge: &Forge, asked: &Asked) -> Reply {
    match asked.route.api {
        Api::Github => github::reply(forge, asked),
        Api::Gitlab => gitlab::reply(forge, asked),
        Api::Gitea => gitea::reply(forge, asked),
    }
}

fn respond(
    forge: &Forge,
    asked: &Asked,
    reply: Reply,
    uri: &axum::http::Uri,
    headers: &HeaderMap,
) -> Response<Body> {
    let sort = asked.route.sort();
    let mut link = None;
    let (status, mut value) = match reply {
        Reply::One(status, value) => (status, value),
        Reply::Nothing => {
            charge(forge, asked);
            return json_response(StatusCode::NO_CONTENT, Bytes::new());
        }
        Reply::List(name, items) => {
            let endless = lock(&forge.0.faults).contains(&ForgeFault::EndlessPages);
            let page = Page::of(asked.route.api, items, &asked.query, endless);
            link = page.link(&asked.host, uri);
            let items = Value::Array(page.items);
            let value = match name {
                Some(name) => json!({"total_count": page.all, name: items}),
                None => items,
            };
            (StatusCode::OK, value)
        }
    };
    if is_broken(forge, sort) {
        spoil(&mut value);
    }
    let bytes = Bytes::from(value.to_string());
    let tag = format!("W/\"{}\"", hex(&Sha256::digest(&bytes)));
    let asks_for = headers.get(header::IF_NONE_MATCH).and_then(|tag| tag.to_str().ok());
    // Gitea and GitLab tell no tags for their lists.
    let has_tags = asked.route.api == Api::Github && asked.method == Method::GET && status.is_success();
    if has_tags && asks_for == Some(&tag) {
        lock(&forge.0.counts).unchanged();
        // Free for who signed in; who did not pays for it.
        if asked.who.key().is_none() {
            charge(forge, asked);
        }
        let mut response = json_response(StatusCode::NOT_MODIFIED, Bytes::new());
        put(response.headers_mut(), header::ETAG, &tag);
        return response;
    }
    charge(forge, asked);
    let mut response = json_response(status, bytes);
    if has_tags {
        put(response.headers_mut(), header::ETAG, &tag);
    }
    if let Some(link) = link {
        put(response.headers_mut(), header::LINK, &link);
    }
    response
}

/// One request more that counts.
fn charge(forge: &Forge, asked: &Asked) {
    lock(&forge.0.counts).charged();
    lock(&forge.0.windows).of(asked.who.key(), forge.now()).used += 1;
}

fn window_headers(forge: &Forge, who: &Who, headers: &mut HeaderMap) {
    let window = *lock(&forge.0.windows).of(who.key(), forge.now());
    for (name, value) in [
        ("x-ratelimit-limit", window.limit.to_string()),
        ("x-ratelimit-remaining", window.left().to_string()),
        ("x-ratelimit-used", window.used.to_string()),
        ("x-ratelimit-reset", window.reset.to_string()),
        ("x-ratelimit-resource", "core".to_owned()),
    ] {
        put(headers, HeaderName::from_static(name), &value);
    }
}

fn slowness(forge: &Forge) -> Option<u64> {
    lock(&forge.0.faults).iter().find_map(|fault| match fault {
        ForgeFault::Slow { ms } => Some(*ms),
        _ => None,
    })
}

/// What was asked to go wrong instead of an answer.
fn failure(forge: &Forge, sort: &str) -> Option<Response<Body>> {
    let fits = |of: &str| of.is_empty() || of == sort;
    let message = |code: u16| {
        let status = StatusCode::from_u16(code).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        json_answer(status, &json!({"message": "as it was told to", "status": code.to_string()}))
    };
    for fault in lock(&forge.0.faults).iter_mut() {
        match fault {
            ForgeFault::Status { of, code, times } if fits(of) && *times > 0 => {
                *times -= 1;
                return Some(message(*code));
            }
            ForgeFault::Secondary { of, retry_after, times } if fits(of) && *times > 0 => {
                *times -= 1;
                return Some(secondary(*retry_after));
            }
            ForgeFault::After { of, working, code } if fits(of) => {
                if *working == 0 {
                    return Some(message(*code));
                }
                *working -= 1;
            }
            ForgeFault::Html { of, times } if fits(of) && *times > 0 => {
                *times -= 1;
                return Some(Response::new(Body::from("<!DOCTYPE html><title>Sign in</title>")));
            }
            ForgeFault::Redirect(to) => {
                let mut response = json_response(StatusCode::TEMPORARY_REDIRECT, Bytes::new());
                put(response.headers_mut(), header::LOCATION, to);
                return Some(response);
            }
            _ => {}
        }
    }
    None
}

fn secondary(retry_after: Option<u64>) -> Response<Body> {
    let message = "You have exceeded a secondary rate limit. Please wait a few minutes before you try again.";
    let mut response = json_answer(StatusCode::FORBIDDEN, &json!({"message": message, "status": "403"}));
    if let Some(seconds) = retry_after {
        put(response.headers_mut(), header::RETRY_AFTER, &seconds.to_string());
    }
    response
}

fn is_broken(forge: &Forge, sort: &str) -> bool {
    let fits =
        |fault: &ForgeFault| matches!(fault, ForgeFault::Broken { of } if of.is_empty() || *of == sort);
    lock(&forge.0.faults).iter().any(fits)
}

/// A number where a text belongs, in the first object of a list.
fn spoil(value: &mut Value) {
    let first = match value {
        Value::Array(items) => items.first_mut(),
        Value::Object(fields) => fields.values_mut().find_map(|it| it.as_array_mut()?.first_mut()),
        _ => None,
    };
    if let Some(Value::Object(fields)) = first {
        for name in ["title", "created_at", "body", "name"] {
            if let Some(field) = fields.get_mut(name) {
                *field = json!({"not": "a text"});
                return;
            }
        }
    }
}

/// The beginning of a body, and then nothing.
fn cut(forge: &Forge, sort: &str, method: &Method, response: Response<Body>) -> Response<Body> {
    if !response.status().is_success() {
        return response;
    }
    let cuts = lock(&forge.0.faults).iter_mut().any(|fault| match fault {
        ForgeFault::Cut { of, times } if (of.is_empty() || *of == sort) && *times > 0 => {
            *times -= 1;
            true
        }
        ForgeFault::WriteUnheard { times } if method != Method::GET && *times > 0 => {
            *times -= 1;
            true
        }
        _ => false,
    });
    if !cuts {
        return response;
    }
    let (mut parts, _) = response.into_parts();
    parts.headers.remove(header::CONTENT_LENGTH);
    let pieces = [Ok(Bytes::from_static(b"[{\"")), Err(std::io::Error::other("cut"))];
    Response::from_parts(parts, Body::from_stream(futures::stream::iter(pieces)))
}

fn json_answer(status: StatusCode, value: &Value) -> Response<Body> {
    json_response(status, value.to_string().into())
}

fn json_response(status: StatusCode, bytes: Bytes) -> Response<Body> {
    let mut response = Response::new(Body::from(bytes));
    *response.status_mut() = status;
    let kind = HeaderValue::from_static("application/json; charset=utf-8");
    response.headers_mut().insert(header::CONTENT_TYPE, kind);
    response
}

fn put(headers: &mut HeaderMap, name: HeaderName, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        headers.insert(name, value);
    }
}
