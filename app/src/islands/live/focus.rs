//! Where the focus is, so that it can be given back after what holds it was made anew.

use wasm_bindgen::JsCast;
use web_sys::{Element, FocusOptions, HtmlElement, HtmlInputElement};

use crate::islands::browser;

const FOCUSABLE: &str = "a[href], button, summary, input, select, textarea, [tabindex]";

/// The focused element, as it can be found again: by its id, by its row, by its address, else by its place.
#[derive(Debug)]
pub struct Focus {
    id: Option<String>,
    row: Option<String>,
    href: Option<String>,
    /// How many that can have the focus stand before it.
    place: usize,
    /// What was written into a field.
    value: Option<String>,
}

impl Focus {
    /// The focus, if it is inside of this element.
    pub fn within(element: &Element) -> Option<Self> {
        let active = browser::document()?.active_element()?;
        if !element.contains(Some(&active)) || *element == active {
            return None;
        }
        let row = active.closest("[data-row]").ok().flatten();
        Some(Self {
            id: Some(active.id()).filter(|id| !id.is_empty()),
            row: row.and_then(|row| row.get_attribute("data-row")),
            href: active.get_attribute("href"),
            place: all(element, FOCUSABLE).iter().position(|it| *it == active).unwrap_or(0),
            value: active.dyn_ref::<HtmlInputElement>().map(HtmlInputElement::value),
        })
    }

    /// Gives it to what stands there now. A row that is gone leaves it to what stands in its place.
    pub fn give_back(self, element: &Element) {
        let Some(found) = self.find(element) else { return };
        if let (Some(value), Some(input)) = (&self.value, found.dyn_ref::<HtmlInputElement>()) {
            input.set_value(value);
        }
        if let Some(html) = found.dyn_ref::<HtmlElement>() {
            let options = FocusOptions::new();
            options.set_prevent_scroll(true);
            let _ = html.focus_with_options(&options);
        }
        if self.row.is_some()
            && let Ok(Some(row)) = found.closest("[data-row]")
        {
            let _ = row.class_list().add_1("cur");
        }
    }

    fn find(&self, element: &Element) -> Option<Element> {
        let every = all(element, FOCUSABLE);
        let attribute = |it: &Element, name: &str| it.get_attribute(name);
        if let Some(id) = &self.id {
            return every.into_iter().find(|it| it.id() == *id);
        }
        let here = |it: &&Element| match &self.row {
            Some(key) => {
                let row = it.closest("[data-row]").ok().flatten();
                row.and_then(|row| attribute(&row, "data-row")).as_ref() == Some(key)
            }
            None => true,
        };
        let same = |it: &&Element| self.href.is_some() && attribute(it, "href") == self.href;
        let by_address = every.iter().find(|it| here(it) && same(it));
        let by_row = || every.iter().find(|it| self.row.is_some() && here(it));
        let by_place = || every.get(self.place).or(every.last());
        by_address.or_else(by_row).or_else(by_place).cloned()
    }
}

fn all(element: &Element, selector: &str) -> Vec<Element> {
    let Ok(list) = element.query_selector_all(selector) else { return Vec::new() };
    (0..list.length()).filter_map(|at| list.item(at)?.dyn_into().ok()).collect()
}
