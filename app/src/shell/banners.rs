//! What must be said before anything else: the past, the marks, the start, the database.

use leptos::prelude::*;

use crate::{
    components::{icon, said},
    data::{Database, Shell},
    lang::{FluentValue, rich},
    tr,
};

pub(super) fn banners(shell: &Shell) -> AnyView {
    let lang = shell.lang();
    let clock = &shell.clock;
    let at = shell.at.map(|at| {
        view! {
            <p class="banner" role="status">{icon("stale")}<span>
                {tr!(lang, "at-banner", time = clock.full(at))}" "
                <a href=shell.params.without("at").on(&shell.path)>{tr!(lang, "at-back")}</a>
            </span></p>
        }
    });
    let gap = shell.gap.as_ref().map(|gap| {
        let text = tr!(lang, "gap-banner", from = clock.moment(gap.from), to = clock.moment(gap.to));
        view! { <p class="banner b-note">{icon("unknown")}<span>{text}" "{said(lang, &gap.why.text, gap.why.phrase.as_deref())}</span></p> }
    });
    let since = shell.since.map(|since| {
        view! {
            <p class="banner b-note">{icon("note")}<span>
                {tr!(lang, "since-banner", time = clock.moment(since))}" "
                <a href=shell.params.without("since").on(&shell.path)>{tr!(lang, "since-clear")}</a>
            </span></p>
        }
    });
    let starting = shell.starting.map(|starting| {
        let text = match starting.last_known {
            Some(t) => tr!(lang, "starting-banner", time = clock.full(t)),
            None => tr!(lang, "starting-empty-banner"),
        };
        view! { <p class="banner b-note" role="status">{icon("wait")}<span>{text}</span></p> }
    });
    let database = match shell.database {
        Database::Ok => None,
        Database::Off => Some(
            view! { <p class="banner b-note">{icon("note")}<span>{tr!(lang, "database-off-banner")}</span></p> }.into_any(),
        ),
        Database::Away { since, waiting } => {
            let text = rich(
                lang,
                "database-away-banner",
                &[
                    ("time", FluentValue::from(clock.time(since))),
                    ("age", FluentValue::from(clock.age(since))),
                    ("n", FluentValue::from(waiting)),
                ],
                &[("b", &|inner| view! { <b>{inner}</b> }.into_any())],
            );
            Some(view! { <p class="banner b-bad" role="status">{icon("bad")}<span>{text}</span></p> }.into_any())
        }
    };
    view! { {at}{gap}{since}{starting}{database} }.into_any()
}
