//! Saved views, filters, grouping, order; and how many are in which state.

use landfall_model::{
    query::{images::NO_POLICY, spec::FLAG_STALE},
    words::{Standing, State},
};
use leptos::prelude::*;

use crate::{
    components::{
        environment_name, facet_menu, hidden_fields, name, search_field, select, state, state_word, status,
    },
    data::{Board, Column, Facet, SavedView, Shell, ViewName},
    format::number,
    lang::Lang,
    pages::images::standing_word,
    tr,
};

pub(super) fn ask(data: &Board, shell: &Shell) -> AnyView {
    let lang = shell.lang();
    let views: Vec<AnyView> = data.views.iter().map(|view| saved(shell, view)).collect();
    let menus: Vec<AnyView> = data.facets.iter().filter_map(|facet| menu(lang, facet)).collect();
    let fields: Vec<&str> = data.facets.iter().map(|f| f.key).chain(["q", "group", "sort"]).collect();
    let groups = data.group_choices.iter().map(|g| (*g, group_word(lang, g))).collect();
    let sorts = data.sort_choices.iter().map(|s| (*s, sort_word(lang, s))).collect();
    let q = shell.params.get("q").unwrap_or("").to_owned();
    view! {
        <nav class="views" aria-label=tr!(lang, "board-views")>{views}{keep(data, shell)}</nav>
        <form class="filters" role="search" action=crate::links::own(&shell.path) method="get">
            {hidden_fields(shell, &fields)}
            {search_field(&q, false, tr!(lang, "board-search"))}
            {menus}
            <span class="push"></span>
            {select("group", tr!(lang, "board-group"), &data.group, groups)}
            {select("sort", tr!(lang, "board-sort"), &data.sort, sorts)}
            <button type="submit">{tr!(lang, "board-apply")}</button>
        </form>
    }
    .into_any()
}

fn saved(shell: &Shell, view: &SavedView) -> AnyView {
    let lang = shell.lang();
    let text = match &view.name {
        ViewName::All => tr!(lang, "board-view-all").into_any(),
        ViewName::NeedsALook => tr!(lang, "board-view-look").into_any(),
        ViewName::Unassigned => tr!(lang, "board-view-unassigned").into_any(),
        ViewName::Shared(text) | ViewName::Own(text) => name(text),
    };
    let mut params = shell.params.view();
    for (key, value) in crate::links::Params::parse(&view.query).pairs() {
        params = params.toggled(key, value);
    }
    let current = view.current.then_some("true");
    let count = view.count.map(|n| view! { " "<span class="n">{number::count(n, lang)}</span> });
    view! { <a href=params.on(&shell.path) aria-current=current>{text}{count}</a> }.into_any()
}

/// Saves what is asked as a view, where it is none yet; and the way to the page that changes them.
fn keep(data: &Board, shell: &Shell) -> AnyView {
    let lang = shell.lang();
    let query = shell.params.question();
    let saved = data.views.iter().any(|view| match view.name {
        ViewName::Own(_) | ViewName::Shared(_) => view.current,
        _ => false,
    });
    let save = (!query.is_empty() && !saved).then(|| {
        let query = query.on("").trim_start_matches('?').to_owned();
        view! {
            <details class="menu">
                <summary>{tr!(lang, "views-save-this")}</summary>
                <form class="pop" method="post" action="/views">
                    <input type="hidden" name="do" value="save"/>
                    <input type="hidden" name="query" value=query/>
                    <label for="view-name">{tr!(lang, "views-name")}</label>
                    <input id="view-name" name="name" maxlength="40" required autocomplete="off"/>
                    <button type="submit">{tr!(lang, "views-save")}</button>
                </form>
            </details>
        }
    });
    let own = data.views.iter().any(|view| matches!(view.name, ViewName::Own(_)));
    let edit = own.then(|| view! { <a href="/views">{tr!(lang, "views-edit")}</a> });
    view! { {save}{edit} }.into_any()
}

