//! Single objects, and how any object is written: whole or its metadata only, as stored or as a fault wants it.

use axum::body::Body;
use axum::http::{Response, StatusCode};
use axum::response::IntoResponse;
use bytes::Bytes;

use super::status::Status;
use crate::cluster::Cluster;
use crate::faults::{mangle, shift_times};
use crate::kinds::KindId;
use crate::store::{Key, Object};

pub(super) fn get(
    cluster: &Cluster,
    id: KindId,
    namespace: &str,
    name: &str,
    partial: bool,
) -> Response<Body> {
    let object = cluster.store().table(id).get(&Key::new(namespace, name));
    match object {
        Some(object) => super::json(StatusCode::OK, served(cluster, id, &object, partial)),
        None => Status::not_found(id, name).into_response(),
    }
}

/// The object as it goes out in a GET or a watch event.
pub(super) fn served(cluster: &Cluster, id: KindId, object: &Object, partial: bool) -> Bytes {
    let bytes = with_faults(cluster, id, object);
    if !partial {
        return bytes;
    }
    let metadata = if bytes.as_ptr() == object.bytes.as_ptr() && bytes.len() == object.bytes.len() {
        object.metadata()
    } else {
        Object::verbatim(object.key.clone(), bytes, 0).metadata()
    };
    format!(
        "{{\"kind\":\"PartialObjectMetadata\",\"apiVersion\":\"meta.k8s.io/v1\",\"metadata\":{metadata}}}"
    )
    .into()
}

fn with_faults(cluster: &Cluster, id: KindId, object: &Object) -> Bytes {
    let faults = &cluster.0.faults;
    if faults.serves_plainly() {
        return object.bytes.clone();
    }
    let mut bytes = object.bytes.clone();
    if let Some(seconds) = faults.skew(id) {
        bytes = shift_times(&bytes, seconds);
    }
    match faults.malformed(id, &object.key.namespace, &object.key.name) {
        Some(how) => mangle(&bytes, how),
        None => bytes,
    }
}

/// Appends the object as an item of a list.
pub(super) fn push_list_item(
    out: &mut Vec<u8>,
    cluster: &Cluster,
    id: KindId,
    object: &Object,
    partial: bool,
) {
    if partial || !cluster.0.faults.serves_plainly() {
        out.extend_from_slice(&served(cluster, id, object, partial));
        return;
    }
    let (lead, bytes) = object.list_item(id);
    out.extend_from_slice(lead.as_bytes());
    out.extend_from_slice(&bytes);
}
