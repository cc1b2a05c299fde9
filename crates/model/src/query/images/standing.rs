//! How one use of a repository stands.

use jiff::Timestamp;

use super::{Repository, Use};
use crate::{
    updater::{Strategy, trap::State},
    words::Standing,
};

/// Value of `policy` where nothing manages the image.
pub const NO_POLICY: &str = "none";

/// Every value of `policy`.
#[must_use]
pub fn policies() -> Vec<&'static str> {
    vec![
        Strategy::Semver.as_str(),
        Strategy::NewestBuild.as_str(),
        Strategy::Alphabetical.as_str(),
        Strategy::Digest.as_str(),
        NO_POLICY,
    ]
}

impl Use {
    /// How it stands at a moment.
    #[must_use]
    pub fn standing(&self, now: Timestamp) -> Standing {
        let image = self.image();
        let plain = if image.running.is_empty() {
            Standing::Idle
        } else if self.differs() {
            Standing::Differs
        } else {
            Standing::AsMeant
        };
        let told = match image.outlook.as_deref().map(|outlook| outlook.state_at(now)) {
            Some(State::Trapped) => Standing::Trapped,
            Some(State::Blocked) => Standing::Blocked,
            Some(State::Unwatched) => Standing::Unwatched,
            Some(State::OnItsWay) => Standing::OnItsWay,
            Some(State::Unknown) if plain != Standing::Idle => Standing::Unknown,
            Some(State::Fine | State::Unknown) | None => plain,
        };
        told.min(plain)
    }

    /// Strategy of what manages it.
    #[must_use]
    pub fn policy(&self) -> &'static str {
        let policy = self.image().outlook.as_ref().and_then(|outlook| outlook.policy.as_ref());
        policy.map_or(NO_POLICY, |policy| Strategy::from_name(&policy.image.strategy.value).0.as_str())
    }
}

impl Repository {
    /// The use that stands worst; environments before previews, and of equals the first.
    #[must_use]
    pub fn worst(&self, now: Timestamp) -> Option<(Standing, &Use)> {
        let all = self.uses.iter().map(|one| (one.standing(now), one));
        all.min_by_key(|(standing, one)| (*standing, one.environment.preview))
    }
}
