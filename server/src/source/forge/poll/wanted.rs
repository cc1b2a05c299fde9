//! Which repositories of a forge are looked at, and which of their pull requests are of interest.

use std::collections::{BTreeMap, BTreeSet};

use landfall_model::view::Snapshot;
use reqwest::Url;

use crate::config::{Forge, is_repository};

/// Repositories by path, or by number where a generator names a GitLab project so.
pub type Wanted = BTreeMap<String, Use>;

/// What of a repository is of interest.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Use {
    /// A request is that carries all labels of one of these; an empty set is carried by each.
    pub labels: BTreeSet<Vec<String>>,
    /// And those that have an Application.
    pub numbers: BTreeSet<u64>,
}

impl Use {
    /// Whether a request with these labels is of interest.
    pub fn wants(&self, labels: &[&str]) -> bool {
        let carries = |set: &Vec<String>| set.iter().all(|label| labels.contains(&label.as_str()));
        self.labels.iter().any(carries)
    }

    /// What two names of one repository want.
    pub fn and(&mut self, other: &Self) {
        self.labels.extend(other.labels.iter().cloned());
        self.numbers.extend(&other.numbers);
    }
}

/// Every repository of this forge that a generator or a pull request with an Application names, and those of the
/// configuration.
pub fn wanted(snapshot: &Snapshot, forge: &Forge) -> Wanted {
    let mut wanted: Wanted = forge.repositories.iter().map(|path| (path.clone(), Use::default())).collect();
    let gitlab = forge.kind == "gitlab";
    let is_named = |path: &str| {
        is_repository(path, gitlab)
            || (gitlab && !path.is_empty() && path.bytes().all(|b| b.is_ascii_digit()))
    };
    for one in snapshot.generators.iter() {
        if *one.provider == *forge.kind && is_named(&one.repository) && is_at(one.api.as_deref(), forge) {
            let of = wanted.entry(one.repository.to_string()).or_default();
            let sets = one.labels.iter().map(|set| set.iter().map(ToString::to_string).collect());
            of.labels.extend(sets);
        }
    }
    let source = forge.source();
    for pull in &snapshot.pulls {
        let (Some(repository), Some(number)) = (&pull.repository, pull.number) else { continue };
        let has_application = pull.previews.iter().any(|preview| preview.environment.is_some());
        let is_here = pull.forge.as_deref() == Some(&*source);
        if !has_application || !is_named(repository) || !(is_here || wanted.contains_key(&**repository)) {
            continue;
        }
        wanted.entry(repository.to_string()).or_default().numbers.insert(number);
    }
    wanted
}

/// Whether a generator's API is this forge's: by host and port, for each writes the path in its own way.
fn is_at(api: Option<&str>, forge: &Forge) -> bool {
    let public = match &*forge.kind {
        "github" => Some("https://github.com"),
        "gitlab" => Some("https://gitlab.com"),
        _ => None,
    };
    let place = |url: &str| {
        let url = Url::parse(url).ok()?;
        let host = url.host_str()?.to_lowercase();
        let host = match host.strip_prefix("api.") {
            Some(rest) if rest == "github.com" || rest.ends_with(".ghe.com") => rest.to_owned(),
            _ => host,
        };
        Some((host, url.port_or_known_default()))
    };
    let theirs = api.or(public).and_then(place);
    theirs.is_some() && theirs == place(&forge.url)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use landfall_model::{Text, view::Generates, words::ForgeKind};

    use super::*;

    fn generates(provider: &str, repository: &str, api: Option<&str>, labels: &[&[&str]]) -> Generates {
        Generates {
            provider: Text::from(provider),
            repository: Text::from(repository),
            api: api.map(Text::from),
            labels: labels.iter().map(|set| set.iter().map(|one| Text::from(*one)).collect()).collect(),
        }
    }

    #[test]
    fn what_generators_name_at_this_forge_and_what_is_configured() {
        let view = Snapshot {
            generators: Arc::new(vec![
                generates("github", "shop/web", None, &[&["preview"], &["preview", "big"]]),
                generates("github", "shop/api", Some("https://api.github.com/"), &[&[]]),
                generates("github", "shop/inner", Some("https://git.example/api/v3"), &[&[]]),
                generates("gitea", "shop/tea", Some("https://github.com"), &[&[]]),
                generates("github", "../etc", None, &[&[]]),
            ]),
            ..Snapshot::default()
        };
        let forge = Forge {
            repositories: vec!["shop/extra".into()],
            ..Forge::anonymous("github", ForgeKind::Github, "https://github.com")
        };
        let found = wanted(&view, &forge);
        assert_eq!(found.keys().collect::<Vec<_>>(), ["shop/api", "shop/extra", "shop/web"]);
        assert!(found["shop/web"].wants(&["x", "preview"]));
        assert!(!found["shop/web"].wants(&["big"]));
        assert!(found["shop/api"].wants(&[]));
        assert!(!found["shop/extra"].wants(&["preview"]));
        let inner = Forge::anonymous("inner", ForgeKind::Github, "https://git.example");
        assert_eq!(wanted(&view, &inner).keys().collect::<Vec<_>>(), ["shop/inner"]);
    }
}
