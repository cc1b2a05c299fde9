//! Failures as Kubernetes words them: a `Status` object with a reason and a code.

use axum::body::Body;
use axum::http::{HeaderValue, Method, Response, StatusCode, header};
use axum::response::IntoResponse;
use serde_json::{Value, json};

use crate::kinds::KindId;

/// A failure.
#[derive(Clone, Debug)]
pub(super) struct Status {
    code: u16,
    reason: &'static str,
    message: String,
    details: Option<Value>,
}

impl Status {
    fn new(code: u16, reason: &'static str, message: impl Into<String>) -> Self {
        Self { code, reason, message: message.into(), details: None }
    }

    fn with(mut self, details: Value) -> Self {
        self.details = Some(details);
        self
    }

    pub fn unauthorized() -> Self {
        Self::new(401, "Unauthorized", "Unauthorized")
    }

    pub fn bad_request(message: &str) -> Self {
        Self::new(400, "BadRequest", message)
    }

    /// A version that is no number: a 500 without a reason, strange as it is.
    pub fn bad_version(text: &str) -> Self {
        let why = format!("strconv.ParseUint: parsing {text:?}: invalid syntax");
        Self::new(500, "", format!("resourceVersion: Invalid value: {text:?}: {why}"))
    }

    pub fn invalid_options(field: &str, why: &str) -> Self {
        let text = format!("Forbidden: {why}");
        let message = format!("ListOptions.meta.k8s.io \"\" is invalid: {field}: {text}");
        let causes = json!([{ "reason": "FieldValueForbidden", "message": text, "field": field }]);
        Self::new(422, "Invalid", message)
            .with(json!({ "group": "meta.k8s.io", "kind": "ListOptions", "causes": causes }))
    }

    pub fn forbidden(id: Option<KindId>, namespace: Option<&str>, verb: &str, more: &str) -> Self {
        let Some(kind) = id.map(KindId::kind) else {
            return Self::new(
                403,
                "Forbidden",
                format!("forbidden: User \"landfall\" cannot {verb} path{more}"),
            )
            .with(json!({}));
        };
        let scope = match namespace {
            Some(namespace) => format!("in the namespace {namespace:?}"),
            None => "at the cluster scope".to_owned(),
        };
        let verb = match verb {
            "watch-list" => "watch",
            "list-page" => "list",
            verb => verb,
        };
        let message = format!(
            "{} is forbidden: User \"landfall\" cannot {verb} resource {:?} in API group {:?} {scope}{more}",
            kind.qualified(),
            kind.plural,
            kind.group
        );
        let mut details = json!({ "kind": kind.plural });
        if !kind.group.is_empty() {
            details["group"] = kind.group.into();
        }
        Self::new(403, "Forbidden", message).with(details)
    }

    pub fn forbidden_write(method: &Method, path: &str) -> Self {
        let verb = method.as_str().to_lowercase();
        Self::new(403, "Forbidden", format!("forbidden: User \"landfall\" cannot {verb} path {path:?}"))
            .with(json!({}))
    }

    /// A path the reader has no business with: 403 where a real server knows such a resource, else 404.
    pub fn forbidden_path(path: &str, is_resource: bool) -> Self {
        if is_resource {
            Self::new(403, "Forbidden", format!("forbidden: User \"landfall\" cannot get path {path:?}"))
                .with(json!({}))
        } else {
            Self::new(404, "NotFound", "the server could not find the requested resource").with(json!({}))
        }
    }

    pub fn not_found(id: KindId, name: &str) -> Self {
        let kind = id.kind();
        let mut details = json!({ "name": name, "kind": kind.plural });
        if !kind.group.is_empty() {
            details["group"] = kind.group.into();
        }
        Self::new(404, "NotFound", format!("{} {name:?} not found", kind.qualified())).with(details)
    }

    pub fn too_old(version: u64, oldest: u64) -> Self {
        Self::new(410, "Expired", format!("too old resource version: {version} ({oldest})"))
    }

    pub fn list_too_old() -> Self {
        Self::new(410, "Expired", "The resourceVersion for the provided list is too old.")
    }

    pub fn continue_too_old() -> Self {
        let message = "The provided continue parameter is too old to display a consistent list result. You can start a \
                       new list without the continue parameter.";
        Self::new(410, "Expired", message)
    }

    pub fn too_large(version: u64, newest: u64) -> Self {
        let causes =
            json!([{ "reason": "ResourceVersionTooLarge", "message": "Too large resource version" }]);
        Self::new(
            504,
            "Timeout",
            format!("Timeout: Too large resource version: {version}, current: {newest}"),
        )
        .with(json!({ "causes": causes, "retryAfterSeconds": 1 }))
    }

    pub fn not_installed_yet() -> Self {
        let message =
            "the request has been made before all known HTTP paths have been installed, please try again";
        Self::new(503, "ServiceUnavailable", message).with(json!({ "retryAfterSeconds": 5 }))
    }

    pub fn by_code(code: u16) -> Self {
        match code {
            401 => Self::unauthorized(),
            429 => Self::new(429, "TooManyRequests", "Too many requests, please try again later.")
                .with(json!({ "retryAfterSeconds": 1 })),
            503 => {
                Self::new(503, "ServiceUnavailable", "the server is currently unable to handle the request")
                    .with(json!({ "retryAfterSeconds": 1 }))
            }
            404 => {
                Self::new(404, "NotFound", "the server could not find the requested resource").with(json!({}))
            }
            410 => Self::list_too_old(),
            504 => {
                Self::new(504, "Timeout", "the server was unable to return a response in the time allotted")
            }
            _ => Self::new(
                code,
                "InternalError",
                "an error on the server has prevented the request from succeeding",
            ),
        }
    }

    /// The object, with its keys in the order of a real server.
    pub fn body(&self) -> String {
        let message = Value::from(self.message.as_str());
        let reason =
            if self.reason.is_empty() { String::new() } else { format!(",\"reason\":\"{}\"", self.reason) };
        let details =
            self.details.as_ref().map(|details| format!(",\"details\":{details}")).unwrap_or_default();
        format!(
            "{{\"kind\":\"Status\",\"apiVersion\":\"v1\",\"metadata\":{{}},\"status\":\"Failure\",\"message\":{message}{reason}{details},\"code\":{}}}",
            self.code
        )
    }
}

impl IntoResponse for Status {
    fn into_response(self) -> Response<Body> {
        let code = StatusCode::from_u16(self.code).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut response = super::json(code, self.body() + "\n");
        let retry = self
            .details
            .as_ref()
            .and_then(|details| details.get("retryAfterSeconds"))
            .and_then(Value::as_u64);
        if let Some(seconds) = retry {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }
}

/// What a real server says of a resource that is not installed.
pub(super) fn page_not_found() -> Response<Body> {
    (StatusCode::NOT_FOUND, [(header::CONTENT_TYPE, "text/plain; charset=utf-8")], "404 page not found\n")
        .into_response()
}
