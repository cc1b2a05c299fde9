//! Filter menus: a choice is sent when its menu is closed, so that several boxes can be ticked in one go; a list of one is
//! sent when it was chosen by pointer. With the keyboard the button "Apply" sends, since arrow keys change lists on the way.

use leptos::prelude::*;
use std::{cell::RefCell, rc::Rc};
use wasm_bindgen::JsCast;
use web_sys::{Element, Event, HtmlDetailsElement, HtmlElement, HtmlFormElement, KeyboardEvent};

use super::browser;

/// Makes the menus of `form.filters` quick.
#[island]
pub fn Menus() -> impl IntoView {
    Effect::new(move |_| start());
}

fn start() {
    let Some(document) = browser::document() else { return };
    let by_pointer = Rc::new(RefCell::new(false));
    let pointer = Rc::clone(&by_pointer);
    browser::listen(&document, "pointerdown", move |event: Event| {
        *pointer.borrow_mut() = true;
        let inside = browser::target(&event).and_then(|e| e.closest("details.menu").ok().flatten());
        close_others(inside.as_ref());
    });
    let keys = Rc::clone(&by_pointer);
    browser::listen(&document, "keydown", move |event: KeyboardEvent| {
        *keys.borrow_mut() = false;
        if event.key() == "Escape"
            && let Some(menu) = browser::first("details.menu[open]")
        {
            menu.query_selector("summary")
                .ok()
                .flatten()
                .and_then(|s| s.dyn_into::<HtmlElement>().ok())
                .map(|s| s.focus());
            close(&menu);
        }
    });
    browser::listen(&document, "change", move |event: Event| {
        let Some(field) = browser::target(&event) else { return };
        let Some(form) = field.closest("form.filters").ok().flatten() else { return };
        if let Ok(Some(menu)) = field.closest("details.menu") {
            let _ = menu.set_attribute("data-changed", "");
        } else if field.tag_name() == "SELECT" && *by_pointer.borrow() {
            send(&form);
        }
    });
    browser::ready("menus");
}

fn close_others(inside: Option<&Element>) {
    for menu in browser::all("details.menu[open]") {
        if Some(&menu) != inside {
            close(&menu);
        }
    }
}

/// Closes a menu, and sends its form where something in it was changed.
fn close(menu: &Element) {
    if let Some(details) = menu.dyn_ref::<HtmlDetailsElement>() {
        details.set_open(false);
    }
    if menu.has_attribute("data-changed")
        && let Ok(Some(form)) = menu.closest("form")
    {
        send(&form);
    }
}

fn send(form: &Element) {
    if let Some(form) = form.dyn_ref::<HtmlFormElement>() {
        let _ = form.request_submit();
    }
}
