//! How it came to be: the newest transitions of a service, or of a pull request's previews.

use std::sync::Arc;

use landfall_model::transition::Transition;
use leptos::prelude::*;

use crate::{
    components::{deploys, environment_name, is_bad, line_change, line_status, lines, newest, no_history},
    data::{NoHistory, ServicePage, Shell},
    tr,
};

pub(super) fn timeline(data: &ServicePage, shell: &Shell) -> AnyView {
    let all = shell.params.view().with("service", &data.service.name).on("/history");
    timeline_of(&data.timeline, data.no_timeline, all, shell)
}

/// Transitions, newest first, and where all of them are.
pub(in crate::pages) fn timeline_of(
    transitions: &[Arc<Transition>],
    missing: Option<NoHistory>,
    all: String,
    shell: &Shell,
) -> AnyView {
    let lang = shell.lang();
    let clock = &shell.clock;
    let mut items: Vec<AnyView> = Vec::new();
    let mut last = None;
    for line in lines(shell, transitions) {
        let transition = newest(&line);
        if last.is_none_or(|t| !clock.same_day(t, transition.at)) {
            items.push(view! { <li class="day">{clock.day(transition.at)}</li> }.into_any());
        }
        last = Some(transition.at);
        let class = match (is_bad(&line), deploys(&line)) {
            (true, _) => "e-bad",
            (false, true) => "e-now",
            (false, false) => "",
        };
        let environment = transition
            .environment
            .as_deref()
            .map(|e| view! { " "<span class="q">{environment_name(lang, e)}</span> });
        items.push(
            view! {
                <li class=class>
                    <time datetime=clock.attr(transition.at) title=clock.full(transition.at)>{clock.time(transition.at)}</time>
                    <span>{line_status(lang, &line)}{environment}</span>
                    <span class="brk">{line_change(shell, &line)}</span>
                </li>
            }
            .into_any(),
        );
    }
    let body = match missing {
        Some(why) => no_history(lang, why),
        None if items.is_empty() => view! { <p class="q">{tr!(lang, "history-nothing")}</p> }.into_any(),
        None => view! { <ol class="tl">{items}</ol> }.into_any(),
    };
    view! {
        <section aria-labelledby="h-t" data-part="timeline">
            <header>
                <h2 id="h-t">{tr!(lang, "history-timeline")}</h2>
                <span class="asof">{tr!(lang, "history-meaning")}</span>
                <a class="push sm" href=all>{tr!(lang, "service-all-history")}</a>
            </header>
            {body}
        </section>
    }
    .into_any()
}
