//! When the weekly review is frozen, and its weeks.

use super::{BadMoment, Date, ISOWeekDate, Span, Time, TimeZone, Timestamp, ToSpan, Weekday};

/// When a review's page is frozen: once a week, by the wall clock of a zone.
#[derive(Debug, Clone, PartialEq)]
pub struct ReviewSchedule {
    pub weekday: Weekday,
    pub time: Time,
    pub zone: TimeZone,
}

impl Default for ReviewSchedule {
    /// Friday 15:00 UTC.
    fn default() -> Self {
        Self { weekday: Weekday::Friday, time: Time::constant(15, 0, 0, 0), zone: TimeZone::UTC }
    }
}

impl ReviewSchedule {
    /// The freeze of that week's review.
    pub fn freeze(&self, week: Week) -> Result<Timestamp, BadMoment> {
        let day =
            ISOWeekDate::new(week.year, week.week, self.weekday).map_err(|_| BadMoment::NoSuchWeek)?.date();
        self.at(day).ok_or(BadMoment::NoSuchWeek)
    }

    /// The last freeze at or before a moment.
    pub fn last_at_or_before(&self, moment: Timestamp) -> Timestamp {
        let today = moment.to_zoned(self.zone.clone()).date();
        let back = i64::from(today.weekday().since(self.weekday));
        [back, back + 7]
            .into_iter()
            .filter_map(|days| today.checked_sub(Span::new().try_days(days).ok()?).ok())
            .filter_map(|day| self.at(day))
            .find(|freeze| *freeze <= moment)
            .unwrap_or(moment)
    }

    /// The week whose review is frozen at or next after a moment.
    pub fn week_of(&self, moment: Timestamp) -> Week {
        let last = self.last_at_or_before(moment);
        let day = last.to_zoned(self.zone.clone()).date();
        let day = if last == moment { day } else { day.checked_add(1.week()).unwrap_or(day) };
        let week = day.iso_week_date();
        Week { year: week.year(), week: week.week() }
    }

    /// By the wall clock; a time that a change of clocks skips is the one after the gap.
    fn at(&self, day: Date) -> Option<Timestamp> {
        day.to_datetime(self.time).to_zoned(self.zone.clone()).ok().map(|zoned| zoned.timestamp())
    }
}

/// A week of the ISO calendar, written `2026-W47`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Week {
    pub year: i16,
    pub week: i8,
}

impl std::fmt::Display for Week {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:04}-W{:02}", self.year, self.week)
    }
}

impl std::str::FromStr for Week {
    type Err = BadMoment;

    fn from_str(text: &str) -> Result<Self, BadMoment> {
        let (year, week) = text.split_once("-W").or_else(|| text.split_once("-w")).ok_or(BadMoment::Shape)?;
        let number = |digits: &str, length: usize| {
            let plain = digits.len() == length && digits.bytes().all(|b| b.is_ascii_digit());
            plain.then(|| digits.parse::<i16>().ok()).flatten().ok_or(BadMoment::Shape)
        };
        let (year, week) = (number(year, 4)?, number(week, 2)?);
        let week = i8::try_from(week).map_err(|_| BadMoment::NoSuchWeek)?;
        ISOWeekDate::new(year, week, Weekday::Monday).map_err(|_| BadMoment::NoSuchWeek)?;
        Ok(Self { year, week })
    }
}
