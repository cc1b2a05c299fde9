//! What the model tells, in the reader's language.

use landfall_model::{
    phrase::{Phrase, Said},
    view::Environment,
};
use leptos::prelude::*;

use super::{attribute, name, outside};
use crate::{
    lang::{Lang, Piece, sentence},
    tr,
};

/// A sentence of ours by its parts, or the English one where there are none or the catalogue does not know it; words of
/// others as they are.
pub fn said(lang: Lang, text: &str, phrase: Option<&Phrase>) -> AnyView {
    let ours = phrase.and_then(|phrase| {
        sentence(lang, phrase, |pieces| pieces.iter().map(|p| piece(lang, *p)).collect::<Vec<_>>())
    });
    ours.map_or_else(|| outside(text, lang), IntoAny::into_any)
}

/// The same where no element can stand.
pub fn said_plainly(lang: Lang, text: &str, phrase: Option<&Phrase>) -> String {
    let ours = phrase.and_then(|phrase| {
        sentence(lang, phrase, |pieces| {
            pieces
                .iter()
                .map(|piece| match piece {
                    Piece::Ours(text) => (*text).to_owned(),
                    Piece::Theirs(_, text) => attribute(text),
                    Piece::Several(parts) => parts
                        .iter()
                        .map(|part| said_plainly(lang, &part.text, part.phrase.as_deref()))
                        .collect::<Vec<_>>()
                        .join(&tr!(lang, "list-comma")),
                })
                .collect()
        })
    });
    ours.unwrap_or_else(|| attribute(text))
}

/// How service and environment of an Application were found, for a tooltip.
pub fn mapped_by(lang: Lang, environment: &Environment) -> String {
    said_plainly(lang, &environment.mapped_by, environment.mapped_by_phrase.as_deref())
}

fn piece(lang: Lang, piece: Piece<'_>) -> AnyView {
    match piece {
        Piece::Ours(text) => text.to_owned().into_any(),
        Piece::Theirs("lives" | "meant" | "old" | "missing" | "image", image) => short_image(image),
        Piece::Theirs("message" | "error" | "why" | "names" | "allowed", text) => outside(text, lang),
        Piece::Theirs(_, text) => name(text),
        Piece::Several(parts) => several(lang, parts),
    }
}

fn several(lang: Lang, parts: &[Said]) -> AnyView {
    let mut out = Vec::new();
    for (at, part) in parts.iter().enumerate() {
        if at > 0 {
            out.push(tr!(lang, "list-comma").into_any());
        }
        out.push(said(lang, &part.text, part.phrase.as_deref()));
    }
    out.into_any()
}

/// An image without its registry and folders, which `title` keeps: in a sentence name and tag tell two apart.
fn short_image(image: &str) -> AnyView {
    let short = image.rsplit_once('/').map_or(image, |(_, short)| short);
    view! { <span class="mono" title=attribute(image)>{name(short)}</span> }.into_any()
}
