//! `sync-failed`: the last sync failed, or keeps failing and is tried again.
//!
//! A retrying operation is `Running` with `retryCount` ≥ 1; it gets two minutes, since the first retries often succeed.

use jiff::SignedDuration;

use super::{Candidate, Context};
use crate::{
    phrase::Said,
    said,
    words::{Phase, Rule},
};

pub(super) fn check(at: &Context<'_>) -> Option<Candidate> {
    let operation = at.joined.application.operation.as_ref()?;
    let message = operation.message.as_deref().unwrap_or("");
    let retries = operation.retries;
    let (summary, grace) = match operation.phase {
        Phase::Failed | Phase::Error if retries > 0 => (
            said!(
                "sync-failed-after",
                "The sync failed after {retries} retries: {message}",
                retries = retries,
                message = message,
            ),
            SignedDuration::ZERO,
        ),
        Phase::Failed | Phase::Error => {
            (said!("sync-failed", "The sync failed: {message}", message = message), SignedDuration::ZERO)
        }
        // `finishedAt` tells a failed attempt that waits for its retry from a running one.
        Phase::Running if retries > 0 => (
            said!(
                "sync-fails",
                "The sync fails and is tried again, attempt {retries}: {message}",
                retries = retries,
                message = message,
            ),
            SignedDuration::from_mins(2),
        ),
        _ => return None,
    };
    let found = at.candidate(
        Rule::SyncFailed,
        operation.started_at,
        summary,
        said!(
            "way-sync-failed",
            "Read the message in Argo CD, mend the manifest or the cluster, then sync again.",
        ),
    );
    Some(found.after(grace).with(vec![
        at.argocd(
            said!("what-operation", "operation"),
            operation.phase.as_str(),
            operation.finished_at.or(operation.started_at),
        ),
        at.argocd(said!("what-revision", "revision"), operation.revisions.join(", "), operation.started_at),
        at.argocd(said!("what-message", "message"), Said::from(message), operation.finished_at),
    ]))
}
