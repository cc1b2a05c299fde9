//! `orphaned-application`: the ApplicationSet that owns it is gone.

use super::{Candidate, Context};
use crate::{said, words::Rule};

pub(super) fn check(at: &Context<'_>) -> Option<Candidate> {
    if !at.joined.orphaned || at.joined.application.deleting_since.is_some() {
        return None;
    }
    let set = at.joined.application.owner_set.as_ref()?;
    let found = at.candidate(
        Rule::OrphanedApplication,
        None,
        said!(
            "set-gone",
            "Its ApplicationSet {set} does not exist any more: nobody updates or removes it",
            set = set,
        ),
        said!(
            "way-orphaned-application",
            "Bring the ApplicationSet back, or delete this Application if it is not needed.",
        ),
    );
    let owner = said!("set-not-found", "ApplicationSet {set}: not found", set = set);
    Some(found.with(vec![at.argocd(said!("what-owner", "owner"), owner, None)]))
}
