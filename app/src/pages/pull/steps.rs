//! The six steps: how each stands, when it was done, how long it took against the usual, and who says so.

use jiff::SignedDuration;
use landfall_model::{
    view::{Preview, Step},
    words::StepState,
};
use leptos::prelude::*;

use super::{
    bars::{Scale, bar},
    of_service, sentence, short,
};
use crate::{
    components::{as_of, confirmed, heard, source_link, step_name, step_state},
    data::{PullPage, Shell, UsualStep},
    format::{number, time::length},
    tr,
};

pub(super) fn steps(data: &PullPage, shell: &Shell, preview: &Preview, at: usize, many: bool) -> AnyView {
    let lang = shell.lang();
    if preview.steps.is_empty() {
        return ().into_any();
    }
    let usual = |step: &Step| data.usual.as_ref().and_then(|usual| usual.steps.get(&step.kind).copied());
    let scale = Scale::of(
        preview.steps.iter().filter_map(|step| took(shell, preview, step)),
        preview.steps.iter().filter_map(usual),
    );
    let rows: Vec<AnyView> = preview
        .steps
        .iter()
        .enumerate()
        .map(|(place, step)| row(data, shell, preview, place, step, usual(step), scale))
        .collect();
    let caption = match &data.usual {
        Some(usual) => {
            let seen = usual.steps.values().map(|step| step.seen).max().unwrap_or_default();
            tr!(lang, "pull-bars", n = seen, weeks = usual.weeks)
        }
        None => tr!(lang, "pull-bars-none"),
    };
    let head = preview.head.as_deref().map(|head| {
        view! { <span class="asof">{tr!(lang, "pull-head")}" "<span class="mono">{short(head)}</span></span> }
    });
    let id = format!("h-st-{at}");
    let oldest = confirmed(shell, &data.snapshot, &data.pull.sources);
    view! {
        <section aria-labelledby=id.clone() data-part=format!("steps-{at}")>
            <header>
                <h2 id=id.clone()>{tr!(lang, "pull-steps")}{of_service(preview, many)}</h2>
                {head}
                {as_of(shell, &data.pull.sources, oldest)}
            </header>
            <div class="scroll" tabindex="0" role="group" aria-labelledby=id.clone()>
                <table class="t six flow quiet">
                    <caption class="cap">{caption}</caption>
                    <thead><tr>
                        <th scope="col"><span class="vh">{tr!(lang, "pull-number")}</span></th>
                        <th scope="col">{tr!(lang, "pull-step")}</th>
                        <th scope="col">{tr!(lang, "board-col-state")}</th>
                        <th scope="col">{tr!(lang, "pull-at")}</th>
                        <th scope="col" class="num">{tr!(lang, "pull-took")}</th>
                        <th scope="col"><span class="vh">{tr!(lang, "pull-against-usual")}</span></th>
                        <th scope="col">{tr!(lang, "pull-usually")}</th>
                        <th scope="col">{tr!(lang, "pull-seen")}</th>
                        <th scope="col">{tr!(lang, "pull-source")}</th>
                    </tr></thead>
                    <tbody>{rows}</tbody>
                </table>
            </div>
        </section>
    }
    .into_any()
}

/// How long a step took, or has been going on.
fn took(shell: &Shell, preview: &Preview, step: &Step) -> Option<SignedDuration> {
    match step.state {
        StepState::Now | StepState::Stuck => {
            let since = preview.waits.as_ref().filter(|waits| waits.step == step.kind)?.since?;
            Some(shell.clock.now.duration_since(since).max(SignedDuration::ZERO))
        }
        _ => step.took,
    }
}

fn row(
    data: &PullPage,
    shell: &Shell,
    preview: &Preview,
    place: usize,
    step: &Step,
    usual: Option<UsualStep>,
    scale: Scale,
) -> AnyView {
    let (lang, clock) = (shell.lang(), &shell.clock);
    let took = took(shell, preview, step);
    let is_slow = step.state == StepState::Stuck
        || took.zip(usual).is_some_and(|(took, usual)| took > usual.most && took > usual.median * 2);
    let class = match step.state {
        StepState::Stuck => "here",
        StepState::Now => "here now",
        StepState::Ahead => "ahead",
        _ => "",
    };
    let done_at = match (step.at, step.state) {
        (Some(t), _) => {
            let shown = if clock.same_day(t, clock.now) { clock.time(t) } else { clock.moment(t) };
            let shown = if step.exact { shown } else { tr!(lang, "pull-by", time = shown).into_owned() };
            let title = if step.exact {
                clock.full(t)
            } else {
                tr!(lang, "pull-by-title", time = clock.full(t)).into_owned()
            };
            view! { <time datetime=clock.attr(t) title=title>{shown}</time> }.into_any()
        }
        (None, StepState::Now | StepState::Stuck) => {
            view! { <span class="q3">{tr!(lang, "pull-not-yet")}</span> }.into_any()
        }
        (None, _) => ().into_any(),
    };
    let took_words = took.map(|took| {
        let words = length(took, lang);
        let goes_on = matches!(step.state, StepState::Now | StepState::Stuck);
        match (goes_on, is_slow) {
            (true, true) => view! { <b class="bad">{words}</b> }.into_any(),
            (true, false) => view! { <b>{words}</b> }.into_any(),
            (false, true) => {
                view! { {words}" "<span class="q3 sm">{tr!(lang, "pull-slower")}</span> }.into_any()
            }
            (false, false) => words.into_any(),
        }
    });
    let usually = usual.map(|usual| length(usual.median, lang));
    let what = step.what.as_ref().map(|what| sentence(shell, what));
    let source = step.source.as_ref().map(|source| {
        let last = confirmed(shell, &data.snapshot, [source]);
        view! { {source_link(shell, source)}{heard(shell, last)} }
    });
    view! {
        <tr class=class data-step=step.kind.as_str() data-state=step.state.as_str()>
            <td class="n">{number::count(place + 1, lang)}</td>
            <th scope="row">{step_name(lang, step.kind)}</th>
            <td>{step_state(lang, step.state)}</td>
            <td class="nw">{done_at}</td>
            <td class="num nw">{took_words}</td>
            <td class="bars">{bar(scale, took, usual, is_slow)}</td>
            <td class="lo nw" data-l=tr!(lang, "pull-usually")>{usually}</td>
            <td class="full brk">{what}</td>
            <td class="lo full">{source}</td>
        </tr>
    }
    .into_any()
}
