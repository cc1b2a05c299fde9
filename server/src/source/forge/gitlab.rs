//! GitLab: merge requests of its REST API, version 4. Paths of projects are escaped: `group%2Fproject`.

use std::sync::Arc;

use jiff::Timestamp;
use landfall_model::{
    observe::{self, PullAsk, PullCommit, PullHead, Run},
    text::Text,
    words::{PullState, RunState},
};
use reqwest::Method;
use serde::Deserialize;
use serde_json::json;

use super::{
    Budget, Details, Failure, Forge, Listed, Listing, Patience, Ran, Remark,
    api::{Api, Want},
    asked,
    plain::Plain,
    text::{self, plain_labels},
};
use crate::config;

/// One GitLab.
#[derive(Debug)]
pub struct Gitlab {
    api: Api<Plain>,
    budget: Arc<Budget>,
}

impl Gitlab {
    /// Nothing is asked yet. Fails only where the address cannot be one.
    pub fn new(forge: &config::Forge, patience: Patience) -> Result<Self, Failure> {
        let budget = Arc::new(Budget::new(forge.requests_per_minute, patience.clone()));
        let way = Plain::new(forge, patience, Arc::clone(&budget), "api/v4/", ("private-token", ""))?;
        Ok(Self { api: Api::new(way), budget })
    }

    async fn pulls(&self, path: &str, of: &str, whole: bool) -> Result<Listed, Failure> {
        self.api.pulls(Want::list(path, &project(path, of)), whole, MergeRequest::listing).await
    }
}

fn project(path: &str, rest: &str) -> String {
    format!("projects/{}/{rest}", text::escaped(path))
}

impl Forge for Gitlab {
    async fn who(&self) -> Result<String, Failure> {
        if !self.api.way.is_signed_in() {
            return Ok(String::new());
        }
        let user = self.api.one::<User>("", "user").await?;
        user.map(|user| user.username).ok_or_else(|| Failure::NotFound("user".into()))
    }

    async fn repository(&self, path: &str) -> Result<String, Failure> {
        #[derive(Deserialize)]
        struct Named {
            path_with_namespace: String,
        }
        let found = self.api.one::<Named>(path, project(path, "").trim_end_matches('/')).await?;
        found.map(|found| found.path_with_namespace).ok_or_else(|| Failure::NotFound("without a word".into()))
    }

    async fn open(&self, path: &str) -> Result<Listed, Failure> {
        self.pulls(path, "merge_requests?state=opened&per_page=100", true).await
    }

    async fn closed(&self, path: &str) -> Result<Listed, Failure> {
        // Closed and merged are two states, and none means both.
        let newest = "merge_requests?state=all&order_by=updated_at&sort=desc&per_page=100";
        let mut listed = self.pulls(path, newest, false).await?;
        listed.pulls.retain(|listing| listing.pull.state != PullState::Open);
        Ok(listed)
    }

    async fn pull(&self, path: &str, number: u64) -> Result<Option<Listing>, Failure> {
        let found =
            self.api.one::<MergeRequest>(path, &project(path, &format!("merge_requests/{number}"))).await?;
        Ok(found.as_ref().map(MergeRequest::listing))
    }

    async fn details(&self, path: &str, listing: &Listing, command: &str) -> Result<Details, Failure> {
        let of = |part: &str| project(path, &format!("merge_requests/{}/{part}per_page=100", listing.number));
        let events = self.api.all::<LabelEvent>(Want::list(path, &of("resource_label_events?"))).await?;
        let commits = self.api.first::<Commit>(Want::list(path, &of("commits?"))).await?;
        let versions = self.api.first::<Version>(Want::list(path, &of("versions?"))).await?;
        let notes = of("notes?sort=desc&order_by=created_at&");
        let notes = self.api.first::<Note>(Want::list(path, &notes)).await?;
        let remarks: Vec<Remark> = notes.iter().filter(|note| !note.system).map(Note::remark).collect();
        Ok(Details {
            labels: events.iter().filter_map(LabelEvent::labelled).collect(),
            commits: commits.iter().map(Commit::commit).collect(),
            asked: asked(&remarks, command),
            pushes: versions
                .iter()
                .filter_map(|one| Some((text::line(&one.head_commit_sha, 64), one.created_at?)))
                .collect(),
        })
    }

