//! Expected, would be picked, running: each environment that something keeps up to date, and why the newer does not run.

use std::borrow::Cow;

use landfall_model::{
    query::images::Use,
    updater::trap::State,
    view::{ImageView, Outlook},
    words::Standing,
};
use leptos::prelude::*;

use crate::{
    components::{age, attribute, environment_name, icon, name, said, said_plainly, status, tag},
    data::{RepositoryPage, Shell},
    lang::Lang,
    links, tr,
};

/// Environments in the table; the rest is counted.
const PLACES: usize = 40;

fn outlooks(data: &RepositoryPage) -> impl Iterator<Item = (&Use, &Outlook)> {
    data.repository.uses.iter().filter_map(|one| Some((one, one.image().outlook.as_deref()?)))
}

/// The worst of all places, in one sentence with its way out.
pub(super) fn verdict(data: &RepositoryPage, shell: &Shell) -> AnyView {
    let lang = shell.lang();
    let now = shell.clock.now;
    let rank = |outlook: &Outlook| match outlook.state_at(now) {
        State::Trapped => Some(0),
        State::Blocked => Some(1),
        _ => None,
    };
    let worst =
        outlooks(data).filter_map(|found| Some((rank(found.1)?, found))).min_by_key(|(rank, _)| *rank);
    let Some((rank, (one, outlook))) = worst else { return ().into_any() };
    let summary = outlook.summary_at(now);
    let since = outlook.since.map(|at| view! { " "<span class="q3">{age(&shell.clock, at)}</span> });
    let way = outlook.way_out.as_ref().map(|way| {
        view! { <p class="q">{said(lang, &way.text, way.phrase.as_deref())}</p> }
    });
    let href = shell.href(&links::service(&one.service.name));
    view! {
        <div class=if rank == 0 { "verdict v-bad as-it-is" } else { "verdict v-warn as-it-is" } data-part="verdict">
            <p>{said(lang, &summary.text, summary.phrase.as_deref())}</p>
            <p class="q">{outlook_status(shell, outlook)}{since}" "<a href=href>{name(&one.service.name)}</a>" "{environment_name(lang, &one.environment.name)}</p>
            {way}
        </div>
    }
    .into_any()
}

/// How a use stands, in a word.
pub(in crate::pages) fn standing_word(lang: Lang, standing: Standing) -> Cow<'static, str> {
    match standing {
        Standing::Trapped => tr!(lang, "outlook-trapped"),
        Standing::Blocked => tr!(lang, "outlook-blocked"),
        Standing::Unwatched => tr!(lang, "outlook-unwatched"),
        Standing::Differs => tr!(lang, "images-differs"),
        Standing::Unknown => tr!(lang, "outlook-unknown"),
        Standing::OnItsWay => tr!(lang, "outlook-on-its-way"),
        Standing::AsMeant => tr!(lang, "images-all-meant"),
        Standing::Idle => tr!(lang, "images-nothing-runs"),
    }
}

/// The same with its glyph.
pub(super) fn standing(lang: Lang, standing: Standing) -> AnyView {
    let word = standing_word(lang, standing);
    let glyph = match standing {
        Standing::Trapped => "crit",
        Standing::Blocked | Standing::Unwatched => "warn",
        Standing::Differs => "drift",
        Standing::Unknown => "unknown",
        Standing::OnItsWay => "move",
        Standing::AsMeant => "ok",
        Standing::Idle => return view! { <span class="q3">{word}</span> }.into_any(),
    };
    status(glyph, word)
}

/// How an image stands, in a word.
fn outlook_status(shell: &Shell, outlook: &Outlook) -> AnyView {
    let lang = shell.lang();
    match outlook.state_at(shell.clock.now) {
        State::Fine => status("ok", tr!(lang, "outlook-fine")),
        State::OnItsWay => status("move", tr!(lang, "outlook-on-its-way")),
        State::Blocked => status("warn", tr!(lang, "outlook-blocked")),
        State::Trapped => status("crit", tr!(lang, "outlook-trapped")),
        State::Unwatched => status("warn", tr!(lang, "outlook-unwatched")),
        State::Unknown => status("unknown", tr!(lang, "outlook-unknown")),
    }
}

/// For one line: that something newer is there and does not run, with why in its title; leads to the repository's page.
pub(in crate::pages) fn newer(shell: &Shell, image: &ImageView) -> Option<AnyView> {
    let lang = shell.lang();
    let outlook = image.outlook.as_deref().filter(|outlook| outlook.is_behind())?;
    let expected = outlook.expected.as_ref()?;
    let summary = outlook.summary_at(shell.clock.now);
    let why = said_plainly(lang, &summary.text, summary.phrase.as_deref());
    let title = match expected.at {
        Some(at) => tr!(
            lang,
            "outlook-newer-why",
            tag = attribute(&expected.tag),
            age = shell.clock.age(at),
            why = why
        ),
        None => tr!(lang, "outlook-newer-undated", tag = attribute(&expected.tag), why = why),
    };
    let label = tr!(lang, "outlook-newer", tag = attribute(&expected.tag));
    let href = format!("{}#h-o", shell.href(&links::images(&image.repository)));
    Some(view! { " "<a class="newer" href=href title=title aria-label=label>{icon("newer")}</a> }.into_any())
}

