//! Workloads and what keeps their pods from running.

use std::sync::Arc;

use landfall_model::view::{Environment, Trouble, WorkloadView};
use leptos::prelude::*;

use crate::{
    components::{age, environment_name, name, outside, status},
    data::{ServicePage, Shell},
    tr,
};

pub(super) fn workloads(data: &ServicePage, shell: &Shell, environments: &[&Arc<Environment>]) -> AnyView {
    let lang = shell.lang();
    let rows: Vec<AnyView> = environments
        .iter()
        .flat_map(|e| e.workloads.iter().map(move |w| (e, w)))
        .take(100)
        .map(|(e, w)| row(data, shell, e, w))
        .collect();
    if rows.is_empty() {
        return ().into_any();
    }
    view! {
        <section aria-labelledby="h-w" data-part="workloads">
            <header><h2 id="h-w">{tr!(lang, "service-workloads")}</h2></header>
            <table class="t quiet flow">
                <caption class="vh">{tr!(lang, "service-workloads")}</caption>
                <thead><tr>
                    <th scope="col">{tr!(lang, "service-workload")}</th>
                    <th scope="col">{tr!(lang, "board-environment")}</th>
                    <th scope="col">{tr!(lang, "service-pods")}</th>
                    <th scope="col">{tr!(lang, "service-troubles")}</th>
                </tr></thead>
                <tbody>{rows}</tbody>
            </table>
        </section>
    }
    .into_any()
}

fn row(data: &ServicePage, shell: &Shell, environment: &Environment, workload: &WorkloadView) -> AnyView {
    let lang = shell.lang();
    let stale = data.snapshot.is_stale(environment);
    let pods = match (workload.missing, workload.desired) {
        (true, _) => status("missing", tr!(lang, "state-missing")),
        (false, Some(desired)) => {
            let text = tr!(lang, "service-of", n = workload.ready, total = desired);
            match () {
                () if stale => status("stale", text),
                () if workload.suspended => status("pause", text),
                () if workload.rolling => status("move", text),
                () if workload.ready < desired => status("bad", text),
                () => status("ok", text),
            }
        }
        (false, None) if workload.suspended => status("pause", tr!(lang, "state-suspended")),
        (false, None) => view! { <span class="q3">"–"</span> }.into_any(),
    };
    let troubles: Vec<AnyView> = workload.troubles.iter().map(|t| trouble(shell, t)).collect();
    view! {
        <tr data-row=format!("w-{}-{}-{}", environment.id, workload.kind, workload.name)>
            <th scope="row" class="full"><span class="q3">{workload.kind.as_str()}</span>" "<b>{name(&workload.name)}</b></th>
            <td>{environment_name(lang, &environment.name)}</td>
            <td>{pods}</td>
            <td class="full end">{troubles}</td>
        </tr>
    }
    .into_any()
}

fn trouble(shell: &Shell, trouble: &Trouble) -> AnyView {
    let lang = shell.lang();
    let since = trouble.since.map(|t| view! { " "{age(&shell.clock, t)} });
    let container = trouble.container.as_deref().map(|c| view! { " "<span class="q3 mono">{name(c)}</span> });
    let message = trouble.message.as_deref().map(|m| view! { <p class="q sm brk">{outside(m, lang)}</p> });
    let pods = tr!(lang, "service-pods-count", n = trouble.pods);
    view! { <p><b>{name(&trouble.reason)}</b>" "<span class="q">{pods}</span>{container}{since}</p>{message} }
        .into_any()
}
