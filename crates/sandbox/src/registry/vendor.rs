//! What some registries tell beside the protocol: when tags were pushed.

use axum::body::Body;
use axum::http::{Response, StatusCode, Uri};
use serde_json::{Value, json};

use super::answer::{error, json_answer};
use super::dialect::Dialect;
use super::{Inner, lock};

/// The repository that a path of the dialect's own API asks about, if it is one.
pub(super) fn repository(dialect: Dialect, path: &str) -> Option<String> {
    let cut = |head: &str, tail: &str| path.strip_prefix(head)?.strip_suffix(tail).map(str::to_owned);
    match dialect {
        Dialect::DockerHub => cut("/v2/repositories/", "/tags"),
        Dialect::Quay => cut("/api/v1/repository/", "/tag/"),
        Dialect::Acr => cut("/acr/v1/", "/_tags"),
        Dialect::Harbor => {
            let both = cut("/api/v2.0/projects/", "/artifacts")?;
            let (project, name) = both.split_once("/repositories/")?;
            Some(format!("{project}/{}", name.replace("%252F", "/"))).filter(|_| !name.contains('/'))
        }
        _ => None,
    }
}

/// The newest tags with their times.
pub(super) fn times(inner: &Inner, repository: &str, uri: &Uri) -> Response<Body> {
    let mut pushed: Vec<(String, String, i64)> = {
        let state = lock(&inner.state);
        let Some(tags) = state.tags.get(repository) else {
            return error(StatusCode::NOT_FOUND, "NOT_FOUND", "no such repository");
        };
        let at = |tag: &str| state.pushed.get(&(repository.to_owned(), tag.to_owned())).copied().unwrap_or(0);
        tags.iter().map(|(tag, digest)| (tag.clone(), digest.clone(), at(tag))).collect()
    };
    pushed.sort_by_key(|(_, _, at)| std::cmp::Reverse(*at));
    pushed.truncate(100);
    let asked = uri.query().unwrap_or_default();
    if !asked.contains("100") {
        lock(&inner.counts).violation(format!("push times without a limit: {uri}"));
    }
    let text = |at: i64| jiff::Timestamp::from_second(at).map(|at| at.to_string()).unwrap_or_default();
    let each = |make: &dyn Fn(&str, &str, i64) -> Value| -> Vec<Value> {
        pushed.iter().map(|(tag, digest, at)| make(tag, digest, *at)).collect()
    };
    json_answer(&match inner.dialect {
        Dialect::DockerHub => {
            json!({"count": pushed.len(), "next": null, "results": each(&|tag, digest, at| {
                json!({"name": tag, "digest": digest, "tag_last_pushed": text(at), "tag_status": "active"})
            })})
        }
        Dialect::Harbor => Value::Array(each(&|tag, digest, at| {
            json!({"digest": digest, "push_time": "2020-01-01T00:00:00.000Z",
                   "tags": [{"name": tag, "push_time": text(at), "immutable": false}]})
        })),
        Dialect::Quay => json!({"page": 1, "has_additional": false, "tags": each(&|tag, digest, at| {
            json!({"name": tag, "manifest_digest": digest, "start_ts": at, "is_manifest_list": false})
        })}),
        _ => json!({"registry": "sandbox", "imageName": repository, "tags": each(&|tag, digest, at| {
            json!({"name": tag, "digest": digest, "createdTime": text(at - 60), "lastUpdateTime": text(at)})
        })}),
    })
}
