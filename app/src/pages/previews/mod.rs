//! `/previews`: every pull request that has a preview or asks for one; what needs a look stands first.

use landfall_model::{
    query::previews::{began, is_stale},
    view::Pull,
    words::PreviewState,
};
use leptos::prelude::*;

use crate::{
    components::{
        age, facet_menu, hidden_fields, name, no_match, preview_state, preview_word, pull_link, said,
        search_field, select, step_name, turn_word,
    },
    data::{Facet, Previews, Shell},
    format::number,
    lang::Lang,
    links,
    shell::{Meta, Place, document},
    tr,
};

mod empty;

/// Services named in a row; the rest is counted.
const SHOWN: usize = 3;

/// The list as a document.
pub fn previews(data: &Previews, shell: &Shell) -> String {
    let lang = shell.lang();
    let meta = Meta {
        title: tr!(lang, "previews-title").into_owned(),
        place: Place::Previews,
        class: "p-previews",
        twin: Some("/api/v1/previews".to_owned()),
        csv: Some("/api/v1/previews.csv".to_owned()),
        live: vec!["pull/".to_owned(), "service/".to_owned(), "source/".to_owned()],
    };
    document(shell, &meta, || {
        view! {
            <h1>{tr!(lang, "previews-title")}</h1>
            <p class="lead mt-1" data-part="lead">{lead(data, shell)}</p>
            <div data-part="list">{body(data, shell)}</div>
        }
        .into_any()
    })
}

/// How many there are, and in which states; each leads to those.
fn lead(data: &Previews, shell: &Shell) -> AnyView {
    let lang = shell.lang();
    let current = data.states.iter().filter(|(state, _)| !is_over(*state));
    let total: usize = current.clone().map(|(_, count)| count).sum();
    let each: Vec<AnyView> = current
        .map(|(state, count)| {
            let href = shell.params.view().with("state", state.as_str()).on(&shell.path);
            let words = format!("{}\u{a0}{}", number::count(*count, lang), preview_word(lang, *state));
            view! { " · "<a href=href>{words}</a> }.into_any()
        })
        .collect();
    view! { {tr!(lang, "previews-lead", n = total)}{each} }.into_any()
}

/// States of what has no preview: shown only when asked for.
const fn is_over(state: PreviewState) -> bool {
    matches!(state, PreviewState::None | PreviewState::Ended)
}

fn body(data: &Previews, shell: &Shell) -> AnyView {
    let lang = shell.lang();
    if data.known == 0 {
        return empty::empty(data, shell);
    }
    if data.pulls.is_empty() {
        let is_asked = shell.params.pairs().any(|(key, _)| !matches!(key, "at" | "since" | "lang" | "theme"));
        let rest = if is_asked {
            no_match(shell, tr!(lang, "previews-no-match"))
        } else {
            let none = shell.params.view().with("state", "none").toggled("state", "ended").on(&shell.path);
            view! { <div class="empty"><p>{tr!(lang, "previews-none-now")}</p><p><a href=none>{tr!(lang, "previews-others", n = data.known)}</a></p></div> }
                .into_any()
        };
        return view! { {ask(data, shell)}{rest} }.into_any();
    }
    let rows: Vec<AnyView> = data.pulls.iter().map(|pull| row(data, shell, pull)).collect();
    let of = tr!(
        lang,
        "previews-of",
        from = number::count(data.pager.from, lang),
        to = number::count(data.pager.to, lang),
        total = number::count(data.pager.total, lang)
    );
    view! {
        {ask(data, shell)}
        <table class="t quiet flow">
            <caption class="vh">{tr!(lang, "previews-caption")}</caption>
            <thead><tr>
                <th scope="col">{tr!(lang, "previews-pull")}</th>
                <th scope="col">{tr!(lang, "board-col-state")}</th>
                <th scope="col">{tr!(lang, "previews-waits")}</th>
                <th scope="col">{tr!(lang, "previews-turn")}</th>
                <th scope="col">{tr!(lang, "previews-services")}</th>
                <th scope="col">{tr!(lang, "previews-who")}</th>
                <th scope="col" class="num">{tr!(lang, "images-pods")}</th>
                <th scope="col" class="num">{tr!(lang, "previews-age")}</th>
            </tr></thead>
            <tbody>{rows}</tbody>
        </table>
        {crate::components::pager(shell, &data.pager, of)}
    }
    .into_any()
}

