//! Filters as plain forms: they work without a script, and the address says what is chosen.

use leptos::prelude::*;

use crate::{
    data::{Facet, Shell},
    format::number,
    lang::Lang,
    links::Params,
    tr,
};

/// A menu of check boxes. `word` gives the text of a value.
pub fn facet_menu(
    lang: Lang,
    title: impl IntoView + 'static,
    facet: &Facet,
    word: impl Fn(&str) -> AnyView,
) -> Option<AnyView> {
    if facet.options.is_empty() {
        return None;
    }
    let chosen: Vec<_> = facet.options.iter().filter(|o| o.chosen).collect();
    let summary = match chosen.as_slice() {
        [] => view! { <b>{tr!(lang, "any")}</b> }.into_any(),
        [one] => view! { <b class="on">{word(&one.value)}</b> }.into_any(),
        many => view! { <b class="on">{tr!(lang, "board-selected", n = many.len())}</b> }.into_any(),
    };
    let key = facet.key;
    let options: Vec<AnyView> = facet
        .options
        .iter()
        .map(|option| {
            let count = option.count.map(|n| view! { <span class="n">{number::count(n, lang)}</span> });
            view! {
                <label class="opt">
                    <input type="checkbox" name=key value=option.value.to_string() checked=option.chosen/>
                    <span>{word(&option.value)}</span>
                    {count}
                </label>
            }
            .into_any()
        })
        .collect();
    Some(
        view! { <details class="menu"><summary>{title.into_any()}" "{summary}</summary><div class="pop">{options}</div></details> }
            .into_any(),
    )
}

/// A choice of one.
pub fn select(
    key: &'static str,
    label: impl IntoView + 'static,
    chosen: &str,
    options: Vec<(&'static str, AnyView)>,
) -> AnyView {
    let options: Vec<AnyView> = options
        .into_iter()
        .map(|(value, text)| {
            view! { <option value=value selected=value == chosen>{text}</option> }.into_any()
        })
        .collect();
    view! {
        <span class="pair">
            <label for=key>{label.into_any()}</label>
            <select id=key name=key>{options}</select>
        </span>
    }
    .into_any()
}

/// What the address holds beside the fields of the form, so that sending it keeps the rest.
pub fn hidden_fields(shell: &Shell, fields: &[&str]) -> Vec<AnyView> {
    shell
        .params
        .pairs()
        .filter(|(key, _)| !fields.contains(key) && *key != "cursor" && *key != "lang" && *key != "theme")
        .map(|(key, value)| {
            view! { <input type="hidden" name=key.to_owned() value=value.to_owned()/> }.into_any()
        })
        .collect()
}

/// Links that drop one filter each, where nothing was found.
pub fn drop_links(shell: &Shell, params: &Params) -> Vec<AnyView> {
    let lang = shell.lang();
    params
        .pairs()
        .filter(|(key, _)| matches!(*key, "q" | "team" | "env" | "state" | "rule" | "kind"))
        .map(|(key, value)| {
            let what = format!("{key}:{value}");
            let href = params.without_value(key, value).on(&shell.path);
            view! { <a href=href>{tr!(lang, "board-drop", what = super::attribute(&what))}</a>" · " }
                .into_any()
        })
        .collect()
}

/// The field for words, with its key.
pub fn search_field(value: &str, wide: bool, label: std::borrow::Cow<'static, str>) -> AnyView {
    let class = if wide { "search wide" } else { "search" };
    let placeholder = label.clone();
    view! {
        <span class=class>
            <label class="vh" for="q">{label}</label>
            <input id="q" name="q" type="search" value=value.to_owned() placeholder=placeholder autocomplete="off" spellcheck="false"/>
            <kbd aria-hidden="true">"/"</kbd>
        </span>
    }
    .into_any()
}

/// A list of which the filters leave nothing: says so, and offers to drop them one by one, or all.
pub fn no_match(shell: &Shell, text: impl IntoView + 'static) -> AnyView {
    let clear = shell.params.view().on(&shell.path);
    view! {
        <div class="empty"><p><b>{text}</b></p><p>{drop_links(shell, &shell.params)}<a href=clear>{tr!(shell.lang(), "board-clear")}</a></p></div>
    }
    .into_any()
}
