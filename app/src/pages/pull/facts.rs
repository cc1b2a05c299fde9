//! What is known of one preview, and of the pull request itself, as pairs.

use std::borrow::Cow;

use landfall_model::{
    view::Preview,
    words::{Confidence, PullState},
};
use leptos::prelude::*;

use super::{of_service, sentence, short};
use crate::{
    components::{age, attribute, external, external_text, moment, name, tag_digest},
    data::{PullPage, Shell},
    links,
    pages::service::application,
    tr,
};

type Pair = (Cow<'static, str>, AnyView);

pub(super) fn facts(_data: &PullPage, shell: &Shell, preview: &Preview, at: usize, many: bool) -> AnyView {
    let lang = shell.lang();
    let mut pairs: Vec<Pair> = Vec::new();
    if !preview.urls.is_empty() {
        let urls: Vec<AnyView> =
            preview.urls.iter().take(5).map(|url| view! { <p>{external_text(url)}</p> }.into_any()).collect();
        pairs.push((tr!(lang, "service-addresses"), urls.into_any()));
    }
    if let Some(service) = &preview.service {
        let href = shell.href(&links::service(service));
        pairs.push((tr!(lang, "board-col-service"), view! { <a href=href>{name(service)}</a> }.into_any()));
    }
    if let Some((repository, image)) = &preview.image {
        let href = shell.href(&links::images(repository));
        let at = view! { " "<a class="q3 sm brk" href=href>{name(repository)}</a> };
        pairs.push((tr!(lang, "pull-runs-now"), view! { {tag_digest(image, lang)}{at} }.into_any()));
    }
    if let Some(deployed) = &preview.deployed {
        let by = sentence(shell, &deployed.by);
        pairs.push((
            tr!(lang, "pull-runs-commit"),
            view! { <span class="tag">{short(&deployed.sha)}</span>" "<span class="q3">{by}</span> }
                .into_any(),
        ));
    }
    if let Some(good) = &preview.last_good {
        let sha = good.sha.as_deref().map(|sha| view! { <span class="tag">{short(sha)}</span>" " });
        pairs.push((tr!(lang, "pull-last-good"), view! { {sha}{moment(&shell.clock, good.at)} }.into_any()));
    }
    if let Some(sha) = preview.generated_for.as_deref().filter(|sha| preview.head.as_deref() != Some(sha)) {
        pairs.push((
            tr!(lang, "pull-generated-for"),
            view! { <span class="tag">{short(sha)}</span> }.into_any(),
        ));
    }
    if preview.desired > 0 {
        let pods = tr!(lang, "service-of", n = preview.ready, total = preview.desired);
        pairs.push((tr!(lang, "service-pods"), pods.into_any()));
    }
    if let Some(one) = &preview.application {
        let to = preview.instance.as_deref().and_then(|instance| application(shell, instance, one));
        let age = preview.created.map(|t| view! { " "{age(&shell.clock, t)} });
        pairs.push((tr!(lang, "service-application"), view! { {external(to, name(one))}{age} }.into_any()));
    }
    if let Some(set) = &preview.set {
        pairs.push(("ApplicationSet".into(), name(set)));
    }
    pairs.push((tr!(lang, "pull-traced"), traced(shell, preview)));
    if let Some(since) = preview.deleting_since {
        let finalizers: Vec<String> = preview.finalizers.iter().map(|f| attribute(f)).collect();
        let kept =
            (!finalizers.is_empty()).then(|| view! { <p class="q sm brk">{finalizers.join(", ")}</p> });
        pairs.push((tr!(lang, "service-deleting"), view! { {age(&shell.clock, since)}{kept} }.into_any()));
    }
    let id = format!("h-f-{at}");
    view! {
        <section aria-labelledby=id.clone() data-part=format!("facts-{at}")>
            <header><h2 id=id.clone()>{tr!(lang, "pull-this-preview")}{of_service(preview, many)}</h2></header>
            {list(pairs)}
        </section>
    }
    .into_any()
}

/// How the preview was traced to its pull request, and how sure that is.
fn traced(shell: &Shell, preview: &Preview) -> AnyView {
    let lang = shell.lang();
    let sure = match preview.traced.confidence {
        Confidence::Certain => tr!(lang, "traced-certain"),
        Confidence::Likely => tr!(lang, "traced-likely"),
        Confidence::Ambiguous => tr!(lang, "traced-ambiguous"),
        Confidence::Unknown => tr!(lang, "traced-unknown"),
    };
    let candidates: Vec<String> = preview.traced.candidates.iter().take(5).map(|c| attribute(c)).collect();
    let candidates = (!candidates.is_empty())
        .then(|| view! { <p class="q sm brk">{candidates.join(&tr!(lang, "list-comma"))}</p> });
    view! { {sentence(shell, &preview.traced.by)}" "<span class="q3">{sure}</span>{candidates} }.into_any()
}

/// What the forge says of the pull request.
pub(super) fn request(data: &PullPage, shell: &Shell) -> AnyView {
    let lang = shell.lang();
    let Some(request) = data.pull.request.as_deref() else { return ().into_any() };
    let mut pairs: Vec<Pair> = Vec::new();
    let branch = view! { <span class="mono">{name(&request.head.branch)}</span>" → "<span class="mono">{name(&request.base)}</span> };
    pairs.push((tr!(lang, "pull-branches"), branch.into_any()));
    let state = match request.state {
        PullState::Open if request.draft => tr!(lang, "pull-draft"),
        PullState::Open => tr!(lang, "pull-open"),
        PullState::Closed => tr!(lang, "pull-closed"),
        PullState::Merged => tr!(lang, "pull-merged"),
    };
    let closed = request.closed_at.map(|t| view! { " "{age(&shell.clock, t)} });
    let fork = match request.fork {
        Some(true) => view! { {tr!(lang, "list-comma")}{tr!(lang, "pull-fork")} }.into_any(),
        _ => ().into_any(),
    };
    pairs.push((tr!(lang, "board-col-state"), view! { {state}{closed}{fork} }.into_any()));
    if !request.labels.is_empty() {
        let labels: Vec<AnyView> = request
            .labels
            .iter()
            .take(12)
            .map(|label| {
                let since = label.since.map(|t| view! { " "{age(&shell.clock, t)} });
                let by = label.by.as_deref().map(|by| view! { " "<span class="q3">{name(by)}</span> });
                view! { <p><span class="mono">{name(&label.name)}</span>{since}{by}</p> }.into_any()
            })
            .collect();
        pairs.push((tr!(lang, "pull-labels"), labels.into_any()));
    }
    if let Some(asked) = &request.asked {
        let by = asked.by.as_deref().map(|by| view! { {name(by)}" " });
        pairs.push((tr!(lang, "pull-asked"), view! { {by}{moment(&shell.clock, asked.at)} }.into_any()));
    }
    view! {
        <section aria-labelledby="h-rq" data-part="request">
            <header><h2 id="h-rq">{tr!(lang, "previews-pull")}</h2></header>
            {list(pairs)}
        </section>
    }
    .into_any()
}

fn list(pairs: Vec<Pair>) -> AnyView {
    let pairs: Vec<AnyView> =
        pairs.into_iter().map(|(what, value)| view! { <dt>{what}</dt><dd>{value}</dd> }.into_any()).collect();
    view! { <dl class="kv">{pairs}</dl> }.into_any()
}
