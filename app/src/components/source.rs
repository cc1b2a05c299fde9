//! Where values come from, and how old they are.

use jiff::Timestamp;
use landfall_model::{Text, words::SourceState};
use leptos::prelude::*;

use super::{age, name, status};
use crate::{data::Shell, lang::Lang, links, tr};

/// A source's state.
pub fn source_state(lang: Lang, state: SourceState) -> AnyView {
    match state {
        SourceState::Starting => status("wait", tr!(lang, "source-starting")),
        SourceState::Ok => status("ok", tr!(lang, "source-ok")),
        SourceState::Stale => status("stale", tr!(lang, "source-stale")),
        SourceState::Failing => status("bad", tr!(lang, "source-failing")),
        SourceState::Forbidden => status("unknown", tr!(lang, "source-forbidden")),
        SourceState::Absent => status("none", tr!(lang, "source-absent")),
        SourceState::Off => status("pause", tr!(lang, "source-off")),
    }
}

/// A source by name, leading to its line on the page of sources.
pub fn source_link(shell: &Shell, source: &str) -> AnyView {
    let href = format!("{}#{}", shell.href("/sources"), links::segment(source));
    view! { <a href=href>{name(source)}</a> }.into_any()
}

/// Sources and how long ago they were last heard, for a heading: `argocd/prod 4 s`.
pub fn as_of(shell: &Shell, sources: &[Text], confirmed: Option<Timestamp>) -> AnyView {
    let names: Vec<AnyView> = sources
        .iter()
        .take(2)
        .enumerate()
        .map(|(at, source)| {
            let comma = if at > 0 { ", " } else { "" };
            view! { {comma}{source_link(shell, source)} }.into_any()
        })
        .collect();
    let more = sources.len().saturating_sub(2);
    let more = (more > 0).then(|| format!(" {}", tr!(shell.lang(), "shell-silent-more", n = more)));
    // Of a past moment only the sources are known, not when each was last heard before it.
    let when = confirmed.filter(|_| shell.at.is_none()).map(|t| view! { " "{age(&shell.clock, t)} });
    view! { <span class="asof">{names}{more}{when}</span> }.into_any()
}
