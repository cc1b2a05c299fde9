//! One line of the report.

use serde::Serialize;

/// How a check ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Outcome {
    Ok,
    /// Works, with a loss.
    Warn,
    Fail,
}

impl Outcome {
    /// Glyph and word: either may be lost.
    pub fn mark(self) -> (char, &'static str) {
        match self {
            Self::Ok => ('✓', "ok"),
            Self::Warn => ('!', "warn"),
            Self::Fail => ('✗', "fail"),
        }
    }
}

/// One check.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Check {
    /// `configuration`, `database`, or the source's name.
    pub about: String,
    pub what: String,
    pub outcome: Outcome,
    /// What was found.
    pub found: String,
    /// What to do; only where something can be done.
    pub mend: Option<String>,
}

impl Check {
    pub fn new(
        about: impl Into<String>,
        what: impl Into<String>,
        outcome: Outcome,
        found: impl Into<String>,
    ) -> Self {
        Self { about: about.into(), what: what.into(), outcome, found: found.into(), mend: None }
    }

    #[must_use]
    pub fn mend(mut self, mend: impl Into<String>) -> Self {
        self.mend = Some(mend.into());
        self
    }
}
