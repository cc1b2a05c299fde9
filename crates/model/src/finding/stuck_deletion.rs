//! `stuck-deletion`: the Application is being deleted and does not go; its finalizers are named.

use super::{Candidate, Context};
use crate::words::Rule;

pub(super) fn check(at: &Context<'_>) -> Option<Candidate> {
    let app = at.joined.application;
    let since = app.deleting_since?;
    let finalizers = if app.finalizers.is_empty() { "none".to_owned() } else { app.finalizers.join(", ") };
    let deleting = app.conditions.iter().find(|c| &*c.kind == "DeletionError");
    let why = deleting.map(|c| format!(": {}", c.message)).unwrap_or_default();
    let found = at.candidate(
        Rule::StuckDeletion,
        Some(since),
        &format!("Deleted, but held by finalizer {finalizers}{why}"),
        "Find the object that does not go (its own finalizer holds it) and mend its controller.",
    );
    let mut proof = vec![
        at.argocd("deletion asked", since.to_string(), Some(since)),
        at.argocd("finalizers", finalizers, None),
        at.argocd("objects left", app.resources.total.to_string(), None),
    ];
    proof.extend(deleting.map(|c| at.argocd("DeletionError", &*c.message, c.since)));
    Some(found.with(proof))
}
