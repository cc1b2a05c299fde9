//! The verdict: one sentence that says where it is, what to do, and what is still usable meanwhile.

use landfall_model::{
    view::{Preview, Pull},
    words::{PreviewState, PullState},
};
use leptos::prelude::*;

use super::{sentence, short};
use crate::{
    components::{attribute, external_text, moment, said_plainly, step_name},
    data::{PullPage, Shell},
    lang::{FluentValue, rich},
    tr,
};

pub(super) fn verdict(data: &PullPage, shell: &Shell) -> AnyView {
    let (lang, pull) = (shell.lang(), &data.pull);
    let class = match pull.state {
        PreviewState::Stuck => "verdict v-bad",
        PreviewState::Leftover => "verdict v-warn",
        PreviewState::Waiting | PreviewState::Going => "verdict v-move",
        PreviewState::Ready => "verdict v-ok",
        PreviewState::Unknown | PreviewState::None | PreviewState::Ended => "verdict",
    };
    let waits = pull.waits();
    let lead = match waits {
        Some(waits) => {
            let plain = said_plainly(lang, &waits.sentence.text, waits.sentence.phrase.as_deref());
            let is_ended = plain.ends_with(['.', '!', '?', '。', '）', ')']);
            let end = if is_ended { " ".into() } else { tr!(lang, "pull-then") };
            let way_out = waits.way_out.as_ref().map(|way_out| view! { {end}" "{sentence(shell, way_out)} });
            view! { {sentence(shell, &waits.sentence)}{way_out} }.into_any()
        }
        None => without_wait(data, shell),
    };
    let since = waits.and_then(|waits| {
        let since = waits.since?;
        let time = |_: AnyView| moment(&shell.clock, since);
        let args = [
            ("position", FluentValue::from(waits.step as usize + 1)),
            ("step", FluentValue::from(step_name(lang, waits.step))),
        ];
        Some(view! { <p class="q">{rich(lang, "pull-waits-since", &args, &[("t", &time)])}</p> })
    });
    let behind: Vec<AnyView> = pull.previews.iter().filter_map(|p| runs_meanwhile(shell, pull, p)).collect();
    let missing: Vec<AnyView> = pull
        .missing
        .iter()
        .map(|said| view! { <p class="q3">{sentence(shell, said)}</p> }.into_any())
        .collect();
    view! { <div class=class data-part="verdict"><p>{lead}</p>{since}{behind}{missing}</div> }.into_any()
}

/// What is said where nothing is waited for.
fn without_wait(data: &PullPage, shell: &Shell) -> AnyView {
    let (lang, pull) = (shell.lang(), &data.pull);
    let closed = pull.request.as_ref().is_some_and(|request| request.state != PullState::Open);
    match pull.state {
        PreviewState::Ready => match pull.previews.first() {
            Some(Preview { behind: Some(0), head: Some(head), .. }) => {
                tr!(lang, "pull-ready-head", head = short(head)).into_any()
            }
            Some(Preview { behind: Some(n), .. }) => tr!(lang, "pull-ready-behind", n = *n).into_any(),
            _ => tr!(lang, "pull-ready").into_any(),
        },
        PreviewState::Leftover => tr!(lang, "pull-leftover").into_any(),
        PreviewState::Going => tr!(lang, "pull-going").into_any(),
        PreviewState::Ended => tr!(lang, "pull-ended").into_any(),
        PreviewState::None if closed => tr!(lang, "pull-none-closed").into_any(),
        PreviewState::None => match data.labels.first() {
            Some(labels) if !labels.is_empty() => {
                let labels: Vec<String> = labels.iter().map(|label| attribute(label)).collect();
                tr!(lang, "pull-none-label", labels = labels.join(&tr!(lang, "list-comma"))).into_any()
            }
            _ => tr!(lang, "pull-none").into_any(),
        },
        PreviewState::Stuck | PreviewState::Waiting | PreviewState::Unknown => {
            tr!(lang, "pull-unknown").into_any()
        }
    }
}

/// What runs while the next commit is brought in.
fn runs_meanwhile(shell: &Shell, pull: &Pull, preview: &Preview) -> Option<AnyView> {
    let lang = shell.lang();
    if pull.state == PreviewState::Ready || preview.waits.is_none() {
        return None;
    }
    let mono = |inner: AnyView| view! { <span class="mono">{inner}</span> }.into_any();
    let bold = |inner: AnyView| view! { <b>{inner}</b> }.into_any();
    let good = preview.last_good.as_ref()?;
    let url = good.url.as_deref().or_else(|| preview.urls.first().map(|url| &**url));
    let url = url.map(|url| view! { " "{external_text(url)} });
    let text = match (&preview.deployed, &preview.head, preview.behind) {
        (Some(deployed), Some(head), Some(n)) if n > 0 => rich(
            lang,
            "pull-runs-behind",
            &[
                ("deployed", FluentValue::from(short(&deployed.sha))),
                ("head", FluentValue::from(short(head))),
                ("n", FluentValue::from(n)),
            ],
            &[("m", &mono), ("b", &bold)],
        ),
        _ => {
            let sha = good.sha.as_deref().map_or_else(|| tr!(lang, "unknown").into_owned(), short);
            rich(lang, "pull-runs-last-good", &[("deployed", FluentValue::from(sha))], &[("m", &mono)])
        }
    };
    Some(view! { <p class="q">{text}{url}</p> }.into_any())
}
