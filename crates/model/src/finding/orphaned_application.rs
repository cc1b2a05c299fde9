//! `orphaned-application`: the ApplicationSet that owns it is gone.

use super::{Candidate, Context};
use crate::words::Rule;

pub(super) fn check(at: &Context<'_>) -> Option<Candidate> {
    if !at.joined.orphaned || at.joined.application.deleting_since.is_some() {
        return None;
    }
    let set = at.joined.application.owner_set.as_ref()?;
    let found = at.candidate(
        Rule::OrphanedApplication,
        None,
        &format!("Its ApplicationSet {set} does not exist any more: nobody updates or removes it"),
        "Bring the ApplicationSet back, or delete this Application if it is not needed.",
    );
    Some(found.with(vec![at.argocd("owner", format!("ApplicationSet {set}: not found"), None)]))
}
