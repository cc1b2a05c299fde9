//! `[review]`, `[[view]]`: what stands around the clusters.

use jiff::{civil::Time, civil::Weekday, tz::TimeZone};
use landfall_model::{
    query::{List, ParamError, Query, pairs},
    time::{Reckoning, ReviewSchedule},
};

use super::{problem::Problem, reader::Section};
use crate::clock;

/// When the weekly review is.
#[derive(Debug, Clone, PartialEq)]
pub struct Review {
    pub weekday: Weekday,
    pub time: Time,
    pub zone: TimeZone,
    /// As written: `Fri 15:00`.
    pub written: String,
}

impl Review {
    /// The latest review at or before `now`.
    pub fn last_before(&self, now: jiff::Timestamp) -> Option<jiff::Timestamp> {
        let today = now.to_zoned(self.zone.clone()).date();
        // Today counts only when the time has come, so up to one week back is looked at.
        (0..=7).find_map(|back| {
            let day = today.checked_sub(jiff::Span::new().days(back)).ok()?;
            if day.weekday() != self.weekday {
                return None;
            }
            let at = day.to_datetime(self.time).to_zoned(self.zone.clone()).ok()?.timestamp();
            (at <= now).then_some(at)
        })
    }
}

/// A saved view of the board.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct View {
    pub name: String,
    /// Without `?`.
    pub query: String,
}

pub fn review(root: &Section<'_>) -> Option<Review> {
    let section = root.section("review");
    let at = section.text("at");
    let zone = section.text("timezone");
    let zone = match zone {
        None => TimeZone::UTC,
        Some(found) => {
            let Ok(zone) = TimeZone::get(&found.value) else {
                section.problem(
                    Problem::at(found.place, format!("`{}` is no time zone", found.value))
                        .help("use a name of the IANA database, such as \"Europe/Berlin\""),
                );
                return None;
            };
            zone
        }
    };
    let Some(at) = at else {
        if section.written() && !section.given("at") {
            section
                .problem(Problem::at(section.place(), "`at` is missing").help("write it like \"Fri 15:00\""));
        }
        return None;
    };
    let parsed = at.value.split_once(' ').and_then(|(day, time)| Some((weekday(day)?, clock(time)?)));
    let Some((weekday, time)) = parsed else {
        section.problem(
            Problem::at(at.place, format!("`{}` is no weekday with a time", at.value))
                .help("write it like \"Fri 15:00\""),
        );
        return None;
    };
    Some(Review { weekday, time, zone, written: at.value })
}

fn weekday(text: &str) -> Option<Weekday> {
    Some(match text.to_ascii_lowercase().get(..3)? {
        "mon" => Weekday::Monday,
        "tue" => Weekday::Tuesday,
        "wed" => Weekday::Wednesday,
        "thu" => Weekday::Thursday,
        "fri" => Weekday::Friday,
        "sat" => Weekday::Saturday,
        "sun" => Weekday::Sunday,
        _ => return None,
    })
}

fn clock(text: &str) -> Option<Time> {
    let (hour, minute) = text.trim().split_once(':')?;
    Time::new(hour.parse().ok()?, minute.parse().ok()?, 0, 0).ok()
}

pub fn views(root: &Section<'_>) -> Vec<View> {
    let mut views = Vec::<View>::new();
    for section in root.list("view") {
        let (Some(name), Some(query)) = (section.required("name"), section.required("query")) else {
            continue;
        };
        if views.iter().any(|other| other.name == name.value) {
            section.problem(Problem::at(name.place, format!("two views are named `{}`", name.value)));
            continue;
        }
        let asked = query.value.trim_start_matches('?').to_owned();
        if let Err(wrong) = board_query(&asked) {
            let what = format!("the board does not understand the query of `{}`: {wrong}", name.value);
            let help = "ask the board for what you want and copy what stands behind the `?` of its address";
            section.problem(Problem::at(query.place, what).help(help));
            continue;
        }
        views.push(View { name: name.value, query: asked });
    }
    views
}

/// Whether the board understands a query string; else the first part that it does not.
pub fn board_query(query: &str) -> Result<(), ParamError> {
    let mut asked = pairs(query);
    // The page's own word for "in no groups".
    asked.retain(|(key, value)| !(key == "group" && value == "none"));
    let reckoning = Reckoning { now: clock::now(), review: ReviewSchedule::default() };
    Query::parse(List::Services, &asked, &reckoning).errors.into_iter().next().map_or(Ok(()), Err)
}
