//! Reading `tags.json`, with every mistake at its place.

use std::fmt;

use landfall_model::updater::Tag;
use serde::{
    Deserializer as _,
    de::{DeserializeOwned, MapAccess, Visitor},
};
use serde_json::value::RawValue;

use crate::{
    command::place::in_line,
    config::{Problem, Problems, nearest},
};

const KEYS: [&str; 4] = ["tag", "digest", "created", "platforms"];
const FORM: &str = "[{\"tag\":\"1.2.3\",\"digest\":\"sha256:…\",\"created\":\"2026-11-20T10:00:00Z\",\
                    \"platforms\":[\"linux/amd64\"]}]; only \"tag\" is required";

/// What stood in the file.
pub struct Found {
    pub tags: Vec<Tag>,
    /// What is taken, but looks like a slip.
    pub warnings: Vec<String>,
}

/// Reads the list.
pub fn read(path: &str, bytes: &[u8]) -> Result<Found, Problems> {
    let text = std::str::from_utf8(bytes).map_err(|error| {
        let lines = Lines::new(std::str::from_utf8(&bytes[..error.valid_up_to()]).unwrap_or_default());
        let (line, column) = lines.place(error.valid_up_to());
        Problems::from(in_line(path, line, column, "not UTF-8"))
    })?;
    let mut reader = Reader {
        path,
        text,
        lines: Lines::new(text),
        at: 0,
        problems: Vec::new(),
        found: Found { tags: Vec::new(), warnings: Vec::new() },
    };
    reader.list();
    if reader.problems.is_empty() { Ok(reader.found) } else { Err(Problems(reader.problems)) }
}

struct Reader<'a> {
    path: &'a str,
    text: &'a str,
    lines: Lines<'a>,
    at: usize,
    problems: Vec<Problem>,
    found: Found,
}

impl<'a> Reader<'a> {
    fn problem(&mut self, at: usize, what: impl Into<String>, help: Option<&str>) {
        let (line, column) = self.lines.place(at);
        let problem = in_line(self.path, line, column, what);
        self.problems.push(match help {
            Some(help) => problem.help(help),
            None => problem,
        });
    }

    fn peek(&mut self) -> Option<u8> {
        let rest = &self.text[self.at..];
        self.at += rest.len() - rest.trim_start_matches([' ', '\t', '\n', '\r']).len();
        self.text.as_bytes().get(self.at).copied()
    }

    /// One tag after the other. After a slip in the syntax it goes on with the next object, so that later mistakes
    /// are told as well.
    fn list(&mut self) {
        if self.peek() != Some(b'[') {
            return self.problem(self.at, "expected a list of tags", Some(FORM));
        }
        self.at += 1;
        let mut first = true;
        loop {
            match self.peek() {
                Some(b']') if first => break,
                Some(_) if self.one() => {}
                Some(_) => {
                    if !self.resume() {
                        return;
                    }
                    continue;
                }
                None => return self.problem(self.at, "the list is not closed", Some("end it with ]")),
            }
            first = false;
            match self.peek() {
                Some(b',') => {
                    self.at += 1;
                    if self.peek() == Some(b']') {
                        self.problem(self.at, "expected a tag after the comma", Some("remove the comma"));
                        break;
                    }
                }
                Some(b']') => break,
                None => {}
                Some(_) => {
                    self.problem(self.at, "expected `,` or `]`", None);
                    if !self.resume() {
                        return;
                    }
                }
            }
        }
        self.at += 1;
        if self.peek().is_some() {
            self.problem(self.at, "there is more behind the list", None);
        }
    }

    fn resume(&mut self) -> bool {
        let next = self.text[self.at..].find('{');
        self.at += next.unwrap_or(0);
        next.is_some()
    }

    /// One element; false where its syntax is broken: then `at` is behind the mistake.
    fn one(&mut self) -> bool {
        let from = self.at;
        let mut values = serde_json::Deserializer::from_str(&self.text[from..]).into_iter::<&RawValue>();
        let value = values.next();
        self.at = from + values.byte_offset();
        match value {
            Some(Ok(value)) => self.element(value),
            Some(Err(error)) => {
                let at = from + offset(&self.text[from..], &error);
                self.problem(at, bare(&error), None);
                // The brace that opened this element is not the next one.
                self.at = at.max(from + 1).min(self.text.len());
                while !self.text.is_char_boundary(self.at) {
                    self.at += 1;
                }
                return false;
            }
            None => return false,
        }
        true
    }

