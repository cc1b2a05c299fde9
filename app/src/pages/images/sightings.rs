//! Which tag pointed at which digest, from when to when: what no registry keeps.

use std::collections::HashMap;

use leptos::prelude::*;

use crate::{
    components::{age, copy_button, digest, environment_name, icon, moment, outside, status, tag},
    data::{Edge, RepositoryPage, Seen, Shell},
    format::number,
    lang::{FluentValue, rich},
    tr,
};

/// Edges in the table; the rest is counted.
const EDGES: usize = 100;

pub(super) fn sightings(data: &RepositoryPage, shell: &Shell) -> AnyView {
    let lang = shell.lang();
    let (asof, body) = match &data.seen {
        None => (None, view! { <p class="q">{tr!(lang, "images-seen-unknown")}</p> }.into_any()),
        Some(seen) if seen.edges.is_empty() && seen.error.is_none() => (
            Some(looked(shell, seen)),
            view! { <p class="q">{tr!(lang, "images-seen-nothing")}</p> }.into_any(),
        ),
        Some(seen) => (Some(looked(shell, seen)), table(data, shell, seen)),
    };
    view! {
        <section aria-labelledby="h-s" data-part="seen">
            <header><h2 id="h-s">{tr!(lang, "images-seen")}</h2>{asof}</header>
            {body}
        </section>
    }
    .into_any()
}

/// When the registry was last looked at, and whether that went well.
fn looked(shell: &Shell, seen: &Seen) -> AnyView {
    let lang = shell.lang();
    let tags = tr!(lang, "images-seen-tags", n = i64::try_from(seen.tags).unwrap_or(i64::MAX));
    let error = seen.error.as_deref().map(|error| {
        view! { {status("bad", view! { <span>{tr!(lang, "images-seen-failed")}{tr!(lang, "list-colon")}{outside(error, lang)}</span> })} }
    });
    view! { <span class="asof">{tags}{tr!(lang, "list-comma")}{tr!(lang, "images-seen-looked")}" "{age(&shell.clock, seen.tried_at)}</span>{error} }
        .into_any()
}

fn table(data: &RepositoryPage, shell: &Shell, seen: &Seen) -> AnyView {
    let lang = shell.lang();
    let firsts = firsts(&seen.edges);
    let came_back = |edge: &Edge| {
        firsts.get(edge.digest.as_str()).copied().filter(|first| is_back(edge, first, &seen.edges))
    };
    let rows: Vec<AnyView> =
        seen.edges.iter().take(EDGES).map(|edge| row(data, shell, edge, came_back(edge))).collect();
    let more = seen.edges.len().saturating_sub(EDGES);
    let more = (more > 0).then(|| {
        view! { <p class="q3 sm mt-1">{tr!(lang, "images-seen-more", n = number::count(more, lang))}</p> }
    });
    view! {
        <table class="t quiet flow">
            <caption class="vh">{tr!(lang, "images-seen-caption")}</caption>
            <thead><tr>
                <th scope="col">{tr!(lang, "board-col-tag")}</th>
                <th scope="col">{tr!(lang, "images-digest")}</th>
                <th scope="col">{tr!(lang, "images-seen-built")}</th>
                <th scope="col">{tr!(lang, "images-seen-first")}</th>
                <th scope="col">{tr!(lang, "images-seen-last")}</th>
                <th scope="col">{tr!(lang, "images-seen-note")}</th>
            </tr></thead>
            <tbody>{rows}</tbody>
        </table>
        {more}
    }
    .into_any()
}

/// The edge under which each digest was first seen.
fn firsts(edges: &[Edge]) -> HashMap<&str, &Edge> {
    let mut firsts: HashMap<&str, &Edge> = HashMap::new();
    for edge in edges {
        let first = firsts.entry(&edge.digest).or_insert(edge);
        if edge.first_seen < first.first_seen {
            *first = edge;
        }
    }
    firsts
}

/// Whether an edge brings back what was there before something else came. A second tag that was pushed along with the first
/// brings nothing back.
fn is_back(edge: &Edge, first: &Edge, all: &[Edge]) -> bool {
    all.iter().any(|between| {
        between.digest != edge.digest
            && first.first_seen < between.first_seen
            && between.first_seen < edge.first_seen
    })
}

