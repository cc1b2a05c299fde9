//! Forges: pull requests with their labels, commits, comments and the runs that build them.
//!
//! ```text
//!  poll ── trait Forge ── Github (octocrab: tokens, Apps) ─┐
//!                     |── Gitlab ──────────────────────────┤ Api ── cache (304 is free), decode ── http::Http
//!                     '── Gitea ───────────────────────────┘
//! ```
//!
//! It reads; the one thing that can be written is a comment ([`Forge::comment`]). Which hosts are asked is the
//! configuration's word alone. What came is anybody's text: it is cut, and what cannot be read is told by its place and
//! without its value.

mod api;
mod decode;
mod gitea;
mod github;
mod gitlab;
mod plain;
pub mod poll;
mod text;

use std::future::Future;

use jiff::Timestamp;
use landfall_model::{
    observe::{Branch, Pull, PullAsk, PullCommit, Run},
    text::Text,
};

pub use self::{decode::Broken, gitea::Gitea, github::Github, gitlab::Gitlab};
pub use super::http::{Blocked, Budget, Failure, Patience};

/// What is asked of a forge. Repositories are named by their path.
pub trait Forge: Send + Sync + 'static {
    /// Whom it knows us as: a login, or `SLUG[bot]`.
    fn who(&self) -> impl Future<Output = Result<String, Failure>> + Send;

    /// Whether it is there and may be read: its path, also where it was named by a number.
    fn repository(&self, path: &str) -> impl Future<Output = Result<String, Failure>> + Send;

    /// Its open pull requests. A list that broke off is given as far as it came.
    fn open(&self, path: &str) -> impl Future<Output = Result<Listed, Failure>> + Send;

    /// Those that were closed last: one page.
    fn closed(&self, path: &str) -> impl Future<Output = Result<Listed, Failure>> + Send;

    /// One of them; `None`: there is none of this number.
    fn pull(&self, path: &str, number: u64) -> impl Future<Output = Result<Option<Listing>, Failure>> + Send;

    /// What its list does not tell: who put which label on, commits, the newest comment that begins with `command`.
    fn details(
        &self,
        path: &str,
        listing: &Listing,
        command: &str,
    ) -> impl Future<Output = Result<Details, Failure>> + Send;

    /// Comments of the repository that begin with `command`, among those that changed last; `None`: this forge has no
    /// such list, and only [`Forge::details`] tells them.
    fn asks(
        &self,
        path: &str,
        command: &str,
    ) -> impl Future<Output = Result<Option<Vec<(u64, PullAsk)>>, Failure>> + Send;

    /// The newest runs of the repository; `None`: they may not be read, or there is nothing that runs them.
    fn runs(&self, path: &str) -> impl Future<Output = Result<Option<Vec<Ran>>, Failure>> + Send;

    /// Runs of one commit, newest first.
    fn runs_of(
        &self,
        path: &str,
        sha: &str,
    ) -> impl Future<Output = Result<Option<Vec<Ran>>, Failure>> + Send;

    /// The first step that failed of a run.
    fn failed_step(&self, path: &str, run: u64)
    -> impl Future<Output = Result<Option<Text>, Failure>> + Send;

    /// The newest commits of a branch, of the repository's own without a name: one page. `None`: there is none.
    fn branch(
        &self,
        path: &str,
        name: Option<&str>,
    ) -> impl Future<Output = Result<Option<Branch>, Failure>> + Send;

    /// Comments of a pull request, oldest first, all of them.
    fn comments(&self, path: &str, number: u64) -> impl Future<Output = Result<Vec<Remark>, Failure>> + Send;

    /// Writes a comment: a new one, or in place of one of ours; gives its id. `None`: the one to change is gone.
    fn comment(
        &self,
        path: &str,
        number: u64,
        id: Option<u64>,
        body: &str,
    ) -> impl Future<Output = Result<Option<u64>, Failure>> + Send;

    fn budget(&self) -> &Budget;

    /// A cycle has ended: what was not asked for in it is forgotten.
    fn settle(&self);
}

/// A list of pull requests.
#[derive(Debug, Default)]
pub struct Listed {
    pub pulls: Vec<Listing>,
    /// Those that could not be read.
    pub broken: Vec<Broken>,
    /// Why it is not whole.
    pub cut: Option<Failure>,
}

/// A pull request as a list tells it.
#[derive(Debug, Clone, PartialEq)]
pub struct Listing {
    pub number: u64,
    /// When anything about it changed last.
    pub updated: Option<Timestamp>,
    pub pull: Pull,
}

/// What a list does not tell.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Details {
    /// Label, when it was last put on, and by whom.
    pub labels: Vec<(Text, Timestamp, Option<Text>)>,
    /// Newest first.
    pub commits: Vec<PullCommit>,
    pub asked: Option<PullAsk>,
    /// When a head came, by commit, where it is told.
    pub pushes: Vec<(Text, Timestamp)>,
}

/// A run, with what is known beside it.
#[derive(Debug, Clone, PartialEq)]
pub struct Ran {
    pub run: Run,
    /// When it was asked for: soon after the push.
    pub queued: Option<Timestamp>,
}

/// A comment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Remark {
    pub id: u64,
    pub author: String,
    pub body: String,
    pub at: Option<Timestamp>,
}

/// The newest comment that begins with a command.
fn asked<'a>(remarks: impl IntoIterator<Item = &'a Remark>, command: &str) -> Option<PullAsk> {
    let newest =
        remarks.into_iter().filter(|one| text::begins_with(&one.body, command)).max_by_key(|one| one.at)?;
    Some(PullAsk { by: text::name(Some(&newest.author)), at: newest.at? })
}

/// All pages of a list are read, but not more than so many.
const PAGES: usize = 50;
