//! Why the image that was pushed last does not run: told from what was seen, in one pure function.
//!
//! ```text
//! sightings, push times -> expected        settings, facts -> would pick        pods -> running
//!                   expected is not running, and the updater would keep what runs -> trapped, and why
//! ```
//!
//! What is picked rightly but does not arrive is *blocked*, not trapped. Where the order of two pushes cannot be
//! known, that is said: build order is not commit order.

mod blocked;
mod expected;
mod kept;
mod observed;
mod situation;
mod would_pick;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Choice, Pick, settings::ImageSettings};
use crate::{phrase::Said, said, view::Proof};

pub(super) use expected::time_in_name;
pub use expected::{Expected, OrderSource, Push};
pub use observed::{UPDATED, is_told_again, writes};
pub use situation::{Registry, Running, Situation, Sources, Updater, Write};
pub use would_pick::tags;

/// How an image stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// What is expected runs.
    Fine,
    /// It will be picked, or the time for that is not over.
    OnItsWay,
    /// It is picked rightly and does not arrive.
    Blocked,
    /// The updater keeps what runs.
    Trapped,
    /// The updater does not look at the image at all.
    Unwatched,
    Unknown,
}

/// The codes of the causes: R1 to R11.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Cause {
    /// R1: built alike an earlier image, and so with its date.
    Revert,
    /// R2: the same date.
    DateTie,
    /// R3: the tag points elsewhere now, and only its name is compared.
    MovedTag,
    /// R4: another one comes last by the policy's order.
    OrderWrong,
    /// R5: a rule leaves it out.
    FilteredOut,
    /// R6: the registry does not show it.
    NotVisible,
    /// R7: written, then undone.
    WriteUndone,
    /// R8: written, not synced.
    WriteNotSynced,
    /// R9: synced, not rolled out.
    RolloutBlocked,
    /// R10: not live, or nothing matches.
    NoMatch,
    /// R11: the updater is down, or in error.
    UpdaterDown,
}

/// What came out, with its proof.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Verdict {
    pub state: State,
    pub cause: Option<Cause>,
    pub summary: Said,
    pub proof: Vec<Proof>,
    pub way_out: Option<Said>,
    pub expected: Option<Expected>,
    pub would_pick: Option<Pick>,
    /// When it began to be wrong.
    pub since: Option<Timestamp>,
}

/// Judges. The rules are asked in the order in which one makes the next meaningless.
#[must_use]
pub fn judge(at: &Situation<'_>) -> Verdict {
    if let Some(why) = &at.registry.error {
        return at.not_visible(why);
    }
    let Some(settings) = at.settings else { return at.no_match() };
    let choice = match would_pick::choice(at, settings) {
        Ok(choice) => choice,
        Err(verdict) => return *verdict,
    };
    let expected = match expected::find(at, &choice) {
        Ok(expected) => expected,
        Err(why) => return Verdict::new(State::Unknown, None, why).picked(&choice),
    };
    let verdict = at.compare(settings, &choice, &expected);
    Verdict { expected: Some(expected), ..verdict.picked(&choice) }
}

impl Situation<'_> {
    fn compare(&self, settings: &ImageSettings, choice: &Choice, expected: &Expected) -> Verdict {
        if self.running.is_empty() {
            return Verdict::new(State::Unknown, None, said!("trap-nothing-runs", "No pod runs"));
        }
        if self.runs(&expected.digest) {
            return Verdict::new(State::Fine, None, said!("trap-fine", "What was pushed last runs"));
        }
        if !self.live {
            return self.not_live();
        }
        if let Some(verdict) = self.down() {
            return verdict;
        }
        let picks_expected =
            choice.pick.as_ref().is_some_and(|pick| self.is_same(pick.digest.as_deref(), &expected.digest));
        let verdict = if self.keeps(settings, choice) {
            kept::cause(self, settings, choice, expected)
        } else if picks_expected {
            blocked::cause(self, expected)
        } else {
            let pick = choice.pick.as_ref().map_or("", |pick| &pick.tag);
            Verdict::new(
                State::OnItsWay,
                None,
                said!(
                    "trap-picks-another",
                    "{tag} was pushed last, but Image Updater picks {pick}",
                    tag = expected.tag,
                    pick = pick
                ),
            )
        };
        let early = verdict.state == State::Trapped && self.is_early(expected);
        let state = if early { State::OnItsWay } else { verdict.state };
        Verdict { state, since: expected.at, ..verdict }
    }

    /// Whether the updater would write nothing.
    fn keeps(&self, settings: &ImageSettings, choice: &Choice) -> bool {
        let Some(pick) = &choice.pick else { return true };
        let follows_digest =
            super::Strategy::from_name(&settings.strategy.value).0 == super::Strategy::Digest;
        let by_name = self.running.iter().all(|it| it.tag.as_deref() == Some(&*pick.tag));
        pick.digest.as_deref().is_some_and(|digest| self.runs(digest)) || (!follows_digest && by_name)
    }
}

impl Verdict {
    fn new(state: State, cause: Option<Cause>, summary: Said) -> Self {
        Self {
            state,
            cause,
            summary,
            proof: Vec::new(),
            way_out: None,
            expected: None,
            would_pick: None,
            since: None,
        }
    }

    fn proven(self, proof: Vec<Proof>, way_out: Said) -> Self {
        Self { proof, way_out: Some(way_out), ..self }
    }

    fn picked(self, choice: &Choice) -> Self {
        Self { would_pick: choice.pick.clone(), ..self }
    }
}
