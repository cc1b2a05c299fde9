//! From two views of one environment to its transitions.

mod argo;
mod cluster;
mod preview;

use jiff::Timestamp;
use serde_json::Value;
use uuid::Uuid;

pub use self::{
    argo::{appeared, argo_changes, asked, deployments, gone, image_updates},
    cluster::cluster_changes,
    preview::preview_steps,
};
use super::Transition;
use crate::{
    phrase::{Phrase, Said},
    text::Text,
    view::{Environment, Finding, SourceView},
    words::{SourceState, TransitionKind},
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
