//! The bar: where one is, how fresh the view is, or which moment of the past is shown.

use jiff::SignedDuration;
use landfall_model::words::SourceState;
use leptos::prelude::*;

use super::{Meta, Place};
use crate::{
    components::{hidden_fields, icon, name, status},
    data::{Shell, Silent},
    format::number,
    islands::{Live, LiveWords},
    links, tr,
};

pub(super) fn bar(shell: &Shell, meta: &Meta, live: Option<(Vec<String>, LiveWords)>) -> AnyView {
    let lang = shell.lang();
    let class = if shell.at.is_some() { "bar at" } else { "bar" };
    let entry = |place: Place, path: &str, key: &'static str, text: AnyView| {
        let current = match (place, meta.place) {
            (a, b) if a == b => Some("page"),
            (Place::Board, Place::Service) | (Place::Previews, Place::Pull) => Some("true"),
            _ => None,
        };
        view! { <li><a href=shell.href(path) aria-current=current data-go=key>{text}</a></li> }.into_any()
    };
    let count = (shell.findings > 0).then(|| {
        view! { " "<span class="n">{number::count(shell.findings, lang)}</span> }
    });
    let findings = view! { {tr!(lang, "nav-findings")}{count} }.into_any();
    let right = match shell.at {
        Some(_) => past(shell),
        None => fresh(shell, live),
    };
    view! {
        <header class=class>
            <a class="brand" href=shell.href("/")>{icon("brand")}"Landfall"</a>
            <nav aria-label=tr!(lang, "nav-main")>
                <ul>
                    {entry(Place::Board, "/", "b", tr!(lang, "nav-board").into_any())}
                    {entry(Place::Images, "/images", "i", tr!(lang, "nav-images").into_any())}
                    {entry(Place::Previews, "/previews", "v", tr!(lang, "nav-previews").into_any())}
                    {entry(Place::History, "/history", "h", tr!(lang, "nav-history").into_any())}
                    {entry(Place::Findings, "/findings", "f", findings)}
                    {entry(Place::Sources, "/sources", "s", tr!(lang, "nav-sources").into_any())}
                </ul>
            </nav>
            {right}
        </header>
    }
    .into_any()
}

/// Live or not, when the page was made, how many sources are fresh, and which is silent.
fn fresh(shell: &Shell, live: Option<(Vec<String>, LiveWords)>) -> AnyView {
    let lang = shell.lang();
    let clock = &shell.clock;
    let made = clock.time_zone(clock.now);
    let title = tr!(lang, "live-made", time = clock.full(clock.now), revision = shell.revision.to_string());
    let stamp = view! { <time datetime=clock.attr(clock.now) title=title>{made}</time> }.into_any();
    let freshness = (shell.sources.total > 0).then(|| {
        let text = tr!(lang, "shell-sources-fresh", fresh = shell.sources.fresh, total = shell.sources.total);
        view! { " "<a href=shell.href("/sources")>{text}</a> }
    });
    let silent = shell.sources.silent.first().map(|first| silent(shell, first));
    let inside = view! { {stamp}{freshness}{silent} }.into_any();
    match live {
        Some((scope, words)) => {
            let here = shell.params.on(&shell.path);
            view! { <div class="fresh"><Live revision=shell.revision scope=scope words=words here=here>{inside}</Live></div> }
                .into_any()
        }
        None => view! { <div class="fresh">{inside}</div> }.into_any(),
    }
}

fn silent(shell: &Shell, first: &Silent) -> AnyView {
    let lang = shell.lang();
    let source = crate::components::attribute(&first.name);
    let text = match (first.state, first.last_success) {
        (SourceState::Forbidden, _) => tr!(lang, "shell-silent-forbidden", source = source),
        (_, None) => tr!(lang, "shell-silent-never", source = source),
        (SourceState::Failing, Some(t)) => {
            tr!(lang, "shell-silent-failing", source = source, age = shell.clock.age(t))
        }
        (_, Some(t)) => tr!(lang, "shell-silent", source = source, age = shell.clock.age(t)),
    };
    let more = shell.sources.silent.len() - 1;
    let more = (more > 0).then(|| format!(" {}", tr!(lang, "shell-silent-more", n = more)));
    let href = format!("{}#{}", shell.href("/sources"), links::segment(&first.name));
    view! { " "<a href=href class="st st-stale">{icon("stale")}<span class="clip">{name(&text)}{more}</span></a> }.into_any()
}

/// Another moment: it never looks like now.
fn past(shell: &Shell) -> AnyView {
    let lang = shell.lang();
    let clock = &shell.clock;
    let at = clock.now;
    let day = SignedDuration::from_hours(24);
    let step = |t: jiff::Timestamp| shell.params.with("at", clock.attr(t)).on(&shell.path);
    let earlier = at.checked_sub(day).ok().map(|t| {
        view! { <a href=step(t) rel="prev" data-go="[" title=tr!(lang, "at-earlier")>"← "{clock.day(t)}</a> }
    });
    let later = at.checked_add(day).ok().map(|t| {
        view! { <a href=step(t) rel="next" data-go="]" title=tr!(lang, "at-later")>{clock.day(t)}" →"</a> }
    });
    view! {
        {status("warn", tr!(lang, "at-title"))}
        <form class="pair" method="get" action=crate::links::own(&shell.path)>
            {hidden_fields(shell, &["at"])}
            <label class="vh" for="at">{tr!(lang, "at-moment")}</label>
            <input id="at" name="at" type="datetime-local" value=clock.input(at)/>
            <span class="q3">{clock.time_zone(at)}</span>
            <button type="submit">{tr!(lang, "at-show")}</button>
        </form>
        <span class="fresh">
            {earlier}
            {later}
            <a href=shell.params.without("at").on(&shell.path)>{tr!(lang, "at-back")}</a>
        </span>
    }
    .into_any()
}
