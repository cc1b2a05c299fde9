//! One repository: what of it runs where, and what ran.

use landfall_model::query::images::Runs;
use leptos::prelude::*;

use super::{compare, list::one_tag, outlook, pick, ran, sightings};
use crate::{
    components::{
        age_at_least, changes, copy_button, digest, environment_name, external, name, no_history, status,
        tag_digest,
    },
    data::{RepositoryPage, Shell},
    format::number,
    lang::{FluentValue, rich},
    links::{self, Params},
    pages::service::{card_line, plain_environment},
    shell::{Card, Meta, Place, document_with},
    tr,
};

/// Places of one tag that are named; the rest is counted.
const PLACES: usize = 12;
/// Changes in the table.
const CHANGES: usize = 50;

/// One repository as a document.
pub fn repository(data: &RepositoryPage, shell: &Shell) -> String {
    let repository = &data.repository;
    let meta = Meta {
        title: crate::components::attribute(&repository.name),
        place: Place::Images,
        class: "p-image",
        twin: Some(format!("/api/v1{}", links::images(&repository.name))),
        csv: None,
        live: vec!["service/".to_owned()],
    };
    let (_, path) = links::host_and_path(&repository.name);
    let title = tr!(shell.lang(), "card-image", name = crate::components::attribute(path));
    let card = Card::of_now(shell, title, card_lines(data, shell));
    document_with(shell, &meta, card.as_ref(), || {
        view! {
            {headline(data, shell)}
            {outlook::verdict(data, shell)}
            {outlook::table(data, shell)}
            {drawn(data, shell)}
            {sightings::sightings(data, shell)}
            {pick::policies(data, shell)}
            {running(data, shell)}
            {uses(data, shell)}
            {compare::compare(data, shell)}
            {history(data, shell)}
        }
        .into_any()
    })
}

/// What runs in each lasting environment.
fn card_lines(data: &RepositoryPage, shell: &Shell) -> Vec<String> {
    let lasting = data.repository.uses.iter().filter(|one| !one.environment.preview);
    let line = |one: &landfall_model::query::images::Use| {
        let e = &one.environment;
        let is_silent =
            |source: &landfall_model::Text| shell.sources.silent.iter().any(|s| s.name == *source);
        let name =
            format!("{} {}", crate::components::attribute(&e.service), plain_environment(shell, &e.name));
        card_line(shell, &name, e.state, e.sources.iter().any(is_silent), Some(one.image()))
    };
    lasting.take(4).map(line).collect()
}

fn headline(data: &RepositoryPage, shell: &Shell) -> AnyView {
    let lang = shell.lang();
    let repository = &data.repository;
    let (host, path) = links::host_and_path(&repository.name);
    let host = host.map(|host| view! { " / "{name(host)} });
    let bold = |inner: AnyView| view! { <b>{inner}</b> }.into_any();
    let services = repository.services();
    let environments = repository.uses.iter().filter(|one| !one.environment.preview).count();
    let args = [
        ("tags", FluentValue::from(repository.running().len())),
        ("pods", FluentValue::from(repository.pods())),
        ("services", FluentValue::from(services.len())),
        ("environments", FluentValue::from(environments)),
        ("previews", FluentValue::from(repository.uses.len() - environments)),
    ];
    let at_registry = links::image(&shell.links, &repository.name, None, None)
        .map(|to| external(Some(to), tr!(lang, "service-at-registry")));
    let only = match services.as_slice() {
        [one] => Some(
            view! { <a href=shell.href(&links::service(&one.name))>{tr!(lang, "board-col-service")}</a> },
        ),
        _ => None,
    };
    view! {
        <p class="crumb"><a href=shell.href("/images")>{tr!(lang, "nav-images")}</a>{host}</p>
        <div class="headline"><h1 class="brk">{name(path)}</h1><span class="links">{only}{at_registry}</span></div>
        <p class="lead mt-1" data-part="lead">{rich(lang, "images-one-lead", &args, &[("b", &bold)])}</p>
    }
    .into_any()
}

/// Each tag with its digest, and where it runs.
fn running(data: &RepositoryPage, shell: &Shell) -> AnyView {
    let lang = shell.lang();
    let running = data.repository.running();
    let rows: Vec<AnyView> = running.iter().map(|runs| row(data, shell, runs)).collect();
    let body = if rows.is_empty() {
        view! { <p class="q">{tr!(lang, "images-nothing-runs")}</p> }.into_any()
    } else {
        view! {
            <table class="t quiet flow">
                <caption class="vh">{tr!(lang, "images-running")}</caption>
                <thead><tr>
                    <th scope="col">{tr!(lang, "board-col-tag")}</th>
                    <th scope="col">{tr!(lang, "images-digest")}</th>
                    <th scope="col">{tr!(lang, "images-where")}</th>
                    <th scope="col" class="num">{tr!(lang, "images-pods")}</th>
                </tr></thead>
                <tbody>{rows}</tbody>
            </table>
        }
        .into_any()
    };
    view! {
        <section aria-labelledby="h-r" data-part="running">
            <header><h2 id="h-r">{tr!(lang, "images-running")}</h2><span class="asof">{tr!(lang, "images-running-how")}</span></header>
            {body}
        </section>
    }
    .into_any()
}

