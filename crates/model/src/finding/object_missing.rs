//! `object-missing`: a managed object is gone. Argo CD may still say `Healthy`: a missing object never lowers health
//! (argoproj/argo-cd:controller/health.go).
//!
//! An Application that was never synced is no finding: there was never anything to lose.

use std::fmt::Write as _;

use super::{Candidate, Context};
use crate::{
    said,
    words::{Health, Phase, Rule},
};

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
    let mut names = names.join(", ");
    if missing.len() > 3 {
        let _ = write!(names, " +{}", missing.len() - 3);
    }
    let health = app.health.map_or("Unknown", |health| health.as_str());
    let summary = match (names.is_empty(), all_gone) {
        (true, _) => said!("nothing-lives", "Nothing of it lives"),
        (false, true) => said!("gone", "Gone: {names}", names = names),
        (false, false) => {
            said!("gone-unseen", "Gone: {names}; Argo CD says {health}", names = names, health = health)
        }
    };
    let mut proof: Vec<_> = missing
        .iter()
        .take(5)
        .map(|o| {
            at.cluster(
                format!("{} {}/{}", o.kind, o.namespace, o.name),
                said!("not-found", "not found"),
                None,
            )
        })
        .collect();
    proof.push(at.argocd(said!("what-health", "health"), health, app.health_since));
    let began = all_gone.then_some(app.health_since).flatten();
    let found = at.candidate(
        Rule::ObjectMissing,
        began,
        summary,
        said!("way-object-missing", "Sync in Argo CD to create it again; find out who deleted it."),
    );
    Some(found.with(proof))
}
