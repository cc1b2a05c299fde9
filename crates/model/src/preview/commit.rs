//! Which commit an image, a tag or a revision is of.

use super::{Given, Head, short, tag_digest};
use crate::{
    image::commit_in_tag,
    observe::Repository,
    said,
    text::Text,
    view::{Deployed, ImageView, TagDigest},
};

/// What shows which commit a preview is of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Shows {
    /// The image of this repository.
    Image(Text),
    /// The revision that is synced: the manifests are the commit's, and no image is built for it.
    Revision,
    /// Neither.
    Nothing,
}

/// Whether a tag names a commit.
pub(super) fn is_of(tag: &str, sha: &str) -> bool {
    commit_in_tag(tag, sha).is_some()
}

/// The commit among `commits` that a tag names.
pub(super) fn commit_of<'c>(tag: &str, commits: &'c [Text]) -> Option<&'c Text> {
    commits.iter().find(|sha| is_of(tag, sha))
}

/// Whether a template's parameter stands for the head.
fn names_the_head(template: &str) -> bool {
    template.contains("head_sha") || template.contains("head_short_sha")
}

/// By what a preview shows its commit: an image whose tag names one, or that the template or Image Updater sets; else
/// the revision.
pub(super) fn shows(at: &Given<'_>, head: Option<&Head>) -> Shows {
    let Some(app) = &at.app else { return Shows::Nothing };
    let commits = at.commits(head);
    let images = || app.view.image.iter().chain(&app.view.other_images);
    let named = |image: &&ImageView| {
        let tags = image.meant.iter().map(|it| it.tag.as_ref());
        let running = image.running.iter().map(|it| it.tag.as_ref());
        let pushed =
            at.repository(&image.repository).into_iter().flat_map(Repository::open).map(|it| Some(&it.tag));
        tags.chain(running).chain(pushed).flatten().any(|tag| commit_of(tag, &commits).is_some())
    };
    let managed = |image: &&ImageView| image.outlook.as_ref().is_some_and(|it| it.policy.is_some());
    let templated = |image: &&ImageView| {
        let sources = at.set.into_iter().flat_map(|set| &set.body.template_sources);
        let mut written = sources.flat_map(|source| &source.images);
        written.any(|it| it.contains(&*image.repository) && names_the_head(it))
    };
    let found = images().find(named).or_else(|| images().find(templated)).or_else(|| images().find(managed));
    if let Some(image) = found {
        return Shows::Image(Text::clone(&image.repository));
    }
    let revisions = app.body.sources.iter().filter_map(|source| source.target_revision.as_ref());
    let is_commit = revisions.chain(&app.body.compared).any(|revision| commits.contains(revision));
    if is_commit { Shows::Revision } else { Shows::Nothing }
}

impl Shows {
    /// The image, as the environment shows it.
    pub fn view<'a>(&self, at: &'a Given<'_>) -> Option<&'a ImageView> {
        let Self::Image(repository) = self else { return None };
        let view = at.app.as_ref()?.view;
        view.image.iter().chain(&view.other_images).find(|image| image.repository == *repository)
    }

    /// The image with what runs of it.
    pub fn image(&self, at: &Given<'_>) -> Option<(Text, TagDigest)> {
        let view = at.app.as_ref()?.view;
        let image = self.view(at).or(view.image.as_ref())?;
        let runs = image.running.first().map(|it| tag_digest(it.tag.as_ref(), it.digest.as_ref()));
        Some((Text::clone(&image.repository), runs.or_else(|| image.meant.first().cloned())?))
    }
}

impl<'a> Given<'a> {
    /// What is known of a repository of images.
    pub(super) fn repository(&self, name: &str) -> Option<&'a Repository> {
        self.looked_at(name).map(|(_, body)| body)
    }

    /// The same with the source that tells it.
    pub(super) fn looked_at(&self, name: &str) -> Option<(&Text, &'a Repository)> {
        let images = &self.app.as_ref()?.images;
        images.iter().find(|(known, ..)| **known == *name).map(|(_, source, body)| (source, *body))
    }
}

/// The commit that runs.
pub(super) fn deployed(at: &Given<'_>, head: Option<&Head>, shows: &Shows) -> Option<Deployed> {
    let app = at.app.as_ref()?;
    let commits = at.commits(head);
    if let Some(tag) = shows.view(at).and_then(|image| image.running.first()).and_then(|it| it.tag.as_ref())
        && let Some(sha) = commit_of(tag, &commits)
    {
        let by = said!("deployed-by-tag", "tag {tag} of the running image", tag = tag);
        return Some(Deployed { sha: Text::clone(sha), by });
    }
    if *shows != Shows::Revision {
        return None;
    }
    let revision = app.view.deployed.iter().find(|revision| commits.contains(revision))?;
    let by = said!("deployed-by-revision", "synced revision {sha}", sha = short(revision));
    Some(Deployed { sha: Text::clone(revision), by })
}
