//! Objects served malformed, and objects whose times are off.

use bytes::Bytes;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// In which way an object is malformed.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "kebab-case")]
pub enum Malformed {
    /// No `metadata` at all.
    MissingMetadata,
    /// `spec` is text, `status` a number, labels a list.
    WrongTypes,
    /// Text in place of numbers and lists deep inside `status`, the names intact.
    WrongTypesInStatus,
    /// The JSON ends in the middle.
    Truncated,
    /// An annotation of 1.5 MB.
    Huge,
    /// 50,000 labels.
    ManyLabels,
    /// `null` in place of an object.
    Null,
    /// Names and messages with control characters, markup and right-to-left marks.
    Hostile,
}

pub(crate) fn mangle(bytes: &Bytes, how: Malformed) -> Bytes {
    let value = || serde_json::from_slice::<Value>(bytes).unwrap_or_else(|_| json!({}));
    let with_metadata = |key: &str, put: Value| {
        let mut value = value();
        if let Some(metadata) = value.get_mut("metadata").and_then(Value::as_object_mut) {
            metadata.insert(key.to_owned(), put);
        }
        to_bytes(&value)
    };
    match how {
        Malformed::MissingMetadata => {
            let mut value = value();
            if let Some(object) = value.as_object_mut() {
                object.remove("metadata");
            }
            to_bytes(&value)
        }
        Malformed::WrongTypes => {
            let mut value = value();
            value["spec"] = json!("not an object");
            value["status"] = json!(17);
            value["metadata"]["labels"] = json!(["a", "b"]);
            to_bytes(&value)
        }
        Malformed::WrongTypesInStatus => {
            let mut value = value();
            if let Some(status) = value.get_mut("status").and_then(Value::as_object_mut) {
                for field in status.values_mut() {
                    *field = match field {
                        Value::String(_) => json!({"not": "text"}),
                        Value::Number(_) => json!("not a number"),
                        Value::Array(_) => json!("not a list"),
                        _ => json!(["not an object"]),
                    };
                }
            }
            to_bytes(&value)
        }
        Malformed::Truncated => bytes.slice(..bytes.len() / 2),
        Malformed::Huge => {
            with_metadata("annotations", json!({ "example.invalid/huge": "x".repeat(1_500_000) }))
        }
        Malformed::ManyLabels => {
            let labels = (0..50_000).map(|n| (format!("label-{n}"), json!(n.to_string()))).collect();
            with_metadata("labels", Value::Object(labels))
        }
        Malformed::Null => Bytes::from_static(b"null"),
        Malformed::Hostile => {
            let text = "<script>alert(1)</script>\u{202e}\u{0}\u{7}'\"><img src=x onerror=alert(1)>";
            with_metadata(
                "annotations",
                json!({ text: text, "link.argocd.argoproj.io/x": "javascript:alert(1)" }),
            )
        }
    }
}

/// Moves every time inside an object.
pub(crate) fn shift_times(bytes: &Bytes, seconds: i64) -> Bytes {
    let Ok(mut value) = serde_json::from_slice::<Value>(bytes) else { return bytes.clone() };
    shift(&mut value, SignedDuration::from_secs(seconds));
    to_bytes(&value)
}

fn shift(value: &mut Value, by: SignedDuration) {
    match value {
        Value::String(text) => {
            if text.len() >= 20
                && text.ends_with('Z')
                && let Ok(at) = text.parse::<Timestamp>()
                && let Ok(at) = at.checked_add(by)
            {
                *text = at.to_string();
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| shift(item, by)),
        Value::Object(fields) => fields.values_mut().for_each(|field| shift(field, by)),
        _ => {}
    }
}

fn to_bytes(value: &Value) -> Bytes {
    serde_json::to_vec(value).unwrap_or_default().into()
}
