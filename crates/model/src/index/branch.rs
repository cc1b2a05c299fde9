//! Branches of forges beside images: which of them matter, and the build of a branch's head.

use std::collections::BTreeSet;

use super::objects::Objects;
use crate::{
    image::commit_in_tag,
    mapping::Address,
    observe::{Body, Branch, ObjectName, Repository, Scope, Source},
    settings::Settings,
    text::Text,
    updater::settings::WritesBack,
    view::{Environment, Outlook, Snapshot},
    words::Kind,
};

/// Fewest digits of a commit that a label must hold.
const DIGITS: usize = 7;

/// A repository of a configured forge.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// `forge/NAME`.
    pub source: Text,
    /// Its path there.
    pub path: Text,
}

/// Where an address of a Git repository lies, of the first forge that has the host.
#[must_use]
pub fn place(settings: &Settings, address: &str) -> Option<Place> {
    let Address { host: Some(host), path } = Address::read(address) else { return None };
    settings.forges.iter().find_map(|forge| {
        let own = Address::read(&forge.url);
        // A forge may lie below a path of its host.
        let path = match own.path.as_str() {
            "" => path.as_str(),
            below => path.strip_prefix(below)?.strip_prefix('/')?,
        };
        let fits = own.host.as_ref() == Some(&host) && !path.is_empty();
        fits.then(|| Place { source: forge.source(), path: Text::from(path) })
    })
}

/// What is known of a branch; `None` for the name: the repository's own.
pub(super) fn branch<'a>(objects: &'a Objects, place: &Place, name: Option<&str>) -> Option<&'a Branch> {
    let scope = Scope { source: Text::clone(&place.source), kind: Kind::Branch };
    let name = Text::from(name.unwrap_or(Branch::DEFAULT));
    let object = ObjectName { namespace: Text::clone(&place.path), name };
    match &objects.get(&scope, &object)?.body {
        Body::Branch(branch) => Some(branch),
        _ => None,
    }
}

/// Address of the repository that the images of a repository say they are built from: that of the newest that says so.
#[must_use]
pub fn source(repository: &Repository) -> Option<&Text> {
    let said = repository.open().filter_map(|edge| {
        let source = repository.facts.get(&edge.digest)?.source.as_ref()?;
        Some((edge.first_seen, &edge.tag, source))
    });
    said.max().map(|(.., source)| source)
}

/// The tag that the build of the branch's head pushed: by the image's label, else by the commit within the tag.
#[must_use]
pub fn head<'a>(
    objects: &Objects,
    settings: &Settings,
    repository: &'a Repository,
    built_from: &str,
) -> Option<&'a Text> {
    let head = branch(objects, &place(settings, built_from)?, None)?.head()?;
    let built = |by_label: bool| {
        let fits = repository.open().filter(|edge| {
            let revision = repository.facts.get(&edge.digest).and_then(|facts| facts.revision.as_ref());
            if by_label { revision.is_some_and(|it| is_commit(it, head)) } else { names(&edge.tag, head) }
        });
        fits.max_by_key(|edge| (edge.first_seen, &edge.tag)).map(|edge| &edge.tag)
    };
    built(true).or_else(|| built(false))
}

/// Whether a label names the commit, in full or shortened.
fn is_commit(text: &str, sha: &str) -> bool {
    text.len() >= DIGITS && sha.starts_with(text)
}

/// Whether a tag names the commit. Without a letter in it that part is rather a date, or a number.
fn names(tag: &str, sha: &str) -> bool {
    commit_in_tag(tag, sha).is_some_and(|part| part.bytes().any(|b| b.is_ascii_alphabetic()))
}

