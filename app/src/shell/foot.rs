//! The foot: which version, the same as data, the past, language, keys, colours.

use leptos::prelude::*;

use super::Meta;
use crate::{
    data::{Shell, Theme},
    lang::Lang,
    tr,
};

pub(super) fn foot(shell: &Shell, meta: &Meta) -> AnyView {
    let lang = shell.lang();
    let version = tr!(lang, "foot-version", version = shell.version, revision = shell.revision.to_string());
    let schema = shell.schema.map(|n| format!(" · {}", tr!(lang, "foot-schema", schema = n.to_string())));
    let params = shell.params.strip("lang").strip("theme");
    // The data begins at its start: a cursor of the page belongs to the page.
    let data = params.without("cursor");
    let twin =
        meta.twin.as_ref().map(|path| view! { <a href=data.on(path)>{tr!(lang, "foot-json")}</a>" · " });
    let csv = meta.csv.as_ref().map(|path| view! { <a href=data.on(path)>{tr!(lang, "foot-csv")}</a>" · " });
    let past = format!("{}#compare", shell.href("/history"));
    let languages: Vec<AnyView> = Lang::ALL
        .iter()
        .filter(|other| **other != lang)
        .map(|other| {
            let href = params.set("lang", other.tag()).on(&shell.path);
            view! { <a href=href lang=other.tag() hreflang=other.tag()>{other.own_name()}</a>" · " }
                .into_any()
        })
        .collect();
    let theme = |theme: Theme| match theme {
        Theme::System => tr!(lang, "theme-system"),
        Theme::Light => tr!(lang, "theme-light"),
        Theme::Dark => tr!(lang, "theme-dark"),
    };
    let change = tr!(lang, "theme-change", theme = theme(shell.theme.next()).into_owned());
    view! {
        <footer class="foot">
            <span>{version}{schema}</span>
            <span>{tr!(lang, "foot-read-only")}</span>
            <span>
                {twin}{csv}
                <a href=past>{tr!(lang, "foot-at")}</a>" · "
                <a href="/docs">{tr!(lang, "foot-docs")}</a>" · "
                <a href="/api">{tr!(lang, "foot-api")}</a>
            </span>
            <span class="push">
                {languages}
                <a href="/docs/keyboard" data-keys>{tr!(lang, "foot-keyboard")}" "<kbd>"?"</kbd></a>" · "
                <a href=params.set("theme", shell.theme.next().as_str()).on(&shell.path) title=change rel="nofollow">
                    {tr!(lang, "foot-theme", theme = theme(shell.theme).into_owned())}
                </a>
            </span>
        </footer>
    }
    .into_any()
}
