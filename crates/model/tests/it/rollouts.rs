//! Transitions folded into rollouts.

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use landfall_model::{
    transition::{
        Transition,
        rollout::{Line, Outcome, Rollout, fold},
    },
    words::TransitionKind::{self, Finding, Health, Image, Operation, Replicas, Revision, Sync},
};
use proptest::prelude::*;
use serde_json::{Value, json};
use uuid::Uuid;

use super::world::after;

/// One step of an Application, so many seconds after a moment.
fn step(app: &str, second: i64, kind: TransitionKind, from: Value, to: Value) -> Arc<Transition> {
    let at = after(0) + SignedDuration::from_secs(second);
    let bad = to == "Degraded" || to == "Failed";
    Arc::new(Transition {
        id: Uuid::new_v5(&Uuid::NAMESPACE_OID, format!("{app}{second}{kind}{from}{to}").as_bytes()),
        at,
        noticed_at: at,
        service: Some(app.into()),
        environment: Some("production".into()),
        entity: format!("main:argocd/{app}").into(),
        kind,
        from,
        to,
        detail: None,
        detail_phrase: None,
        bad,
        source: "argocd/main".into(),
        subject: format!("Deployment {app}/{app}").into(),
    })
}

/// What Argo CD and the cluster tell of one deployment that begins at `begin` and is healthy 66 s later.
fn deployment(app: &str, begin: i64, from: &str, to: &str) -> Vec<Arc<Transition>> {
    let tag = |tag: &str| json!({"tag": tag, "digest": null});
    vec![
        step(app, begin, Sync, json!("Synced"), json!("OutOfSync")),
        step(app, begin + 2, Operation, json!("Succeeded"), json!("Running")),
        step(app, begin + 5, Sync, json!("OutOfSync"), json!("Synced")),
        step(app, begin + 5, Health, json!("Healthy"), json!("Progressing")),
        step(app, begin + 5, Operation, json!("Running"), json!("Succeeded")),
        step(app, begin + 5, Revision, json!("aaaaaaa"), json!("bbbbbbb")),
        step(app, begin + 6, Replicas, json!("3 of 3"), json!("2 of 3")),
        step(app, begin + 40, Image, tag(from), tag(to)),
        step(app, begin + 66, Health, json!("Progressing"), json!("Healthy")),
        step(app, begin + 66, Replicas, json!("2 of 3"), json!("3 of 3")),
    ]
}

fn newest_first(mut transitions: Vec<Arc<Transition>>) -> Vec<Arc<Transition>> {
    transitions.sort_by_key(|t| std::cmp::Reverse((t.at, t.id)));
    transitions
}

fn rollouts(lines: &[Line]) -> Vec<&Rollout> {
    let mut found = Vec::new();
    for line in lines {
        if let Line::Rollout(rollout) = line {
            found.push(rollout);
        }
    }
    found
}

#[test]
fn a_deployment_is_one_line() {
    let lines = fold(&newest_first(deployment("shop", 0, "1.0", "1.1")));
    let [Line::Rollout(rollout)] = lines.as_slice() else { panic!("{lines:?}") };
    assert_eq!(rollout.steps().len(), 10);
    let (from, to) = rollout.image().unwrap();
    assert_eq!((&from["tag"], &to["tag"]), (&json!("1.0"), &json!("1.1")));
    assert_eq!(rollout.outcome(), Outcome::Done);
    assert_eq!(rollout.synced_after(), Some(SignedDuration::from_secs(5)));
    assert_eq!(rollout.healthy_after(), Some(SignedDuration::from_secs(66)));
    assert_eq!(rollout.revision().unwrap().to, json!("bbbbbbb"));
}

#[test]
fn two_deployments_one_after_the_other_are_two() {
    let mut all = deployment("shop", 0, "1.0", "1.1");
    all.extend(deployment("shop", 120, "1.1", "1.2"));
    let lines = fold(&newest_first(all));
    let found = rollouts(&lines);
    assert_eq!(found.len(), 2);
    assert_eq!(found[0].image().unwrap().1["tag"], "1.2", "newest first");
}

#[test]
fn a_second_commit_while_the_first_still_rolls_out_begins_a_second() {
    let mut all = deployment("shop", 0, "1.0", "1.1");
    all.extend(deployment("shop", 30, "1.1", "1.2"));
    let lines = fold(&newest_first(all));
    let found = rollouts(&lines);
    assert_eq!(found.len(), 2, "{lines:#?}");
    assert!(found[0].steps().len() > found[1].steps().len(), "late news of the first belong to the second");
}

