//! The strategies by name, old names and any case included.

use std::fmt;

use serde::Serialize;

/// How tags are ordered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Strategy {
    /// By semantic version; tags that are none are left out.
    Semver,
    /// By the date in the image's config, then by name.
    NewestBuild,
    /// By name, byte by byte.
    Alphabetical,
    /// One tag only, the one that the constraint names; its digest is followed.
    Digest,
}

/// A name that the program takes with a warning.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum OddName {
    /// An old name.
    Deprecated { name: String, now: Strategy },
    /// No strategy has this name: the program goes on with `semver`.
    Unknown { name: String },
}

impl Strategy {
    /// Takes any name, as the program does.
    #[must_use]
    pub fn from_name(name: &str) -> (Self, Option<OddName>) {
        let old = |now| (now, Some(OddName::Deprecated { name: name.to_owned(), now }));
        match name.to_lowercase().as_str() {
            "semver" => (Self::Semver, None),
            "newest-build" => (Self::NewestBuild, None),
            "alphabetical" => (Self::Alphabetical, None),
            "digest" => (Self::Digest, None),
            "latest" => old(Self::NewestBuild),
            "name" => old(Self::Alphabetical),
            _ => (Self::Semver, Some(OddName::Unknown { name: name.to_owned() })),
        }
    }

    /// Its name today.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Semver => "semver",
            Self::NewestBuild => "newest-build",
            Self::Alphabetical => "alphabetical",
            Self::Digest => "digest",
        }
    }

    /// Whether manifest and config are read for each tag: then date and platform decide, and a tag without
    /// them is left out.
    #[must_use]
    pub const fn reads_dates(self) -> bool {
        matches!(self, Self::NewestBuild)
    }
}

impl fmt::Display for Strategy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Display for OddName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Deprecated { name, now } => write!(f, "strategy {name:?} is an old name of {now}"),
            Self::Unknown { name } => {
                write!(f, "no strategy is called {name:?}; Image Updater goes on with semver")
            }
        }
    }
}
