//! From two views of one environment to its transitions.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde_json::{Value, json};
use uuid::Uuid;

use super::Transition;
use crate::{
    observe::HistoryEntry,
    phrase::{Phrase, Said},
    said,
    text::Text,
    view::{Environment, Finding, ImageView, SourceView, WorkloadView},
    words::{Health, Phase, SourceState, SyncStatus, TransitionKind},
};

/// How one change is told.
struct Change {
    kind: TransitionKind,
    at: Timestamp,
    from: Value,
    to: Value,
    detail: Option<Said>,
    bad: bool,
    source: Text,
    subject: Text,
}

fn make(environment: &Environment, change: Change, now: Timestamp) -> Transition {
    let at = change.at.min(now);
    let (detail, detail_phrase) = parts(change.detail);
    let entity = Text::clone(&environment.id);
    Transition {
        id: match change.kind {
            TransitionKind::Revision | TransitionKind::Appeared | TransitionKind::Gone => {
                id(&entity, change.kind, &change.subject, at, &change.to)
            }
            _ => id_of_one(&entity, change.kind, &change.subject, at, &change.to, now),
        },
        at,
        noticed_at: now,
        service: Some(Text::clone(&environment.service)),
        environment: Some(Text::clone(&environment.name)),
        entity,
        kind: change.kind,
        from: change.from,
        to: change.to,
        detail,
        detail_phrase,
        bad: change.bad,
        source: change.source,
        subject: change.subject,
    }
}

fn parts(said: Option<Said>) -> (Option<Text>, Option<Box<Phrase>>) {
    let (text, phrase) = said.map(|said| (said.text, said.phrase)).unzip();
    (text, phrase.flatten())
}

/// Why an environment is in its state.
fn why(environment: &Environment) -> Option<Said> {
    Some(Said { text: Text::clone(environment.why.as_ref()?), phrase: environment.why_phrase.clone() })
}

/// The same change has the same id, whoever notices it and how often.
pub fn id(entity: &str, kind: TransitionKind, subject: &str, at: Timestamp, to: &Value) -> Uuid {
    Uuid::new_v5(&Uuid::NAMESPACE_OID, format!("transition|{entity}|{kind}|{subject}|{at}|{to}").as_bytes())
}

/// The id of a change that may come again within the second that its source tells: healthy, degraded, healthy, degraded.
/// Such a one is noticed by comparing with what was stored last, so nobody notices it twice; only its writing is repeated.
fn id_of_one(
    entity: &str,
    kind: TransitionKind,
    subject: &str,
    at: Timestamp,
    to: &Value,
    noticed_at: Timestamp,
) -> Uuid {
    let text = format!("transition|{entity}|{kind}|{subject}|{at}|{to}|{noticed_at}");
    Uuid::new_v5(&Uuid::NAMESPACE_OID, text.as_bytes())
}

fn word(value: Option<&str>) -> Value {
    value.map_or(Value::Null, Value::from)
}

fn application(environment: &Environment) -> Text {
    Text::from(format!("Application {}", environment.application))
}

fn argocd(environment: &Environment) -> Text {
    Text::from(format!("argocd/{}", environment.instance))
}

fn cluster(environment: &Environment) -> Text {
    environment
        .cluster
        .as_ref()
        .map_or_else(|| argocd(environment), |name| Text::from(format!("cluster/{name}")))
}

/// An environment that was not there before, with what Argo CD still remembers of its deployments.
pub fn appeared(after: &Environment, history: &[HistoryEntry], now: Timestamp) -> Vec<Transition> {
    let mut transitions = vec![make(
        after,
        Change {
            kind: TransitionKind::Appeared,
            at: after.created.unwrap_or(now),
            from: Value::Null,
            to: word(Some(&after.application)),
            detail: None,
            bad: false,
            source: argocd(after),
            subject: application(after),
        },
        now,
    )];
    transitions.extend(deployments(after, history, None, now));
    transitions
}

/// An environment that is gone.
pub fn gone(before: &Environment, now: Timestamp) -> Transition {
    let change = Change {
        kind: TransitionKind::Gone,
        at: now,
        from: word(Some(&before.application)),
        to: Value::Null,
        detail: None,
        bad: !before.preview && before.deleting_since.is_none(),
        source: argocd(before),
        subject: application(before),
    };
    make(before, change, now)
}

/// Successful syncs after `since`, each from the one before it.
pub fn deployments(
    environment: &Environment,
    history: &[HistoryEntry],
    since: Option<Timestamp>,
    now: Timestamp,
) -> Vec<Transition> {
    let mut found = Vec::new();
    for (place, entry) in history.iter().enumerate() {
        let Some(at) = entry.deployed_at.filter(|at| since.is_none_or(|since| *at > since)) else { continue };
        let earlier = &history[..place];
        let from = earlier.last().map_or(Value::Null, |e| joined(&e.revisions));
        // A new entry with a revision that an older one had, but not the last: somebody went back.
        let rollback = earlier.last().is_some_and(|last| last.revisions != entry.revisions)
            && earlier.iter().any(|e| e.revisions == entry.revisions);
        let mut detail =
            vec![if rollback { said!("rolled-back", "rolled back") } else { said!("deployed", "deployed") }];
        detail.extend(entry.initiated_by.as_ref().map(|who| said!("by", "by {who}", who = who)));
        match entry.images.as_slice() {
            // What was deployed before anybody looked. Later ones have an image transition beside them.
            [] if since.is_none() => detail.push(said!("images-unknown", "images unknown")),
            [] => {}
            images => detail.push(Said::from(images.join(", "))),
        }
        let change = Change {
            kind: TransitionKind::Revision,
            at,
            from,
            to: joined(&entry.revisions),
            detail: Some(Said::list(detail)),
            bad: rollback,
            source: argocd(environment),
            subject: Text::from(format!("Application {} history {}", environment.application, entry.id)),
        };
        found.push(make(environment, change, now));
    }
    found
}

