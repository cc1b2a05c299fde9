//! `/docs/…`: the guides and the page of each finding, from Markdown.

use leptos::prelude::*;

use crate::{
    data::{Document, Shell},
    shell::{self, Meta, Place},
    tr,
};

mod markdown;

/// One document.
pub fn document(data: &Document, shell: &Shell) -> String {
    let lang = shell.lang();
    let meta = Meta::plain(data.title.clone(), Place::Elsewhere);
    shell::document(shell, &meta, || {
        let index: Vec<AnyView> = data
            .index
            .iter()
            .map(|(path, title)| {
                let current = (*path == shell.path).then_some("page");
                view! { <li><a href=path.clone() aria-current=current>{title.clone()}</a></li> }.into_any()
            })
            .collect();
        view! {
            <p class="crumb"><a href="/docs">{tr!(lang, "foot-docs")}</a></p>
            <div class="cols">
                <article class="doc" lang="en">{markdown::to_view(&data.body, &shell.path)}</article>
                <nav aria-label=tr!(lang, "docs-index")><h2>{tr!(lang, "docs-index")}</h2><ul class="mt-2 doc-index">{index}</ul></nav>
            </div>
        }
        .into_any()
    })
}

/// The list of keys as a page, for readers without a script.
pub fn keyboard(shell: &Shell) -> String {
    let lang = shell.lang();
    let meta = Meta::plain(tr!(lang, "keys-title"), Place::Elsewhere);
    shell::document(shell, &meta, || {
        view! {
            <p class="crumb"><a href="/docs">{tr!(lang, "foot-docs")}</a></p>
            <h1>{tr!(lang, "keys-title")}</h1>
            <div class="mt-3">{shell::key_list(lang)}</div>
        }
        .into_any()
    })
}
