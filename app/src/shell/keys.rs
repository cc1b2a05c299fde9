//! The list of keys. A dialog that the keyboard island opens; without a script the guide says the same.

use leptos::prelude::*;

use crate::{lang::Lang, tr};

/// Every key and what it does.
pub fn key_list(lang: Lang) -> AnyView {
    let line = |keys: &[&'static str], text: std::borrow::Cow<'static, str>| {
        let keys: Vec<AnyView> = keys.iter().map(|key| view! { <kbd>{*key}</kbd>" " }.into_any()).collect();
        view! { <div><dt>{keys}</dt><dd>{text}</dd></div> }.into_any()
    };
    view! {
        <dl class="keys">
                {line(&["/"], tr!(lang, "keys-search"))}
                {line(&["j", "k"], tr!(lang, "keys-rows"))}
                {line(&["Enter"], tr!(lang, "keys-open"))}
                {line(&["p"], tr!(lang, "keys-pause"))}
                {line(&["g", "b"], tr!(lang, "keys-board"))}
                {line(&["g", "i"], tr!(lang, "keys-images"))}
                {line(&["g", "v"], tr!(lang, "keys-previews"))}
                {line(&["g", "h"], tr!(lang, "keys-history"))}
                {line(&["g", "f"], tr!(lang, "keys-findings"))}
                {line(&["g", "s"], tr!(lang, "keys-sources"))}
                {line(&["[", "]"], tr!(lang, "keys-moments"))}
                {line(&["?"], tr!(lang, "keys-help"))}
                {line(&["Esc"], tr!(lang, "keys-leave"))}
            </dl>
    }
    .into_any()
}

/// The dialog.
pub(super) fn help(lang: Lang) -> AnyView {
    view! {
        <dialog id="keys" aria-labelledby="keys-h">
            <header>
                <h2 id="keys-h">{tr!(lang, "keys-title")}</h2>
                <form method="dialog" class="push"><button type="submit">{tr!(lang, "keys-close")}</button></form>
            </header>
            {key_list(lang)}
            <p class="mt-3"><label class="opt"><input type="checkbox" id="keys-on" checked/>{tr!(lang, "keys-on")}</label></p>
        </dialog>
    }
    .into_any()
}