fn joined(revisions: &[Text]) -> Value {
    match revisions {
        [] => Value::Null,
        revisions => Value::from(revisions.join(", ")),
    }
}

/// What changed in Argo CD's words.
pub fn argo_changes(
    before: &Environment,
    after: &Environment,
    history: &[HistoryEntry],
    sync_seen: Option<Timestamp>,
    now: Timestamp,
) -> Vec<Transition> {
    let mut found = Vec::new();
    let plain = |kind, at, from, to, detail, bad| {
        let change =
            Change { kind, at, from, to, detail, bad, source: argocd(after), subject: application(after) };
        make(after, change, now)
    };
    if before.sync != after.sync {
        let finished = after.operation.as_ref().and_then(|o| o.finished_at);
        let synced = after.sync == Some(SyncStatus::Synced);
        let recent = finished.filter(|at| synced && now.duration_since(*at).as_secs() < 60);
        found.push(plain(
            TransitionKind::Sync,
            sync_seen.or(recent).unwrap_or(now),
            word(before.sync.map(SyncStatus::as_str)),
            word(after.sync.map(SyncStatus::as_str)),
            (!synced).then(|| why(after)).flatten(),
            after.sync == Some(SyncStatus::Unknown),
        ));
    }
    if before.health != after.health {
        let at = after.health_since.filter(|at| before.health_since.is_none_or(|b| *at >= b));
        found.push(plain(
            TransitionKind::Health,
            at.unwrap_or(now),
            word(before.health.map(Health::as_str)),
            word(after.health.map(Health::as_str)),
            why(after),
            matches!(after.health, Some(Health::Degraded | Health::Missing)),
        ));
    }
    found.extend(operations(before, after, now));
    found.extend(deployments(after, history, before.deployed_at.or(before.created), now));
    found
}

/// Starts and ends of operations. Both are told with their own times, also when only the end was seen.
fn operations(before: &Environment, after: &Environment, now: Timestamp) -> Vec<Transition> {
    let Some(is) = &after.operation else { return Vec::new() };
    let was = before.operation.as_ref();
    let started = was.and_then(|o| o.started_at) != is.started_at;
    let old_phase = if started { None } else { was.map(|o| o.phase) };
    let mut found = Vec::new();
    let tell = |at: Timestamp, from: Option<Phase>, to: Phase| {
        let bad = matches!(to, Phase::Failed | Phase::Error);
        let who = is.initiated_by.as_ref().map(|who| said!("by", "by {who}", who = who));
        let words = if to == Phase::Running { who } else { is.message.as_ref().map(Said::from) };
        let change = Change {
            kind: TransitionKind::Operation,
            at,
            from: word(from.map(Phase::as_str)),
            to: word(Some(to.as_str())),
            detail: words,
            bad,
            source: argocd(after),
            subject: application(after),
        };
        make(after, change, now)
    };
    if started {
        found.push(tell(is.started_at.unwrap_or(now), was.map(|o| o.phase), Phase::Running));
    }
    if is.phase != Phase::Running && old_phase != Some(is.phase) {
        let ended = matches!(is.phase, Phase::Succeeded | Phase::Failed | Phase::Error);
        let at = if ended { is.finished_at.unwrap_or(now) } else { now };
        found.push(tell(at, old_phase.or(Some(Phase::Running)), is.phase));
    }
    found
}

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

/// A finding that was opened or closed.
pub fn finding(finding: &Finding, opened: bool, now: Timestamp) -> Transition {
    let rule = word(Some(finding.rule.as_str()));
    let (at, from, to) = if opened {
        (finding.opened_at, Value::Null, rule)
    } else {
        (finding.until.unwrap_or(now), rule, Value::Null)
    };
    let subject = Text::from(format!("{} {}", finding.rule, finding.subject.name));
    Transition {
        id: id(&finding.id, TransitionKind::Finding, &subject, at, &to),
        at,
        noticed_at: now,
        service: finding.service.clone(),
        environment: finding.environment.clone(),
        entity: finding.environment_id.clone().unwrap_or_else(|| Text::clone(&finding.subject.name)),
        kind: TransitionKind::Finding,
        from,
        to,
        detail: Some(Text::clone(&finding.summary)),
        detail_phrase: finding.summary_phrase.clone(),
        bad: opened,
        source: finding.proof.first().map_or_else(|| Text::from("derived"), |p| Text::clone(&p.source)),
        subject,
    }
}

/// A source that changed its state.
pub fn source(name: &Text, from: Option<SourceState>, to: &SourceView, now: Timestamp) -> Transition {
    let at = to.since.unwrap_or(now);
    let value = word(Some(to.state.as_str()));
    Transition {
        id: id(name, TransitionKind::Source, name, at, &value),
        at,
        noticed_at: now,
        service: None,
        environment: None,
        entity: Text::clone(name),
        kind: TransitionKind::Source,
        from: word(from.map(SourceState::as_str)),
        to: value,
        detail: to.error.clone(),
        detail_phrase: to.error_phrase.clone(),
        bad: to.state.is_untrusted(),
        source: Text::clone(name),
        subject: Text::clone(name),
    }
}
