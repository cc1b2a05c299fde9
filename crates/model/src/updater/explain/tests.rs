use super::*;
use crate::{
    Text,
    image::{ImageFacts, PlatformFacts},
    observe::ManifestTarget,
    updater::settings::Setting,
};

fn at(hour: i64) -> Timestamp {
    Timestamp::from_second(1_700_000_000 + hour * 3_600).unwrap()
}

/// Tags with their digest, configuration, hour of the build and of the push.
fn repository(tags: &[(&str, &str, &str, i64, i64)]) -> Repository {
    let edges = tags.iter().map(|(tag, digest, _, _, pushed)| Edge {
        tag: Text::from(*tag),
        digest: Text::from(*digest),
        first_seen: at(*pushed),
        ended_at: None,
        seen_by: SeenBy::Poll,
        pushed_at: None,
    });
    let facts = tags.iter().map(|(_, digest, config, built, _)| {
        let part = PlatformFacts {
            platform: Text::from("linux/amd64"),
            manifest: Text::from(*digest),
            config: Text::from(*config),
            created: Some(Text::from(at(*built).to_string())),
        };
        (Text::from(*digest), ImageFacts { platforms: vec![part], ..ImageFacts::default() })
    });
    Repository {
        tags: tags.len() as u64,
        settled_at: Some(at(0)),
        edges: edges.collect(),
        facts: facts.collect(),
        error: None,
    }
}

fn settings(strategy: &str) -> ImageSettings {
    ImageSettings {
        alias: Text::from(""),
        repository: Text::from("registry.example/web"),
        constraint: Text::from(""),
        strategy: Setting::default(Text::from(strategy)),
        force_update: Setting::default(false),
        allow_tags: Setting::default(Text::from("")),
        ignore_tags: Setting::default(vec![Text::from("main")]),
        platforms: Setting::default(Vec::new()),
        pull_secret: Setting::default(None),
        verified: Setting::default(false),
        target: ManifestTarget::default(),
        shadowed: Vec::new(),
    }
}

/// The story of the revert: C is A's bytes, pushed after B.
fn reverted() -> (Repository, Expected) {
    let all = repository(&[
        ("a1f3", "sha256:A", "sha256:ca", 10, 10),
        ("b7c2", "sha256:B", "sha256:cb", 12, 12),
        ("c9d4", "sha256:A", "sha256:ca", 10, 17),
        ("main", "sha256:A", "sha256:ca", 10, 17),
    ]);
    let expected =
        Expected { tag: Text::from("c9d4"), digest: Text::from("sha256:A"), at: Some(at(17)), by: None };
    (all, expected)
}

#[test]
fn a_revert_is_told_tag_by_tag() {
    let (all, expected) = reverted();
    let told = explain(&settings("newest-build"), &all, Some(&expected));
    let order: Vec<(&str, &str)> = told.order.iter().map(|it| (&*it.tag, &*it.why.text)).collect();
    assert_eq!(
        order,
        [
            ("b7c2", "the latest date of all that pass"),
            ("c9d4", "an older date although it was pushed later: it is a1f3 built again"),
            ("a1f3", "an older date"),
        ]
    );
    let left_out: Vec<(&str, String)> =
        told.left_out.iter().map(|it| (&*it.tag, it.why.said().text.to_string())).collect();
    assert_eq!(left_out, [("main", "matches \"main\" of ignore-tags".to_owned())]);
}

#[test]
fn what_each_policy_would_choose_stands_beside_the_one_in_force() {
    let (all, expected) = reverted();
    let told = explain(&settings("latest"), &all, Some(&expected));
    assert!(matches!(told.odd, Some(OddName::Deprecated { .. })));
    let of = |it: &Alternative| {
        let pick = it.pick.as_ref().map_or_else(|why| why.text.to_string(), |pick| pick.tag.clone());
        (it.strategy, it.in_force, pick, it.is_expected, it.changes)
    };
    let told: Vec<_> = told.policies.iter().map(of).collect();
    assert_eq!(
        told,
        [
            (Strategy::NewestBuild, true, "b7c2".to_owned(), Some(false), false),
            (Strategy::Alphabetical, false, "c9d4".to_owned(), Some(true), true),
            (Strategy::Semver, false, "no tag passes".to_owned(), None, true),
            (Strategy::Digest, false, "main".to_owned(), Some(true), true),
        ]
    );
}

#[test]
fn names_that_do_not_sort_are_right_by_luck_only() {
    let all = repository(&[
        ("f0", "sha256:1", "c1", 1, 1),
        ("a0", "sha256:2", "c2", 2, 2),
        ("b0", "sha256:3", "c3", 3, 3),
        ("x0", "sha256:4", "c4", 4, 4),
    ]);
    let told = explain(&settings("alphabetical"), &all, None);
    let lint = told.policies[0].lint.as_ref().unwrap();
    assert!(lint.picks_newest && !lint.sorts());
    assert_eq!((lint.compared, lint.misplaced), (4, 1));
    assert_eq!(told.policies[0].is_expected, None, "nobody knows what was pushed last");
}

#[test]
fn refused_settings_say_why_and_pick_nothing() {
    let (all, _) = reverted();
    let told = explain(&settings("digest"), &all, None);
    assert!(told.order.is_empty());
    assert_eq!(
        told.refused.unwrap().to_string(),
        "strategy digest needs a constraint: the tag whose digest is followed"
    );
    assert!(told.policies[0].in_force && told.policies[0].pick.is_err());
}
