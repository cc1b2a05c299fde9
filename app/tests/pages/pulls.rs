//! Pages of pull requests: what they say of each state, and that hostile words stay words.

use std::sync::Arc;

use landfall_app::{lang::Lang, pages};
use landfall_model::view::Pull;
use serde_json::Value;

use super::sample;

/// The same pull request with this string in every field that others write.
pub fn hostile(pull: &Pull, bad: &str) -> Arc<Pull> {
    const THEIRS: &[&str] = &[
        "title",
        "author",
        "url",
        "name",
        "by",
        "branch",
        "base",
        "text",
        "service",
        "application",
        "instance",
        "set",
        "repository",
        "sha",
        "tag",
        "finalizers",
        "urls",
        "head",
        "failed_step",
        "digest",
        "source",
        "sources",
        "generated_for",
        "candidates",
    ];
    fn spoil(value: &mut Value, is_theirs: bool, bad: &str) {
        match value {
            Value::String(text) if is_theirs => bad.clone_into(text),
            Value::Array(items) => items.iter_mut().for_each(|item| spoil(item, is_theirs, bad)),
            Value::Object(fields) => fields.iter_mut().for_each(|(key, value)| {
                let is_state = matches!(value, Value::String(_)) && !THEIRS.contains(&key.as_str());
                spoil(value, !is_state && THEIRS.contains(&key.as_str()), bad);
            }),
            _ => {}
        }
    }
    let mut value = serde_json::to_value(pull).expect("JSON");
    spoil(&mut value, false, bad);
    let mut spoilt: Pull = serde_json::from_value(value).expect("a pull request");
    for preview in &mut spoilt.previews {
        preview.traced.candidates = vec![bad.into()];
    }
    Arc::new(spoilt)
}

fn page(pull: Arc<Pull>, lang: Lang) -> String {
    pages::pull(&sample::pulls::page(pull), &sample::shell(lang, "", "/pr/accounts/control-panel/482"))
}

#[test]
fn a_stuck_one_says_what_it_waits_for_whose_turn_it_is_and_what_runs_meanwhile() {
    let html = page(sample::pulls::stuck(), Lang::En);
    for part in [
        "The new image is there, but its tag cannot be picked.",
        "Merge main, and the next push goes through.",
        "Your turn: y.tanaka",
        "2 commits behind</b>",
        "data-step=\"picked\" data-state=\"stuck\"",
        "<b class=\"bad\">26 min 11 s</b>",
        "class=\"d-slow\"",
        "https://pr-482.preview.hosting.example",
        "run cancelled",
        "9b2f6d0",
    ] {
        assert!(html.contains(part), "{part}: {html}");
    }
    assert_eq!(html.matches("data-step=").count(), 6);
    assert!(html.contains(
        "href=\"https://github.com/accounts/control-panel/commit/e41c07d7a6b5c4d3e2f1a0b9c8d7e6f5a4b3c2d1\""
    ));
}

#[test]
fn a_step_whose_time_is_not_told_says_so() {
    let mut pull = (*sample::pulls::ready()).clone();
    pull.previews[0].steps[3].exact = false;
    let html = page(Arc::new(pull), Lang::En);
    assert!(html.contains("at the latest; when exactly nobody tells"), "{html}");
    assert!(html.contains("runs the head"), "{html}");
}

#[test]
fn japanese_pages_hold_no_words_of_ours_in_english() {
    for pull in sample::pulls::all() {
        let state = pull.state;
        let html = page(pull, Lang::Ja);
        for word in
            ["Six steps", "Rounds", ">done<", ">ahead<", "Took", "Whose turn", "Usually", "This preview"]
        {
            assert!(!html.contains(word), "{state}: {word}");
        }
    }
    let html = pages::previews(&sample::pulls::previews(), &sample::shell(Lang::Ja, "", "/previews"));
    assert!(html.contains("停滞") && !html.contains("Waits for"), "{html}");
}

#[test]
fn a_list_without_anything_says_what_to_configure() {
    let mut none = sample::pulls::previews();
    (none.pulls, none.states, none.known, none.has_forge) = (Vec::new(), Vec::new(), 0, false);
    let html = pages::previews(&none, &sample::shell(Lang::En, "", "/previews"));
    assert!(html.contains("pullRequest") && html.contains("[[forge]]") && !html.contains("<table"), "{html}");
}

#[test]
fn a_silent_source_is_never_green() {
    let mut data = sample::pulls::page(sample::pulls::ready());
    let mut snapshot = (*data.snapshot).clone();
    for source in snapshot.sources.values_mut() {
        Arc::make_mut(source).state = landfall_model::words::SourceState::Stale;
    }
    data.snapshot = Arc::new(snapshot);
    let html = pages::pull(&data, &sample::shell(Lang::En, "", "/pr/accounts/control-panel/479"));
    assert!(html.contains("was ready"), "{html}");
}
