//! `mixed-images`: pods of one workload run different images although no rollout is under way, or the same tag as
//! different digests (the tag was moved between two pulls).

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::{Candidate, Context, stuck_rollout::rollout_time};
use crate::{
    index::joined::JoinedWorkload,
    said,
    text::Text,
    words::{Kind, Rule},
};

/// (image string, digest) -> pods and the first start.
type Groups = BTreeMap<(Text, Text), (usize, Option<Timestamp>)>;

pub(super) fn check(at: &Context<'_>) -> Option<Candidate> {
    let (workload, container, groups) = at.joined.workloads.iter().find_map(mixed)?;
    // It began when the second of them came.
    let began = groups.values().filter_map(|(_, first)| *first).max();
    let tags: std::collections::BTreeSet<&Text> = groups.keys().map(|(image, _)| image).collect();
    let name = &workload.object.name;
    let summary = if tags.len() == 1 {
        said!(
            "mixed-digests",
            "Pods of {name} run {n} digests under one tag: it was moved between two pulls",
            name = name,
            n = groups.len(),
        )
    } else {
        said!(
            "mixed-images",
            "Pods of {name} run {n} different images in container {container}",
            name = name,
            n = groups.len(),
            container = container,
        )
    };
    let proof = groups
        .iter()
        .take(5)
        .map(|((image, digest), (pods, first))| {
            at.cluster(
                said!("what-pods-run", "{pods} pods run", pods = pods),
                format!("{image} {digest}"),
                *first,
            )
        })
        .collect();
    let found = at.candidate(
        Rule::MixedImages,
        began,
        summary,
        said!(
            "way-mixed-images",
            "Restart the rollout so that all pods pull the same image; use tags that never move.",
        ),
    );
    Some(found.after(rollout_time(at)).with(proof))
}

fn mixed<'a>(workload: &'a JoinedWorkload<'_>) -> Option<(&'a JoinedWorkload<'a>, Text, Groups)> {
    // While a rollout is under way this is how it must be; if it does not end, `stuck-rollout` says so.
    if matches!(workload.kind, Kind::Job | Kind::CronJob) || workload.is_rolling() {
        return None;
    }
    let mut by_container: BTreeMap<Text, Groups> = BTreeMap::new();
    for pod in workload.living_pods() {
        for container in &pod.pod.containers {
            let Some(digest) = &container.digest else { continue };
            let key = (Text::clone(&container.image), Text::clone(digest));
            let group = by_container.entry(Text::clone(&container.name)).or_default().entry(key).or_default();
            group.0 += 1;
            group.1 = match (group.1, container.started.or(pod.pod.created)) {
                (Some(a), Some(b)) => Some(a.min(b)),
                (a, b) => a.or(b),
            };
        }
    }
    let (container, groups) = by_container.into_iter().find(|(_, groups)| groups.len() > 1)?;
    Some((workload, container, groups))
}