/// Where Image Updater commits to: repositories and branches; `None` for the branch is the repository's own.
pub(super) fn written<'a>(
    settings: &'a Settings,
    write_back: &'a WritesBack,
    manifests: &'a [Source],
) -> impl Iterator<Item = (Place, Option<&'a str>)> + 'a {
    let is_git = write_back.method.value.starts_with("git");
    // With `base:new` it commits to a branch that it makes, whose name is not known; from there it is merged.
    let branch = write_back.branch.value.as_deref().map(|it| it.split(':').next().unwrap_or(it));
    let own = write_back.repository.value.as_deref().map(|address| (address, None));
    let followed = manifests.iter().map(|it| (&*it.repo_url, it.target_revision.as_deref()));
    let all = own.map_or_else(|| followed.collect(), |own| vec![own]);
    all.into_iter().filter(move |_| is_git).filter_map(move |(address, followed)| {
        let name = branch.filter(|it| !it.is_empty()).or(followed).filter(|it| *it != Branch::DEFAULT);
        Some((place(settings, address)?, name))
    })
}

/// Branches that an environment rests on: where, and the name; [`Branch::DEFAULT`] for the repository's own.
pub(super) fn of_environment<'a>(
    settings: &'a Settings,
    view: &'a Environment,
) -> impl Iterator<Item = (Place, Text)> + 'a {
    outlooks(view)
        .flat_map(move |outlook| {
            let built_from = outlook.built_from.as_deref().and_then(|address| place(settings, address));
            let policy = outlook.policy.as_deref();
            let written =
                policy.into_iter().flat_map(move |it| written(settings, &it.write_back, &view.manifests));
            built_from.map(|place| (place, None)).into_iter().chain(written)
        })
        .map(|(place, name)| (place, Text::from(name.unwrap_or(Branch::DEFAULT))))
}

/// How its images stand.
pub(super) fn outlooks(view: &Environment) -> impl Iterator<Item = &Outlook> {
    view.image.iter().chain(&view.other_images).filter_map(|image| image.outlook.as_deref())
}

/// Branches that are worth a look.
#[must_use]
pub fn wanted(settings: &Settings, snapshot: &Snapshot) -> BTreeSet<(Place, Text)> {
    let environments = snapshot.services.iter().flat_map(|service| &service.environments);
    environments.flat_map(|view| of_environment(settings, view)).collect()
}

#[cfg(test)]
mod tests {
    use jiff::SignedDuration;

    use super::*;
    use crate::{settings::ForgeSettings, words::ForgeKind};

    #[test]
    fn an_address_is_found_at_its_forge() {
        let forge = |name: &str, url: &str| ForgeSettings {
            name: Text::from(name),
            kind: ForgeKind::Gitea,
            url: Text::from(url),
            interval: SignedDuration::ZERO,
        };
        let forges = vec![forge("a", "https://Git.example"), forge("b", "https://code.example:8443/git")];
        let settings = Settings { forges, ..Settings::default() };
        let found = |address: &str| place(&settings, address).map(|it| format!("{} {}", it.source, it.path));
        for address in [
            "https://git.example/shop/web",
            "https://git.example/shop/web.git/",
            "https://me@GIT.example/shop/web",
            "git@git.example:shop/web.git",
            "ssh://git@git.example:2222/shop/web.git",
        ] {
            assert_eq!(found(address).as_deref(), Some("forge/a shop/web"), "{address}");
        }
        assert_eq!(found("https://code.example:8443/git/x/y").as_deref(), Some("forge/b x/y"));
        for none in [
            "https://code.example:8443/x/y",
            "https://other.example/x/y",
            "git.example/x/y",
            "",
            "https://git.example/",
        ] {
            assert_eq!(found(none), None, "{none}");
        }
    }

    #[test]
    fn a_tag_names_a_commit_by_seven_digits_or_more() {
        let sha = "a1f3c92b40d5e6f7a1f3c92b40d5e6f7a1f3c92b";
        for tag in ["a1f3c92", "main-a1f3c92b", "v1.2.3-4-ga1f3c92", sha] {
            assert!(names(tag, sha), "{tag}");
        }
        for tag in ["a1f3c9", "b1f3c92", "main", "20261123"] {
            assert!(!names(tag, sha), "{tag}");
        }
        assert!(!names("12345678", "12345678aa"), "no letter: a date, or a number");
    }
}
