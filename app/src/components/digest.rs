//! Digests: six characters in the page, the whole in the title and in the copy button.

use leptos::prelude::*;

use super::outside::attribute;

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
