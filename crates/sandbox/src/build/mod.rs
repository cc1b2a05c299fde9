//! Objects built as the real controllers write them.

use jiff::Timestamp;
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
