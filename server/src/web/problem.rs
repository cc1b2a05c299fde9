//! Errors as `application/problem+json` (RFC 9457), or as a page where a browser asks.

use axum::http::{HeaderMap, StatusCode, header};
use landfall_model::{phrase::Said, query::ParamError, said};
use serde::Serialize;

/// What went wrong with one request. Holds no cause and no secret: those stay in the log.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Problem {
    /// A page of the documentation, or `about:blank` where the status says it all.
    #[serde(rename = "type")]
    pub kind: &'static str,
    pub title: &'static str,
    #[serde(serialize_with = "number")]
    pub status: StatusCode,
    /// In English in JSON, in the reader's language on a page.
    #[serde(serialize_with = "english")]
    pub detail: Said,
    /// One per wrong parameter.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<ParamError>,
    /// Seconds after which to try again.
    #[serde(skip)]
    pub retry_after: Option<u32>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks for a reference")]
fn number<S: serde::Serializer>(status: &StatusCode, to: S) -> Result<S::Ok, S::Error> {
    to.serialize_u16(status.as_u16())
}

fn english<S: serde::Serializer>(said: &Said, to: S) -> Result<S::Ok, S::Error> {
    to.serialize_str(&said.text)
}

impl Problem {
    fn new(status: StatusCode, title: &'static str, detail: impl Into<Said>) -> Self {
        let kind = "about:blank";
        Self { kind, title, status, detail: detail.into(), errors: Vec::new(), retry_after: None }
    }

    /// 400: parameters that cannot be used, all of them named.
    pub fn parameters(errors: Vec<ParamError>) -> Self {
        let all: Vec<_> = errors.iter().map(ToString::to_string).collect();
        Self { errors, ..Self::new(StatusCode::BAD_REQUEST, "Wrong parameter", all.join("; ")) }
    }

    /// 400: what cannot be understood, where no parameter is to blame.
    pub fn bad_request(detail: impl Into<Said>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "Wrong request", detail)
    }

    /// 408.
    pub fn timeout(detail: impl Into<Said>) -> Self {
        Self::new(StatusCode::REQUEST_TIMEOUT, "Too slow", detail)
    }

    /// 413.
    pub fn too_large(detail: impl Into<Said>) -> Self {
        Self::new(StatusCode::PAYLOAD_TOO_LARGE, "Too large", detail)
    }

    /// 404.
    pub fn not_found(detail: impl Into<Said>) -> Self {
        Self::new(StatusCode::NOT_FOUND, "Not found", detail)
    }

    /// 405.
    pub fn method(detail: impl Into<Said>) -> Self {
        Self::new(StatusCode::METHOD_NOT_ALLOWED, "Method not allowed", detail)
    }

    /// 401: a caller that did not prove itself.
    pub fn unproven(detail: impl Into<Said>) -> Self {
        Self::new(StatusCode::UNAUTHORIZED, "Not proven", detail)
    }

    /// 403: a request that another site sent, or under a strange name.
    pub fn forbidden(detail: impl Into<Said>) -> Self {
        Self::new(StatusCode::FORBIDDEN, "Refused", detail)
    }

    /// 421: this server does not answer to that name.
    pub fn misdirected(detail: impl Into<Said>) -> Self {
        Self::new(StatusCode::MISDIRECTED_REQUEST, "Unknown host name", detail)
    }

    /// 503, with the time to wait.
    pub fn unavailable(detail: impl Into<Said>, retry_after: u32) -> Self {
        let problem = Self::new(StatusCode::SERVICE_UNAVAILABLE, "Not available now", detail);
        Self { retry_after: Some(retry_after), ..problem }
    }

    /// 429, with the time to wait.
    pub fn too_many(detail: impl Into<Said>, retry_after: u32) -> Self {
        let problem = Self::new(StatusCode::TOO_MANY_REQUESTS, "Too many at once", detail);
        Self { retry_after: Some(retry_after), ..problem }
    }

    /// 500: our fault; the log knows more under the request's id.
    pub fn internal() -> Self {
        let detail = said!(
            "internal-error",
            "Landfall failed at this request; its log says more under the id in X-Request-Id.",
        );
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "Internal error", detail)
    }
}

impl From<ParamError> for Problem {
    fn from(error: ParamError) -> Self {
        Self::parameters(vec![error])
    }
}

/// Whether this request comes from somebody who reads pages rather than JSON.
pub fn wants_html(path: &str, headers: &HeaderMap) -> bool {
    let machine = ["/api/v1", "/events", "/pkg/", "/livez", "/readyz", "/metrics", "/webhooks/"];
    !machine.iter().any(|prefix| path.starts_with(prefix))
        && headers
            .get_all(header::ACCEPT)
            .iter()
            .filter_map(|value| value.to_str().ok())
            .any(|value| value.contains("text/html"))
}
