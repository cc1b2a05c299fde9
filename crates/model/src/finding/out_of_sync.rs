//! `out-of-sync`: what lives differs from what is in Git. Silent while an operation runs, and where a sharper rule
//! (`object-missing`, `would-prune-all`) already says why.

use super::{Candidate, Context, object_missing, would_prune_all};
use crate::words::{Phase, Rule, SyncStatus};

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
    let rest = if more > 0 { format!(" and {more} more") } else { String::new() };
    let why = if app.history.is_empty() && app.operation.is_none() {
        "It was never synced".to_owned()
    } else {
        let verb = if objects.len() == 1 && more == 0 { "differs" } else { "differ" };
        format!("{}{rest} {verb} from Git", objects.join(", "))
    };
    let way_out = match at.environment.auto_sync {
        Some(true) => "See the difference in Argo CD: automation is on, yet it does not close it.",
        _ => "See the difference in Argo CD, then sync, or put the change into Git.",
    };
    let found = at.candidate(Rule::OutOfSync, None, &why, way_out);
    Some(found.with(vec![
        at.argocd("sync", "OutOfSync", None),
        at.argocd(
            "objects that differ",
            format!("{} of {}", app.resources.out_of_sync, app.resources.total),
            None,
        ),
        at.argocd("compared with", app.compared.join(", "), None),
        at.argocd("automation", automation(at), None),
    ]))
}

fn automation(at: &Context<'_>) -> &'static str {
    let automation = at.joined.application.automation;
    match (automation.enabled, automation.self_heal) {
        (true, true) => "on, with self-heal",
        (true, false) => "on, without self-heal",
        (false, _) => "off",
    }
}
