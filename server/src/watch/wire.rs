//! List pages and watch lines, borrowed from the text they came in. Objects stay text.

use std::{borrow::Cow, collections::BTreeMap};

use serde::Deserialize;
use serde_json::value::RawValue;

/// A page of a list.
#[derive(Debug, Deserialize)]
pub struct Page<'a> {
    #[serde(default)]
    pub metadata: ListMeta,
    #[serde(borrow, default)]
    pub items: Option<Vec<&'a RawValue>>,
}

/// Metadata of a list.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ListMeta {
    pub resource_version: Option<String>,
    #[serde(rename = "continue")]
    pub next: Option<String>,
}

/// A line of a watch. The keys may stand in any order.
#[derive(Debug, Deserialize)]
pub struct Event<'a> {
    #[serde(rename = "type", borrow)]
    pub kind: Cow<'a, str>,
    #[serde(borrow)]
    pub object: &'a RawValue,
}

/// The object of a BOOKMARK.
#[derive(Debug, Deserialize)]
pub struct Bookmark {
    pub metadata: BookmarkMeta,
}

/// Metadata of a bookmark.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct BookmarkMeta {
    pub resource_version: String,
    #[serde(default)]
    annotations: Option<BTreeMap<String, String>>,
}

impl Bookmark {
    /// Whether it ends the initial events of a streaming list.
    pub fn ends_initial_events(&self) -> bool {
        let annotations = self.metadata.annotations.as_ref();
        annotations.and_then(|all| all.get("k8s.io/initial-events-end")).is_some_and(|value| value == "true")
    }
}

/// The object of an ERROR, and the body of a refused request.
#[derive(Debug, Default, Deserialize)]
pub struct Status {
    #[serde(default)]
    pub code: Option<u16>,
    #[serde(default)]
    pub message: Option<String>,
    #[serde(default)]
    pub reason: Option<String>,
}

/// A `resourceVersion` as a number; every version of Kubernetes writes one.
pub fn version(text: &str) -> Option<u64> {
    text.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_object_may_come_first() {
        let event: Event<'_> = serde_json::from_str(r#"{"object":{"a":1},"type":"ADDED"}"#).unwrap();
        assert_eq!((event.kind.as_ref(), event.object.get()), ("ADDED", r#"{"a":1}"#));
    }

    #[test]
    fn a_page_may_have_null_for_items() {
        let page: Page<'_> =
            serde_json::from_str(r#"{"metadata":{"resourceVersion":"7"},"items":null}"#).unwrap();
        assert!(page.items.is_none());
        assert_eq!(page.metadata.resource_version.as_deref(), Some("7"));
    }

    #[test]
    fn the_end_of_a_streaming_list() {
        let ends =
            |text: &str| serde_json::from_str::<Bookmark>(text).is_ok_and(|mark| mark.ends_initial_events());
        let end =
            r#"{"metadata":{"resourceVersion":"9","annotations":{"k8s.io/initial-events-end":"true"}}}"#;
        assert!(ends(end));
        assert!(!ends(r#"{"metadata":{"resourceVersion":"9"}}"#));
        assert!(!ends("null"));
    }
}
