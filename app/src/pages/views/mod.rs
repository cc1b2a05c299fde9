//! `/views`: saved views. Each is an address of the board with a name.

use leptos::prelude::*;

use crate::{
    components::{attribute, icon, name, said},
    data::{AskedView, KeptView, Shell, Views, WrongView},
    format::number,
    lang::Lang,
    links::Params,
    shell::{Meta, Place, document},
    tr,
};

/// Saved views as a document.
pub fn views(data: &Views, shell: &Shell) -> String {
    let lang = shell.lang();
    let meta = Meta::plain(tr!(lang, "board-views"), Place::Elsewhere);
    document(shell, &meta, || {
        let wrong = data.wrong.as_ref().map(|wrong| {
            view! { <p class="err mt-2" role="alert" id="wrong">{icon("bad")}<span>{reason(lang, wrong)}</span></p> }
        });
        let asked = data.asked.as_ref().map(|asked| again(shell, asked));
        view! {
            <h1>{tr!(lang, "board-views")}</h1>
            <p class="lead mt-1">{tr!(lang, "views-lead")}</p>
            {wrong}
            {asked}
            {own(data, shell)}
            {shared(data, shell)}
        }
        .into_any()
    })
}

fn reason(lang: Lang, wrong: &WrongView) -> AnyView {
    match wrong {
        WrongView::NoName => tr!(lang, "views-no-name").into_any(),
        WrongView::LongName { most } => tr!(lang, "views-long-name", n = *most).into_any(),
        WrongView::NoQuestion => tr!(lang, "views-no-question").into_any(),
        WrongView::LongQuestion { most } => tr!(lang, "views-long-question", n = *most).into_any(),
        WrongView::Question { field, wrong } => {
            let wrong = said(lang, &wrong.text, wrong.phrase.as_deref());
            view! { {tr!(lang, "views-wrong-question")}" "<code>{name(field)}</code>" "{wrong} }.into_any()
        }
        WrongView::TooMany { most } => tr!(lang, "views-too-many", n = *most).into_any(),
        WrongView::TooLarge => tr!(lang, "views-too-large").into_any(),
        WrongView::Taken(known) => tr!(lang, "views-taken", name = attribute(known)).into_any(),
        WrongView::Unknown(known) => tr!(lang, "views-unknown", name = attribute(known)).into_any(),
    }
}

/// The form that could not be done, filled in as it was.
fn again(shell: &Shell, asked: &AskedView) -> AnyView {
    let lang = shell.lang();
    view! {
        <form class="filters mt-2" method="post" action="/views" aria-describedby="wrong">
            <input type="hidden" name="do" value="save"/>
            <input type="hidden" name="query" value=asked.query.clone()/>
            <span class="field"><label for="name">{tr!(lang, "views-name")}</label>
            <input id="name" name="name" value=asked.name.clone() autocomplete="off"/></span>
            <button type="submit">{tr!(lang, "views-save")}</button>
            {address(&asked.query)}
        </form>
    }
    .into_any()
}

/// The view as the address that it is.
fn address(query: &str) -> AnyView {
    let href = Params::parse(query).on("/");
    view! { <a class="mono brk" href=href.clone()>{name(&href)}</a> }.into_any()
}

fn own(data: &Views, shell: &Shell) -> AnyView {
    let lang = shell.lang();
    let rows: Vec<AnyView> = data.own.iter().enumerate().map(|(at, view)| own_row(shell, at, view)).collect();
    let body = if rows.is_empty() {
        view! { <div class="empty"><p><b>{tr!(lang, "views-none")}</b></p><p>{tr!(lang, "views-how")}" "<a href="/">{tr!(lang, "nav-board")}</a></p></div> }.into_any()
    } else {
        view! {
            <table class="t flow quiet">
                <caption class="vh">{tr!(lang, "views-own")}</caption>
                <thead><tr>
                    <th scope="col">{tr!(lang, "views-name")}</th>
                    <th scope="col">{tr!(lang, "views-address")}</th>
                    <th scope="col">{tr!(lang, "views-change")}</th>
                </tr></thead>
                <tbody>{rows}</tbody>
            </table>
        }
        .into_any()
    };
    let count = tr!(
        lang,
        "history-page-of",
        n = number::count(data.own.len(), lang),
        total = number::count(data.most, lang)
    );
    view! {
        <section class="mt-3" aria-labelledby="h-own">
            <header><h2 id="h-own">{tr!(lang, "views-own")}</h2><span class="asof">{count}</span></header>
            {body}
        </section>
    }
    .into_any()
}

fn own_row(shell: &Shell, at: usize, view: &KeptView) -> AnyView {
    let lang = shell.lang();
    let field = format!("to-{at}");
    let shown = attribute(&view.name);
    let delete = tr!(lang, "views-delete-this", name = shown.clone());
    let rename = tr!(lang, "views-new-name", name = shown);
    view! {
        <tr data-row=format!("v-{}", view.name)>
            <th scope="row"><a href=Params::parse(&view.query).on("/")>{name(&view.name)}</a></th>
            <td class="full">{address(&view.query)}</td>
            <td class="full"><span class="acts">
                <form class="pair" method="post" action="/views">
                    <input type="hidden" name="do" value="rename"/>
                    <input type="hidden" name="name" value=view.name.to_string()/>
                    <label class="vh" for=field.clone()>{rename}</label>
                    <input id=field name="to" value=view.name.to_string() maxlength="40" required autocomplete="off"/>
                    <button type="submit">{tr!(lang, "views-rename")}</button>
                </form>
                <form class="pair" method="post" action="/views">
                    <input type="hidden" name="do" value="delete"/>
                    <input type="hidden" name="name" value=view.name.to_string()/>
                    <button type="submit" aria-label=delete>{tr!(lang, "views-delete")}</button>
                </form>
            </span></td>
        </tr>
    }
    .into_any()
}

fn shared(data: &Views, shell: &Shell) -> AnyView {
    let lang = shell.lang();
    if data.shared.is_empty() {
        return ().into_any();
    }
    let rows: Vec<AnyView> = data
        .shared
        .iter()
        .map(|view| {
            view! {
                <tr data-row=format!("s-{}", view.name)>
                    <th scope="row"><a href=Params::parse(&view.query).on("/")>{name(&view.name)}</a></th>
                    <td class="full">{address(&view.query)}</td>
                </tr>
            }
            .into_any()
        })
        .collect();
    view! {
        <section class="mt-3" aria-labelledby="h-shared">
            <header><h2 id="h-shared">{tr!(lang, "views-shared")}</h2><span class="asof">{tr!(lang, "views-shared-where")}</span></header>
            <table class="t flow quiet">
                <caption class="vh">{tr!(lang, "views-shared")}</caption>
                <thead><tr>
                    <th scope="col">{tr!(lang, "views-name")}</th>
                    <th scope="col">{tr!(lang, "views-address")}</th>
                </tr></thead>
                <tbody>{rows}</tbody>
            </table>
        </section>
    }
    .into_any()
}