    fn start(&self, value: &RawValue) -> usize {
        value.get().as_ptr().addr().saturating_sub(self.text.as_ptr().addr())
    }

    fn element(&mut self, value: &'a RawValue) {
        let from = self.start(value);
        let mut deserializer = serde_json::Deserializer::from_str(value.get());
        let Ok(fields) = deserializer.deserialize_map(Fields) else {
            return self.problem(from, "expected an object", Some(FORM));
        };
        let before = self.problems.len();
        let mut tag = Tag { tag: String::new(), digest: None, created: None, platforms: Vec::new() };
        let mut named = false;
        for (key, value) in fields {
            match key.as_str() {
                "tag" => {
                    named = true;
                    tag.tag = self.value(value, "tag", "a text").unwrap_or_default();
                    if tag.tag.is_empty() && self.problems.len() == before {
                        self.problem(self.start(value), "tag is empty", None);
                    }
                }
                "digest" => tag.digest = self.value(value, "digest", "a text or null").flatten(),
                "created" => tag.created = self.value(value, "created", "a text or null").flatten(),
                "platforms" => {
                    let list: Option<Option<Vec<String>>> = self.value(value, "platforms", "a list of texts");
                    tag.platforms = list.flatten().unwrap_or_default();
                }
                other => self.unknown(other, from),
            }
        }
        if !named {
            self.problem(from, "tag is missing", Some(FORM));
        }
        if self.problems.len() == before {
            self.found.tags.push(tag);
        }
    }

    fn value<T: DeserializeOwned>(&mut self, value: &RawValue, key: &str, wanted: &str) -> Option<T> {
        match serde_json::from_str(value.get()) {
            Ok(value) => Some(value),
            Err(error) if error.is_data() => {
                self.problem(self.start(value), format!("{key}: expected {wanted}"), None);
                None
            }
            Err(error) => {
                let at = self.start(value) + offset(value.get(), &error);
                self.problem(at, format!("{key}: {}", bare(&error)), None);
                None
            }
        }
    }

    /// Further keys are welcome; one that looks like a known one is a slip.
    fn unknown(&mut self, key: &str, at: usize) {
        if let Some(known) = nearest(key, KEYS) {
            let (line, column) = self.lines.place(at);
            let path = self.path;
            self.found.warnings.push(format!(
                "{path}:{line}:{column}: key {key:?} is not known and is left out; did you mean {known:?}?"
            ));
        }
    }
}

/// The fields of an object, each as it is written.
struct Fields;

impl<'de> Visitor<'de> for Fields {
    type Value = Vec<(String, &'de RawValue)>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut fields = Vec::new();
        while let Some(field) = map.next_entry()? {
            fields.push(field);
        }
        Ok(fields)
    }
}

/// Where in a text the error is.
fn offset(text: &str, error: &serde_json::Error) -> usize {
    let line: usize = text.split_inclusive('\n').take(error.line().saturating_sub(1)).map(str::len).sum();
    line + error.column().saturating_sub(1)
}

/// Without the place that the library knows, which counts from the element.
fn bare(error: &serde_json::Error) -> String {
    let text = error.to_string();
    let place = format!(" at line {} column {}", error.line(), error.column());
    text.strip_suffix(&place).unwrap_or(&text).to_owned()
}

/// Where each line begins.
struct Lines<'a> {
    text: &'a str,
    begin: Vec<usize>,
}

impl<'a> Lines<'a> {
    fn new(text: &'a str) -> Self {
        let ends = text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n').map(|(at, _)| at + 1);
        Self { text, begin: std::iter::once(0).chain(ends).collect() }
    }

    /// Line and column from 1; the column counts characters.
    fn place(&self, at: usize) -> (usize, usize) {
        let line = self.begin.partition_point(|begin| *begin <= at).max(1);
        let before = self.text.get(self.begin[line - 1]..at).unwrap_or_default();
        (line, before.chars().count() + 1)
    }
}
