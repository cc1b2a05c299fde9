//! `would-prune-all`: the next sync would delete everything; only Argo CD's guard holds it back.
//!
//! Seen when a manifest file stopped being one: it is skipped in silence, and every object then needs pruning.

use super::{Candidate, Context};
use crate::{
    said,
    words::{Rule, SyncStatus},
};

/// Argo CD's words (argoproj/argo-cd:controller/appcontroller.go).
const GUARD: &str = "will wipe out all resources";

pub(super) fn check(at: &Context<'_>) -> Option<Candidate> {
    let app = at.joined.application;
    let guard = app.conditions.iter().find(|c| &*c.kind == "SyncError" && c.message.contains(GUARD));
    // Where nothing could be rendered nothing is meant to be pruned: that is `cannot-render`.
    let compared = app.sync == Some(SyncStatus::OutOfSync);
    let all = compared && app.resources.total > 0 && app.resources.prunable == app.resources.total;
    if guard.is_none() && !all || app.deleting_since.is_some() {
        return None;
    }
    let objects: Vec<String> =
        app.resources.to_prune.iter().take(3).map(|o| format!("{} {}", o.kind, o.name)).collect();
    let mut proof = vec![at.argocd(
        said!("what-objects-to-prune", "objects to prune"),
        said!(
            "of-names",
            "{n} of {total}: {names}",
            n = app.resources.prunable,
            total = app.resources.total,
            names = objects.join(", "),
        ),
        None,
    )];
    proof.extend(guard.map(|c| at.argocd("SyncError", &c.message, c.since)));
    let found = at.candidate(
        Rule::WouldPruneAll,
        guard.and_then(|c| c.since),
        said!(
            "would-delete-all",
            "Git holds no object any more: a sync would delete all {total}",
            total = app.resources.total,
        ),
        said!(
            "way-would-prune-all",
            "Do not force the sync. Look at the path and the manifests of the compared commit.",
        ),
    );
    Some(found.with(proof))
}
