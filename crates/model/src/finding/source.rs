//! Rules about sources: `no-permission`, `source-stale`, `unreadable-object`.

use jiff::SignedDuration;

use super::{Candidate, proof};
use crate::{
    text::Text,
    view::{SourceView, Subject},
    words::{Rule, SourceState, SubjectKind},
};

/// What cannot be read of a source's objects: kind, name, field and reason.
pub type Broken = (Text, Text, Text);

/// Everything wrong with one source. `broken` lists unreadable objects, at most ten.
pub fn check(source: &SourceView, broken: &[Broken]) -> Vec<Candidate> {
    [no_permission(source), stale(source), unreadable(source, broken)].into_iter().flatten().collect()
}

fn candidate(source: &SourceView, rule: Rule, summary: &str, way_out: &str) -> Candidate {
    Candidate {
        rule,
        subject: Subject { kind: SubjectKind::Source, name: Text::clone(&source.name) },
        began: None,
        grace: None,
        summary: super::cut(summary),
        proof: Vec::new(),
        way_out: Text::from(way_out),
        link: None,
    }
}

fn no_permission(source: &SourceView) -> Option<Candidate> {
    let forbidden: Vec<String> = source
        .columns
        .iter()
        .filter(|c| c.state == SourceState::Forbidden)
        .map(|c| match &c.namespace {
            Some(namespace) => format!("{} in {namespace}", c.kind),
            None => c.kind.to_string(),
        })
        .collect();
    if forbidden.is_empty() {
        return None;
    }
    let kinds = forbidden.join(", ");
    let mut found = candidate(
        source,
        Rule::NoPermission,
        &format!("Landfall may not read {kinds}: what rests on it is unknown, not healthy"),
        "Grant get, list and watch on it: deploy/rbac.yaml holds the rule, `landfall doctor` names what is missing.",
    );
    found.proof = source
        .columns
        .iter()
        .filter(|c| c.state == SourceState::Forbidden)
        .take(10)
        .map(|c| {
            proof(c.kind.as_str(), c.error.as_deref().unwrap_or("forbidden"), &source.name, c.last_success)
        })
        .collect();
    Some(found)
}

fn stale(source: &SourceView) -> Option<Candidate> {
    if !matches!(source.state, SourceState::Stale | SourceState::Failing) {
        return None;
    }
    let error = source.error.as_deref().map(|e| format!(": {e}")).unwrap_or_default();
    let mut found = candidate(
        source,
        Rule::SourceStale,
        &format!("No word from {}{error}. Its last known values are shown, marked", source.name),
        "Check that the source can be reached from here: `landfall doctor` says how.",
    );
    // The grace runs from the last word, not from when the silence was noticed.
    found.began = source.last_success.or(source.since);
    found.grace = Some(SignedDuration::from_mins(2));
    found.proof = source
        .columns
        .iter()
        .filter(|c| matches!(c.state, SourceState::Stale | SourceState::Failing))
        .take(5)
        .map(|c| proof(c.kind.as_str(), c.error.as_deref().unwrap_or("silent"), &source.name, c.last_success))
        .collect();
    Some(found)
}

fn unreadable(source: &SourceView, broken: &[Broken]) -> Option<Candidate> {
    if source.unreadable == 0 || broken.is_empty() {
        return None;
    }
    let (kind, name, why) = &broken[0];
    let more = source.unreadable.saturating_sub(1);
    let rest = if more > 0 { format!(", and {more} more") } else { String::new() };
    let mut found = candidate(
        source,
        Rule::UnreadableObject,
        &format!("{kind} {name} cannot be read: {why}{rest}"),
        "Mend the object; everything else of this source is shown.",
    );
    found.proof = broken
        .iter()
        .take(10)
        .map(|(kind, name, why)| proof(&format!("{kind} {name}"), why, &source.name, None))
        .collect();
    Some(found)
}
