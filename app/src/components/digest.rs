//! Digests: six characters in the page, the whole in the title and in the copy button.

use leptos::prelude::*;

use super::{icon, outside::attribute};
use crate::{lang::Lang, tr};

/// The first characters of a digest without its algorithm: `b30c91…`.
pub fn short_digest(digest: &str) -> String {
    let hex = digest.split_once(':').map_or(digest, |(_, hex)| hex);
    let clean: String = hex.chars().filter(char::is_ascii_alphanumeric).take(6).collect();
    format!("{clean}…")
}

/// A digest with its whole in the title.
pub fn digest(digest: &str) -> AnyView {
    view! { <span class="dig" title=attribute(digest)>{short_digest(digest)}</span> }.into_any()
}

/// A button that copies a text: as it is, but only if nothing in it hides. It appears where a script can do so.
pub fn copy_button(lang: Lang, text: &str) -> AnyView {
    let text: String = text.chars().filter(|c| c.is_ascii_graphic() || *c == ' ').take(1_000).collect();
    view! { <button class="copy" type="button" hidden data-copy=text aria-label=tr!(lang, "copy")>{icon("copy")}</button> }
        .into_any()
}
