//! Transitions of any day in one table.

use std::{borrow::Cow, sync::Arc};

use landfall_model::transition::Transition;
use leptos::prelude::*;

use super::{change, kind_status, moment, source_link, where_of};
use crate::{data::Shell, tr};

/// Newest first, each with its day. `caption` is for who does not see the heading above.
pub fn changes(shell: &Shell, caption: Cow<'static, str>, transitions: &[Arc<Transition>]) -> AnyView {
    let lang = shell.lang();
    let rows: Vec<AnyView> = transitions
        .iter()
        .map(|t| {
            view! {
                <tr data-row=format!("t-{}", t.id)>
                    <td class="nw">{moment(&shell.clock, t.at)}</td>
                    <th scope="row">{where_of(shell, t)}</th>
                    <td>{kind_status(lang, t)}</td>
                    <td class="full end brk">{change(shell, t)}</td>
                    <td class="lo r">{source_link(shell, &t.source)}</td>
                </tr>
            }
            .into_any()
        })
        .collect();
    view! {
        <table class="t quiet flow">
            <caption class="vh">{caption}</caption>
            <thead><tr>
                <th scope="col">{tr!(lang, "history-col-time")}</th>
                <th scope="col">{tr!(lang, "history-col-where")}</th>
                <th scope="col">{tr!(lang, "history-kind")}</th>
                <th scope="col">{tr!(lang, "history-col-what")}</th>
                <th scope="col">{tr!(lang, "history-col-source")}</th>
            </tr></thead>
            <tbody>{rows}</tbody>
        </table>
    }
    .into_any()
}
