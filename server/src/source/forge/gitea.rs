//! Gitea and Forgejo: version 1 of their API.

use std::{collections::BTreeMap, sync::Arc};

use jiff::Timestamp;
use landfall_model::{
    observe::{self, PullAsk, PullCommit, PullHead, Run},
    text::Text,
    words::{PullState, RunState},
};
use serde::Deserialize;

use super::{
    Budget, Details, Failure, Forge, Listed, Listing, Patience, Ran, Remark,
    api::{Api, Want},
    asked,
    plain::Plain,
    text::{self, plain_labels},
};
use crate::config;

/// One Gitea.
#[derive(Debug)]
pub struct Gitea {
    api: Api<Plain>,
    budget: Arc<Budget>,
}

impl Gitea {
    /// Nothing is asked yet. Fails only where the address cannot be one.
    pub fn new(forge: &config::Forge, patience: Patience) -> Result<Self, Failure> {
        let budget = Arc::new(Budget::new(forge.requests_per_minute, patience.clone()));
        let way = Plain::new(forge, patience, Arc::clone(&budget), "api/v1/", ("authorization", "token "))?;
        Ok(Self { api: Api::new(way), budget })
    }

    /// Tasks are jobs; those of one run of a commit are told as one.
    async fn tasks(&self, path: &str) -> Result<Option<Vec<Task>>, Failure> {
        let newest = format!("repos/{path}/actions/tasks?limit=50");
        self.api.maybe::<Task>(Want { within: Some("workflow_runs"), ..Want::list(path, &newest) }).await
    }
}

impl Forge for Gitea {
    async fn who(&self) -> Result<String, Failure> {
        if !self.api.way.is_signed_in() {
            return Ok(String::new());
        }
        let user = self.api.one::<User>("", "user").await?;
        user.map(|user| user.login).ok_or_else(|| Failure::NotFound("user".into()))
    }

    async fn repository(&self, path: &str) -> Result<String, Failure> {
        #[derive(Deserialize)]
        struct Named {
            full_name: String,
        }
        let found = self.api.one::<Named>(path, &format!("repos/{path}")).await?;
        found.map(|found| found.full_name).ok_or_else(|| Failure::NotFound("without a word".into()))
    }

    async fn open(&self, path: &str) -> Result<Listed, Failure> {
        let all = format!("repos/{path}/pulls?state=open&limit=50");
        self.api.pulls(Want::list(path, &all), true, Pull::listing).await
    }

    async fn closed(&self, path: &str) -> Result<Listed, Failure> {
        let newest = format!("repos/{path}/pulls?state=closed&sort=recentupdate&limit=50");
        self.api.pulls(Want::list(path, &newest), false, Pull::listing).await
    }

    async fn pull(&self, path: &str, number: u64) -> Result<Option<Listing>, Failure> {
        let found = self.api.one::<Pull>(path, &format!("repos/{path}/pulls/{number}")).await?;
        Ok(found.as_ref().map(Pull::listing))
    }

    async fn details(&self, path: &str, listing: &Listing, command: &str) -> Result<Details, Failure> {
        let number = listing.number;
        let events = format!("repos/{path}/issues/{number}/timeline?limit=50");
        let events = self.api.all::<Event>(Want::list(path, &events)).await?;
        let commits = format!("repos/{path}/pulls/{number}/commits?limit=50");
        let commits = self.api.first::<Commit>(Want::list(path, &commits)).await?;
        let remarks = self.comments(path, number).await?;
        Ok(Details {
            labels: events.iter().filter_map(Event::labelled).collect(),
            commits: commits.iter().map(Commit::commit).collect(),
            asked: asked(&remarks, command),
            pushes: events.iter().filter_map(Event::pushed).collect(),
        })
    }

    async fn asks(&self, path: &str, command: &str) -> Result<Option<Vec<(u64, PullAsk)>>, Failure> {
        // The list begins with the oldest, so that only a part of it would be the newest: the last week.
        let since = crate::clock::now() - jiff::SignedDuration::from_hours(24 * 7);
        let since = text::escaped(
            &jiff::Timestamp::from_second(since.as_second() / 86_400 * 86_400).unwrap_or(since).to_string(),
        );
        let newest = format!("repos/{path}/issues/comments?since={since}&limit=50");
        let comments = self.api.all::<Comment>(Want::list(path, &newest)).await?;
        let ask = |one: &Comment| Some((one.number()?, asked([&one.remark()], command)?));
        Ok(Some(comments.iter().filter_map(ask).collect()))
    }

