//! `out-of-sync`: what lives differs from what is in Git. Silent while an operation runs, and where a sharper rule
//! (`object-missing`, `would-prune-all`) already says why.

use super::{Candidate, Context, object_missing, would_prune_all};
use crate::{
    phrase::Said,
    said,
    words::{Phase, Rule, SyncStatus},
};

pub(super) fn check(at: &Context<'_>) -> Option<Candidate> {
    let app = at.joined.application;
    let running =
        app.operation.as_ref().is_some_and(|o| matches!(o.phase, Phase::Running | Phase::Terminating));
    if app.sync != Some(SyncStatus::OutOfSync) || running || app.deleting_since.is_some() {
        return None;
    }
    if would_prune_all::check(at).is_some() || object_missing::check(at).is_some() {
        return None;
    }
    let objects: Vec<String> =
        app.resources.differing.iter().take(3).map(|o| format!("{} {}", o.kind, o.name)).collect();
    let more = usize::try_from(app.resources.out_of_sync).unwrap_or(usize::MAX).saturating_sub(objects.len());
    let names = objects.join(", ");
    let why = if app.history.is_empty() && app.operation.is_none() {
        said!("never-synced", "It was never synced")
    } else if more > 0 {
        said!("differ-more", "{names} and {more} more differ from Git", names = names, more = more)
    } else if objects.len() == 1 {
        said!("differs", "{names} differs from Git", names = names)
    } else {
        said!("differ", "{names} differ from Git", names = names)
    };
    let way_out = match at.environment.auto_sync {
        Some(true) => said!(
            "way-out-of-sync-automated",
            "See the difference in Argo CD: automation is on, yet it does not close it.",
        ),
        _ => {
            said!("way-out-of-sync", "See the difference in Argo CD, then sync, or put the change into Git.")
        }
    };
    let found = at.candidate(Rule::OutOfSync, None, why, way_out);
    Some(found.with(vec![
        at.argocd(said!("what-sync", "sync"), "OutOfSync", None),
        at.argocd(
            said!("what-objects-differ", "objects that differ"),
            said!(
                "of",
                "{ready} of {desired}",
                ready = app.resources.out_of_sync,
                desired = app.resources.total
            ),
            None,
        ),
        at.argocd(said!("what-compared", "compared with"), app.compared.join(", "), None),
        at.argocd(said!("what-automation", "automation"), automation(at), None),
    ]))
}

fn automation(at: &Context<'_>) -> Said {
    let automation = at.joined.application.automation;
    match (automation.enabled, automation.self_heal) {
        (true, true) => said!("automation-heals", "on, with self-heal"),
        (true, false) => said!("automation-on", "on, without self-heal"),
        (false, _) => said!("automation-off", "off"),
    }
}
