//! Parts of a long list.

use leptos::prelude::*;

use crate::{
    data::{Pager, Shell},
    format::number,
    tr,
};

/// Which part is shown, the parts beside it, and how many rows.
pub fn pager(shell: &Shell, pager: &Pager, of: impl IntoView + 'static) -> AnyView {
    let lang = shell.lang();
    let here = |cursor: &str| {
        let params = shell.params.without("cursor");
        if cursor.is_empty() { params.on(&shell.path) } else { params.with("cursor", cursor).on(&shell.path) }
    };
    let previous = pager.previous.as_deref().map(|cursor| {
        view! { <a href=here(cursor) rel="prev">"← "{tr!(lang, "pager-previous")}</a>" " }
    });
    let next = pager.next.as_deref().map(|cursor| {
        view! { <a href=here(cursor) rel="next">{tr!(lang, "pager-next")}" →"</a> }
    });
    let limits = (pager.limits.len() > 1 && pager.total > *pager.limits.first().unwrap_or(&0)).then(|| {
        let each: Vec<AnyView> = pager
            .limits
            .iter()
            .map(|limit| {
                let shown = number::count(*limit, lang);
                if *limit == pager.limit {
                    view! { " "<b aria-current="true">{shown}</b> }.into_any()
                } else {
                    view! { " "<a href=shell.params.with("limit", limit).on(&shell.path)>{shown}</a> }
                        .into_any()
                }
            })
            .collect();
        view! { <span>{tr!(lang, "pager-rows")}{each}</span> }
    });
    view! {
        <nav class="pager" aria-label=tr!(lang, "pager-label")>
            <span>{of.into_any()}</span>
            <span>{previous}{next}</span>
            {limits}
        </nav>
    }
    .into_any()
}
