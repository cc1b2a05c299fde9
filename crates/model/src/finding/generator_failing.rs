//! `generator-failing`: a pull request generator fails. Its previews run on, and no new one comes; that list is stale is
//! another thing than that previews are broken.

use super::{Candidate, proof, short};
use crate::{
    observe::ObjectName,
    preview::{Set, span},
    said,
    text::Text,
    view::Subject,
    words::{Rule, SubjectKind},
};

/// The set as a finding's subject: `instance:namespace/name`.
#[must_use]
pub fn subject(source: &Text, name: &ObjectName) -> Subject {
    let instance = source.strip_prefix("argocd/").unwrap_or(source);
    Subject { kind: SubjectKind::ApplicationSet, name: Text::from(format!("{instance}:{name}")) }
}

/// What is wrong with a set's generators now.
#[must_use]
pub fn check(set: &Set<'_>) -> Option<Candidate> {
    let (message, since) = set.failure()?;
    let children = set.body.children.unwrap_or_default();
    let summary = said!(
        "generator-failing",
        "ApplicationSet {set} cannot list pull requests: its {children} previews run on, and no new one comes",
        set = set.name.name,
        children = children,
    );
    let lines = vec![
        proof("ErrorOccurred", message, set.source, since),
        proof(said!("what-looks-every", "looks every"), span(set.interval()), set.source, None),
    ];
    Some(Candidate {
        rule: Rule::GeneratorFailing,
        subject: subject(set.source, set.name),
        began: since,
        grace: None,
        summary: short(summary),
        proof: lines,
        way_out: said!(
            "way-generator-failing",
            "Mend what the message names: credentials, limits of the forge, the set itself."
        ),
        link: None,
    })
}
