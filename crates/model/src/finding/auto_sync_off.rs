//! `auto-sync-off`: automation stands there switched off, or was on before. An Application that never had it is no
//! finding.

use super::{Candidate, Context};
use crate::{said, words::Rule};

pub(super) fn check(at: &Context<'_>) -> Option<Candidate> {
    if at.environment.auto_sync != Some(false) || at.joined.application.deleting_since.is_some() {
        return None;
    }
    let (summary, how) = if at.joined.application.automation.present {
        (
            said!(
                "auto-sync-disabled",
                "Automation is off: automated.enabled is false. New commits do not go out by themselves"
            ),
            said!("automation-disabled", "automated.enabled is false"),
        )
    } else {
        (
            said!(
                "auto-sync-removed",
                "Automation is off: syncPolicy.automated was taken out. New commits do not go out by themselves"
            ),
            said!("automation-removed", "syncPolicy.automated was taken out"),
        )
    };
    let way_out = said!(
        "way-auto-sync-off",
        "Switch it on again when the reason is gone (a rollback in Argo CD switches it off).",
    );
    let found = at.candidate(Rule::AutoSyncOff, None, summary, way_out);
    let who = at.joined.application.operation.as_ref().and_then(|o| o.initiated_by.clone());
    let mut proof = vec![at.argocd(said!("what-automation", "automation"), how, None)];
    proof.extend(who.map(|who| at.argocd(said!("what-operation-by", "last operation by"), &*who, None)));
    Some(found.with(proof))
}
