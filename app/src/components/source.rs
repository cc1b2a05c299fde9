//! Where values come from, and how old they are.

use jiff::Timestamp;
use landfall_model::{Text, view::Snapshot, words::SourceState};
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

/// Sources and how long ago they were last heard, for a heading: `argocd/prod 4 s`. `confirmed` is that of the one that was
/// heard longest ago; of a past moment `None` where all were fresh then: when exactly each was heard is not kept.
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
    let when = (!sources.is_empty()).then(|| heard(shell, confirmed));
    view! { <span class="asof">{names}{more}{when}</span> }.into_any()
}

/// How long ago a source was heard; of a past moment also that it was fresh then.
pub fn heard(shell: &Shell, last: Option<Timestamp>) -> AnyView {
    match last {
        Some(t) => view! { " "{age(&shell.clock, t)} }.into_any(),
        None if shell.at.is_some() => format!(" {}", tr!(shell.lang(), "source-fresh-then")).into_any(),
        None => ().into_any(),
    }
}

/// When the source that was silent longest was last heard; in a live view the one that was heard longest ago.
pub fn confirmed<'a>(
    shell: &Shell,
    snapshot: &Snapshot,
    sources: impl IntoIterator<Item = &'a Text>,
) -> Option<Timestamp> {
    let views = sources.into_iter().filter_map(|name| snapshot.sources.get(name));
    let counts = |source: &&std::sync::Arc<landfall_model::view::SourceView>| {
        shell.at.is_none() || source.state.is_untrusted()
    };
    views.filter(counts).filter_map(|source| source.last_success).min()
}
