//! Times as nginx writes them: `$time_local`, `$time_iso8601`, `$msec`.

use serde::{Deserialize, Serialize};

/// A moment with the zone it was written in.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Moment {
    /// Seconds since 1970, UTC.
    pub epoch: i64,
    /// Seconds that the zone is ahead of UTC.
    pub offset: i32,
}

const MONTHS: [&[u8]; 12] =
    [b"Jan", b"Feb", b"Mar", b"Apr", b"May", b"Jun", b"Jul", b"Aug", b"Sep", b"Oct", b"Nov", b"Dec"];

impl Moment {
    /// `20/Nov/2026:13:55:36 +0900`.
    pub fn local(text: &[u8]) -> Option<Self> {
        if text.len() != 26 || text[2] != b'/' || text[6] != b'/' || text[11] != b':' || text[20] != b' ' {
            return None;
        }
        let month = MONTHS.iter().position(|name| *name == &text[3..6])?;
        Self::new(
            digits(&text[7..11])?,
            i64::try_from(month).ok()? + 1,
            digits(&text[0..2])?,
            &text[12..20],
            zone(&text[21..26])?,
        )
    }

    /// `2026-11-20T13:55:36+09:00`, with `Z` and fractions allowed.
    pub fn iso(text: &[u8]) -> Option<Self> {
        if text.len() < 20 || text[4] != b'-' || text[7] != b'-' || !matches!(text[10], b'T' | b't' | b' ') {
            return None;
        }
        let mut rest = &text[19..];
        if rest.first() == Some(&b'.') {
            let len = rest[1..].iter().take_while(|byte| byte.is_ascii_digit()).count();
            rest = &rest[1 + len..];
        }
        let offset = match rest {
            b"Z" | b"z" => 0,
            [sign, h1, h2, b':', m1, m2] => zone(&[*sign, *h1, *h2, *m1, *m2])?,
            _ => return None,
        };
        Self::new(digits(&text[0..4])?, digits(&text[5..7])?, digits(&text[8..10])?, &text[11..19], offset)
    }

    /// `1763610936.123`.
    pub fn msec(text: &[u8]) -> Option<Self> {
        let whole = text.split(|byte| *byte == b'.').next()?;
        Some(Self { epoch: digits(whole)?, offset: 0 })
    }

    fn new(year: i64, month: i64, day: i64, clock: &[u8], offset: i32) -> Option<Self> {
        if clock.len() != 8 || clock[2] != b':' || clock[5] != b':' {
            return None;
        }
        let (hour, minute, second) = (digits(&clock[0..2])?, digits(&clock[3..5])?, digits(&clock[6..8])?);
        let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
        let most = match month {
            2 => 28 + i64::from(leap),
            4 | 6 | 9 | 11 => 30,
            1..=12 => 31,
            _ => return None,
        };
        if !(1..=most).contains(&day) || hour > 23 || minute > 59 || second > 60 {
            return None;
        }
        let seconds = days(year, month, day) * 86_400 + hour * 3600 + minute * 60 + second;
        Some(Self { epoch: seconds - i64::from(offset), offset })
    }

    /// The hour in the zone it was written in, counted from 1970: the key of hourly counts.
    pub fn hour(self) -> i64 {
        (self.epoch + i64::from(self.offset)).div_euclid(3600)
    }

    /// Widens a span of time to hold this moment.
    pub(crate) fn widen(self, first: &mut Self, last: &mut Self) {
        if self.epoch < first.epoch {
            *first = self;
        }
        if self.epoch > last.epoch {
            *last = self;
        }
    }

    /// RFC 3339, in the zone it was written in.
    pub fn rfc3339(self) -> String {
        let local = self.epoch + i64::from(self.offset);
        let (hour, rest) = (local.rem_euclid(86_400) / 3600, local.rem_euclid(3600));
        let zone = if self.offset == 0 {
            "Z".to_owned()
        } else {
            let sign = if self.offset < 0 { '-' } else { '+' };
            let minutes = self.offset.unsigned_abs() / 60;
            format!("{sign}{:02}:{:02}", minutes / 60, minutes % 60)
        };
        format!("{}T{hour:02}:{:02}:{:02}{zone}", day_of_hour(local.div_euclid(3600)), rest / 60, rest % 60)
    }
}

/// `2026-11-20` of an hour counted from 1970.
pub(crate) fn day_of_hour(hour: i64) -> String {
    // civil date from a count of days, by eras of 400 years
    let z = hour.div_euclid(24) + 719_468;
    let era = z.div_euclid(146_097);
    let doe = z.rem_euclid(146_097);
    let yoe = (doe - doe / 1460 + doe / 36_524 - doe / 146_096) / 365;
    let doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    let mp = (5 * doy + 2) / 153;
    let day = doy - (153 * mp + 2) / 5 + 1;
    let month = if mp < 10 { mp + 3 } else { mp - 9 };
    let year = yoe + era * 400 + i64::from(month <= 2);
    format!("{year:04}-{month:02}-{day:02}")
}

/// `2026-11-20T13` of an hour counted from 1970.
pub(crate) fn hour_text(hour: i64) -> String {
    format!("{}T{:02}", day_of_hour(hour), hour.rem_euclid(24))
}

fn days(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let yoe = year.rem_euclid(400);
    let mp = (month + 9) % 12;
    let doy = (153 * mp + 2) / 5 + day - 1;
    era * 146_097 + yoe * 365 + yoe / 4 - yoe / 100 + doy - 719_468
}

fn digits(text: &[u8]) -> Option<i64> {
    if text.is_empty() || text.len() > 15 {
        return None;
    }
    text.iter().try_fold(0_i64, |sum, byte| byte.is_ascii_digit().then(|| sum * 10 + i64::from(byte - b'0')))
}

fn zone(text: &[u8]) -> Option<i32> {
    let sign = match text.first()? {
        b'+' => 1,
        b'-' => -1,
        _ => return None,
    };
    let value = i32::try_from(digits(text.get(1..5)?)?).ok()?;
    (value / 100 < 24 && value % 100 < 60).then_some(sign * (value / 100 * 3600 + value % 100 * 60))
}
