//! `/docs/…`: the guides and the page of each finding, from Markdown.

use leptos::prelude::*;

use crate::{
    data::{Document, Shell},
    lang::Lang,
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
            {english_only(lang)}
            <div class="cols">
                <article class="doc" lang="en">{markdown::to_view(&data.body, &shell.path)}</article>
                <nav aria-label=tr!(lang, "docs-index")><h2>{tr!(lang, "docs-index")}</h2><ul class="mt-2 doc-index" lang="en">{index}</ul></nav>
            </div>
        }
        .into_any()
    })
}

/// Says in other languages that what follows is in English.
pub(super) fn english_only(lang: Lang) -> Option<AnyView> {
    (lang != Lang::En).then(|| view! { <p class="q mt-1">{tr!(lang, "docs-english-only")}</p> }.into_any())
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
