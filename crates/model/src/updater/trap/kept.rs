//! R1 to R5: the updater keeps what runs.

use super::{Cause, Expected, Situation, State, Verdict};
use crate::{
    image::{ImageFacts, Sighting},
    phrase::Said,
    said,
    updater::{Choice, Strategy, Version, Why, created::created, settings::ImageSettings},
    view::Proof,
};

/// How many tags of the order's end are shown.
const TAIL: usize = 5;
/// A larger first number is a year, a date or a commit of digits only.
const LARGEST_MAJOR: u64 = 1_000;

pub(super) fn cause(
    at: &Situation<'_>,
    settings: &ImageSettings,
    choice: &Choice,
    expected: &Expected,
) -> Verdict {
    if let Some(dropped) = choice.dropped.iter().find(|it| *it.tag == *expected.tag) {
        return filtered_out(at, settings, expected, dropped.rule);
    }
    let Some(pick) = &choice.pick else {
        let summary = said!("trap-order-unknown", "Which image was pushed last cannot be known");
        return Verdict::new(State::Unknown, None, summary);
    };
    let strategy = Strategy::from_name(&settings.strategy.value).0;
    if *pick.tag == *expected.tag && strategy != Strategy::Digest {
        return moved_tag(at, expected);
    }
    if strategy == Strategy::Semver && at.head.is_none() && is_plain(&expected.tag) && is_plain(&pick.tag) {
        // A mended old version is pushed after a new one every day, and the policy is asked for just this.
        let summary = said!(
            "trap-older-version",
            "{tag} was pushed last, but {kept} is the higher version, as the policy wants",
            tag = expected.tag,
            kept = pick.tag
        );
        return Verdict::new(State::Fine, None, summary);
    }
    if strategy != Strategy::NewestBuild {
        return order_wrong(at, choice, expected);
    }
    let (Some(own), Some(kept)) =
        (date(at, &expected.digest), pick.digest.as_deref().and_then(|it| date(at, it)))
    else {
        return order_wrong(at, choice, expected);
    };
    let (own_time, kept_time) = (created(&own), created(&kept));
    let dates = vec![
        at.seen(
            said!("what-pushed-last", "pushed last"),
            said!("tag-dated", "{tag}, dated {date}", tag = expected.tag, date = own),
            expected.at,
        ),
        at.seen(
            said!("what-kept", "Image Updater keeps"),
            said!("tag-dated", "{tag}, dated {date}", tag = pick.tag, date = kept),
            None,
        ),
    ];
    if own_time == kept_time {
        return date_tie(at, expected, &pick.tag, &own, dates);
    }
    if own_time > kept_time {
        // It would come last by the date that it has now: the updater still has the one from before it moved.
        return moved_tag(at, expected);
    }
    match earlier(at, expected) {
        Some(before) => revert(at, expected, before, &pick.tag, dates),
        None => order_wrong(at, choice, expected),
    }
}

/// Whether a tag was meant as a version: two or three numbers, none of which is a date.
fn is_plain(tag: &str) -> bool {
    let numbers = tag.strip_prefix('v').unwrap_or(tag);
    let numbers = numbers.split(['-', '+']).next().unwrap_or_default();
    (2..=3).contains(&numbers.split('.').count())
        && Version::parse(tag).is_some_and(|version| version.major < LARGEST_MAJOR)
}

/// The same image under another tag, seen before.
fn earlier<'a>(at: &Situation<'a>, expected: &Expected) -> Option<&'a Sighting> {
    let own = at.facts.get(&expected.digest);
    let alike = |digest: &crate::Text| {
        let other = at.facts.get(digest);
        own.zip(other).is_some_and(|(own, other): (&ImageFacts, &ImageFacts)| own.is_built_like(other))
    };
    let first = at.sightings.iter().filter(|it| it.tag == expected.tag && it.digest == expected.digest);
    let first = first.map(|it| it.first_seen).min()?;
    at.sightings
        .iter()
        .filter(|it| it.tag != expected.tag && it.first_seen <= first)
        .filter(|it| it.digest == expected.digest || alike(&it.digest))
        .min_by_key(|it| it.first_seen)
}

fn revert(
    at: &Situation<'_>,
    expected: &Expected,
    before: &Sighting,
    kept: &str,
    mut proof: Vec<Proof>,
) -> Verdict {
    let summary = said!(
        "trap-revert",
        "{tag} is {before} built again, so its date is older than that of {kept}, which Image Updater keeps",
        tag = expected.tag,
        before = before.tag,
        kept = kept
    );
    let what = said!("what-seen-before", "the same image before");
    let value = said!(
        "tag-first-seen",
        "{tag}, first seen {at}",
        tag = before.tag,
        at = before.first_seen.to_string()
    );
    proof.push(at.seen(what, value, Some(before.first_seen)));
    Verdict::new(State::Trapped, Some(Cause::Revert), summary).proven(proof, way_sortable())
}

