//! Keys. Single characters can be switched off in the help (WCAG 2.1.4), never act while somebody types, and never with a
//! modifier.

use leptos::prelude::*;
use std::{cell::RefCell, rc::Rc};
use wasm_bindgen::JsCast;
use web_sys::{
    Element, Event, HtmlAnchorElement, HtmlDialogElement, HtmlElement, HtmlInputElement, KeyboardEvent,
    ScrollIntoViewOptions, ScrollLogicalPosition,
};

use super::browser;

/// Where the choice is remembered.
const STORED: &str = "landfall-keys";

/// Listens to keys.
#[island]
pub fn Keyboard() -> impl IntoView {
    Effect::new(move |_| start());
}

fn start() {
    let Some(document) = browser::document() else { return };
    // The last key, while `g` waits for its letter.
    let pending = Rc::new(RefCell::new(0.0_f64));
    switch();
    browser::listen(&document, "click", |event: Event| {
        let opener = browser::target(&event).and_then(|e| e.closest("[data-keys]").ok().flatten());
        if opener.is_some() && help() {
            event.prevent_default();
        }
    });
    browser::listen(&document, "keydown", move |event: KeyboardEvent| {
        if event.ctrl_key()
            || event.meta_key()
            || event.alt_key()
            || event.is_composing()
            || event.repeat() && event.key() != "j" && event.key() != "k"
        {
            return;
        }
        let key = event.key();
        if browser::is_typing() {
            if key == "Escape" {
                blur();
            }
            return;
        }
        if browser::first("dialog[open]").is_some() {
            return;
        }
        if key == "Enter" {
            if on_row_itself() && open() {
                event.prevent_default();
            }
            return;
        }
        if browser::remembered(STORED).as_deref() == Some("off") {
            return;
        }
        let after_g = browser::now() - pending.replace(0.0) < 1_500.0;
        let done = match key.as_str() {
            letter if after_g => go(letter),
            "g" => {
                *pending.borrow_mut() = browser::now();
                true
            }
            "/" => focus("#q"),
            "j" => step(1),
            "k" => step(-1),
            "p" => click("[data-pause]:not([hidden])"),
            "[" | "]" => go(&key),
            "?" => help(),
            _ => false,
        };
        if done {
            event.prevent_default();
        }
    });
    browser::ready("keys");
}

/// The box in the help that switches single keys on and off.
fn switch() {
    let Some(switch) = browser::first("#keys-on").and_then(|e| e.dyn_into::<HtmlInputElement>().ok()) else {
        return;
    };
    switch.set_checked(browser::remembered(STORED).as_deref() != Some("off"));
    let read = switch.clone();
    browser::listen(&switch, "change", move |_: Event| {
        browser::remember(STORED, if read.checked() { "on" } else { "off" });
    });
}

fn help() -> bool {
    browser::first("#keys")
        .and_then(|e| e.dyn_into::<HtmlDialogElement>().ok())
        .is_some_and(|dialog| dialog.open() || dialog.show_modal().is_ok())
}

fn blur() {
    if let Some(active) = browser::document().and_then(|d| d.active_element())
        && let Some(active) = active.dyn_ref::<HtmlElement>()
    {
        let _ = active.blur();
    }
}

fn focus(selector: &str) -> bool {
    let Some(field) = browser::first(selector) else { return false };
    if let Some(input) = field.dyn_ref::<HtmlInputElement>() {
        let _ = input.focus();
        input.select();
    }
    true
}

fn click(selector: &str) -> bool {
    browser::first(selector).and_then(|e| e.dyn_into::<HtmlElement>().ok()).map(|e| e.click()).is_some()
}

/// Follows the link that has this letter.
fn go(letter: &str) -> bool {
    browser::all("a[data-go]")
        .into_iter()
        .find(|a| a.get_attribute("data-go").as_deref() == Some(letter))
        .and_then(|a| a.dyn_into::<HtmlAnchorElement>().ok())
        .map(|a| a.click())
        .is_some()
}

/// Marks the next or previous row and brings it into view.
fn step(by: i32) -> bool {
    let rows = browser::all("main [data-row]");
    if rows.is_empty() {
        return false;
    }
    let current = rows.iter().position(|row| row.class_list().contains("cur"));
    let next = match (current, by > 0) {
        (None, true) => 0,
        (None, false) => rows.len() - 1,
        (Some(at), true) => (at + 1).min(rows.len() - 1),
        (Some(at), false) => at.saturating_sub(1),
    };
    for row in &rows {
        let _ = row.class_list().remove_1("cur");
    }
    let row = &rows[next];
    let _ = row.class_list().add_1("cur");
    // Focus goes along, so that a screen reader says the row and Tab goes on from it.
    if let Some(link) = main_link(row) {
        let options = web_sys::FocusOptions::new();
        options.set_prevent_scroll(true);
        let _ = link.focus_with_options(&options);
    }
    let options = ScrollIntoViewOptions::new();
    options.set_block(ScrollLogicalPosition::Nearest);
    row.scroll_into_view_with_scroll_into_view_options(&options);
    true
}

/// The link that opens a row: that of its heading, else the first.
fn main_link(row: &Element) -> Option<HtmlAnchorElement> {
    let find = |selector| row.query_selector(selector).ok().flatten();
    find("th a[href]").or_else(|| find("a[href]"))?.dyn_into().ok()
}

/// Enter on a focused link or button is that element's own business.
fn on_row_itself() -> bool {
    let tag = browser::document().and_then(|d| d.active_element()).map(|e| e.tag_name());
    !matches!(tag.as_deref(), Some("A" | "BUTTON" | "SUMMARY" | "INPUT" | "SELECT"))
}

fn open() -> bool {
    browser::first("main [data-row].cur").and_then(|row| main_link(&row)).map(|link| link.click()).is_some()
}
