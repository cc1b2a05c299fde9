//! What registries do each in their own way. Where a habit is not documented, it was reported by users of that registry.

use serde::{Deserialize, Serialize};

/// A registry with its habits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Dialect {
    /// The distribution project's: relative links, ETags, too large pages are refused.
    Distribution,
    /// Docker Hub: every tag where no page size is asked for; says how many pulls are left; unknown is 401.
    DockerHub,
    /// GitHub: a hundred tags per page; opaque tokens that do not say how long they last; unknown is 403.
    Ghcr,
    /// Quay: fifty tags per page, 413 for more than a hundred, an opaque mark of where to go on.
    Quay,
    /// Amazon: basic authentication; at most a thousand per page; an opaque mark; no order; no digest with GET.
    Ecr,
    /// Google: all tags always, whatever is asked; a page of HTML where there is no such reference.
    Gar,
    /// Harbor behind a proxy: links name a host that is not its own.
    Harbor,
    /// Azure: wants more than `pull` in a token's scope.
    Acr,
    /// Artifactory: no digest with HEAD.
    Artifactory,
}

/// How it wants to be signed in at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum SignIn {
    Basic,
    /// A token from this path of its own host.
    Token(&'static str),
}

impl Dialect {
    /// Every one.
    pub const ALL: [Self; 9] = [
        Self::Distribution,
        Self::DockerHub,
        Self::Ghcr,
        Self::Quay,
        Self::Ecr,
        Self::Gar,
        Self::Harbor,
        Self::Acr,
        Self::Artifactory,
    ];

    pub(super) const fn sign_in(self) -> SignIn {
        match self {
            Self::Distribution | Self::Ecr | Self::Artifactory => SignIn::Basic,
            Self::DockerHub | Self::Ghcr => SignIn::Token("/token"),
            Self::Quay => SignIn::Token("/v2/auth"),
            Self::Gar => SignIn::Token("/v2/token"),
            Self::Harbor => SignIn::Token("/service/token"),
            Self::Acr => SignIn::Token("/oauth2/token"),
        }
    }

    /// Tags in a page for `n`; `None`: all of them. An error is a status with a code.
    pub(super) const fn page(self, n: Option<usize>) -> Result<Option<usize>, (u16, &'static str)> {
        match (self, n) {
            (Self::Gar, _) => Ok(None),
            (Self::Distribution, Some(n)) if n > 1_000 => Err((400, "PAGINATION_NUMBER_INVALID")),
            (Self::Quay, Some(n)) if n > 100 => Err((413, "TOO_LARGE")),
            (Self::Ecr, Some(n)) if n > 1_000 => Err((405, "UNSUPPORTED")),
            (Self::Quay, None) => Ok(Some(50)),
            (Self::Ghcr | Self::Ecr | Self::Acr | Self::Harbor, None) => Ok(Some(100)),
            (_, n) => Ok(n),
        }
    }

    /// Where to go on is a mark that only it understands.
    pub(super) const fn marks_pages(self) -> bool {
        matches!(self, Self::Quay | Self::Ecr)
    }

    pub(super) const fn redirects_blobs(self) -> bool {
        matches!(self, Self::DockerHub | Self::Ghcr | Self::Quay | Self::Ecr | Self::Acr)
    }

    pub(super) const fn tells_digest(self, head: bool) -> bool {
        if head { !matches!(self, Self::Artifactory) } else { !matches!(self, Self::Ecr | Self::Artifactory) }
    }

    /// What a repository that is not there gives.
    pub(super) const fn unknown_repository(self) -> (u16, &'static str) {
        match self {
            Self::DockerHub => (401, "UNAUTHORIZED"),
            Self::Ghcr => (403, "DENIED"),
            _ => (404, "NAME_UNKNOWN"),
        }
    }
}
