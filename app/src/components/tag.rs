//! Tags and digests of images.

use landfall_model::view::{ImageView, RunningImage, TagDigest};
use leptos::prelude::*;

use super::{attribute, digest, name, short_digest};
use crate::{lang::Lang, links, tr};

/// A tag, with the digest in its title; leads to where else it runs and ran.
pub fn tag(text: &str, digest: Option<&str>, stale: bool) -> AnyView {
    let class = if stale { "tag stale-v" } else { "tag" };
    let title = digest.map_or_else(|| attribute(text), |d| format!("{} {}", attribute(text), attribute(d)));
    view! { <a class=class href=links::search(text) title=title>{name(text)}</a> }.into_any()
}

/// What an environment runs, for one line: the tag that most pods run, else its digest, else "no tag".
pub fn running_tag(image: Option<&ImageView>, stale: bool, lang: Lang) -> AnyView {
    let Some(image) = image else { return nothing(lang) };
    match (image.running.first(), image.meant.first()) {
        (Some(running), _) => image_tag(running, stale, lang),
        // Nothing runs yet: what is meant stands there, in the second voice.
        (None, Some(TagDigest { tag: Some(meant), .. })) => {
            view! { <span class="tag q3" title=attribute(meant)>{name(meant)}</span> }.into_any()
        }
        _ => nothing(lang),
    }
}

/// One running image.
pub fn image_tag(running: &RunningImage, stale: bool, lang: Lang) -> AnyView {
    match (&running.tag, &running.digest) {
        (Some(text), digest) => tag(text, digest.as_deref(), stale),
        (None, Some(digest)) => {
            let class = if stale { "tag stale-v" } else { "tag" };
            view! { <a class=class href=links::search(digest) title=attribute(digest)>{short_digest(digest)}</a> }.into_any()
        }
        (None, None) => nothing(lang),
    }
}

/// A tag and its digest, as far as they are known.
pub fn tag_digest(image: &TagDigest, lang: Lang) -> AnyView {
    match (&image.tag, &image.digest) {
        (Some(text), Some(d)) => view! { {tag(text, Some(d), false)}" "{digest(d)} }.into_any(),
        (Some(text), None) => tag(text, None, false),
        (None, Some(d)) => digest(d),
        (None, None) => nothing(lang),
    }
}

fn nothing(lang: Lang) -> AnyView {
    view! { <span class="q3">{tr!(lang, "no-tag")}</span> }.into_any()
}
