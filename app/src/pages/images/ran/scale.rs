//! Where a moment lies in the drawing: days to the left and, where something happened lately, hours to the right.

use jiff::{SignedDuration, Timestamp};

use super::{NAMES, WIDTH};

/// What has a scale of its own at the right.
const LATELY: SignedDuration = SignedDuration::from_hours(24);
/// With less before it one scale is enough.
const EARLIER: SignedDuration = SignedDuration::from_hours(48);
/// Share of the width that is left for what was earlier.
const SHARE: f64 = 0.55;
const RIGHT: f64 = 8.0;

/// From moments to places.
#[derive(Debug, Clone, Copy)]
pub(super) struct Scale {
    begin: Timestamp,
    now: Timestamp,
    /// Where hours begin.
    split: Option<Timestamp>,
}

impl Scale {
    /// From a little before `first`, with hours at the right where one of `moments` lies there.
    pub fn new(first: Timestamp, now: Timestamp, moments: impl IntoIterator<Item = Timestamp>) -> Self {
        let begin = first - (now.duration_since(first) / 20);
        let split = now - LATELY;
        let is_long = split.duration_since(first) > EARLIER;
        let split = (is_long && moments.into_iter().any(|at| at > split)).then_some(split);
        Self { begin, now, split }
    }

    /// Where hours begin, with the place.
    pub fn split(&self) -> Option<(Timestamp, f64)> {
        self.split.map(|split| (split, self.x(split)))
    }

    /// The place of a moment; what is outside is at the edge.
    pub fn x(&self, at: Timestamp) -> f64 {
        let room = WIDTH - NAMES - RIGHT;
        let part = |from: Timestamp, to: Timestamp| {
            let whole = to.duration_since(from).as_secs_f64().max(1.0);
            (at.duration_since(from).as_secs_f64() / whole).clamp(0.0, 1.0)
        };
        let share = match self.split {
            None => part(self.begin, self.now),
            Some(split) if at <= split => part(self.begin, split) * SHARE,
            Some(split) => part(split, self.now).mul_add(1.0 - SHARE, SHARE),
        };
        share.mul_add(room, NAMES)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lately_has_room_where_something_happened() {
        let now: Timestamp = "2026-11-25T12:00:00Z".parse().unwrap();
        let ago = |hours| now - SignedDuration::from_hours(hours);
        let plain = Scale::new(ago(480), now, [ago(100)]);
        assert!(plain.split().is_none() && plain.x(ago(24)) > WIDTH * 0.9);
        let split = Scale::new(ago(480), now, [ago(100), ago(1)]);
        let (at, x) = split.split().unwrap();
        assert_eq!(at, ago(24));
        assert!(x < WIDTH * 0.66 && split.x(ago(12)) > x + 100.0);
        let mut last = 0.0;
        for hours in (0..500).rev() {
            let x = split.x(ago(hours));
            assert!(x >= last && (NAMES..=WIDTH).contains(&x), "{hours}");
            last = x;
        }
        assert!(Scale::new(ago(30), now, [ago(1)]).split().is_none(), "short enough for one");
    }
}
