//! `/images`: every repository that is used: how it stands, what runs, what was pushed last, and by which policy.

use landfall_model::{
    query::images::{NO_POLICY, Repository, Runs, Use},
    words::Standing,
};
use leptos::prelude::*;

use super::outlook::standing;
use crate::{
    components::{
        age, attribute, environment_short, hidden_fields, image_tag, name, no_match, said_plainly,
        search_field, select, tag,
    },
    data::{Images, NewestTag, Shell},
    format::number,
    links,
    shell::{Meta, Place, document},
    tr,
};

/// Tags and services of a row; the rest is counted.
const SHOWN: usize = 2;

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
        let at = data.host.as_ref().map(|host| {
            view! { " "<span class="q3">{tr!(lang, "images-all-at", host = attribute(host))}</span> }
        });
        view! {
            <h1>{tr!(lang, "images-title")}</h1>
            <p class="lead mt-1" data-part="lead">{tr!(lang, "images-lead", n = data.unfiltered)}{at}</p>
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
        return view! { {ask(data, shell)}{no_match(shell, tr!(lang, "images-no-match"))} }.into_any();
    }
    let newest = data.newest.iter().map(Option::as_ref).chain(std::iter::repeat(None));
    let rows: Vec<AnyView> =
        data.repositories.iter().zip(newest).map(|(one, newest)| row(data, shell, one, newest)).collect();
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
                <th scope="col">{tr!(lang, "board-state")}</th>
                <th scope="col">{tr!(lang, "images-runs")}</th>
                <th scope="col">{tr!(lang, "outlook-expected")}</th>
                <th scope="col">{tr!(lang, "images-newest")}</th>
                <th scope="col">{tr!(lang, "images-policy")}</th>
                <th scope="col">{tr!(lang, "images-where")}</th>
                <th scope="col" class="num">{tr!(lang, "images-pods")}</th>
                <th scope="col" class="num">{tr!(lang, "images-changed")}</th>
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
        ("state", tr!(lang, "images-by-state").into_any()),
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

fn row(data: &Images, shell: &Shell, repository: &Repository, newest: Option<&NewestTag>) -> AnyView {
    let lang = shell.lang();
    let running = repository.running();
    let newest = newest.map(|newest| {
        let pushed = newest.at.map(|at| view! { " "<span class="q3">{age(&shell.clock, at)}</span> });
        view! { {tag(&newest.tag, Some(&newest.digest), false)}{pushed} }
    });
    view! {
        <tr data-row=format!("i-{}", repository.name)>
            <th scope="row" class="brk">{title(data, shell, repository)}</th>
            <td class="nw" data-l=tr!(lang, "board-state")>{how_it_stands(shell, repository)}</td>
            <td data-l=tr!(lang, "images-runs")>{tags(shell, &running)}</td>
            <td class="nw" data-l=tr!(lang, "outlook-expected")>{expected(shell, repository)}</td>
            <td class="nw" data-l=tr!(lang, "images-newest")>{newest}</td>
            <td class="nw" data-l=tr!(lang, "images-policy")>{policies(shell, repository)}</td>
            <td data-l=tr!(lang, "images-where")>{users(shell, repository)}{places(shell, repository)}</td>
            <td class="num" data-l=tr!(lang, "images-pods")>{number::whole(repository.pods().into(), lang)}</td>
            <td class="num" data-l=tr!(lang, "images-changed")>{repository.since().map(|t| age(&shell.clock, t))}</td>
        </tr>
    }
    .into_any()
}

/// The worst of all places, in how many of them, and why.
fn how_it_stands(shell: &Shell, repository: &Repository) -> AnyView {
    let lang = shell.lang();
    let now = shell.clock.now;
    let Some((worst, one)) = repository.worst(now) else { return ().into_any() };
    let alike = repository.uses.iter().filter(|one| one.standing(now) == worst).count();
    let all = repository.uses.len();
    let count = (worst < Standing::AsMeant && all > 1).then(|| {
        view! { " "<span class="q3">{tr!(lang, "images-n-of", n = alike, total = all)}</span> }
    });
    let outlook = one.image().outlook.as_deref().filter(|_| worst < Standing::AsMeant);
    let why = outlook.map(|outlook| {
        let summary = outlook.summary_at(now);
        said_plainly(lang, &summary.text, summary.phrase.as_deref())
    });
    view! { <span title=why>{standing(lang, worst)}{count}</span> }.into_any()
}

/// What should run, where that is not what runs; previews have builds of their own.
fn expected(shell: &Shell, repository: &Repository) -> AnyView {
    let mut tags: Vec<AnyView> = Vec::new();
    let mut known: Vec<&str> = Vec::new();
    let mut fine = false;
    for one in repository.uses.iter().filter(|one| !one.environment.preview) {
        let Some(outlook) = one.image().outlook.as_deref() else { continue };
        let Some(expected) = outlook.expected.as_ref() else { continue };
        if !outlook.is_behind() {
            fine = true;
        } else if !known.contains(&&*expected.tag) && known.len() < SHOWN {
            known.push(&expected.tag);
            tags.push(view! { {tag(&expected.tag, Some(&expected.digest), false)}" " }.into_any());
        }
    }
    if tags.is_empty() && fine {
        return view! { <span class="q3">{tr!(shell.lang(), "images-expected-runs")}</span> }.into_any();
    }
    tags.into_any()
}

/// How it is kept up to date, each way once.
fn policies(shell: &Shell, repository: &Repository) -> AnyView {
    let mut all: Vec<&str> = repository.uses.iter().map(Use::policy).collect();
    all.sort_unstable();
    all.dedup();
    all.retain(|policy| *policy != NO_POLICY);
    if all.is_empty() {
        return view! { <span class="q3">{tr!(shell.lang(), "images-by-hand")}</span> }.into_any();
    }
    view! { <span class="mono">{all.join(" ")}</span> }.into_any()
}

/// The services that use it, where the repository is not called like the only one.
fn users(shell: &Shell, repository: &Repository) -> Option<AnyView> {
    let services = repository.services();
    let called = repository.name.rsplit('/').next().unwrap_or_default();
    if services.len() == 1 && services.first().is_some_and(|service| &*service.name == called) {
        return None;
    }
    let each: Vec<AnyView> = services
        .iter()
        .take(SHOWN)
        .map(|service| {
            let href = shell.href(&links::service(&service.name));
            view! { <a href=href>{name(&service.name)}</a>" " }.into_any()
        })
        .collect();
    Some(view! { {each}{more(shell, services.len())}" " }.into_any())
}

/// The path, with its registry in the second voice where there are several.
fn title(data: &Images, shell: &Shell, repository: &Repository) -> AnyView {
    let href = shell.href(&links::images(&repository.name));
    let (host, path) = links::host_and_path(&repository.name);
    let host =
        host.filter(|_| data.host.is_none()).map(|host| view! { <span class="q3">{name(host)}"/"</span> });
    view! { {host}<a href=href>{name(path)}</a> }.into_any()
}

fn tags(shell: &Shell, running: &[Runs]) -> AnyView {
    let each: Vec<AnyView> =
        running.iter().take(SHOWN).map(|runs| view! { {one_tag(shell, runs)}" " }.into_any()).collect();
    view! { {each}{more(shell, running.len())} }.into_any()
}

pub(super) fn one_tag(shell: &Shell, runs: &Runs) -> AnyView {
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
