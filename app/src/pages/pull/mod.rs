//! `/pr/{repository}/{number}`: where a pull request's preview is, whether it is the head commit, and whose turn it is.

use landfall_model::{
    query::previews::is_stale,
    view::{Preview, Pull},
    words::{PreviewState, PullState, Turn},
};
use leptos::prelude::*;

use crate::{
    components::{
        age, attribute, external, icon, name, preview_state, preview_word, said, said_plainly, turn_word,
    },
    data::{PullPage, Shell},
    links::{self, External},
    pages::service::{application, timeline_of},
    shell::{Card, Meta, Place, document_with},
    tr,
};

mod bars;
mod commits;
mod facts;
mod rounds;
mod steps;
mod verdict;

/// Previews of one pull request whose steps are shown; the list names the others.
const SHOWN: usize = 12;

/// One pull request as a document.
pub fn pull(data: &PullPage, shell: &Shell) -> String {
    let pull = &data.pull;
    let mut live = vec![format!("pull/{}", pull.id), "source/".to_owned()];
    live.extend(services(pull).map(|service| format!("service/{service}")));
    let meta = Meta {
        title: title(shell, pull),
        place: Place::Pull,
        class: "p-pull",
        twin: links::pull(pull).filter(|path| path.starts_with("/pr/")).map(|_| twin(pull)),
        csv: None,
        live,
    };
    let card = Card::of_now(shell, card_title(shell, pull), card_lines(data, shell));
    document_with(shell, &meta, card.as_ref(), || {
        let previews = || pull.previews.iter().take(SHOWN);
        let many = pull.previews.len() > 1;
        let steps: Vec<AnyView> = previews()
            .enumerate()
            .map(|(at, preview)| steps::steps(data, shell, preview, at, many))
            .collect();
        let facts: Vec<AnyView> = previews()
            .enumerate()
            .map(|(at, preview)| facts::facts(data, shell, preview, at, many))
            .collect();
        let rounds: Vec<AnyView> =
            previews().enumerate().map(|(at, preview)| rounds::rounds(shell, preview, at, many)).collect();
        let all = shell.params.view().with("kind", "preview").with("q", &pull.id).on("/history");
        let timeline = (!data.timeline.is_empty() || data.no_timeline.is_some())
            .then(|| timeline_of(&data.timeline, data.no_timeline, all, shell));
        view! {
            {crumb(shell, pull)}
            {headline(data, shell)}
            {verdict::verdict(data, shell)}
            {steps}
            <div class="cols mt-4">
                <div>{rounds}{timeline}</div>
                <div>{commits::commits(data, shell)}{facts}{facts::request(data, shell)}</div>
            </div>
        }
        .into_any()
    })
}

/// The API's address of the same; it knows the first forge's by this name.
fn twin(pull: &Pull) -> String {
    let repository = pull.repository.as_deref().unwrap_or_default();
    let parts: Vec<String> = repository.split('/').map(links::segment).collect();
    format!("/api/v1/pulls/{}/{}", parts.join("/"), pull.number.unwrap_or_default())
}

/// Services of its previews, each once.
fn services(pull: &Pull) -> impl Iterator<Item = &str> {
    let mut names: Vec<&str> =
        pull.previews.iter().filter_map(|preview| preview.service.as_deref()).collect();
    names.sort_unstable();
    names.dedup();
    names.into_iter()
}

fn title(shell: &Shell, pull: &Pull) -> String {
    match (pull.number, pull.repository.as_deref()) {
        (Some(number), Some(repository)) => {
            tr!(shell.lang(), "pull-title", number = number.to_string(), repository = attribute(repository))
                .into_owned()
        }
        _ => attribute(&pull.id),
    }
}

/// What a link to it is called elsewhere: it must hold for long, so nothing in it changes.
fn card_title(shell: &Shell, pull: &Pull) -> String {
    let services: Vec<String> = services(pull).take(3).map(attribute).collect();
    let name = if services.is_empty() {
        attribute(pull.repository.as_deref().unwrap_or(&pull.id))
    } else {
        services.join(", ")
    };
    match pull.number {
        Some(number) => tr!(shell.lang(), "card-pull", name = name, number = number.to_string()).into_owned(),
        None => name,
    }
}

/// Title and state of each preview.
fn card_lines(data: &PullPage, shell: &Shell) -> Vec<String> {
    let (lang, pull) = (shell.lang(), &data.pull);
    let title = pull.request.as_ref().map(|request| attribute(&request.title));
    let stale = is_stale(pull, &data.snapshot);
    let word = preview_word(lang, pull.state).into_owned();
    let word = if stale { tr!(lang, "state-was", state = word).into_owned() } else { word };
    let waits =
        pull.waits().map(|waits| said_plainly(lang, &waits.sentence.text, waits.sentence.phrase.as_deref()));
    title.into_iter().chain([word]).chain(waits).collect()
}

