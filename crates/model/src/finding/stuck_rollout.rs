//! `stuck-rollout`: a rollout does not come to its end in the time that the Deployment itself allows.

use jiff::SignedDuration;

use super::{Candidate, Context, pods_ready};
use crate::{
    said,
    words::{Kind, Rule},
};

/// Kubernetes' own default of `progressDeadlineSeconds`.
const DEFAULT_DEADLINE_S: i32 = 600;
/// No rollout is called stuck before this.
const AT_LEAST: SignedDuration = SignedDuration::from_mins(10);

/// How long a rollout may take: ten minutes, or the longest `progressDeadlineSeconds` if that is more.
pub(super) fn rollout_time(at: &Context<'_>) -> SignedDuration {
    let deadline = at
        .joined
        .workloads
        .iter()
        .filter_map(|w| w.live?.progress_deadline_s)
        .max()
        .unwrap_or(DEFAULT_DEADLINE_S);
    // A deadline of i32::MAX seconds means "none": a day is long enough to call it stuck.
    SignedDuration::from_secs(i64::from(deadline.clamp(0, 86_400))).max(AT_LEAST)
}

pub(super) fn check(at: &Context<'_>) -> Option<Candidate> {
    let workload = at
        .joined
        .workloads
        .iter()
        .find(|w| !matches!(w.kind, Kind::Job | Kind::CronJob) && w.is_rolling())?;
    let live = workload.live?;
    let condition = live.conditions.iter().find(|c| &*c.kind == "Progressing");
    let newest = workload.living_pods().filter_map(|p| p.set_created.or(p.pod.created)).max();
    let desired = live.desired.unwrap_or(0);
    let name = &workload.object.name;
    let view = at.environment.workloads.iter().find(|w| w.name == *name && w.kind == workload.kind);
    let trouble = view.and_then(|w| w.troubles.first());
    let updated = live.updated;
    let summary = if let Some(trouble) = trouble {
        said!(
            "rollout-stands-because",
            "The rollout of {name} does not end, {updated} of {desired} pods updated: {reason}",
            name = name,
            updated = updated,
            desired = desired,
            reason = trouble.reason,
        )
    } else {
        said!(
            "rollout-stands",
            "The rollout of {name} does not end, {updated} of {desired} pods updated",
            name = name,
            updated = updated,
            desired = desired,
        )
    };
    let mut proof =
        vec![at.cluster(said!("what-pods-updated", "pods updated"), pods_ready(updated, desired), newest)];
    proof.push(at.cluster(said!("what-pods-ready", "pods ready"), pods_ready(live.ready, desired), None));
    if let Some(condition) = condition {
        let reason = condition.reason.as_deref().unwrap_or("-");
        proof.push(at.cluster("Progressing", format!("{reason}: {}", condition.message), condition.since));
    }
    proof.extend(trouble.map(|t| at.cluster(said!("what-pods-say", "pods say"), &t.reason, t.since)));
    // Its beginning is when it was first seen under way: a ReplicaSet that is used again is older than its rollout.
    // Kubernetes' own verdict says that the time is over already, unless it is about an earlier rollout.
    let verdict = condition.filter(|c| c.reason.as_deref() == Some("ProgressDeadlineExceeded"));
    let began = verdict
        .and_then(|c| c.since)
        .filter(|since| workload.living_pods().all(|p| p.pod.created.is_none_or(|created| created <= *since)))
        .and_then(|since| since.checked_sub(rollout_time(at)).ok());
    let found = at.candidate(
        Rule::StuckRollout,
        began,
        summary,
        said!(
            "way-stuck-rollout",
            "Look why the new pods do not become ready; roll back in Argo CD if they will not.",
        ),
    );
    Some(found.after(rollout_time(at)).with(proof))
}
