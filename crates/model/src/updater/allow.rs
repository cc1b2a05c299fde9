//! Which tags are looked at: `allowTags` and `ignoreTags`.

use regex::Regex;

use super::{glob::Glob, go_regex};
use crate::{phrase::Said, said};

/// What `allowTags` lets pass.
#[derive(Debug, Clone)]
pub enum Allow {
    /// Nothing is set, or `any`.
    Everything,
    /// `regexp:…`, found anywhere in the tag.
    Matching(Regex),
    /// A text that the program does not understand lets **no** tag pass; it only warns in its log.
    Nothing { because: Said },
}

impl Allow {
    /// Reads the setting.
    #[must_use]
    pub fn new(text: &str) -> Self {
        if text.is_empty() || text.eq_ignore_ascii_case("any") {
            return Self::Everything;
        }
        match text.split_once(':') {
            Some((kind, pattern)) if kind.eq_ignore_ascii_case("regexp") => {
                match go_regex::compile(pattern) {
                    Ok(pattern) => Self::Matching(pattern),
                    Err(why) => Self::Nothing {
                        because: said!("allow-broken", "its regular expression is broken ({why})", why = why),
                    },
                }
            }
            Some((kind, _)) => Self::Nothing {
                because: said!(
                    "allow-kind",
                    "{kind} is no kind of pattern; regexp is the only one",
                    kind = format!("{kind:?}")
                ),
            },
            None => Self::Nothing {
                because: said!("allow-no-kind", "it has no {prefix} in front", prefix = "\"regexp:\""),
            },
        }
    }

    /// Whether a tag passes.
    #[must_use]
    pub fn allows(&self, tag: &str) -> bool {
        match self {
            Self::Everything => true,
            Self::Matching(pattern) => pattern.is_match(tag),
            Self::Nothing { .. } => false,
        }
    }
}

/// What `ignoreTags` takes out: shell patterns over the whole tag.
#[derive(Debug, Clone, Default)]
pub struct Ignore(Vec<(String, Option<Glob>)>);

impl Ignore {
    /// Reads the setting; a malformed pattern takes out nothing.
    pub fn new<'a>(patterns: impl IntoIterator<Item = &'a str>) -> Self {
        Self(patterns.into_iter().map(|text| (text.to_owned(), Glob::new(text))).collect())
    }

    /// The pattern that takes a tag out.
    #[must_use]
    pub fn taken_by(&self, tag: &str) -> Option<&str> {
        self.0
            .iter()
            .find(|(_, glob)| glob.as_ref().is_some_and(|glob| glob.matches(tag)))
            .map(|(text, _)| text.as_str())
    }

    /// Patterns that are malformed.
    pub fn malformed(&self) -> impl Iterator<Item = &str> {
        self.0.iter().filter(|(_, glob)| glob.is_none()).map(|(text, _)| text.as_str())
    }
}
