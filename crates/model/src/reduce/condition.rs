//! Conditions, of Kubernetes and of Argo CD.

use serde::Deserialize;

use super::{
    lax::{List, Obj, Str, Time},
    strings::{MESSAGE, Strings},
};
use crate::observe::Condition;

/// Most conditions of one object.
const LIMIT: usize = 50;

/// `status.conditions[]`.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct WireCondition<'a> {
    #[serde(borrow, default, rename = "type")]
    pub kind: Str<'a>,
    #[serde(borrow, default)]
    pub status: Str<'a>,
    #[serde(borrow, default)]
    pub reason: Str<'a>,
    #[serde(borrow, default)]
    pub message: Str<'a>,
    #[serde(default)]
    pub last_transition_time: Time,
}

/// Conditions in their order; those without a type say nothing.
pub(super) fn conditions(list: &List<Obj<WireCondition<'_>>>, strings: &mut Strings<'_>) -> Vec<Condition> {
    list.0
        .iter()
        .map(|condition| &condition.0)
        .filter(|condition| !condition.kind.is_empty())
        .take(LIMIT)
        .map(|condition| Condition {
            kind: strings.shared(&condition.kind.0),
            status: strings.maybe(&condition.status.0),
            reason: strings.maybe(&condition.reason.0),
            message: strings.message(&condition.message.0, MESSAGE),
            since: condition.last_transition_time.0,
        })
        .collect()
}