fn date_tie(
    at: &Situation<'_>,
    expected: &Expected,
    kept: &str,
    own: &str,
    mut proof: Vec<Proof>,
) -> Verdict {
    let time = created(own);
    let tied =
        at.present().iter().filter(|it| date(at, &it.digest).is_some_and(|d| created(&d) == time)).count();
    let summary = said!(
        "trap-date-tie",
        "{tag} and {kept} have the same date, so the name decides, and Image Updater keeps {kept}",
        tag = expected.tag,
        kept = kept
    );
    let what = said!("what-same-date", "tags with this date");
    proof.push(at.seen(what, tied.to_string(), at.registry.listed));
    Verdict::new(State::Trapped, Some(Cause::DateTie), summary).proven(proof, way_sortable())
}

fn way_sortable() -> Said {
    said!(
        "way-trap-sortable",
        "Give images tags that sort by time (20231127-170000) and pick them with alphabetical, or follow one moving tag with digest."
    )
}

fn moved_tag(at: &Situation<'_>, expected: &Expected) -> Verdict {
    let mut edges: Vec<_> = at.sightings.iter().filter(|it| it.tag == expected.tag).collect();
    edges.sort_by_key(|it| it.first_seen);
    let proof = edges.iter().rev().take(TAIL).rev().map(|it| {
        let what = said!("what-tag-pointed", "tag {tag} pointed at", tag = it.tag);
        at.seen(what, &it.digest, Some(it.first_seen))
    });
    let summary = said!(
        "trap-moved-tag",
        "Tag {tag} points at another image now, but Image Updater compares its name only",
        tag = expected.tag
    );
    let way = said!(
        "way-trap-moved",
        "Follow the tag with strategy digest, or push each build under a tag of its own."
    );
    Verdict::new(State::Trapped, Some(Cause::MovedTag), summary).proven(proof.collect(), way)
}

fn order_wrong(at: &Situation<'_>, choice: &Choice, expected: &Expected) -> Verdict {
    let kept = choice.pick.as_ref().map_or("", |pick| &pick.tag);
    let tail: Vec<&str> = choice.order.iter().rev().take(TAIL).rev().map(String::as_str).collect();
    let summary = said!(
        "trap-order-wrong",
        "{tag} was pushed last, but {kept} comes last in the order, and Image Updater keeps it",
        tag = expected.tag,
        kept = kept
    );
    let what = said!("what-order-ends", "the order ends with");
    let pushed = at.seen(said!("what-pushed-last", "pushed last"), &expected.tag, expected.at);
    let way = said!(
        "way-trap-order",
        "Narrow allow-tags so that only tags of one form are left, and check the order with landfall images pick."
    );
    let proof = vec![pushed, at.seen(what, tail.join(", "), at.registry.listed)];
    Verdict::new(State::Trapped, Some(Cause::OrderWrong), summary).proven(proof, way)
}

fn filtered_out(at: &Situation<'_>, settings: &ImageSettings, expected: &Expected, rule: Why) -> Verdict {
    let summary = said!(
        "trap-filtered-out",
        "{tag} was pushed last, but {rule} leaves it out",
        tag = expected.tag,
        rule = rule.as_str()
    );
    let value = match rule {
        Why::AllowTags => settings.allow_tags.value.to_string(),
        Why::IgnoreTags => settings.ignore_tags.value.join(", "),
        Why::Platform => settings.policy(at.own_platforms).platforms.join(", "),
        Why::Created => date(at, &expected.digest).unwrap_or_default(),
        Why::Digest | Why::Semver | Why::Constraint | Why::Prerelease => settings.constraint.to_string(),
    };
    let pushed = at.seen(said!("what-pushed-last", "pushed last"), &expected.tag, expected.at);
    let holds = at.argocd(said!("what-rule-says", "{rule} says", rule = rule.as_str()), value, None);
    let way = said!("way-trap-filter", "Correct that rule, and check it with landfall images pick.");
    Verdict::new(State::Trapped, Some(Cause::FilteredOut), summary).proven(vec![pushed, holds], way)
}

/// The latest date of an image's platforms, as it is written.
fn date(at: &Situation<'_>, digest: &str) -> Option<String> {
    let dates = at.facts.get(digest)?.platforms.iter().filter_map(|it| it.created.as_deref());
    dates.max_by_key(|text| created(text)).map(str::to_owned)
}
