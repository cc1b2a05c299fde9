//! The catalogue is whole: every key in every language, with the same arguments, and every key the pages ask for.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
};

use super::{Lang, bundle::FILES};

/// Keys of one language with the arguments each uses. Reads Fluent's syntax just far enough: a key begins in the
/// first column, arguments are `$name`.
fn keys(lang: Lang) -> BTreeMap<String, BTreeSet<String>> {
    let mut found: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for (_, part, text) in FILES.iter().filter(|(of, ..)| *of == lang) {
        assert!(
            fluent_bundle::FluentResource::try_new((*text).to_owned()).is_ok(),
            "{part}.ftl of {} does not parse",
            lang.tag()
        );
        let mut current = String::new();
        for line in text.lines() {
            if let Some((key, _)) = line.split_once(" =")
                && line.starts_with(|c: char| c.is_ascii_lowercase())
            {
                current = key.to_owned();
                assert!(found.insert(current.clone(), BTreeSet::new()).is_none(), "{current} stands twice");
            }
            if line.starts_with('#') {
                continue;
            }
            for piece in line.split('$').skip(1) {
                let name: String =
                    piece.chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '_').collect();
                if let Some(arguments) = found.get_mut(&current) {
                    arguments.insert(name);
                }
            }
        }
    }
    found
}

/// Every string literal in the sources that is the key argument of `tr!`, `rich` or `lookup`.
fn asked(dir: &Path, into: &mut BTreeSet<String>) {
    for entry in fs::read_dir(dir).expect("sources are readable").flatten() {
        let path = entry.path();
        if path.is_dir() {
            asked(&path, into);
        } else if path.extension().is_some_and(|e| e == "rs")
            && !path.ends_with("lang/tests.rs")
            && !path.ends_with("lang/mod.rs")
        {
            let text = fs::read_to_string(&path).expect("UTF-8");
            for start in ["tr!(", "rich(", "lookup("] {
                for call in text.split(start).skip(1) {
                    let Some((_, after)) = call.split_once('"') else { continue };
                    let head = &call[..call.len() - after.len()];
                    if head.contains([')', ';', '!', '&']) {
                        continue;
                    }
                    if let Some((key, _)) = after.split_once('"') {
                        into.insert(key.to_owned());
                    }
                }
            }
        }
    }
}

#[test]
fn languages_have_the_same_keys_and_arguments() {
    let english = keys(Lang::En);
    let japanese = keys(Lang::Ja);
    let of = |map: &BTreeMap<String, BTreeSet<String>>| map.keys().cloned().collect::<BTreeSet<_>>();
    assert_eq!(of(&english).symmetric_difference(&of(&japanese)).collect::<Vec<_>>(), Vec::<&String>::new());
    for (key, arguments) in &english {
        assert_eq!(arguments, &japanese[key], "arguments of {key}");
    }
}

#[test]
fn every_key_that_is_asked_for_exists() {
    let mut used = BTreeSet::new();
    asked(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut used);
    assert!(used.len() > 20, "the search finds the calls");
    let known: BTreeSet<String> = keys(Lang::En).into_keys().collect();
    assert_eq!(used.difference(&known).collect::<Vec<_>>(), Vec::<&String>::new());
}

/// Every `said!("id", "English {a}", …)` in the sources of those that tell something.
fn told(dir: &Path, into: &mut BTreeMap<String, String>) {
    for entry in fs::read_dir(dir).expect("sources are readable").flatten() {
        let path = entry.path();
        if path.is_dir() {
            told(&path, into);
            continue;
        }
        if path.extension().is_none_or(|e| e != "rs") || path.ends_with("phrase.rs") {
            continue;
        }
        let text = fs::read_to_string(&path).expect("UTF-8");
        for call in text.split("said!(").skip(1) {
            let mut strings = call.split('"').skip(1).step_by(2);
            let (Some(id), Some(english)) = (strings.next(), strings.next()) else { continue };
            // A literal that goes on in the next line.
            let english = english.split("\\\n").map(str::trim_start).collect::<String>();
            let before = into.insert(id.to_owned(), english.clone());
            assert!(before.is_none_or(|before| before == english), "two sentences are called {id}");
        }
    }
}

#[test]
fn what_is_told_is_in_the_catalogue_word_by_word() {
    let mut sentences = BTreeMap::new();
    for told_by in ["../crates/model/src", "../server/src"] {
        told(&Path::new(env!("CARGO_MANIFEST_DIR")).join(told_by), &mut sentences);
    }
    assert!(sentences.len() > 150, "the search finds the sentences");
    let catalogue = keys(Lang::En);
    let in_catalogue: BTreeSet<&str> = catalogue.keys().filter_map(|key| key.strip_prefix("said-")).collect();
    let in_sources: BTreeSet<&str> = sentences.keys().map(String::as_str).collect();
    assert_eq!(in_catalogue.symmetric_difference(&in_sources).collect::<Vec<_>>(), Vec::<&&str>::new());
    for (id, english) in &sentences {
        let arguments = &catalogue[&format!("said-{id}")];
        let mut expected = english.clone();
        let mut args = fluent_bundle::FluentArgs::new();
        for (nth, name) in arguments.iter().enumerate() {
            // Numbers above one take the plural, which is how the model writes.
            expected = expected.replace(&format!("{{{name}}}"), &(nth + 2).to_string());
            args.set(name.as_str(), nth + 2);
        }
        let got = super::bundle::find(Lang::En, &format!("said-{id}"), &args);
        assert_eq!(got.as_deref(), Some(expected.as_str()), "{id}");
    }
}

#[test]
fn negotiates() {
    assert_eq!(Lang::negotiate("ja-JP,en;q=0.5"), Some(Lang::Ja));
    assert_eq!(Lang::negotiate("de, en;q=0.3, ja;q=0.9"), Some(Lang::Ja));
    assert_eq!(Lang::negotiate("de, ja;q=0, en;q=0.1"), Some(Lang::En));
    assert_eq!(Lang::negotiate("de"), None);
    assert_eq!(Lang::negotiate(""), None);
}

#[test]
fn plurals_and_groups() {
    assert_eq!(crate::tr!(Lang::En, "board-services-count", count = 1), "1 service");
    assert_eq!(crate::tr!(Lang::En, "board-services-count", count = 48_211), "48\u{202f}211 services");
    assert_eq!(crate::tr!(Lang::Ja, "board-services-count", count = 48_211), "48,211 サービス");
}