fn row(data: &RepositoryPage, shell: &Shell, edge: &Edge, first: Option<&Edge>) -> AnyView {
    let (lang, clock) = (shell.lang(), &shell.clock);
    let built = edge.created.map(|t| moment(clock, t));
    // The registry's own word stands beside what was seen, and never in place of it.
    let pushed = edge.pushed_at.map(|t| {
        view! { " "<span class="q3 sm">{tr!(lang, "images-seen-pushed")}" "{moment(clock, t)}</span> }
    });
    let last = match edge.ended_at {
        Some(ended) => {
            view! { <span class="q3">{tr!(lang, "images-seen-until")}" "</span>{moment(clock, ended)} }
                .into_any()
        }
        None => age(clock, edge.last_seen).into_any(),
    };
    let whole = format!("{}@{}", data.repository.name, edge.digest);
    view! {
        <tr data-row=format!("s-{}-{}", edge.tag, edge.first_seen.as_microsecond())>
            <th scope="row">{tag(&edge.tag, Some(&edge.digest), edge.ended_at.is_some())}</th>
            <td data-l=tr!(lang, "images-digest")>{digest(&edge.digest)}{copy_button(lang, &whole)}</td>
            <td class="nw" data-l=tr!(lang, "images-seen-built")>{built}</td>
            <td class="nw" data-l=tr!(lang, "images-seen-first")>{moment(clock, edge.first_seen)}{pushed}</td>
            <td class="nw" data-l=tr!(lang, "images-seen-last")>{last}</td>
            <td class="full end">{notes(shell, edge, first)}{runs(data, shell, edge)}{super::compare::link(data, shell, edge)}</td>
        </tr>
    }
    .into_any()
}

/// What is remarkable of an edge: the bytes were here before under another tag, or the tag points elsewhere now.
fn notes(shell: &Shell, edge: &Edge, first: Option<&Edge>) -> AnyView {
    let lang = shell.lang();
    let again = first.map(|first| {
        let mono = |inner: AnyView| view! { <span class="mono">{inner}</span> }.into_any();
        let args = [
            ("tag", FluentValue::from(crate::components::attribute(&first.tag))),
            ("moment", FluentValue::from(shell.clock.moment(first.first_seen))),
        ];
        let words = if first.tag == edge.tag { "images-seen-came-back" } else { "images-seen-again" };
        view! { <span class="st st-warn">{icon("warn")}<span>{rich(lang, words, &args, &[("m", &mono)])}</span></span>" " }
    });
    let moved = edge.ended_at.map(|_| {
        let word = if edge.moved { tr!(lang, "images-seen-moved") } else { tr!(lang, "images-seen-gone") };
        view! { <span class="q">{word}" "</span> }
    });
    view! { {again}{moved} }.into_any()
}

/// Where its digest runs now.
fn runs(data: &RepositoryPage, shell: &Shell, edge: &Edge) -> AnyView {
    let lang = shell.lang();
    let mut places: Vec<String> = Vec::new();
    for one in &data.repository.uses {
        let runs = one.image().running.iter().any(|running| running.digest.as_deref() == Some(&*edge.digest));
        let place = one.environment.name.to_string();
        if runs && !places.contains(&place) {
            places.push(place);
        }
    }
    if places.is_empty() || edge.ended_at.is_some() {
        return ().into_any();
    }
    let each: Vec<AnyView> =
        places.iter().take(4).map(|place| view! { " "{environment_name(lang, place)} }.into_any()).collect();
    view! { <span class="q">{tr!(lang, "images-seen-runs")}{each}</span> }.into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn edge(tag: &str, digest: &str, second: i64) -> Edge {
        let at = jiff::Timestamp::from_second(second).unwrap();
        Edge {
            tag: tag.into(),
            digest: digest.into(),
            created: None,
            first_seen: at,
            pushed_at: None,
            last_seen: at,
            ended_at: None,
            moved: false,
        }
    }

    #[test]
    fn only_what_comes_back_after_something_else_is_told() {
        let edges = [
            edge("c", "A", 300),
            edge("main", "B", 200),
            edge("b", "B", 200),
            edge("also-a", "A", 100),
            edge("a", "A", 100),
        ];
        let firsts = firsts(&edges);
        let back: Vec<&str> = edges
            .iter()
            .filter(|edge| is_back(edge, firsts[edge.digest.as_str()], &edges))
            .map(|edge| edge.tag.as_str())
            .collect();
        assert_eq!(back, ["c"]);
    }
}
