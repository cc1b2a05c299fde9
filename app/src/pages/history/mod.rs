//! `/history`: what changed, when, from what to what; and two moments beside each other.

use leptos::prelude::*;

use crate::{
    data::{History, NoHistory, Shell},
    shell::{Meta, Place, document},
    tr,
};

mod compare;
mod histogram;
mod timeline;

/// History as a document.
pub fn history(data: &History, shell: &Shell) -> String {
    let lang = shell.lang();
    let meta = Meta {
        title: tr!(lang, "history-title").into_owned(),
        place: Place::History,
        class: "p-history",
        twin: Some("/api/v1/history".to_owned()),
        csv: Some("/api/v1/history.csv".to_owned()),
        live: vec!["service/".to_owned(), "source/".to_owned(), "finding/".to_owned()],
    };
    document(shell, &meta, || {
        let known = data.first.map(|first| {
            view! { <span class="q">{tr!(lang, "history-since-first", day = shell.clock.day(first))}</span> }
        });
        view! {
            <div class="headline"><h1>{tr!(lang, "history-title")}</h1>{known}</div>
            {whole_board(data, shell)}
            {match data.missing {
                Some(why) => missing(data, shell, why),
                None => view! {
                    {histogram::histogram(data, shell)}
                    <div class="cols even mt-4">
                        <div>{timeline::timeline(data, shell)}</div>
                        <div>{compare::compare(data, shell)}</div>
                    </div>
                }
                .into_any(),
            }}
        }
        .into_any()
    })
}

fn to_i64(n: u64) -> i64 {
    i64::try_from(n).unwrap_or(i64::MAX)
}

/// The door to the whole board of another moment.
fn whole_board(data: &History, shell: &Shell) -> AnyView {
    let lang = shell.lang();
    if matches!(data.missing, Some(NoHistory::Off | NoHistory::Away)) {
        return ().into_any();
    }
    let tuesday = shell.clock.last_tuesday().filter(|t| data.first.is_some_and(|first| first <= *t)).map(|t| {
        let href = crate::links::Params::default().with("at", shell.clock.attr(t)).on("/");
        view! { <span class="q3 sm">{tr!(lang, "history-tuesday")}" "<a href=href>{shell.clock.moment(t)}</a></span> }
    });
    let value = shell.clock.last_tuesday().unwrap_or(shell.clock.now);
    view! {
        <form class="filters mt-3" action="/" method="get">
            <span class="pair"><label for="at-board">{tr!(lang, "history-show-at")}</label><input id="at-board" name="at" type="datetime-local" value=shell.clock.input(value)/></span>
            <button type="submit">{tr!(lang, "history-show")}</button>
            {tuesday}
        </form>
    }
    .into_any()
}

fn missing(data: &History, shell: &Shell, why: NoHistory) -> AnyView {
    let lang = shell.lang();
    let text = match why {
        NoHistory::Off => tr!(lang, "history-off"),
        NoHistory::Away => tr!(lang, "history-away"),
        NoHistory::BeforeFirst if data.first.is_none() => tr!(lang, "history-none-yet"),
        NoHistory::BeforeFirst => tr!(lang, "history-before"),
    };
    let first = data.first.filter(|_| why == NoHistory::BeforeFirst).map(|t| {
        let href = shell.params.without("at").without("since").on(&shell.path);
        view! { <p>{tr!(lang, "history-before-first", time = shell.clock.full(t))}" "<a href=href>{tr!(lang, "at-back")}</a></p> }
    });
    view! { <div class="empty"><p class="lead">{text}</p>{first}<p><a href="/">{tr!(lang, "nav-board")}</a></p></div> }.into_any()
}