/// The same in full: which, pushed when, and why it does not run.
pub(in crate::pages) fn expected(shell: &Shell, image: &ImageView) -> AnyView {
    let lang = shell.lang();
    let Some(outlook) = image.outlook.as_deref() else {
        return view! { <span class="q3">{tr!(lang, "unknown")}</span> }.into_any();
    };
    let tag = outlook.expected.as_ref().map(|it| {
        let pushed = it.at.map(|at| {
            view! { " "<span class="q3">{tr!(lang, "outlook-pushed")}" "{age(&shell.clock, at)}</span> }
        });
        view! { <p>{tag(&it.tag, Some(&it.digest), false)}{pushed}</p> }
    });
    let summary = outlook.summary_at(shell.clock.now);
    let why = (outlook.state != State::Fine)
        .then(|| view! { <p class="q sm">{said(lang, &summary.text, summary.phrase.as_deref())}</p> });
    let href = format!("{}#h-o", shell.href(&links::images(&image.repository)));
    let more =
        outlook.is_behind().then(|| view! { <p class="sm"><a href=href>{tr!(lang, "outlook-more")}</a></p> });
    view! { {tag}<p>{outlook_status(shell, outlook)}</p>{why}{more} }.into_any()
}

pub(super) fn table(data: &RepositoryPage, shell: &Shell) -> AnyView {
    let lang = shell.lang();
    let all = outlooks(data).count();
    if all == 0 {
        return ().into_any();
    }
    let rows: Vec<AnyView> =
        outlooks(data).take(PLACES).map(|(one, outlook)| row(shell, one, outlook)).collect();
    let rest = all.saturating_sub(PLACES);
    let rest =
        (rest > 0).then(|| view! { <p class="q3 sm mt-1">{tr!(lang, "shell-silent-more", n = rest)}</p> });
    view! {
        <section aria-labelledby="h-o" data-part="outlook">
            <header><h2 id="h-o">{tr!(lang, "outlook-title")}</h2><span class="asof">{tr!(lang, "outlook-how")}</span></header>
            <table class="t quiet flow">
                <caption class="vh">{tr!(lang, "outlook-title")}</caption>
                <thead><tr>
                    <th scope="col">{tr!(lang, "images-where")}</th>
                    <th scope="col">{tr!(lang, "outlook-expected")}</th>
                    <th scope="col">{tr!(lang, "outlook-would-pick")}</th>
                    <th scope="col">{tr!(lang, "outlook-running")}</th>
                    <th scope="col">{tr!(lang, "outlook-state")}</th>
                </tr></thead>
                <tbody>{rows}</tbody>
            </table>
            {rest}
        </section>
    }
    .into_any()
}

fn row(shell: &Shell, one: &Use, outlook: &Outlook) -> AnyView {
    let lang = shell.lang();
    let unknown = || view! { <span class="q3">{tr!(lang, "unknown")}</span> }.into_any();
    let expected = outlook.expected.as_ref().map_or_else(unknown, |it| {
        let pushed = it.at.map(|at| view! { " "<span class="q3">{age(&shell.clock, at)}</span> });
        view! { {tag(&it.tag, Some(&it.digest), false)}{pushed} }.into_any()
    });
    let picked =
        outlook.would_pick.as_ref().map_or_else(unknown, |it| tag(&it.tag, it.digest.as_deref(), false));
    let running: Vec<AnyView> = one
        .image()
        .running
        .iter()
        .take(3)
        .map(|it| view! { {crate::components::image_tag(it, false, lang)}" " }.into_any())
        .collect();
    let running = if running.is_empty() {
        view! { <span class="q3">{tr!(lang, "images-nothing-runs")}</span> }.into_any()
    } else {
        running.into_any()
    };
    let summary = outlook.summary_at(shell.clock.now);
    let href = shell.href(&links::service(&one.service.name));
    view! {
        <tr data-row=format!("o-{}", one.environment.id)>
            <th scope="row"><a href=href>{name(&one.service.name)}</a>" "{environment_name(lang, &one.environment.name)}</th>
            <td class="nw" data-l=tr!(lang, "outlook-expected")>{expected}</td>
            <td class="nw" data-l=tr!(lang, "outlook-would-pick")>{picked}</td>
            <td data-l=tr!(lang, "outlook-running")>{running}</td>
            <td class="full end">{outlook_status(shell, outlook)}" "<span class="q">{said(lang, &summary.text, summary.phrase.as_deref())}</span></td>
        </tr>
    }
    .into_any()
}
