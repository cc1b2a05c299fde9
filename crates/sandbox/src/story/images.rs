//! The company's registry: what its workflow pushed, and when.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use jiff::civil::DateTime;

use super::unit::REGISTRY;
use crate::registry::{Dialect, Image, Registry};

/// What builds that can be repeated bit by bit give as their time.
const EPOCH: &str = "1970-01-01T00:00:00Z";

/// A tag came to point somewhere.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Push {
    /// When.
    pub at: Timestamp,
    /// With the registry's host.
    pub repository: String,
    /// The tag.
    pub tag: String,
    /// Where it points since then.
    pub digest: String,
}

/// The registry with the log of its pushes.
#[derive(Debug)]
pub(crate) struct Images {
    pub registry: Registry,
    pub log: Vec<Push>,
    /// Repositories, with the host, whose builds say no time of their own.
    pub timeless: BTreeSet<String>,
    digests: BTreeMap<String, String>,
}

impl Images {
    pub fn new() -> Self {
        Self {
            registry: Registry::new(Dialect::Harbor),
            log: Vec::new(),
            timeless: BTreeSet::new(),
            digests: BTreeMap::new(),
        }
    }

    /// The digest of an image; it is built and pushed now if it was not yet.
    pub fn built(&mut self, now: Timestamp, image: &str) -> String {
        match self.digests.get(image) {
            Some(digest) => digest.clone(),
            None => self.push(now, image, image, None),
        }
    }

    /// A build of some content is pushed as this image, over what was there.
    pub fn push(&mut self, now: Timestamp, image: &str, content: &str, created: Option<&str>) -> String {
        let (repository, tag) = split(image);
        let created = match created {
            Some(created) => created.to_owned(),
            None if self.timeless.contains(repository) => EPOCH.to_owned(),
            None => built_at(tag).filter(|built| *built <= now).unwrap_or(now).to_string(),
        };
        let mut build = Image::plain(content, &created);
        let service = repository.rsplit('/').next().unwrap_or_default();
        for platform in &mut build.platforms {
            let source = format!("https://git.hosting.example/hosting/{service}");
            platform.labels.insert("org.opencontainers.image.source".to_owned(), source);
        }
        let digest = self.registry.push(path(repository), tag, &build);
        self.note(now, image, digest)
    }

    /// The very bytes of another image are pushed as this one: a build that came out alike.
    pub fn push_again(&mut self, now: Timestamp, image: &str, like: &str) -> String {
        let digest = self.built(now, like);
        let (repository, tag) = split(image);
        self.registry.tag(path(repository), tag, &digest);
        self.note(now, image, digest)
    }

    fn note(&mut self, at: Timestamp, image: &str, digest: String) -> String {
        let (repository, tag) = split(image);
        self.digests.insert(image.to_owned(), digest.clone());
        let (repository, tag) = (repository.to_owned(), tag.to_owned());
        self.log.push(Push { at, repository, tag, digest: digest.clone() });
        digest
    }
}

/// Repository and tag.
pub(crate) fn split(image: &str) -> (&str, &str) {
    image.rsplit_once(':').unwrap_or((image, "latest"))
}

/// A repository's path in the registry.
pub(crate) fn path(repository: &str) -> &str {
    repository.strip_prefix(REGISTRY).and_then(|path| path.strip_prefix('/')).unwrap_or(repository)
}

/// The time that a tag of the company's workflow is named by; see [`super::unit::tag_at`].
fn built_at(tag: &str) -> Option<Timestamp> {
    let local = DateTime::strptime("%Y%m%d-%H%M%S", tag).ok()?;
    local.to_zoned(jiff::tz::TimeZone::fixed(jiff::tz::offset(9))).ok().map(|zoned| zoned.timestamp())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::story::unit::tag_at;

    #[test]
    fn a_tag_says_when_it_was_built_and_a_revert_says_the_same() {
        let now: Timestamp = "2026-11-24T05:05:12Z".parse().unwrap();
        assert_eq!(built_at(&tag_at(now)), Some(now));
        assert_eq!(built_at("a1f3c92"), None);
        let image = |tag: &str| format!("{REGISTRY}/team/web:{tag}");
        let mut images = Images::new();
        let first = images.built(now, &image("20261124-120000"));
        assert_eq!(images.built(now, &image("20261124-120000")), first, "once");
        let second = images.built(now, &image("20261124-130000"));
        let again = images.push_again(now, &image("20261124-140000"), &image("20261124-120000"));
        assert!(first == again && first != second);
        assert_eq!(images.registry.tags("team/web").len(), 3);
        assert_eq!(images.registry.created(&again).as_deref(), Some("2026-11-24T03:00:00Z"));
        assert_eq!(images.log.len(), 3);
    }
}