    async fn asks(&self, _: &str, _: &str) -> Result<Option<Vec<(u64, PullAsk)>>, Failure> {
        Ok(None)
    }

    async fn runs(&self, path: &str) -> Result<Option<Vec<Ran>>, Failure> {
        let newest = project(path, "pipelines?per_page=100");
        let runs = self.api.maybe::<Pipeline>(Want::list(path, &newest)).await?;
        Ok(runs.map(|runs| runs.iter().map(Pipeline::ran).collect()))
    }

    async fn runs_of(&self, path: &str, sha: &str) -> Result<Option<Vec<Ran>>, Failure> {
        let of = project(path, &format!("pipelines?sha={}&per_page=20", text::escaped(sha)));
        let runs = self.api.maybe::<Pipeline>(Want::list(path, &of)).await?;
        Ok(runs.map(|runs| runs.iter().map(Pipeline::ran).collect()))
    }

    async fn failed_step(&self, path: &str, run: u64) -> Result<Option<Text>, Failure> {
        let of = project(path, &format!("pipelines/{run}/jobs?scope[]=failed&per_page=100"));
        let jobs = self.api.maybe::<Job>(Want::list(path, &of)).await?;
        let failed = jobs.into_iter().flatten().find(|job| job.status == "failed" && !job.allow_failure);
        Ok(failed.map(|job| text::title(&job.name)))
    }

    async fn branch(&self, path: &str, name: Option<&str>) -> Result<Option<observe::Branch>, Failure> {
        let name = name.map(|name| format!("&ref_name={}", text::escaped(name))).unwrap_or_default();
        let newest = project(path, &format!("repository/commits?per_page=30{name}"));
        self.api.branch(Want::list(path, &newest), Commit::with_message).await
    }

    async fn comments(&self, path: &str, number: u64) -> Result<Vec<Remark>, Failure> {
        let all = project(
            path,
            &format!("merge_requests/{number}/notes?sort=asc&order_by=created_at&per_page=100"),
        );
        let notes = self.api.all::<Note>(Want::list(path, &all)).await?;
        Ok(notes.iter().filter(|note| !note.system).map(Note::remark).collect())
    }

