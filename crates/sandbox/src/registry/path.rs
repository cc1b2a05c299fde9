//! The paths of the protocol that a reader has business with.

/// What a path asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Asked {
    Ping,
    Token,
    List(String),
    Manifest(String, String),
    Blob(String, String),
    /// When tags were pushed, by the registry's own interface.
    Times(String),
    /// Nothing that a reader asks for.
    Unknown,
}

/// `token` is the path at which tokens are handed out.
pub(super) fn parse(path: &str, token: Option<&str>) -> Asked {
    if token == Some(path) {
        return Asked::Token;
    }
    let Some(rest) = path.strip_prefix("/v2/") else { return Asked::Unknown };
    if rest.is_empty() {
        return Asked::Ping;
    }
    if let Some(name) = rest.strip_suffix("/tags/list") {
        return Asked::List(name.to_owned());
    }
    let cut = |part: &str| {
        let (name, reference) = rest.rsplit_once(part)?;
        (!name.is_empty() && !reference.is_empty() && !reference.contains('/'))
            .then(|| (name.to_owned(), reference.to_owned()))
    };
    if let Some((name, reference)) = cut("/manifests/") {
        return Asked::Manifest(name, reference);
    }
    cut("/blobs/").map_or(Asked::Unknown, |(name, digest)| Asked::Blob(name, digest))
}

impl Asked {
    pub fn sort(&self, head: bool) -> &'static str {
        match self {
            Self::Ping => "ping",
            Self::Token => "token",
            Self::List(_) => "list",
            Self::Manifest(..) if head => "head",
            Self::Manifest(..) => "manifest",
            Self::Blob(..) => "blob",
            Self::Times(_) => "times",
            Self::Unknown => "other",
        }
    }

    pub fn repository(&self) -> &str {
        match self {
            Self::List(name) | Self::Manifest(name, _) | Self::Blob(name, _) | Self::Times(name) => name,
            _ => "",
        }
    }
}
