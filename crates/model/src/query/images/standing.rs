//! How one use of a repository stands, in one word, the worst first.

use jiff::Timestamp;

use super::{Repository, Use};
use crate::updater::{Strategy, trap::State};

/// How an image stands where it is used: what runs against what is meant, and that against what was pushed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Standing {
    /// The updater keeps an older image than the one that should run.
    Trapped,
    /// The right image is picked and does not arrive.
    Blocked,
    /// The updater does not look at it.
    Unwatched,
    /// Something runs that is not meant.
    Differs,
    /// Something manages it, and the tags of its repository are not known.
    Unknown,
    /// A newer one is on its way.
    OnItsWay,
    /// What is meant runs, and it is what is expected as far as anything tells.
    AsMeant,
    /// Nothing runs.
    Idle,
}

impl Standing {
    /// All, the worst first.
    pub const ALL: &'static [Self] = &[
        Self::Trapped,
        Self::Blocked,
        Self::Unwatched,
        Self::Differs,
        Self::Unknown,
        Self::OnItsWay,
        Self::AsMeant,
        Self::Idle,
    ];

    /// Its spelling in the query string and the API.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Trapped => "trapped",
            Self::Blocked => "blocked",
            Self::Unwatched => "unwatched",
            Self::Differs => "differs",
            Self::Unknown => "unknown",
            Self::OnItsWay => "on-its-way",
            Self::AsMeant => "as-meant",
            Self::Idle => "idle",
        }
    }

    /// The standing with this spelling.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|it| it.as_str() == text)
    }
}

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
