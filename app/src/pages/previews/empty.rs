//! No pull request is known: what has to be there before one can be.

use leptos::prelude::*;

use crate::{
    data::{Previews, Shell},
    lang::rich,
    tr,
};

pub(super) fn empty(data: &Previews, shell: &Shell) -> AnyView {
    let lang = shell.lang();
    let code = |inner: AnyView| view! { <code>{inner}</code> }.into_any();
    let guide = |inner: AnyView| view! { <a href="/docs/previews">{inner}</a> }.into_any();
    let forge = if data.has_forge { "previews-empty-forge" } else { "previews-empty-no-forge" };
    view! {
        <div class="empty">
            <p><b>{tr!(lang, "previews-empty")}</b></p>
            <p>{rich(lang, "previews-empty-what", &[], &[("c", &code)])}</p>
            <p>{rich(lang, forge, &[], &[("c", &code)])}</p>
            <p>{rich(lang, "previews-empty-guide", &[], &[("a", &guide)])}</p>
        </div>
    }
    .into_any()
}
