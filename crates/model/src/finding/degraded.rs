//! `degraded`: Argo CD calls the Application degraded.

use super::{Candidate, Context};
use crate::words::{Health, Rule};

pub(super) fn check(at: &Context<'_>) -> Option<Candidate> {
    let app = at.joined.application;
    if app.health != Some(Health::Degraded) {
        return None;
    }
    let why = at.environment.why.as_deref().unwrap_or("Argo CD gives no reason");
    let mut proof = vec![at.argocd("health", "Degraded", app.health_since)];
    for workload in &at.environment.workloads {
        if let Some(desired) = workload.desired.filter(|desired| workload.ready < *desired) {
            proof.push(at.cluster(
                "pods ready",
                format!("{} of {desired}, {} {}", workload.ready, workload.kind, workload.name),
                None,
            ));
        }
        for trouble in workload.troubles.iter().take(2) {
            let message = trouble.message.as_deref().map(|m| format!(": {m}")).unwrap_or_default();
            let value = format!("{} ({} pods){message}", trouble.reason, trouble.pods);
            proof.push(at.cluster("pods say", value, trouble.since));
        }
    }
    let found = at.candidate(
        Rule::Degraded,
        app.health_since,
        why,
        "Look at the pods' reason and logs; roll back in Argo CD if the last deploy brought it.",
    );
    Some(found.with(proof))
}
