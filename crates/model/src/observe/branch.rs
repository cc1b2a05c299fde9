//! A branch of a repository on a forge: its newest commits.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::ImageChange;
use crate::text::Text;

/// What a forge says of a branch. The object's name is that of the branch, or [`Branch::DEFAULT`].
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Branch {
    /// Newest first, at most [`Branch::COMMITS`]; the first is the head.
    pub commits: Vec<BranchCommit>,
}

impl Branch {
    /// Name of the branch that the repository itself holds to be its own, whatever it is called.
    pub const DEFAULT: &str = "HEAD";
    /// Most commits kept.
    pub const COMMITS: usize = 30;

    /// Commit id of the head.
    #[must_use]
    pub fn head(&self) -> Option<&Text> {
        self.commits.first().map(|commit| &commit.sha)
    }
}

/// One commit of a branch.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BranchCommit {
    pub sha: Text,
    /// First line of its message, at most 256 characters.
    pub title: Text,
    #[serde(default)]
    pub author: Option<Text>,
    /// The committer's date: it is the committer's word.
    #[serde(default)]
    pub at: Option<Timestamp>,
    /// What Image Updater says that it changed with it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub update: Option<CommittedUpdate>,
}

/// What a commit of Image Updater says that it changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CommittedUpdate {
    /// Name of the Application.
    pub application: Text,
    /// Images as the message names them, without a registry.
    pub images: Vec<ImageChange>,
}

/// Most images of one commit.
const IMAGES: usize = 50;
const TITLE: &str = "build: automatic update of ";
const LINE: &str = "updates image ";

impl CommittedUpdate {
    /// Reads the message that Image Updater writes unless it is told another one
    /// (`argoproj-labs/argocd-image-updater:pkg/common/constants.go`, `DefaultGitCommitMessage`); `None` for any other.
    /// Tags may stand in quotes, as earlier versions wrote them.
    #[must_use]
    pub fn read(message: &str) -> Option<Self> {
        let mut lines = message.lines().map(str::trim);
        let application = lines.next()?.strip_prefix(TITLE)?.trim();
        let image = |line: &str| {
            let (image, tags) = line.strip_prefix(LINE)?.split_once(" tag ")?;
            let (old, new) = tags.split_once(" to ")?;
            let plain = |text: &str| Text::from(text.trim_matches('\''));
            Some(ImageChange { image: Text::from(image), old: plain(old), new: plain(new) })
        };
        let images: Vec<ImageChange> = lines.filter_map(image).take(IMAGES).collect();
        let is_whole = !application.is_empty() && !images.is_empty();
        is_whole.then(|| Self { application: Text::from(application), images })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_message_of_image_updater_is_read() {
        // As v1.3.0 wrote it.
        let message = "build: automatic update of iu-alpha\n\nupdates image iu/alpha tag 20261123-100000 to 20261123-120000\n";
        let read = CommittedUpdate::read(message).unwrap();
        let change = &read.images[0];
        assert_eq!(&*read.application, "iu-alpha");
        assert_eq!(
            (&*change.image, &*change.old, &*change.new),
            ("iu/alpha", "20261123-100000", "20261123-120000")
        );
        let quoted = "build: automatic update of a\n\nupdates image x/y tag '1' to '2'\nupdates image z tag '3' to '4'";
        let read = CommittedUpdate::read(quoted).unwrap();
        assert_eq!((read.images.len(), &*read.images[1].new), (2, "4"));
        for other in [
            "",
            "build: automatic update of iu-alpha",
            "Revert \"build: automatic update of iu-alpha\"\n\nupdates image iu/alpha tag 1 to 2",
            "build: automatic update of \n\nupdates image iu/alpha tag 1 to 2",
            "build: automatic update of a\n\nupdates image iu/alpha",
        ] {
            assert_eq!(CommittedUpdate::read(other), None, "{other}");
        }
    }
}
