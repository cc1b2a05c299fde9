//! `/images`: every repository that is used, by whom, and what of it runs. `/images/{repository}`: one of them.

use landfall_model::query::images::{Repository, Runs};
use leptos::prelude::*;

use crate::{
    components::{
        age, drop_links, environment_short, hidden_fields, image_tag, name, search_field, select, status,
    },
    data::{Images, Shell},
    format::number,
    links,
    shell::{Meta, Place, document},
    tr,
};

mod compare;
mod one;
mod outlook;
mod pick;
mod ran;
mod sightings;

pub use one::repository;
pub(in crate::pages) use outlook::{expected, newer};

/// Tags, services and environments of a row; the rest is counted.
const SHOWN: usize = 3;

/// The repositories as a document.
pub fn images(data: &Images, shell: &Shell) -> String {
    let lang = shell.lang();
    let meta = Meta {
        title: tr!(lang, "images-title").into_owned(),
        place: Place::Images,
        class: "p-images",
        twin: Some("/api/v1/images".to_owned()),
        csv: Some("/api/v1/images.csv".to_owned()),
        live: vec!["service/".to_owned()],
    };
    document(shell, &meta, || {
        view! {
            <h1>{tr!(lang, "images-title")}</h1>
            <p class="lead mt-1" data-part="lead">{tr!(lang, "images-lead", n = data.unfiltered)}</p>
            {body(data, shell)}
        }
        .into_any()
    })
}

fn body(data: &Images, shell: &Shell) -> AnyView {
    let lang = shell.lang();
    if data.unfiltered == 0 {
        return view! { <div class="empty"><p>{tr!(lang, "images-none")}</p></div> }.into_any();
    }
    if data.repositories.is_empty() {
        let (drops, clear) = (drop_links(shell, &shell.params), shell.params.view().on(&shell.path));
        return view! {
            {ask(data, shell)}
            <div class="empty"><p><b>{tr!(lang, "images-no-match")}</b></p><p>{drops}<a href=clear>{tr!(lang, "board-clear")}</a></p></div>
        }
        .into_any();
    }
    let rows: Vec<AnyView> = data.repositories.iter().map(|one| row(shell, one)).collect();
    let of = tr!(
        lang,
        "images-of",
        from = number::count(data.pager.from, lang),
        to = number::count(data.pager.to, lang),
        total = number::count(data.pager.total, lang)
    );
    view! {
        {ask(data, shell)}
        <table class="t quiet flow">
            <caption class="vh">{tr!(lang, "images-caption")}</caption>
            <thead><tr>
                <th scope="col">{tr!(lang, "images-repository")}</th>
                <th scope="col">{tr!(lang, "images-runs")}</th>
                <th scope="col">{tr!(lang, "images-used-by")}</th>
                <th scope="col">{tr!(lang, "images-where")}</th>
                <th scope="col" class="num">{tr!(lang, "images-pods")}</th>
                <th scope="col" class="num">{tr!(lang, "images-changed")}</th>
                <th scope="col">{tr!(lang, "images-as-meant")}</th>
            </tr></thead>
            <tbody>{rows}</tbody>
        </table>
        {crate::components::pager(shell, &data.pager, of)}
    }
    .into_any()
}

fn ask(data: &Images, shell: &Shell) -> AnyView {
    let lang = shell.lang();
    let menus: Vec<AnyView> =
        data.facets.iter().filter_map(|facet| crate::pages::board::menu(lang, facet)).collect();
    let fields: Vec<&str> = data.facets.iter().map(|f| f.key).chain(["q", "sort"]).collect();
    let q = shell.params.get("q").unwrap_or("").to_owned();
    let sorts = vec![
        ("name", tr!(lang, "images-by-name").into_any()),
        ("since", tr!(lang, "images-by-since").into_any()),
    ];
    view! {
        <form class="filters mt-3" role="search" action=links::own(&shell.path) method="get">
            {hidden_fields(shell, &fields)}
            {search_field(&q, false, tr!(lang, "images-search"))}
            {menus}
            <span class="push"></span>
            {select("sort", tr!(lang, "board-sort"), &data.sort, sorts)}
            <button type="submit">{tr!(lang, "board-apply")}</button>
        </form>
    }
    .into_any()
}

