//! Transitions: when, where, what kind, from what to what.

use landfall_model::{
    transition::Transition,
    words::{Rule, TransitionKind},
};
use leptos::prelude::*;
use serde_json::Value;

use super::{
    attribute, environment_name, finding::rule_link, name, said, short_digest, source_link, status, tag,
};
use crate::{
    data::{NoHistory, Shell},
    lang::Lang,
    links, tr,
};

/// The word for a kind.
pub fn kind_word(lang: Lang, kind: TransitionKind) -> std::borrow::Cow<'static, str> {
    match kind {
        TransitionKind::Sync => tr!(lang, "kind-sync"),
        TransitionKind::Health => tr!(lang, "kind-health"),
        TransitionKind::Image => tr!(lang, "kind-image"),
        TransitionKind::Revision => tr!(lang, "kind-revision"),
        TransitionKind::Replicas => tr!(lang, "kind-replicas"),
        TransitionKind::Operation => tr!(lang, "kind-operation"),
        TransitionKind::Stage => tr!(lang, "kind-stage"),
        TransitionKind::Preview => tr!(lang, "kind-preview"),
        TransitionKind::Tag => tr!(lang, "kind-tag"),
        TransitionKind::Route => tr!(lang, "kind-route"),
        TransitionKind::Finding => tr!(lang, "kind-finding"),
        TransitionKind::Source => tr!(lang, "kind-source"),
        TransitionKind::Gap => tr!(lang, "kind-gap"),
        TransitionKind::Appeared => tr!(lang, "kind-appeared"),
        TransitionKind::Gone => tr!(lang, "kind-gone"),
        TransitionKind::Release => tr!(lang, "kind-release"),
        TransitionKind::Decision => tr!(lang, "kind-decision"),
    }
}

/// Kind with the glyph of what it came to.
pub fn kind_status(lang: Lang, transition: &Transition) -> AnyView {
    let to = transition.to.as_str().unwrap_or("");
    let glyph = match (transition.kind, transition.bad) {
        (TransitionKind::Finding, true) => "warn",
        (TransitionKind::Finding, false) => "closed",
        (TransitionKind::Source, true) => "stale",
        (TransitionKind::Gap, _) => "unknown",
        (TransitionKind::Gone, true) => "missing",
        (_, true) if to == "Unknown" => "unknown",
        (_, true) => "bad",
        (TransitionKind::Gone | TransitionKind::Appeared, false) => "note",
        (TransitionKind::Image, false)
            if transition.detail.as_deref().is_some_and(|d| d.starts_with("rolling")) =>
        {
            "move"
        }
        (_, false) => match to {
            "OutOfSync" => "drift",
            "Running" | "Terminating" | "Progressing" => "move",
            "Suspended" => "pause",
            "Unknown" => "unknown",
            _ => "ok",
        },
    };
    status(glyph, kind_word(lang, transition.kind))
}

/// Why history cannot be shown, in words.
pub fn no_history(lang: Lang, why: NoHistory) -> AnyView {
    let text = match why {
        NoHistory::Off => tr!(lang, "history-off"),
        NoHistory::Away => tr!(lang, "history-away"),
        NoHistory::BeforeFirst => tr!(lang, "history-before"),
    };
    view! { <p class="q">{text}</p> }.into_any()
}

/// What it happened to.
pub fn where_of(shell: &Shell, transition: &Transition) -> AnyView {
    let lang = shell.lang();
    match (&transition.service, &transition.environment) {
        (Some(service), environment) => {
            let href = shell.href(&links::service(service));
            let environment = environment.as_deref().map(|e| {
                view! { " "<span class="q">{environment_name(lang, e)}</span> }
            });
            view! { <a href=href title=attribute(service)>{name(service)}</a>{environment} }.into_any()
        }
        _ if transition.kind == TransitionKind::Source => source_link(shell, &transition.entity),
        _ => name(&transition.entity),
    }
}