/// The menu of one facet. Shared by pages that filter by the same words.
pub(crate) fn menu(lang: Lang, facet: &Facet) -> Option<AnyView> {
    let title = match facet.key {
        "team" => tr!(lang, "board-team"),
        "env" => tr!(lang, "board-environment"),
        "state" => tr!(lang, "board-state"),
        "rule" => tr!(lang, "board-rule"),
        "kind" => tr!(lang, "history-kind"),
        "severity" => tr!(lang, "findings-severity"),
        "policy" => tr!(lang, "images-policy"),
        _ => return None,
    };
    let key = facet.key;
    facet_menu(lang, title, facet, move |value| match key {
        "env" => environment_name(lang, value),
        "state" => match (State::parse(value), Standing::parse(value)) {
            (Some(state), _) => state_word(lang, state).into_any(),
            (None, Some(standing)) => standing_word(lang, standing).into_any(),
            (None, None) => name(value),
        },
        "policy" if value == NO_POLICY => tr!(lang, "images-by-hand").into_any(),
        "severity" => landfall_model::words::Severity::parse(value)
            .map_or_else(|| name(value), |s| crate::components::severity(lang, s)),
        "kind" => landfall_model::words::TransitionKind::parse(value)
            .map_or_else(|| name(value), |k| crate::components::kind_word(lang, k).into_any()),
        _ => name(value),
    })
}

fn group_word(lang: Lang, group: &str) -> AnyView {
    match group {
        "team" => tr!(lang, "board-group-team").into_any(),
        "none" => tr!(lang, "board-group-none").into_any(),
        "state" => tr!(lang, "board-group-state").into_any(),
        "env" | "environment" => tr!(lang, "board-group-environment").into_any(),
        "cluster" => tr!(lang, "board-group-cluster").into_any(),
        other => name(other),
    }
}

fn sort_word(lang: Lang, sort: &str) -> AnyView {
    match sort {
        "name" => tr!(lang, "board-sort-name").into_any(),
        "since" => tr!(lang, "board-sort-since").into_any(),
        "-since" => tr!(lang, "board-sort-newest").into_any(),
        "state" => tr!(lang, "board-sort-state").into_any(),
        other => name(other),
    }
}

/// How many of one environment are so; leads to them alone, and back where they are shown alone.
fn only(shell: &Shell, column: &Column, (key, value): (&str, &str), word: AnyView, n: usize) -> AnyView {
    let chosen = shell.params.has(key, value) && shell.params.has("env", &column.name);
    let params = if chosen {
        shell.params.without(key).without("env")
    } else {
        shell.params.with("env", &column.name).with(key, value)
    };
    let current = chosen.then_some("true");
    view! {
        <a href=params.on(&shell.path) aria-current=current>{word}" "<span class="n">{number::count(n, shell.lang())}</span></a>
    }
    .into_any()
}

/// One line per environment: how many are in which state.
pub(super) fn states(data: &Board, shell: &Shell) -> AnyView {
    let lang = shell.lang();
    let lines: Vec<AnyView> = data
        .columns
        .iter()
        .enumerate()
        .map(|(at, column)| {
            let each: Vec<AnyView> = column
                .states
                .iter()
                .map(|(s, n)| only(shell, column, ("state", s.as_str()), state(lang, *s, false), *n))
                .collect();
            let old = (column.stale > 0).then(|| {
                let word = status("stale", tr!(lang, "stale"));
                only(shell, column, ("flag", FLAG_STALE), word, column.stale)
            });
            let stale = (at == 0 && data.stale > 0).then(|| {
                let text = tr!(lang, "board-stale-rows", stale = data.stale, total = data.pager.total);
                view! { <a href=shell.href("/sources") class="push">{status("stale", text)}</a> }
            });
            view! { <p class="facet" data-part=format!("states-{at}")><span>{environment_name(lang, &column.name)}</span>{each}{old}{stale}</p> }.into_any()
        })
        .collect();
    lines.into_any()
}
