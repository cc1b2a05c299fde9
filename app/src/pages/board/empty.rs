//! A board without any service: what was looked at, what it answered, and the next thing to do.

use std::sync::Arc;

use landfall_model::{
    view::SourceView,
    words::{SourceKind, SourceState},
};
use leptos::prelude::*;

use crate::{
    components::{said, source_link, source_state},
    data::{Board, Shell},
    format::number,
    lang::{FluentValue, rich},
    tr,
};

pub(super) fn nothing_at_all(data: &Board, shell: &Shell) -> AnyView {
    let lang = shell.lang();
    let sources: Vec<&Arc<SourceView>> = data.snapshot.sources.values().collect();
    let is_read = |source: &&&Arc<SourceView>| source.state == SourceState::Ok;
    let read = sources.iter().filter(is_read).count();
    let argocd = sources.iter().filter(|source| source.kind == SourceKind::ArgoCd).count();
    let next = if argocd == 0 {
        "board-empty-add"
    } else if read < sources.len() {
        "board-empty-unread"
    } else {
        "board-empty-namespaces"
    };
    let bold = |inner: AnyView| view! { <b>{inner}</b> }.into_any();
    let code = |inner: AnyView| view! { <code>{inner}</code> }.into_any();
    let counts = [("read", FluentValue::from(read)), ("total", FluentValue::from(sources.len()))];
    let each: Vec<AnyView> = sources.iter().map(|source| one(shell, source)).collect();
    view! {
        <div class="empty">
            <p class="lead">{rich(lang, "board-empty", &counts, &[("b", &bold)])}</p>
            <ul class="answers">{each}</ul>
            <p>{rich(lang, next, &[], &[("code", &code)])}</p>
        </div>
    }
    .into_any()
}

/// A source and what it answered.
fn one(shell: &Shell, source: &SourceView) -> AnyView {
    let lang = shell.lang();
    let error = source.error.as_deref().map(|error| {
        view! { <span class="q">{tr!(lang, "list-colon")}{said(lang, error, source.error_phrase.as_deref())}</span> }
    });
    let objects = (source.state == SourceState::Ok).then(|| {
        let n = number::whole(i64::try_from(source.objects).unwrap_or(i64::MAX), lang);
        view! { <span class="q">{tr!(lang, "list-comma")}{tr!(lang, "board-empty-objects", n = n)}</span> }
    });
    view! { <li>{source_link(shell, &source.name)}" "{source_state(lang, source.state)}{objects}{error}</li> }
        .into_any()
}
