//! Times and ages.
//!
//! Ages have one unit and are rounded down: 12 s, 26 min, 3 h, 4 d. Exact times carry their zone.

use jiff::{SignedDuration, Timestamp, Zoned, civil::Weekday, tz::TimeZone};

use crate::lang::Lang;

/// What is needed to show a time: the moment the page is made at, the zone and the language.
#[derive(Debug, Clone)]
pub struct Clock {
    pub now: Timestamp,
    pub zone: TimeZone,
    pub lang: Lang,
}

const MINUTE: i64 = 60;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;

impl Clock {
    fn zoned(&self, t: Timestamp) -> Zoned {
        t.to_zoned(self.zone.clone())
    }

    /// How long ago, in one unit: `3 h`.
    pub fn age(&self, t: Timestamp) -> String {
        age(self.now.duration_since(t), self.lang)
    }

    /// The whole of it, for `title`: `Tue 24 Nov 2026 14:05:12 JST`.
    pub fn full(&self, t: Timestamp) -> String {
        let z = self.zoned(t);
        match self.lang {
            Lang::En => z.strftime("%a %-d %b %Y %H:%M:%S %Z").to_string(),
            Lang::Ja => {
                format!("{}（{}）{}", z.strftime("%Y年%-m月%-d日"), weekday_ja(&z), z.strftime("%H:%M:%S %Z"))
            }
        }
    }

    /// Day and minute: `Tue 24 Nov 14:05`, with the year where it is another one.
    pub fn moment(&self, t: Timestamp) -> String {
        let z = self.zoned(t);
        let same_year = z.year() == self.zoned(self.now).year();
        match (self.lang, same_year) {
            (Lang::En, true) => z.strftime("%a %-d %b %H:%M").to_string(),
            (Lang::En, false) => z.strftime("%a %-d %b %Y %H:%M").to_string(),
            (Lang::Ja, _) => format!("{} {}", self.day_of(&z, same_year), z.strftime("%H:%M")),
        }
    }

    /// The day: `Tue 24 Nov`.
    pub fn day(&self, t: Timestamp) -> String {
        let z = self.zoned(t);
        let same_year = z.year() == self.zoned(self.now).year();
        self.day_of(&z, same_year)
    }

    fn day_of(&self, z: &Zoned, same_year: bool) -> String {
        match (self.lang, same_year) {
            (Lang::En, true) => z.strftime("%a %-d %b").to_string(),
            (Lang::En, false) => z.strftime("%a %-d %b %Y").to_string(),
            (Lang::Ja, true) => format!("{}（{}）", z.strftime("%-m月%-d日"), weekday_ja(z)),
            (Lang::Ja, false) => format!("{}（{}）", z.strftime("%Y年%-m月%-d日"), weekday_ja(z)),
        }
    }

    /// Time of day with seconds: `14:05:12`.
    pub fn time(&self, t: Timestamp) -> String {
        self.zoned(t).strftime("%H:%M:%S").to_string()
    }

    /// Time of day with the zone: `14:05:12 JST`.
    pub fn time_zone(&self, t: Timestamp) -> String {
        self.zoned(t).strftime("%H:%M:%S %Z").to_string()
    }

    /// Time of day to the minute with the zone: `14:05 JST`.
    pub fn minute_zone(&self, t: Timestamp) -> String {
        self.zoned(t).strftime("%H:%M %Z").to_string()
    }

    /// For `datetime` attributes: RFC 3339 with the offset.
    pub fn attr(&self, t: Timestamp) -> String {
        self.zoned(t).strftime("%Y-%m-%dT%H:%M:%S%:z").to_string()
    }

    /// For `datetime-local` inputs: `2026-11-17T09:00`, in the page's zone.
    pub fn input(&self, t: Timestamp) -> String {
        self.zoned(t).strftime("%Y-%m-%dT%H:%M").to_string()
    }

    /// Whether both lie on one day of the page's zone.
    pub fn same_day(&self, a: Timestamp, b: Timestamp) -> bool {
        self.zoned(a).date() == self.zoned(b).date()
    }

    /// Midnight that begins the day of `t`, and the next one.
    pub fn day_bounds(&self, t: Timestamp) -> Option<(Timestamp, Timestamp)> {
        let start = self.zoned(t).start_of_day().ok()?;
        let end = start.tomorrow().ok()?.start_of_day().ok()?;
        Some((start.timestamp(), end.timestamp()))
    }

