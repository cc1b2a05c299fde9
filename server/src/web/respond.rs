//! Answers: conditional, compressed, problems as JSON or as a page.

use std::io::Write;

use axum::{
    body::Body,
    http::{HeaderMap, HeaderValue, StatusCode, Uri, header},
    response::Response,
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use bytes::Bytes;
use sha2::{Digest, Sha256};

use super::{AppState, Problem, problem::wants_html, routes::allowed};

/// How a body is packed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Encoding {
    Brotli,
    Gzip,
    Identity,
}

/// Bodies smaller than this are not worth packing.
const WORTH: usize = 860;
/// Brotli level 4: as small as gzip 9 at a fraction of the time. The library's own default would take 100 times as long.
const BROTLI_LEVEL: i32 = 4;

impl Encoding {
    /// The best that the client takes. `q=0` means "not this one".
    pub fn of(headers: &HeaderMap) -> Self {
        let mut best = Self::Identity;
        let said = headers.get_all(header::ACCEPT_ENCODING).iter().filter_map(|value| value.to_str().ok());
        for part in said.flat_map(|value| value.split(',')) {
            let mut pieces = part.split(';').map(str::trim);
            let name = pieces.next().unwrap_or_default();
            let refused = pieces.any(|piece| {
                piece.strip_prefix("q=").is_some_and(|q| q.parse::<f32>().is_ok_and(|q| q <= 0.0))
            });
            let encoding = match name {
                _ if refused => continue,
                "br" => Self::Brotli,
                "gzip" | "x-gzip" => Self::Gzip,
                _ => continue,
            };
            best = best.min(encoding);
        }
        best
    }

    /// The value of `Content-Encoding`.
    pub const fn name(self) -> Option<&'static str> {
        match self {
            Self::Brotli => Some("br"),
            Self::Gzip => Some("gzip"),
            Self::Identity => None,
        }
    }

    /// Packs a body; a small one stays as it is, and the encoding says so.
    pub fn pack(self, body: Bytes) -> (Self, Bytes) {
        if body.len() < WORTH {
            return (Self::Identity, body);
        }
        let packed = match self {
            Self::Identity => None,
            Self::Gzip => {
                let mut to = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::new(6));
                to.write_all(&body).and_then(|()| to.finish()).ok()
            }
            Self::Brotli => {
                let params = brotli::enc::BrotliEncoderParams { quality: BROTLI_LEVEL, ..Default::default() };
                let mut to = Vec::new();
                brotli::BrotliCompress(&mut &body[..], &mut to, &params).is_ok().then_some(to)
            }
        };
        // Writing to memory does not fail; if it did, the plain body is right as well.
        packed.map_or((Self::Identity, body), |packed| (self, packed.into()))
    }
}

/// A weak tag of these bytes: the same content, however it is packed.
pub fn tag_of<'a>(parts: impl IntoIterator<Item = &'a [u8]>) -> String {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update(part.len().to_le_bytes());
        hash.update(part);
    }
    format!("W/\"{}\"", URL_SAFE_NO_PAD.encode(&hash.finalize()[..16]))
}

/// Whether the client has what this tag names.
pub fn has(headers: &HeaderMap, tag: &str) -> bool {
    let opaque = |tag: &str| tag.trim().trim_start_matches("W/").to_owned();
    let said = headers.get_all(header::IF_NONE_MATCH).iter().filter_map(|value| value.to_str().ok());
    said.flat_map(|value| value.split(',')).any(|one| one.trim() == "*" || opaque(one) == opaque(tag))
}

/// 304, or 200 with this body, packed as the client likes.
pub fn conditional(
    headers: &HeaderMap,
    tag: &str,
    content_type: &'static str,
    body: impl Into<Bytes>,
) -> Response {
    if has(headers, tag) {
        return tagged(StatusCode::NOT_MODIFIED, tag, Body::empty());
    }
    let (encoding, body) = Encoding::of(headers).pack(body.into());
    packed(tag, content_type, encoding, body)
}

/// 200 with a body that is packed already.
pub fn packed(tag: &str, content_type: &'static str, encoding: Encoding, body: Bytes) -> Response {
    let mut response = tagged(StatusCode::OK, tag, Body::from(body));
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
    if let Some(name) = encoding.name() {
        response.headers_mut().insert(header::CONTENT_ENCODING, HeaderValue::from_static(name));
    }
    response
}

/// An answer with its tag.
pub fn tagged(status: StatusCode, tag: &str, body: Body) -> Response {
    let mut response = Response::new(body);
    *response.status_mut() = status;
    if let Ok(tag) = HeaderValue::from_str(tag) {
        response.headers_mut().insert(header::ETAG, tag);
    }
    response
        .headers_mut()
        .insert(header::VARY, HeaderValue::from_static("accept-encoding, accept-language, cookie"));
    response
}

/// A problem: a page for people, JSON for programs.
pub fn problem(state: &AppState, uri: &Uri, headers: &HeaderMap, problem: &Problem) -> Response {
    let page = wants_html(uri.path(), headers).then(|| state.pages.error(state, uri, headers, problem));
    let (content_type, body) = match page {
        Some(html) => ("text/html; charset=utf-8", html.into_bytes()),
        None => ("application/problem+json", serde_json::to_vec(problem).unwrap_or_default()),
    };
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = problem.status;
    let to = response.headers_mut();
    to.insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
    to.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    to.insert(header::VARY, HeaderValue::from_static("accept, accept-language, cookie"));
    if let Some(seconds) = problem.retry_after {
        to.insert(header::RETRY_AFTER, seconds.into());
    }
    if problem.status == StatusCode::METHOD_NOT_ALLOWED {
        to.insert(header::ALLOW, HeaderValue::from_static(allowed(uri.path())));
    }
    response
}
