//! Requests to answers.

use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, Method, Request, Response, StatusCode, header};
use bytes::Bytes;
use serde_json::{Value, json};

use super::content::{Stored, digest};
use super::dialect::{Dialect, SignIn};
use super::path::{Asked, parse};
use super::{Inner, RegistryFault, list, lock, sign_in, vendor};

/// The four forms of a manifest that a reader has to name.
const MANIFESTS: [&str; 4] = [
    "application/vnd.oci.image.index.v1+json",
    "application/vnd.docker.distribution.manifest.list.v2+json",
    "application/vnd.oci.image.manifest.v1+json",
    "application/vnd.docker.distribution.manifest.v2+json",
];

/// What the registry's server needs.
#[derive(Clone, Debug)]
pub(super) struct Server {
    pub inner: Arc<Inner>,
    /// Where blobs are, with dialects that keep them elsewhere.
    pub store: String,
}

pub(super) async fn answer(State(server): State<Arc<Server>>, request: Request<Body>) -> Response<Body> {
    let inner = &server.inner;
    let head = request.method() == Method::HEAD;
    let token = if let SignIn::Token(path) = inner.dialect.sign_in() { Some(path) } else { None };
    let own = vendor::repository(inner.dialect, request.uri().path());
    let asked = own.map_or_else(|| parse(request.uri().path(), token), Asked::Times);
    let sort = asked.sort(head);
    lock(&inner.counts).request(sort, asked.repository());
    if !head && request.method() != Method::GET {
        lock(&inner.counts).violation(format!("{} {}", request.method(), request.uri()));
        return error(StatusCode::METHOD_NOT_ALLOWED, "UNSUPPORTED", "a reader may not write");
    }
    let slow = lock(&inner.faults).iter().find_map(|fault| match fault {
        RegistryFault::Slow { ms } => Some(*ms),
        _ => None,
    });
    if let Some(ms) = slow {
        tokio::time::sleep(Duration::from_millis(ms)).await;
    }
    if let Some(failure) = failure(inner, sort) {
        return failure;
    }
    let host = request.headers().get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
    if asked == Asked::Token {
        return cut(inner, sort, sign_in::token(inner, request.uri(), request.headers()));
    }
    if let Err(refusal) = sign_in::check(inner, &asked, request.headers(), host) {
        return *refusal;
    }
    if html(inner, sort) {
        return page();
    }
    let response = match &asked {
        Asked::Ping => json_answer(&json!({})),
        Asked::List(repository) => list::list(inner, repository, request.uri()),
        Asked::Manifest(repository, reference) => {
            manifest(inner, repository, reference, head, request.headers())
        }
        Asked::Blob(_, digest) => blob(&server, digest),
        Asked::Times(repository) => vendor::times(inner, repository, request.uri()),
        Asked::Token | Asked::Unknown => {
            lock(&inner.counts).violation(format!("GET {}", request.uri()));
            error(StatusCode::NOT_FOUND, "UNSUPPORTED", "no such path")
        }
    };
    cut(inner, sort, response)
}

/// A store of blobs: another host, which must never see the registry's credentials.
pub(super) async fn store(State(server): State<Arc<Server>>, request: Request<Body>) -> Response<Body> {
    let inner = &server.inner;
    lock(&inner.counts).request("store", "");
    if request.headers().contains_key(header::AUTHORIZATION) {
        lock(&inner.counts).violation("credentials at the store of blobs".to_owned());
    }
    let digest = request.uri().path().trim_start_matches('/');
    let found = lock(&inner.state).stored.get(digest).cloned();
    let is_signed = request.uri().query() == Some("signature=s3cr3t");
    match found.filter(|_| is_signed) {
        Some(stored) => cut(inner, "store", whole("application/octet-stream", stored.bytes)),
        None => error(StatusCode::FORBIDDEN, "DENIED", "signature"),
    }
}

/// A status that was asked for.
fn failure(inner: &Inner, sort: &str) -> Option<Response<Body>> {
    let fits = |of: &str| of.is_empty() || of == sort;
    let mut faults = lock(&inner.faults);
    for fault in faults.iter_mut() {
        match fault {
            RegistryFault::Status { of, code, retry_after, times } if fits(of) && *times > 0 => {
                *times -= 1;
                let mut response = error(
                    StatusCode::from_u16(*code).unwrap_or_default(),
                    "TOOMANYREQUESTS",
                    "try again later",
                );
                if let Some(value) = retry_after.as_ref().and_then(|text| text.parse().ok()) {
                    response.headers_mut().insert(header::RETRY_AFTER, value);
                }
                return Some(response);
            }
            RegistryFault::After { of, working } if fits(of) => {
                if *working == 0 {
                    return Some(error(StatusCode::INTERNAL_SERVER_ERROR, "UNKNOWN", "out of order"));
                }
                *working -= 1;
            }
            _ => {}
        }
    }
    None
}

