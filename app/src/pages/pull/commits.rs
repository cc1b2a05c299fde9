//! Deployed against head: the commits of the pull request, with what became of each.

use landfall_model::{
    observe::{Pull as Request, PullCommit, Run},
    words::RunState,
};
use leptos::prelude::*;

use super::{is_same, short};
use crate::{
    components::{age, attribute, external, name, status},
    data::{PullPage, Shell},
    links::{self, External},
    tr,
};

/// Commits that are shown.
const SHOWN: usize = 10;

pub(super) fn commits(data: &PullPage, shell: &Shell) -> AnyView {
    let (lang, pull) = (shell.lang(), &data.pull);
    let Some(request) = pull.request.as_deref() else { return unknown(data, shell) };
    let head = PullCommit {
        sha: request.head.sha.clone(),
        title: request.head.branch.clone(),
        author: None,
        at: request.head.pushed_at,
    };
    // A forge of which only the list was read tells the head alone.
    let list = if request.commits.is_empty() { std::slice::from_ref(&head) } else { &request.commits[..] };
    let rows: Vec<AnyView> =
        list.iter().take(SHOWN).map(|commit| row(data, shell, request, commit)).collect();
    let rest = list.len().saturating_sub(SHOWN);
    let more = (rest > 0).then(|| view! { <p class="sm q3">{tr!(lang, "shell-silent-more", n = rest)}</p> });
    view! {
        <section aria-labelledby="h-c" data-part="commits">
            <header><h2 id="h-c">{tr!(lang, "pull-against-head")}</h2></header>
            <table class="t flow">
                <caption class="vh">{tr!(lang, "pull-commits-caption")}</caption>
                <tbody>{rows}</tbody>
            </table>
            {more}
        </section>
    }
    .into_any()
}

fn row(data: &PullPage, shell: &Shell, request: &Request, commit: &PullCommit) -> AnyView {
    let (lang, pull) = (shell.lang(), &data.pull);
    let mut marks: Vec<AnyView> = Vec::new();
    if is_same(&commit.sha, &request.head.sha) {
        marks.push(status("newer", tr!(lang, "pull-head")));
    }
    let runs_it =
        pull.previews.iter().any(|p| p.deployed.as_ref().is_some_and(|d| is_same(&d.sha, &commit.sha)));
    if runs_it {
        marks.push(status("ok", tr!(lang, "pull-deployed")));
    }
    let run = request.runs.iter().flatten().find(|run| is_same(&run.sha, &commit.sha));
    if let Some(run) = run.filter(|run| !runs_it || run.state != RunState::Succeeded) {
        marks.push(run_mark(shell, run));
    }
    let marks: Vec<AnyView> = marks.into_iter().map(|mark| view! { {mark}" " }.into_any()).collect();
    let page = pull.url.as_deref().or(request.url.as_deref());
    let to = page
        .and_then(links::repository_of_pull)
        .and_then(|url| links::commit(&shell.links, &url, &commit.sha));
    let sha = short(&commit.sha);
    view! {
        <tr>
            <td class="fit"><span class="tag" title=attribute(&commit.sha)>{external(to, sha)}</span></td>
            <th scope="row" class="w-46">{name(&commit.title)}</th>
            <td class="q fit">{commit.author.as_deref().map(name)}</td>
            <td>{marks}</td>
            <td class="num r nw">{commit.at.map(|t| age(&shell.clock, t))}</td>
        </tr>
    }
    .into_any()
}

/// What the workflow run of a commit came to.
fn run_mark(shell: &Shell, run: &Run) -> AnyView {
    let lang = shell.lang();
    let (glyph, text) = match (run.state, run.failed_step.as_deref()) {
        (RunState::Queued, _) => ("wait", tr!(lang, "run-queued")),
        (RunState::Running, _) => ("move", tr!(lang, "run-running")),
        (RunState::Succeeded, _) => ("none", tr!(lang, "run-succeeded")),
        (RunState::Failed, Some(step)) => ("bad", tr!(lang, "run-failed-step", step = attribute(step))),
        (RunState::Failed, None) => ("bad", tr!(lang, "run-failed")),
        (RunState::Cancelled, _) => ("none", tr!(lang, "run-cancelled")),
    };
    let to = run.url.as_deref().and_then(External::parse);
    status(glyph, external(to, text))
}

/// No forge tells the commits: what is known of head and deployed all the same.
fn unknown(data: &PullPage, shell: &Shell) -> AnyView {
    let lang = shell.lang();
    let known: Vec<AnyView> = data
        .pull
        .previews
        .iter()
        .filter_map(|preview| {
            let head = preview.head.as_deref().map(|sha| {
                view! { <p>{status("newer", tr!(lang, "pull-head"))}" "<span class="tag">{short(sha)}</span></p> }
            });
            let deployed = preview.deployed.as_ref().map(|deployed| {
                view! { <p>{status("ok", tr!(lang, "pull-deployed"))}" "<span class="tag">{short(&deployed.sha)}</span></p> }
            });
            (head.is_some() || deployed.is_some()).then(|| view! { {head}{deployed} }.into_any())
        })
        .collect();
    if known.is_empty() {
        return ().into_any();
    }
    view! {
        <section aria-labelledby="h-c" data-part="commits">
            <header><h2 id="h-c">{tr!(lang, "pull-against-head")}</h2></header>
            {known}
            <p class="q3 sm">{tr!(lang, "pull-no-forge")}</p>
        </section>
    }
    .into_any()
}
