//! Opaque positions in a list.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::{Deserialize, Serialize};

/// One component of a position, in the order in which a list compares them.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Part {
    Number(i64),
    Text(String),
}

/// The place just after (or, for the page before, just before) an item. It names the item by its values, not by its
/// number, so it stays right while items come and go.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cursor {
    /// [`super::Query::order`] of the query it was made for.
    #[serde(rename = "o")]
    pub order: String,
    /// The page before the item rather than after it.
    #[serde(rename = "b")]
    pub before: bool,
    #[serde(rename = "k")]
    pub key: Vec<Part>,
}

impl Cursor {
    /// As it stands in a query string.
    pub fn encode(&self) -> String {
        // Strings, numbers and a bool always serialize.
        URL_SAFE_NO_PAD.encode(serde_json::to_vec(self).unwrap_or_default())
    }

    /// Back; `None` for what we never wrote.
    pub fn decode(text: &str) -> Option<Self> {
        let cursor: Self = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(text).ok()?).ok()?;
        (cursor.key.len() <= 8).then_some(cursor)
    }
}
