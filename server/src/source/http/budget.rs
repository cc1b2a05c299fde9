//! How often a source is asked: so many requests in a minute, none while it asks to be left alone, and none for a
//! while after it failed several times in a row.

use std::{
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use jiff::{SignedDuration, Timestamp};
use landfall_model::{Text, phrase::Said, said, view::BudgetView};
use tokio::time::Instant;

use super::Failure;
use crate::clock;

/// Times of a source: what is waited for, and how long it is left alone.
#[derive(Debug, Clone)]
pub struct Patience {
    /// For each part of an answer.
    pub answer: Duration,
    /// For a whole answer.
    pub whole: Duration,
    /// So many failures in a row, and it is left alone.
    pub failures: u32,
    /// The first pause after that; each further failure doubles it.
    pub first_pause: Duration,
    pub longest_pause: Duration,
    /// The pause where it asks for one without saying how long; doubled each time.
    pub unsaid_pause: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self {
            answer: Duration::from_secs(15),
            whole: Duration::from_mins(1),
            failures: 5,
            first_pause: Duration::from_secs(30),
            longest_pause: Duration::from_mins(10),
            unsaid_pause: Duration::from_mins(1),
        }
    }
}

/// The longest pause that a source can ask for: Docker Hub's window.
const LONGEST_ASKED: Duration = Duration::from_hours(6);

/// The budget of one source.
#[derive(Debug)]
pub struct Budget {
    asked: AtomicU64,
    state: Mutex<State>,
}

/// What a source says may still be asked of it in its own window.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Quota {
    pub limit: u32,
    pub left: u32,
    pub resets: Timestamp,
}

/// Until when nothing is asked, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Blocked {
    pub until: Timestamp,
    pub why: Said,
}

impl Budget {
    pub fn new(per_minute: u32, patience: Patience) -> Self {
        Self {
            asked: AtomicU64::new(0),
            state: Mutex::new(State::new(per_minute.max(1), patience, Instant::now())),
        }
    }

    /// Waits for a turn to ask. Fails at once while it is left alone.
    pub async fn take(&self) -> Result<(), Failure> {
        loop {
            let turn = self.lock().take(Instant::now());
            match turn {
                Turn::Now => {
                    self.asked.fetch_add(1, Ordering::Relaxed);
                    return Ok(());
                }
                Turn::Never(Blocked { until, why }) => return Err(Failure::Blocked { until, why }),
                // A block that begins meanwhile is seen on waking.
                Turn::In(wait) => tokio::time::sleep(wait.min(Duration::from_secs(1))).await,
            }
        }
    }

    /// It answered as it should.
    pub fn well(&self) {
        self.lock().well();
    }

    /// It failed: unreachable, silent, or in trouble itself.
    pub fn failed(&self, failure: &Failure) {
        self.lock().failed(Instant::now(), failure);
    }

    /// It asks to be left alone, for so long where it says that.
    pub fn limited(&self, status: u16, retry_after: Option<Duration>) {
        self.lock().limited(Instant::now(), status, retry_after);
    }

    /// It says how much may still be asked. Nothing is asked any more until the window is over where that is nothing.
    pub fn told(&self, quota: Quota) {
        self.lock().told(Instant::now(), quota, clock::now());
    }

    /// Whether so little is left that only what is needed most should be asked: a twentieth, for others use it too.
    pub fn is_low(&self) -> bool {
        let now = clock::now();
        let quota = self.lock().quota.filter(|quota| quota.resets > now);
        quota.is_some_and(|quota| quota.left < quota.limit.div_ceil(20))
    }

    /// Goes on with a block of an earlier run.
    pub fn resume(&self, blocked: Blocked) {
        if let Ok(rest) = Duration::try_from(blocked.until.duration_since(clock::now()))
            && !rest.is_zero()
        {
            self.lock().block(Instant::now(), rest.min(LONGEST_ASKED), blocked.why);
        }
    }

    /// Until when nothing is asked, if so.
    pub fn blocked(&self) -> Option<Blocked> {
        self.lock().blocked(Instant::now())
    }

    /// Requests that were made.
    pub fn asked(&self) -> u64 {
        self.asked.load(Ordering::Relaxed)
    }

