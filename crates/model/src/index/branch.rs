//! Branches of forges beside images: the build of a branch's head, and what Image Updater committed.

use std::{collections::BTreeSet, sync::Arc};

use super::{joined::Joined, objects::Objects};
use crate::{
    observe::{Body, Branch, Event, ImageChange, ObjectName, Repository, Scope, Source},
    settings::Settings,
    text::Text,
    updater::{settings::WritesBack, trap::UPDATED},
    view::{Environment, Snapshot},
    words::Kind,
};

/// Fewest digits of a commit that a tag must hold to be its build.
const DIGITS: usize = 7;

/// A repository of a configured forge.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// `forge/NAME`.
    pub source: Text,
    /// Its path there.
    pub path: Text,
}

/// Where an address of a Git repository lies: `https`, `ssh` and `git@host:path`, of the first forge that has the host.
#[must_use]
pub fn place(settings: &Settings, address: &str) -> Option<Place> {
    let (host, path) = split(address)?;
    settings.forges.iter().find_map(|forge| {
        let (own, below) = split(&forge.url).or_else(|| Some((host_of(&forge.url)?, String::new())))?;
        if own != host {
            return None;
        }
        // A forge may lie below a path of its host.
        let path = match below.as_str() {
            "" => path.as_str(),
            below => path.strip_prefix(below)?.strip_prefix('/')?,
        };
        let source = Text::from(format!("forge/{}", forge.name));
        (!path.is_empty()).then(|| Place { source, path: Text::from(path) })
    })
}

/// Host and path. Of `ssh` no port: a forge's pages stand on another one.
fn split(address: &str) -> Option<(String, String)> {
    let Some((_, rest)) = address.split_once("://") else { return split_scp(address) };
    let (authority, path) = rest.split_once('/')?;
    let authority = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    let is_ssh = address.starts_with("ssh://") || address.starts_with("git+ssh://");
    let host = if is_ssh { authority.split(':').next()? } else { authority };
    Some((host.to_ascii_lowercase(), plain(path)?))
}

fn split_scp(address: &str) -> Option<(String, String)> {
    let (authority, path) = address.split_once(':')?;
    let host = authority.rsplit_once('@')?.1;
    Some((host.to_ascii_lowercase(), plain(path)?))
}

fn plain(path: &str) -> Option<String> {
    let path = path.trim_matches('/');
    let path = path.strip_suffix(".git").unwrap_or(path);
    (!path.is_empty()).then(|| path.to_owned())
}

fn host_of(url: &str) -> Option<String> {
    let rest = url.split_once("://")?.1;
    rest.split('/').next().map(str::to_ascii_lowercase)
}

/// What is known of a branch; `None` for the name: the repository's own.
fn branch<'a>(objects: &'a Objects, place: &Place, name: Option<&str>) -> Option<&'a Branch> {
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
pub fn head<'a>(objects: &Objects, settings: &Settings, repository: &'a Repository) -> Option<&'a Text> {
    let place = place(settings, source(repository)?)?;
    let head = branch(objects, &place, None)?.head()?;
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

/// Whether a part of a tag is the commit, in full or shortened, as `git describe` or plain.
fn names(tag: &str, sha: &str) -> bool {
    let parts = tag.split(|c: char| !c.is_ascii_alphanumeric());
    let has_letter = |part: &str| part.bytes().any(|b| b.is_ascii_alphabetic());
    parts
        .map(|part| part.strip_prefix('g').unwrap_or(part))
        .any(|part| has_letter(part) && is_commit(part, sha))
}

/// Where Image Updater commits to: repositories and branches; `None` for the branch is the repository's own.
fn written<'a>(
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

/// A branch that is worth a look: where, and its name; [`Branch::DEFAULT`] for the repository's own.
#[must_use]
pub fn wanted(settings: &Settings, snapshot: &Snapshot) -> BTreeSet<(Place, Text)> {
    let mut all = BTreeSet::new();
    let environments = snapshot.services.iter().flat_map(|service| &service.environments);
    for environment in environments {
        for image in environment.image.iter().chain(&environment.other_images) {
            let Some(outlook) = image.outlook.as_deref() else { continue };
            let built_from = outlook.built_from.as_deref().and_then(|address| place(settings, address));
            all.extend(built_from.map(|place| (place, Text::from(Branch::DEFAULT))));
            let Some(policy) = outlook.policy.as_deref() else { continue };
            let written = written(settings, &policy.write_back, &environment.manifests);
            all.extend(written.map(|(place, name)| (place, Text::from(name.unwrap_or(Branch::DEFAULT)))));
        }
    }
    all
}

/// What Image Updater committed for the Application, oldest first, told as its Events tell it.
pub fn updates(
    objects: &Objects,
    settings: &Settings,
    joined: &Joined<'_>,
    view: &Environment,
    write_back: &WritesBack,
) -> Vec<Arc<Event>> {
    let mut all: Vec<Arc<Event>> = Vec::new();
    for (place, name) in written(settings, write_back, &joined.application.sources) {
        let Some(branch) = branch(objects, &place, name) else { continue };
        all.extend(committed(branch, &place, &joined.key.name, view).map(Arc::new));
    }
    all.sort_by(|a, b| (a.at, &a.message).cmp(&(b.at, &b.message)));
    all.dedup_by(|a, b| a.message == b.message);
    all
}

/// The commits of Image Updater among those of a branch that are for this Application.
pub fn committed<'a>(
    branch: &'a Branch,
    place: &'a Place,
    application: &'a ObjectName,
    view: &'a Environment,
) -> impl Iterator<Item = Event> + 'a {
    branch.commits.iter().filter_map(move |commit| {
        let update = commit.update.as_ref().filter(|update| update.application == application.name)?;
        let image =
            |change: &ImageChange| ImageChange { image: in_full(view, &change.image), ..change.clone() };
        Some(Event {
            about_kind: Text::from("Application"),
            about: application.clone(),
            reason: Text::from(UPDATED),
            message: Text::clone(&commit.sha),
            warning: false,
            component: Text::clone(&place.source),
            at: commit.at?,
            count: 1,
            images: update.images.iter().map(image).collect(),
        })
    })
}

/// An image with the registry that the environment's image of the same path has; the commit leaves it out.
fn in_full(view: &Environment, image: &Text) -> Text {
    let images = view.image.iter().chain(&view.other_images);
    let fits = |repository: &str| repository.strip_suffix(&**image).is_some_and(|host| host.ends_with('/'));
    let mut fitting = images.map(|it| &it.repository).filter(|it| **it == *image || fits(it));
    Text::clone(fitting.next().unwrap_or(image))
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
