//! What holds of Image Updater's rule for any tags and settings.

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};
use landfall_model::updater::{Allow, Choice, Ignore, Policy, Refusal, Strategy, Tag, lint, pick, switch};
use proptest::{prelude::*, sample::select, strategy::Strategy as _};

fn tags() -> impl proptest::strategy::Strategy<Value = Vec<Tag>> {
    let name = prop_oneof![
        "v?[0-9]{1,3}(\\.[0-9]{1,2}){0,3}(-[a-z0-9.]{1,5})?(\\+[a-z]{1,3})?",
        "20[0-9]{6}-[0-9]{6}",
        "[0-9a-f]{7}",
        select(vec!["latest", "main", "v1", "1.x", "pr-12"]).prop_map(str::to_owned),
    ];
    let created = prop_oneof![
        4 => "2026-1[01]-[0-2][1-9]T0[0-9]:00:0[0-3]Z".prop_map(Some),
        1 => select(vec!["1970-01-01T00:00:00Z", "", "yesterday", "2026-11-20T10:00:00+24:00"])
            .prop_map(|text| Some(text.to_owned())),
        1 => Just(None),
    ];
    let platforms = prop::collection::vec(select(vec!["linux/amd64", "linux/arm64", "linux/arm/v7"]), 0..3);
    let tag =
        (name, "sha256:[0-9a-f]{4}", created, platforms).prop_map(|(tag, digest, created, platforms)| Tag {
            tag,
            digest: Some(digest),
            created,
            platforms: platforms.into_iter().map(str::to_owned).collect(),
        });
    prop::collection::vec(tag, 0..12).prop_map(|mut tags| {
        // A registry names a tag once.
        let mut seen = BTreeSet::new();
        tags.retain(|tag| seen.insert(tag.tag.clone()));
        tags
    })
}

fn policy() -> impl proptest::strategy::Strategy<Value = Policy> {
    let strategy =
        select(vec![Strategy::Semver, Strategy::NewestBuild, Strategy::Alphabetical, Strategy::Digest]);
    let constraint = select(vec!["", "*", "1.x", "~1", ">=1.0, <3", "^0.2", "1 - 2", "1.x-0", "main", "!=1"]);
    let allow = select(vec!["", "any", "regexp:^[v0-9]", "regexp:(", "^v", "regexp:[0-9]{8}"]);
    let ignore = prop::collection::vec(select(vec!["latest", "*-*", "[", "v?", "20*"]), 0..3);
    let platform = select(vec!["", "linux/amd64", "linux/arm"]);
    (strategy, constraint, allow, ignore, platform).prop_map(
        |(strategy, constraint, allow, ignore, platform)| Policy {
            strategy,
            constraint: constraint.to_owned(),
            allow: Allow::new(allow),
            ignore: Ignore::new(ignore),
            platforms: Some(platform).filter(|it| !it.is_empty()).map(str::to_owned).into_iter().collect(),
        },
    )
}

fn without(tags: &[Tag], name: &str) -> Vec<Tag> {
    tags.iter().filter(|tag| tag.tag != name).cloned().collect()
}

fn hour(hour: i64) -> Timestamp {
    "2023-11-27T00:00:00Z".parse::<Timestamp>().expect("a time") + SignedDuration::from_hours(hour)
}

fn plain(strategy: Strategy, allow: &str) -> Policy {
    Policy {
        strategy,
        constraint: String::new(),
        allow: Allow::new(allow),
        ignore: Ignore::default(),
        platforms: Vec::new(),
    }
}

/// A, B, A's bytes again, under tags that sort by time, and a stray `latest`.
#[test]
fn a_scheme_that_sorts_by_time_is_told_from_one_that_does_not() {
    let tag = |tag: &str, digest: &str, created: &str| Tag {
        tag: tag.to_owned(),
        digest: Some(digest.to_owned()),
        created: Some(format!("2023-11-27T{created}:00:00Z")),
        platforms: Vec::new(),
    };
    let tags = [
        tag("20231127-100000", "aaa", "10"),
        tag("20231127-120000", "bbb", "12"),
        tag("20231127-170000", "aaa", "10"),
        tag("latest", "bbb", "12"),
    ];
    let pushed = |tag: &str| match tag {
        "latest" => Some(hour(12)),
        tag => Some(hour(tag[9..11].parse().ok()?)),
    };
    let dated = "regexp:^[0-9]{8}-[0-9]{6}$";
    let named = lint(&plain(Strategy::Alphabetical, dated), &tags, pushed).expect("no constraint");
    assert!(named.sorts() && named.picks_newest);
    assert_eq!((named.compared, named.misplaced), (3, 0));
    let stray = lint(&plain(Strategy::Alphabetical, ""), &tags, pushed).expect("no constraint");
    assert_eq!((stray.compared, stray.misplaced, stray.picks_newest), (4, 1, false));
    assert_eq!(
        (&*stray.reversed[0].pushed_before, &*stray.reversed[0].pushed_after),
        ("latest", "20231127-170000")
    );
    let found =
        switch(&plain(Strategy::NewestBuild, dated), &plain(Strategy::Alphabetical, dated), &tags, pushed)
            .expect("no constraint");
    assert!(found.changes && !found.before.sorts() && found.after.sorts());
    assert_eq!(found.after.pick.expect("one").tag, "20231127-170000");
    let unknown = lint(&plain(Strategy::Alphabetical, ""), &tags, |_| None).expect("no constraint");
    assert_eq!((unknown.compared, unknown.picks_newest), (0, false), "what is not known is not claimed");
}

