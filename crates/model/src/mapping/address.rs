//! Addresses of Git repositories: `https://forge.example/group/project.git`, `ssh://git@host:2222/a/b`, `git@host:a/b`, and a
//! bare `a/b`.

/// Where a repository lies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Address {
    /// In lower case, with its port; of `ssh` without, for a forge's pages stand on another one. `None`: not told.
    pub host: Option<String>,
    /// Without `.git`, slashes at its ends, query and fragment; may be empty.
    pub path: String,
}

impl Address {
    /// Reads any of them.
    #[must_use]
    pub fn read(text: &str) -> Self {
        let scp = || text.split_once(':').filter(|(authority, _)| authority.contains('@'));
        let (authority, path, has_port) = match text.split_once("://") {
            Some((scheme, rest)) => {
                let (authority, path) = rest.split_once('/').unwrap_or((rest, ""));
                (Some(authority), path, !scheme.ends_with("ssh"))
            }
            None => match scp() {
                Some((authority, path)) => (Some(authority), path, true),
                None => (None, text, true),
            },
        };
        let host = authority.map(|authority| {
            let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
            let host = if has_port { host } else { host.split(':').next().unwrap_or(host) };
            host.to_ascii_lowercase()
        });
        let path = path.split(['?', '#']).next().unwrap_or_default().trim_matches('/');
        Self { host, path: path.strip_suffix(".git").unwrap_or(path).to_owned() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_way_to_write_one() {
        for text in [
            "https://git.example/a/b",
            "https://me@GIT.example/a/b.git/",
            "git@git.example:a/b.git",
            "ssh://git@git.example:2222/a/b.git",
            "git+ssh://git@git.example/a/b",
            "https://git.example/a/b?x#y",
        ] {
            let read = Address::read(text);
            assert_eq!((read.host.as_deref(), &*read.path), (Some("git.example"), "a/b"), "{text}");
        }
        for (text, host, path) in [
            ("https://git.example:8443/x/a", Some("git.example:8443"), "x/a"),
            ("https://git.example", Some("git.example"), ""),
            ("a/b", None, "a/b"),
            ("", None, ""),
        ] {
            let read = Address::read(text);
            assert_eq!((read.host.as_deref(), &*read.path), (host, path), "{text}");
        }
    }
}
