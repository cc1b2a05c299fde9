//! Image overrides of a source: Kustomize's `name=new:tag@digest`, and pairs of Helm parameters.

use std::collections::BTreeMap;

use super::{ImageRef, is_digest};

/// A Kustomize override: `[name=]new[:tag][@digest]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImageOverride {
    /// The name in the manifests that it replaces, as written there.
    pub name: String,
    /// What stands there instead. Its tag or digest is `None` where the override leaves it alone.
    pub image: ImageRef,
}

impl ImageOverride {
    /// Reads one entry of `kustomize.images`; `None` if it names no image.
    pub fn parse(text: &str) -> Option<Self> {
        let (name, new) = match text.split_once('=') {
            Some((name, new)) => (name, new),
            None => (bare_name(text), text),
        };
        // `name=:tag` and `name=@digest` keep the name.
        let image = if new.starts_with([':', '@']) { format!("{name}{new}").parse() } else { new.parse() };
        (!name.is_empty()).then_some(())?;
        Some(Self { name: name.to_owned(), image: image.ok()? })
    }
}

fn bare_name(text: &str) -> &str {
    let name = text.split_once('@').map_or(text, |(name, _)| name);
    let path = name.rfind('/').map_or(0, |at| at + 1);
    name[path..].rfind(':').map_or(name, |at| &name[..path + at])
}

/// What a Helm parameter says about an image.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Part {
    Registry,
    Repository,
    Tag,
    Digest,
    /// A whole reference, or just its name.
    Whole,
}

/// Whether a Helm parameter of this name says which image runs: `image.name`, `image.tag`, `web.image.repository`,
/// `imageTag`, `image`. Argo CD Image Updater writes the first two unless told otherwise. A list of names to allow,
/// since other parameters hold passwords.
pub fn names_an_image(parameter: &str) -> bool {
    part(parameter).is_some()
}

/// The images that Helm parameters (`name=value`) name, one per group: `image.repository` and `image.tag` belong
/// together, `worker.image.tag` does not. A tag whose repository no parameter names is not an image.
pub fn helm_image<'a>(parameters: impl IntoIterator<Item = &'a str>) -> Vec<ImageRef> {
    let mut groups: BTreeMap<String, BTreeMap<Part, &'a str>> = BTreeMap::new();
    for parameter in parameters {
        let Some((name, value)) = parameter.split_once('=') else { continue };
        let Some((group, part)) = part(name).filter(|_| !value.is_empty()) else { continue };
        groups.entry(group).or_default().insert(part, value);
    }
    groups.values().filter_map(image_of).collect()
}

fn image_of(parts: &BTreeMap<Part, &str>) -> Option<ImageRef> {
    let get = |part| parts.get(&part).copied();
    let whole = get(Part::Whole).and_then(|whole| whole.parse::<ImageRef>().ok());
    // A whole reference wins over its parts, as in Argo CD Image Updater.
    if let Some(image) = whole.as_ref().filter(|image| image.tag.is_some() || image.digest.is_some()) {
        return Some(image.clone());
    }
    let name = get(Part::Repository).or_else(|| get(Part::Whole))?;
    let mut text = match get(Part::Registry) {
        Some(registry) => format!("{registry}/{name}"),
        None => name.to_owned(),
    };
    match get(Part::Tag) {
        // The Image Updater's digest strategy writes `tag@sha256:…` or a digest alone where a tag belongs.
        Some(tag) if is_digest(tag) => text = format!("{text}@{tag}"),
        Some(tag) => text = format!("{text}:{tag}"),
        None => {}
    }
    if let Some(digest) = get(Part::Digest).filter(|_| !text.contains('@')) {
        text = format!("{text}@{digest}");
    }
    text.parse().ok()
}

