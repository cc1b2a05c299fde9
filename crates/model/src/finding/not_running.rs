//! `not-running`: Argo CD says healthy, the pods do not run.

use super::{Candidate, Context};
use crate::{
    index::state::is_dead,
    said,
    words::{Health, Rule},
};

pub(super) fn check(at: &Context<'_>) -> Option<Candidate> {
    let app = at.joined.application;
    if app.health != Some(Health::Healthy) {
        return None;
    }
    let dead = at.environment.workloads.iter().find(|w| is_dead(w))?;
    let joined = at.joined.workloads.iter().find(|w| w.object.name == dead.name && w.kind == dead.kind)?;
    let began = joined.living_pods().filter_map(|p| p.pod.ready_since.or(p.pod.created)).max();
    let (name, kind, desired) = (&dead.name, dead.kind, dead.desired.unwrap_or(0));
    let summary = if let Some(trouble) = dead.troubles.first() {
        said!(
            "none-ready-because",
            "Argo CD says Healthy, but 0 of {desired} pods of {name} are ready, {reason}",
            desired = desired,
            name = name,
            reason = trouble.reason,
        )
    } else {
        said!(
            "none-ready",
            "Argo CD says Healthy, but 0 of {desired} pods of {name} are ready",
            desired = desired,
            name = name,
        )
    };
    let ready = said!(
        "of-workload",
        "{ready} of {desired}, {kind} {name}",
        ready = 0,
        desired = desired,
        kind = kind,
        name = name,
    );
    let mut proof = vec![
        at.argocd(said!("what-health", "health"), "Healthy", app.health_since),
        at.cluster(said!("what-pods-ready", "pods ready"), ready, began),
    ];
    proof.extend(
        dead.troubles
            .iter()
            .take(3)
            .map(|t| at.cluster(said!("what-pods-say", "pods say"), &t.reason, t.since)),
    );
    let found = at.candidate(
        Rule::NotRunning,
        began,
        summary,
        said!(
            "way-not-running",
            "Trust the pods: look at their reason and events. Argo CD's health check does not see it.",
        ),
    );
    Some(found.with(proof))
}
