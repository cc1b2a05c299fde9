//! One service of the matrix.

use std::sync::Arc;

use landfall_model::{
    view::{Environment, Service},
    words::State,
};
use leptos::prelude::*;

use crate::{
    components::{
        age_at_least, attribute, environment_name, environment_short, mapped_by, name, rule_link,
        running_tag, said, state, status, summary,
    },
    data::{Board, Column, Shell},
    links, tr,
};

pub(super) fn row(data: &Board, shell: &Shell, service: &Arc<Service>, previews: bool) -> AnyView {
    let href = shell.href(&links::service(&service.name));
    let cells: Vec<AnyView> = data.columns.iter().map(|column| cell(data, shell, service, column)).collect();
    let previews = previews.then(|| preview_count(shell, service));
    view! {
        <tr data-row=service.name.to_string()>
            <th scope="row" class="c-svc"><a href=href title=attribute(&service.name)>{name(&service.name)}</a></th>
            {cells}
            {previews}
            <td class="c-way">{why(data, shell, service)}</td>
        </tr>
    }
    .into_any()
}

fn cell(data: &Board, shell: &Shell, service: &Service, column: &Column) -> AnyView {
    let lang = shell.lang();
    let mut here: Vec<&Arc<Environment>> =
        service.environments.iter().filter(|e| !e.preview && e.name == column.name).collect();
    // Names are not unique over Argo CD instances: the worst is shown, the others are counted.
    here.sort_by_key(|e| e.state);
    let label = view! { <span class="lbl">{environment_short(lang, &column.name)}</span> };
    let Some(environment) = here.first() else {
        // `off`: on narrow screens, where each environment takes a place of its own, nothing takes none.
        return view! { <td class="e off"><div class="cell">{label}<span class="c-tag off">{tr!(lang, "board-no-state")}</span></div></td> }
            .into_any();
    };
    let stale = data.snapshot.is_stale(environment);
    let more_here = here.len() - 1;
    let more = (more_here > 0).then(|| {
        let title = tr!(lang, "board-more-instances", n = more_here);
        view! { " "<span class="q3" title=title>"×"{here.len()}</span> }
    });
    let kinds = environment.image.as_ref().map_or(0, |i| i.running.len());
    let mixed = (kinds > 1).then(|| {
        let title = tr!(lang, "board-mixed", n = kinds);
        view! { " "<span class="q3" title=title>"+"{kinds - 1}</span> }
    });
    let newer = environment.image.as_ref().and_then(|image| crate::pages::images::newer(shell, image));
    let since = environment.since.map(|t| age_at_least(&shell.clock, t, environment.since_exact));
    view! {
        <td class="e" title=mapped_by(lang, environment)><div class="cell">
            {label}
            <span class="c-tag">{running_tag(environment.image.as_ref(), stale, lang)}{newer}{mixed}{more}</span>
            <span>{state(lang, environment.state, stale)}</span>
            <span class="age">{since}</span>
        </div></td>
    }
    .into_any()
}

fn preview_count(shell: &Shell, service: &Service) -> AnyView {
    let n = service.previews().count();
    if n == 0 {
        return view! { <td class="c-prev"></td> }.into_any();
    }
    let href = shell.params.view().with("service", &service.name).on("/previews");
    let label = tr!(shell.lang(), "board-col-previews");
    view! { <td class="c-prev"><span class="lbl">{label}</span><a href=href>{n}</a></td> }.into_any()
}

/// Why it needs a look: the worst finding, else the reason of the worst state, else what is silent.
fn why(data: &Board, shell: &Shell, service: &Service) -> AnyView {
    let lang = shell.lang();
    let changed: Vec<AnyView> = service
        .environments
        .iter()
        .filter(|e| data.changed.contains(&e.id))
        .map(|e| {
            view! { {status("newer", tr!(lang, "since-changed"))}" "{environment_name(lang, &e.name)}" " }
                .into_any()
        })
        .collect();
    let text = if let Some(finding) = data.worst.get(&service.name) {
        Some(
            view! { <span class="lines">{rule_link(shell, finding.rule)}" "{summary(lang, finding)}</span> }
                .into_any(),
        )
    } else {
        let worst = service
            .environments
            .iter()
            .filter(|e| !e.preview && e.state != State::Healthy)
            .min_by_key(|e| e.state);
        worst
            .and_then(|e| Some(said(lang, e.why.as_deref()?, e.why_phrase.as_deref())))
            .map(|why| view! { <span class="lines">{why}</span> }.into_any())
    };
    let silent =
        service.environments.iter().filter(|e| !e.preview && data.snapshot.is_stale(e)).find_map(|e| {
            e.sources
                .iter()
                .find(|name| data.snapshot.sources.get(*name).is_none_or(|s| s.state.is_untrusted()))
        });
    let silent = silent.filter(|_| text.is_none()).map(|source| {
        let age = data
            .snapshot
            .sources
            .get(source)
            .and_then(|s| s.last_success)
            .map(|t| format!(", {}", shell.clock.age(t)));
        view! { {status("stale", tr!(lang, "stale"))}" "{name(source)}{age} }
    });
    view! { {changed}{text}{silent} }.into_any()
}
