//! Sentences of ours in parts, so that pages can say them in the reader's language.
//!
//! The model tells facts: which sentence it is, and the figures and names in it. [`said!`] writes the English sentence
//! beside its parts, so that both come from one place; the text catalogues of the pages hold each id in every language,
//! and a test compares their English with this one. Words of others have no phrase: they are quoted as they are.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::{text::Text, words::Kind};

/// A sentence by its id in the text catalogue, with what stands in its gaps.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Phrase {
    pub id: Text,
    /// By name, in the order of the names: a few, kept with each sentence of a large fleet.
    #[serde(default, skip_serializing_if = "Vec::is_empty", with = "args")]
    pub args: Vec<(Text, Arg)>,
}

impl Phrase {
    /// What stands in this gap.
    pub fn arg(&self, name: &str) -> Option<&Arg> {
        self.args.iter().find(|(known, _)| &**known == name).map(|(_, arg)| arg)
    }
}

/// What stands in a gap of a sentence.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Arg {
    Number(i64),
    /// A name, a word of the sources, a message of others.
    Text(Text),
    /// A sentence inside another, or several one after the other.
    Phrases(Vec<Said>),
}

/// A sentence in English, with its parts where it is ours.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Said {
    pub text: Text,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phrase: Option<Box<Phrase>>,
}

/// Id of the phrase that is a list of others, in the argument of the same name.
pub const LIST: &str = "list";

impl Said {
    /// A sentence of ours; [`said!`] calls it.
    pub fn ours<const N: usize>(text: &str, id: &str, args: [(&str, Arg); N]) -> Self {
        let mut args = Vec::from(args.map(|(name, arg)| (Text::from(name), arg)));
        args.sort_by(|(a, _), (b, _)| a.cmp(b));
        Self { text: Text::from(text), phrase: Some(Box::new(Phrase { id: Text::from(id), args })) }
    }

    /// Several, separated by commas; empty ones are left out. The parts are kept where at least one is ours.
    pub fn list(parts: impl IntoIterator<Item = Self>) -> Self {
        let parts: Vec<Self> = parts.into_iter().filter(|part| !part.text.is_empty()).collect();
        let text = parts.iter().map(|part| &*part.text).collect::<Vec<_>>().join(", ");
        if parts.iter().all(|part| part.phrase.is_none()) {
            return Self::from(text.as_str());
        }
        Self::ours(&text, LIST, [(LIST, Arg::Phrases(parts))])
    }
}

impl fmt::Display for Said {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.text)
    }
}

/// Words of others.
impl From<&str> for Said {
    fn from(text: &str) -> Self {
        Self { text: Text::from(text), phrase: None }
    }
}

impl From<&Text> for Said {
    fn from(text: &Text) -> Self {
        Self { text: Text::clone(text), phrase: None }
    }
}

impl From<&String> for Said {
    fn from(text: &String) -> Self {
        Self::from(text.as_str())
    }
}

impl From<String> for Said {
    fn from(text: String) -> Self {
        Self::from(text.as_str())
    }
}

/// The English sentence.
impl From<Said> for String {
    fn from(said: Said) -> Self {
        said.text.to_string()
    }
}

/// What can stand in a gap of a sentence.
pub trait Fills {
    fn arg(&self) -> Arg;
}

impl<T: Fills + ?Sized> Fills for &T {
    fn arg(&self) -> Arg {
        (**self).arg()
    }
}

impl Fills for Text {
    fn arg(&self) -> Arg {
        Arg::Text(Self::clone(self))
    }
}

impl Fills for str {
    fn arg(&self) -> Arg {
        Arg::Text(Text::from(self))
    }
}

impl Fills for String {
    fn arg(&self) -> Arg {
        self.as_str().arg()
    }
}

/// A sentence inside another keeps its own parts.
impl Fills for Said {
    fn arg(&self) -> Arg {
        match self.phrase {
            Some(_) => Arg::Phrases(vec![self.clone()]),
            None => Arg::Text(Text::clone(&self.text)),
        }
    }
}

impl Fills for Kind {
    fn arg(&self) -> Arg {
        self.as_str().arg()
    }
}

macro_rules! numbers {
    ($($kind:ty),+) => {$(
        impl Fills for $kind {
            fn arg(&self) -> Arg {
                Arg::Number(i64::try_from(*self).unwrap_or(i64::MAX))
            }
        }
    )+};
}
numbers!(u16, i32, u32, u64, usize);

/// A sentence of ours: `said!("pods-ready", "{ready} of {desired} pods ready", ready = 1, desired = 3)`.
///
/// The id stands in the catalogues of the pages as `said-pods-ready`, with the same arguments.
#[macro_export]
macro_rules! said {
    ($id:literal, $english:literal $(,)?) => {
        $crate::phrase::Said::ours($english, $id, [])
    };
    ($id:literal, $english:literal, $($name:ident = $value:expr),+ $(,)?) => {{
        $(let $name = &$value;)+
        $crate::phrase::Said::ours(
            &format!($english),
            $id,
            [$((stringify!($name), $crate::phrase::Fills::arg($name))),+],
        )
    }};
}

/// Arguments as a JSON object, in the order of their names whatever the order they are read in.
mod args {
    use std::collections::BTreeMap;

    use serde::{Deserialize as _, Deserializer, Serializer};

    use super::{Arg, Text};

    pub fn serialize<S: Serializer>(args: &[(Text, Arg)], to: S) -> Result<S::Ok, S::Error> {
        to.collect_map(args.iter().map(|(name, arg)| (name, arg)))
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<(Text, Arg)>, D::Error> {
        BTreeMap::deserialize(from).map(|args| args.into_iter().collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keeps_the_sentence_and_its_parts() {
        let name = Text::from("web");
        let said = said!("rollout", "{name} stands at {n} of 3", name = name, n = 2_u32);
        assert_eq!(&*said.text, "web stands at 2 of 3");
        let phrase = said.phrase.clone().expect("ours");
        assert_eq!(&*phrase.id, "rollout");
        assert_eq!(phrase.arg("n"), Some(&Arg::Number(2)));
        let stored = serde_json::to_string(&said).expect("JSON");
        assert_eq!(serde_json::from_str::<Said>(&stored).expect("reads"), said);
    }

    #[test]
    fn a_sentence_inside_another_keeps_its_parts() {
        let error = said!("no-word-for", "no word for {seconds} s", seconds = 5_u64);
        let said = said!("because", "Silent: {error}, {again}", error = error, again = Said::from("EOF"));
        assert_eq!(&*said.text, "Silent: no word for 5 s, EOF");
        let phrase = said.phrase.expect("ours");
        assert_eq!(phrase.arg("error"), Some(&Arg::Phrases(vec![error])));
        assert_eq!(phrase.arg("again"), Some(&Arg::Text("EOF".into())));
    }

    #[test]
    fn a_list_of_others_words_is_others_words() {
        assert_eq!(Said::list([Said::from("a"), Said::from(""), Said::from("b")]), Said::from("a, b"));
        let list = Said::list([said!("deployed", "deployed"), Said::from("v1")]);
        assert_eq!((&*list.text, list.phrase.is_some()), ("deployed, v1", true));
    }
}
