//! `/search?q=`: a name, tag, digest or commit, now and in the past.

mod seen;

use leptos::prelude::*;

use crate::{
    components::{changes, environment_name, name, running_tag, search_field, state},
    data::{Hit, Search, Shell},
    links::{self, Params},
    shell::{Meta, Place, document},
    tr,
};

/// Results as a document.
pub fn search(data: &Search, shell: &Shell) -> String {
    let lang = shell.lang();
    let shown = crate::components::attribute(&data.q);
    let title =
        if data.q.is_empty() { tr!(lang, "search-title") } else { tr!(lang, "search-for", q = shown) };
    let meta = Meta::plain(title.clone(), Place::Elsewhere);
    document(shell, &meta, || {
        view! {
            <h1>{title}</h1>
            <form class="filters mt-3" role="search" action="/search" method="get">
                {search_field(&data.q, true, tr!(lang, "board-search"))}
                <button type="submit">{tr!(lang, "search-button")}</button>
            </form>
            {(!data.q.is_empty()).then(|| view! { {now(data, shell)}{seen::seen(data, shell)}{past(data, shell)} })}
        }
        .into_any()
    })
}

fn now(data: &Search, shell: &Shell) -> AnyView {
    let lang = shell.lang();
    let rows: Vec<AnyView> = data.services.iter().flat_map(|hit| hit_rows(shell, hit)).collect();
    let more = (data.services_total > data.services.len()).then(|| {
        let href = Params::default().with("q", &data.q).on("/");
        view! { <p class="mt-2"><a href=href>{tr!(lang, "search-all", n = data.services_total)}</a></p> }
    });
    let body = if rows.is_empty() {
        let near: Vec<AnyView> = data
            .near
            .iter()
            .map(|n| view! { <a href=shell.href(&links::service(n))>{name(n)}</a>" " }.into_any())
            .collect();
        let near = (!near.is_empty()).then(|| view! { <p>{tr!(lang, "missing-near")}" "{near}</p> });
        view! { <div class="empty"><p>{tr!(lang, "search-nothing-now")}</p>{near}</div> }.into_any()
    } else {
        view! {
            <table class="t quiet flow">
                <caption class="vh">{tr!(lang, "search-now")}</caption>
                <thead><tr>
                    <th scope="col">{tr!(lang, "board-col-service")}</th>
                    <th scope="col">{tr!(lang, "board-environment")}</th>
                    <th scope="col">{tr!(lang, "board-col-tag")}</th>
                    <th scope="col">{tr!(lang, "board-col-state")}</th>
                </tr></thead>
                <tbody>{rows}</tbody>
            </table>
            {more}
        }
        .into_any()
    };
    view! {
        <section aria-labelledby="h-n"><header><h2 id="h-n">{tr!(lang, "search-now")}</h2></header>{body}</section>
    }
    .into_any()
}

fn hit_rows(shell: &Shell, hit: &Hit) -> Vec<AnyView> {
    let lang = shell.lang();
    let service = &hit.service;
    let environments = if hit.environments.is_empty() { &service.environments } else { &hit.environments };
    let link =
        || view! { <a href=shell.href(&links::service(&service.name))>{name(&service.name)}</a> }.into_any();
    if environments.is_empty() {
        return vec![view! { <tr data-row=service.name.to_string()><th scope="row">{link()}</th><td></td><td></td><td></td></tr> }.into_any()];
    }
    environments
        .iter()
        .take(20)
        .map(|e| {
            view! {
                <tr data-row=e.id.to_string()>
                    <th scope="row">{link()}</th>
                    <td>{environment_name(lang, &e.name)}</td>
                    <td>{running_tag(e.image.as_ref(), false, lang)}</td>
                    <td>{state(lang, e.state, false)}</td>
                </tr>
            }
            .into_any()
        })
        .collect()
}

fn past(data: &Search, shell: &Shell) -> AnyView {
    let lang = shell.lang();
    let Some(past) = &data.past else { return ().into_any() };
    let all = Params::default().with("q", &data.q).on("/history");
    let body = if past.is_empty() {
        view! { <p class="q">{tr!(lang, "search-nothing-past")}</p> }.into_any()
    } else {
        changes(shell, tr!(lang, "search-past"), past)
    };
    view! {
        <section aria-labelledby="h-p"><header><h2 id="h-p">{tr!(lang, "search-past")}</h2><a class="push sm" href=all>{tr!(lang, "service-all-history")}</a></header>{body}</section>
    }
    .into_any()
}
