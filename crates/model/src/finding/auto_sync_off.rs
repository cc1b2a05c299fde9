//! `auto-sync-off`: automation stands there switched off, or was on before. An Application that never had it is no
//! finding.

use super::{Candidate, Context};
use crate::words::Rule;

pub(super) fn check(at: &Context<'_>) -> Option<Candidate> {
    if at.environment.auto_sync != Some(false) || at.joined.application.deleting_since.is_some() {
        return None;
    }
    let how = if at.joined.application.automation.present {
        "automated.enabled is false"
    } else {
        "the block syncPolicy.automated was taken out"
    };
    let found = at.candidate(
        Rule::AutoSyncOff,
        None,
        &format!("Automation is off: {how}. New commits do not go out by themselves"),
        "Switch it on again when the reason is gone (a rollback in Argo CD switches it off).",
    );
    let who = at.joined.application.operation.as_ref().and_then(|o| o.initiated_by.clone());
    let mut proof = vec![at.argocd("automation", how, None)];
    proof.extend(who.map(|who| at.argocd("last operation by", &*who, None)));
    Some(found.with(proof))
}
