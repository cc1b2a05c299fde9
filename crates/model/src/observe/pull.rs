//! A pull request (GitLab: merge request) as its forge tells it, reduced to what a preview's page needs.
//!
//! In a scope `forge/NAME` of kind `Pull` the namespace is the repository's path on the forge (`shop/web`,
//! `group/sub/project`), the name its number. Titles, branches, labels and names are anybody's text.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{
    text::Text,
    words::{PullState, RunState},
};

/// A pull request. What was not read, or is not told by this forge, is `None`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pull {
    /// At most 256 characters.
    pub title: Text,
    pub author: Option<Text>,
    /// Its page; http or https only.
    pub url: Option<Text>,
    pub state: PullState,
    #[serde(default)]
    pub draft: bool,
    /// Whether its branch lies in another repository.
    #[serde(default)]
    pub fork: Option<bool>,
    /// Those it carries now, at most 100, by name.
    #[serde(default)]
    pub labels: Vec<PullLabel>,
    pub head: PullHead,
    /// The branch it wants to get into.
    pub base: Text,
    pub created: Option<Timestamp>,
    /// When it was closed or merged.
    #[serde(default)]
    pub closed_at: Option<Timestamp>,
    /// Newest first, at most [`Pull::COMMITS`].
    #[serde(default)]
    pub commits: Vec<PullCommit>,
    /// The newest comment that asks for a preview.
    #[serde(default)]
    pub asked: Option<PullAsk>,
    /// Workflow runs of recent heads, newest first, at most [`Pull::RUNS`]; `None`: not read.
    #[serde(default)]
    pub runs: Option<Vec<Run>>,
}

impl Pull {
    /// Most characters of a title.
    pub const TITLE: usize = 256;
    /// Most labels kept.
    pub const LABELS: usize = 100;
    /// Most commits kept.
    pub const COMMITS: usize = 20;
    /// Most workflow runs kept.
    pub const RUNS: usize = 10;

    /// Whether it carries this label.
    #[must_use]
    pub fn has_label(&self, name: &str) -> bool {
        self.labels.iter().any(|label| &*label.name == name)
    }
}

/// A label that a pull request carries.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PullLabel {
    pub name: Text,
    /// When it was last put on; `None`: not read.
    #[serde(default)]
    pub since: Option<Timestamp>,
    #[serde(default)]
    pub by: Option<Text>,
}

/// What a pull request would bring in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PullHead {
    pub branch: Text,
    /// The full commit id.
    pub sha: Text,
    /// When this head came to be there, as far as the forge tells it.
    #[serde(default)]
    pub pushed_at: Option<Timestamp>,
}

/// A commit of a pull request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PullCommit {
    pub sha: Text,
    /// First line of its message, at most 256 characters.
    pub title: Text,
    pub author: Option<Text>,
    /// The committer's date: it is the committer's word.
    pub at: Option<Timestamp>,
}

/// A comment that asks for a preview.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PullAsk {
    pub by: Option<Text>,
    pub at: Timestamp,
}

/// A workflow run (GitLab: a pipeline) that builds a commit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Run {
    pub id: u64,
    pub name: Text,
    /// The commit it builds.
    pub sha: Text,
    pub state: RunState,
    /// The first step (GitLab: job) that failed, where it was read.
    #[serde(default)]
    pub failed_step: Option<Text>,
    #[serde(default)]
    pub started_at: Option<Timestamp>,
    #[serde(default)]
    pub finished_at: Option<Timestamp>,
    /// Its page; http or https only.
    #[serde(default)]
    pub url: Option<Text>,
}