    /// The last Tuesday at nine before today, for the link that shows what a look into the past is.
    pub fn last_tuesday(&self) -> Option<Timestamp> {
        let today = self.zoned(self.now).date();
        let tuesday = today.nth_weekday(-1, Weekday::Tuesday).ok()?;
        Some(tuesday.at(9, 0, 0, 0).to_zoned(self.zone.clone()).ok()?.timestamp())
    }
}

fn weekday_ja(z: &Zoned) -> &'static str {
    match z.weekday() {
        Weekday::Monday => "月",
        Weekday::Tuesday => "火",
        Weekday::Wednesday => "水",
        Weekday::Thursday => "木",
        Weekday::Friday => "金",
        Weekday::Saturday => "土",
        Weekday::Sunday => "日",
    }
}

/// A length of time in its largest unit, rounded down. What lies ahead (clocks differ) counts as now.
pub fn age(length: SignedDuration, lang: Lang) -> String {
    let seconds = length.as_secs().max(0);
    let (n, en, ja) = match seconds {
        s if s < MINUTE => (s, "s", "秒"),
        s if s < HOUR => (s / MINUTE, "min", "分"),
        s if s < DAY => (s / HOUR, "h", "時間"),
        s => (s / DAY, "d", "日"),
    };
    match lang {
        Lang::En => format!("{n} {en}"),
        Lang::Ja => format!("{n}{ja}"),
    }
}

/// How long something took, to the second within an hour: `1 min 20 s`.
pub fn length(length: SignedDuration, lang: Lang) -> String {
    let seconds = length.as_secs().max(0);
    let rest = seconds % MINUTE;
    if !(MINUTE..HOUR).contains(&seconds) || rest == 0 {
        return age(length, lang);
    }
    let minutes = age(SignedDuration::from_secs(seconds - rest), lang);
    let rest = age(SignedDuration::from_secs(rest), lang);
    match lang {
        Lang::En => format!("{minutes} {rest}"),
        Lang::Ja => format!("{minutes}{rest}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_have_seconds_within_an_hour() {
        let length = |seconds, lang| length(SignedDuration::from_secs(seconds), lang);
        assert_eq!(length(9, Lang::En), "9 s");
        assert_eq!(length(80, Lang::En), "1 min 20 s");
        assert_eq!(length(80, Lang::Ja), "1分20秒");
        assert_eq!(length(120, Lang::En), "2 min");
        assert_eq!(length(3_700, Lang::En), "1 h");
    }

    fn clock(lang: Lang) -> Clock {
        Clock {
            now: "2026-11-24T05:05:12Z".parse().unwrap(),
            zone: TimeZone::get("Asia/Tokyo").unwrap(),
            lang,
        }
    }

    #[test]
    fn ages_round_down() {
        let at = |s| age(SignedDuration::from_secs(s), Lang::En);
        assert_eq!((at(-5), at(0), at(59)), ("0 s".into(), "0 s".into(), "59 s".into()));
        assert_eq!((at(60), at(3_599)), ("1 min".into(), "59 min".into()));
        assert_eq!((at(3_600), at(86_399)), ("1 h".into(), "23 h".into()));
        assert_eq!((at(86_400), at(86_400 * 400)), ("1 d".into(), "400 d".into()));
        assert_eq!(age(SignedDuration::from_secs(7_300), Lang::Ja), "2時間");
    }

    #[test]
    fn times_carry_their_zone() {
        let t = "2026-11-24T05:05:12Z".parse().unwrap();
        assert_eq!(clock(Lang::En).full(t), "Tue 24 Nov 2026 14:05:12 JST");
        assert_eq!(clock(Lang::Ja).full(t), "2026年11月24日（火）14:05:12 JST");
        assert_eq!(clock(Lang::En).moment("2025-01-02T00:00:00Z".parse().unwrap()), "Thu 2 Jan 2025 09:00");
        assert_eq!(clock(Lang::Ja).moment(t), "11月24日（火） 14:05");
        assert_eq!(clock(Lang::En).attr(t), "2026-11-24T14:05:12+09:00");
    }

    #[test]
    fn last_tuesday_is_a_week_back_on_a_tuesday() {
        let clock = clock(Lang::En);
        assert_eq!(clock.moment(clock.last_tuesday().unwrap()), "Tue 17 Nov 09:00");
    }
}