fn row(data: &RepositoryPage, shell: &Shell, runs: &Runs) -> AnyView {
    let lang = shell.lang();
    let hash = runs.digest.as_deref().map(|d| {
        let whole = format!("{}@{d}", data.repository.name);
        view! { {digest(d)}{copy_button(lang, &whole)} }
    });
    let places: Vec<AnyView> = runs
        .uses
        .iter()
        .take(PLACES)
        .enumerate()
        .map(|(nth, (at, pods))| {
            let one = &data.repository.uses[*at];
            let href = shell.href(&links::service(&one.service.name));
            let comma = if nth > 0 { tr!(lang, "list-comma") } else { "".into() };
            let pods = tr!(lang, "images-pods-n", n = *pods);
            view! { {comma}<a href=href>{name(&one.service.name)}</a>" "{environment_name(lang, &one.environment.name)}" "<span class="q3">{pods}</span> }
                .into_any()
        })
        .collect();
    let rest = runs.uses.len().saturating_sub(PLACES);
    let rest =
        (rest > 0).then(|| view! { " "<span class="q3">{tr!(lang, "shell-silent-more", n = rest)}</span> });
    view! {
        <tr data-row=format!("r-{}-{}", runs.tag.as_deref().unwrap_or_default(), runs.digest.as_deref().unwrap_or_default())>
            <th scope="row">{one_tag(shell, runs)}</th>
            <td data-l=tr!(lang, "images-digest")>{hash}</td>
            <td class="full">{places}{rest}</td>
            <td class="num" data-l=tr!(lang, "images-pods")>{number::whole(runs.pods.into(), lang)}</td>
        </tr>
    }
    .into_any()
}

/// Each environment: what is meant there, whether that runs, since when.
fn uses(data: &RepositoryPage, shell: &Shell) -> AnyView {
    let lang = shell.lang();
    let rows: Vec<AnyView> = data
        .repository
        .uses
        .iter()
        .map(|one| {
            let image = one.image();
            let meant: Vec<AnyView> =
                image.meant.iter().take(4).map(|m| view! { {tag_digest(m, lang)}" " }.into_any()).collect();
            let runs = if one.differs() {
                status("drift", tr!(lang, "service-differs"))
            } else if image.running.is_empty() {
                view! { <span class="q3">{tr!(lang, "images-nothing-runs")}</span> }.into_any()
            } else {
                status("ok", tr!(lang, "service-same"))
            };
            let since = image.since.map(|t| age_at_least(&shell.clock, t, image.since_exact));
            let second = (!one.is_primary()).then(|| {
                view! { " "<span class="q3">{image.containers.join(", ")}</span> }
            });
            let href = shell.href(&links::service(&one.service.name));
            view! {
                <tr data-row=format!("u-{}", one.environment.id)>
                    <th scope="row"><a href=href>{name(&one.service.name)}</a>{second}</th>
                    <td>{environment_name(lang, &one.environment.name)}</td>
                    <td data-l=tr!(lang, "service-meant")>{meant}</td>
                    <td>{runs}</td>
                    <td class="num" data-l=tr!(lang, "board-col-for")>{since}</td>
                </tr>
            }
            .into_any()
        })
        .collect();
    view! {
        <section aria-labelledby="h-u" data-part="uses">
            <header><h2 id="h-u">{tr!(lang, "images-uses")}</h2></header>
            <table class="t quiet flow">
                <caption class="vh">{tr!(lang, "images-uses")}</caption>
                <thead><tr>
                    <th scope="col">{tr!(lang, "board-col-service")}</th>
                    <th scope="col">{tr!(lang, "board-environment")}</th>
                    <th scope="col">{tr!(lang, "service-meant")}</th>
                    <th scope="col">{tr!(lang, "images-as-meant")}</th>
                    <th scope="col" class="num">{tr!(lang, "board-col-for")}</th>
                </tr></thead>
                <tbody>{rows}</tbody>
            </table>
        </section>
    }
    .into_any()
}

/// What was pushed and what ran, drawn.
fn drawn(data: &RepositoryPage, shell: &Shell) -> AnyView {
    let lang = shell.lang();
    if data.missing.is_some() || data.changes.is_empty() {
        return ().into_any();
    }
    view! {
        <section aria-labelledby="h-d" data-part="drawn">
            <header><h2 id="h-d">{tr!(lang, "images-ran")}</h2><span class="asof">{tr!(lang, "images-ran-how")}</span></header>
            {ran::drawing(data, shell)}
        </section>
    }
    .into_any()
}

/// Changes of what ran, as a table.
fn history(data: &RepositoryPage, shell: &Shell) -> AnyView {
    let lang = shell.lang();
    let body = match data.missing {
        Some(why) => no_history(lang, why),
        None if data.changes.is_empty() => {
            view! { <p class="q">{tr!(lang, "images-never-changed")}</p> }.into_any()
        }
        None => {
            let shown = &data.changes[..data.changes.len().min(CHANGES)];
            changes(shell, tr!(lang, "images-changes"), shown).into_any()
        }
    };
    let all = data
        .repository
        .services()
        .iter()
        .fold(shell.params.view().with("kind", "image"), |all: Params, one| all.toggled("service", &one.name))
        .on("/history");
    view! {
        <section aria-labelledby="h-h" data-part="ran">
            <header>
                <h2 id="h-h">{tr!(lang, "images-changes")}</h2>
                <span class="asof">{tr!(lang, "images-changes-how")}</span>
                <a class="push sm" href=all>{tr!(lang, "service-all-history")}</a>
            </header>
            {body}
        </section>
    }
    .into_any()
}
