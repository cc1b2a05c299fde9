//! `not-running`: Argo CD says healthy, the pods do not run.

use super::{Candidate, Context};
use crate::{
    index::state::is_dead,
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
    let trouble = dead.troubles.first().map(|t| format!(", {}", t.reason)).unwrap_or_default();
    let desired = dead.desired.unwrap_or(0);
    let summary =
        format!("Argo CD says Healthy, but 0 of {desired} pods of {} are ready{trouble}", dead.name);
    let mut proof = vec![
        at.argocd("health", "Healthy", app.health_since),
        at.cluster("pods ready", format!("0 of {desired}, {} {}", dead.kind, dead.name), began),
    ];
    proof.extend(dead.troubles.iter().take(3).map(|t| at.cluster("pods say", &*t.reason, t.since)));
    let found = at.candidate(
        Rule::NotRunning,
        began,
        &summary,
        "Trust the pods: look at their reason and events. Argo CD's health check does not see it.",
    );
    Some(found.with(proof))
}
