//! A rollout as one line of a timeline, with its steps to open.

use std::sync::Arc;

use landfall_model::{
    transition::{
        Transition,
        rollout::{Line, Outcome, Rollout, fold},
    },
    words::TransitionKind,
};
use leptos::prelude::*;

use super::{
    said, status,
    transition::{change, from_to, kind_status, kind_word, told},
};
use crate::{data::Shell, format, lang::Lang, tr};

/// The lines of a timeline, newest first: rollouts folded, unless kinds or words were asked for: then
/// each line is one that was asked for.
pub fn lines(shell: &Shell, transitions: &[Arc<Transition>]) -> Vec<Line> {
    if shell.params.get("kind").is_some() || shell.params.get("q").is_some() {
        return transitions.iter().map(|t| Line::One(Arc::clone(t))).collect();
    }
    fold(transitions)
}

/// The transition that a line stands at: its newest one.
pub fn newest(line: &Line) -> &Arc<Transition> {
    match line {
        Line::One(transition) => transition,
        Line::Rollout(rollout) => rollout.newest(),
    }
}

/// What names a line's row; a rollout keeps its name while it goes on.
pub fn line_id(line: &Line) -> String {
    match line {
        Line::One(transition) => format!("t-{}", transition.id),
        Line::Rollout(rollout) => format!("t-{}", rollout.oldest().id),
    }
}

/// Whether a line reads as a change for the worse.
pub fn is_bad(line: &Line) -> bool {
    match line {
        Line::One(transition) => transition.bad,
        Line::Rollout(rollout) => rollout.outcome() == Outcome::Bad || rolled_back(rollout),
    }
}

/// Whether a line tells of something that was deployed.
pub fn deploys(line: &Line) -> bool {
    match line {
        Line::One(t) => matches!(t.kind, TransitionKind::Image | TransitionKind::Revision),
        Line::Rollout(_) => true,
    }
}

/// Kind with the glyph of what it came to.
pub fn line_status(lang: Lang, line: &Line) -> AnyView {
    let rollout = match line {
        Line::One(transition) => return kind_status(lang, transition),
        Line::Rollout(rollout) => rollout,
    };
    let kind = if rollout.revision().is_some() { TransitionKind::Revision } else { TransitionKind::Image };
    let glyph = match rollout.outcome() {
        Outcome::Bad => "bad",
        Outcome::Moving => "move",
        Outcome::Drifted => "drift",
        Outcome::Done if rolled_back(rollout) => "bad",
        Outcome::Done => "ok",
    };
    status(glyph, kind_word(lang, kind))
}

/// What a line says.
pub fn line_change(shell: &Shell, line: &Line) -> AnyView {
    match line {
        Line::One(transition) => change(shell, transition),
        Line::Rollout(rollout) => rollout_change(shell, rollout),
    }
}

/// Argo CD marks a deployment of an earlier revision as one for the worse.
fn rolled_back(rollout: &Rollout) -> bool {
    rollout.revision().is_some_and(|revision| revision.bad)
}

fn rollout_change(shell: &Shell, rollout: &Rollout) -> AnyView {
    let lang = shell.lang();
    let main = match (rollout.image(), rollout.revision()) {
        (Some((from, to)), _) => Some(from_to(lang, from, to)),
        (None, Some(revision)) => Some(from_to(lang, &revision.from, &revision.to)),
        (None, None) => None,
    };
    let word = |text: AnyView| view! { <span class="q">{tr!(lang, "list-comma")}{text}</span> }.into_any();
    let words: Vec<AnyView> =
        rollout.words().into_iter().map(|s| word(said(lang, &s.text, s.phrase.as_deref()))).collect();
    let trouble = rollout.trouble().and_then(|step| {
        let why = told(lang, step).map(|why| view! { {tr!(lang, "list-colon")}{why} });
        let to = step.to.as_str().map(str::to_owned)?;
        Some(view! { <span class="q">{tr!(lang, "list-comma")}<b>{to}</b>{why}</span> })
    });
    let after = |text: std::borrow::Cow<'static, str>| word(text.into_any());
    let synced = rollout
        .synced_after()
        .map(|length| after(tr!(lang, "rollout-synced", length = format::length(length, lang))));
    let healthy = rollout
        .healthy_after()
        .map(|length| after(tr!(lang, "rollout-healthy", length = format::length(length, lang))));
    view! { {main}{words}{trouble}{synced}{healthy}" "{steps(shell, rollout)} }.into_any()
}

/// Each step with its second.
fn steps(shell: &Shell, rollout: &Rollout) -> AnyView {
    let (lang, clock) = (shell.lang(), &shell.clock);
    let items: Vec<AnyView> = rollout
        .steps()
        .iter()
        .map(|step| {
            view! {
                <li>
                    <time datetime=clock.attr(step.at) title=clock.full(step.at)>{clock.time(step.at)}</time>
                    <span>{kind_status(lang, step)}</span>
                    <span class="brk">{change(shell, step)}</span>
                </li>
            }
            .into_any()
        })
        .collect();
    view! {
        <details class="steps" data-open=format!("s-{}", rollout.oldest().id)>
            <summary>{tr!(lang, "rollout-steps", n = rollout.steps().len())}</summary>
            <ol>{items}</ol>
        </details>
    }
    .into_any()
}
