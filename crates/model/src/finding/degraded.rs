//! `degraded`: Argo CD calls the Application degraded.

use super::{Candidate, Context};
use crate::{
    phrase::Said,
    said,
    words::{Health, Rule},
};

pub(super) fn check(at: &Context<'_>) -> Option<Candidate> {
    let app = at.joined.application;
    if app.health != Some(Health::Degraded) {
        return None;
    }
    let environment = at.environment;
    let why = match &environment.why {
        Some(why) => Said { text: why.clone(), phrase: environment.why_phrase.clone() },
        None => match environment.workloads.iter().find_map(|w| Some((w, w.troubles.first()?))) {
            Some((workload, trouble)) => said!(
                "pods-say",
                "Pods of {name} say {reason}",
                name = workload.name,
                reason = trouble.reason,
            ),
            None => said!("no-reason", "Argo CD gives no reason"),
        },
    };
    let mut proof = vec![at.argocd(said!("what-health", "health"), "Degraded", app.health_since)];
    for workload in &at.environment.workloads {
        if let Some(desired) = workload.desired.filter(|desired| workload.ready < *desired) {
            proof.push(at.cluster(
                said!("what-pods-ready", "pods ready"),
                said!(
                    "of-workload",
                    "{ready} of {desired}, {kind} {name}",
                    ready = workload.ready,
                    desired = desired,
                    kind = workload.kind,
                    name = workload.name,
                ),
                None,
            ));
        }
        for trouble in workload.troubles.iter().take(2) {
            let (reason, pods) = (&trouble.reason, trouble.pods);
            let value = if let Some(message) = &trouble.message {
                said!(
                    "trouble-message",
                    "{reason} ({pods} pods): {message}",
                    reason = reason,
                    pods = pods,
                    message = message,
                )
            } else {
                said!("trouble", "{reason} ({pods} pods)", reason = reason, pods = pods)
            };
            proof.push(at.cluster(said!("what-pods-say", "pods say"), value, trouble.since));
        }
    }
    let found = at.candidate(
        Rule::Degraded,
        app.health_since,
        why,
        said!(
            "way-degraded",
            "Look at the pods' reason and logs; roll back in Argo CD if the last deploy brought it.",
        ),
    );
    Some(found.with(proof))
}
