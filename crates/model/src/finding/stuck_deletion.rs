//! `stuck-deletion`: the Application is being deleted and does not go; its finalizers are named.

use super::{Candidate, Context};
use crate::{phrase::Said, said, words::Rule};

pub(super) fn check(at: &Context<'_>) -> Option<Candidate> {
    let app = at.joined.application;
    let since = app.deleting_since?;
    let names = app.finalizers.join(", ");
    let finalizers =
        if app.finalizers.is_empty() { said!("none", "none") } else { Said::from(names.as_str()) };
    let deleting = app.conditions.iter().find(|c| &*c.kind == "DeletionError");
    let summary = match (deleting, names.is_empty()) {
        (None, true) => said!("deletion-stuck", "Deleted, but it does not go"),
        (None, false) => said!("deletion-held", "Deleted, but held by finalizer {names}", names = names),
        (Some(condition), _) => said!(
            "deletion-fails",
            "Deleted, but held by finalizer {names}: {message}",
            names = if names.is_empty() { "none" } else { names.as_str() },
            message = condition.message,
        ),
    };
    let found = at.candidate(
        Rule::StuckDeletion,
        Some(since),
        summary,
        said!(
            "way-stuck-deletion",
            "Find the object that does not go (its own finalizer holds it) and mend its controller.",
        ),
    );
    let mut proof = vec![
        at.argocd(said!("what-deletion-asked", "deletion asked"), since.to_string(), Some(since)),
        at.argocd(said!("what-finalizers", "finalizers"), finalizers, None),
        at.argocd(said!("what-objects-left", "objects left"), app.resources.total.to_string(), None),
    ];
    proof.extend(deleting.map(|c| at.argocd("DeletionError", &c.message, c.since)));
    Some(found.with(proof))
}
