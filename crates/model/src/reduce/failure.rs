//! What is wrong with an object, said without any value from it.

use serde::Deserialize;
use serde_json::error::Category;

use super::{
    lax::{self, Must},
    strings::clip,
};
use crate::{observe::Unreadable, text::Text};

/// Longest path and reason.
const LIMIT: usize = 300;

/// Decodes `text`; on failure says which field was wrong.
///
/// The path costs time, so it is worked out only for what does not decode.
pub(super) fn decode<'a, T: Deserialize<'a>>(text: &'a str) -> Result<T, Unreadable> {
    lax::take_left_out();
    serde_json::from_str::<Must<T>>(text).map(|whole| whole.0).map_err(|first| {
        let mut json = serde_json::Deserializer::from_str(text);
        match serde_path_to_error::deserialize::<_, Must<T>>(&mut json) {
            Ok(_) => unreadable("", &reason(&first)),
            Err(error) => {
                let path = error.path().to_string();
                unreadable(if path == "." { "" } else { &path }, &reason(error.inner()))
            }
        }
    })
}

/// A failure at a field, for a reason that names no value.
pub(super) fn unreadable(field: &str, why: &str) -> Unreadable {
    Unreadable { field: tidy(field), why: tidy(why) }
}

fn tidy(text: &str) -> Text {
    clip(text, LIMIT).chars().map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect::<String>().into()
}

/// serde's messages quote the offending value; only their fixed words are kept.
fn reason(error: &serde_json::Error) -> String {
    let at = format!("at line {} column {}", error.line(), error.column());
    match error.classify() {
        Category::Eof => format!("the JSON ends early, {at}"),
        Category::Syntax => format!("not valid JSON, {at}"),
        Category::Io => "could not be read".to_owned(),
        Category::Data => {
            let message = error.to_string();
            let words = data_reason(&message).unwrap_or("has a wrong value or type");
            let expected = expectation(&message);
            match expected {
                Some(expected) => format!("{words}, expected {expected}, {at}"),
                None => format!("{words}, {at}"),
            }
        }
    }
}

fn data_reason(message: &str) -> Option<&'static str> {
    const MISSING: [(&str, &str); 4] = [
        ("missing field `name`", "`name` is missing"),
        ("missing field `metadata`", "`metadata` is missing"),
        ("missing field `spec`", "`spec` is missing"),
        ("missing field", "a field is missing"),
    ];
    const FOUND: [(&str, &str); 9] = [
        ("boolean", "found a boolean"),
        ("integer", "found an integer"),
        ("floating point", "found a fraction"),
        ("string", "found text"),
        ("null", "found null"),
        ("unit", "found null"),
        ("sequence", "found a list"),
        ("map", "found an object"),
        ("Option", "found null"),
    ];
    if let Some((_, words)) = MISSING.iter().find(|(prefix, _)| message.starts_with(prefix)) {
        return Some(words);
    }
    if message.starts_with("duplicate field") {
        return Some("the field stands there twice");
    }
    let found = message.strip_prefix("invalid type: ").or_else(|| message.strip_prefix("invalid value: "))?;
    FOUND.iter().find(|(prefix, _)| found.starts_with(prefix)).map(|(_, words)| *words)
}

/// What our own types expect: fixed words, so a value that imitates the message cannot pass.
fn expectation(message: &str) -> Option<&'static str> {
    const EXPECTED: [&str; 7] = ["an object", "text", "i32", "i64", "a boolean", "a list", "a sequence"];
    let (_, last) = message.rsplit_once(", expected ")?;
    EXPECTED.into_iter().find(|words| last.starts_with(words)).map(|words| match words {
        "i32" | "i64" => "a whole number",
        "a sequence" => "a list",
        words => words,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Deserialize)]
    #[serde(expecting = "an object")]
    struct Sample {
        #[expect(dead_code, reason = "only its type matters")]
        spec: Must<Spec>,
    }

    #[derive(Deserialize)]
    #[serde(expecting = "an object")]
    struct Spec {
        #[expect(dead_code, reason = "only its type matters")]
        replicas: Option<i32>,
    }

    fn why(text: &str) -> (String, String) {
        let failure = decode::<Sample>(text).err().expect("must not decode");
        (failure.field.to_string(), failure.why.to_string())
    }

    #[test]
    fn says_where_and_what_but_no_value() {
        let (field, why_text) = why(r#"{"spec":{"replicas":"hunter2, expected text"}}"#);
        assert_eq!(field, "spec.replicas");
        assert_eq!(why_text, "found text, expected a whole number, at line 1 column 44");
        assert_eq!(why(r#"{"spec":{"replicas":1"#).1, "the JSON ends early, at line 1 column 21");
        assert_eq!(
            why(r#"{"spec":7}"#),
            ("spec".into(), "found an integer, expected an object, at line 1 column 9".into())
        );
        assert_eq!(why(r"{}").1, "`spec` is missing, at line 1 column 2");
    }
}
