//! JSON of a forge: a list is read object by object, so that a broken one does not take the others along.

use serde::{Deserialize, de::DeserializeOwned};
use serde_json::value::RawValue;

use super::Failure;

/// An object of a list that cannot be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Broken {
    /// Its number, where at least that can be read.
    pub number: Option<u64>,
    /// `[3].head.sha`.
    pub field: String,
    /// Without any value of it.
    pub why: String,
}

/// Objects of a list, each read or not.
pub type Items<T> = Vec<Result<T, Broken>>;

/// Reads a list; where `within` is given it stands in an object under that name.
pub fn list<T: DeserializeOwned>(body: &[u8], within: Option<&str>) -> Result<Items<T>, Failure> {
    let raw: Vec<&RawValue> = match within {
        None => serde_json::from_slice(body).map_err(|error| failure(&error))?,
        Some(name) => {
            let object: std::collections::BTreeMap<String, &RawValue> =
                serde_json::from_slice(body).map_err(|error| failure(&error))?;
            let Some(list) = object.get(name) else {
                return Err(Failure::Broken(format!("there is no `{name}` in it")));
            };
            serde_json::from_str(list.get()).map_err(|error| failure(&error))?
        }
    };
    Ok(raw.iter().enumerate().map(|(at, raw)| item(at, raw.get())).collect())
}

/// Reads one object.
pub fn one<T: DeserializeOwned>(body: &[u8]) -> Result<T, Failure> {
    let mut reader = serde_json::Deserializer::from_slice(body);
    serde_path_to_error::deserialize(&mut reader).map_err(|error| {
        let field = error.path().to_string();
        Failure::Broken(format!("{field}: {}", why(error.inner())))
    })
}

fn item<T: DeserializeOwned>(at: usize, text: &str) -> Result<T, Broken> {
    #[derive(Deserialize)]
    struct Numbered {
        #[serde(alias = "iid")]
        number: u64,
    }
    let mut reader = serde_json::Deserializer::from_str(text);
    serde_path_to_error::deserialize(&mut reader).map_err(|error| {
        let path = error.path().to_string();
        let dot = if path == "." { "" } else { "." };
        Broken {
            number: serde_json::from_str::<Numbered>(text).ok().map(|found| found.number),
            field: format!("[{at}]{dot}{}", path.trim_start_matches('.')),
            why: why(error.inner()).to_owned(),
        }
    })
}

fn failure(error: &serde_json::Error) -> Failure {
    Failure::Broken(format!("{} (line {}, column {})", why(error), error.line(), error.column()))
}

/// The parser's own words would quote what stands there.
fn why(error: &serde_json::Error) -> &'static str {
    match error.classify() {
        serde_json::error::Category::Io => "cannot be read",
        serde_json::error::Category::Eof => "it ends too early",
        serde_json::error::Category::Syntax => "it is no JSON",
        serde_json::error::Category::Data => "it has another form than expected",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, Deserialize, PartialEq)]
    struct One {
        number: u64,
        head: Head,
    }

    #[derive(Debug, Deserialize, PartialEq)]
    struct Head {
        sha: String,
    }

    #[test]
    fn a_broken_object_is_told_by_its_place_and_takes_no_other_along() {
        let body =
            br#"[{"number":1,"head":{"sha":"a"}},{"number":2,"head":{"sha":{"hunter2":1}}},{"head":7}]"#;
        let items = list::<One>(body, None).unwrap();
        assert!(items[0].is_ok());
        let broken = items[1].as_ref().unwrap_err();
        assert_eq!((broken.number, &*broken.field), (Some(2), "[1].head.sha"));
        assert!(!format!("{broken:?}").contains("hunter2"));
        assert_eq!(items[2].as_ref().unwrap_err().number, None);
        let within = br#"{"total_count":1,"jobs":[{"number":1,"head":{"sha":"a"}}]}"#;
        assert_eq!(list::<One>(within, Some("jobs")).unwrap().len(), 1);
    }

    #[test]
    fn what_is_no_list_is_a_failure_without_its_text() {
        for body in [&b"<!DOCTYPE html>hunter2"[..], b"[{\"a\":\"hunter2", b"{\"message\":\"hunter2\"}", b""]
        {
            let said = list::<One>(body, None).unwrap_err().to_string();
            assert!(said.starts_with("broken answer: ") && !said.contains("hunter2"), "{said}");
        }
        assert!(list::<One>(b"{}", Some("jobs")).is_err());
    }

    proptest::proptest! {
        #[test]
        fn anything_is_read_or_refused(text in "\\PC{0,200}") {
            let _ = list::<One>(text.as_bytes(), None);
            let _ = one::<One>(text.as_bytes());
        }
    }
}
