//! The text catalogues: every word that a page says, in each language.
//!
//! Texts are Project Fluent files in `locales/`, one per part of the pages and language. [`tr!`](crate::tr) gives a text
//! with its arguments filled in; [`rich`] gives one with elements (bold figures, links) inside. Only the server
//! knows them: islands get their few texts as props, so that the browser loads no catalogue.

mod bundle;
mod rich;
mod sentence;

pub use bundle::lookup;
pub use fluent_bundle::FluentValue;
pub use rich::{Slot, rich};
pub use sentence::{Piece, sentence};

/// A language of the pages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Lang {
    #[default]
    En,
    Ja,
}

impl Lang {
    /// Every language, in the order in which they are offered.
    pub const ALL: &'static [Self] = &[Self::En, Self::Ja];

    /// BCP 47 tag, also the value of `?lang=` and of the cookie.
    pub const fn tag(self) -> &'static str {
        match self {
            Self::En => "en",
            Self::Ja => "ja",
        }
    }

    /// The language's own name.
    pub const fn own_name(self) -> &'static str {
        match self {
            Self::En => "English",
            Self::Ja => "日本語",
        }
    }

    /// The language with this tag; regions are ignored (`ja-JP` is `ja`).
    pub fn parse(tag: &str) -> Option<Self> {
        let primary = tag.trim().split(['-', '_']).next()?;
        Self::ALL.iter().copied().find(|lang| lang.tag().eq_ignore_ascii_case(primary))
    }

    /// The best language for an `Accept-Language` header (RFC 9110 §12.5.4). Weights are honoured, `q=0` excludes.
    pub fn negotiate(accept: &str) -> Option<Self> {
        let mut best: Option<(f32, Self)> = None;
        for part in accept.split(',').take(32) {
            let mut pieces = part.split(';');
            let Some(lang) = pieces.next().and_then(Self::parse) else { continue };
            let weight = pieces
                .find_map(|p| p.trim().strip_prefix("q="))
                .map_or(1.0, |q| q.trim().parse().unwrap_or(0.0));
            if weight > 0.0 && best.is_none_or(|(known, _)| weight > known) {
                best = Some((weight, lang));
            }
        }
        best.map(|(_, lang)| lang)
    }
}

/// A text of the catalogue: `tr!(lang, "board-title")`, `tr!(lang, "board-total", count = 62)`.
///
/// Every key must exist in every language with the same arguments; `catalogue` tests read the sources and prove it.
#[macro_export]
macro_rules! tr {
    ($lang:expr, $key:literal) => {
        $crate::lang::lookup($lang, $key, &[])
    };
    ($lang:expr, $key:literal, $($name:ident = $value:expr),+ $(,)?) => {
        $crate::lang::lookup($lang, $key, &[$((stringify!($name), $crate::lang::FluentValue::from($value))),+])
    };
}

#[cfg(test)]
mod tests;
