//! `revert-trap`, `date-tie`, `moved-tag`, `order-wrong`, `filtered-out`: something newer was pushed, and Image Updater
//! keeps what runs. `write-undone`, `write-not-synced`, `rollout-blocked`: it picked the newer, which does not arrive.
//!
//! Which of them it is, its proof and its way out are worked out by [`crate::updater::trap`].

use jiff::SignedDuration;

use super::{Candidate, Context};
use crate::{
    said,
    updater::trap::{Cause, State},
    view::{ImageView, Outlook},
    words::Rule,
};

/// The rule that tells a cause, where a rule of environments does.
const fn rule(cause: Cause) -> Option<Rule> {
    Some(match cause {
        Cause::Revert => Rule::RevertTrap,
        Cause::DateTie => Rule::DateTie,
        Cause::MovedTag => Rule::MovedTag,
        Cause::OrderWrong => Rule::OrderWrong,
        Cause::FilteredOut => Rule::FilteredOut,
        Cause::WriteUndone => Rule::WriteUndone,
        Cause::WriteNotSynced => Rule::WriteNotSynced,
        Cause::RolloutBlocked => Rule::RolloutBlocked,
        // Told of the registry, the settings and the updater, once each.
        Cause::NotVisible | Cause::NoMatch | Cause::UpdaterDown => return None,
    })
}

pub(super) fn check(at: &Context<'_>, wanted: Rule) -> Option<Candidate> {
    let images = at.environment.image.iter().chain(&at.environment.other_images);
    let mut wrong = images.filter_map(|image| Some((image, is_wrong(image, wanted)?)));
    let (image, outlook) = wrong.next()?;
    let way_out = outlook.way_out.clone()?;
    let mut found = at.candidate(wanted, outlook.since, outlook.summary.clone(), way_out);
    found.proof.clone_from(&outlook.proof);
    if at.environment.other_images.iter().any(|other| other.repository == image.repository) {
        found.proof.insert(0, at.argocd(said!("what-repository", "repository"), &image.repository, None));
    }
    Some(match outlook.since.zip(outlook.settles_at) {
        Some((since, settles)) if outlook.state == State::Trapped => {
            found.after(settles.duration_since(since).max(SignedDuration::ZERO))
        }
        _ => found,
    })
}

fn is_wrong(image: &ImageView, wanted: Rule) -> Option<&Outlook> {
    let outlook = image.outlook.as_deref()?;
    let told = matches!(outlook.state, State::Trapped | State::Blocked);
    (told && outlook.cause.and_then(rule) == Some(wanted)).then_some(outlook)
}
