//! The timeline, day by day, newest first.

use landfall_model::{transition::Transition, words::TransitionKind};
use leptos::prelude::*;

use super::to_i64;
use crate::{
    components::{
        change, drop_links, hidden_fields, kind_status, kind_word, search_field, source_link, status,
        where_of,
    },
    data::{Gap, History, Shell},
    format::{age, number},
    tr,
};

pub(super) fn timeline(data: &History, shell: &Shell) -> AnyView {
    let lang = shell.lang();
    let body = if data.transitions.is_empty() {
        let clear = shell.params.view().on(&shell.path);
        let (drops, text) = (drop_links(shell, &shell.params), tr!(lang, "history-no-match"));
        let text = if drops.is_empty() { tr!(lang, "history-nothing") } else { text };
        view! { <div class="empty"><p><b>{text}</b></p><p>{drops}<a href=clear>{tr!(lang, "board-clear")}</a></p></div> }.into_any()
    } else {
        table(data, shell)
    };
    view! {
        <section aria-labelledby="h-t">
            <header><h2 id="h-t">{tr!(lang, "history-timeline")}</h2><span class="asof">{tr!(lang, "history-meaning")}</span></header>
            {kinds(data, shell)}
            {ask(data, shell)}
            {body}
        </section>
    }
    .into_any()
}

fn kinds(data: &History, shell: &Shell) -> AnyView {
    let lang = shell.lang();
    let total: u64 = data.kinds.iter().map(|(_, n, _)| n).sum();
    let any = data.kinds.iter().any(|(.., chosen)| *chosen);
    let each: Vec<AnyView> = data
        .kinds
        .iter()
        .filter(|(_, n, chosen)| *n > 0 || *chosen)
        .map(|(kind, n, chosen)| {
            let href = shell.params.toggled("kind", kind.as_str()).on(&shell.path);
            let current = chosen.then_some("true");
            view! { <a href=href aria-current=current>{kind_word(lang, *kind)}" "<span class="n">{number::whole(to_i64(*n), lang)}</span></a> }.into_any()
        })
        .collect();
    let all = (!any).then_some("true");
    view! {
        <nav class="views" aria-label=tr!(lang, "history-kinds")>
            <a href=shell.params.without("kind").on(&shell.path) aria-current=all>{tr!(lang, "history-all")}" "<span class="n">{number::whole(to_i64(total), lang)}</span></a>
            {each}
        </nav>
    }
    .into_any()
}

fn ask(data: &History, shell: &Shell) -> AnyView {
    let lang = shell.lang();
    let menus: Vec<AnyView> = data
        .facets
        .iter()
        .filter(|f| f.key != "kind")
        .filter_map(|facet| crate::pages::board::menu(lang, facet))
        .collect();
    let fields: Vec<&str> = data
        .facets
        .iter()
        .filter(|f| f.key != "kind")
        .map(|f| f.key)
        .chain(["q", "since", "until"])
        .collect();
    let q = shell.params.get("q").unwrap_or("").to_owned();
    view! {
        <form class="filters" role="search" action=crate::links::own(&shell.path) method="get">
            {hidden_fields(shell, &fields)}
            {search_field(&q, false, tr!(lang, "history-search"))}
            {menus}
            <span class="pair"><label for="since">{tr!(lang, "history-from")}</label><input id="since" name="since" type="datetime-local" value=shell.clock.input(data.from)/></span>
            <span class="pair"><label for="until">{tr!(lang, "history-to")}</label><input id="until" name="until" type="datetime-local" value=shell.params.get("until").map(|_| shell.clock.input(data.to))/></span>
            <button type="submit">{tr!(lang, "history-apply")}</button>
        </form>
    }
    .into_any()
}

fn table(data: &History, shell: &Shell) -> AnyView {
    let lang = shell.lang();
    let clock = &shell.clock;
    let mut rows: Vec<AnyView> = Vec::new();
    let mut last = None;
    // Gaps stand where they belong in time, as rows of their own.
    let told = |gap: &&Gap| {
        data.transitions
            .iter()
            .any(|t| t.kind == TransitionKind::Gap && t.at.duration_since(gap.from).as_secs().abs() < 60)
    };
    let mut gaps: Vec<&Gap> = data.gaps.iter().filter(|gap| !told(gap)).collect();
    gaps.sort_by_key(|gap| gap.from);
    for transition in &data.transitions {
        while gaps.last().is_some_and(|gap| gap.from >= transition.at) {
            if let Some(gap) = gaps.pop().filter(|gap| last.is_none_or(|t| gap.from <= t)) {
                rows.push(gap_row(shell, gap));
            }
        }
        if last.is_none_or(|t| !clock.same_day(t, transition.at)) {
            let day = clock.day(transition.at);
            let text = if clock.same_day(transition.at, clock.now) {
                tr!(lang, "history-today", day = day)
            } else {
                day.into()
            };
            rows.push(view! { <tr class="day"><th scope="rowgroup" colspan="5">{text}</th></tr> }.into_any());
        }
        last = Some(transition.at);
        rows.push(row(shell, transition));
    }
    let of = tr!(
        lang,
        "history-page-of",
        n = number::count(data.transitions.len(), lang),
        total = number::whole(to_i64(data.total), lang)
    );
    let older = data.pager.next.as_deref().map(|cursor| {
        view! { <a href=shell.params.with("cursor", cursor).on(&shell.path) rel="next">{tr!(lang, "history-older")}" →"</a> }
    });
    let newest = shell.params.get("cursor").map(|_| {
        view! { <a href=shell.params.without("cursor").on(&shell.path) rel="first">"← "{tr!(lang, "pager-first")}</a>" " }
    });
    view! {
        <div class="scroll" tabindex="0" role="group" aria-labelledby="h-t">
            <table class="t hist flow quiet">
                <caption class="vh">{tr!(lang, "history-caption")}</caption>
                <thead><tr>
                    <th scope="col">{tr!(lang, "history-col-time")}</th>
                    <th scope="col">{tr!(lang, "history-col-where")}</th>
                    <th scope="col">{tr!(lang, "history-kind")}</th>
                    <th scope="col">{tr!(lang, "history-col-what")}</th>
                    <th scope="col">{tr!(lang, "history-col-source")}</th>
                </tr></thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
        <nav class="pager" aria-label=tr!(lang, "pager-label")><span>{of}</span><span>{newest}{older}</span></nav>
    }
    .into_any()
}

fn row(shell: &Shell, transition: &Transition) -> AnyView {
    let clock = &shell.clock;
    view! {
        <tr data-row=format!("t-{}", transition.id)>
            <td><time datetime=clock.attr(transition.at) title=clock.full(transition.at)>{clock.time(transition.at)}</time></td>
            <th scope="row">{where_of(shell, transition)}</th>
            <td>{kind_status(shell.lang(), transition)}</td>
            <td class="full end what">{change(shell, transition)}</td>
            <td class="lo r">{source_link(shell, &transition.source)}</td>
        </tr>
    }
    .into_any()
}

fn gap_row(shell: &Shell, gap: &Gap) -> AnyView {
    let lang = shell.lang();
    let clock = &shell.clock;
    let length = age(gap.to.duration_since(gap.from), lang);
    view! {
        <tr>
            <td><time datetime=clock.attr(gap.from) title=clock.full(gap.from)>{clock.time(gap.from)}</time></td>
            <th scope="row">"Landfall"</th>
            <td>{status("unknown", tr!(lang, "kind-gap"))}</td>
            <td class="full end what">{tr!(lang, "history-gap-row", length = length)}</td>
            <td class="lo r"></td>
        </tr>
    }
    .into_any()
}
