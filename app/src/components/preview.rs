//! Words and glyphs of previews and their steps.

use std::borrow::Cow;

use landfall_model::{
    view::Pull,
    words::{PreviewState, RoundEnd, StepKind, StepState, Turn},
};
use leptos::prelude::*;

use super::{attribute, status};
use crate::{data::Shell, lang::Lang, links, tr};

/// The word for a preview's state.
pub fn preview_word(lang: Lang, state: PreviewState) -> Cow<'static, str> {
    match state {
        PreviewState::Stuck => tr!(lang, "preview-stuck"),
        PreviewState::Leftover => tr!(lang, "preview-leftover"),
        PreviewState::Going => tr!(lang, "preview-going"),
        PreviewState::Waiting => tr!(lang, "preview-waiting"),
        PreviewState::Ready => tr!(lang, "preview-ready"),
        PreviewState::Unknown => tr!(lang, "preview-unknown"),
        PreviewState::None => tr!(lang, "preview-none"),
        PreviewState::Ended => tr!(lang, "preview-ended"),
    }
}

/// A preview's state. One that rests on a silent source is never green: "was ready".
pub fn preview_state(lang: Lang, of: PreviewState, stale: bool) -> AnyView {
    let word = preview_word(lang, of);
    if stale && !matches!(of, PreviewState::Unknown | PreviewState::None | PreviewState::Ended) {
        return status("stale", tr!(lang, "state-was", state = word.into_owned()));
    }
    let glyph = match of {
        PreviewState::Stuck => "bad",
        PreviewState::Leftover => "warn",
        PreviewState::Going | PreviewState::Waiting => "move",
        PreviewState::Ready => "ok",
        PreviewState::Unknown => "unknown",
        PreviewState::None => "none",
        PreviewState::Ended => "closed",
    };
    status(glyph, word)
}

/// The name of a step.
pub fn step_name(lang: Lang, kind: StepKind) -> Cow<'static, str> {
    match kind {
        StepKind::Labelled => tr!(lang, "step-labelled"),
        StepKind::Created => tr!(lang, "step-created"),
        StepKind::Pushed => tr!(lang, "step-pushed"),
        StepKind::Picked => tr!(lang, "step-picked"),
        StepKind::Synced => tr!(lang, "step-synced"),
        StepKind::Healthy => tr!(lang, "step-healthy"),
    }
}

/// How a step stands.
pub fn step_state(lang: Lang, state: StepState) -> AnyView {
    match state {
        StepState::Done => status("ok", tr!(lang, "step-done")),
        StepState::Now => status("move", tr!(lang, "step-now")),
        StepState::Stuck => status("bad", tr!(lang, "step-stuck")),
        StepState::Ahead => status("wait", tr!(lang, "step-ahead")),
        StepState::Skipped => status("none", tr!(lang, "step-skipped")),
        StepState::Unknown => status("unknown", tr!(lang, "step-unknown")),
    }
}

/// How a round ended.
pub fn round_end(lang: Lang, end: RoundEnd) -> AnyView {
    match end {
        RoundEnd::Going => status("move", tr!(lang, "round-going")),
        RoundEnd::Healthy => status("ok", tr!(lang, "round-healthy")),
        RoundEnd::Failed => status("bad", tr!(lang, "round-failed")),
        RoundEnd::Cancelled => status("none", tr!(lang, "round-cancelled")),
        RoundEnd::Overtaken => status("none", tr!(lang, "round-overtaken")),
    }
}

/// Whose turn it is; the author by name where it is known.
pub fn turn_word(lang: Lang, turn: Turn, author: Option<&str>) -> String {
    match (turn, author) {
        (Turn::Author, Some(author)) => attribute(author),
        (Turn::Author, None) => tr!(lang, "turn-author").into_owned(),
        (Turn::Ci, _) => tr!(lang, "turn-ci").into_owned(),
        (Turn::ImageUpdater, _) => "Image Updater".to_owned(),
        (Turn::ArgoCd, _) => "Argo CD".to_owned(),
        (Turn::Cluster, _) => tr!(lang, "turn-cluster").into_owned(),
        (Turn::Operator, _) => tr!(lang, "turn-operator").into_owned(),
    }
}

/// A pull request by its number, leading to its page; a preview of which it is not known by its own name.
pub fn pull_link(shell: &Shell, pull: &Pull) -> AnyView {
    let words = match pull.number {
        Some(number) => format!("#{number}"),
        None => attribute(pull.previews.first().and_then(|p| p.application.as_deref()).unwrap_or(&pull.id)),
    };
    match links::pull(pull) {
        Some(to) => view! { <a href=shell.href(&to)>{words}</a> }.into_any(),
        None => words.into_any(),
    }
}
