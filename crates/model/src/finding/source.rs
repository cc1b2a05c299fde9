//! Rules about sources: `no-permission`, `source-stale`, `unreadable-object`, `forge-budget-low`.

use jiff::SignedDuration;

use super::{Candidate, proof, short};
use crate::{
    phrase::Said,
    said,
    text::Text,
    view::{SourceView, Subject},
    words::{Rule, SourceKind, SourceState, SubjectKind},
};

/// What cannot be read of a source's objects: kind, name, field and reason.
pub type Broken = (Text, Text, Text);

/// Everything wrong with one source. `broken` lists unreadable objects, at most ten.
pub fn check(source: &SourceView, broken: &[Broken]) -> Vec<Candidate> {
    let all = [no_permission(source), stale(source), unreadable(source, broken), budget(source)];
    all.into_iter().flatten().collect()
}

fn candidate(source: &SourceView, rule: Rule, summary: Said, way_out: Said) -> Candidate {
    Candidate {
        rule,
        subject: Subject { kind: SubjectKind::Source, name: Text::clone(&source.name) },
        began: None,
        grace: None,
        summary: short(summary),
        proof: Vec::new(),
        way_out,
        link: None,
    }
}

/// Whether a tenth or less is left of what a forge allows in its own window.
#[must_use]
pub fn is_low(source: &SourceView) -> bool {
    let told = source.budget.as_ref().and_then(|budget| budget.limit.zip(budget.remaining));
    source.kind == SourceKind::Forge
        && told.is_some_and(|(limit, remaining)| limit > 0 && u64::from(remaining) * 10 <= u64::from(limit))
}

fn budget(source: &SourceView) -> Option<Candidate> {
    let told = source.budget.as_ref()?;
    let (limit, remaining) = (told.limit?, told.remaining?);
    if !is_low(source) {
        return None;
    }
    let mut found = candidate(
        source,
        Rule::ForgeBudgetLow,
        said!(
            "forge-budget-low",
            "{name} soon answers no more: {remaining} of {limit} requests are left in its window",
            name = source.name,
            remaining = remaining,
            limit = limit,
        ),
        said!(
            "way-forge-budget-low",
            "See who else uses these credentials: generators ask for every open pull request at each look. Use an App of its own, or a longer interval.",
        ),
    );
    let left = said!("of", "{ready} of {desired}", ready = remaining, desired = limit);
    found.proof.push(proof(
        said!("what-requests-left", "requests left"),
        left,
        &source.name,
        source.last_success,
    ));
    if let Some(at) = told.resets_at {
        found.proof.push(proof(
            said!("what-window-ends", "its window ends"),
            at.to_string(),
            &source.name,
            Some(at),
        ));
    }
    Some(found)
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
        return refused(source);
    }
    let kinds = forbidden.join(", ");
    let mut found = candidate(
        source,
        Rule::NoPermission,
        said!(
            "may-not-read",
            "Landfall may not read {kinds}: what rests on it is unknown, not healthy",
            kinds = kinds,
        ),
        said!(
            "way-no-permission",
            "Grant get, list and watch on it: deploy/rbac.yaml holds the rule, `landfall doctor` names what is missing.",
        ),
    );
    found.proof = source
        .columns
        .iter()
        .filter(|c| c.state == SourceState::Forbidden)
        .take(10)
        .map(|c| {
            let why = c.said().unwrap_or_else(|| said!("forbidden", "forbidden"));
            proof(c.kind.as_str(), why, &source.name, c.last_success)
        })
        .collect();
    Some(found)
}

/// A source without kinds that lets us read nothing at all: a registry or a forge.
fn refused(source: &SourceView) -> Option<Candidate> {
    if source.state != SourceState::Forbidden || !source.columns.is_empty() {
        return None;
    }
    let name = &source.name;
    let way_out = if source.kind == SourceKind::Forge {
        said!(
            "way-no-forge-permission",
            "Give a token or App that may read its repositories, in this [[forge]]. `landfall doctor` says what is refused.",
        )
    } else {
        said!(
            "way-no-registry-permission",
            "Give an account that may pull: `auth` of this [[registry]]. `landfall doctor` says what is refused.",
        )
    };
    let summary = said!(
        "may-read-nothing",
        "{name} lets Landfall read nothing: what it holds is not known",
        name = name
    );
    let mut found = candidate(source, Rule::NoPermission, summary, way_out);
    let why = source.said().unwrap_or_else(|| said!("forbidden", "forbidden"));
    found.proof = vec![proof(&**name, why, name, source.last_success)];
    Some(found)
}

fn stale(source: &SourceView) -> Option<Candidate> {
    if !matches!(source.state, SourceState::Stale | SourceState::Failing) {
        return None;
    }
    let name = &source.name;
    let summary = if let Some(error) = source.said() {
        said!(
            "no-word-because",
            "No word from {name}: {error}. Its last known values are shown, marked",
            name = name,
            error = error,
        )
    } else {
        said!("no-word", "No word from {name}. Its last known values are shown, marked", name = name)
    };
    let mut found = candidate(
        source,
        Rule::SourceStale,
        summary,
        said!(
            "way-source-stale",
            "Check that the source can be reached from here: `landfall doctor` says how."
        ),
    );
    // The grace runs from the last word, not from when the silence was noticed.
    found.began = source.last_success.or(source.since);
    found.grace = Some(SignedDuration::from_mins(2));
    found.proof = source
        .columns
        .iter()
        .filter(|c| matches!(c.state, SourceState::Stale | SourceState::Failing))
        .take(5)
        .map(|c| {
            let why = c.said().unwrap_or_else(|| said!("silent", "silent"));
            proof(c.kind.as_str(), why, &source.name, c.last_success)
        })
        .collect();
    Some(found)
}

fn unreadable(source: &SourceView, broken: &[Broken]) -> Option<Candidate> {
    if source.unreadable == 0 || broken.is_empty() {
        return None;
    }
    let (kind, name, why) = &broken[0];
    let more = source.unreadable.saturating_sub(1);
    let summary = if more > 0 {
        said!(
            "unreadable-more",
            "{kind} {name} cannot be read: {why}, and {more} more",
            kind = kind,
            name = name,
            why = why,
            more = more,
        )
    } else {
        said!("unreadable", "{kind} {name} cannot be read: {why}", kind = kind, name = name, why = why)
    };
    let mut found = candidate(
        source,
        Rule::UnreadableObject,
        summary,
        said!("way-unreadable-object", "Mend the object; everything else of this source is shown."),
    );
    found.proof = broken
        .iter()
        .take(10)
        .map(|(kind, name, why)| proof(format!("{kind} {name}"), why, &source.name, None))
        .collect();
    Some(found)
}
