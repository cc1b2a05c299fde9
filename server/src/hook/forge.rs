//! What forges send when something happened to a pull request, a commit or a run.
//!
//! Only the repository's name is taken. Which event it is stands in a header; one that changes nothing that is shown is
//! heard and left.

use axum::http::HeaderMap;
use serde_json::Value;

use super::Unreadable;
use crate::config::is_repository;

/// Headers that name the event, and those that name the delivery, of GitHub, GitLab, Gitea and Forgejo.
const EVENT: [&str; 4] = ["x-github-event", "x-gitlab-event", "x-gitea-event", "x-forgejo-event"];
const DELIVERY: [&str; 5] = [
    "x-github-delivery",
    "x-gitlab-event-uuid",
    "x-gitea-delivery",
    "x-forgejo-delivery",
    "x-gitlab-webhook-uuid",
];
/// Events that are a reason to look at a repository's pull requests.
const EVENTS: [&str; 22] = [
    "pull_request",
    "pull_request_label",
    "pull_request_sync",
    "pull_request_comment",
    "pull_request_review",
    "issue_comment",
    "issues",
    "check_run",
    "check_suite",
    "workflow_run",
    "workflow_job",
    "push",
    "deployment_status",
    "status",
    "create",
    "delete",
    // GitLab's.
    "Merge Request Hook",
    "Note Hook",
    "Pipeline Hook",
    "Job Hook",
    "Push Hook",
    "Deployment Hook",
];

/// What a webhook of a forge says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Happened {
    /// Something in this repository.
    In(String),
    /// An image was pushed to the forge's own registry: what [`pushed`](super::pushed) reads.
    Package,
    /// Nothing to look at.
    Nothing,
}

/// Reads a body; the event's name is in the headers.
pub fn happened(headers: &HeaderMap, body: &[u8]) -> Result<Happened, Unreadable> {
    let event = header(headers, &EVENT).unwrap_or_default();
    let value: Value = serde_json::from_slice(body).map_err(|_| Unreadable)?;
    if !value.is_object() {
        return Err(Unreadable);
    }
    if matches!(event, "package" | "registry_package") {
        return Ok(Happened::Package);
    }
    if !EVENTS.contains(&event) {
        return Ok(Happened::Nothing);
    }
    let name = value["repository"]["full_name"].as_str().or(value["project"]["path_with_namespace"].as_str());
    Ok(match name.filter(|name| is_repository(name, true)) {
        Some(name) => Happened::In(name.to_owned()),
        None => Happened::Nothing,
    })
}

/// The delivery's own id: the same when it is sent once more.
pub fn delivery(headers: &HeaderMap) -> Option<&str> {
    header(headers, &DELIVERY).filter(|id| (1..=100).contains(&id.len()))
}

fn header<'a>(headers: &'a HeaderMap, names: &[&str]) -> Option<&'a str> {
    names.iter().find_map(|name| headers.get(*name)?.to_str().ok())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn of(header: &'static str, event: &'static str, body: &Value) -> Result<Happened, Unreadable> {
        let headers = HeaderMap::from_iter([(header.parse().unwrap(), event.parse().unwrap())]);
        happened(&headers, body.to_string().as_bytes())
    }

    #[test]
    fn only_the_repository_is_taken_and_only_of_what_changes_something() {
        let github = json!({"repository": {"full_name": "shop/web"}});
        let gitlab = json!({"project": {"path_with_namespace": "group/sub/web"}});
        assert_eq!(of("x-github-event", "pull_request", &github), Ok(Happened::In("shop/web".into())));
        assert_eq!(of("x-gitea-event", "issue_comment", &github), Ok(Happened::In("shop/web".into())));
        assert_eq!(of("x-gitlab-event", "Note Hook", &gitlab), Ok(Happened::In("group/sub/web".into())));
        assert_eq!(of("x-github-event", "package", &github), Ok(Happened::Package));
        for event in ["ping", "star", ""] {
            assert_eq!(of("x-github-event", event, &github), Ok(Happened::Nothing), "{event}");
        }
        for name in ["../../etc/passwd", "a", "a/b?x", "a/b\u{0}", ""] {
            let body = json!({"repository": {"full_name": name}});
            assert_eq!(of("x-github-event", "push", &body), Ok(Happened::Nothing), "{name}");
        }
        for body in [json!([1]), json!("x"), json!(null)] {
            assert_eq!(of("x-github-event", "push", &body), Err(Unreadable));
        }
    }
}
