//! LIST: whole or in pages, at the newest or at a given version.

use std::time::Duration;

use axum::body::Body;
use axum::http::{Response, StatusCode};
use axum::response::IntoResponse;
use base64::Engine;
use bytes::Bytes;
use futures::stream;
use serde::{Deserialize, Serialize};

use super::Server;
use super::item::push_list_item;
use super::options::{Options, Version};
use super::selector::Selector;
use super::status::Status;
use crate::cluster::Cluster;
use crate::kinds::KindId;
use crate::store::{Object, Snapshot};

/// How long a real server waits for a version from the future.
const WAIT_FOR_FUTURE: Duration = Duration::from_secs(3);
const CHUNK: usize = 256 * 1024;

/// What a `continue` token holds.
#[derive(Debug, Serialize, Deserialize)]
struct Continue {
    v: String,
    rv: u64,
    start: String,
}

pub(super) async fn list(
    server: &Server,
    id: KindId,
    selector: Selector,
    options: Options,
    partial: bool,
) -> Response<Body> {
    let cluster = &server.cluster;
    let (snapshot, start) = match snapshot(cluster, id, &options) {
        Ok(found) => found,
        Err(Missing::Now(status)) => return status.into_response(),
        Err(Missing::Future(status)) => {
            tokio::select! {
                () = server.stop.cancelled() => {}
                () = tokio::time::sleep(WAIT_FOR_FUTURE) => {}
            }
            return status.into_response();
        }
    };
    // As the watch cache does: with version 0 the whole list comes at once.
    let limit = if options.version == Version::Any { usize::MAX } else { options.limit };
    let hidden = selector.hidden(&cluster.0.access);
    let begin = snapshot.objects.partition_point(|object| object.key.path().as_str() < start.as_str());
    let mut page = Vec::new();
    let mut next = None;
    let mut remaining = 0_usize;
    for object in &snapshot.objects[begin..] {
        if page.len() < limit {
            if selector.fits(object, &hidden) {
                page.push(object.clone());
            }
        } else if selector.selects() {
            // With a selector the server does not know how many remain.
            next = next.or_else(|| page.last().map(next_start));
            break;
        } else if selector.fits_namespace(object, &hidden) {
            next = next.or_else(|| page.last().map(next_start));
            remaining += 1;
        }
    }
    let token = next.map(|start| token(snapshot.version, start)).unwrap_or_default();
    let remaining = (remaining > 0).then_some(remaining);
    body(cluster, id, page, &metadata(id, partial, snapshot.version, &token, remaining), partial)
}

fn next_start(object: &std::sync::Arc<Object>) -> String {
    object.key.path() + "\0"
}

enum Missing {
    Now(Status),
    Future(Status),
}

fn snapshot(cluster: &Cluster, id: KindId, options: &Options) -> Result<(Snapshot, String), Missing> {
    let mut store = cluster.store();
    if let Some(text) = &options.continue_at {
        let wrong = || Missing::Now(Status::bad_request("continue key is not valid"));
        let bytes = base64::engine::general_purpose::STANDARD_NO_PAD.decode(text.trim_end_matches('=')).ok();
        let token: Continue =
            bytes.and_then(|bytes| serde_json::from_slice(&bytes).ok()).ok_or_else(wrong)?;
        let kept = store.snapshot_at(id, token.rv).ok_or_else(|| Missing::Now(Status::continue_too_old()))?;
        return Ok((kept, token.start));
    }
    let newest = store.version();
    if let Version::At(version) = options.version {
        if version > newest {
            return Err(Missing::Future(Status::too_large(version, newest)));
        }
        if options.version_match.as_deref() == Some("Exact") && version != newest {
            let kept = store.snapshot_at(id, version).ok_or_else(|| Missing::Now(Status::list_too_old()))?;
            return Ok((kept, String::new()));
        }
    }
    Ok((store.snapshot(id, options.limit != usize::MAX), String::new()))
}

fn token(version: u64, start: String) -> String {
    let token = Continue { v: "meta.k8s.io/v1".to_owned(), rv: version, start };
    let bytes = serde_json::to_vec(&token).unwrap_or_default();
    base64::engine::general_purpose::STANDARD_NO_PAD.encode(bytes)
}

fn metadata(id: KindId, partial: bool, version: u64, token: &str, remaining: Option<usize>) -> String {
    let mut out = String::from("{");
    // Custom resources write an empty token, built-in kinds leave it out.
    if !token.is_empty() || (id.kind().crd && !partial) {
        out = format!("{out}\"continue\":\"{token}\",");
    }
    if let Some(remaining) = remaining {
        out = format!("{out}\"remainingItemCount\":{remaining},");
    }
    out + &format!("\"resourceVersion\":\"{version}\"}}")
}

fn body(
    cluster: &Cluster,
    id: KindId,
    page: Vec<std::sync::Arc<Object>>,
    metadata: &str,
    partial: bool,
) -> Response<Body> {
    let kind = id.kind();
    let (head, tail) = if partial {
        let head = format!(
            "{{\"kind\":\"PartialObjectMetadataList\",\"apiVersion\":\"meta.k8s.io/v1\",\"metadata\":{metadata},\"items\":["
        );
        (head, "]}\n".to_owned())
    } else if kind.crd {
        let head = format!("{{\"apiVersion\":\"{}\",\"items\":[", kind.api_version());
        (head, format!("],\"kind\":\"{}List\",\"metadata\":{metadata}}}\n", kind.kind))
    } else {
        let version = kind.api_version();
        let head = format!(
            "{{\"kind\":\"{}List\",\"apiVersion\":\"{version}\",\"metadata\":{metadata},\"items\":[",
            kind.kind
        );
        (head, "]}\n".to_owned())
    };
    let cluster = cluster.clone();
    let chunks = Chunks { page: page.into_iter(), head: Some(head), tail: Some(tail), first: true };
    let stream = stream::unfold((cluster, chunks), move |(cluster, mut chunks)| async move {
        let chunk = chunks.next(&cluster, id, partial)?;
        Some((Ok::<_, std::convert::Infallible>(chunk), (cluster, chunks)))
    });
    super::json(StatusCode::OK, Body::from_stream(stream))
}

struct Chunks {
    page: std::vec::IntoIter<std::sync::Arc<Object>>,
    head: Option<String>,
    tail: Option<String>,
    first: bool,
}

impl Chunks {
    fn next(&mut self, cluster: &Cluster, id: KindId, partial: bool) -> Option<Bytes> {
        self.tail.as_ref()?;
        let mut out = self.head.take().map(String::into_bytes).unwrap_or_default();
        while out.len() < CHUNK {
            let Some(object) = self.page.next() else {
                out.extend_from_slice(self.tail.take()?.as_bytes());
                break;
            };
            if !std::mem::take(&mut self.first) {
                out.push(b',');
            }
            push_list_item(&mut out, cluster, id, &object, partial);
        }
        Some(out.into())
    }
}
