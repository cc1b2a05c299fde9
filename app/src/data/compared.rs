//! Two images of one repository beside each other.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

/// Label of the commit that an image was built from, and of the repository that holds it.
const REVISION: &str = "org.opencontainers.image.revision";
const SOURCE: &str = "org.opencontainers.image.source";

/// Two images.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Compared {
    pub from: ComparedImage,
    pub to: ComparedImage,
}

/// One of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ComparedImage {
    /// Tag or digest, as it was asked for.
    pub asked: String,
    /// `None`: no such image was seen.
    pub image: Option<Image>,
}

/// What one image is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Image {
    pub digest: String,
    /// Under which it was seen, the newest first.
    pub tags: Vec<String>,
    pub first_seen: Option<Timestamp>,
    /// Of an index one a platform; none where nothing of it was read.
    pub parts: Vec<ImagePart>,
}

/// One platform of an image.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ImagePart {
    pub platform: Option<String>,
    pub config: Option<String>,
    /// As its configuration has it; may be no time at all.
    pub created: Option<String>,
    pub labels: Vec<(String, String)>,
    /// As they travel.
    pub bytes: Option<u64>,
    /// Beginnings of digests with bytes, from the bottom up; `None`: not read.
    pub layers: Option<Vec<(String, u64)>>,
}

/// How many layers one platform of an image has, and how much of that the other image lacks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Layers<'a> {
    pub platform: &'a str,
    pub all: usize,
    /// `None`: the other is not known.
    pub own: Option<OwnLayers>,
}

/// Layers that only one of two images has.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct OwnLayers {
    pub count: usize,
    pub bytes: u64,
}

/// What two images have in common.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Likeness {
    /// The same digest.
    Same,
    /// Other digests, the same configurations: the same content, built again.
    BuiltAlike,
    Different,
    /// One was not read.
    Unknown,
}

impl Compared {
    /// What the two have in common; `None` where one was never seen.
    #[must_use]
    pub fn likeness(&self) -> Option<Likeness> {
        let (from, to) = (self.from.image.as_ref()?, self.to.image.as_ref()?);
        if from.digest == to.digest {
            return Some(Likeness::Same);
        }
        Some(match (from.configs(), to.configs()) {
            (Some(from), Some(to)) if from == to => Likeness::BuiltAlike,
            (Some(_), Some(_)) => Likeness::Different,
            _ => Likeness::Unknown,
        })
    }

    /// The names of all labels, each once.
    #[must_use]
    pub fn labels(&self) -> BTreeSet<&str> {
        let images = self.from.image.iter().chain(&self.to.image);
        images.flat_map(Image::labels).map(|(name, _)| name).collect()
    }

    /// Repository at the forge and the two commits, where both images say that they are of the same.
    #[must_use]
    pub fn commits(&self) -> Option<(&str, &str, &str)> {
        let (from, to) = (self.from.image.as_ref()?, self.to.image.as_ref()?);
        let source = to.label(SOURCE)?;
        let is_same = from.label(SOURCE) == Some(source);
        let (from, to) = (from.label(REVISION)?, to.label(REVISION)?);
        (is_same && from != to).then_some((source, from, to))
    }
}

impl Image {
    /// Digests of the configurations; `None` where one is not known.
    fn configs(&self) -> Option<BTreeSet<&str>> {
        let configs: Option<BTreeSet<&str>> = self.parts.iter().map(|part| part.config.as_deref()).collect();
        configs.filter(|configs| !configs.is_empty())
    }