/// From what to what, and the words that go with it.
pub fn change(shell: &Shell, transition: &Transition) -> AnyView {
    let lang = shell.lang();
    if transition.kind == TransitionKind::Finding {
        let opened = !transition.to.is_null();
        let id = if opened { &transition.to } else { &transition.from };
        let rule = id.as_str().and_then(Rule::parse).map(|rule| rule_link(shell, rule));
        let word = if opened { tr!(lang, "finding-opened") } else { tr!(lang, "finding-closed") };
        let detail = told(lang, transition)
            .filter(|_| opened)
            .map(|detail| view! { {tr!(lang, "list-colon")}{detail} });
        return view! { {rule}" "{word}{detail} }.into_any();
    }
    if transition.kind == TransitionKind::Gap {
        return gap(lang, transition);
    }
    // Its sentence names the step.
    if transition.kind == TransitionKind::Preview
        && let Some(detail) = told(lang, transition)
    {
        return detail;
    }
    let detail = told(lang, transition).map(|detail| {
        view! { <span class="q">{tr!(lang, "list-comma")}{detail}</span> }
    });
    view! { {from_to(lang, &transition.from, &transition.to)}{detail} }.into_any()
}

/// One value and what replaced it; the one alone where there is no other, or where the same was deployed again.
pub(super) fn from_to(lang: Lang, from: &Value, to: &Value) -> AnyView {
    if from.is_null() || to.is_null() || from == to {
        let shown = if to.is_null() { from } else { to };
        let gone = to.is_null() && !from.is_null();
        let word = gone.then(|| view! { " "<span class="q">{tr!(lang, "kind-gone")}</span> });
        return view! { <span class="chg"><ins>{value(lang, shown, false)}</ins>{word}</span> }.into_any();
    }
    let tag = |value: &Value| value.get("tag").filter(|tag| !tag.is_null()).cloned();
    let same_tag = tag(from).is_some() && tag(from) == tag(to);
    view! {
        <span class="chg">
            <del>{value(lang, from, same_tag)}</del>
            <span class="ar" aria-hidden="true">"→"</span><span class="vh">{tr!(lang, "to")}" "</span>
            <ins>{value(lang, to, same_tag)}</ins>
        </span>
    }
    .into_any()
}

/// The words that go with it, in the reader's language.
pub(super) fn told(lang: Lang, transition: &Transition) -> Option<AnyView> {
    let text = transition.detail.as_deref().filter(|text| !text.is_empty())?;
    Some(said(lang, text, transition.detail_phrase.as_deref()))
}

/// A span of which history knows only both ends.
fn gap(lang: Lang, transition: &Transition) -> AnyView {
    let time = |value: &Value| value.as_str().and_then(|text| text.parse::<jiff::Timestamp>().ok());
    let length = time(&transition.from).zip(time(&transition.to)).map(|(from, to)| {
        tr!(lang, "history-gap", length = crate::format::age(to.duration_since(from), lang))
    });
    let detail = told(lang, transition).map(|detail| {
        view! { <span class="q">{tr!(lang, "list-colon")}{detail}</span> }
    });
    view! { {length}{detail} }.into_any()
}

/// `2 of 3`, as a change of replicas tells it.
fn ready(text: &str) -> Option<(i32, i32)> {
    let (ready, desired) = text.split_once(" of ")?;
    Some((ready.parse().ok()?, desired.parse().ok()?))
}

/// A value of a transition: a word, a number, a commit, or a tag with its digest.
fn value(lang: Lang, value: &Value, with_digest: bool) -> AnyView {
    match value {
        Value::String(text) if ready(text).is_some() => {
            let (n, total) = ready(text).unwrap_or_default();
            tr!(lang, "service-of", n = n, total = total).into_any()
        }
        Value::String(text) if links::is_commit(text) => {
            view! { <span class="tag" title=text.clone()>{text[..8].to_owned()}</span> }.into_any()
        }
        Value::String(text) => name(text),
        Value::Object(fields) => {
            let text = |key| fields.get(key).and_then(Value::as_str);
            match (text("tag"), text("digest")) {
                (Some(t), Some(d)) if with_digest => {
                    view! { {tag(t, Some(d), false)}" "{super::digest(d)} }.into_any()
                }
                (Some(t), d) => tag(t, d, false),
                (None, Some(d)) => {
                    view! { <a class="tag" href=links::search(d) title=attribute(d)>{short_digest(d)}</a> }
                        .into_any()
                }
                (None, None) => name("–"),
            }
        }
        Value::Null => name("–"),
        other => name(&other.to_string()),
    }
}
