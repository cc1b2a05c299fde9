//! The `created` of an image's config, as Go's `time.Parse(time.RFC3339Nano, …)` reads it.

use std::sync::LazyLock;

use jiff::{SignedDuration, Timestamp, civil::DateTime, tz::TimeZone};
use regex::Regex;

/// `None` cannot happen: the pattern is a constant, and a test compiles it.
static FORM: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(concat!(
        r"^([0-9]{4}-[0-9]{2}-[0-9]{2})T([0-9]{1,2}):([0-5][0-9]):([0-5][0-9])",
        r"(?:[.,]([0-9]{1,9})[0-9]*)?(?:Z|([+-])([0-9]{2}):([0-9]{2}))$",
    ))
    .ok()
});

/// `None` where the program would leave the tag out.
pub(crate) fn created(text: &str) -> Option<Timestamp> {
    let found = FORM.as_ref()?.captures(text)?;
    let group = |n| found.get(n).map_or("", |m| m.as_str());
    let fraction = if group(5).is_empty() { "0" } else { group(5) };
    let plain = format!("{}T{:0>2}:{}:{}.{}", group(1), group(2), group(3), group(4), fraction);
    let local: DateTime = plain.parse().ok()?;
    // Go takes any offset up to 24:60.
    let part =
        |n, most: i64| group(n).parse().ok().or(group(n).is_empty().then_some(0)).filter(|n| *n <= most);
    let east = SignedDuration::from_secs(part(7, 24)? * 3_600 + part(8, 60)? * 60);
    let there = local.to_zoned(TimeZone::UTC).ok()?.timestamp();
    if group(6) == "-" { there.checked_add(east) } else { there.checked_sub(east) }.ok()
}
