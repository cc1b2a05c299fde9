//! States and severities: glyph and word and colour. Any one may be lost.

use std::borrow::Cow;

use landfall_model::words::{Severity, State};
use leptos::prelude::*;

use super::{icon, name};
use crate::{lang::Lang, tr};

/// A glyph and a word in the colour of `class`.
pub fn status(glyph: &'static str, word: impl IntoView + 'static) -> AnyView {
    view! { <span class=format!("st st-{glyph}")>{icon(glyph)}{word.into_any()}</span> }.into_any()
}

/// The word for a state.
pub fn state_word(lang: Lang, state: State) -> Cow<'static, str> {
    match state {
        State::Unknown => tr!(lang, "state-unknown"),
        State::Degraded => tr!(lang, "state-degraded"),
        State::Progressing => tr!(lang, "state-progressing"),
        State::Missing => tr!(lang, "state-missing"),
        State::Drifted => tr!(lang, "state-drifted"),
        State::Suspended => tr!(lang, "state-suspended"),
        State::Healthy => tr!(lang, "state-healthy"),
        State::None => tr!(lang, "state-none"),
    }
}

const fn glyph(state: State) -> &'static str {
    match state {
        State::Unknown => "unknown",
        State::Degraded => "bad",
        State::Progressing => "move",
        State::Missing => "missing",
        State::Drifted => "drift",
        State::Suspended => "pause",
        State::Healthy => "ok",
        State::None => "none",
    }
}

/// A state. One that rests on a silent source is never green: "was healthy".
pub fn state(lang: Lang, of: State, stale: bool) -> AnyView {
    let word = state_word(lang, of);
    if stale && !matches!(of, State::Unknown | State::None) {
        return status("stale", tr!(lang, "state-was", state = word.into_owned()));
    }
    status(glyph(of), word)
}

/// A severity.
pub fn severity(lang: Lang, severity: Severity) -> AnyView {
    match severity {
        Severity::Critical => status("crit", tr!(lang, "severity-critical")),
        Severity::Warning => status("warn", tr!(lang, "severity-warning")),
        Severity::Notice => status("note", tr!(lang, "severity-notice")),
    }
}

/// An environment's name: the usual ones in the reader's language, others as they are.
pub fn environment_name(lang: Lang, environment: &str) -> AnyView {
    match environment {
        "production" => tr!(lang, "environment-production").into_any(),
        "staging" => tr!(lang, "environment-staging").into_any(),
        "development" => tr!(lang, "environment-development").into_any(),
        other => name(other),
    }
}

/// The same in few letters, for narrow screens.
pub fn environment_short(lang: Lang, environment: &str) -> AnyView {
    match environment {
        "production" => tr!(lang, "environment-production-short").into_any(),
        "staging" => tr!(lang, "environment-staging-short").into_any(),
        "development" => tr!(lang, "environment-development-short").into_any(),
        other => name(other),
    }
}
