//! Previews: environments of pull requests.

use leptos::prelude::*;

use super::application;
use crate::{
    components::{age_at_least, attribute, external, name, preview_state, running_tag, state},
    data::{ServicePage, Shell},
    links, tr,
};

pub(super) fn previews(data: &ServicePage, shell: &Shell) -> AnyView {
    let lang = shell.lang();
    let rows: Vec<AnyView> = data
        .service
        .previews()
        .take(200)
        .map(|e| {
            let stale = data.snapshot.is_stale(e);
            let since = e.since.map(|t| age_at_least(&shell.clock, t, e.since_exact));
            let pull = data.snapshot.pulls.iter().find(|pull| pull.preview(&e.id).is_some());
            let title = match pull.and_then(|pull| Some((pull, links::pull(pull)?))) {
                Some((pull, to)) => {
                    let title = pull.request.as_ref().map(|request| view! { " "{name(&request.title)} });
                    view! { <a href=shell.href(&to)>{name(&e.name)}</a>{title} }.into_any()
                }
                None => match application(shell, &e.instance, &e.application) {
                    Some(to) => external(Some(to), attribute(&e.name)),
                    None => name(&e.name),
                },
            };
            let shown = match pull.and_then(|pull| pull.preview(&e.id)) {
                Some(preview) => preview_state(lang, preview.state, stale),
                None => state(lang, e.state, stale),
            };
            view! {
                <tr data-row=format!("p-{}", e.id)>
                    <th scope="row">{title}</th>
                    <td>{shown}</td>
                    <td class="full end">{running_tag(e.image.as_ref(), stale, lang)}</td>
                    <td class="num r">{since}</td>
                </tr>
            }
            .into_any()
        })
        .collect();
    if rows.is_empty() {
        return ().into_any();
    }
    let all = shell.params.view().with("service", &data.service.name).on("/previews");
    view! {
        <section id="previews" aria-labelledby="h-p" data-part="previews">
            <header><h2 id="h-p">{tr!(lang, "board-col-previews")}</h2><a class="push sm" href=all>{tr!(lang, "pull-steps")}</a></header>
            <table class="t quiet flow">
                <caption class="vh">{tr!(lang, "board-col-previews")}</caption>
                <thead><tr>
                    <th scope="col">{tr!(lang, "service-preview")}</th>
                    <th scope="col">{tr!(lang, "board-col-state")}</th>
                    <th scope="col">{tr!(lang, "board-col-tag")}</th>
                    <th scope="col" class="num">{tr!(lang, "board-col-for")}</th>
                </tr></thead>
                <tbody>{rows}</tbody>
            </table>
        </section>
    }
    .into_any()
}
