//! What was seen at registries: which tag pointed at which digest, from when to when, and where that runs.

use leptos::prelude::*;

use crate::{
    components::{age, copy_button, digest, environment_name, moment, name, tag},
    data::{FoundSighting, FoundSightings, Search, Shell},
    format::number,
    links, tr,
};

/// Places of one image that are named; the rest is counted.
const PLACES: usize = 4;
/// Digits of a commit that are shown.
const SHORT: usize = 8;

pub(super) fn seen(data: &Search, shell: &Shell) -> AnyView {
    let lang = shell.lang();
    let Some(seen) = &data.seen else { return ().into_any() };
    let body = if seen.rows.is_empty() {
        view! { <p class="q">{tr!(lang, "search-nothing-seen")}</p> }.into_any()
    } else {
        table(shell, seen)
    };
    view! {
        <section aria-labelledby="h-s" data-part="seen">
            <header><h2 id="h-s">{tr!(lang, "search-seen")}</h2><span class="asof">{tr!(lang, "search-seen-how")}</span></header>
            {body}
        </section>
    }
    .into_any()
}

fn table(shell: &Shell, seen: &FoundSightings) -> AnyView {
    let lang = shell.lang();
    let rows: Vec<AnyView> = seen.rows.iter().map(|found| row(shell, found)).collect();
    view! {
        <table class="t quiet flow">
            <caption class="vh">{tr!(lang, "search-seen")}</caption>
            <thead><tr>
                <th scope="col">{tr!(lang, "board-col-tag")}</th>
                <th scope="col">{tr!(lang, "images-repository")}</th>
                <th scope="col">{tr!(lang, "images-digest")}</th>
                <th scope="col">{tr!(lang, "search-commit")}</th>
                <th scope="col">{tr!(lang, "images-seen-first")}</th>
                <th scope="col">{tr!(lang, "images-seen-last")}</th>
                <th scope="col">{tr!(lang, "search-runs")}</th>
            </tr></thead>
            <tbody>{rows}</tbody>
        </table>
        {parts(shell, seen)}
    }
    .into_any()
}

fn row(shell: &Shell, found: &FoundSighting) -> AnyView {
    let (lang, clock, edge) = (shell.lang(), &shell.clock, &found.edge);
    let repository = if found.is_used {
        let href = shell.href(&links::images(&found.repository));
        view! { <a href=href>{name(&found.repository)}</a> }.into_any()
    } else {
        name(&found.repository)
    };
    let commit = found.revision.as_deref().map(|revision| {
        let short: String = revision.chars().take(SHORT).collect();
        let title = crate::components::attribute(revision);
        view! { <span class="mono" title=title>{name(&short)}</span> }
    });
    let last = match edge.ended_at {
        Some(ended) => {
            view! { <span class="q3">{tr!(lang, "images-seen-until")}" "</span>{moment(clock, ended)} }
                .into_any()
        }
        None => age(clock, edge.last_seen),
    };
    let places: Vec<AnyView> = found
        .runs
        .iter()
        .take(PLACES)
        .enumerate()
        .map(|(nth, (service, environment))| {
            let comma = if nth > 0 { tr!(lang, "list-comma") } else { "".into() };
            let href = shell.href(&links::service(service));
            view! { {comma}<a href=href>{name(service)}</a>" "{environment_name(lang, environment)} }
                .into_any()
        })
        .collect();
    let rest = found.runs.len().saturating_sub(PLACES);
    let rest =
        (rest > 0).then(|| view! { " "<span class="q3">{tr!(lang, "shell-silent-more", n = rest)}</span> });
    let nowhere =
        found.runs.is_empty().then(|| view! { <span class="q3">{tr!(lang, "images-nothing-runs")}</span> });
    let whole = format!("{}@{}", found.repository, edge.digest);
    view! {
        <tr data-row=format!("s-{}-{}-{}", found.repository, edge.tag, edge.first_seen.as_microsecond())>
            <th scope="row">{tag(&edge.tag, Some(&edge.digest), edge.ended_at.is_some())}</th>
            <td class="brk full">{repository}</td>
            <td data-l=tr!(lang, "images-digest")>{digest(&edge.digest)}{copy_button(lang, &whole)}</td>
            <td data-l=tr!(lang, "search-commit")>{commit}</td>
            <td class="nw" data-l=tr!(lang, "images-seen-first")>{moment(clock, edge.first_seen)}</td>
            <td class="nw" data-l=tr!(lang, "images-seen-last")>{last}</td>
            <td class="full end">{places}{rest}{nowhere}</td>
        </tr>
    }
    .into_any()
}

/// Which part is shown, and the parts beside it.
fn parts(shell: &Shell, seen: &FoundSightings) -> AnyView {
    let lang = shell.lang();
    let end = seen.first + seen.rows.len();
    let size = seen.rows.len().max(crate::data::FOUND_SIGHTINGS);
    let here = |first: usize| shell.params.strip("seen").with("seen", first).on(&shell.path);
    let newer = (seen.first > 0).then(|| {
        view! { <a href=here(seen.first.saturating_sub(size)) rel="prev">"← "{tr!(lang, "pager-previous")}</a>" " }
    });
    let older = (end < seen.total).then(|| {
        view! { <a href=here(end) rel="next">{tr!(lang, "pager-next")}" →"</a> }
    });
    let of = tr!(
        lang,
        "search-seen-of",
        from = number::count(seen.first + 1, lang),
        to = number::count(end, lang),
        total = number::count(seen.total, lang)
    );
    let partial =
        seen.is_partial.then(|| view! { <span class="q3">{tr!(lang, "search-seen-partial")}</span> });
    view! {
        <nav class="pager" aria-label=tr!(lang, "search-seen")><span>{of}</span><span>{newer}{older}</span>{partial}</nav>
    }
    .into_any()
}
