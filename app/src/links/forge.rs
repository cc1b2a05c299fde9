//! Pages at a forge: repository, commit, comparison. Each kind of forge writes its addresses in its own way, so a commit is
//! linked only where the kind is known.

use super::External;
use crate::data::DeepLinks;

/// How a forge writes the addresses of its pages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Forge {
    GitHub,
    GitLab,
    /// Gitea and Forgejo.
    Gitea,
    /// Bitbucket Cloud.
    Bitbucket,
}

impl Forge {
    /// The kind with this name in the configuration.
    pub fn parse(text: &str) -> Option<Self> {
        Some(match text {
            "github" => Self::GitHub,
            "gitlab" => Self::GitLab,
            "gitea" | "forgejo" => Self::Gitea,
            "bitbucket" => Self::Bitbucket,
            _ => return None,
        })
    }

    /// The kind that a host's name tells: the public forges, and own ones named `gitlab.example` or the like.
    pub fn of_host(host: &str) -> Option<Self> {
        match host {
            "codeberg.org" => Some(Self::Gitea),
            "bitbucket.org" => Some(Self::Bitbucket),
            _ => Self::parse(host.split('.').next()?).filter(|kind| *kind != Self::Bitbucket),
        }
    }

    fn commit(self, base: &str, revision: &str) -> String {
        match self {
            Self::GitHub | Self::Gitea => format!("{base}/commit/{revision}"),
            Self::GitLab => format!("{base}/-/commit/{revision}"),
            Self::Bitbucket => format!("{base}/commits/{revision}"),
        }
    }

    fn compare(self, base: &str, from: &str, to: &str) -> String {
        match self {
            Self::GitHub | Self::Gitea => format!("{base}/compare/{from}...{to}"),
            Self::GitLab => format!("{base}/-/compare/{from}...{to}"),
            // The newer one stands first.
            Self::Bitbucket => format!("{base}/branches/compare/{to}%0D{from}"),
        }
    }
}

/// The forge's web page of a Git repository address: `https` as it is, `git@host:path` and `ssh://` rewritten.
pub fn repository(url: &str) -> Option<External> {
    let url = url.trim_end_matches('/');
    let url = url.strip_suffix(".git").unwrap_or(url);
    if let Some(rest) = url.strip_prefix("git@") {
        let (host, path) = rest.split_once(':')?;
        return External::parse(&format!("https://{host}/{path}"));
    }
    if let Some(rest) = url.strip_prefix("ssh://") {
        let (authority, path) = rest.split_once('/')?;
        let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
        let host = host.split(':').next()?;
        return External::parse(&format!("https://{host}/{path}"));
    }
    External::parse(url)
}

/// The repository's address of a pull or merge request's page.
pub fn repository_of_pull(url: &str) -> Option<String> {
    let (base, _number) = url.trim_end_matches('/').rsplit_once('/')?;
    let ends = ["/-/merge_requests", "/pull-requests", "/pulls", "/pull"];
    ends.iter().find_map(|end| base.strip_suffix(end)).map(str::to_owned)
}

/// Whether a revision is a full commit id, and so can be linked.
pub fn is_commit(revision: &str) -> bool {
    matches!(revision.len(), 40 | 64) && revision.bytes().all(|b| b.is_ascii_hexdigit())
}

/// The repository's page, and how its forge writes addresses: by the configuration, else by the host's name.
fn at_forge(links: &DeepLinks, repository_url: &str) -> Option<(External, Forge)> {
    let base = repository(repository_url)?;
    let host = base.as_str().split_once("://")?.1.split('/').next()?.to_ascii_lowercase();
    let name = host.split(':').next()?;
    let configured = links.forges.get(host.as_str()).or_else(|| links.forges.get(name)).copied();
    let forge = configured.or_else(|| Forge::of_host(name))?;
    Some((base, forge))
}

/// A commit at the forge.
pub fn commit(links: &DeepLinks, repository_url: &str, revision: &str) -> Option<External> {
    let (base, forge) = at_forge(links, repository_url).filter(|_| is_commit(revision))?;
    External::parse(&forge.commit(base.as_str(), revision))
}

/// What lies between two commits at the forge.
pub fn compare(links: &DeepLinks, repository_url: &str, from: &str, to: &str) -> Option<External> {
    let (base, forge) = at_forge(links, repository_url).filter(|_| is_commit(from) && is_commit(to))?;
    External::parse(&forge.compare(base.as_str(), from, to))
}

#[cfg(test)]
mod tests {
    use super::*;

    const A: &str = "4f1c2b3a4f1c2b3a4f1c2b3a4f1c2b3a4f1c2b3a";
    const B: &str = "00112233445566778899aabbccddeeff00112233";

    fn links() -> DeepLinks {
        let forges = [("git.example".into(), Forge::Gitea), ("code.example:8443".into(), Forge::GitLab)];
        DeepLinks { forges: forges.into(), ..DeepLinks::default() }
    }

    #[test]
    fn each_forge_has_its_own_addresses() {
        for (url, commit_page, compare_page) in [
            (
                "https://github.com/t/a.git",
                "https://github.com/t/a/commit/A",
                "https://github.com/t/a/compare/B...A",
            ),
            (
                "git@gitlab.com:t/s/a.git",
                "https://gitlab.com/t/s/a/-/commit/A",
                "https://gitlab.com/t/s/a/-/compare/B...A",
            ),
            (
                "https://gitlab.example/t/a/",
                "https://gitlab.example/t/a/-/commit/A",
                "https://gitlab.example/t/a/-/compare/B...A",
            ),
            (
                "https://codeberg.org/t/a",
                "https://codeberg.org/t/a/commit/A",
                "https://codeberg.org/t/a/compare/B...A",
            ),
            (
                "ssh://git@git.example:2222/t/a.git",
                "https://git.example/t/a/commit/A",
                "https://git.example/t/a/compare/B...A",
            ),
            (
                "https://code.example:8443/t/a",
                "https://code.example:8443/t/a/-/commit/A",
                "https://code.example:8443/t/a/-/compare/B...A",
            ),
            (
                "https://bitbucket.org/t/a",
                "https://bitbucket.org/t/a/commits/A",
                "https://bitbucket.org/t/a/branches/compare/A%0DB",
            ),
        ] {
            let whole = |page: &str| page.replace('A', A).replace('B', B);
            let text = |link: Option<External>| link.map(|l| l.as_str().to_owned());
            assert_eq!(text(commit(&links(), url, A)), Some(whole(commit_page)), "{url}");
            assert_eq!(text(compare(&links(), url, B, A)), Some(whole(compare_page)), "{url}");
        }
    }

    #[test]
    fn a_pull_request_s_page_tells_its_repository() {
        for (page, repository) in [
            ("https://github.com/t/a/pull/7", Some("https://github.com/t/a")),
            ("https://gitlab.example/t/s/a/-/merge_requests/7", Some("https://gitlab.example/t/s/a")),
            ("https://git.example/t/a/pulls/7/", Some("https://git.example/t/a")),
            ("https://git.example/t/a/7", None),
            ("", None),
        ] {
            assert_eq!(repository_of_pull(page).as_deref(), repository, "{page}");
        }
    }

    #[test]
    fn what_is_not_known_is_not_linked() {
        for (url, revision) in [
            ("https://github.com/t/a", "main"),
            ("https://unknown.example/t/a", A),
            ("javascript:alert(1)//github.com/t/a", A),
            ("https://charts.example", A),
            ("git@github.com\"><script>:t/a", A),
        ] {
            assert_eq!(commit(&links(), url, revision), None, "{url}");
        }
    }
}