    async fn comment(
        &self,
        path: &str,
        number: u64,
        id: Option<u64>,
        body: &str,
    ) -> Result<Option<u64>, Failure> {
        let notes = project(path, &format!("merge_requests/{number}/notes"));
        let (method, to) = match id {
            Some(id) => (Method::PUT, format!("{notes}/{id}")),
            None => (Method::POST, notes),
        };
        let written = self.api.write::<Note>(path, method, &to, &json!({"body": body})).await?;
        Ok(written.map(|note| note.id))
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
    username: String,
}

#[derive(Debug, Clone, Deserialize)]
struct MergeRequest {
    iid: u64,
    title: String,
    state: String,
    #[serde(default, alias = "work_in_progress")]
    draft: bool,
    #[serde(default)]
    labels: Vec<String>,
    author: Option<User>,
    web_url: Option<String>,
    sha: Option<String>,
    source_branch: String,
    target_branch: String,
    source_project_id: Option<u64>,
    target_project_id: Option<u64>,
    created_at: Option<Timestamp>,
    updated_at: Option<Timestamp>,
    closed_at: Option<Timestamp>,
    merged_at: Option<Timestamp>,
}

impl MergeRequest {
    fn listing(&self) -> Listing {
        let labels = self.labels.iter().map(String::as_str);
        let pull = observe::Pull {
            title: text::title(&self.title),
            author: text::name(self.author.as_ref().map(|user| user.username.as_str())),
            url: text::url(self.web_url.as_deref()),
            state: match &*self.state {
                "opened" | "locked" => PullState::Open,
                "merged" => PullState::Merged,
                _ => PullState::Closed,
            },
            draft: self.draft,
            fork: self.source_project_id.zip(self.target_project_id).map(|(from, to)| from != to),
            labels: plain_labels(labels),
            head: PullHead {
                branch: text::line(&self.source_branch, 255),
                sha: text::line(self.sha.as_deref().unwrap_or_default(), 64),
                pushed_at: None,
            },
            base: text::line(&self.target_branch, 255),
            created: self.created_at,
            closed_at: self.merged_at.or(self.closed_at),
            commits: Vec::new(),
            asked: None,
            runs: None,
        };
        Listing { number: self.iid, updated: self.updated_at, pull }
    }
}

#[derive(Debug, Clone, Deserialize)]
struct LabelEvent {
    action: String,
    created_at: Option<Timestamp>,
    user: Option<User>,
    /// `null` where the label was deleted.
    label: Option<Label>,
}

#[derive(Debug, Clone, Deserialize)]
struct Label {
    name: String,
}

impl LabelEvent {
    fn labelled(&self) -> Option<(Text, Timestamp, Option<Text>)> {
        let label = self.label.as_ref().filter(|_| self.action == "add")?;
        let by = text::name(self.user.as_ref().map(|user| user.username.as_str()));
        Some((text::name(Some(&label.name))?, self.created_at?, by))
    }
}

#[derive(Debug, Clone, Deserialize)]
struct Commit {
    id: String,
    #[serde(default)]
    title: String,
    #[serde(default)]
    message: String,
    author_name: Option<String>,
    committed_date: Option<Timestamp>,
}

impl Commit {
    fn with_message(&self) -> (PullCommit, String) {
        (self.commit(), self.message.clone())
    }

    fn commit(&self) -> PullCommit {
        PullCommit {
            sha: text::line(&self.id, 64),
            title: text::title(&self.title),
            author: text::name(self.author_name.as_deref()),
            at: self.committed_date,
        }
    }
}

/// A head that a merge request had, with the moment at which it came.
#[derive(Debug, Clone, Deserialize)]
struct Version {
    head_commit_sha: String,
    created_at: Option<Timestamp>,
}

#[derive(Debug, Clone, Deserialize)]
struct Note {
    id: u64,
    #[serde(default)]
    body: String,
    author: Option<User>,
    created_at: Option<Timestamp>,
    #[serde(default)]
    system: bool,
}

impl Note {
    fn remark(&self) -> Remark {
        Remark {
            id: self.id,
            author: self.author.as_ref().map(|user| user.username.clone()).unwrap_or_default(),
            body: self.body.clone(),
            at: self.created_at,
        }
    }
}

#[derive(Debug, Clone, Deserialize)]
struct Pipeline {
    id: u64,
    sha: String,
    status: String,
    name: Option<String>,
    web_url: Option<String>,
    created_at: Option<Timestamp>,
    updated_at: Option<Timestamp>,
}

impl Pipeline {
    fn ran(&self) -> Ran {
        let state = match &*self.status {
            "success" | "skipped" => RunState::Succeeded,
            "failed" => RunState::Failed,
            "canceled" | "canceling" => RunState::Cancelled,
            "running" => RunState::Running,
            _ => RunState::Queued,
        };
        let ended = matches!(state, RunState::Succeeded | RunState::Failed | RunState::Cancelled);
        let run = Run {
            id: self.id,
            name: text::title(self.name.as_deref().unwrap_or("pipeline")),
            sha: text::line(&self.sha, 64),
            state,
            failed_step: None,
            started_at: self.created_at.filter(|_| state != RunState::Queued),
            finished_at: self.updated_at.filter(|_| ended),
            url: text::url(self.web_url.as_deref()),
        };
        Ran { run, queued: self.created_at }
    }
}

#[derive(Debug, Clone, Deserialize)]
struct Job {
    name: String,
    status: String,
    #[serde(default)]
    allow_failure: bool,
}
