//! Two moments compared: worse, better, other.

use leptos::prelude::*;

use crate::{
    components::{age, environment_name, hidden_fields, name, short_digest, state, state_word, tag},
    data::{Comparison, Difference, History, Shell, Side},
    links, tr,
};

pub(super) fn compare(data: &History, shell: &Shell) -> AnyView {
    let lang = shell.lang();
    let clock = &shell.clock;
    let from = data.comparison.as_ref().map_or(shell.review.at, |c| c.from);
    let to = data.comparison.as_ref().filter(|c| !c.to_now).map(|c| clock.input(c.to));
    let result = data.comparison.as_ref().map(|c| table(c, shell));
    view! {
        <section id="compare" aria-labelledby="h-d">
            <header><h2 id="h-d">{tr!(lang, "history-compare")}</h2></header>
            <form class="ask mb-2" action=format!("{}#compare", crate::links::own(&shell.path)) method="get">
                {hidden_fields(shell, &["from", "to", "compare"])}
                <span class="field"><label for="from">{tr!(lang, "history-from")}</label><input id="from" name="from" type="datetime-local" value=clock.input(from)/></span>
                <span class="field"><label for="to">{tr!(lang, "history-to")}</label><input id="to" name="to" type="datetime-local" value=to/></span>
                <span><button type="submit">{tr!(lang, "history-compare-button")}</button></span>
            </form>
            {result}
        </section>
    }
    .into_any()
}

fn table(comparison: &Comparison, shell: &Shell) -> AnyView {
    let lang = shell.lang();
    let clock = &shell.clock;
    let to =
        if comparison.to_now { tr!(lang, "history-now").into_owned() } else { clock.moment(comparison.to) };
    let caption = tr!(lang, "history-span", from = clock.moment(comparison.from), to = to);
    let (worse, better, other) = comparison.more;
    let parts = [
        (tr!(lang, "history-worse"), &comparison.worse, worse),
        (tr!(lang, "history-better"), &comparison.better, better),
        (tr!(lang, "history-other"), &comparison.other, other),
    ];
    if parts.iter().all(|(_, list, _)| list.is_empty()) {
        return view! { <p class="q">{caption}": "{tr!(lang, "history-same")}</p> }.into_any();
    }
    let shown_in_full = shell.params.get("compare").is_some();
    let all = format!("{}#compare", shell.params.set("compare", "all").on(&shell.path));
    let bodies: Vec<AnyView> = parts
        .into_iter()
        .filter(|(_, list, _)| !list.is_empty())
        .map(|(title, list, more)| {
            let rows: Vec<AnyView> = list.iter().map(|difference| row(shell, difference)).collect();
            let more_text = tr!(lang, "history-more", n = more);
            let more_row = (more > 0).then(|| {
                let text = if shown_in_full { more_text.into_any() } else { view! { <a href=all.clone()>{more_text}</a> }.into_any() };
                view! { <tr><td colspan="4" class="full q">{text}</td></tr> }
            });
            view! { <tbody><tr class="grp"><th scope="rowgroup" colspan="4">{title}<span class="n">{list.len() + more}</span></th></tr>{rows}{more_row}</tbody> }.into_any()
        })
        .collect();
    view! {
        <p class="q sm mb-2">{caption.clone()}</p>
        <table class="t flow quiet">
            <caption class="vh">{tr!(lang, "history-compare-caption")}</caption>
            <thead><tr>
                <th scope="col">{tr!(lang, "history-col-where")}</th>
                <th scope="col">{tr!(lang, "history-col-then")}</th>
                <th scope="col">{tr!(lang, "history-col-reads")}</th>
                <th scope="col" class="num">{tr!(lang, "history-col-changed")}</th>
            </tr></thead>
            {bodies}
        </table>
    }
    .into_any()
}

fn row(shell: &Shell, difference: &Difference) -> AnyView {
    let lang = shell.lang();
    let reads = difference.is.state.map(|s| state(lang, s, false));
    let changed = difference.changed.map(|t| age(&shell.clock, t));
    view! {
        <tr data-row=format!("d-{}-{}", difference.service, difference.environment)>
            <th scope="row"><a href=shell.href(&links::service(&difference.service))>{name(&difference.service)}</a>" "<span class="q">{environment_name(lang, &difference.environment)}</span></th>
            <td class="full end"><span class="chg">
                <del>{side(shell, &difference.was)}</del>
                <span class="ar" aria-hidden="true">"→"</span><span class="vh">{tr!(lang, "to")}" "</span>
                <ins>{side(shell, &difference.is)}</ins>
            </span></td>
            <td>{reads}</td>
            <td class="num r">{changed}</td>
        </tr>
    }
    .into_any()
}

fn side(shell: &Shell, side: &Side) -> AnyView {
    let lang = shell.lang();
    let Some(state) = side.state else { return tr!(lang, "history-not-there").into_any() };
    let word = state_word(lang, state);
    match (&side.tag, &side.digest) {
        (Some(t), d) => view! { {tag(t, d.as_deref(), false)}{tr!(lang, "list-comma")}{word} }.into_any(),
        (None, Some(d)) => {
            view! { <span class="tag">{short_digest(d)}</span>{tr!(lang, "list-comma")}{word} }.into_any()
        }
        (None, None) => word.into_any(),
    }
}
