//! `landfall images pick`.

use std::{
    fs::File,
    io::{BufRead as _, BufReader},
    path::{Path, PathBuf},
    process::Output,
};

use flate2::read::GzDecoder;
use serde_json::{Value, json};

use super::{errors, json as document, landfall};

/// A, B, and A's bytes again.
const TRAP: &str = r#"[
  {"tag":"a1f3","digest":"sha256:aaa","created":"2026-11-20T10:00:00Z","platforms":["linux/amd64"]},
  {"tag":"b7c2","digest":"sha256:bbb","created":"2026-11-20T12:00:00Z","platforms":["linux/amd64"]},
  {"tag":"c9d4","digest":"sha256:aaa","created":"2026-11-20T10:00:00Z","platforms":["linux/amd64"]},
  {"tag":"z","digest":null,"created":null},
  {"tag":"arm","digest":"sha256:ccc","created":"2026-11-21T00:00:00Z","platforms":["linux/arm64"]}
]"#;

fn pick(more: &[&str], tags: &str) -> Output {
    let arguments = [&["images", "pick", "--tags", "-"], more].concat();
    landfall(Path::new("."), &arguments, tags)
}

#[test]
fn the_pick_the_order_and_what_is_left_out() {
    let answer =
        document(&pick(&["--strategy", "newest-build", "--platform", "linux/amd64", "--json"], TRAP));
    assert_eq!(answer["pick"], json!({"tag": "b7c2", "digest": "sha256:bbb"}));
    assert_eq!(answer["order"], json!(["a1f3", "c9d4", "b7c2"]));
    assert_eq!(answer["dropped"][0]["tag"], "arm");
    assert_eq!(answer["dropped"][0]["rule"], "platform");
    assert_eq!(answer["dropped"][1]["rule"], "created");
    assert_eq!(answer["strategy"], "newest-build");
    let none = document(&pick(&["--allow-tags", "regexp:^x", "--json"], TRAP));
    assert_eq!((&none["pick"], &none["order"]), (&Value::Null, &json!([])));
    assert_eq!(none["dropped"].as_array().map(Vec::len), Some(5));
}

#[test]
fn people_read_the_pick_first() {
    let output = pick(&["--strategy", "newest-build", "--platform", "linux/amd64"], TRAP);
    let shown = String::from_utf8_lossy(&output.stdout).into_owned();
    let expected = "b7c2  sha256:bbb\n\
        strategy newest-build: the latest date in the image's config, ties by name\n\n\
        order, the pick first\n\
        \x20 b7c2  2026-11-20T12:00:00Z\n  c9d4  2026-11-20T10:00:00Z\n  a1f3  2026-11-20T10:00:00Z\n\n\
        left out\n\
        \x20 arm   platform     is built for linux/arm64, not for linux/amd64\n\
        \x20 z     created      its config has no created\n";
    assert_eq!(shown, expected);
    assert!(errors(&output).is_empty());
    let hostile = pick(&["--strategy", "alphabetical"], "[{\"tag\":\"a\\u001b[2J\"}]");
    assert!(!hostile.stdout.contains(&0x1b), "a terminal is not ruled by a tag");
}

#[test]
fn what_the_program_only_warns_of_is_a_warning() {
    for (more, part) in [
        (&["--strategy", "newest"][..], "no strategy is called \"newest\""),
        (&["--strategy", "Latest"], "old name of newest-build"),
        (&["--allow-tags", "^v1"], "lets no tag pass"),
        (&["--ignore-tags", "a[,b"], "\"a[\" is malformed"),
    ] {
        let output = pick(&[more, &["--json"]].concat(), TRAP);
        assert_eq!(output.status.code(), Some(0));
        let said = errors(&output);
        assert!(said.starts_with("warning: ") && said.contains(part), "{part} in {said}");
        assert!(serde_json::from_slice::<Value>(&output.stdout).is_ok());
    }
    let semver =
        document(&pick(&["--strategy", "newest", "--json"], "[{\"tag\":\"1.2\"},{\"tag\":\"1.10\"}]"));
    assert_eq!((&semver["pick"]["tag"], &semver["strategy"]), (&json!("1.10"), &json!("semver")));
    let slip = pick(&["--strategy", "name"], "[{\"tag\":\"a\",\"platform\":[\"linux/amd64\"]}]");
    assert!(errors(&slip).contains("warning: -:1:2: key \"platform\" is not known"), "{}", errors(&slip));
}

