//! What changed in the cluster: images that run, pods that are ready.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde_json::{Value, json};

use super::{Change, cluster, make, word};
use crate::{
    phrase::Said,
    said,
    text::Text,
    transition::Transition,
    view::{Environment, ImageView, WorkloadView},
    words::TransitionKind,
};

/// What changed in the cluster: the leading image, replicas, workloads that came or went.
pub fn cluster_changes(before: &Environment, after: &Environment, now: Timestamp) -> Vec<Transition> {
    let mut found = Vec::new();
    let images = |e: &Environment| -> BTreeMap<Text, ImageView> {
        e.image.iter().chain(&e.other_images).map(|i| (Text::clone(&i.repository), i.clone())).collect()
    };
    let (was, is) = (images(before), images(after));
    for (repository, image) in &is {
        let (Some(old), Some(new)) =
            (was.get(repository).and_then(|i| i.running.first()), image.running.first())
        else {
            continue;
        };
        if (&old.tag, &old.digest) != (&new.tag, &new.digest) {
            let total: u32 = image.running.iter().map(|r| r.pods).sum();
            let pods = new.pods;
            let detail = (pods < total).then(|| {
                said!("rolling-out", "rolling out, {pods} of {total} pods", pods = pods, total = total)
            });
            let change = Change {
                kind: TransitionKind::Image,
                at: image.since.unwrap_or(now),
                from: json!({"tag": old.tag, "digest": old.digest}),
                to: json!({"tag": new.tag, "digest": new.digest}),
                detail,
                bad: false,
                source: cluster(after),
                subject: Text::clone(repository),
            };
            found.push(make(after, change, now));
        }
    }
    let was: BTreeMap<_, _> = before.workloads.iter().map(|w| ((w.kind, &w.namespace, &w.name), w)).collect();
    for workload in &after.workloads {
        if let Some(old) = was.get(&(workload.kind, &workload.namespace, &workload.name)) {
            found.extend(workload_change(after, old, workload, now));
        }
    }
    found
}

/// All, some or none of the wanted pods.
fn readiness(workload: &WorkloadView) -> Option<(i32, u8)> {
    let desired = workload.desired?;
    let class = if workload.ready >= desired { 2 } else { u8::from(workload.ready > 0) };
    Some((desired, class))
}

fn workload_change(
    after: &Environment,
    old: &WorkloadView,
    new: &WorkloadView,
    now: Timestamp,
) -> Option<Transition> {
    let subject = Text::from(format!("{} {}/{}", new.kind, new.namespace, new.name));
    let numbers =
        |w: &WorkloadView| w.desired.map_or(Value::Null, |d| Value::from(format!("{} of {d}", w.ready)));
    let trouble = || new.troubles.first().map(|t| Said::from(&t.reason));
    let (kind, from, to, detail, bad) = if old.missing != new.missing {
        let kind = if new.missing { TransitionKind::Gone } else { TransitionKind::Appeared };
        let name = || word(Some(&new.name));
        let (from, to) = if new.missing { (name(), Value::Null) } else { (Value::Null, name()) };
        (kind, from, to, None, new.missing)
    } else if readiness(old).is_some() && readiness(new).is_some() && readiness(old) != readiness(new) {
        let worse = readiness(new).zip(readiness(old)).is_some_and(|(n, o)| n.1 < o.1);
        (TransitionKind::Replicas, numbers(old), numbers(new), trouble(), worse)
    } else {
        return None;
    };
    let change = Change { kind, at: now, from, to, detail, bad, source: cluster(after), subject };
    Some(make(after, change, now))
}
