//! `image-drift`: what runs is not what is meant, beyond the time of a rollout.

use super::{Candidate, Context, stuck_rollout::rollout_time};
use crate::{index::state::drift, words::Rule};

pub(super) fn check(at: &Context<'_>) -> Option<Candidate> {
    let drifts = drift::drifts(at.joined);
    let first = drifts.first()?;
    let who = match first.pods {
        Some(pods) => format!("{pods} pods of {} run {}", first.workload, first.lives),
        None => format!("{} was changed to {}", first.workload, first.lives),
    };
    let found = at.candidate(
        Rule::ImageDrift,
        None,
        &format!("{who}; meant is {}", first.meant),
        "Sync in Argo CD to bring back what is meant, or put the new image into Git.",
    );
    let mut proof = Vec::new();
    for drift in drifts.iter().take(4) {
        proof.push(at.argocd(
            &format!("meant, {}", drift.container),
            &*drift.meant,
            at.environment.deployed_at,
        ));
        let source = if drift.pods.is_some() { "running" } else { "live spec" };
        proof.push(at.cluster(&format!("{source}, {}", drift.container), &*drift.lives, None));
    }
    if let Some((manager, since)) = &at.joined.application.image_owner {
        proof.push(at.argocd("image last set by", &**manager, *since));
    }
    Some(found.after(rollout_time(at)).with(proof))
}
