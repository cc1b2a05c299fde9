//! nginx's regular expressions (PCRE, bytes) on engines that cannot hang.
//!
//! Patterns without look-around run in linear time on `regex`; those that need it run on `fancy-regex` with a
//! step limit. What neither can run *exactly* as PCRE would is refused at match time with a reason: the answer
//! then is unknown, never a guess.

mod class;
mod group;
mod translate;

use translate::{Engine, translate};

/// Steps a backtracking match may take.
const STEPS: usize = 200_000;

/// A compiled pattern.
#[derive(Debug, Clone)]
pub struct Pattern {
    matcher: Matcher,
    /// `$` of PCRE also matches before a last newline: subjects that end so are not decided here.
    dollar: bool,
    /// Names of the groups: (name, group).
    names: Vec<(String, usize)>,
    groups: usize,
}

#[derive(Debug, Clone)]
enum Matcher {
    Linear(Box<regex::bytes::Regex>),
    Backtracking(Box<fancy_regex::Regex>),
    Never(String),
}

/// What a match yields.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Match {
    /// It does not match.
    No,
    /// It matches: start and end of each group, group 0 first; trailing groups without part are cut off.
    Yes(Vec<Option<(usize, usize)>>),
    /// It cannot be said, and why.
    Cannot(String),
}

impl Pattern {
    /// Compiles `pattern`; the error says what PCRE would refuse.
    pub fn new(pattern: &[u8], caseless: bool) -> Result<Self, String> {
        let translated = translate(pattern)?;
        let matcher = match translated.engine {
            Engine::Linear => match regex::bytes::RegexBuilder::new(&translated.text)
                .unicode(false)
                .case_insensitive(caseless)
                .size_limit(4 << 20)
                .build()
            {
                Ok(regex) => Matcher::Linear(Box::new(regex)),
                Err(error) => Matcher::Never(format!("the pattern cannot be run: {error}")),
            },
            Engine::Backtracking => {
                let flags = if caseless { "(?i)" } else { "" };
                match fancy_regex::RegexBuilder::new(&format!("{flags}{}", translated.text))
                    .backtrack_limit(STEPS)
                    .build()
                {
                    Ok(regex) => Matcher::Backtracking(Box::new(regex)),
                    Err(error) => Matcher::Never(format!("the pattern cannot be run: {error}")),
                }
            }
            Engine::None(why) => Matcher::Never(why),
        };
        Ok(Self { matcher, dollar: translated.dollar, names: translated.names, groups: translated.groups })
    }

    /// Names of groups with their numbers.
    pub fn names(&self) -> &[(String, usize)] {
        &self.names
    }

    /// Number of groups, without the whole match.
    pub fn groups(&self) -> usize {
        self.groups
    }

    /// Matches, with groups.
    pub fn exec(&self, subject: &[u8]) -> Match {
        if self.dollar && subject.ends_with(b"\n") {
            return Match::Cannot("the subject ends in a newline".to_owned());
        }
        match &self.matcher {
            Matcher::Linear(regex) => {
                if self.groups == 0 {
                    return match regex.find(subject) {
                        Some(found) => Match::Yes(vec![Some((found.start(), found.end()))]),
                        None => Match::No,
                    };
                }
                let Some(captures) = regex.captures(subject) else { return Match::No };
                Match::Yes(trimmed(
                    captures.iter().map(|group| group.map(|g| (g.start(), g.end()))).collect(),
                ))
            }
            Matcher::Backtracking(regex) => {
                // this engine reads characters; on plain ASCII characters are bytes
                let Ok(ascii) = std::str::from_utf8(subject) else {
                    return Match::Cannot("the subject is not ASCII".to_owned());
                };
                if !ascii.is_ascii() {
                    return Match::Cannot("the subject is not ASCII".to_owned());
                }
                match regex.captures(ascii) {
                    Ok(Some(captures)) => Match::Yes(trimmed(
                        captures.iter().map(|group| group.map(|g| (g.start(), g.end()))).collect(),
                    )),
                    Ok(None) => Match::No,
                    Err(error) => Match::Cannot(format!("the match was given up: {error}")),
                }
            }
            Matcher::Never(why) => Match::Cannot(why.clone()),
        }
    }
}

fn trimmed(mut groups: Vec<Option<(usize, usize)>>) -> Vec<Option<(usize, usize)>> {
    while groups.last().is_some_and(Option::is_none) {
        groups.pop();
    }
    groups
}
