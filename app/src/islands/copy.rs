//! Copy buttons. They are hidden until this island is alive: without a script they could do nothing.

use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{Event, HtmlElement};

use super::browser;

/// Makes every button with `data-copy` copy that text. `done` is said to screen readers and stands in the title.
#[island]
pub fn Copy(done: String) -> impl IntoView {
    let said = RwSignal::new(String::new());
    Effect::new(move |_| start(said, done.clone()));
    view! { <span class="vh" role="status" aria-live="polite">{said}</span> }
}

fn start(said: RwSignal<String>, done: String) {
    reveal();
    let Some(document) = browser::document() else { return };
    browser::listen(&document, "landfall:changed", |_: Event| reveal());
    browser::listen(&document, "click", move |event: Event| {
        let button = browser::target(&event).and_then(|e| e.closest("button[data-copy]").ok().flatten());
        let Some(button) = button else { return };
        let (Some(text), Some(window)) = (button.get_attribute("data-copy"), browser::window()) else {
            return;
        };
        // Browsers offer the clipboard to secure pages only.
        if window.is_secure_context() {
            let _ = window.navigator().clipboard().write_text(&text);
            said.set(String::new());
            said.set(done.clone());
        }
    });
}

fn reveal() {
    let secure = browser::window().is_some_and(|w| w.is_secure_context());
    for button in browser::all("button[data-copy][hidden]") {
        if secure && let Some(button) = button.dyn_ref::<HtmlElement>() {
            button.set_hidden(false);
        }
    }
}
