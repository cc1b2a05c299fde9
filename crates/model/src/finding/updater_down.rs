//! `updater-down`: an `ImageUpdater` object says that Image Updater reports errors, or it was not looked at for three
//! intervals. Nothing new is brought in by it, and every page that waits for it waits in vain.

use jiff::{SignedDuration, Timestamp};

use super::{Candidate, proof, short};
use crate::{
    observe::{ImageUpdater, ObjectName},
    said,
    text::Text,
    updater::trap::Updater,
    view::Subject,
    words::{Rule, SubjectKind},
};

/// Intervals without a look after which it counts as down.
const MISSED: i32 = 3;

/// When an object counts as not looked at, if it stays as it is; `None` where it says nowhere when it was.
#[must_use]
pub fn silent_from(updater: &ImageUpdater, interval: SignedDuration) -> Option<Timestamp> {
    updater.last_checked?.checked_add(interval.saturating_mul(MISSED)).ok()
}

/// The object as a finding's subject: `instance:namespace/name`.
#[must_use]
pub fn subject(source: &Text, name: &ObjectName) -> Subject {
    let instance = source.strip_prefix("argocd/").unwrap_or(source);
    Subject { kind: SubjectKind::Updater, name: Text::from(format!("{instance}:{name}")) }
}

/// What is wrong with an object now.
#[must_use]
pub fn check(
    source: &Text,
    name: &ObjectName,
    updater: &ImageUpdater,
    interval: SignedDuration,
    now: Timestamp,
) -> Option<Candidate> {
    let mut found = Candidate {
        rule: Rule::UpdaterDown,
        subject: subject(source, name),
        began: None,
        grace: None,
        summary: said!("trap-updater-error", "Image Updater reports errors"),
        proof: Vec::new(),
        way_out: said!("way-trap-updater", "See the log of Image Updater, and mend or restart it."),
        link: None,
    };
    if silent_from(updater, interval).is_some_and(|at| now >= at) {
        let checked = updater.last_checked;
        found.summary = said!("trap-updater-silent", "Image Updater has stopped looking");
        found.began = checked;
        // The intervals were patience enough.
        found.grace = Some(SignedDuration::ZERO);
        let value = checked.map(|at| at.to_string()).unwrap_or_default();
        found.proof.push(proof(said!("what-last-look", "last look"), &*value, source, checked));
        return Some(found);
    }
    let error = Updater::of(Some(updater), interval, None).error?;
    let since = updater.conditions.iter().find(|condition| *condition.message == *error)?.since;
    found.began = since;
    let what = said!("what-updater-says", "Image Updater says");
    found.proof.push(proof(what, short(error.into()), source, updater.last_checked));
    Some(found)
}
