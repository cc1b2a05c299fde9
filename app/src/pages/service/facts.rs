//! Environments beside each other, fact by fact, each with where it comes from.

use std::sync::Arc;

use landfall_model::{
    observe::Operation,
    view::{Environment, ImageView, RunningImage, TagDigest},
    words::Phase,
};
use leptos::prelude::*;

use super::application;
use crate::{
    components::{
        age, age_at_least, as_of, attribute, confirmed, copy_button, digest, environment_name, external,
        external_text, heard, image_tag, mapped_by, name, outside, said, source_link, state, status,
        tag_digest,
    },
    data::{ServicePage, Shell},
    lang::Lang,
    links, tr,
};

type Fact<'a> = &'a dyn Fn(&Environment) -> AnyView;

pub(super) fn facts(data: &ServicePage, shell: &Shell, environments: &[&Arc<Environment>]) -> AnyView {
    let lang = shell.lang();
    if environments.is_empty() {
        return ().into_any();
    }
    let heads: Vec<AnyView> = environments
        .iter()
        .map(|e| {
            let changed = data
                .changed
                .contains(&e.id)
                .then(|| view! { " "{status("newer", tr!(lang, "since-changed"))} });
            view! { <th scope="col">{environment_name(lang, &e.name)}{changed}</th> }.into_any()
        })
        .collect();
    let row =
        |label: std::borrow::Cow<'static, str>, source: std::borrow::Cow<'static, str>, fact: Fact<'_>| {
            let cells: Vec<AnyView> =
                environments.iter().map(|e| view! { <td class="wrap">{fact(e)}</td> }.into_any()).collect();
            let source = (!source.is_empty()).then(|| view! { <br/><span class="sm">{source}</span> });
            view! { <tr><th scope="row" class="lo">{label}{source}</th>{cells}</tr> }.into_any()
        };
    let none = std::borrow::Cow::Borrowed("");
    let clock = &shell.clock;
    let has_urls = environments.iter().any(|e| !e.urls.is_empty());
    let has_conditions = environments.iter().any(|e| !e.conditions.is_empty() || e.deleting_since.is_some());
    let mut rows: Vec<AnyView> = vec![
        row(tr!(lang, "service-state"), none.clone(), &|e| {
            let stale = data.snapshot.is_stale(e);
            let since = e.since.map(|t| view! { " "{age_at_least(clock, t, e.since_exact)} });
            let why = e
                .why
                .as_deref()
                .map(|w| view! { <p class="q sm">{said(lang, w, e.why_phrase.as_deref())}</p> });
            view! { <p>{state(lang, e.state, stale)}{since}</p>{why} }.into_any()
        }),
        row(tr!(lang, "service-running"), tr!(lang, "service-running-from"), &|e| running(shell, e)),
        row(tr!(lang, "service-meant"), tr!(lang, "service-meant-from"), &|e| {
            e.image.as_ref().map(|i| compared(lang, &i.meant, i)).into_any()
        }),
        row(tr!(lang, "service-reported"), tr!(lang, "service-reported-from"), &|e| {
            e.image.as_ref().map(|i| compared(lang, &i.reported, i)).into_any()
        }),
        row(tr!(lang, "service-says"), none.clone(), &|e| {
            let sync = e.sync.map_or("–", landfall_model::words::SyncStatus::as_str);
            let health = e.health.map_or("–", landfall_model::words::Health::as_str);
            let words = format!("{sync}, {health}");
            let differing = (e.objects_out_of_sync > 0).then(|| {
                let text = tr!(lang, "service-objects", n = e.objects_out_of_sync, total = e.objects);
                view! { <p class="q sm">{text}</p> }
            });
            view! { <p>{words}</p>{differing} }.into_any()
        }),
        row(tr!(lang, "service-operation"), none.clone(), &|e| operation(shell, e.operation.as_ref())),
        row(tr!(lang, "service-revision"), none.clone(), &|e| revision(shell, e)),
        row(tr!(lang, "service-pods"), none.clone(), &|e| {
            let (ready, desired) = e.replicas();
            tr!(lang, "service-of", n = ready, total = desired).into_any()
        }),
        row(tr!(lang, "service-auto"), none.clone(), &|e| match e.auto_sync {
            Some(true) => tr!(lang, "service-auto-on").into_any(),
            Some(false) => tr!(lang, "service-auto-off").into_any(),
            None => view! { <span class="q3">{tr!(lang, "service-auto-never")}</span> }.into_any(),
        }),
        row(tr!(lang, "service-place"), none.clone(), &|e| {
            let cluster = e.cluster.as_deref().unwrap_or("–");
            let namespace = e.namespace.as_deref().unwrap_or("–");
            view! { <span class="mono" title=mapped_by(lang, e)>{name(cluster)}" / "{name(namespace)}</span> }
                .into_any()
        }),
        row(tr!(lang, "service-application"), none.clone(), &|e| match application(
            shell,
            &e.instance,
            &e.application,
        ) {
            Some(to) => external(Some(to), attribute(&e.application)),
            None => name(&e.application),
        }),
    ];
    if environments.iter().any(|e| e.image.as_ref().is_some_and(|image| image.outlook.is_some())) {
        let expected = row(tr!(lang, "outlook-expected"), tr!(lang, "service-expected-from"), &|e| {
            e.image.as_ref().map(|image| crate::pages::images::expected(shell, image)).into_any()
        });
        // Beside what runs.
        rows.insert(2, expected);
    }
    if has_urls {
        rows.push(row(tr!(lang, "service-addresses"), none.clone(), &|e| {
            e.urls
                .iter()
                .take(5)
                .map(|url| view! { <p>{external_text(url)}</p> }.into_any())
                .collect::<Vec<_>>()
                .into_any()
        }));
    }
    if has_conditions {
        rows.push(row(tr!(lang, "service-conditions"), none.clone(), &|e| conditions(shell, e)));
    }
    rows.push(row(tr!(lang, "service-data-age"), none, &|e| {
        let each: Vec<AnyView> = e
            .sources
            .iter()
            .map(|source| {
                let last = confirmed(shell, &data.snapshot, [source]);
                view! { <p>{source_link(shell, source)}{heard(shell, last)}</p> }.into_any()
            })
            .collect();
        each.into_any()
    }));
    let sources: Vec<_> = {
        let mut all: Vec<_> = environments.iter().flat_map(|e| e.sources.iter().cloned()).collect();
        all.sort();
        all.dedup();
        all
    };
    let oldest = confirmed(shell, &data.snapshot, &sources);
    view! {
        <section aria-labelledby="h-e" data-part="facts">
            <header><h2 id="h-e">{tr!(lang, "service-environments")}</h2>{as_of(shell, &sources, oldest)}</header>
            <div class="scroll" tabindex="0" role="group" aria-labelledby="h-e">
                <table class="t envs">
                    <caption class="vh">{tr!(lang, "service-environments-caption")}</caption>
                    <thead><tr><th scope="col"><span class="vh">{tr!(lang, "service-fact")}</span></th>{heads}</tr></thead>
                    <tbody>{rows}</tbody>
                </table>
            </div>
            {others(shell, environments)}
        </section>
    }
    .into_any()
}