    /// As it is shown.
    pub fn view(&self) -> BudgetView {
        self.lock().view(Instant::now())
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whether one may ask.
#[derive(Debug, PartialEq)]
enum Turn {
    Now,
    In(Duration),
    Never(Blocked),
}

/// The budget without a clock.
#[derive(Debug)]
struct State {
    per_minute: u32,
    patience: Patience,
    /// Requests that may be made at once.
    left: f64,
    filled: Instant,
    blocked: Option<(Instant, Blocked)>,
    /// In a row.
    failures: u32,
    limits: u32,
    quota: Option<Quota>,
}

impl State {
    fn new(per_minute: u32, patience: Patience, now: Instant) -> Self {
        let left = burst(per_minute);
        Self { per_minute, patience, left, filled: now, blocked: None, failures: 0, limits: 0, quota: None }
    }

    fn take(&mut self, now: Instant) -> Turn {
        if let Some(blocked) = self.blocked(now) {
            return Turn::Never(blocked);
        }
        self.refill(now);
        if self.left < 1.0 {
            return Turn::In(Duration::from_secs_f64((1.0 - self.left) * 60.0 / f64::from(self.per_minute)));
        }
        self.left -= 1.0;
        Turn::Now
    }

    const fn well(&mut self) {
        (self.failures, self.limits) = (0, 0);
    }

    fn failed(&mut self, now: Instant, failure: &Failure) {
        self.failures = self.failures.saturating_add(1);
        if self.failures >= self.patience.failures {
            let doublings = (self.failures - self.patience.failures).min(10);
            let pause = (self.patience.first_pause * 2_u32.pow(doublings)).min(self.patience.longest_pause);
            let why = said!(
                "failed-in-a-row",
                "it failed {times} times in a row, last: {failure}",
                times = self.failures,
                failure = failure.said(),
            );
            self.block(now, pause, why);
        }
    }

    fn limited(&mut self, now: Instant, status: u16, retry_after: Option<Duration>) {
        self.limits = self.limits.saturating_add(1);
        let unsaid = self.patience.unsaid_pause * 2_u32.pow((self.limits - 1).min(6));
        let pause = retry_after.map_or(unsaid, |asked| asked.min(LONGEST_ASKED));
        let why = if retry_after.is_some() {
            said!("asks-to-wait", "it asks to wait ({status})", status = status)
        } else {
            said!("too-many-requests", "too many requests ({status})", status = status)
        };
        self.block(now, pause, why);
    }

    fn told(&mut self, now: Instant, quota: Quota, clock: Timestamp) {
        self.quota = Some(quota);
        if quota.left == 0 {
            // One more second: the window is over when its second is.
            let rest = quota.resets.duration_since(clock).saturating_add(SignedDuration::from_secs(1));
            let pause = Duration::try_from(rest).unwrap_or(Duration::from_secs(1)).min(LONGEST_ASKED);
            let limit =
                said!("quota-used-up", "all {limit} requests of its hour are used", limit = quota.limit);
            self.block(now, pause, limit);
        }
    }

    fn blocked(&self, now: Instant) -> Option<Blocked> {
        self.blocked.as_ref().filter(|(until, _)| now < *until).map(|(_, blocked)| blocked.clone())
    }

    /// Never shortens a block.
    fn block(&mut self, now: Instant, pause: Duration, why: Said) {
        let until = now + pause;
        if self.blocked.as_ref().is_none_or(|(known, _)| *known < until) {
            let pause = SignedDuration::try_from(pause).unwrap_or(SignedDuration::from_hours(6));
            let told = clock::now().checked_add(pause).unwrap_or(Timestamp::MAX);
            self.blocked = Some((until, Blocked { until: told, why }));
        }
    }

    fn refill(&mut self, now: Instant) {
        let passed = now.duration_since(self.filled).as_secs_f64();
        self.filled = now;
        let more = passed * f64::from(self.per_minute) / 60.0;
        self.left = (self.left + more).min(burst(self.per_minute));
    }

    fn view(&mut self, now: Instant) -> BudgetView {
        self.refill(now);
        let blocked = self.blocked(now);
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "between 0 and the burst"
        )]
        let left = if blocked.is_some() { 0 } else { self.left as u32 };
        BudgetView {
            per_minute: self.per_minute,
            left,
            blocked_until: blocked.as_ref().map(|blocked| blocked.until),
            blocked_by: blocked.as_ref().map(|blocked| Text::clone(&blocked.why.text)),
            blocked_by_phrase: blocked.and_then(|blocked| blocked.why.phrase),
            limit: self.quota.map(|quota| quota.limit),
            remaining: self.quota.map(|quota| quota.left),
            resets_at: self.quota.map(|quota| quota.resets),
        }
    }
}