fn ask(data: &Previews, shell: &Shell) -> AnyView {
    let lang = shell.lang();
    let menus: Vec<AnyView> = data.facets.iter().filter_map(|facet| menu(lang, facet)).collect();
    let fields: Vec<&str> = data.facets.iter().map(|f| f.key).chain(["q", "sort"]).collect();
    let q = shell.params.get("q").unwrap_or("").to_owned();
    let sorts = vec![
        ("state", tr!(lang, "previews-by-state").into_any()),
        ("since", tr!(lang, "previews-by-since").into_any()),
        ("-since", tr!(lang, "previews-by-oldest").into_any()),
        ("name", tr!(lang, "previews-by-name").into_any()),
    ];
    view! {
        <form class="filters mt-3" role="search" action=links::own(&shell.path) method="get">
            {hidden_fields(shell, &fields)}
            {search_field(&q, false, tr!(lang, "previews-search"))}
            {menus}
            <span class="push"></span>
            {select("sort", tr!(lang, "board-sort"), &data.sort, sorts)}
            <button type="submit">{tr!(lang, "board-apply")}</button>
        </form>
    }
    .into_any()
}

fn menu(lang: Lang, facet: &Facet) -> Option<AnyView> {
    if facet.key != "state" {
        return crate::pages::board::menu(lang, facet);
    }
    let word = move |value: &str| match PreviewState::parse(value) {
        Some(state) => preview_word(lang, state).into_any(),
        None => name(value),
    };
    facet_menu(lang, tr!(lang, "board-col-state"), facet, word)
}

fn row(data: &Previews, shell: &Shell, pull: &Pull) -> AnyView {
    let lang = shell.lang();
    let stale = is_stale(pull, &data.snapshot);
    let request = pull.request.as_deref();
    let title = request.map(|request| view! { " "{name(&request.title)} });
    let place = pull
        .repository
        .as_deref()
        .map(|repository| view! { <br/><span class="q3 sm">{name(repository)}</span> });
    let waits = pull.waits().map(|waits| {
        let sentence = said(lang, &waits.sentence.text, waits.sentence.phrase.as_deref());
        let step = step_name(lang, waits.step);
        view! { <span class="q3">{step}{tr!(lang, "list-colon")}</span>{sentence} }
    });
    let turn = pull.waits().map(|waits| {
        let author = request.and_then(|request| request.author.as_deref());
        turn_word(lang, waits.turn, author)
    });
    let author = request.and_then(|request| request.author.as_deref()).map(name);
    let pods: i64 = pull.previews.iter().map(|preview| i64::from(preview.desired)).sum();
    let ready: i64 = pull.previews.iter().map(|preview| i64::from(preview.ready)).sum();
    let cost = (pods > 0).then(|| tr!(lang, "service-of", n = ready, total = pods));
    view! {
        <tr data-row=format!("p-{}", pull.id)>
            <th scope="row" class="w-30">{pull_link(shell, pull)}{title}{place}</th>
            <td>{preview_state(lang, pull.state, stale)}</td>
            <td class="full brk w-46">{waits}</td>
            <td data-l=tr!(lang, "previews-turn")>{turn}</td>
            <td data-l=tr!(lang, "previews-services")>{services(shell, pull)}</td>
            <td data-l=tr!(lang, "previews-who")>{author}</td>
            <td class="num nw" data-l=tr!(lang, "images-pods")>{cost}</td>
            <td class="num r nw">{began(pull).map(|t| age(&shell.clock, t))}</td>
        </tr>
    }
    .into_any()
}

fn services(shell: &Shell, pull: &Pull) -> AnyView {
    let mut names: Vec<_> = pull.previews.iter().filter_map(|preview| preview.service.as_ref()).collect();
    names.sort_unstable();
    names.dedup();
    let each: Vec<AnyView> = names
        .iter()
        .take(SHOWN)
        .map(|service| {
            view! { <a href=shell.href(&links::service(service))>{name(service)}</a>" " }.into_any()
        })
        .collect();
    let rest = names.len().saturating_sub(SHOWN);
    let more = (rest > 0)
        .then(|| view! { <span class="q3">{tr!(shell.lang(), "shell-silent-more", n = rest)}</span> });
    view! { {each}{more} }.into_any()
}
