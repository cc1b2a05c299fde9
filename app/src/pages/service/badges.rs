//! Badges to put elsewhere: the picture, and what to write for it.

use leptos::prelude::*;

use crate::{
    components::{attribute, copy_button, environment_name},
    data::{ServicePage, Shell},
    tr,
};

pub(super) fn badges(data: &ServicePage, shell: &Shell) -> AnyView {
    let lang = shell.lang();
    if data.badges.is_empty() {
        return ().into_any();
    }
    let rows: Vec<AnyView> = data
        .badges
        .iter()
        .map(|badge| {
            let alt = format!("{} {}", attribute(&data.service.name), attribute(&badge.environment));
            view! {
                <dt>{environment_name(lang, &badge.environment)}</dt>
                <dd>
                    <img class="badge" src=badge.src.clone() alt=alt height="20" loading="lazy"/>
                    <details class="sm">
                        <summary>{tr!(lang, "badge-markdown")}</summary>
                        <p><code class="brk">{attribute(&badge.markdown)}</code>" "{copy_button(lang, &badge.markdown)}</p>
                    </details>
                </dd>
            }
            .into_any()
        })
        .collect();
    view! {
        <section aria-labelledby="h-b" data-part="badges">
            <header><h2 id="h-b">{tr!(lang, "badge-title")}</h2><span class="asof">{tr!(lang, "badge-about")}</span></header>
            <dl class="kv">{rows}</dl>
        </section>
    }
    .into_any()
}
