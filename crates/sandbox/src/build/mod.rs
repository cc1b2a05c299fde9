//! Objects built as the real controllers write them.

pub mod application;
pub mod managed;
pub mod pod;
pub mod small;
pub mod updater;
pub mod workload;

use jiff::Timestamp;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

/// A time as Kubernetes writes it: whole seconds, UTC.
pub fn time(at: Timestamp) -> String {
    Timestamp::from_second(at.as_second()).unwrap_or(at).to_string()
}

/// Hex digits of a hash over some parts: the world's only source of "random" names.
pub fn hex_of(parts: &[&str]) -> String {
    use std::fmt::Write;
    let mut hasher = Sha256::new();
    for part in parts {
        hasher.update(part.as_bytes());
        hasher.update([0]);
    }
    hasher.finalize().iter().fold(String::with_capacity(64), |mut out, byte| {
        let _infallible = write!(out, "{byte:02x}");
        out
    })
}

/// A uid made from what it stands for, so that the same world has the same uids.
pub fn uid_of(parts: &[&str]) -> String {
    let hex = hex_of(parts);
    format!("{}-{}-4{}-8{}-{}", &hex[..8], &hex[8..12], &hex[13..16], &hex[17..20], &hex[20..32])
}

/// A core Event about an object.
#[expect(clippy::too_many_arguments, reason = "an Event is that wide")]
pub fn event(
    namespace: &str,
    involved: &Value,
    component: &str,
    at: Timestamp,
    reason: &str,
    message: &str,
    warning: bool,
    nth: u64,
) -> Value {
    let name = involved["name"].as_str().unwrap_or_default();
    // The real suffix is the time in nanoseconds, in hex; the counter keeps two of one second apart.
    let nanos = u64::try_from(at.as_nanosecond()).unwrap_or_default() + nth % 1_000_000_000;
    let event_name = format!("{name}.{nanos:016x}");
    let kind = involved["kind"].as_str().unwrap_or_default();
    json!({
        "apiVersion": "v1", "count": 1, "eventTime": null, "firstTimestamp": time(at), "involvedObject": involved,
        "kind": "Event", "lastTimestamp": time(at), "message": message,
        "metadata": {
            "creationTimestamp": time(at), "name": event_name, "namespace": namespace,
            "uid": uid_of(&["events", namespace, &event_name]),
        },
        "reason": reason,
        // Argo CD leaves the new field empty, Kubernetes' own controllers fill both.
        "reportingComponent": if kind == "Application" { "" } else { component }, "reportingInstance": "",
        "source": { "component": component }, "type": if warning { "Warning" } else { "Normal" },
    })
}
