//! The timeline, day by day, newest first.

use landfall_model::transition::rollout::Line;
use leptos::prelude::*;

use super::to_i64;
use crate::{
    components::{
        drop_links, hidden_fields, kind_word, line_change, line_id, line_status, lines, newest, search_field,
        source_link, where_of,
    },
    data::{History, Shell},
    format::number,
    tr,
};

pub(super) fn timeline(data: &History, shell: &Shell) -> AnyView {
    let lang = shell.lang();
    let body = if data.transitions.is_empty() && data.pager.next.is_some() {
        view! { <p class="q">{tr!(lang, "history-search-none-yet")}</p>{parts(data, shell)} }.into_any()
    } else if data.transitions.is_empty() {
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
    for line in lines(shell, &data.transitions) {
        let transition = newest(&line);
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
        rows.push(row(shell, &line));
    }
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
        {parts(data, shell)}
    }
    .into_any()
}

/// Which part is shown, and the parts beside it. Words are searched for span by span, so a part may be short and yet have
/// a next one.
fn parts(data: &History, shell: &Shell) -> AnyView {
    let lang = shell.lang();
    let shown = number::count(data.transitions.len(), lang);
    let searched = shell.params.get("q").is_some();
    let short = data.transitions.len() < data.pager.limit;
    let of = match (searched, data.pager.next.is_some()) {
        (true, true) if short => tr!(lang, "history-search-paused", n = shown),
        (true, _) => tr!(lang, "history-search-of", n = shown),
        (false, _) => {
            tr!(lang, "history-page-of", n = shown, total = number::whole(to_i64(data.total), lang))
        }
    };
    let on = if searched && short { tr!(lang, "history-search-on") } else { tr!(lang, "history-older") };
    let older = data.pager.next.as_deref().map(|cursor| {
        view! { <a href=shell.params.with("cursor", cursor).on(&shell.path) rel="next">{on}" →"</a> }
    });
    let newest = shell.params.get("cursor").map(|_| {
        view! { <a href=shell.params.without("cursor").on(&shell.path) rel="first">"← "{tr!(lang, "pager-first")}</a>" " }
    });
    view! { <nav class="pager" aria-label=tr!(lang, "pager-label")><span>{of}</span><span>{newest}{older}</span></nav> }
        .into_any()
}

fn row(shell: &Shell, line: &Line) -> AnyView {
    let (clock, transition) = (&shell.clock, newest(line));
    view! {
        <tr data-row=line_id(line)>
            <td><time datetime=clock.attr(transition.at) title=clock.full(transition.at)>{clock.time(transition.at)}</time></td>
            <th scope="row">{where_of(shell, transition)}</th>
            <td>{line_status(shell.lang(), line)}</td>
            <td class="full end what">{line_change(shell, line)}</td>
            <td class="lo r">{source_link(shell, &transition.source)}</td>
        </tr>
    }
    .into_any()
}