/// Group and part of a parameter's name.
fn part(parameter: &str) -> Option<(String, Part)> {
    const PARTS: [(&str, Part); 6] = [
        ("tag", Part::Tag),
        ("repository", Part::Repository),
        ("name", Part::Repository),
        ("registry", Part::Registry),
        ("digest", Part::Digest),
        ("spec", Part::Whole),
    ];
    const NEVER: [&str; 6] = ["secret", "password", "token", "credential", "auth", "key"];
    let name = parameter.to_ascii_lowercase();
    if NEVER.iter().any(|word| name.contains(word)) {
        return None;
    }
    if name == "tag" {
        return Some(("image".to_owned(), Part::Tag));
    }
    if name.ends_with("image") {
        return Some((name, Part::Whole));
    }
    let (suffix, part) = PARTS.into_iter().find(|(suffix, _)| name.ends_with(suffix))?;
    let head = name[..name.len() - suffix.len()].trim_end_matches(['_', '-']);
    match head.strip_suffix('.') {
        // `image.tag`, `images.web.tag`
        Some(group) => {
            group.split('.').any(|segment| segment.contains("image")).then(|| (group.to_owned(), part))
        }
        // `imageTag`, `web.image_tag`
        None => head.ends_with("image").then(|| (head.to_owned(), part)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_kustomize_overrides() {
        let digest = format!("sha256:{}", "0a".repeat(32));
        for (text, name, image) in [
            ("shop/web:1", "shop/web", "docker.io/shop/web:1".to_owned()),
            (
                "127.0.0.1:5000/iu/newest:b7c2",
                "127.0.0.1:5000/iu/newest",
                "127.0.0.1:5000/iu/newest:b7c2".to_owned(),
            ),
            ("web=registry.example/shop/web:2", "web", "registry.example/shop/web:2".to_owned()),
            ("web=registry.example/shop/web", "web", "registry.example/shop/web".to_owned()),
            ("web=:3", "web", "docker.io/library/web:3".to_owned()),
            (&format!("h:1/a:main@{digest}"), "h:1/a", format!("h:1/a:main@{digest}")),
            (&format!("web=@{digest}"), "web", format!("docker.io/library/web@{digest}")),
        ] {
            let parsed = ImageOverride::parse(text).unwrap_or_else(|| panic!("{text}"));
            assert_eq!((&*parsed.name, parsed.image.to_string()), (name, image), "{text}");
        }
        for text in ["", "=x", "web=", "web=A B", "Web:1", "a=b=c"] {
            assert_eq!(ImageOverride::parse(text), None, "{text}");
        }
    }

    #[test]
    fn joins_helm_parameters_of_one_group() {
        let digest = format!("sha256:{}", "0a".repeat(32));
        let images = |parameters: &[&str]| -> Vec<String> {
            helm_image(parameters.iter().copied()).iter().map(ToString::to_string).collect()
        };
        assert_eq!(
            images(&["image.tag=1.1.0", "image.name=127.0.0.1:1/iu/helm"]),
            ["127.0.0.1:1/iu/helm:1.1.0"]
        );
        assert_eq!(
            images(&[
                "web.image.repository=shop/web",
                "web.image.tag=1",
                "job.image.registry=r.example",
                "job.image.repository=shop/job",
                "job.image.tag=2"
            ]),
            ["r.example/shop/job:2", "docker.io/shop/web:1"]
        );
        assert_eq!(images(&["image=r.example/a/b", "imageTag=7"]), ["r.example/a/b:7"]);
        assert_eq!(images(&["image.spec=r.example/a/b:1", "image.tag=9"]), ["r.example/a/b:1"]);
        assert_eq!(
            images(&["image.name=a/b", &format!("image.tag={digest}")]),
            [format!("docker.io/a/b@{digest}")]
        );
        assert_eq!(images(&["image.tag=1"]), Vec::<String>::new());
        assert_eq!(images(&["replicas=3", "nonsense", "image.name="]), Vec::<String>::new());
    }

    #[test]
    fn allows_only_names_of_images() {
        for name in
            ["image.name", "image.tag", "image", "imageTag", "tag", "web.image.repository", "images.web.tag"]
        {
            assert!(names_an_image(name), "{name}");
        }
        for name in [
            "image.pullSecrets[0].name",
            "image.pullPolicy",
            "db.password",
            "app.tag",
            "service.name",
            "imageToken",
            "image.credentials.name",
            "name",
            "",
            "git.repository",
            "env[0].value",
        ] {
            assert!(!names_an_image(name), "{name}");
        }
    }
}
