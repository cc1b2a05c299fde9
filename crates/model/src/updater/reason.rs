//! Why a tag is left out: the rule, and the same in words.

use serde::{Serialize, Serializer};

use crate::{phrase::Said, said};

/// The rule that left a tag out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Why {
    AllowTags,
    IgnoreTags,
    Digest,
    Platform,
    Created,
    Semver,
    Constraint,
    Prerelease,
}

impl Why {
    /// As it is spelled in JSON.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::AllowTags => "allow-tags",
            Self::IgnoreTags => "ignore-tags",
            Self::Digest => "digest",
            Self::Platform => "platform",
            Self::Created => "created",
            Self::Semver => "semver",
            Self::Constraint => "constraint",
            Self::Prerelease => "prerelease",
        }
    }
}

/// What was wrong with a tag. Its words are put together only where somebody reads them: a policy is run over every tag
/// of a fleet again and again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reason {
    NothingAllowed { because: Said },
    NotAllowed,
    Ignored { pattern: String },
    NotFollowed { followed: String },
    OtherPlatform { has: Vec<String>, wanted: Vec<String> },
    Undated,
    BadDate { text: String },
    NoVersion,
    Prerelease,
    PrereleaseNotLetIn { constraint: String },
    DoesNotFit { constraint: String },
}

impl Reason {
    /// The rule that it belongs to.
    #[must_use]
    pub const fn rule(&self) -> Why {
        match self {
            Self::NothingAllowed { .. } | Self::NotAllowed => Why::AllowTags,
            Self::Ignored { .. } => Why::IgnoreTags,
            Self::NotFollowed { .. } => Why::Digest,
            Self::OtherPlatform { .. } => Why::Platform,
            Self::Undated | Self::BadDate { .. } => Why::Created,
            Self::NoVersion => Why::Semver,
            Self::Prerelease => Why::Prerelease,
            Self::PrereleaseNotLetIn { .. } | Self::DoesNotFit { .. } => Why::Constraint,
        }
    }

    /// In words, which go on behind the tag.
    #[must_use]
    pub fn said(&self) -> Said {
        let quoted = |text: &String| format!("{text:?}");
        match self {
            Self::NothingAllowed { because } => {
                said!("left-out-all", "allow-tags lets no tag pass: {because}", because = because)
            }
            Self::NotAllowed => said!("left-out-allow", "does not match allow-tags"),
            Self::Ignored { pattern } => {
                said!("left-out-ignore", "matches {pattern} of ignore-tags", pattern = quoted(pattern))
            }
            Self::NotFollowed { followed } => {
                said!("left-out-digest", "strategy digest follows {tag} only", tag = quoted(followed))
            }
            Self::OtherPlatform { has, wanted } => said!(
                "left-out-platform",
                "is built for {has}, not for {wanted}",
                has = has.join(", "),
                wanted = wanted.join(", ")
            ),
            Self::Undated => said!("left-out-undated", "its config has no created"),
            Self::BadDate { text } => {
                said!("left-out-date", "created of its config is no time: {text}", text = quoted(text))
            }
            Self::NoVersion => said!("left-out-semver", "is no semantic version"),
            Self::Prerelease => said!("left-out-prerelease", "is a pre-release"),
            Self::PrereleaseNotLetIn { constraint } => said!(
                "left-out-prerelease-constraint",
                "is a pre-release that {constraint} does not let in",
                constraint = quoted(constraint)
            ),
            Self::DoesNotFit { constraint } => {
                said!("left-out-constraint", "does not fit {constraint}", constraint = quoted(constraint))
            }
        }
    }
}

/// The English words.
impl Serialize for Reason {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(&self.said().text)
    }
}
