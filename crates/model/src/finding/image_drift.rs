//! `image-drift`: what runs is not what is meant, beyond the time of a rollout.

use super::{Candidate, Context, stuck_rollout::rollout_time};
use crate::{index::state::drift, said, words::Rule};

pub(super) fn check(at: &Context<'_>) -> Option<Candidate> {
    let drifts = drift::drifts(at.joined);
    let first = drifts.first()?;
    let (name, lives, meant) = (&first.workload, &first.lives, &first.meant);
    let summary = if let Some(pods) = first.pods {
        said!(
            "pods-drifted",
            "{pods} pods of {name} run {lives}; meant is {meant}",
            pods = pods,
            name = name,
            lives = lives,
            meant = meant,
        )
    } else {
        said!(
            "spec-drifted",
            "{name} was changed to {lives}; meant is {meant}",
            name = name,
            lives = lives,
            meant = meant,
        )
    };
    let found = at.candidate(
        Rule::ImageDrift,
        None,
        summary,
        said!(
            "way-image-drift",
            "Sync in Argo CD to bring back what is meant, or put the new image into Git."
        ),
    );
    let mut proof = Vec::new();
    for drift in drifts.iter().take(4) {
        proof.push(at.argocd(
            said!("what-meant", "meant, {container}", container = drift.container),
            &drift.meant,
            at.environment.deployed_at,
        ));
        let what = if drift.pods.is_some() {
            said!("what-running", "running, {container}", container = drift.container)
        } else {
            said!("what-live-spec", "live spec, {container}", container = drift.container)
        };
        proof.push(at.cluster(what, &drift.lives, None));
    }
    if let Some((manager, since)) = &at.joined.application.image_owner {
        proof.push(at.argocd(said!("what-image-set-by", "image last set by"), manager, *since));
    }
    Some(found.after(rollout_time(at)).with(proof))
}
