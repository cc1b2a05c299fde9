//! Constraints as `Masterminds/semver` reads them.
//!
//! ```text
//! constraint = and *( "||" and )
//! and        = one *( ( spaces / "," ) one )            several: all have to hold
//! one        = [ operator ] version                     "x", "X", "*" or nothing for a number: any
//! range      = version " - " version                    the same as ">= first, <= second"
//! ```
//!
//! Pre-releases are left out unless one of the versions of the same `and` names one.

use std::{fmt, sync::LazyLock};

use regex::Regex;

use super::version::{Version, compare_pre};

const SPACE: &str = r"[\t\n\f\r ]";
/// Longer ones are not missed by a shorter one in front: what follows has to fit too.
const OPERATOR: &str = r"=||!=|>|<|>=|=>|<=|=<|~|~>|\^";
/// The class of a number also holds `|`, as the library's does: `1|2` fits here and is refused as a number.
const VERSION: &str = concat!(
    r"v?([0-9|xX*]+)(\.[0-9|xX*]+)?(\.[0-9|xX*]+)?",
    r"(-([0-9A-Za-z-]+(\.[0-9A-Za-z-]+)*))?",
    r"(\+([0-9A-Za-z-]+(\.[0-9A-Za-z-]+)*))?",
);

struct Grammar {
    one: Regex,
    each: Regex,
    all: Regex,
    range: Regex,
}

/// `None` cannot happen: the patterns are constants, and a test compiles them.
static GRAMMAR: LazyLock<Option<Grammar>> = LazyLock::new(|| {
    let part = format!("({OPERATOR}){SPACE}*({VERSION})");
    Some(Grammar {
        one: Regex::new(&format!("^{SPACE}*{part}{SPACE}*$")).ok()?,
        each: Regex::new(&part).ok()?,
        all: Regex::new(&format!("^({SPACE}*{part}{SPACE}*)((?:{SPACE}+|,{SPACE}*){part}{SPACE}*)*$"))
            .ok()?,
        range: Regex::new(&format!("{SPACE}*({VERSION}){SPACE}+-{SPACE}+({VERSION}){SPACE}*")).ok()?,
    })
});

/// A constraint that can be checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Constraint {
    /// One of these has to hold.
    any: Vec<All>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct All {
    parts: Vec<Part>,
    /// One of the parts names a pre-release: such are looked at.
    with_prereleases: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Part {
    operator: Operator,
    version: Version,
    open: Open,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Operator {
    Same,
    Not,
    Above,
    Below,
    AtLeast,
    AtMost,
    Tilde,
    Caret,
}

/// The first number that is left open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Open {
    Nothing,
    Patch,
    Minor,
    Major,
}

/// What the library says of a text that is no constraint.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ImproperConstraint {
    /// It does not fit the grammar; holds the part that does not.
    Grammar(String),
    /// It fits, but a number in it is none.
    Number,
}

impl fmt::Display for ImproperConstraint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Grammar(part) => write!(f, "improper constraint: {part}"),
            Self::Number => f.write_str("constraint parser error"),
        }
    }
}

impl std::error::Error for ImproperConstraint {}

impl Constraint {
    /// Reads a constraint.
    ///
    /// # Errors
    ///
    /// What the library would refuse.
    pub fn parse(text: &str) -> Result<Self, ImproperConstraint> {
        let Some(grammar) = GRAMMAR.as_ref() else { return Err(ImproperConstraint::Number) };
        let text = grammar.without_ranges(text);
        let any = text.split("||").map(|all| grammar.all(all)).collect::<Result<_, _>>()?;
        Ok(Self { any })
    }

    /// Whether a version fits.
    #[must_use]
    pub fn allows(&self, version: &Version) -> bool {
        self.any.iter().any(|all| {
            (all.with_prereleases || !version.is_prerelease())
                && all.parts.iter().all(|part| part.allows(version))
        })
    }
}

impl Grammar {
    /// Each range as two comparisons.
    fn without_ranges(&self, text: &str) -> String {
        let mut out = text.to_owned();
        for found in self.range.captures_iter(text) {
            let group = |n| found.get(n).map_or("", |m| m.as_str());
            out = out.replacen(group(0), &format!(">= {}, <= {} ", group(1), group(11)), 1);
        }
        out
    }