/// What pods report, each set with how many run it.
fn running(shell: &Shell, environment: &Environment) -> AnyView {
    let lang = shell.lang();
    let Some(image) = &environment.image else {
        return view! { <span class="q3">{tr!(lang, "no-tag")}</span> }.into_any();
    };
    let total: u32 = image.running.iter().map(|r| r.pods).sum();
    let each: Vec<AnyView> =
        image.running.iter().take(6).map(|running| one(shell, image, running, total)).collect();
    let since = image.since.map(|t| view! { <p class="q3 sm">{tr!(lang, "service-since")}" "{age_at_least(&shell.clock, t, image.since_exact)}</p> });
    view! { {each}{since} }.into_any()
}

fn one(shell: &Shell, image: &ImageView, running: &RunningImage, total: u32) -> AnyView {
    let lang = shell.lang();
    let copy = running.digest.as_deref().map(|d| copy_button(lang, &format!("{}@{d}", image.repository)));
    let d = running.digest.as_deref().filter(|_| running.tag.is_some()).map(|d| view! { " "{digest(d)} });
    let pods = (image.running.len() > 1).then(|| {
        view! { " "<span class="q3">{tr!(lang, "service-pods-of", n = running.pods, total = total)}</span> }
    });
    let tag = running.tag.as_deref();
    let at = links::image(&shell.links, &image.repository, tag, running.digest.as_deref())
        .map(|to| view! { " "{external(Some(to), tr!(lang, "service-at-registry"))} });
    view! { <p>{image_tag(running, false, lang)}{d}{copy}{pods}{at}</p> }.into_any()
}

/// Tags that somebody names, each with whether that is what runs.
fn compared(lang: Lang, named: &[TagDigest], image: &ImageView) -> AnyView {
    if named.is_empty() {
        return view! { <span class="q3">{tr!(lang, "unknown")}</span> }.into_any();
    }
    let each: Vec<AnyView> = named
        .iter()
        .take(4)
        .map(|one| {
            let runs = image.running.iter().any(|r| match (&one.digest, &r.digest) {
                (Some(a), Some(b)) if one.tag.is_none() || r.tag.is_none() => a == b,
                _ => one.tag == r.tag,
            });
            let mark = match (runs, image.running.is_empty()) {
                (_, true) => None,
                (true, false) => Some(status("ok", tr!(lang, "service-same"))),
                (false, false) => Some(status("drift", tr!(lang, "service-differs"))),
            };
            view! { <p>{tag_digest(one, lang)}" "{mark}</p> }.into_any()
        })
        .collect();
    each.into_any()
}