    async fn runs(&self, path: &str) -> Result<Option<Vec<Ran>>, Failure> {
        Ok(self.tasks(path).await?.map(|tasks| runs(&tasks)))
    }

    async fn runs_of(&self, path: &str, sha: &str) -> Result<Option<Vec<Ran>>, Failure> {
        // There is no list by commit.
        let runs = self.runs(path).await?;
        Ok(runs.map(|runs| runs.into_iter().filter(|one| &*one.run.sha == sha).collect()))
    }

    async fn failed_step(&self, path: &str, run: u64) -> Result<Option<Text>, Failure> {
        let tasks = self.tasks(path).await?;
        let failed =
            tasks.iter().flatten().find(|task| task.run_number == run && task.state() == RunState::Failed);
        Ok(failed.map(|task| text::title(&task.name)))
    }

    async fn branch(&self, path: &str, name: Option<&str>) -> Result<Option<observe::Branch>, Failure> {
        let name = name.map(|name| format!("&sha={}", text::escaped(name))).unwrap_or_default();
        let newest = format!("repos/{path}/commits?limit=30&stat=false&verification=false&files=false{name}");
        self.api.branch(Want::list(path, &newest), Commit::with_message).await
    }

    async fn comments(&self, path: &str, number: u64) -> Result<Vec<Remark>, Failure> {
        let all = format!("repos/{path}/issues/{number}/comments?limit=50");
        Ok(self.api.all::<Comment>(Want::list(path, &all)).await?.iter().map(Comment::remark).collect())
    }

    async fn comment(
        &self,
        path: &str,
        number: u64,
        id: Option<u64>,
        body: &str,
    ) -> Result<Option<u64>, Failure> {
        self.api.issue_comment(path, number, id, body).await
    }

    fn budget(&self) -> &Budget {
        &self.budget
    }

    fn settle(&self) {
        self.api.settle();
    }
}

#[derive(Debug, Clone, Deserialize)]
struct User {
    login: String,
}

#[derive(Debug, Clone, Deserialize)]
struct Label {
    name: String,
}

#[derive(Debug, Clone, Deserialize)]
struct Branch {
    #[serde(rename = "ref")]
    name: String,
    sha: String,
    repo_id: Option<i64>,
}

#[derive(Debug, Clone, Deserialize)]
struct Pull {
    number: u64,
    title: String,
    state: String,
    #[serde(default)]
    draft: bool,
    user: Option<User>,
    #[serde(default)]
    labels: Option<Vec<Label>>,
    html_url: Option<String>,
    #[serde(default)]
    merged: bool,
    head: Branch,
    base: Branch,
    created_at: Option<Timestamp>,
    updated_at: Option<Timestamp>,
    closed_at: Option<Timestamp>,
    merged_at: Option<Timestamp>,
}

impl Pull {
    fn listing(&self) -> Listing {
        let labels = self.labels.iter().flatten().map(|label| label.name.as_str());
        let pull = observe::Pull {
            title: text::title(&self.title),
            author: text::name(self.user.as_ref().map(|user| user.login.as_str())),
            url: text::url(self.html_url.as_deref()),
            state: match &*self.state {
                _ if self.merged => PullState::Merged,
                "open" => PullState::Open,
                _ => PullState::Closed,
            },
            draft: self.draft,
            // A fork that was deleted has no id.
            fork: self.head.repo_id.zip(self.base.repo_id).filter(|(head, _)| *head > 0).map(|(a, b)| a != b),
            labels: plain_labels(labels),
            head: PullHead {
                branch: text::line(&self.head.name, 255),
                sha: text::line(&self.head.sha, 64),
                pushed_at: None,
            },
            base: text::line(&self.base.name, 255),
            created: self.created_at,
            closed_at: self.merged_at.or(self.closed_at),
            commits: Vec::new(),
            asked: None,
            runs: None,
        };
        Listing { number: self.number, updated: self.updated_at, pull }
    }
}

/// A line of the timeline: only those of labels and pushes are read further.
#[derive(Debug, Clone, Deserialize)]
struct Event {
    #[serde(rename = "type", default)]
    kind: String,
    #[serde(default)]
    body: String,
    user: Option<User>,
    label: Option<Label>,
    created_at: Option<Timestamp>,
}

impl Event {
    /// `1` stands for put on, nothing for taken off.
    fn labelled(&self) -> Option<(Text, Timestamp, Option<Text>)> {
        let label = self.label.as_ref().filter(|_| self.kind == "label" && self.body == "1")?;
        let by = text::name(self.user.as_ref().map(|user| user.login.as_str()));
        Some((text::name(Some(&label.name))?, self.created_at?, by))
    }

