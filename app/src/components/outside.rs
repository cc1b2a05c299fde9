//! Text from outside: names, messages, revisions, anything that others wrote.
//!
//! It is escaped by the renderer, set apart in its own direction, and what cannot be seen is made visible. It never gets a
//! glyph or a status colour.

use leptos::prelude::*;

use crate::{format::number, lang::Lang, tr};

/// How much of a long text stands in a page.
const SHOWN: usize = 300;
/// A text longer than this may break anywhere: no row or column is made for it.
const LONG: usize = 48;

/// Whether a character cannot be seen, or changes how its neighbours are seen.
pub fn is_hidden(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
            | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e000}'..='\u{f8ff}' | '\u{e0000}'..='\u{e0fff}')
}

/// Marks that may stand on one letter; a flood of them covers what stands around it.
const MARKS: usize = 2;

/// Whether a character stands on the one before it.
fn is_combining(c: char) -> bool {
    matches!(c, '\u{300}'..='\u{36f}' | '\u{483}'..='\u{489}' | '\u{1ab0}'..='\u{1aff}' | '\u{1dc0}'..='\u{1dff}'
        | '\u{20d0}'..='\u{20ff}' | '\u{fe20}'..='\u{fe2f}')
}

/// Each character of a text, and whether it is shown as a word instead of itself.
fn characters(text: &str) -> impl Iterator<Item = (char, bool)> {
    let mut marks = 0;
    text.chars().map(move |c| {
        marks = if is_combining(c) { marks + 1 } else { 0 };
        (c, is_hidden(c) || marks > MARKS)
    })
}

/// How such a character is written.
fn mark(c: char) -> String {
    match c {
        '\0' => "NUL".to_owned(),
        '\u{7}' => "BEL".to_owned(),
        '\u{8}' => "BS".to_owned(),
        '\u{1b}' => "ESC".to_owned(),
        '\u{7f}' => "DEL".to_owned(),
        c => format!("U+{:04X}", c as u32),
    }
}

/// A short text from outside: a name, a tag, a reason. Cut at 300 characters.
pub fn name(text: &str) -> AnyView {
    if text.len() <= LONG && text.bytes().all(|b| b.is_ascii_graphic() || b == b' ') {
        return text.to_owned().into_any();
    }
    marked(text, SHOWN, None)
}

/// A longer text from outside, such as a message. Says how much of it is shown.
pub fn outside(text: &str, lang: Lang) -> AnyView {
    let total = text.chars().count();
    let body = marked(text, SHOWN, foreign(text, lang));
    if total <= SHOWN {
        return body;
    }
    let shown = number::count(SHOWN, lang);
    let of = number::count(total, lang);
    let note = tr!(lang, "first-characters", shown = shown, total = of);
    view! { {body}" "<span class="q3">{note}</span> }.into_any()
}

/// The language of words from outside, where it is likely another than the page's: messages of programs are English.
fn foreign(text: &str, lang: Lang) -> Option<&'static str> {
    (lang != Lang::En && text.is_ascii() && text.contains(' ')).then(|| Lang::En.tag())
}

fn marked(text: &str, limit: usize, lang: Option<&'static str>) -> AnyView {
    let mut parts: Vec<AnyView> = Vec::new();
    let mut run = String::new();
    // A character that is shown as a word takes the room of one.
    let mut is_long = text.len() > LONG;
    for (at, (c, hidden)) in characters(text).enumerate() {
        if at == limit {
            run.push('…');
            break;
        }
        if matches!(c, '\n' | '\r' | '\t') {
            run.push(' ');
        } else if hidden {
            is_long = true;
            if !run.is_empty() {
                parts.push(std::mem::take(&mut run).into_any());
            }
            parts.push(view! { <span class="ctl">{mark(c)}</span> }.into_any());
        } else {
            run.push(c);
        }
    }
    if !run.is_empty() {
        parts.push(run.into_any());
    }
    let class = if is_long { "host long" } else { "host" };
    view! { <bdi class=class lang=lang>{parts}</bdi> }.into_any()
}

/// The same for an attribute, where no element can stand: hidden characters become `[U+202E]`.
pub fn attribute(text: &str) -> String {
    let mut out = String::with_capacity(text.len().min(2_000));
    for (at, (c, hidden)) in characters(text).enumerate() {
        if at == SHOWN {
            out.push('…');
            break;
        }
        if matches!(c, '\n' | '\r' | '\t') {
            out.push(' ');
        } else if hidden {
            out.push('[');
            out.push_str(&mark(c));
            out.push(']');
        } else {
            out.push(c);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn html(view: AnyView) -> String {
        view.to_html()
    }

    #[test]
    fn escapes_and_shows_what_hides() {
        let got = html(name("<script>alert(1)</script>"));
        assert!(!got.contains("<script"), "{got}");
        let got = html(name("v1.0-\u{202e}gpj.exe\u{202c}\0"));
        assert!(
            got.contains("U+202E") && got.contains("NUL") && !got.contains('\u{202e}') && !got.contains('\0'),
            "{got}"
        );
        assert_eq!(attribute("a\u{1b}b\nc"), "a[ESC]b c");
        // Two marks on a letter are writing, more are a flood.
        assert_eq!(attribute("e\u{301}\u{323}x"), "e\u{301}\u{323}x");
        assert_eq!(attribute("e\u{301}\u{323}\u{300}x"), "e\u{301}\u{323}[U+0300]x");
    }

    #[test]
    fn cuts_and_says_so() {
        let got = html(outside(&"A".repeat(1_048_576), Lang::En));
        assert!(got.len() < 2_000);
        assert!(got.contains("first 300 of 1\u{202f}048\u{202f}576 characters"), "{got}");
        assert!(html(name(&"x".repeat(5_000))).len() < 1_000);
    }
}