fn operation(shell: &Shell, operation: Option<&Operation>) -> AnyView {
    let lang = shell.lang();
    let Some(operation) = operation else {
        return view! { <span class="q3">{tr!(lang, "none")}</span> }.into_any();
    };
    let glyph = match operation.phase {
        Phase::Succeeded => "ok",
        Phase::Running | Phase::Terminating => "move",
        Phase::Failed | Phase::Error => "bad",
    };
    let when = operation.finished_at.or(operation.started_at).map(|t| view! { " "{age(&shell.clock, t)} });
    let who = operation
        .initiated_by
        .as_deref()
        .map(|who| view! { <p class="q sm">{tr!(lang, "service-by")}" "{name(who)}</p> });
    let retries = (operation.retries > 0)
        .then(|| view! { <p class="q sm">{tr!(lang, "service-retries", n = operation.retries)}</p> });
    let message = operation.message.as_deref().filter(|_| operation.phase != Phase::Succeeded).map(|m| {
        view! { <p class="q sm brk">{outside(m, lang)}</p> }
    });
    view! { <p>{status(glyph, operation.phase.as_str())}{when}</p>{who}{retries}{message} }.into_any()
}

/// What was deployed last, from where; and what is compared, where that is another.
fn revision(shell: &Shell, environment: &Environment) -> AnyView {
    let lang = shell.lang();
    let each: Vec<AnyView> = environment
        .manifests
        .iter()
        .enumerate()
        .filter(|(_, manifest)| manifest.reference.is_none() || environment.manifests.len() == 1)
        .take(5)
        .map(|(at, manifest)| {
            let deployed = environment.deployed.get(at).or_else(|| environment.compared.get(at));
            let compared = environment.compared.get(at).filter(|c| environment.deployed.get(at).is_some_and(|d| d != *c));
            let commit = deployed.map(|revision| {
                let shown = if links::is_commit(revision) { revision[..8].to_owned() } else { attribute(revision) };
                view! { <span class="mono" title=attribute(revision)>{external(links::commit(&shell.links, &manifest.repo_url, revision), shown)}</span> }
            });
            let ahead = compared
                .zip(deployed)
                .and_then(|(to, from)| links::compare(&shell.links, &manifest.repo_url, from, to))
                .map(|to| view! { " "{external(Some(to), tr!(lang, "service-compare"))} });
            let place = manifest.path.as_deref().or(manifest.chart.as_deref()).unwrap_or("");
            let target = manifest.target_revision.as_deref().map(|t| view! { "@"{name(t)} });
            view! { <p>{commit}{ahead}</p><p class="q3 sm mono brk">{name(place)}{target}</p> }.into_any()
        })
        .collect();
    let when = environment.deployed_at.map(|t| {
        view! { <p class="q3 sm">{tr!(lang, "service-deployed")}" "{age(&shell.clock, t)}</p> }
    });
    view! { {each}{when} }.into_any()
}

fn conditions(shell: &Shell, environment: &Environment) -> AnyView {
    let lang = shell.lang();
    let each: Vec<AnyView> = environment
        .conditions
        .iter()
        .take(5)
        .map(|c| {
            let since = c.since.map(|t| view! { " "{age(&shell.clock, t)} });
            view! { <p><b>{name(&c.kind)}</b>{since}</p><p class="q sm brk">{outside(&c.message, lang)}</p> }
                .into_any()
        })
        .collect();
    let deleting = environment.deleting_since.map(|t| {
        let finalizers = environment.finalizers.iter().map(|f| attribute(f)).collect::<Vec<_>>().join(", ");
        view! { <p>{status("move", tr!(lang, "service-deleting"))}" "{age(&shell.clock, t)}</p><p class="q sm brk">{finalizers}</p> }
    });
    if each.is_empty() && deleting.is_none() {
        return view! { <span class="q3">{tr!(lang, "none")}</span> }.into_any();
    }
    view! { {deleting}{each} }.into_any()
}

/// Images beside the primary one.
fn others(shell: &Shell, environments: &[&Arc<Environment>]) -> AnyView {
    let lang = shell.lang();
    let each: Vec<AnyView> = environments
        .iter()
        .flat_map(|e| e.other_images.iter().map(move |image| (e, image)))
        .take(12)
        .map(|(e, image)| {
            let tags: Vec<AnyView> = image.running.iter().take(3).map(|r| view! { {image_tag(r, false, lang)}" " }.into_any()).collect();
            view! { <li>{environment_name(lang, &e.name)}": "<span class="mono brk">{name(&image.repository)}</span>" "{tags}</li> }.into_any()
        })
        .collect();
    let chosen = environments.iter().find_map(|e| e.image.as_ref()).map(|image| {
        view! { <p class="sm q3 mt-2">{tr!(lang, "service-primary")}" "<a class="mono brk" href=shell.href(&links::images(&image.repository))>{name(&image.repository)}</a></p> }
    });
    let list = (!each.is_empty()).then(|| {
        let title = tr!(lang, "board-more-images", n = each.len());
        view! { <details class="mt-1 sm q"><summary>{title}</summary><ul>{each}</ul></details> }
    });
    view! { {chosen}{list} }.into_any()
}
