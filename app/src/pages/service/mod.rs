//! `/services/{name}`: what runs where, is it what was meant, what to do, and how it came to be.

use leptos::prelude::*;

use crate::{
    components::{attribute, environment_name, external, finding_article, name, state, status},
    data::{ServicePage, Shell},
    links::{self, External, Params},
    shell::{Card, Meta, Place, document_with},
    tr,
};

mod badges;
mod facts;
mod previews;
mod timeline;
mod verdict;
mod workloads;

pub(in crate::pages) use timeline::timeline_of;

/// One service as a document.
pub fn service(data: &ServicePage, shell: &Shell) -> String {
    let service = &data.service;
    let meta = Meta {
        title: attribute(&service.name),
        place: Place::Service,
        class: "p-service",
        twin: Some(format!("/api/v1{}", links::service(&service.name))),
        csv: None,
        live: vec![format!("service/{}", service.name), "source/".to_owned()],
    };
    let each = data.environments().into_iter().map(|e| {
        let stale = data.snapshot.is_stale(e);
        card_line(shell, &plain_environment(shell, &e.name), e.state, stale, e.image.as_ref())
    });
    let title = tr!(shell.lang(), "card-service", name = attribute(&service.name));
    let card = Card::of_now(shell, title, each);
    document_with(shell, &meta, card.as_ref(), || {
        let environments = data.environments();
        view! {
            {crumb(data, shell)}
            {headline(data, shell)}
            {verdict::verdict(data, shell)}
            <div class="cols mt-4">
                <div>
                    {facts::facts(data, shell, &environments)}
                    {workloads::workloads(data, shell, &environments)}
                </div>
                <div>
                    {findings(data, shell)}
                    {previews::previews(data, shell)}
                    {badges::badges(data, shell)}
                </div>
            </div>
            {timeline::timeline(data, shell)}
        }
        .into_any()
    })
}

fn crumb(data: &ServicePage, shell: &Shell) -> AnyView {
    let lang = shell.lang();
    let team = data.service.owner.as_ref().map(|team| {
        let href = shell.params.view().with("team", team).on("/");
        view! { " / "<a href=href>{name(team)}</a> }
    });
    view! { <p class="crumb"><a href=shell.href("/")>{tr!(lang, "nav-board")}</a>{team}</p> }.into_any()
}

/// Name, the state in each environment, and the doors to other systems.
fn headline(data: &ServicePage, shell: &Shell) -> AnyView {
    let lang = shell.lang();
    let environments = data.environments();
    let states: Vec<AnyView> = environments
        .iter()
        .map(|e| {
            let stale = data.snapshot.is_stale(e);
            view! { <span class="nw"><span class="q3 sm">{environment_name(lang, &e.name)}" "</span>{state(lang, e.state, stale)}</span> }.into_any()
        })
        .collect();
    let repository = data.service.repository.as_deref().and_then(links::repository);
    let repository = repository.map(|to| external(Some(to), tr!(lang, "service-repository")));
    let argocd: Vec<AnyView> = environments
        .iter()
        .filter_map(|e| {
            let to = application(shell, &e.instance, &e.application)?;
            Some(view! { {external(Some(to), tr!(lang, "service-argocd", environment = plain_environment(shell, &e.name)))} }.into_any())
        })
        .collect();
    let history = shell.params.view().with("service", &data.service.name).on("/history");
    view! {
        <div class="headline">
            <h1>{name(&data.service.name)}</h1>
            {states}
            <span class="links">{repository}{argocd}<a href=history>{tr!(lang, "nav-history")}</a></span>
        </div>
    }
    .into_any()
}

/// `production healthy 20231127-170000`, for the preview of a link.
pub(in crate::pages) fn card_line(
    shell: &Shell,
    environment: &str,
    of: landfall_model::words::State,
    stale: bool,
    image: Option<&landfall_model::view::ImageView>,
) -> String {
    let word = crate::components::state_word(shell.lang(), of).into_owned();
    let word = if stale { tr!(shell.lang(), "state-was", state = word).into_owned() } else { word };
    let running = image.and_then(|image| image.running.first()?.tag.as_deref());
    let tag = running.map(|tag| format!(" {}", attribute(tag))).unwrap_or_default();
    format!("{environment} {word}{tag}")
}

/// An environment's name inside a text.
pub(in crate::pages) fn plain_environment(shell: &Shell, environment: &str) -> String {
    let lang = shell.lang();
    match environment {
        "production" => tr!(lang, "environment-production").into_owned(),
        "staging" => tr!(lang, "environment-staging").into_owned(),
        "development" => tr!(lang, "environment-development").into_owned(),
        other => attribute(other),
    }
}

/// An Application's page in its Argo CD.
pub(in crate::pages) fn application(shell: &Shell, instance: &str, application: &str) -> Option<External> {
    let url = shell.links.argocd.get(instance)?;
    let (namespace, name) = application.split_once('/')?;
    External::parse(&format!("{url}/applications/{}/{}", links::segment(namespace), links::segment(name)))
}

fn findings(data: &ServicePage, shell: &Shell) -> AnyView {
    let lang = shell.lang();
    let closed =
        Params::default().with("service", &data.service.name).with("state", "closed").on("/findings");
    let body = if data.findings.is_empty() {
        view! { <p>{status("ok", tr!(lang, "findings-none"))}</p> }.into_any()
    } else {
        data.findings.iter().map(|finding| finding_article(shell, finding)).collect::<Vec<_>>().into_any()
    };
    view! {
        <section aria-labelledby="h-f" data-part="findings">
            <header>
                <h2 id="h-f">{tr!(lang, "findings-title")}</h2>
                <span class="asof">{tr!(lang, "findings-order")}</span>
                <a class="push sm" href=closed>{tr!(lang, "findings-closed")}</a>
            </header>
            {body}
        </section>
    }
    .into_any()
}