#[test]
fn what_the_program_refuses_is_exit_status_2() {
    for (more, part) in [
        (&["--constraint", "latest"][..], "error: --constraint \"latest\": improper constraint: latest"),
        (&["--strategy", "digest"], "error: strategy digest needs a constraint"),
        (&["--platform", "linux"], "error: --platform linux: expected os/arch"),
    ] {
        let output = pick(&[more, &["--json"]].concat(), TRAP);
        assert_eq!(output.status.code(), Some(2));
        assert!(output.stdout.is_empty());
        let said = errors(&output);
        assert!(said.contains(part) && said.contains("\nhelp: "), "{part} in {said}");
    }
    let gone = landfall(Path::new("."), &["images", "pick", "--tags", "nowhere.json"], "");
    assert_eq!(gone.status.code(), Some(2));
    assert!(errors(&gone).starts_with("error: nowhere.json: "), "{}", errors(&gone));
}

/// Where `tags.json` is wrong, as `line:column`.
fn mistakes(tags: &str) -> Vec<String> {
    let dir = tempfile::tempdir().expect("a folder");
    std::fs::write(dir.path().join("tags.json"), tags).expect("written");
    let output = landfall(dir.path(), &["images", "pick", "--tags", "tags.json", "--json"], "");
    assert_eq!(output.status.code(), Some(2), "{tags}");
    assert!(output.stdout.is_empty());
    let said = errors(&output);
    let place = |line: &str| {
        let mut parts = line.strip_prefix("error: tags.json:")?.splitn(3, ':');
        Some(format!("{}:{}", parts.next()?, parts.next()?))
    };
    said.lines().filter_map(place).collect()
}

#[test]
fn every_mistake_of_the_tags_has_its_place() {
    let tags = "[\n  {\"tag\": 1, \"digest\": [], \"created\": 5},\n  {\"digest\": \"x\"},\n  7,\n  \
        {\"tag\": \"é\", \"platforms\": \"linux\"},\n  {\"tag\": \"\"},\n  {\"tag\": \"ok\"}\n]";
    assert_eq!(mistakes(tags), ["2:11", "2:24", "2:39", "3:3", "4:3", "5:29", "6:11"]);
    // A slip in the syntax hides no later mistake.
    let broken =
        "[\n  {\"tag\": \"a},\n  {\"tag\": \"b\" \"digest\": 1},\n  {\"tag\": 2}\n  {\"tag\": \"c\"},\n]";
    assert_eq!(mistakes(broken), ["2:14", "3:15", "4:11", "5:3", "6:1"]);
    assert_eq!(mistakes("{\"tags\": []}"), ["1:1"]);
    assert_eq!(mistakes("[{\"tag\":\"a\"}"), ["1:13"]);
    assert_eq!(mistakes("[{\"tag\":\"a\"}] x"), ["1:15"]);
    assert_eq!(mistakes(""), ["1:1"]);
    assert_eq!(mistakes("["), ["1:2"]);
    assert_eq!(mistakes("[{\"tag\":\"a\\ud800\"}]"), ["1:17"]);
    assert_eq!(mistakes("[{\"tag\":\"a"), ["1:10"]);
}

/// Every fifth choice of the real v1.3.0 that the model is tested with, asked of the program from the shell.
#[test]
fn two_hundred_choices_of_image_updater_through_the_command() {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("../crates/model/tests/fixtures/image-updater/picks.jsonl.gz");
    let file = BufReader::new(GzDecoder::new(File::open(path).expect("the recorded choices")));
    let mut seen = 0;
    for line in file.lines().step_by(5) {
        let case: Value = serde_json::from_str(&line.expect("a line")).expect("JSON");
        seen += 1;
        let text = |key: &str| case[key].as_str().unwrap_or_default();
        let ignored: Vec<&str> =
            case["ignore_tags"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
        let options = [
            format!("--strategy={}", text("strategy")),
            format!("--constraint={}", text("constraint")),
            format!("--allow-tags={}", text("allow_tags")),
            format!("--ignore-tags={}", ignored.join(",")),
            format!("--platform={}", text("platform")),
            "--json".to_owned(),
        ];
        let options: Vec<&str> = options.iter().map(String::as_str).collect();
        let output = pick(&options, &case["tags"].to_string());
        if text("error").is_empty() {
            let answer = document(&output);
            assert_eq!(answer["pick"]["tag"].as_str().unwrap_or_default(), text("pick"), "{}", case["id"]);
            assert_eq!(answer["order"].as_array().and_then(|order| order.last()), answer["pick"].get("tag"));
        } else {
            assert_eq!(output.status.code(), Some(2), "{}", case["id"]);
        }
    }
    assert_eq!(seen, 200);
}
