//! Between the model's values and what Postgres can hold.

use std::borrow::Cow;

use jiff::{Timestamp, civil, tz::TimeZone};
use serde::{Serialize, de::DeserializeOwned};

use super::StoreError;

/// Postgres holds no NUL in text; it becomes the replacement character.
pub fn clean(text: &str) -> Cow<'_, str> {
    if text.contains('\0') { Cow::Owned(text.replace('\0', "\u{fffd}")) } else { Cow::Borrowed(text) }
}

/// The value as JSON text that `jsonb` takes: it refuses `\u0000`, which becomes `\ufffd`.
pub fn json<T: Serialize + ?Sized>(value: &T) -> Result<String, StoreError> {
    let text = serde_json::to_string(value)
        .map_err(|error| StoreError::Unreadable { what: "value", why: error.to_string() })?;
    Ok(if text.contains("\\u0000") { without_nul(&text) } else { text })
}

fn without_nul(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('\\') {
        out.push_str(&rest[..at]);
        // A backslash always begins an escape of two characters, or of six for `\u`.
        let escape = &rest[at..];
        if let Some(after) = escape.strip_prefix("\\u0000") {
            out.push_str("\\ufffd");
            rest = after;
        } else {
            out.push_str(&escape[..2]);
            rest = &escape[2..];
        }
    }
    out.push_str(rest);
    out
}

/// A stored JSON value as the model's type.
pub fn read<T: DeserializeOwned>(what: &'static str, text: &str) -> Result<T, StoreError> {
    serde_json::from_str(text).map_err(|error| StoreError::Unreadable { what, why: error.to_string() })
}

/// First day of the moment's month, in UTC.
pub fn month_of(at: Timestamp) -> civil::Date {
    at.to_zoned(TimeZone::UTC).date().first_of_month()
}

/// The moment a month starts, in UTC.
pub fn start_of(month: civil::Date) -> Timestamp {
    month.to_zoned(TimeZone::UTC).map_or(Timestamp::UNIX_EPOCH, |zoned| zoned.timestamp())
}

/// Postgres keeps microseconds; what is written must equal what is read back.
pub fn to_micros(at: Timestamp) -> Timestamp {
    Timestamp::from_microsecond(at.as_microsecond()).unwrap_or(at)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nul_is_replaced_and_a_written_backslash_is_left_alone() {
        assert_eq!(json("a\0b").unwrap(), "\"a\\ufffdb\"");
        assert_eq!(json("a\\u0000b").unwrap(), "\"a\\\\u0000b\"");
        assert_eq!(json("\\\0\\u0000\"é\0").unwrap(), "\"\\\\\\ufffd\\\\u0000\\\"é\\ufffd\"");
        assert_eq!(clean("a\0"), "a\u{fffd}");
    }

    #[test]
    fn months_are_those_of_utc() {
        let at: Timestamp = "2026-11-01T00:00:00+09:00".parse().unwrap();
        assert_eq!(start_of(month_of(at)), "2026-10-01T00:00:00Z".parse().unwrap());
    }
}
