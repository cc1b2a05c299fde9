//! Small steps over `web-sys`. Each does nothing where the browser lacks what it needs: an island must never panic, since
//! that would end all of them.

use wasm_bindgen::{JsCast, closure::Closure, convert::FromWasmAbi};
use web_sys::{Document, Element, Event, EventTarget, HtmlElement, Window};

pub fn window() -> Option<Window> {
    web_sys::window()
}

pub fn document() -> Option<Document> {
    window()?.document()
}

/// The first element that fits.
pub fn first(selector: &str) -> Option<Element> {
    document()?.query_selector(selector).ok().flatten()
}

/// Every element that fits, in order.
pub fn all(selector: &str) -> Vec<Element> {
    document().map(|document| all_in(&document, selector)).unwrap_or_default()
}

/// Every element of a document that fits, in order.
pub fn all_in(document: &Document, selector: &str) -> Vec<Element> {
    let Ok(list) = document.query_selector_all(selector) else { return Vec::new() };
    (0..list.length()).filter_map(|at| list.item(at)?.dyn_into().ok()).collect()
}

/// Every element inside another that fits, in order.
pub fn all_within(element: &Element, selector: &str) -> Vec<Element> {
    let Ok(list) = element.query_selector_all(selector) else { return Vec::new() };
    (0..list.length()).filter_map(|at| list.item(at)?.dyn_into().ok()).collect()
}

/// Calls `handler` at each event, for as long as the page lives.
pub fn listen<E: FromWasmAbi + 'static>(target: &EventTarget, event: &str, handler: impl FnMut(E) + 'static) {
    let closure = Closure::<dyn FnMut(E)>::new(handler);
    let _ = target.add_event_listener_with_callback(event, closure.as_ref().unchecked_ref());
    closure.forget();
}

/// Calls `handler` once, later.
pub fn after(milliseconds: i32, handler: impl FnOnce() + 'static) {
    let Some(window) = window() else { return };
    let closure = Closure::once_into_js(handler);
    let _ =
        window.set_timeout_with_callback_and_timeout_and_arguments_0(closure.unchecked_ref(), milliseconds);
}

/// Calls `handler` again and again, for as long as the page lives.
pub fn every(milliseconds: i32, handler: impl FnMut() + 'static) {
    let Some(window) = window() else { return };
    let closure = Closure::<dyn FnMut()>::new(handler);
    let _ = window.set_interval_with_callback_and_timeout_and_arguments_0(
        closure.as_ref().unchecked_ref(),
        milliseconds,
    );
    closure.forget();
}

/// Whether the reader is typing.
pub fn is_typing() -> bool {
    let Some(active) = document().and_then(|d| d.active_element()) else { return false };
    let tag = active.tag_name();
    matches!(tag.as_str(), "TEXTAREA" | "SELECT")
        || (tag == "INPUT"
            && !matches!(active.get_attribute("type").as_deref(), Some("checkbox" | "radio" | "submit")))
        || active.dyn_ref::<HtmlElement>().is_some_and(HtmlElement::is_content_editable)
}

/// The element that an event came from.
pub fn target(event: &Event) -> Option<Element> {
    event.target()?.dyn_into().ok()
}

/// Milliseconds since 1970, by the browser's clock.
pub fn now() -> f64 {
    js_sys::Date::now()
}

/// What a page remembers over its tabs.
pub fn remembered(key: &str) -> Option<String> {
    window()?.local_storage().ok().flatten()?.get_item(key).ok().flatten()
}

/// Remembers it.
pub fn remember(key: &str, value: &str) {
    if let Some(storage) = window().and_then(|w| w.local_storage().ok().flatten()) {
        let _ = storage.set_item(key, value);
    }
}

/// Says that an island is alive, for tests and for styles.
pub fn ready(name: &str) {
    if let Some(root) = document().and_then(|d| d.document_element()) {
        let _ = root.set_attribute(&format!("data-ready-{name}"), "");
    }
}
