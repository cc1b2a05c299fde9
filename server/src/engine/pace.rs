//! When to work out the next step: soon after a change, not for every change, and when a grace time ends.

use std::time::Duration;

use jiff::Timestamp;
use tokio::time::Instant;

/// Changes that come within this time are worked out together.
const TOGETHER: Duration = Duration::from_millis(100);
/// The same while the first lists come in: their joins are not complete yet, and there are very many.
const AT_START: Duration = Duration::from_millis(500);
/// A change waits no longer than this for the step that shows it, however costly steps are: people look at it.
const NO_LATER: Duration = Duration::from_millis(200);
/// At the latest so often: sources grow stale without a word.
const AT_LEAST: Duration = Duration::from_secs(1);

/// The rhythm of steps.
#[derive(Debug)]
pub struct Pace {
    next: Instant,
    /// Something came since the last step.
    stirred: bool,
    /// How long the last step took.
    cost: Duration,
    complete: bool,
}

impl Pace {
    pub fn new() -> Self {
        Self { next: Instant::now(), stirred: false, cost: Duration::ZERO, complete: false }
    }

    /// Something came in: a step is due soon.
    pub fn stir(&mut self) {
        if !std::mem::replace(&mut self.stirred, true) {
            // A costly step is made less often: at most a fifth of the time goes into steps. Its cost is by the clock:
            // on a machine that is busy with something else it says little, so it is not followed beyond reason.
            let rare = self.cost * 4;
            let wait = if self.complete { rare.clamp(TOGETHER, NO_LATER) } else { rare.max(AT_START) };
            self.next = self.next.min(Instant::now() + wait);
        }
    }

    /// When to step.
    pub const fn due(&self) -> Instant {
        self.next
    }

    /// A step was made.
    pub fn stepped(&mut self, began: Instant, now: Timestamp, wake_at: Option<Timestamp>, complete: bool) {
        self.cost = began.elapsed();
        self.complete = complete;
        self.stirred = false;
        let wake = wake_at.and_then(|at| Duration::try_from(at.duration_since(now)).ok()).unwrap_or(AT_LEAST);
        self.next = Instant::now() + wake.clamp(Duration::from_millis(10), AT_LEAST);
    }
}
