//! What the forge holds, and how tests change it. Everything has the forge's time of when it came to be.

use std::collections::BTreeMap;

use jiff::Timestamp;
use sha2::{Digest as _, Sha256};

use super::{Forge, lock};

/// All repositories, by path.
#[derive(Debug, Default)]
pub(super) struct State {
    pub repositories: BTreeMap<String, Repository>,
    /// Ids of whatever gets one.
    last_id: u64,
}

#[derive(Debug, Default)]
pub(super) struct Repository {
    pub id: u64,
    pub pulls: BTreeMap<u64, Pull>,
    pub runs: Vec<Run>,
    pub deployments: Vec<Deployment>,
    pub checks: Vec<Check>,
    /// Commits of branches, oldest first, by name. The repository's own is `main`.
    pub branches: BTreeMap<String, Vec<Commit>>,
    /// It is there, but nobody may see it: a permission that was taken away.
    pub hidden: bool,
}

#[derive(Debug, Clone)]
pub(super) struct Pull {
    pub id: u64,
    pub number: u64,
    pub title: String,
    pub author: String,
    pub branch: String,
    pub target: String,
    pub draft: bool,
    pub fork: bool,
    pub created: Timestamp,
    pub updated: Timestamp,
    pub closed: Option<Timestamp>,
    pub merged: bool,
    pub labels: Vec<String>,
    pub events: Vec<Event>,
    pub comments: Vec<Comment>,
    /// Oldest first.
    pub commits: Vec<Commit>,
    /// When each head came, oldest first.
    pub pushes: Vec<(String, Timestamp)>,
}

#[derive(Debug, Clone)]
pub(super) struct Event {
    pub id: u64,
    pub at: Timestamp,
    pub by: String,
    /// A label was put on (true) or taken off.
    pub label: (String, bool),
}

/// A comment on a pull request.
#[derive(Debug, Clone)]
pub struct Comment {
    pub id: u64,
    pub author: String,
    pub body: String,
    pub created: Timestamp,
    pub updated: Timestamp,
}

#[derive(Debug, Clone)]
pub(super) struct Commit {
    pub sha: String,
    pub message: String,
    pub author: String,
    pub at: Timestamp,
}

#[derive(Debug, Clone)]
pub(super) struct Run {
    pub id: u64,
    pub name: String,
    pub branch: String,
    pub sha: String,
    pub created: Timestamp,
    pub started: Option<Timestamp>,
    pub end: Option<(RunEnd, Timestamp)>,
}

/// How a workflow run ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RunEnd {
    Success,
    /// In this step of its job.
    Failure(String),
    Cancelled,
}

#[derive(Debug, Clone)]
pub(super) struct Deployment {
    pub id: u64,
    pub sha: String,
    pub environment: String,
    pub transient: bool,
    pub created: Timestamp,
    /// State, description, URL of the environment; oldest first.
    pub statuses: Vec<(String, String, String, Timestamp)>,
}

#[derive(Debug, Clone)]
pub(super) struct Check {
    pub id: u64,
    pub sha: String,
    pub name: String,
    pub status: String,
    pub conclusion: Option<String>,
}

impl State {
    pub fn next_id(&mut self) -> u64 {
        self.last_id += 1;
        1_000 + self.last_id
    }
}

impl Repository {
    /// Commits of a branch, newest first; `None`: there is none of this name.
    pub fn branch(&self, name: Option<&str>) -> Option<impl Iterator<Item = &Commit>> {
        Some(self.branches.get(name.unwrap_or("main"))?.iter().rev())
    }
}

impl Pull {
    pub fn head(&self) -> &str {
        self.commits.last().map_or("", |commit| &commit.sha)
    }

    pub fn state(&self) -> &'static str {
        if self.closed.is_some() { "closed" } else { "open" }
    }
}

/// A commit id that nobody else has: made of what it is for.
pub(super) fn sha_of(text: &str) -> String {
    hex(&Sha256::digest(text.as_bytes())[..20])
}

/// In lower case.
pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |text, byte| text + &format!("{byte:02x}"))
}

impl Forge {
    /// Opens a pull request from a branch with one commit; gives the commit.
    pub fn open(&self, repository: &str, number: u64, title: &str, author: &str, branch: &str) -> String {
        let at = self.now();
        let mut state = lock(&self.0.state);
        let id = state.next_id();
        let repository_id = state.next_id();
        let of = state.repositories.entry(repository.to_owned()).or_default();
        if of.id == 0 {
            of.id = repository_id;
        }
        let pull = Pull {
            id,
            number,
            title: title.to_owned(),
            author: author.to_owned(),
            branch: branch.to_owned(),
            target: "main".to_owned(),
            draft: false,
            fork: false,
            created: at,
            updated: at,
            closed: None,
            merged: false,
            labels: Vec::new(),
            events: Vec::new(),
            comments: Vec::new(),
            commits: Vec::new(),
            pushes: Vec::new(),
        };
        of.pulls.insert(number, pull);
        drop(state);
        self.push(repository, number, title)
    }

