//! What is not there, and what failed. Both say what they know and where to go on.

use leptos::prelude::*;

use crate::{
    components::{attribute, icon, name, outside, said, search_field},
    data::{Failure, Missing, NotFound, Shell},
    lang::{FluentValue, rich},
    links,
    shell::{Meta, Place, document},
    tr,
};

/// Nearest names, things that once were, and search. Goes with status 404.
pub fn not_found(data: &NotFound, shell: &Shell) -> String {
    let lang = shell.lang();
    let meta = Meta::plain(tr!(lang, "missing-title"), Place::Elsewhere);
    document(shell, &meta, || {
        let bold = |inner: AnyView| view! { <b>{inner}</b> }.into_any();
        let (sentence, asked) = match &data.what {
            Missing::Service(asked) => {
                let shown = attribute(asked);
                (
                    rich(lang, "missing-service", &[("name", FluentValue::from(shown))], &[("b", &bold)]),
                    asked.clone(),
                )
            }
            Missing::Repository(asked) => {
                let shown = attribute(asked);
                (
                    rich(lang, "missing-repository", &[("name", FluentValue::from(shown))], &[("b", &bold)]),
                    asked.clone(),
                )
            }
            Missing::Pull(repository, number) => {
                let shown = attribute(repository);
                let number = number.map(|number| format!("#{number}")).unwrap_or_default();
                let args = [("name", FluentValue::from(shown)), ("number", FluentValue::from(number))];
                (rich(lang, "missing-pull", &args, &[("b", &bold)]), repository.clone())
            }
            Missing::Page => {
                let last = shell.path.rsplit('/').next().unwrap_or_default().to_owned();
                (rich(lang, "missing-page", &[], &[("b", &bold)]), last)
            }
        };
        let to = |n: &str| match data.what {
            Missing::Repository(_) => links::images(n),
            Missing::Pull(..) => links::pull_of_id(n),
            Missing::Service(_) | Missing::Page => links::service(n),
        };
        let near: Vec<AnyView> = data
            .near
            .iter()
            .map(|n| (n, to(n)))
            .map(|(n, to)| view! { " "<a href=shell.href(&to)><b>{name(n)}</b></a> }.into_any())
            .collect();
        let near =
            (!near.is_empty()).then(|| view! { <p class="mt-2">{tr!(lang, "missing-near")}{near}</p> });
        let gone = data
            .gone
            .map(|t| view! { <p class="mt-2">{tr!(lang, "missing-gone", time = shell.clock.moment(t))}</p> });
        let why = matches!(data.what, Missing::Pull(..)).then(|| {
            let list = |inner: AnyView| view! { <a href="/previews">{inner}</a> }.into_any();
            let guide = |inner: AnyView| view! { <a href="/docs/previews">{inner}</a> }.into_any();
            let words = rich(lang, "missing-pull-why", &[], &[("l", &list), ("a", &guide)]);
            view! { <p class="mt-2 prose">{words}</p> }
        });
        view! {
            <p class="crumb"><span class="mono">{outside(&shell.path, lang)}</span></p>
            <h1 class="lead">{sentence}</h1>
            {why}
            {gone}
            {near}
            <form class="filters mt-3" role="search" action="/search" method="get">
                {search_field(&asked, true, tr!(lang, "search-everything"))}
                <button type="submit">{tr!(lang, "search-everything")}</button>
            </form>
            <p class="mt-2"><a href="/">{tr!(lang, "nav-board")}</a>" · "<a href="/history">{tr!(lang, "nav-history")}</a>" · "<a href="/docs">{tr!(lang, "foot-docs")}</a></p>
        }
        .into_any()
    })
}

/// What kind of trouble it is: whose turn it is to do something.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Trouble {
    /// The address is wrong.
    Asked,
    /// The request is not let in.
    Refused,
    /// It will work later.
    Later,
    /// Our fault.
    Ours,
}

impl Trouble {
    const fn of(status: u16) -> Self {
        match status {
            403 | 405 | 413 | 421 => Self::Refused,
            429 | 503 => Self::Later,
            500.. => Self::Ours,
            _ => Self::Asked,
        }
    }
}

/// What failed, what did not, a number to quote, ways on. Never a stack trace.
pub fn failure(data: &Failure, shell: &Shell) -> String {
    let lang = shell.lang();
    let bold = |inner: AnyView| view! { <b>{inner}</b> }.into_any();
    let trouble = Trouble::of(data.status);
    let (title, lead) = match trouble {
        Trouble::Asked => (tr!(lang, "wrong-title"), "wrong-lead"),
        Trouble::Refused => (tr!(lang, "refused-title"), "refused-lead"),
        Trouble::Later => (tr!(lang, "later-title"), "later-lead"),
        Trouble::Ours => (tr!(lang, "failed-title"), "failed-lead"),
    };
    let meta = Meta::plain(title, Place::Elsewhere);
    document(shell, &meta, || {
        let sentence = rich(lang, lead, &[], &[("b", &bold)]);
        let fields: Vec<AnyView> = data
            .fields
            .iter()
            .map(|field| {
                let value = field.value.as_deref().map(|value| {
                    view! { {tr!(lang, "quote-open")}{name(value)}{tr!(lang, "quote-close")}" " }
                });
                let wrong = said(lang, &field.wrong.text, field.wrong.phrase.as_deref());
                view! { <li class="err">{icon("bad")}<span><code>{name(&field.name)}</code>" "{value}{wrong}</span></li> }.into_any()
            })
            .collect();
        let fields = (!fields.is_empty()).then(|| view! { <ul class="mt-2">{fields}</ul> });
        let detail = data.detail.as_ref().filter(|_| trouble != Trouble::Ours);
        let detail = detail.map(|detail| {
            view! { <p class="mt-2">{said(lang, &detail.text, detail.phrase.as_deref())}</p> }
        });
        let written = data.reference.as_deref().map(|reference| {
            let code = |inner: AnyView| view! { <span class="mono">{inner}</span> }.into_any();
            let args = [
                ("reference", FluentValue::from(attribute(reference))),
                ("time", FluentValue::from(shell.clock.time_zone(shell.clock.now))),
            ];
            let text = if trouble == Trouble::Ours { "failed-written" } else { "later-written" };
            view! { <p class="mt-2">{rich(lang, text, &args, &[("m", &code)])}</p> }
        });
        let without = (!data.fields.is_empty()).then(|| {
            let mut params = shell.params.clone();
            for field in &data.fields {
                params = params.without(&field.name);
            }
            view! { <a href=params.on(&shell.path)>{tr!(lang, "wrong-without")}</a>" · " }
        });
        let again = matches!(trouble, Trouble::Later | Trouble::Ours)
            .then(|| view! { <a href=shell.params.on(&shell.path)>{tr!(lang, "failed-again")}</a>" · " });
        view! {
            <p class="crumb"><span class="mono">{outside(&shell.path, lang)}</span></p>
            <h1 class="lead">{sentence}</h1>
            {fields}
            {detail}
            {written}
            <p class="mt-3">{without}{again}<a href="/">{tr!(lang, "nav-board")}</a>" · "<a href="/docs">{tr!(lang, "foot-docs")}</a></p>
        }
        .into_any()
    })
}
