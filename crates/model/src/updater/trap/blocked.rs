//! R6 to R11: nothing is wrong with the choice.

use jiff::SignedDuration;

use super::{Cause, Expected, Situation, State, Verdict, Write};
use crate::{
    finding::proof,
    phrase::Said,
    said,
    words::{Phase, SyncStatus},
};

/// A write that is undone within this time was undone by a machine.
const UNDONE: SignedDuration = SignedDuration::from_secs(60);
/// Intervals without a look after which the updater counts as down.
const MISSED: i32 = 3;

/// R7 to R9: it is picked, and does not arrive.
pub(super) fn cause(at: &Situation<'_>, expected: &Expected) -> Verdict {
    let is_expected = |text: &str| *text == *expected.tag || at.is_same(Some(text), &expected.digest);
    let (mut written, mut undone) = (None, None);
    for write in at.writes {
        match (written, is_expected(&write.to)) {
            (_, true) if write.by_updater => (written, undone) = (Some(write), None),
            (Some(_), false) => undone = undone.or(Some(write)),
            _ => {}
        }
    }
    if let (Some(written), Some(undone)) = (written, undone)
        && undone.at.duration_since(written.at) < UNDONE
    {
        return write_undone(at, written, undone);
    }
    let is_meant = at.meant.is_some_and(is_expected);
    if !is_meant && written.is_none() {
        let summary = said!("trap-on-its-way", "{tag} was pushed and will be picked", tag = expected.tag);
        if at.is_early(expected) {
            return Verdict::new(State::OnItsWay, None, summary);
        }
        let late = said!(
            "trap-not-written",
            "Image Updater would pick {tag}, but nothing is known of its writing it",
            tag = expected.tag
        );
        return Verdict::new(State::Unknown, None, late);
    }
    let failed = at.operation.filter(|it| matches!(it.phase, Phase::Failed | Phase::Error) || it.retries > 0);
    if failed.is_some() || at.sync == Some(SyncStatus::OutOfSync) {
        return not_synced(at, expected);
    }
    if let Some(trouble) = at.trouble {
        let summary = said!(
            "trap-not-rolled-out",
            "{tag} is synced, but its pods do not become ready",
            tag = expected.tag
        );
        let pods = proof(said!("what-pods", "pods"), trouble, at.sources.cluster, None);
        let way = said!("way-trap-rollout", "Mend what holds the pods up.");
        return Verdict::new(State::Blocked, Some(Cause::RolloutBlocked), summary).proven(vec![pods], way);
    }
    let summary = said!("trap-rolls-out", "{tag} is written and rolls out", tag = expected.tag);
    Verdict::new(State::OnItsWay, None, summary)
}

fn write_undone(at: &Situation<'_>, written: &Write, undone: &Write) -> Verdict {
    let summary = said!(
        "trap-write-undone",
        "Image Updater wrote {tag}, and something else undid it at once",
        tag = written.to
    );
    let lines = vec![
        at.argocd(said!("what-written", "written"), &written.to, Some(written.at)),
        at.argocd(said!("what-undone", "undone, back to"), &undone.to, Some(undone.at)),
    ];
    let way = said!(
        "way-trap-undone",
        "Take the image out of what the parent Application, the ApplicationSet or Git sets, or let Image Updater write to Git."
    );
    Verdict::new(State::Blocked, Some(Cause::WriteUndone), summary).proven(lines, way)
}

fn not_synced(at: &Situation<'_>, expected: &Expected) -> Verdict {
    let summary = said!("trap-not-synced", "{tag} is written, but not synced", tag = expected.tag);
    let sync = at.sync.map_or("", SyncStatus::as_str);
    let mut lines = vec![at.argocd(said!("what-sync-status", "sync status"), sync, None)];
    if let Some(operation) = at.operation {
        let message = operation.message.as_deref().unwrap_or(operation.phase.as_str());
        let what = said!("what-last-operation", "last operation");
        lines.push(at.argocd(what, message, operation.finished_at.or(operation.started_at)));
    }
    let way = said!("way-trap-sync", "Sync the Application, or mend what its last operation says.");
    Verdict::new(State::Blocked, Some(Cause::WriteNotSynced), summary).proven(lines, way)
}

impl Situation<'_> {
    /// R6.
    pub(super) fn not_visible(&self, why: &Said) -> Verdict {
        let summary = said!("trap-not-visible", "The registry cannot be read, so nobody can say what is new");
        let lines = vec![
            self.seen(said!("what-registry-says", "the registry says"), why.clone(), None),
            self.seen(
                said!("what-tags-seen", "tags in the last whole list"),
                self.present().len().to_string(),
                self.registry.listed,
            ),
        ];
        let way = said!("way-trap-visible", "Mend the credentials or the limit that the answer names.");
        Verdict::new(State::Unknown, Some(Cause::NotVisible), summary).proven(lines, way)
    }

    /// R10: nothing matches.
    pub(super) fn no_match(&self) -> Verdict {
        let summary = said!("trap-no-match", "No setting of Image Updater takes the Application in");
        let tried = self.tried.iter().map(|(pattern, why)| {
            let what = said!("what-tried", "{pattern} was looked at", pattern = pattern);
            self.argocd(what, why.clone(), None)
        });
        let way = said!("way-trap-match", "Correct the name pattern or the labels of a reference.");
        Verdict::new(State::Unwatched, Some(Cause::NoMatch), summary).proven(tried.collect(), way)
    }

    /// R10: not live.
    pub(super) fn not_live(&self) -> Verdict {
        let summary = said!(
            "trap-not-live",
            "The Application does not report the image, so Image Updater passes it over"
        );
        let reported = if self.reported.is_empty() {
            said!("none", "none")
        } else {
            Said::from(self.reported.join(", "))
        };
        let line = self.argocd(said!("what-reported", "images that the Application reports"), reported, None);
        let way = said!("way-trap-live", "Correct the image's name, or set force-update.");
        Verdict::new(State::Unwatched, Some(Cause::NoMatch), summary).proven(vec![line], way)
    }

    /// R11.
    pub(super) fn down(&self) -> Option<Verdict> {
        let patience = self.updater.interval.saturating_mul(MISSED);
        let silent = self.updater.last_checked.filter(|it| self.now.duration_since(*it) > patience);
        let (summary, line) = match (silent, self.updater.error) {
            (Some(checked), _) => (
                said!("trap-updater-silent", "Image Updater has stopped looking"),
                self.argocd(said!("what-last-look", "last look"), checked.to_string(), Some(checked)),
            ),
            (None, Some(error)) => (
                said!("trap-updater-error", "Image Updater reports errors"),
                self.argocd(
                    said!("what-updater-says", "Image Updater says"),
                    error,
                    self.updater.last_checked,
                ),
            ),
            (None, None) => return None,
        };
        let way = said!("way-trap-updater", "See the log of Image Updater, and mend or restart it.");
        Some(Verdict::new(State::Unwatched, Some(Cause::UpdaterDown), summary).proven(vec![line], way))
    }
}
