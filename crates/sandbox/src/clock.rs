//! The world's time: the machine's clock or a clock that only moves when told.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

/// Time for a world. Clones share it. Real and manual clocks can both be advanced by hand.
#[derive(Clone, Debug)]
pub struct Clock(Arc<Mutex<State>>);

#[derive(Debug)]
struct State {
    /// `Some` for a manual clock: the time it stands at.
    fixed: Option<Timestamp>,
    /// What was added by hand to a real clock.
    offset: SignedDuration,
}

impl Clock {
    /// The machine's clock.
    pub fn real() -> Self {
        Self(Arc::new(Mutex::new(State { fixed: None, offset: SignedDuration::ZERO })))
    }

    /// A clock that stands at `at` until [`Clock::advance`].
    pub fn manual(at: Timestamp) -> Self {
        Self(Arc::new(Mutex::new(State { fixed: Some(at), offset: SignedDuration::ZERO })))
    }

    /// The world's time now.
    #[expect(clippy::disallowed_methods, reason = "the one place where the sandbox asks the machine")]
    pub fn now(&self) -> Timestamp {
        let state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        state.fixed.unwrap_or_else(|| Timestamp::now().saturating_add(state.offset).unwrap_or(Timestamp::MAX))
    }

    /// Moves the clock forward.
    pub fn advance(&self, by: Duration) {
        let by = SignedDuration::try_from(by).unwrap_or(SignedDuration::MAX);
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match &mut state.fixed {
            Some(at) => *at = at.saturating_add(by).unwrap_or(Timestamp::MAX),
            None => state.offset = state.offset.saturating_add(by),
        }
    }

    /// Whether this clock stands still unless advanced.
    pub fn is_manual(&self) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).fixed.is_some()
    }
}
