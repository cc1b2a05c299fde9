//! Takes a newer version of the page over into the one that is open.
//!
//! Rows carry `data-row`, parts that may change on their own carry `data-part`. What the reader points at or has the focus in
//! is left alone.

use std::collections::{BTreeMap, BTreeSet};

use wasm_bindgen::JsCast;
use web_sys::{Document, DomParser, Element, Event, SupportedType};

use super::focus::Focus;
use crate::islands::browser;

/// Takes over the page in `html`. Gives the number of changes that were left, because they would move rows.
pub fn take_over(html: &str, everything: bool) -> u32 {
    let Some(parser) = DomParser::new().ok() else { return 0 };
    let Ok(newer) = parser.parse_from_string(html, SupportedType::TextHtml) else { return 0 };
    let left = if everything {
        replace(&newer, "main");
        0
    } else {
        patch(&newer)
    };
    for part in [".fresh leptos-children", ".bar nav", ".foot"] {
        replace(&newer, part);
    }
    // Islands that look at the page do so again.
    if let Some(document) = browser::document()
        && let Ok(event) = Event::new("landfall:changed")
    {
        let _ = document.dispatch_event(&event);
    }
    left
}

fn find(document: &Document, selector: &str) -> Option<Element> {
    document.query_selector(selector).ok().flatten()
}

/// Replaces what stands inside an element; the element itself, its listeners, the focus and the scroll position stay.
fn replace(newer: &Document, selector: &str) {
    let (Some(old), Some(new)) = (browser::first(selector), find(newer, selector)) else { return };
    if without_ages(&old) == without_ages(&new) {
        return;
    }
    keep_open(&old, &new);
    let focus = Focus::within(&old);
    let nodes = new.child_nodes();
    let list = js_sys::Array::new();
    for at in 0..nodes.length() {
        if let Some(node) = nodes.item(at) {
            list.push(&node);
        }
    }
    old.replace_children_with_node(&list);
    if let Some(focus) = focus {
        focus.give_back(&old);
    }
}

/// Rows and parts that stay where they are.
fn patch(newer: &Document) -> u32 {
    let old = rows(&browser::all("main [data-row]"));
    let new = rows(&browser::all_in(newer, "main [data-row]"));
    let mut left = moved(&old, &new);
    let new_by_key: BTreeMap<&String, &Element> = new.iter().map(|(key, element)| (key, element)).collect();
    for (key, element) in &old {
        let Some(next) = new_by_key.get(key) else { continue };
        if without_ages(element) == without_ages(next) {
            continue;
        }
        if is_busy(element) {
            left += 1;
            continue;
        }
        // `next` belongs to the other document; putting it here adopts it.
        let marked = element.class_list().contains("cur");
        let classes = next.class_list();
        let _ = classes.add_1("new");
        if marked {
            let _ = classes.add_1("cur");
        }
        keep_open(element, next);
        let _ = element.replace_with_with_node_1(next);
    }
    let parts = keyed(&browser::all_in(newer, "main [data-part]"), "data-part");
    for (key, element) in keyed(&browser::all("main [data-part]"), "data-part") {
        if let Some((_, next)) = parts.iter().find(|(k, _)| *k == key)
            && !is_busy(&element)
            && without_ages(&element) != without_ages(next)
        {
            keep_open(&element, next);
            let _ = element.replace_with_with_node_1(next);
        }
    }
    left
}

/// Rows by key, without those inside a part: a part is taken over as a whole, and a row that was moved out of the newer one
/// would be missing there.
fn rows(elements: &[Element]) -> Vec<(String, Element)> {
    let mut rows = keyed(elements, "data-row");
    rows.retain(|(_, row)| row.closest("[data-part]").ok().flatten().is_none());
    rows
}

fn keyed(elements: &[Element], attribute: &str) -> Vec<(String, Element)> {
    elements.iter().filter_map(|e| Some((e.get_attribute(attribute)?, e.clone()))).collect()
}

/// How many rows came, went, or stand elsewhere.
fn moved(old: &[(String, Element)], new: &[(String, Element)]) -> u32 {
    let before: BTreeSet<&String> = old.iter().map(|(key, _)| key).collect();
    let after: BTreeSet<&String> = new.iter().map(|(key, _)| key).collect();
    let other = before.symmetric_difference(&after).count();
    let stayed = |list: &[(String, Element)]| -> Vec<String> {
        list.iter().map(|(key, _)| key).filter(|k| before.contains(k) && after.contains(k)).cloned().collect()
    };
    let (a, b) = (stayed(old), stayed(new));
    let shifted = a.iter().zip(&b).filter(|(x, y)| x != y).count();
    u32::try_from(other + shifted.div_ceil(2)).unwrap_or(u32::MAX)
}

/// Under the pointer, or with the focus inside.
fn is_busy(element: &Element) -> bool {
    let has = |selector: &str| element.matches(selector).unwrap_or(false);
    has(":hover") || has(":focus-within")
}

/// What the reader opened stays open in what takes its place.
fn keep_open(old: &Element, new: &Element) {
    for (key, _) in keyed(&browser::all_within(old, "details[open][data-open]"), "data-open") {
        for (other, element) in keyed(&browser::all_within(new, "details[data-open]"), "data-open") {
            if other == key {
                let _ = element.set_attribute("open", "");
            }
        }
    }
}

/// An element's inside as text, without what is no change: ages tick, copy buttons come alive, and steps are opened by the
/// reader.
fn without_ages(element: &Element) -> String {
    let Some(copy) = element.clone_node_with_deep(true).ok().and_then(|n| n.dyn_into::<Element>().ok())
    else {
        return element.inner_html();
    };
    if let Ok(ages) = copy.query_selector_all("time.age") {
        for at in 0..ages.length() {
            if let Some(age) = ages.item(at) {
                age.set_text_content(None);
            }
        }
    }
    // Shown once their island is alive.
    for button in browser::all_within(&copy, "button[data-copy]") {
        let _ = button.remove_attribute("hidden");
    }
    for opened in browser::all_within(&copy, "details[open][data-open]") {
        let _ = opened.remove_attribute("open");
    }
    copy.inner_html()
}
