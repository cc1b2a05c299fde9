//! Links to other systems. Only `http` and `https`, marked as leading away.

use leptos::prelude::*;

use super::icon;
use crate::links::External;

/// A link that leads away, with our own words.
pub fn external(to: Option<External>, text: impl IntoView + 'static) -> AnyView {
    let text = text.into_any();
    match to {
        Some(to) => view! {
            <a class="ext" href=to.as_str().to_owned() rel="noopener noreferrer">{text}{icon("ext")}</a>
        }
        .into_any(),
        None => text,
    }
}

/// An address from outside, as text, and as a link where it may be one.
pub fn external_text(address: &str) -> AnyView {
    match External::parse(address) {
        Some(to) => {
            let href = to.as_str().to_owned();
            view! { <a class="ext" href=href rel="noopener noreferrer">{super::name(address)}{icon("ext")}</a> }.into_any()
        }
        None => super::name(address),
    }
}
