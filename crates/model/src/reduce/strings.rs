//! Text from outside into shared strings: cut to length, without what a database or a page cannot take.

use std::{borrow::Cow, sync::Arc};

use crate::text::{Interner, Text};

/// Longest message kept, in characters.
pub(super) const MESSAGE: usize = 1000;
/// Longest message of a container or a pod.
pub(super) const SHORT_MESSAGE: usize = 300;
/// Longest name, URL, revision or image string.
const LINE: usize = 2000;
/// Messages up to this many bytes repeat ("successfully synced (all tasks run)") and are shared.
const SHARED_MESSAGE: usize = 100;

/// Makes [`Text`] of what an object says.
pub(super) struct Strings<'i>(pub &'i mut Interner);

impl Strings<'_> {
    /// A string that many objects repeat.
    pub fn shared(&mut self, text: &str) -> Text {
        self.0.intern(&clean(clip(text, LINE)))
    }

    /// A string that belongs to one object alone: shared storage would only cost.
    #[expect(clippy::unused_self, reason = "one way to make text, and it may share tomorrow")]
    pub fn unique(&self, text: &str) -> Text {
        Arc::from(&*clean(clip(text, LINE)))
    }

    /// [`Self::shared`], `None` where empty.
    pub fn maybe(&mut self, text: &str) -> Option<Text> {
        (!text.is_empty()).then(|| self.shared(text))
    }

    /// Words for people, cut to `limit` characters, without the credentials of URLs in them.
    pub fn message(&mut self, text: &str, limit: usize) -> Text {
        // Credentials go before the cut: the cut might fall between them and the `@` that gives them away.
        let window = clip(text, limit.saturating_mul(4));
        let safe = without_credentials(window);
        let cut = clip(&safe, limit);
        if cut.len() <= SHARED_MESSAGE { self.0.intern(&clean(cut)) } else { Arc::from(&*clean(cut)) }
    }

    /// [`Self::message`], `None` where empty.
    pub fn maybe_message(&mut self, text: &str, limit: usize) -> Option<Text> {
        (!text.is_empty()).then(|| self.message(text, limit))
    }
}

/// At most `limit` characters of `text`.
pub(super) fn clip(text: &str, limit: usize) -> &str {
    if text.len() <= limit {
        return text;
    }
    text.char_indices().nth(limit).map_or(text, |(at, _)| &text[..at])
}

/// NUL cannot be stored in PostgreSQL, neither as text nor as JSON.
fn clean(text: &str) -> Cow<'_, str> {
    if text.contains('\0') { Cow::Owned(text.replace('\0', "\u{fffd}")) } else { Cow::Borrowed(text) }
}

/// `https://user:token@host/` without `user:token@`, wherever it stands in the text.
pub(super) fn without_credentials(text: &str) -> Cow<'_, str> {
    if !text.contains("://") {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find("://") {
        let (before, after) = rest.split_at(at + 3);
        out.push_str(before);
        let end = after
            .find(|c: char| {
                c.is_whitespace() || c.is_control() || matches!(c, '/' | '?' | '#' | '"' | '\'' | '<' | '>')
            })
            .unwrap_or(after.len());
        rest = match after[..end].rfind('@') {
            Some(credentials) => &after[credentials + 1..],
            None => after,
        };
    }
    out.push_str(rest);
    Cow::Owned(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cuts_on_a_character_and_never_inside_credentials() {
        assert_eq!(clip("日本語", 2), "日本");
        assert_eq!(clip("abc", 3), "abc");
        let mut interner = Interner::default();
        let text = format!("{}https://bot:hunter2@git.example/x", "é".repeat(290));
        let message = Strings(&mut interner).message(&text, 300);
        assert_eq!(message.chars().count(), 300);
        assert!(!message.contains("bot"), "{message}");
    }

    #[test]
    fn takes_credentials_out_of_urls() {
        for (from, to) in [
            ("https://u:p@git.example/a.git", "https://git.example/a.git"),
            ("ssh://git@git.example:22/a and https://t@h", "ssh://git.example:22/a and https://h"),
            ("git@github.com:a/b.git", "git@github.com:a/b.git"),
            ("https://host/path@v1 mail@host", "https://host/path@v1 mail@host"),
            ("https://a@b@host/", "https://host/"),
        ] {
            assert_eq!(without_credentials(from), to);
        }
    }

    #[test]
    fn nul_is_replaced() {
        assert_eq!(&*Strings(&mut Interner::default()).shared("a\0b"), "a\u{fffd}b");
    }
}