    /// The commits of a push stand as JSON in its body, newest last.
    fn pushed(&self) -> Option<(Text, Timestamp)> {
        #[derive(Deserialize)]
        struct Push {
            #[serde(default)]
            commit_ids: Vec<String>,
        }
        if self.kind != "pull_push" {
            return None;
        }
        let push: Push = serde_json::from_str(&self.body).ok()?;
        Some((text::line(push.commit_ids.last()?, 64), self.created_at?))
    }
}

#[derive(Debug, Clone, Deserialize)]
struct Commit {
    sha: String,
    #[serde(rename = "commit")]
    inner: Inner,
    author: Option<User>,
}

#[derive(Debug, Clone, Deserialize)]
struct Inner {
    #[serde(default)]
    message: String,
    committer: Option<Person>,
}

#[derive(Debug, Clone, Deserialize)]
struct Person {
    name: Option<String>,
    date: Option<Timestamp>,
}

impl Commit {
    fn with_message(&self) -> (PullCommit, String) {
        (self.commit(), self.inner.message.clone())
    }

    fn commit(&self) -> PullCommit {
        let committer = self.inner.committer.as_ref();
        let written = committer.and_then(|person| person.name.as_deref());
        PullCommit {
            sha: text::line(&self.sha, 64),
            title: text::title(&self.inner.message),
            author: text::name(self.author.as_ref().map(|user| user.login.as_str()).or(written)),
            at: committer.and_then(|person| person.date),
        }
    }
}

#[derive(Debug, Clone, Deserialize)]
struct Comment {
    id: u64,
    #[serde(default)]
    body: String,
    user: Option<User>,
    created_at: Option<Timestamp>,
    #[serde(default)]
    pull_request_url: String,
}

impl Comment {
    fn remark(&self) -> Remark {
        Remark {
            id: self.id,
            author: self.user.as_ref().map(|user| user.login.clone()).unwrap_or_default(),
            body: self.body.clone(),
            at: self.created_at,
        }
    }

    fn number(&self) -> Option<u64> {
        self.pull_request_url.rsplit('/').next()?.parse().ok()
    }
}

#[derive(Debug, Clone, Deserialize)]
struct Task {
    #[serde(default)]
    name: String,
    #[serde(default)]
    head_sha: String,
    #[serde(default)]
    run_number: u64,
    #[serde(default)]
    status: String,
    #[serde(default)]
    workflow_id: String,
    url: Option<String>,
    created_at: Option<Timestamp>,
    updated_at: Option<Timestamp>,
    run_started_at: Option<Timestamp>,
}

impl Task {
    fn state(&self) -> RunState {
        match &*self.status {
            "success" | "skipped" => RunState::Succeeded,
            "failure" => RunState::Failed,
            "cancelled" => RunState::Cancelled,
            "running" => RunState::Running,
            _ => RunState::Queued,
        }
    }
}

/// Tasks as the runs that they are part of: as bad as the worst of them, and going on while one does.
fn runs(tasks: &[Task]) -> Vec<Ran> {
    let mut by_run: BTreeMap<u64, Vec<&Task>> = BTreeMap::new();
    for task in tasks {
        by_run.entry(task.run_number).or_default().push(task);
    }
    let run = |(number, tasks): (u64, Vec<&Task>)| {
        let first = tasks.first()?;
        let has = |state: RunState| tasks.iter().any(|task| task.state() == state);
        let order = [RunState::Failed, RunState::Running, RunState::Queued, RunState::Cancelled];
        let state = order.into_iter().find(|state| has(*state)).unwrap_or(RunState::Succeeded);
        let ended = matches!(state, RunState::Succeeded | RunState::Failed | RunState::Cancelled);
        let run = Run {
            id: number,
            name: text::title(first.workflow_id.split('.').next().unwrap_or_default()),
            sha: text::line(&first.head_sha, 64),
            state,
            failed_step: None,
            started_at: tasks.iter().filter_map(|task| task.run_started_at).min(),
            finished_at: tasks.iter().filter_map(|task| task.updated_at).max().filter(|_| ended),
            url: text::url(first.url.as_deref()),
        };
        Some(Ran { run, queued: tasks.iter().filter_map(|task| task.created_at).min() })
    };
    by_run.into_iter().rev().filter_map(run).collect()
}
