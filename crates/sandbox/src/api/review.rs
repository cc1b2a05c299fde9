//! The two questions that a reader may post: may I do this, and what may I do in this namespace.

use axum::body::{Body, to_bytes};
use axum::http::{Response, StatusCode};
use axum::response::IntoResponse;
use serde_json::{Value, json};

use super::status::Status;
use crate::cluster::Cluster;
use crate::kinds::{KINDS, KindId};

const MAX_BODY: usize = 64 * 1024;

/// SelfSubjectAccessReview
pub(super) async fn access(cluster: &Cluster, body: Body) -> Response<Body> {
    let mut review = match read(body, "SelfSubjectAccessReview").await {
        Ok(review) => review,
        Err(status) => return status.into_response(),
    };
    let text = |path: &str| review.pointer(path).and_then(Value::as_str).unwrap_or_default().to_owned();
    let allowed = if review.pointer("/spec/nonResourceAttributes").is_some() {
        let path = text("/spec/nonResourceAttributes/path");
        text("/spec/nonResourceAttributes/verb") == "get"
            && ["/version", "/healthz", "/livez", "/readyz", "/api", "/apis"]
                .iter()
                .any(|known| path.starts_with(known))
    } else {
        let namespace = text("/spec/resourceAttributes/namespace");
        cluster.0.access.review(
            &text("/spec/resourceAttributes/verb"),
            &text("/spec/resourceAttributes/group"),
            &text("/spec/resourceAttributes/resource"),
            Some(namespace.as_str()).filter(|namespace| !namespace.is_empty()),
        )
    };
    let reason = if allowed { "RBAC: allowed by ClusterRoleBinding \"landfall\"" } else { "" };
    review["status"] =
        if allowed { json!({ "allowed": true, "reason": reason }) } else { json!({ "allowed": false }) };
    super::json(StatusCode::CREATED, format!("{review}\n"))
}

/// SelfSubjectRulesReview
pub(super) async fn rules(cluster: &Cluster, body: Body) -> Response<Body> {
    let mut review = match read(body, "SelfSubjectRulesReview").await {
        Ok(review) => review,
        Err(status) => return status.into_response(),
    };
    let namespace = review.pointer("/spec/namespace").and_then(Value::as_str).unwrap_or_default().to_owned();
    if namespace.is_empty() {
        return Status::bad_request("no namespace on request").into_response();
    }
    let mut rules = vec![json!({
        "verbs": ["create"], "apiGroups": ["authorization.k8s.io"],
        "resources": ["selfsubjectaccessreviews", "selfsubjectrulesreviews"],
    })];
    for (at, kind) in KINDS.iter().enumerate() {
        if cluster.0.access.may_read(KindId(at), Some(&namespace)) {
            rules.push(json!({
                "verbs": ["get", "list", "watch"], "apiGroups": [kind.group], "resources": [kind.plural],
            }));
        }
    }
    let paths =
        ["/api", "/api/*", "/apis", "/apis/*", "/healthz", "/livez", "/readyz", "/version", "/version/"];
    review["status"] = json!({
        "resourceRules": rules, "nonResourceRules": [{ "verbs": ["get"], "nonResourceURLs": paths }],
        "incomplete": false,
    });
    super::json(StatusCode::CREATED, format!("{review}\n"))
}

async fn read(body: Body, kind: &str) -> Result<Value, Status> {
    let bytes = to_bytes(body, MAX_BODY).await.map_err(|error| Status::bad_request(&error.to_string()))?;
    let mut value: Value =
        serde_json::from_slice(&bytes).map_err(|error| Status::bad_request(&format!("not JSON: {error}")))?;
    let Some(fields) = value.as_object_mut() else { return Err(Status::bad_request("not an object")) };
    if !fields.get("spec").is_some_and(Value::is_object) {
        return Err(Status::bad_request(&format!("{kind} without spec")));
    }
    fields.insert("kind".to_owned(), kind.into());
    fields.insert("apiVersion".to_owned(), "authorization.k8s.io/v1".into());
    Ok(value)
}