fn hour_of(tags: &[Tag], times: &[Option<i64>], name: &str) -> Option<Timestamp> {
    let place = tags.iter().position(|tag| tag.tag == name)?;
    times.get(place).copied().flatten().map(hour)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]

    /// A policy sorts by time exactly where no two neighbours by time are the other way round.
    #[test]
    fn sorting_by_time_is_having_nothing_reversed(
        tags in tags(),
        policy in policy(),
        times in prop::collection::vec(prop::option::of(0..6_i64), 12),
    ) {
        let time = |name: &str| hour_of(&tags, &times, name);
        let Ok(found) = lint(&policy, &tags, time) else { return Ok(()) };
        prop_assert_eq!(found.sorts(), found.reversed.is_empty());
        prop_assert!(!found.sorts() || found.compared == 0 || found.pick.is_some());
        if found.sorts() && found.pick.as_ref().is_some_and(|pick| time(&pick.tag).is_some()) {
            prop_assert!(found.picks_newest);
        }
    }


    #[test]
    fn every_tag_is_in_the_order_or_left_out_and_the_last_is_picked(tags in tags(), policy in policy()) {
        let Ok(choice) = pick(&policy, &tags) else {
            let refused = matches!(policy.strategy, Strategy::Semver | Strategy::Digest);
            prop_assert!(refused, "the others need no constraint");
            return Ok(());
        };
        prop_assert_eq!(choice.pick.as_ref().map(|pick| &pick.tag), choice.order.last());
        let told = choice.order.iter().chain(choice.dropped.iter().map(|it| &it.tag));
        let mut told: Vec<_> = told.cloned().collect();
        told.sort();
        let mut all: Vec<_> = tags.iter().map(|tag| tag.tag.clone()).collect();
        all.sort();
        prop_assert_eq!(told, all, "each exactly once");
        prop_assert!(choice.dropped.iter().all(|it| !it.why.said().text.is_empty()));
        if let Some(pick) = &choice.pick {
            let tag = tags.iter().find(|tag| tag.tag == pick.tag);
            prop_assert_eq!(tag.and_then(|tag| tag.digest.clone()), pick.digest.clone());
            prop_assert!(policy.allow.allows(&pick.tag) && policy.ignore.taken_by(&pick.tag).is_none());
        }
        match policy.strategy {
            Strategy::Alphabetical => prop_assert!(choice.order.is_sorted()),
            Strategy::Digest => prop_assert!(choice.order.iter().all(|tag| *tag == policy.constraint)),
            Strategy::Semver | Strategy::NewestBuild => {}
        }
    }

    /// Neither the registry's order nor a tag that is not picked has a say in the others' order.
    #[test]
    fn the_order_is_that_of_the_tags_alone(tags in tags(), policy in policy(), nth in any::<prop::sample::Index>()) {
        let choice = pick(&policy, &tags);
        let reversed: Vec<_> = tags.iter().rev().cloned().collect();
        prop_assert_eq!(&choice, &pick(&policy, &reversed));
        let order = |result: &Result<Choice, Refusal>| result.as_ref().map(|it| it.order.clone()).unwrap_or_default();
        if let Some(tag) = (!tags.is_empty()).then(|| &tags[nth.index(tags.len())]) {
            let mut left = order(&choice);
            left.retain(|name| *name != tag.tag);
            prop_assert_eq!(left, order(&pick(&policy, &without(&tags, &tag.tag))));
        }
    }

    /// A narrower filter never lets a tag in, and what it leaves keeps its order.
    #[test]
    fn a_narrower_filter_only_takes_out(tags in tags(), policy in policy()) {
        let order = |policy: &Policy| pick(policy, &tags).map(|it| it.order);
        let Ok(wide) = order(&policy) else { return Ok(()) };
        let narrow = Policy { ignore: Ignore::new(["*[13579]"]), ..policy.clone() };
        let both = Policy { ignore: Ignore::default(), ..policy };
        let none = order(&both).unwrap_or_default();
        let kept = order(&narrow).unwrap_or_default();
        let expected: Vec<_> = none.iter().filter(|tag| !tag.ends_with(['1', '3', '5', '7', '9'])).cloned().collect();
        prop_assert_eq!(kept, expected);
        prop_assert!(wide.iter().all(|tag| none.contains(tag)));
    }
}