fn crumb(shell: &Shell, pull: &Pull) -> AnyView {
    let repository = pull.repository.as_deref().map(|repository| {
        let href = shell.params.view().with("q", repository).on("/previews");
        view! { " / "<a href=href>{name(repository)}</a> }
    });
    view! { <p class="crumb"><a href=shell.href("/previews")>{tr!(shell.lang(), "nav-previews")}</a>{repository}</p> }
        .into_any()
}

/// Number and title, who, whose turn, and the doors to other systems.
fn headline(data: &PullPage, shell: &Shell) -> AnyView {
    let (lang, pull) = (shell.lang(), &data.pull);
    let request = pull.request.as_deref();
    let number = pull.number.map(|number| format!("#{number} "));
    let heading = match request {
        Some(request) => name(&request.title),
        None => name(pull.repository.as_deref().unwrap_or(&pull.id)),
    };
    let author = request.and_then(|request| request.author.as_deref());
    let opened = request.and_then(|request| request.created).map(|t| view! { {age(&shell.clock, t)} });
    let who = request.map(|request| {
        let state = match (request.state, request.draft) {
            (PullState::Open, true) => tr!(lang, "pull-draft"),
            (PullState::Open, false) => tr!(lang, "pull-open"),
            (PullState::Closed, _) => tr!(lang, "pull-closed"),
            (PullState::Merged, _) => tr!(lang, "pull-merged"),
        };
        let author = author.map(|author| view! { {name(author)}{tr!(lang, "list-comma")} });
        view! { <span class="q">{author}{state}" "{opened}</span> }
    });
    let turn = pull.waits().map(|waits| {
        let text = if waits.turn == Turn::Author && author.is_some() {
            tr!(lang, "pull-your-turn", who = turn_word(lang, waits.turn, author))
        } else {
            tr!(lang, "pull-turn", who = turn_word(lang, waits.turn, author))
        };
        view! { <span class="turn">{icon("move")}{text}</span> }
    });
    let state = preview_state(lang, pull.state, is_stale(pull, &data.snapshot));
    view! {
        <div class="headline" data-part="headline">
            <h1>{number}{heading}</h1>
            {state}
            {who}
            {turn}
            <span class="links">{doors(shell, pull)}</span>
        </div>
    }
    .into_any()
}

fn doors(shell: &Shell, pull: &Pull) -> Vec<AnyView> {
    let lang = shell.lang();
    let door =
        |to: Option<External>, text: std::borrow::Cow<'static, str>| to.map(|to| external(Some(to), text));
    let parse = |url: &str| External::parse(url);
    let shows = |preview: &&Preview| !matches!(preview.state, PreviewState::Ended | PreviewState::None);
    let address = pull.previews.iter().filter(shows).find_map(|preview| parse(preview.urls.first()?));
    let page = pull.url.as_deref().or_else(|| pull.request.as_ref()?.url.as_deref()).and_then(parse);
    let argocd = pull
        .previews
        .iter()
        .filter(shows)
        .find_map(|p| application(shell, p.instance.as_deref()?, p.application.as_deref()?));
    let run = pull.request.as_ref().and_then(|request| request.runs.as_ref()?.first()?.url.as_deref());
    [
        door(address, tr!(lang, "pull-open-preview")),
        door(page, tr!(lang, "previews-pull")),
        door(argocd, "Argo CD".into()),
        door(run.and_then(parse), tr!(lang, "pull-run")),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// A commit in seven characters.
fn short(sha: &str) -> String {
    attribute(&sha.chars().take(7).collect::<String>())
}

/// Whether both name one commit; either may be cut.
fn is_same(a: &str, b: &str) -> bool {
    !a.is_empty() && !b.is_empty() && (a.starts_with(b) || b.starts_with(a))
}

/// The words of a model's sentence.
fn sentence(shell: &Shell, words: &landfall_model::phrase::Said) -> AnyView {
    said(shell.lang(), &words.text, words.phrase.as_deref())
}

/// `, control-panel` behind a heading where there are several.
fn of_service(preview: &Preview, many: bool) -> Option<AnyView> {
    let named = preview.service.as_deref().or(preview.application.as_deref()).filter(|_| many)?;
    Some(view! { <span class="q">": "{name(named)}</span> }.into_any())
}
