//! Image Updater's own answers, and those of Go's libraries that it stands on.

use std::{
    fs::File,
    io::{BufRead as _, BufReader},
    path::PathBuf,
};

use flate2::read::GzDecoder;
use landfall_model::updater::{Allow, Constraint, Ignore, Policy, Strategy, Tag, Version, Why, pick};
use serde::Deserialize;
use serde_json::Value;

fn lines(name: &str) -> impl Iterator<Item = String> {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/image-updater").join(name);
    BufReader::new(GzDecoder::new(File::open(path).expect("a fixture"))).lines().map(Result::unwrap)
}

/// A choice of the real v1.3.0.
#[derive(Deserialize)]
struct Answer {
    id: u64,
    strategy: String,
    constraint: String,
    allow_tags: String,
    ignore_tags: Vec<String>,
    platform: String,
    tags: Vec<Tag>,
    pick: Option<String>,
    /// What was left before the strategy looked.
    kept: Option<Vec<String>>,
    error: String,
}

#[test]
fn a_thousand_choices_of_the_program_itself() {
    let mut seen = 0;
    for line in lines("picks.jsonl.gz") {
        let answer: Answer = serde_json::from_str(&line).unwrap();
        seen += 1;
        let policy = Policy {
            strategy: Strategy::from_name(&answer.strategy).0,
            constraint: answer.constraint,
            allow: Allow::new(&answer.allow_tags),
            ignore: Ignore::new(answer.ignore_tags.iter().map(String::as_str)),
            platforms: vec![answer.platform],
        };
        let id = answer.id;
        match pick(&policy, &answer.tags) {
            Err(refusal) => assert!(!answer.error.is_empty(), "{id}: {refusal}"),
            Ok(choice) => {
                assert_eq!(answer.error, "", "{id}");
                let picked = choice.pick.map(|pick| pick.tag).unwrap_or_default();
                assert_eq!(picked, answer.pick.unwrap_or_default(), "{id}");
                let by_version = |why| matches!(why, Why::Semver | Why::Constraint | Why::Prerelease);
                let late = choice.dropped.into_iter().filter(|d| by_version(d.rule)).map(|d| d.tag);
                let mut kept: Vec<_> = choice.order.into_iter().chain(late).collect();
                kept.sort();
                let mut expected = answer.kept.unwrap_or_default();
                expected.sort();
                assert_eq!(kept, expected, "{id}");
            }
        }
    }
    assert_eq!(seen, 1_000);
}

/// Made-up texts, and what Masterminds/semver 3.4.0 and Go 1.26's regexp, filepath and time make of them.
#[test]
fn go_says_the_same() {
    let mut seen = 0;
    for line in lines("go-answers.jsonl.gz") {
        let answer: Value = serde_json::from_str(&line).unwrap();
        let text = |key: &str| answer[key].as_str().unwrap_or_default();
        let many = |key: &str| answer[key].as_array().into_iter().flatten();
        let fits = answer["ok"] == true;
        seen += 1;
        match text("k") {
            "v" => {
                let (a, b) = (Version::parse(text("a")), Version::parse(text("b")));
                assert_eq!(
                    (a.is_some(), b.is_some()),
                    (answer["oka"] == true, answer["okb"] == true),
                    "{line}"
                );
                if let (Some(a), Some(b)) = (a, b) {
                    assert_eq!(i64::from(a.cmp(&b) as i8), answer["cmp"].as_i64().unwrap(), "{line}");
                }
            }
            "c" => match Constraint::parse(text("c")) {
                Err(error) => assert_eq!((false, error.to_string().as_str()), (fits, text("err")), "{line}"),
                Ok(constraint) => {
                    assert!(fits, "{line}");
                    for (version, allowed) in many("vs").zip(many("rs")) {
                        let version = Version::parse(version.as_str().unwrap()).unwrap();
                        assert_eq!(
                            Some(constraint.allows(&version)),
                            allowed.as_bool(),
                            "{version:?} {line}"
                        );
                    }
                }
            },
            "g" => {
                let taken = Ignore::new([text("g")]).taken_by(text("n")).is_some();
                assert_eq!(Some(taken), answer["m"].as_bool(), "{line}");
            }
            "r" => {
                let allow = Allow::new(&format!("regexp:{}", text("x")));
                assert_eq!(matches!(allow, Allow::Matching(_)), fits, "{allow:?} {line}");
                for (name, matches) in many("ns").zip(many("ms")) {
                    assert_eq!(
                        Some(allow.allows(name.as_str().unwrap())),
                        matches.as_bool(),
                        "{name} {line}"
                    );
                }
            }
            _ => {
                let policy = Policy {
                    strategy: Strategy::NewestBuild,
                    constraint: String::new(),
                    allow: Allow::Everything,
                    ignore: Ignore::default(),
                    platforms: Vec::new(),
                };
                let created = Some(text("t").to_owned());
                let tag = Tag { tag: "a".to_owned(), digest: None, created, platforms: Vec::new() };
                assert_eq!(pick(&policy, &[tag]).unwrap().pick.is_some(), fits, "{line}");
            }
        }
    }
    assert!(seen > 10_000);
}

/// `(?)` sets no flag, and Go takes it.
#[test]
fn empty_flags_are_flags() {
    for (pattern, takes, refuses) in [("(?)^v", "v1", "1"), ("^1(?)+$", "11", "12"), ("(?)", "any", "")] {
        let allow = Allow::new(&format!("regexp:{pattern}"));
        assert!(allow.allows(takes), "{pattern}");
        assert!(refuses.is_empty() || !allow.allows(refuses), "{pattern}");
    }
    assert!(matches!(Allow::new("regexp:(?-)a"), Allow::Nothing { .. }));
}
