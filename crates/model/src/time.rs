//! Moments in query strings: `at`, `since`, `until`.
//!
//! | written | means |
//! |---|---|
//! | `2026-11-20T15:00:00+09:00` | that second (RFC 3339) |
//! | `2026-11-20T15:00` | that moment by the clock of the review's zone, as date fields send it |
//! | `2026-11-20` | the start of that day, in the zone of the review |
//! | `2026-W47` | the freeze of that week's review |
//! | `-7d`, `-90m`, `-36h`, `-2w`, `-30s` | so long before now |
//!
//! A moment that has not come is an error: nothing is known of it.

use jiff::{
    SignedDuration, Span, Timestamp, ToSpan,
    civil::{Date, ISOWeekDate, Time, Weekday},
    tz::TimeZone,
};

use crate::{phrase::Said, said};

mod review;

pub use review::{ReviewSchedule, Week};

/// How far ahead of our clock somebody else's may be before a moment counts as the future.
const SKEW: SignedDuration = SignedDuration::from_secs(60);

/// Why a moment could not be understood. The field's name is added by the caller.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BadMoment {
    Shape,
    NoSuchDay,
    NoSuchTime,
    NoSuchWeek,
    Future(Timestamp),
    TooOld,
}

impl BadMoment {
    /// The reason as a sentence that goes on behind the field's name.
    pub fn said(&self) -> Said {
        let examples = said!(
            "moment-examples",
            "write a time (2026-11-20T15:00:00+09:00), a date (2026-11-20), a review's week (2026-W47) or a span \
             back (-7d, -36h, -90m)",
        );
        match self {
            Self::Shape => said!("moment-shape", "is not a time: {examples}", examples = examples),
            Self::NoSuchDay => said!("no-such-day", "has no such day: {examples}", examples = examples),
            Self::NoSuchTime => said!("no-such-time", "has no such time: {examples}", examples = examples),
            Self::NoSuchWeek => said!("no-such-week", "has no such week: {examples}", examples = examples),
            Self::Future(moment) => said!(
                "moment-ahead",
                "lies in the future ({moment}); nothing is known of it yet",
                moment = moment.to_string(),
            ),
            Self::TooOld => said!("moment-too-old", "lies before 1970; nothing was recorded then"),
        }
    }
}

impl std::fmt::Display for BadMoment {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.said().fmt(f)
    }
}

impl std::error::Error for BadMoment {}

/// What moments are reckoned by.
#[derive(Debug, Clone, PartialEq)]
pub struct Reckoning {
    pub now: Timestamp,
    pub review: ReviewSchedule,
}

impl Reckoning {
    /// The moment that `text` names. Up to a minute ahead of `now` counts as `now`, for clocks differ.
    pub fn parse(&self, text: &str) -> Result<Timestamp, BadMoment> {
        let text = text.trim();
        let moment = if let Some(back) = text.strip_prefix('-') {
            self.span_back(back)?
        } else if text.contains(['W', 'w']) {
            self.review.freeze(text.parse()?)?
        } else if text.contains(['T', 't']) {
            // An unescaped `+` of the zone arrives as a space.
            text.replace(' ', "+").parse().or_else(|_| self.wall_clock(text))?
        } else {
            self.day(text)?
        };
        if moment > self.now {
            return if moment.duration_since(self.now) <= SKEW {
                Ok(self.now)
            } else {
                Err(BadMoment::Future(moment))
            };
        }
        if moment < Timestamp::UNIX_EPOCH { Err(BadMoment::TooOld) } else { Ok(moment) }
    }

    fn span_back(&self, text: &str) -> Result<Timestamp, BadMoment> {
        let Some((at, unit)) = text.char_indices().next_back() else { return Err(BadMoment::Shape) };
        let digits = &text[..at];
        if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) {
            return Err(BadMoment::Shape);
        }
        let count: i64 = digits.parse().map_err(|_| BadMoment::TooOld)?;
        let seconds = match unit {
            's' => 1,
            'm' => 60,
            'h' => 3_600,
            'd' => 86_400,
            'w' => 604_800,
            _ => return Err(BadMoment::Shape),
        };
        let span = SignedDuration::from_secs(count.checked_mul(seconds).ok_or(BadMoment::TooOld)?);
        self.now.checked_sub(span).map_err(|_| BadMoment::TooOld)
    }

    /// A time without a zone, as the browser's date field sends it: by the clock of the review's zone.
    fn wall_clock(&self, text: &str) -> Result<Timestamp, BadMoment> {
        let time: jiff::civil::DateTime = text.parse().map_err(|_| BadMoment::Shape)?;
        // `DateTime` also reads the civil part of a text that has a zone; such a text was wrong, not local.
        let has_zone = text.get(10..).is_some_and(|rest| rest.contains(['Z', 'z', '+', '-', '[']));
        if has_zone {
            return Err(BadMoment::Shape);
        }
        let zoned = time.to_zoned(self.review.zone.clone()).map_err(|_| BadMoment::NoSuchTime)?;
        Ok(zoned.timestamp())
    }

    fn day(&self, text: &str) -> Result<Timestamp, BadMoment> {
        let looks_right = text.len() == 10 && text.bytes().all(|b| b.is_ascii_digit() || b == b'-');
        if !looks_right {
            return Err(BadMoment::Shape);
        }
        let day: Date = text.parse().map_err(|_| BadMoment::NoSuchDay)?;
        let start = day.to_zoned(self.review.zone.clone()).map_err(|_| BadMoment::NoSuchDay)?;
        Ok(start.timestamp())
    }

    /// The freeze of the last review at or before now.
    pub fn last_review(&self) -> Timestamp {
        self.review.last_at_or_before(self.now)
    }
}

#[cfg(test)]
mod tests;
