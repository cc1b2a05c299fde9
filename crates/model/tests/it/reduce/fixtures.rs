//! Objects recorded from real control planes, one by one, as they came over the wire.

use std::{fs, io::Read, path::Path};

use flate2::read::GzDecoder;
use landfall_model::{
    Interner,
    observe::{Body, Observation},
    reduce::{Nameless, Reduced, reduce},
    words::Kind,
};
use serde::Deserialize;
use serde_json::value::RawValue;

/// One recorded object.
pub struct Recorded {
    /// File and place in it.
    pub place: String,
    pub kind: Kind,
    pub text: String,
}

#[derive(Deserialize)]
struct Head<'a> {
    kind: Option<String>,
    #[serde(borrow, default)]
    items: Option<Vec<&'a RawValue>>,
}

#[derive(Deserialize)]
struct Line {
    #[serde(default)]
    line: Option<String>,
}

#[derive(Deserialize)]
struct Change<'a> {
    #[serde(rename = "type", default)]
    kind: String,
    #[serde(borrow, default)]
    object: Option<&'a RawValue>,
}

/// The text of a fixture, unpacked where it is packed.
pub fn text(file: &str) -> String {
    let bytes = fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures").join(file));
    let bytes = bytes.unwrap_or_else(|error| panic!("{file}: {error}"));
    if Path::new(file).extension().is_none_or(|extension| extension != "gz") {
        return String::from_utf8(bytes).expect("UTF-8");
    }
    let mut text = String::new();
    GzDecoder::new(&*bytes).read_to_string(&mut text).expect("gzip");
    text
}

/// Files of a folder, sorted.
fn files(folder: &str) -> Vec<String> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures").join(folder);
    let names = fs::read_dir(path).expect("a folder").map(|entry| entry.expect("an entry").file_name());
    let mut names: Vec<_> = names.map(|name| format!("{folder}/{}", name.to_str().expect("UTF-8"))).collect();
    names.sort();
    names
}

/// Every object of the files of `states`, `previews` and `image-updater`; there `.jsonl.gz` are answers of programs.
pub fn objects() -> Vec<Recorded> {
    let folders = ["states", "previews", "image-updater"];
    let files = folders.into_iter().flat_map(files).filter(|file| !file.ends_with(".jsonl.gz"));
    files.flat_map(|file| objects_of(&file)).collect()
}

/// The objects of one file: itself, or the items of a list.
pub fn objects_of(file: &str) -> Vec<Recorded> {
    let text = text(file);
    let head: Head<'_> = serde_json::from_str(&text).unwrap_or_else(|error| panic!("{file}: {error}"));
    match head.items {
        Some(items) => {
            items.iter().enumerate().map(|(at, item)| one(format!("{file}[{at}]"), item.get())).collect()
        }
        None => vec![one(file.to_owned(), &text)],
    }
}

fn one(place: String, text: &str) -> Recorded {
    let head: Head<'_> = serde_json::from_str(text).expect("JSON");
    let kind =
        Kind::parse(head.kind.as_deref().unwrap_or("")).unwrap_or_else(|| panic!("{place}: what kind?"));
    Recorded { place, kind, text: text.to_owned() }
}

/// The objects of every recorded watch, bookmarks and errors left out.
pub fn watched() -> Vec<Recorded> {
    let mut found = Vec::new();
    for file in files("watch").into_iter().filter(|file| file.contains("watch-")) {
        for (at, line) in text(&file).lines().enumerate() {
            let Line { line: Some(line) } = serde_json::from_str(line).expect("a line") else { continue };
            let change: Change<'_> = serde_json::from_str(&line).expect("an event");
            // An error has another shape.
            if let ("ADDED" | "MODIFIED" | "DELETED", Some(object)) = (&*change.kind, change.object) {
                found.push(one(format!("{file}:{}", at + 1), object.get()));
            }
        }
    }
    found
}

/// Reduces as a collector would.
pub fn reduced(kind: Kind, text: &str) -> Result<Reduced, Nameless> {
    let noticed = "2026-11-24T12:00:00Z".parse().expect("a time");
    reduce(kind, "cluster/prod", text, 1, noticed, &mut Interner::default())
}

/// The observation of an object that is kept.
pub fn observation(kind: Kind, text: &str) -> Observation {
    reduced(kind, text).expect("it says its name").observation.expect("it is kept")
}

/// The body of an object that is kept and reads.
pub fn body(kind: Kind, json: &serde_json::Value) -> Body {
    let body = observation(kind, &json.to_string()).body;
    assert!(!matches!(body, Body::Unreadable(_)), "{body:?}");
    body
}
