//! `sync-failed`: the last sync failed, or keeps failing and is tried again.
//!
//! A retrying operation is `Running` with `retryCount` ≥ 1; it gets two minutes, since the first retries often succeed.

use jiff::SignedDuration;

use super::{Candidate, Context};
use crate::words::{Phase, Rule};

pub(super) fn check(at: &Context<'_>) -> Option<Candidate> {
    let operation = at.joined.application.operation.as_ref()?;
    let message = operation.message.as_deref().unwrap_or("no message");
    let (summary, grace) = match operation.phase {
        Phase::Failed | Phase::Error if operation.retries > 0 => {
            (format!("The sync failed after {} retries: {message}", operation.retries), SignedDuration::ZERO)
        }
        Phase::Failed | Phase::Error => (format!("The sync failed: {message}"), SignedDuration::ZERO),
        // `finishedAt` tells a failed attempt that waits for its retry from a running one.
        Phase::Running if operation.retries > 0 => (
            format!("The sync fails and is tried again, attempt {}: {message}", operation.retries),
            SignedDuration::from_mins(2),
        ),
        _ => return None,
    };
    let found = at.candidate(
        Rule::SyncFailed,
        operation.started_at,
        &summary,
        "Read the message in Argo CD, mend the manifest or the cluster, then sync again.",
    );
    Some(found.after(grace).with(vec![
        at.argocd("operation", operation.phase.as_str(), operation.finished_at.or(operation.started_at)),
        at.argocd("revision", operation.revisions.join(", "), operation.started_at),
        at.argocd("message", message, operation.finished_at),
    ]))
}
