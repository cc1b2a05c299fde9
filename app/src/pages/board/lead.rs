//! The first line: what happened since the last review.

use leptos::prelude::*;

use crate::{
    data::{Board, Shell},
    lang::{FluentValue, rich},
    links::Params,
    tr,
};

pub(super) fn lead(data: &Board, shell: &Shell) -> AnyView {
    let lang = shell.lang();
    let bold = |inner: AnyView| view! { <b>{inner}</b> }.into_any();
    let Some(counts) = data.since_review else {
        let environments: usize = data.snapshot.services.iter().map(|s| s.environments.len()).sum();
        if data.unfiltered == 0 {
            return ().into_any();
        }
        let args = [
            ("services", FluentValue::from(data.snapshot.services.len())),
            ("environments", FluentValue::from(environments)),
        ];
        return view! { <p class="lead" data-part="lead">{rich(lang, "board-lead-now", &args, &[("b", &bold)])}"."</p> }.into_any();
    };
    let history = |kinds: &[&str]| {
        let mut params = shell.params.view().with("since", &shell.review.id);
        for kind in kinds {
            params = params.toggled("kind", kind);
        }
        params.on("/history")
    };
    let review = Params::default().with("since", &shell.review.id).on("/");
    let deploys =
        rich(lang, "board-lead-deploys", &[("n", FluentValue::from(counts.deploys))], &[("b", &bold)]);
    let comma = tr!(lang, "list-comma");
    let stop = tr!(lang, "list-stop");
    let part = |n: u64, href: String, text: std::borrow::Cow<'static, str>| {
        (n > 0).then(|| view! { {comma.clone()}<a class="bad" href=href>{text}</a> })
    };
    let failed =
        part(counts.failed, history(&["operation"]), tr!(lang, "board-lead-failed", n = counts.failed));
    let rolled = part(
        counts.rolled_back,
        history(&["revision"]),
        tr!(lang, "board-lead-rolled", n = counts.rolled_back),
    );
    let findings = (counts.opened + counts.closed > 0).then(|| {
        let opened = tr!(lang, "board-lead-opened", n = counts.opened);
        let closed = tr!(lang, "board-lead-closed", n = counts.closed);
        let timeline = history(&["finding"]);
        // Of a past moment there is no list of what had ended by then.
        let ended = if shell.at.is_none() {
            shell.params.view().with("state", "closed").with("since", &shell.review.id).on("/findings")
        } else {
            timeline.clone()
        };
        view! { <a href=timeline>{opened}</a>{comma.clone()}<a href=ended>{closed}</a>{stop.trim_end().to_owned()} }
    });
    let since = match counts.begins {
        None => view! {
            <a href=review>{tr!(lang, "board-lead-since", week = shell.review.week())}</a>
            {tr!(lang, "board-lead-age", age = shell.clock.age(shell.review.at))}" "
        }
        .into_any(),
        Some(begins) => {
            view! { {tr!(lang, "board-lead-begins", moment = shell.clock.moment(begins))}" " }.into_any()
        }
    };
    view! {
        <p class="lead" data-part="lead">
            {since}
            <a href=history(&["revision"])>{deploys}</a>{failed}{rolled}{stop.clone()}{findings}
        </p>
    }
    .into_any()
}