fn row(shell: &Shell, repository: &Repository) -> AnyView {
    let lang = shell.lang();
    let running = repository.running();
    let services = repository.services();
    let used_by: Vec<AnyView> = services
        .iter()
        .take(SHOWN)
        .map(|service| {
            let href = shell.href(&links::service(&service.name));
            view! { <a href=href>{name(&service.name)}</a>" " }.into_any()
        })
        .collect();
    let differ = repository.uses.iter().filter(|one| one.differs()).count();
    let as_meant = if differ > 0 {
        status("drift", tr!(lang, "images-differ", n = differ, total = repository.uses.len()))
    } else if running.is_empty() {
        view! { <span class="q3">{tr!(lang, "images-nothing-runs")}</span> }.into_any()
    } else {
        status("ok", tr!(lang, "images-all-meant"))
    };
    view! {
        <tr data-row=format!("i-{}", repository.name)>
            <th scope="row" class="brk">{title(shell, repository)}</th>
            <td data-l=tr!(lang, "images-runs")>{tags(shell, &running)}</td>
            <td data-l=tr!(lang, "images-used-by")>{used_by}{more(shell, services.len())}</td>
            <td data-l=tr!(lang, "images-where")>{places(shell, repository)}</td>
            <td class="num" data-l=tr!(lang, "images-pods")>{number::whole(repository.pods().into(), lang)}</td>
            <td class="num" data-l=tr!(lang, "images-changed")>{repository.since().map(|t| age(&shell.clock, t))}</td>
            <td class="end">{as_meant}</td>
        </tr>
    }
    .into_any()
}

/// The path, with its registry in the second voice.
fn title(shell: &Shell, repository: &Repository) -> AnyView {
    let href = shell.href(&links::images(&repository.name));
    let (host, path) = links::host_and_path(&repository.name);
    let host = host.map(|host| view! { <span class="q3">{name(host)}"/"</span> });
    view! { {host}<a href=href>{name(path)}</a> }.into_any()
}

fn tags(shell: &Shell, running: &[Runs]) -> AnyView {
    let each: Vec<AnyView> =
        running.iter().take(SHOWN).map(|runs| view! { {one_tag(shell, runs)}" " }.into_any()).collect();
    view! { {each}{more(shell, running.len())} }.into_any()
}

fn one_tag(shell: &Shell, runs: &Runs) -> AnyView {
    let running = landfall_model::view::RunningImage {
        tag: runs.tag.clone(),
        digest: runs.digest.clone(),
        pods: runs.pods,
        ready: runs.ready,
    };
    image_tag(&running, false, shell.lang())
}

fn more(shell: &Shell, all: usize) -> Option<AnyView> {
    let rest = all.saturating_sub(SHOWN);
    (rest > 0).then(|| {
        view! { <span class="q3">{tr!(shell.lang(), "shell-silent-more", n = rest)}</span> }.into_any()
    })
}

/// Environments by name, each with how often; previews as one number.
fn places(shell: &Shell, repository: &Repository) -> AnyView {
    let lang = shell.lang();
    let mut counts: Vec<(&str, usize)> = Vec::new();
    let mut previews = 0;
    for one in &repository.uses {
        let here = &*one.environment.name;
        match counts.iter_mut().find(|(known, _)| *known == here) {
            _ if one.environment.preview => previews += 1,
            Some((_, count)) => *count += 1,
            None => counts.push((here, 1)),
        }
    }
    let mut each: Vec<AnyView> = counts
        .into_iter()
        .map(|(here, count)| {
            let times = (count > 1).then(|| format!("\u{a0}{}", number::count(count, lang)));
            view! { {environment_short(lang, here)}{times}" " }.into_any()
        })
        .collect();
    if previews > 0 {
        each.push(tr!(lang, "images-previews", n = previews).into_any());
    }
    each.into_any()
}
