//! `/api`: the API for readers. Made from the same description as the machines' document.

use leptos::prelude::*;

use crate::{
    data::{ApiRoute, Shell},
    pages::docs::english_only,
    shell::{Meta, Place, document},
    tr,
};

/// The routes of the API as a document.
pub fn api(routes: &[ApiRoute], shell: &Shell) -> String {
    let lang = shell.lang();
    let meta = Meta::plain(tr!(lang, "api-title"), Place::Elsewhere);
    document(shell, &meta, || {
        let each: Vec<AnyView> = routes.iter().map(|route| one(shell, route)).collect();
        view! {
            <h1>{tr!(lang, "api-title")}</h1>
            <p class="prose mt-2">{tr!(lang, "api-lead")}</p>
            {english_only(lang)}
            <p class="mt-2"><a href="/api/v1/openapi.json">{tr!(lang, "api-openapi")}</a></p>
            {each}
        }
        .into_any()
    })
}

fn one(shell: &Shell, route: &ApiRoute) -> AnyView {
    let lang = shell.lang();
    let id = route.path.trim_matches('/').replace(['/', '{', '}', '.'], "-");
    let try_it = (route.method == "GET" && !route.path.contains('{')).then(|| {
        view! { <a class="push sm" href=route.path.clone()>{tr!(lang, "api-try")}</a> }
    });
    let rows: Vec<AnyView> = route
        .parameters
        .iter()
        .map(|p| {
            let required = p.required.then(|| view! { " "<span class="q3">{tr!(lang, "api-required")}</span> });
            view! { <tr><th scope="row" class="fit"><code>{p.name.clone()}</code>{required}</th><td class="brk" lang="en">{p.text.clone()}</td></tr> }.into_any()
        })
        .collect();
    let table = (!rows.is_empty()).then(|| {
        view! {
            <table class="t"><caption class="vh">{tr!(lang, "api-parameters")}</caption>
                <thead><tr><th scope="col">{tr!(lang, "api-parameter")}</th><th scope="col">{tr!(lang, "findings-what-it-means")}</th></tr></thead>
                <tbody>{rows}</tbody>
            </table>
        }
    });
    view! {
        <section id=id.clone() aria-labelledby=format!("{id}-h")>
            <header><h2 id=format!("{id}-h")><code>{route.method.clone()}" "{route.path.clone()}</code></h2>{try_it}</header>
            <p class="prose mb-2" lang="en">{route.text.clone()}</p>
            {table}
        </section>
    }
    .into_any()
}
