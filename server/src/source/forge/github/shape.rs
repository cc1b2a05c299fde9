//! What is read of GitHub's objects: only these fields.

use jiff::Timestamp;
use landfall_model::{
    observe::{self, PullCommit, PullHead, Run},
    text::Text,
    words::{PullState, RunState},
};
use serde::Deserialize;

use crate::source::forge::{
    Listing, Ran, Remark,
    text::{self, plain_labels},
};

#[derive(Debug, Clone, Deserialize)]
pub struct User {
    pub login: String,
}

#[derive(Debug, Clone, Deserialize)]
pub struct Pull {
    number: u64,
    title: String,
    user: Option<User>,
    html_url: Option<String>,
    state: String,
    #[serde(default)]
    draft: bool,
    #[serde(default)]
    labels: Vec<Named>,
    head: Branch,
    base: Branch,
    created_at: Option<Timestamp>,
    updated_at: Option<Timestamp>,
    closed_at: Option<Timestamp>,
    merged_at: Option<Timestamp>,
}

#[derive(Debug, Clone, Deserialize)]
struct Named {
    name: String,
}

#[derive(Debug, Clone, Deserialize)]
struct Branch {
    #[serde(rename = "ref")]
    name: String,
    sha: String,
    /// `null` where the fork was deleted.
    repo: Option<Repo>,
}

#[derive(Debug, Clone, Deserialize)]
struct Repo {
    id: u64,
}

impl Pull {
    pub fn listing(&self) -> Listing {
        let labels = self.labels.iter().map(|label| label.name.as_str());
        let same = |head: &Repo| self.base.repo.as_ref().map(|base| base.id != head.id);
        let state = match (&*self.state, self.merged_at) {
            (_, Some(_)) => PullState::Merged,
            ("open", None) => PullState::Open,
            _ => PullState::Closed,
        };
        let pull = observe::Pull {
            title: text::title(&self.title),
            author: text::name(self.user.as_ref().map(|user| user.login.as_str())),
            url: text::url(self.html_url.as_deref()),
            state,
            draft: self.draft,
            fork: self.head.repo.as_ref().and_then(same),
            labels: plain_labels(labels),
            head: PullHead {
                branch: text::line(&self.head.name, 255),
                sha: text::line(&self.head.sha, 64),
                pushed_at: None,
            },
            base: text::line(&self.base.name, 255),
            created: self.created_at,
            closed_at: self.closed_at.or(self.merged_at),
            commits: Vec::new(),
            asked: None,
            runs: None,
        };
        Listing { number: self.number, updated: self.updated_at, pull }
    }
}

/// An event of an issue: only those of labels and of forced pushes are read further.
#[derive(Debug, Clone, Deserialize)]
pub struct Event {
    #[serde(rename = "event")]
    kind: String,
    actor: Option<User>,
    created_at: Option<Timestamp>,
    label: Option<Named>,
    commit_id: Option<String>,
}

impl Event {
    pub fn labelled(&self) -> Option<(Text, Timestamp, Option<Text>)> {
        let label = self.label.as_ref().filter(|_| self.kind == "labeled")?;
        let by = text::name(self.actor.as_ref().map(|actor| actor.login.as_str()));
        Some((text::name(Some(&label.name))?, self.created_at?, by))
    }

    /// A forced push is the only one that tells its time.
    pub fn pushed(&self) -> Option<(Text, Timestamp)> {
        let sha = self.commit_id.as_ref().filter(|_| self.kind == "head_ref_force_pushed")?;
        Some((text::line(sha, 64), self.created_at?))
    }
}

#[derive(Debug, Clone, Deserialize)]
pub struct Commit {
    sha: String,
    #[serde(rename = "commit")]
    inner: Inner,
    author: Option<User>,
}

#[derive(Debug, Clone, Deserialize)]
struct Inner {
    #[serde(default)]
    message: String,
    author: Option<Person>,
    committer: Option<Person>,
}

#[derive(Debug, Clone, Deserialize)]
struct Person {
    name: Option<String>,
    date: Option<Timestamp>,
}

impl Commit {
    pub fn with_message(&self) -> (PullCommit, String) {
        (self.commit(), self.inner.message.clone())
    }

    pub fn commit(&self) -> PullCommit {
        let written = self.inner.author.as_ref().and_then(|person| person.name.as_deref());
        PullCommit {
            sha: text::line(&self.sha, 64),
            title: text::title(&self.inner.message),
            author: text::name(self.author.as_ref().map(|user| user.login.as_str()).or(written)),
            at: self.inner.committer.as_ref().and_then(|person| person.date),
        }
    }
}

#[derive(Debug, Clone, Deserialize)]
pub struct Comment {
    pub id: u64,
    #[serde(default)]
    body: Option<String>,
    user: Option<User>,
    created_at: Option<Timestamp>,
    issue_url: Option<String>,
}

impl Comment {
    pub fn remark(&self) -> Remark {
        Remark {
            id: self.id,
            author: self.user.as_ref().map(|user| user.login.clone()).unwrap_or_default(),
            body: self.body.clone().unwrap_or_default(),
            at: self.created_at,
        }
    }

    /// Of the issue or pull request that it stands under.
    pub fn number(&self) -> Option<u64> {
        self.issue_url.as_deref()?.rsplit('/').next()?.parse().ok()
    }
}

#[derive(Debug, Clone, Deserialize)]
pub struct WorkflowRun {
    id: u64,
    name: Option<String>,
    head_sha: String,
    status: Option<String>,
    conclusion: Option<String>,
    html_url: Option<String>,
    created_at: Option<Timestamp>,
    run_started_at: Option<Timestamp>,
    updated_at: Option<Timestamp>,
}

impl WorkflowRun {
    pub fn ran(&self) -> Ran {
        let state = match (self.status.as_deref(), self.conclusion.as_deref()) {
            (Some("completed"), Some("success" | "neutral" | "skipped")) => RunState::Succeeded,
            (Some("completed"), Some("cancelled" | "stale")) => RunState::Cancelled,
            (Some("completed"), _) => RunState::Failed,
            (Some("in_progress"), _) => RunState::Running,
            _ => RunState::Queued,
        };
        let begun = !matches!(state, RunState::Queued);
        let ended = begun && !matches!(state, RunState::Running);
        let run = Run {
            id: self.id,
            name: text::title(self.name.as_deref().unwrap_or_default()),
            sha: text::line(&self.head_sha, 64),
            state,
            failed_step: None,
            started_at: self.run_started_at.or(self.created_at).filter(|_| begun),
            finished_at: self.updated_at.filter(|_| ended),
            url: text::url(self.html_url.as_deref()),
        };
        Ran { run, queued: self.created_at }
    }
}

#[derive(Debug, Clone, Deserialize)]
pub struct Job {
    name: String,
    conclusion: Option<String>,
    #[serde(default)]
    steps: Vec<Step>,
}

#[derive(Debug, Clone, Deserialize)]
struct Step {
    name: String,
    conclusion: Option<String>,
}

impl Job {
    pub fn failed_step(&self) -> Option<Text> {
        let failed =
            |conclusion: &Option<String>| matches!(conclusion.as_deref(), Some("failure" | "timed_out"));
        if !failed(&self.conclusion) {
            return None;
        }
        let step = self.steps.iter().find(|step| failed(&step.conclusion));
        Some(text::title(step.map_or(&self.name, |step| &step.name)))
    }
}
