//! Where a page of a list ends.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use jiff::Timestamp;

/// Position in a list that is sorted by time and then by something unique. Opaque to whoever holds it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cursor {
    at: Timestamp,
    key: String,
}

/// What was given as a cursor is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("this cursor is not one of ours; leave it out to start at the newest")]
pub struct BadCursor;

impl Cursor {
    pub(super) fn new(at: Timestamp, key: impl Into<String>) -> Self {
        Self { at, key: key.into() }
    }

    /// Reads what [`Cursor`]'s `Display` wrote.
    pub fn parse(text: &str) -> Result<Self, BadCursor> {
        let bytes = URL_SAFE_NO_PAD.decode(text).map_err(|_| BadCursor)?;
        let text = String::from_utf8(bytes).map_err(|_| BadCursor)?;
        let (at, key) = text.split_once('.').ok_or(BadCursor)?;
        let at = at.parse().ok().and_then(|at| Timestamp::from_microsecond(at).ok()).ok_or(BadCursor)?;
        if key.contains('\0') {
            return Err(BadCursor);
        }
        Ok(Self::new(at, key))
    }

    pub(super) const fn at(&self) -> Timestamp {
        self.at
    }

    pub(super) fn key(&self) -> &str {
        &self.key
    }

    /// The key as a sequence number.
    pub(super) fn seq(&self) -> Result<i64, BadCursor> {
        self.key.parse().map_err(|_| BadCursor)
    }
}

impl std::fmt::Display for Cursor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&URL_SAFE_NO_PAD.encode(format!("{}.{}", self.at.as_microsecond(), self.key)))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_cursor_reads_back_and_nothing_breaks_it(at in -1_000_000_000_000_i64..1_000_000_000_000, key in "[^\0]{0,20}", other in ".*") {
            let cursor = Cursor::new(Timestamp::from_microsecond(at).unwrap(), key);
            prop_assert_eq!(Cursor::parse(&cursor.to_string()), Ok(cursor));
            drop(Cursor::parse(&other));
        }
    }
}