    fn labels(&self) -> impl Iterator<Item = (&str, &str)> {
        self.parts.iter().flat_map(|part| &part.labels).map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// A label's value, that of the first platform which has it.
    #[must_use]
    pub fn label(&self, name: &str) -> Option<&str> {
        self.labels().find(|(known, _)| *known == name).map(|(_, value)| value)
    }

    /// Its layers by platform, against those of `other` for the same platform.
    #[must_use]
    pub fn layers<'a>(&'a self, other: Option<&Self>) -> Vec<Layers<'a>> {
        let told = self.parts.iter().filter_map(|part| {
            let layers = part.layers.as_deref()?;
            let twin = other.and_then(|it| it.parts.iter().find(|twin| twin.platform == part.platform));
            let theirs = twin.and_then(|twin| twin.layers.as_deref());
            let own = theirs.map(|theirs| {
                let only = layers.iter().filter(|layer| !theirs.contains(layer));
                only.fold(OwnLayers::default(), |sum, (_, bytes)| OwnLayers {
                    count: sum.count + 1,
                    bytes: sum.bytes.saturating_add(*bytes),
                })
            });
            Some(Layers { platform: part.platform.as_deref().unwrap_or(""), all: layers.len(), own })
        });
        told.collect()
    }

    /// Bytes by platform.
    #[must_use]
    pub fn sizes(&self) -> BTreeMap<&str, u64> {
        let size = |part: &'_ ImagePart| part.bytes;
        self.parts
            .iter()
            .filter_map(|part| Some((part.platform.as_deref().unwrap_or(""), size(part)?)))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn image(digest: &str, config: Option<&str>, labels: &[(&str, &str)]) -> Image {
        let part = ImagePart {
            config: config.map(str::to_owned),
            labels: labels.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect(),
            ..ImagePart::default()
        };
        Image { digest: digest.to_owned(), parts: vec![part], ..Image::default() }
    }

    fn compared(from: impl Into<Option<Image>>, to: impl Into<Option<Image>>) -> Compared {
        let side = |image| ComparedImage { asked: "x".into(), image };
        Compared { from: side(from.into()), to: side(to.into()) }
    }

    #[test]
    fn what_is_alike_is_told_by_configurations() {
        let like = |from: &Image, to: Image| compared(from.clone(), to).likeness();
        let (a, b) = (image("A", Some("c"), &[]), image("B", Some("c"), &[]));
        assert_eq!(like(&a, a.clone()), Some(Likeness::Same));
        assert_eq!(like(&a, b), Some(Likeness::BuiltAlike));
        assert_eq!(like(&a, image("B", Some("d"), &[])), Some(Likeness::Different));
        assert_eq!(like(&a, image("B", None, &[])), Some(Likeness::Unknown));
        assert_eq!(compared(a, None).likeness(), None);
    }

    #[test]
    fn layers_are_told_against_the_same_platform() {
        let part = |platform: &str, layers: Option<&[(&str, u64)]>| ImagePart {
            platform: Some(platform.into()),
            layers: layers.map(|all| all.iter().map(|(digest, bytes)| ((*digest).into(), *bytes)).collect()),
            ..ImagePart::default()
        };
        let of = |parts| Image { parts, ..Image::default() };
        let a =
            of(vec![part("amd64", Some(&[("base", 90), ("a", 5)])), part("arm64", Some(&[("base", 80)]))]);
        let b = of(vec![part("amd64", Some(&[("base", 90), ("b", 6), ("c", 1)])), part("arm64", None)]);
        let told = |it: &Image, other: Option<&Image>| {
            let each = it.layers(other).into_iter();
            each.map(|it| (it.platform.to_owned(), it.all, it.own.map(|own| (own.count, own.bytes))))
                .collect()
        };
        let all: Vec<_> = told(&a, Some(&b));
        assert_eq!(all, [("amd64".to_owned(), 2, Some((1, 5))), ("arm64".to_owned(), 1, None)]);
        let all: Vec<_> = told(&b, Some(&a));
        assert_eq!(all, [("amd64".to_owned(), 3, Some((2, 7)))]);
        let all: Vec<_> = told(&a, None);
        assert_eq!(all[0], ("amd64".to_owned(), 2, None));
    }

    #[test]
    fn commits_are_compared_within_one_repository_only() {
        let of = |source, revision| image(revision, None, &[(SOURCE, source), (REVISION, revision)]);
        let here = "https://forge.example/a";
        assert_eq!(compared(of(here, "1"), of(here, "2")).commits(), Some((here, "1", "2")));
        assert_eq!(compared(of(here, "1"), of(here, "1")).commits(), None, "nothing lies between");
        assert_eq!(compared(of("https://forge.example/b", "1"), of(here, "2")).commits(), None);
        let names: Vec<_> = compared(of(here, "1"), None).labels().into_iter().map(str::to_owned).collect();
        assert_eq!(names, [REVISION, SOURCE]);
    }
}
