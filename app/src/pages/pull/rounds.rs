//! Rounds: steps three to six of each head that was seen, newest first.

use jiff::{SignedDuration, Timestamp};
use landfall_model::{
    view::{Preview, Round},
    words::RoundEnd,
};
use leptos::prelude::*;

use super::{of_service, short};
use crate::{
    components::{age, attribute, name, round_end},
    data::Shell,
    format::time::length,
    tr,
};

pub(super) fn rounds(shell: &Shell, preview: &Preview, at: usize, many: bool) -> AnyView {
    let lang = shell.lang();
    if preview.rounds.is_empty() {
        return ().into_any();
    }
    let rows: Vec<AnyView> = preview.rounds.iter().map(|round| row(shell, round)).collect();
    let id = format!("h-rd-{at}");
    view! {
        <section aria-labelledby=id.clone() data-part=format!("rounds-{at}")>
            <header>
                <h2 id=id.clone()>{tr!(lang, "pull-rounds")}{of_service(preview, many)}</h2>
                <span class="asof">{tr!(lang, "pull-rounds-about")}</span>
            </header>
            <table class="t flow">
                <caption class="vh">{tr!(lang, "pull-rounds")}</caption>
                <thead><tr>
                    <th scope="col">{tr!(lang, "pull-commit")}</th>
                    <th scope="col" class="num">{tr!(lang, "round-pushed")}</th>
                    <th scope="col" class="num">{tr!(lang, "step-picked")}</th>
                    <th scope="col" class="num">{tr!(lang, "step-synced")}</th>
                    <th scope="col" class="num">{tr!(lang, "step-healthy")}</th>
                    <th scope="col" class="num">{tr!(lang, "pull-in-all")}</th>
                    <th scope="col">{tr!(lang, "pull-ended-col")}</th>
                    <th scope="col" class="num">{tr!(lang, "previews-age")}</th>
                </tr></thead>
                <tbody>{rows}</tbody>
            </table>
        </section>
    }
    .into_any()
}

fn row(shell: &Shell, round: &Round) -> AnyView {
    let lang = shell.lang();
    let span = |from: Option<Timestamp>, to: Option<Timestamp>| {
        Some(length(to?.duration_since(from?).max(SignedDuration::ZERO), lang))
    };
    // A step without a time of its own leaves the next one without a beginning.
    let end = round.healthy.or((round.end == RoundEnd::Going).then_some(shell.clock.now));
    let title = round.title.as_deref().map(attribute);
    view! {
        <tr>
            <th scope="row"><span class="tag" title=title>{short(&round.sha)}</span>" "{round.tag.as_deref().filter(|tag| !tag.contains(&*short(&round.sha))).map(|tag| view! { <span class="q3 sm brk">{name(tag)}</span> })}</th>
            <td class="num nw" data-l=tr!(lang, "round-pushed")>{span(round.began, round.pushed)}</td>
            <td class="num nw" data-l=tr!(lang, "step-picked")>{span(round.pushed, round.picked)}</td>
            <td class="num nw" data-l=tr!(lang, "step-synced")>{span(round.picked, round.synced)}</td>
            <td class="num nw" data-l=tr!(lang, "step-healthy")>{span(round.synced, round.healthy)}</td>
            <td class="num nw" data-l=tr!(lang, "pull-in-all")>{span(round.began, end)}</td>
            <td class="nw">{round_end(lang, round.end)}</td>
            <td class="num r nw">{round.began.map(|t| age(&shell.clock, t))}</td>
        </tr>
    }
    .into_any()
}