    /// Makes a repository without any pull request.
    pub fn create(&self, repository: &str) {
        let mut state = lock(&self.0.state);
        let id = state.next_id();
        state.repositories.entry(repository.to_owned()).or_default().id = id;
    }

    /// Takes everybody's permission to see a repository, or gives it back.
    pub fn hide(&self, repository: &str, hidden: bool) {
        if let Some(of) = lock(&self.0.state).repositories.get_mut(repository) {
            of.hidden = hidden;
        }
    }

    /// Pushes one commit; gives its id.
    pub fn push(&self, repository: &str, number: u64, message: &str) -> String {
        let at = self.now();
        let mut made = String::new();
        self.change(repository, number, |pull, _| {
            made = sha_of(&format!("{repository}#{number} {} {message}", pull.commits.len()));
            let (message, author) = (message.to_owned(), pull.author.clone());
            pull.commits.push(Commit { sha: made.clone(), message, author, at });
            pull.pushes.push((made.clone(), at));
        });
        made
    }

    /// Commits to a branch, which is made if need be; gives the commit's id.
    pub fn commit(&self, repository: &str, branch: &str, message: &str, author: &str) -> String {
        let at = self.now();
        let mut state = lock(&self.0.state);
        let id = state.next_id();
        let of = state.repositories.entry(repository.to_owned()).or_default();
        if of.id == 0 {
            of.id = id;
        }
        let commits = of.branches.entry(branch.to_owned()).or_default();
        let sha = sha_of(&format!("{repository} {branch} {} {message}", commits.len()));
        let (message, author) = (message.to_owned(), author.to_owned());
        commits.push(Commit { sha: sha.clone(), message, author, at });
        sha
    }

    /// The commit that a pull request stands at.
    pub fn head(&self, repository: &str, number: u64) -> Option<String> {
        let state = lock(&self.0.state);
        Some(state.repositories.get(repository)?.pulls.get(&number)?.head().to_owned())
    }

    /// Puts a label on.
    pub fn label(&self, repository: &str, number: u64, label: &str, by: &str) {
        self.relabel(repository, number, label, by, true);
    }

    /// Takes a label off.
    pub fn unlabel(&self, repository: &str, number: u64, label: &str, by: &str) {
        self.relabel(repository, number, label, by, false);
    }

    fn relabel(&self, repository: &str, number: u64, label: &str, by: &str, on: bool) {
        let at = self.now();
        self.change(repository, number, |pull, id| {
            pull.labels.retain(|known| known != label);
            if on {
                pull.labels.push(label.to_owned());
            }
            pull.events.push(Event { id, at, by: by.to_owned(), label: (label.to_owned(), on) });
        });
    }

    /// Comments on a pull request; gives the comment's id.
    pub fn comment(&self, repository: &str, number: u64, by: &str, body: &str) -> u64 {
        let at = self.now();
        let mut made = 0;
        self.change(repository, number, |pull, id| {
            made = id;
            let (author, body) = (by.to_owned(), body.to_owned());
            pull.comments.push(Comment { id, author, body, created: at, updated: at });
        });
        made
    }

    /// Deletes a comment, as a person does by hand.
    pub fn delete_comment(&self, repository: &str, id: u64) {
        if let Some(of) = lock(&self.0.state).repositories.get_mut(repository) {
            for pull in of.pulls.values_mut() {
                pull.comments.retain(|comment| comment.id != id);
            }
        }
    }

    /// Comments of a pull request, oldest first.
    pub fn comments(&self, repository: &str, number: u64) -> Vec<Comment> {
        let state = lock(&self.0.state);
        let pull = state.repositories.get(repository).and_then(|of| of.pulls.get(&number));
        pull.map(|pull| pull.comments.clone()).unwrap_or_default()
    }

    /// Closes or merges it.
    pub fn close(&self, repository: &str, number: u64, merged: bool) {
        let at = self.now();
        self.change(repository, number, |pull, _| {
            pull.closed = Some(at);
            pull.merged = merged;
        });
    }

    /// Makes it a draft, one from a fork, or gives it another title.
    pub fn retitle(&self, repository: &str, number: u64, title: &str, draft: bool, fork: bool) {
        self.change(repository, number, |pull, _| {
            title.clone_into(&mut pull.title);
            (pull.draft, pull.fork) = (draft, fork);
        });
    }

    fn change(&self, repository: &str, number: u64, with: impl FnOnce(&mut Pull, u64)) {
        let at = self.now();
        let mut state = lock(&self.0.state);
        let id = state.next_id();
        let of = state.repositories.get_mut(repository).and_then(|of| of.pulls.get_mut(&number));
        if let Some(pull) = of {
            pull.updated = at;
            with(pull, id);
        }
    }
}