fn html(inner: &Inner, sort: &str) -> bool {
    let faults = lock(&inner.faults);
    faults.iter().any(|fault| matches!(fault, RegistryFault::Html { of } if of.is_empty() || *of == sort))
}

fn page() -> Response<Body> {
    whole("text/html; charset=utf-8", Bytes::from_static(b"<!doctype html><title>Sign in</title>"))
}

fn manifest(
    inner: &Inner,
    repository: &str,
    reference: &str,
    head: bool,
    headers: &HeaderMap,
) -> Response<Body> {
    let accept = headers.get(header::ACCEPT).and_then(|value| value.to_str().ok()).unwrap_or_default();
    if let Some(missing) = MANIFESTS.iter().find(|kind| !accept.contains(**kind)) {
        lock(&inner.counts).violation(format!("a manifest is asked for without {missing}"));
    }
    let found = {
        let state = lock(&inner.state);
        let tags = state.tags.get(repository);
        let by_tag = tags.and_then(|tags| tags.get(reference)).cloned();
        let digest = by_tag.or_else(|| reference.contains(':').then(|| reference.to_owned()));
        tags.and(digest).and_then(|digest| Some((digest.clone(), state.stored.get(&digest)?.clone())))
    };
    let Some((of, Stored { media_type, bytes })) = found else {
        if inner.dialect == Dialect::Gar && !reference.contains(':') {
            return page();
        }
        return error(StatusCode::NOT_FOUND, "MANIFEST_UNKNOWN", "manifest unknown");
    };
    let mut response = whole(&media_type, bytes);
    let mut set = |name: &'static str, value: &str| {
        if let Ok(value) = value.parse() {
            response.headers_mut().insert(name, value);
        }
    };
    let (lies, silent) = {
        let faults = lock(&inner.faults);
        (faults.contains(&RegistryFault::WrongDigest), faults.contains(&RegistryFault::NoDigest))
    };
    if lies {
        set("docker-content-digest", &digest(b"something else"));
    } else if inner.dialect.tells_digest(head) && !silent {
        set("docker-content-digest", &of);
    }
    match inner.dialect {
        Dialect::Distribution => set("etag", &format!("\"{of}\"")),
        Dialect::DockerHub => set("ratelimit-remaining", "99;w=21600"),
        _ => {}
    }
    response
}

fn blob(server: &Server, digest: &str) -> Response<Body> {
    let inner = &server.inner;
    let elsewhere = lock(&inner.faults).iter().find_map(|fault| match fault {
        RegistryFault::Redirect(url) => Some(url.clone()),
        _ => None,
    });
    let found = lock(&inner.state).stored.get(digest).cloned();
    let Some(stored) = found else {
        return error(StatusCode::NOT_FOUND, "BLOB_UNKNOWN", "blob unknown to registry");
    };
    let to = elsewhere.or_else(|| {
        inner.dialect.redirects_blobs().then(|| format!("{}/{digest}?signature=s3cr3t", server.store))
    });
    match to.and_then(|to| to.parse().ok()) {
        Some(to) => {
            let mut response = Response::new(Body::empty());
            *response.status_mut() = StatusCode::TEMPORARY_REDIRECT;
            response.headers_mut().insert(header::LOCATION, to);
            response
        }
        None => whole("application/octet-stream", stored.bytes),
    }
}

/// The same answer, or a part of it on a connection that breaks.
fn cut(inner: &Inner, sort: &str, response: Response<Body>) -> Response<Body> {
    let cuts = lock(&inner.faults).iter_mut().any(|fault| match fault {
        RegistryFault::Cut { of, times } if (of.is_empty() || *of == sort) && *times > 0 => {
            *times -= 1;
            true
        }
        _ => false,
    });
    if !cuts || !response.status().is_success() {
        return response;
    }
    let (mut parts, _) = response.into_parts();
    parts.headers.remove(header::CONTENT_LENGTH);
    let pieces = [Ok(Bytes::from_static(b"{\"")), Err(std::io::Error::other("cut"))];
    Response::from_parts(parts, Body::from_stream(futures::stream::iter(pieces)))
}

pub(super) fn json_answer(value: &Value) -> Response<Body> {
    whole("application/json", value.to_string().into())
}

/// An error as the specification gives it.
pub(super) fn error(status: StatusCode, code: &str, message: &str) -> Response<Body> {
    let mut response = json_answer(&json!({"errors": [{"code": code, "message": message, "detail": null}]}));
    *response.status_mut() = status;
    response
}

fn whole(kind: &str, bytes: Bytes) -> Response<Body> {
    let mut response = Response::new(Body::from(bytes));
    if let Ok(kind) = kind.parse() {
        response.headers_mut().insert(header::CONTENT_TYPE, kind);
    }
    response
}
