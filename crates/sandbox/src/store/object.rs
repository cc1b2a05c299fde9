//! One stored object: its bytes as the wire wants them, and where its version stands in them.

use std::collections::HashMap;
use std::hash::Hasher;

use bytes::Bytes;
use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;

use super::Key;
use crate::build::uid_of;
use crate::kinds::KindId;

/// An object as it is stored and served.
#[derive(Debug)]
pub(crate) struct Object {
    pub key: Key,
    pub version: u64,
    pub bytes: Bytes,
    /// Hash over everything but the version; 0 = not known.
    pub hash: u64,
    /// Where `"resourceVersion":"…",` stands in `bytes`; `None` for verbatim bytes.
    version_at: Option<(usize, usize)>,
    /// Length of the kind's prefix, 0 for verbatim bytes.
    prefix: usize,
}

/// An object written out, all but its version.
#[derive(Clone, Debug)]
pub(crate) struct Parts {
    /// From the opening brace to just inside `metadata`.
    pub head: Vec<u8>,
    /// The rest.
    pub tail: Vec<u8>,
}

/// Writes an object with the kind's prefix first and `metadata` next.
pub(crate) fn write(object: &Value, id: KindId) -> Result<(Parts, u64), serde_json::Error> {
    let mut head = id.kind().prefix().into_bytes();
    head.extend_from_slice(b"\"metadata\":{");
    let mut tail = Vec::with_capacity(4_096);
    if let Some(metadata) = object.get("metadata").and_then(Value::as_object) {
        for (key, value) in metadata.iter().filter(|(key, _)| *key != "resourceVersion") {
            push_pair(&mut tail, key, value)?;
        }
    }
    tail.push(b'}');
    for (key, value) in object.as_object().into_iter().flatten() {
        if !matches!(key.as_str(), "kind" | "apiVersion" | "metadata") {
            tail.push(b',');
            push_pair(&mut tail, key, value)?;
        }
    }
    tail.push(b'}');
    let mut hasher = std::hash::DefaultHasher::new();
    hasher.write(&tail);
    Ok((Parts { head, tail }, hasher.finish()))
}

fn push_pair(out: &mut Vec<u8>, key: &str, value: &Value) -> Result<(), serde_json::Error> {
    if out.last().is_some_and(|last| !matches!(last, b',' | b'{')) {
        out.push(b',');
    }
    serde_json::to_writer(&mut *out, key)?;
    out.push(b':');
    serde_json::to_writer(&mut *out, value)
}

impl Object {
    pub fn from_parts(key: Key, id: KindId, parts: &Parts, hash: u64, version: u64) -> Self {
        let comma = if parts.tail.first() == Some(&b'}') { "" } else { "," };
        let text = format!("\"resourceVersion\":\"{version}\"{comma}");
        let at = parts.head.len();
        let mut bytes = Vec::with_capacity(at + text.len() + parts.tail.len());
        bytes.extend_from_slice(&parts.head);
        bytes.extend_from_slice(text.as_bytes());
        bytes.extend_from_slice(&parts.tail);
        let prefix = id.kind().prefix().len();
        Self { key, version, bytes: bytes.into(), hash, version_at: Some((at, text.len())), prefix }
    }

    pub fn verbatim(key: Key, bytes: Bytes, version: u64) -> Self {
        Self { key, version, bytes, hash: 0, version_at: None, prefix: 0 }
    }

    /// The same object under another version, as a deletion event carries it.
    pub fn at_version(&self, version: u64) -> Self {
        let mut bytes = self.bytes.clone();
        let mut version_at = self.version_at;
        if let Some((at, len)) = self.version_at {
            let text = format!("\"resourceVersion\":\"{version}\",");
            let mut copy = Vec::with_capacity(bytes.len() + 4);
            copy.extend_from_slice(&bytes[..at]);
            copy.extend_from_slice(text.as_bytes());
            copy.extend_from_slice(&bytes[at + len..]);
            bytes = copy.into();
            version_at = Some((at, text.len()));
        }
        Self { key: self.key.clone(), version, bytes, hash: self.hash, version_at, prefix: self.prefix }
    }

    /// The object as an item of a list: built-in kinds leave out `kind` and `apiVersion` there.
    pub fn list_item(&self, id: KindId) -> (&'static str, Bytes) {
        if id.kind().crd || self.prefix == 0 {
            ("", self.bytes.clone())
        } else {
            ("{", self.bytes.slice(self.prefix..))
        }
    }

    /// `metadata` alone, as `PartialObjectMetadata` carries it.
    pub fn metadata(&self) -> String {
        #[derive(Deserialize)]
        struct Outer<'a> {
            #[serde(borrow)]
            metadata: &'a RawValue,
        }
        serde_json::from_slice::<Outer<'_>>(&self.bytes)
            .map_or_else(|_| "{}".to_owned(), |outer| outer.metadata.get().to_owned())
    }

    pub fn value(&self) -> Option<Value> {
        serde_json::from_slice(&self.bytes).ok()
    }

    pub fn labels(&self) -> HashMap<String, String> {
        #[derive(Deserialize)]
        struct Outer {
            metadata: Meta,
        }
        #[derive(Deserialize)]
        struct Meta {
            #[serde(default)]
            labels: HashMap<String, String>,
        }
        serde_json::from_slice::<Outer>(&self.bytes).map(|outer| outer.metadata.labels).unwrap_or_default()
    }
}

/// Fills in what the API server would fill in, and keeps what it would keep.
pub(super) fn complete(object: &mut Value, before: Option<&Object>, key: &Key, id: KindId, now: &str) {
    let old = before.and_then(Object::value);
    let old_text = |field: &str| {
        old.as_ref()
            .and_then(|old| old.pointer(&format!("/metadata/{field}")))
            .and_then(Value::as_str)
            .map(str::to_owned)
    };
    let Some(metadata) = object.get_mut("metadata").and_then(Value::as_object_mut) else { return };
    if !metadata.contains_key("uid") {
        let uid =
            old_text("uid").unwrap_or_else(|| uid_of(&[id.kind().plural, &key.namespace, &key.name, now]));
        metadata.insert("uid".to_owned(), uid.into());
    }
    if !metadata.contains_key("creationTimestamp") {
        let at = old_text("creationTimestamp").unwrap_or_else(|| now.to_owned());
        metadata.insert("creationTimestamp".to_owned(), at.into());
    }
}