#[test]
fn deployments_of_two_applications_at_once_do_not_mix() {
    let mut all = deployment("shop", 0, "1.0", "1.1");
    all.extend(deployment("mail", 3, "7", "8"));
    let lines = fold(&newest_first(all));
    let found = rollouts(&lines);
    assert_eq!(found.len(), 2);
    for rollout in found {
        assert!(rollout.steps().iter().all(|t| t.entity == rollout.newest().entity));
    }
}

#[test]
fn what_does_not_run_makes_it_bad_and_a_late_fall_stands_for_itself() {
    let mut all = deployment("shop", 0, "1.0", "1.1");
    all.truncate(8);
    let soon =
        [vec![step("shop", 300, Health, json!("Progressing"), json!("Degraded"))], all.clone()].concat();
    let lines = fold(&newest_first(soon));
    let found = rollouts(&lines);
    assert_eq!((lines.len(), found[0].outcome()), (1, Outcome::Bad));
    assert_eq!(found[0].trouble().unwrap().to, "Degraded");
    let late = [vec![step("shop", 4_000, Health, json!("Healthy"), json!("Degraded"))], all].concat();
    assert_eq!(fold(&newest_first(late)).len(), 2);
}

#[test]
fn on_its_way_is_moving_and_by_hand_is_drifted() {
    let mut all = deployment("shop", 0, "1.0", "1.1");
    all.truncate(8);
    assert_eq!(rollouts(&fold(&newest_first(all)))[0].outcome(), Outcome::Moving);
    let tag = |tag: &str| json!({"tag": tag, "digest": null});
    let by_hand = vec![
        step("shop", 0, Sync, json!("Synced"), json!("OutOfSync")),
        step("shop", 9, Image, tag("1.0"), tag("1.0-fix")),
    ];
    assert_eq!(rollouts(&fold(&newest_first(by_hand)))[0].outcome(), Outcome::Drifted);
}

#[test]
fn a_drift_without_a_new_image_and_a_finding_stand_for_themselves() {
    let all = vec![
        step("shop", 0, Sync, json!("Synced"), json!("OutOfSync")),
        step("shop", 3, Health, json!("Healthy"), json!("Progressing")),
        step("shop", 5, Finding, Value::Null, json!("out-of-sync")),
    ];
    assert_eq!(fold(&newest_first(all)).len(), 3);
    let mut deployed = deployment("shop", 0, "1.0", "1.1");
    deployed.push(step("shop", 30, Finding, json!("out-of-sync"), Value::Null));
    assert_eq!(fold(&newest_first(deployed)).len(), 2);
}

fn any_step() -> impl Strategy<Value = Arc<Transition>> {
    let kinds = prop::sample::select(vec![Sync, Health, Operation, Revision, Image, Replicas, Finding]);
    let words =
        prop::sample::select(vec!["OutOfSync", "Synced", "Running", "Succeeded", "Healthy", "Degraded"]);
    let apps = prop::sample::select(vec!["shop", "mail", "dns"]);
    (apps, 0_i64..5_000, kinds, words)
        .prop_map(|(app, at, kind, to)| step(app, at, kind, Value::Null, json!(to)))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn each_transition_is_in_exactly_one_line(steps in prop::collection::vec(any_step(), 0..60)) {
        let mut steps = newest_first(steps);
        steps.dedup_by_key(|t| t.id);
        let lines = fold(&steps);
        let mut ids: Vec<Uuid> = Vec::new();
        let mut newest: Vec<Timestamp> = Vec::new();
        for line in &lines {
            match line {
                Line::One(t) => {
                    ids.push(t.id);
                    newest.push(t.at);
                }
                Line::Rollout(rollout) => {
                    let steps = rollout.steps();
                    prop_assert!(steps.len() > 1);
                    prop_assert!(steps.is_sorted_by(|a, b| a.at >= b.at));
                    prop_assert!(steps.iter().all(|t| t.entity == steps[0].entity && t.kind != Finding));
                    ids.extend(steps.iter().map(|t| t.id));
                    newest.push(rollout.newest().at);
                }
            }
        }
        prop_assert!(newest.is_sorted_by(|a, b| a >= b), "newest first");
        ids.sort_unstable();
        let mut all: Vec<Uuid> = steps.iter().map(|t| t.id).collect();
        all.sort_unstable();
        prop_assert_eq!(ids, all);
    }
}
