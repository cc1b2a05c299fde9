//! What was pushed last.

use std::collections::{HashMap, HashSet};

use jiff::{Timestamp, civil::DateTime, tz::TimeZone};
use serde::{Deserialize, Serialize};

use super::Situation;
use crate::{Text, image::SeenBy, image::Sighting, phrase::Said, said, updater::Choice, updater::Why};

/// Where an order comes from, the best first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OrderSource {
    Webhook,
    /// The tag appeared between two lists of ours.
    Sighting,
    /// What the registry says in an interface of its own.
    Vendor,
    /// The commit that the tag was built from.
    Git,
    /// A time in the tag's name.
    TagName,
}

/// When a tag came to point at a digest, as somebody else tells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Push {
    pub tag: Text,
    pub digest: Text,
    pub at: Timestamp,
    pub by: OrderSource,
}

/// The image that should run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Expected {
    pub tag: Text,
    pub digest: Text,
    /// `None`: the only one there is, or the head's build, whose time nobody knows.
    pub at: Option<Timestamp>,
    pub by: Option<OrderSource>,
}

/// Tags that a rule leaves out on purpose are not expected, unless the branch's head is built as one.
pub(super) fn find(at: &Situation<'_>, choice: &Choice) -> Result<Expected, Said> {
    let technical =
        choice.dropped.iter().filter(|it| matches!(it.rule, Why::Platform | Why::Created)).map(|it| &it.tag);
    let mut wanted: HashSet<&str> = choice.order.iter().chain(technical).map(String::as_str).collect();
    // A rule that lets nothing pass is a mistake rather than a purpose.
    if choice.order.is_empty() {
        wanted.extend(choice.dropped.iter().map(|it| it.tag.as_str()));
    }
    let times = Times::new(at);
    let known: Vec<Known<'_>> = at.present().into_iter().map(|it| (it, times.of(it))).collect();
    let expected = |(it, time): &Known<'_>| Expected {
        tag: Text::clone(&it.tag),
        digest: Text::clone(&it.digest),
        at: time.map(|(at, _)| at),
        by: time.map(|(_, by)| by),
    };
    let head = at.head.and_then(|head| known.iter().find(|(it, _)| *it.tag == *head));
    let candidates: Vec<_> = known.iter().filter(|(it, _)| wanted.contains(&*it.tag)).collect();
    let last = last(at, &candidates, times.beginning);
    match (head, last) {
        (Some(head), Ok(last)) if !at.is_same(Some(&head.0.digest), &last.0.digest) => {
            // The head's build is looked at alone where the rules leave it out.
            if candidates.iter().all(|(it, _)| it.tag != head.0.tag) {
                return Ok(expected(head));
            }
            Err(said!(
                "trap-head-differs",
                "{tag} was pushed last, but the build of the branch's head is {head}",
                tag = last.0.tag,
                head = head.0.tag
            ))
        }
        (Some(head), _) => Ok(expected(head)),
        (None, last) => Ok(expected(last?)),
    }
}

type Known<'k> = (&'k Sighting, Option<(Timestamp, OrderSource)>);

fn last<'k>(
    at: &Situation<'_>,
    candidates: &[&'k Known<'k>],
    beginning: Option<Timestamp>,
) -> Result<&'k Known<'k>, Said> {
    let unknown = || said!("trap-order-unknown", "Which image was pushed last cannot be known");
    let newest = candidates.iter().max_by_key(|(_, time)| time.map(|(at, _)| at)).ok_or_else(unknown)?;
    let time = newest.1.map(|(at, _)| at);
    // Of what was there before the first look, what has no time may be the newer.
    let may_be_newer = |other: Option<Timestamp>| other == time || (other.is_none() && time <= beginning);
    let others = candidates.iter().filter(|it| may_be_newer(it.1.map(|(at, _)| at)));
    let several = others.map(|it| it.0).any(|it| !at.is_same(Some(&it.digest), &newest.0.digest));
    if several { Err(unknown()) } else { Ok(newest) }
}

/// Push times by the sources that there are.
struct Times<'a> {
    /// Until then tags were read that had been there before: when they came was not seen.
    beginning: Option<Timestamp>,
    /// By tag, digest and source the last one.
    told: HashMap<(&'a str, &'a str, OrderSource), Timestamp>,
}

impl<'a> Times<'a> {
    fn new(at: &Situation<'a>) -> Self {
        let mut told = HashMap::new();
        for push in at.pushes {
            let time = told.entry((&*push.tag, &*push.digest, push.by)).or_insert(push.at);
            *time = push.at.max(*time);
        }
        let first = || at.sightings.iter().map(|it| it.first_seen).min();
        Self { beginning: at.registry.beginning.or_else(first), told }
    }

    /// By the best source at hand.
    fn of(&self, sighting: &Sighting) -> Option<(Timestamp, OrderSource)> {
        let told = |by| Some((*self.told.get(&(&*sighting.tag, &*sighting.digest, by))?, by));
        let seen = match sighting.seen_by {
            SeenBy::Webhook => Some((sighting.first_seen, OrderSource::Webhook)),
            SeenBy::Poll => (Some(sighting.first_seen) > self.beginning)
                .then_some((sighting.first_seen, OrderSource::Sighting)),
        };
        told(OrderSource::Webhook)
            .or(seen)
            .or_else(|| told(OrderSource::Vendor))
            .or_else(|| told(OrderSource::Git))
            .or_else(|| Some((time_in_name(&sighting.tag)?, OrderSource::TagName)))
    }
}

/// A time at the end of a tag: `20231127-170000`, `main-20231127170000`.
pub(in crate::updater) fn time_in_name(tag: &str) -> Option<Timestamp> {
    let digits: String = tag.bytes().rev().filter(|b| *b != b'-').take(14).map(char::from).collect();
    let digits: String = digits.chars().rev().collect();
    if digits.len() != 14 || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let (day, time) = digits.split_at(8);
    let civil: DateTime = format!("{day}T{time}").parse().ok()?;
    (2000..2100).contains(&civil.year()).then(|| civil.to_zoned(TimeZone::UTC).ok())?.map(|it| it.timestamp())
}
