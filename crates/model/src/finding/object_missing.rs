//! `object-missing`: a managed object is gone. Argo CD may still say `Healthy`: a missing object never lowers health
//! (argoproj/argo-cd:controller/health.go).
//!
//! An Application that was never synced is no finding: there was never anything to lose.

use super::{Candidate, Context};
use crate::words::{Health, Phase, Rule};

pub(super) fn check(at: &Context<'_>) -> Option<Candidate> {
    let app = at.joined.application;
    let synced =
        !app.history.is_empty() || app.operation.as_ref().is_some_and(|o| o.phase == Phase::Succeeded);
    let busy = app.operation.as_ref().is_some_and(|o| matches!(o.phase, Phase::Running | Phase::Terminating));
    if !synced || busy || app.deleting_since.is_some() {
        return None;
    }
    let workloads = at.joined.workloads.iter().filter(|w| w.is_missing()).map(|w| w.object);
    let missing: Vec<_> = workloads.chain(at.joined.missing_entries.iter().copied()).collect();
    let all_gone = app.health == Some(Health::Missing);
    if missing.is_empty() && !all_gone {
        return None;
    }
    let names: Vec<String> = missing.iter().take(3).map(|o| format!("{} {}", o.kind, o.name)).collect();
    let what = if names.is_empty() {
        "Nothing of it lives".to_owned()
    } else {
        format!("{} is gone", names.join(", "))
    };
    let health = app.health.map_or("unknown", |health| health.as_str());
    let summary = if all_gone { what } else { format!("{what}, Argo CD says {health}") };
    let mut proof: Vec<_> = missing
        .iter()
        .take(5)
        .map(|o| at.cluster(&format!("{} {}/{}", o.kind, o.namespace, o.name), "not found", None))
        .collect();
    proof.push(at.argocd("health", health, app.health_since));
    let began = all_gone.then_some(app.health_since).flatten();
    let found = at.candidate(
        Rule::ObjectMissing,
        began,
        &summary,
        "Sync in Argo CD to create it again; find out who deleted it.",
    );
    Some(found.with(proof))
}
