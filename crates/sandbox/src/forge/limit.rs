//! GitHub's limits: so many requests in an hour for each who asks, and so many that write in a minute and an hour.

use std::collections::BTreeMap;

use jiff::Timestamp;

/// How much may be asked.
#[derive(Clone, Debug)]
pub struct Limits {
    /// Requests in an hour of who signed in.
    pub per_hour: u32,
    /// Of who did not.
    pub anonymous: u32,
    /// Requests that create something, in a minute and in an hour.
    pub writes_per_minute: u32,
    pub writes_per_hour: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Self { per_hour: 5_000, anonymous: 60, writes_per_minute: 80, writes_per_hour: 500 }
    }
}

/// What was used of it, by who asks.
#[derive(Debug, Default)]
pub(super) struct Windows {
    limits: Limits,
    primary: BTreeMap<String, Window>,
    writes: Vec<Timestamp>,
}

#[derive(Debug, Clone, Copy)]
pub(super) struct Window {
    pub limit: u32,
    pub used: u32,
    /// In seconds since 1970.
    pub reset: i64,
}

impl Windows {
    pub fn new(limits: Limits) -> Self {
        Self { limits, ..Self::default() }
    }

    /// The window of who asks, as it is now.
    pub fn of(&mut self, who: Option<&str>, now: Timestamp) -> &mut Window {
        let limit = if who.is_some() { self.limits.per_hour } else { self.limits.anonymous };
        let fresh = Window { limit, used: 0, reset: now.as_second() + 3_600 };
        let window = self.primary.entry(who.unwrap_or_default().to_owned()).or_insert(fresh);
        if window.reset <= now.as_second() {
            *window = fresh;
        }
        window
    }

    /// Whether one more may be written; counts it.
    pub fn write(&mut self, now: Timestamp) -> bool {
        self.writes.retain(|at| now.as_second() - at.as_second() < 3_600);
        let minute = self.writes.iter().filter(|at| now.as_second() - at.as_second() < 60).count();
        let fits = |used: usize, most: u32| u32::try_from(used).is_ok_and(|used| used < most);
        let may = fits(minute, self.limits.writes_per_minute)
            && fits(self.writes.len(), self.limits.writes_per_hour);
        if may {
            self.writes.push(now);
        }
        may
    }
}

impl Window {
    pub const fn left(&self) -> u32 {
        self.limit.saturating_sub(self.used)
    }
}
