//! `/`: what needs a look; what runs where, since when.

use leptos::prelude::*;

use crate::{
    components::{finding_row, status},
    data::{Board, Shell},
    format::number,
    shell::{Meta, Place, document},
    tr,
};

mod ask;
mod empty;
mod lead;
mod matrix;
mod row;

pub(crate) use ask::menu;

/// The board as a document.
pub fn board(data: &Board, shell: &Shell) -> String {
    let lang = shell.lang();
    let meta = Meta {
        title: tr!(lang, "board-title").into_owned(),
        place: Place::Board,
        class: "p-board",
        twin: Some("/api/v1/services".to_owned()),
        csv: Some("/api/v1/services.csv".to_owned()),
        live: ["service/", "source/", "finding/"].map(str::to_owned).to_vec(),
    };
    document(shell, &meta, || {
        view! {
            <h1 class="vh">{tr!(lang, "board-h1")}</h1>
            {lead::lead(data, shell)}
            {look(data, shell)}
            {services(data, shell)}
        }
        .into_any()
    })
}

/// Open findings, worst first: as many as fit on a screen, the rest by a link.
fn look(data: &Board, shell: &Shell) -> AnyView {
    let lang = shell.lang();
    if data.unfiltered == 0 && data.look.is_empty() {
        return ().into_any();
    }
    let rows: Vec<AnyView> = data.look.iter().map(|finding| finding_row(shell, finding)).collect();
    let silent = shell.sources.silent.len();
    let total = shell.findings;
    let body = if rows.is_empty() {
        let text = if silent > 0 {
            status("stale", tr!(lang, "board-look-none-stale", n = silent))
        } else {
            status("ok", tr!(lang, "board-look-none"))
        };
        view! { <p>{text}</p> }.into_any()
    } else {
        view! {
            <table class="t look">
                <thead><tr>
                    <th scope="col">{tr!(lang, "board-col-severity")}</th>
                    <th scope="col">{tr!(lang, "board-col-rule")}</th>
                    <th scope="col">{tr!(lang, "board-col-where")}</th>
                    <th scope="col">{tr!(lang, "board-col-what")}</th>
                    <th scope="col" class="num">{tr!(lang, "board-col-since")}</th>
                    <th scope="col" class="num">{tr!(lang, "board-col-out")}</th>
                </tr></thead>
                <tbody>{rows}</tbody>
            </table>
        }
        .into_any()
    };
    let of = (total > 0).then(|| {
        let text = tr!(lang, "board-look-of", shown = data.look.len(), total = total);
        view! { <span class="asof">{text}</span><a class="push sm" href=shell.href("/findings")>{tr!(lang, "board-look-all")}</a> }
    });
    view! {
        <section aria-labelledby="h-look">
            <header><h2 id="h-look">{tr!(lang, "board-look")}</h2>{of}</header>
            {body}
        </section>
    }
    .into_any()
}

fn services(data: &Board, shell: &Shell) -> AnyView {
    let lang = shell.lang();
    let services = tr!(lang, "board-services-count", count = data.pager.total).into_owned();
    let clusters = data.snapshot.sources.keys().filter(|name| name.starts_with("cluster/")).count();
    let instances = data.snapshot.sources.keys().filter(|name| name.starts_with("argocd/")).count();
    let within =
        tr!(lang, "board-services-in", services = services, clusters = clusters, instances = instances);
    let body = if data.unfiltered == 0 {
        empty::nothing_at_all(data, shell)
    } else if data.pager.total == 0 {
        view! { {ask::ask(data, shell)}{matrix::nothing_matches(data, shell)} }.into_any()
    } else {
        let of = tr!(
            lang,
            "pager-of",
            from = number::count(data.pager.from, lang),
            to = number::count(data.pager.to, lang),
            total = number::count(data.pager.total, lang)
        );
        view! {
            {ask::ask(data, shell)}
            {ask::states(data, shell)}
            {matrix::matrix(data, shell)}
            {crate::components::pager(shell, &data.pager, of)}
        }
        .into_any()
    };
    view! {
        <section aria-labelledby="h-svc">
            <header><h2 id="h-svc">{tr!(lang, "board-services")}</h2><span class="asof">{within}</span></header>
            {body}
        </section>
    }
    .into_any()
}
