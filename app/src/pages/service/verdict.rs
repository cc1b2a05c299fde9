//! The verdict: one sentence a colleague would say, then what to do.

use std::sync::Arc;

use landfall_model::{
    view::Environment,
    words::{Severity, State},
};
use leptos::prelude::*;

use super::plain_environment;
use crate::{
    components::{attribute, environment_name, external, rule_link, said_plainly, summary, way_out},
    data::{ServicePage, Shell},
    links::External,
    tr,
};

pub(super) fn verdict(data: &ServicePage, shell: &Shell) -> AnyView {
    let lang = shell.lang();
    let environments = data.environments();
    let stale = environments.iter().find(|e| data.snapshot.is_stale(e));
    let worst = data.findings.first();
    let moving = environments.iter().find(|e| e.state == State::Progressing);
    let odd = environments.iter().find(|e| !matches!(e.state, State::Healthy | State::Progressing));
    let (class, sentence) = if let Some(finding) = worst.filter(|f| f.severity != Severity::Notice) {
        let class = if finding.severity == Severity::Critical { "verdict v-bad" } else { "verdict v-warn" };
        let environment = finding
            .environment
            .as_deref()
            .map(|e| view! { {environment_name(lang, e)}{tr!(lang, "list-colon")} });
        (class, view! { {environment}{summary(lang, finding)} }.into_any())
    } else if let Some(environment) = stale {
        let source = environment
            .sources
            .iter()
            .find(|s| data.snapshot.sources.get(*s).is_none_or(|view| view.state.is_untrusted()));
        let source = source.map(|s| attribute(s)).unwrap_or_default();
        (
            "verdict",
            tr!(
                lang,
                "service-verdict-stale",
                environment = plain_environment(shell, &environment.name),
                source = source
            )
            .into_any(),
        )
    } else if let Some(environment) = odd {
        let why =
            environment.why.as_deref().map(|w| said_plainly(lang, w, environment.why_phrase.as_deref()));
        let why = why.map(|why| format!("{}{why}", tr!(lang, "list-colon"))).unwrap_or_default();
        let word = crate::components::state_word(lang, environment.state).into_owned();
        let text = tr!(
            lang,
            "service-verdict-odd",
            environment = plain_environment(shell, &environment.name),
            state = word,
            why = why
        );
        let class = if environment.state == State::Drifted { "verdict v-warn" } else { "verdict" };
        (class, text.into_any())
    } else if let Some(environment) = moving {
        let (ready, desired) = environment.replicas();
        let tag = wanted(environment);
        let text = tr!(
            lang,
            "service-verdict-moving",
            environment = plain_environment(shell, &environment.name),
            tag = tag,
            ready = ready,
            desired = desired
        );
        ("verdict v-move", text.into_any())
    } else if environments.is_empty() {
        ("verdict", tr!(lang, "service-verdict-nowhere").into_any())
    } else {
        ("verdict v-ok", as_meant(shell, &environments).into_any())
    };
    let steps: Vec<AnyView> = data
        .findings
        .iter()
        .take(4)
        .map(|finding| {
            let link = finding.link.as_deref().and_then(External::parse).map(|to| {
                view! { " "{external(Some(to), tr!(lang, "board-open-argocd"))} }
            });
            let environment = finding.environment.as_deref().map(|e| view! { <b>{environment_name(lang, e)}</b>" " });
            view! { <li><span>{environment}{rule_link(shell, finding.rule)}" "{way_out(lang, finding)}{link}</span></li> }.into_any()
        })
        .collect();
    let steps = (!steps.is_empty()).then(|| view! { <ol class="steps-todo">{steps}</ol> });
    view! { <div class=class data-part="verdict"><p>{sentence}</p>{steps}</div> }.into_any()
}

/// Everything is as meant: what runs, and whether it is the same everywhere.
fn as_meant(shell: &Shell, environments: &[&Arc<Environment>]) -> String {
    let lang = shell.lang();
    let tags: Vec<String> = environments.iter().map(|e| wanted(e)).collect();
    let first = tags.first().cloned().unwrap_or_default();
    if tags.iter().all(|t| *t == first) && tags.len() > 1 {
        return tr!(lang, "service-verdict-same", tag = first).into_owned();
    }
    let each: Vec<String> = environments
        .iter()
        .zip(&tags)
        .map(|(e, tag)| {
            tr!(
                lang,
                "service-verdict-each",
                environment = plain_environment(shell, &e.name),
                tag = tag.as_str()
            )
            .into_owned()
        })
        .collect();
    let list = each.join(&tr!(lang, "list-comma"));
    tr!(lang, "service-verdict-ok", list = list).into_owned()
}

/// The tag that runs, or is to run.
fn wanted(environment: &Environment) -> String {
    let image = environment.image.as_ref();
    let meant = image.and_then(|i| i.meant.first()).and_then(|m| m.tag.as_deref());
    let running = image.and_then(|i| i.running.first()).and_then(|r| r.tag.as_deref());
    attribute(running.or(meant).unwrap_or("–"))
}
