//! The matrix: a line per service, a cell per environment.

use leptos::prelude::*;

use super::row::row;
use crate::{
    components::{as_of, confirmed, drop_links, environment_name, name},
    data::{Board, Group, GroupTitle, Shell},
    format::number,
    lang::{FluentValue, rich},
    tr,
};

pub(super) fn matrix(data: &Board, shell: &Shell) -> AnyView {
    let lang = shell.lang();
    let class = match data.columns.len() {
        0..=3 => "t board quiet",
        _ => "t board quiet n4",
    };
    let previews = data.groups.iter().flat_map(|g| &g.services).any(|s| s.previews().next().is_some());
    let columns = data.columns.len() + 2 + usize::from(previews);
    let by_name = if data.sort == "name" { Some("ascending") } else { None };
    let by_since = if data.sort == "since" { Some("descending") } else { None };
    let heads: Vec<AnyView> = data
        .columns
        .iter()
        .map(|column| {
            view! {
                <th scope="col" class="e">
                    <span class="name">{environment_name(lang, &column.name)}{as_of(shell, &column.sources, confirmed(shell, &data.snapshot, &column.sources))}</span>
                    <span class="cell">
                        <span>{tr!(lang, "board-col-tag")}</span>
                        <span>{tr!(lang, "board-col-state")}</span>
                        <span><a href=shell.params.with("sort", "since").on(&shell.path) aria-current=by_since>{tr!(lang, "board-col-for")}</a></span>
                    </span>
                </th>
            }
            .into_any()
        })
        .collect();
    let preview_head =
        previews.then(|| view! { <th scope="col" class="c-prev x">{tr!(lang, "board-col-previews")}</th> });
    let bodies: Vec<AnyView> =
        data.groups.iter().map(|group| body(data, shell, group, columns, previews)).collect();
    view! {
        <table class=class>
            <caption class="vh">{tr!(lang, "board-caption")}</caption>
            <thead><tr>
                <th scope="col" class="c-svc" aria-sort=by_name><a href=shell.params.without("sort").on(&shell.path)>{tr!(lang, "board-col-service")}</a></th>
                {heads}
                {preview_head}
                <th scope="col" class="c-way x">{tr!(lang, "board-col-why")}</th>
            </tr></thead>
            {bodies}
        </table>
    }
    .into_any()
}

fn body(data: &Board, shell: &Shell, group: &Group, columns: usize, previews: bool) -> AnyView {
    let rows: Vec<AnyView> =
        group.services.iter().map(|service| row(data, shell, service, previews)).collect();
    let title = group.title.as_ref().map(|title| {
        view! { <tr class="grp"><th scope="rowgroup" colspan=columns.to_string()>{heading(shell, title)}</th></tr> }
    });
    view! { <tbody>{title}{rows}</tbody> }.into_any()
}

fn heading(shell: &Shell, title: &GroupTitle) -> AnyView {
    let lang = shell.lang();
    let text = match (&title.name, title.unassigned) {
        (_, true) => tr!(lang, "board-unassigned").into_any(),
        (Some(text), false) if title.filter.as_ref().is_some_and(|(key, _)| *key == "env") => {
            environment_name(lang, text)
        }
        (Some(text), false) => name(text),
        (None, false) => tr!(lang, "board-no-team").into_any(),
    };
    let text = match &title.filter {
        Some((key, value)) => {
            view! { <a href=shell.params.with(key, value).on(&shell.path)>{text}</a> }.into_any()
        }
        None => text,
    };
    let look = (title.look > 0).then(|| format!(", {}", tr!(lang, "board-group-look", n = title.look)));
    let why = title.unassigned.then(|| view! { <span class="n">{tr!(lang, "board-unassigned-why")}</span> });
    view! { {text}<span class="n">{tr!(lang, "board-group-count", total = title.total)}{look}</span>{why} }
        .into_any()
}

/// Nothing fits the question: which part to drop.
pub(super) fn nothing_matches(data: &Board, shell: &Shell) -> AnyView {
    let lang = shell.lang();
    let bold = |inner: AnyView| view! { <b>{inner}</b> }.into_any();
    let total = number::count(data.unfiltered, lang);
    let past = shell
        .params
        .get("q")
        .map(|q| view! { " · "<a href=crate::links::search(q)>{tr!(lang, "board-search-past")}</a> });
    view! {
        <div class="empty">
            <p>{rich(lang, "board-nothing", &[("total", FluentValue::from(total))], &[("b", &bold)])}</p>
            <p>{drop_links(shell, &shell.params)}<a href=shell.params.view().on(&shell.path)>{tr!(lang, "board-clear")}</a>{past}</p>
        </div>
    }
    .into_any()
}
