//! Texts with elements inside.
//!
//! A catalogue text may hold one-word tags, `Since review: <b>{ $deploys } deploys</b>`, so that each language can
//! put the emphasised part where its grammar wants it. Arguments are put in after the tags were read: nothing from
//! outside can ever become a tag.

use fluent_bundle::FluentValue;
use leptos::prelude::*;

use super::{Lang, lookup};

/// Makes the element for one tag from what stands between its ends.
pub type Slot<'a> = (&'static str, &'a dyn Fn(AnyView) -> AnyView);

/// First of the private-use characters that stand for text arguments while tags are read.
const MARK: u32 = 0xE000;

/// The text of `key` with `slots` around its tagged parts. An unknown tag leaves its text bare.
pub fn rich(
    lang: Lang,
    key: &'static str,
    args: &[(&'static str, FluentValue<'_>)],
    slots: &[Slot<'_>],
) -> AnyView {
    let mut kept: Vec<String> = Vec::new();
    let marked: Vec<_> = args
        .iter()
        .map(|(name, value)| match value {
            FluentValue::String(text) => {
                let mark =
                    u32::try_from(kept.len()).ok().and_then(|at| char::from_u32(MARK + at)).unwrap_or('?');
                kept.push(text.clone().into_owned());
                (*name, FluentValue::from(mark.to_string()))
            }
            other => (*name, other.clone()),
        })
        .collect();
    let text = lookup(lang, key, &marked);
    let mut out: Vec<AnyView> = Vec::new();
    let mut rest: &str = &text;
    while let Some((before, name, inner, after)) = next_tag(rest) {
        if !before.is_empty() {
            out.push(fill(before, &kept).into_any());
        }
        let content = fill(inner, &kept).into_any();
        out.push(match slots.iter().find(|(slot, _)| *slot == name) {
            Some((_, make)) => make(content),
            None => content,
        });
        rest = after;
    }
    if !rest.is_empty() {
        out.push(fill(rest, &kept).into_any());
    }
    out.into_any()
}

/// Splits at the first `<name>inner</name>`.
fn next_tag(text: &str) -> Option<(&str, &str, &str, &str)> {
    let (before, tail) = text.split_once('<')?;
    let (name, tail) = tail.split_once('>')?;
    let close = tail.find("</")?;
    let inner = &tail[..close];
    let (closing, after) = tail[close + 2..].split_once('>')?;
    (closing == name).then_some((before, name, inner, after))
}

/// Puts the arguments back in the place of their marks.
fn fill(text: &str, kept: &[String]) -> String {
    if kept.is_empty() {
        return text.to_owned();
    }
    let mut out = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        match (c as u32).checked_sub(MARK).and_then(|at| kept.get(at as usize)) {
            Some(argument) => out.push_str(argument),
            None => out.push(c),
        }
    }
    out
}