    fn all(&self, text: &str) -> Result<All, ImproperConstraint> {
        if !self.all.is_match(text) {
            return Err(ImproperConstraint::Grammar(text.to_owned()));
        }
        let parts: Vec<Part> =
            self.each.find_iter(text).map(|m| self.one(m.as_str())).collect::<Result<_, _>>()?;
        let with_prereleases = parts.iter().any(|part| part.version.is_prerelease());
        Ok(All { parts, with_prereleases })
    }

    fn one(&self, text: &str) -> Result<Part, ImproperConstraint> {
        let Some(found) = self.one.captures(text) else {
            return Err(ImproperConstraint::Grammar(text.to_owned()));
        };
        let group = |n| found.get(n).map_or("", |m| m.as_str());
        let (major, minor, patch, pre) = (group(3), group(4), group(5), group(6));
        let is_open = |number: &str| matches!(number.trim_start_matches('.'), "" | "x" | "X" | "*");
        let (open, version) = if is_open(major) {
            (Open::Major, format!("0.0.0{pre}"))
        } else if is_open(minor) {
            (Open::Minor, format!("{major}.0.0{pre}"))
        } else if is_open(patch) {
            (Open::Patch, format!("{major}{minor}.0{pre}"))
        } else {
            (Open::Nothing, group(2).to_owned())
        };
        let version = Version::parse(&version).ok_or(ImproperConstraint::Number)?;
        let operator = match group(1) {
            "!=" => Operator::Not,
            ">" => Operator::Above,
            "<" => Operator::Below,
            ">=" | "=>" => Operator::AtLeast,
            "<=" | "=<" => Operator::AtMost,
            "~" | "~>" => Operator::Tilde,
            "^" => Operator::Caret,
            _ => Operator::Same,
        };
        Ok(Part { operator, version, open })
    }
}

impl Part {
    fn allows(&self, version: &Version) -> bool {
        let ours = &self.version;
        match self.operator {
            Operator::Same if self.open == Open::Nothing => version == ours || version.cmp(ours).is_eq(),
            Operator::Same | Operator::Tilde => self.tilde(version),
            Operator::Not => self.not(version),
            Operator::Above => match self.open {
                Open::Nothing | Open::Major => version > ours,
                Open::Minor => version.major > ours.major,
                Open::Patch => (version.major, version.minor) > (ours.major, ours.minor),
            },
            Operator::Below => version < ours,
            Operator::AtLeast => version >= ours,
            Operator::AtMost => match self.open {
                Open::Nothing => version <= ours,
                Open::Minor => version.major <= ours.major,
                Open::Patch | Open::Major => (version.major, version.minor) <= (ours.major, ours.minor),
            },
            Operator::Caret => self.caret(version),
        }
    }

    /// `~1.2`: the same minor; `~1`: the same major; `~*`: any. `~0.0.0` also lets everything pass.
    fn tilde(&self, version: &Version) -> bool {
        let ours = &self.version;
        let zero = ours.major == 0 && ours.minor == 0 && ours.patch == 0;
        if version < ours {
            return false;
        }
        (zero && !matches!(self.open, Open::Minor | Open::Patch))
            || (version.major == ours.major && (self.open == Open::Minor || version.minor == ours.minor))
    }

    /// `^1.2`: the same major; below 1.0 the same minor; below 0.1 the same patch.
    fn caret(&self, version: &Version) -> bool {
        let ours = &self.version;
        if version < ours || version.major != ours.major {
            return false;
        }
        if ours.major > 0 || self.open == Open::Minor {
            return true;
        }
        version.minor == ours.minor
            && (ours.minor > 0 || self.open == Open::Patch || version.patch == ours.patch)
    }

    fn not(&self, version: &Version) -> bool {
        let ours = &self.version;
        match self.open {
            Open::Minor => version.major != ours.major,
            Open::Patch => {
                (version.major, version.minor) != (ours.major, ours.minor)
                    || compare_pre(&version.pre, &ours.pre).is_ne()
            }
            // `!=*` compares with 0.0.0.
            Open::Nothing | Open::Major => version.cmp(ours).is_ne(),
        }
    }
}
