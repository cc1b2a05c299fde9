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

/// The metadata of a page whose items cannot all be read. Built-in kinds write it before them, custom ones after them.
pub fn metadata(page: &[u8]) -> Option<ListMeta> {
    metadata_before(page).or_else(|| metadata_after(page))
}

fn metadata_after(page: &[u8]) -> Option<ListMeta> {
    const KEY: &[u8] = b"\"metadata\":";
    let at = page.windows(KEY.len()).rposition(|window| window == KEY)?;
    let mut rest = serde_json::Deserializer::from_slice(&page[at + KEY.len()..]);
    // An object's own metadata tells no version of a list; what follows is the end of the page.
    ListMeta::deserialize(&mut rest).ok().filter(|metadata| metadata.resource_version.is_some())
}

fn metadata_before(page: &[u8]) -> Option<ListMeta> {
    struct Finder<'f>(&'f mut Option<ListMeta>);
    impl<'de> serde::de::Visitor<'de> for Finder<'_> {
        type Value = ();
        fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            f.write_str("a list")
        }
        fn visit_map<A: serde::de::MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
            while let Some(key) = map.next_key::<Cow<'de, str>>()? {
                if key == "metadata" {
                    *self.0 = Some(map.next_value()?);
                    return Ok(());
                }
                map.next_value::<serde::de::IgnoredAny>()?;
            }
            Ok(())
        }
    }
    let mut found = None;
    // The outcome is in `found`, whether or not what follows can be read.
    let _ = serde::Deserializer::deserialize_map(
        &mut serde_json::Deserializer::from_slice(page),
        Finder(&mut found),
    );
    found
}

/// The text of a page's only item, whatever it is.
pub fn only_item(page: &[u8]) -> &[u8] {
    let find = |what: &[u8]| page.windows(what.len()).position(|window| window == what);
    let find_last = |what: &[u8]| page.windows(what.len()).rposition(|window| window == what);
    let Some(begin) = find(b"\"items\":[").map(|at| at + b"\"items\":[".len()) else { return &[] };
    let end = find_last(b"],\"kind\":\"").filter(|at| *at >= begin).or_else(|| find_last(b"]}"));
    &page[begin..end.unwrap_or(page.len()).max(begin)]
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
    fn a_page_with_a_broken_item_still_tells_where_the_next_one_begins() {
        let item = r#"{"metadata":{"name":"a","resourceVersion":"3"},"spec":{"x":"#;
        let built_in = format!(
            r#"{{"kind":"PodList","metadata":{{"resourceVersion":"7","continue":"x"}},"items":[{item}]}}"#
        );
        let custom = format!(
            r#"{{"apiVersion":"a/v1","items":[{item}],"kind":"AList","metadata":{{"continue":"x","resourceVersion":"7"}}}}"#
        );
        for page in [built_in, custom] {
            let told = super::metadata(page.as_bytes()).unwrap();
            assert_eq!(
                (told.resource_version.as_deref(), told.next.as_deref()),
                (Some("7"), Some("x")),
                "{page}"
            );
            assert_eq!(only_item(page.as_bytes()), item.as_bytes(), "{page}");
        }
        assert!(super::metadata(br#"{"items":[{"metadata":{"name":"a"}"#).is_none());
        assert_eq!(only_item(b"{}"), b"");
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