/// Requests that may follow each other at once: those of ten seconds.
fn burst(per_minute: u32) -> f64 {
    f64::from(per_minute / 6).max(1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A budget and a clock that the test turns.
    struct Timed(State, Instant);

    impl Timed {
        fn new(per_minute: u32) -> Self {
            let now = Instant::now();
            Self(State::new(per_minute, Patience::default(), now), now)
        }

        fn later(&mut self, seconds: u64) {
            self.1 += Duration::from_secs(seconds);
        }

        fn asks(&mut self) -> bool {
            self.0.take(self.1) == Turn::Now
        }

        fn fails(&mut self) {
            self.0.failed(self.1, &Failure::Connection("refused".into()));
        }

        fn limits(&mut self, seconds: Option<u64>) {
            self.0.limited(self.1, 429, seconds.map(Duration::from_secs));
        }
    }

    #[test]
    fn no_more_than_the_rate_whatever_is_wanted() {
        let mut it = Timed::new(120);
        let began = it.1;
        for _ in 0..20 {
            assert!(it.asks(), "a burst of ten seconds");
        }
        let mut made = 0;
        while made < 240 {
            match it.0.take(it.1) {
                Turn::Now => made += 1,
                Turn::In(wait) => it.1 += wait,
                Turn::Never(blocked) => panic!("{blocked:?}"),
            }
        }
        let took = (it.1 - began).as_secs_f64();
        assert!((119.9..120.1).contains(&took), "240 at two in a second: {took}");
    }

    #[test]
    fn nothing_is_asked_while_it_wants_to_be_left_alone() {
        let mut it = Timed::new(60_000);
        it.limits(Some(90));
        it.later(89);
        assert!(
            matches!(it.0.take(it.1), Turn::Never(blocked) if &*blocked.why.text == "it asks to wait (429)")
        );
        let view = it.0.view(it.1);
        assert!(view.left == 0 && view.blocked_until.is_some());
        it.later(2);
        assert!(it.asks());
        it.0.well();
        // Without a word the pause grows, and an answer ends that.
        it.limits(None);
        it.limits(None);
        it.later(119);
        assert!(!it.asks());
        it.later(2);
        assert!(it.asks());
        it.0.well();
        it.limits(None);
        it.later(61);
        assert!(it.asks());
        // And nobody can stop us for ever.
        it.limits(Some(u64::MAX / 4));
        it.later(LONGEST_ASKED.as_secs() - 1);
        assert!(!it.asks());
        it.later(2);
        assert!(it.asks());
    }

    #[test]
    fn failures_in_a_row_open_the_breaker_and_one_more_doubles_the_pause() {
        let mut it = Timed::new(60_000);
        for _ in 0..4 {
            it.fails();
            assert!(it.asks());
        }
        it.0.well();
        for _ in 0..5 {
            assert!(it.asks());
            it.fails();
        }
        assert!(!it.asks());
        it.later(31);
        assert!(it.asks());
        it.fails();
        it.later(31);
        assert!(!it.asks(), "one is enough to open it again, for longer");
        it.later(31);
        assert!(it.asks());
        for _ in 0..40 {
            it.fails();
        }
        it.later(601);
        assert!(it.asks());
    }

    #[test]
    fn a_block_outlives_a_restart() {
        let old = Budget::new(60, Patience::default());
        old.limited(429, Some(Duration::from_mins(10)));
        let new = Budget::new(60, Patience::default());
        new.resume(old.blocked().unwrap());
        assert!(new.blocked().is_some());
        new.resume(Blocked { until: Timestamp::UNIX_EPOCH, why: Said::from("long ago") });
        assert_eq!(new.blocked().unwrap().why.to_string(), "it asks to wait (429)");
    }
}
