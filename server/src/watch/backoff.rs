//! Growing waits with jitter.

use std::time::Duration;

/// Doubles from `first` to `longest`; each wait is drawn between half and one and a half of that.
#[derive(Debug)]
pub struct Backoff {
    first: Duration,
    longest: Duration,
    step: u32,
}

impl Backoff {
    pub fn new(first: Duration, longest: Duration) -> Self {
        Self { first, longest, step: 0 }
    }

    /// The next wait, never longer than the longest.
    pub fn wait(&mut self) -> Duration {
        let wait = self.first.saturating_mul(1 << self.step.min(16)).min(self.longest);
        self.step = self.step.saturating_add(1);
        jitter(wait).min(self.longest)
    }

    pub fn reset(&mut self) {
        self.step = 0;
    }
}

/// Between half and one and a half of `wait`.
pub fn jitter(wait: Duration) -> Duration {
    wait.mul_f64(0.5 + fastrand::f64())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn grows_to_its_limit_and_starts_anew() {
        let mut backoff = Backoff::new(Duration::from_millis(800), Duration::from_secs(30));
        for expected in [0.8, 1.6, 3.2, 6.4, 12.8, 25.6, 30.0, 30.0] {
            let wait = backoff.wait().as_secs_f64();
            assert!(wait >= expected * 0.5 && wait <= (expected * 1.5).min(30.0), "{wait} for {expected}");
        }
        backoff.reset();
        assert!(backoff.wait() <= Duration::from_millis(1200));
    }
}
