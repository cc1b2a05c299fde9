//! GitHub and GitHub Enterprise: REST, version 2022-11-28.

mod shape;
mod way;

use std::sync::{Arc, Mutex, PoisonError};

use landfall_model::{
    observe::{Branch, PullAsk},
    text::Text,
};
use serde::Deserialize;

use self::{
    shape::{Comment, Commit, Event, Job, Pull, User, WorkflowRun},
    way::Octo,
};
use super::{
    Budget, Details, Failure, Forge, Listed, Listing, Patience, Ran, Remark,
    api::{Api, Want},
    asked, text,
};
use crate::config::{self, ForgeAuth};

/// One GitHub.
#[derive(Debug)]
pub struct Github {
    api: Api<Octo>,
    budget: Arc<Budget>,
    /// `bot` of an App is who it is by its name.
    me: Mutex<Option<String>>,
}

impl Github {
    /// Nothing is asked yet. Fails only where the address cannot be one.
    pub fn new(forge: &config::Forge, patience: Patience) -> Result<Self, Failure> {
        let budget = Arc::new(Budget::new(forge.requests_per_minute, patience.clone()));
        let way = Octo::new(forge, patience, Arc::clone(&budget))?;
        Ok(Self { api: Api::new(way), budget, me: Mutex::default() })
    }

    /// Runs: `None` where they may not be read, or there are none to read.
    async fn workflow_runs(&self, repository: &str, path: &str) -> Result<Option<Vec<Ran>>, Failure> {
        let want = Want { within: Some("workflow_runs"), ..Want::list(repository, path) };
        let runs = self.api.maybe::<WorkflowRun>(want).await?;
        Ok(runs.map(|runs| runs.iter().map(WorkflowRun::ran).collect()))
    }
}

impl Forge for Github {
    async fn who(&self) -> Result<String, Failure> {
        if let Some(me) = self.me.lock().unwrap_or_else(PoisonError::into_inner).clone() {
            return Ok(me);
        }
        let me = match self.api.way.auth() {
            ForgeAuth::App { .. } => self.api.way.app().await?,
            ForgeAuth::Token(_) => {
                let user = self.api.one::<User>("", "user").await?;
                user.map(|user| user.login).ok_or_else(|| Failure::NotFound("user".into()))?
            }
            ForgeAuth::Anonymous => return Ok(String::new()),
        };
        *self.me.lock().unwrap_or_else(PoisonError::into_inner) = Some(me.clone());
        Ok(me)
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
        let all = format!("repos/{path}/pulls?state=open&per_page=100");
        self.api.pulls(Want::list(path, &all), true, Pull::listing).await
    }

    async fn closed(&self, path: &str) -> Result<Listed, Failure> {
        let newest = format!("repos/{path}/pulls?state=closed&sort=updated&direction=desc&per_page=50");
        self.api.pulls(Want::list(path, &newest), false, Pull::listing).await
    }

    async fn pull(&self, path: &str, number: u64) -> Result<Option<Listing>, Failure> {
        let found = self.api.one::<Pull>(path, &format!("repos/{path}/pulls/{number}")).await?;
        Ok(found.as_ref().map(Pull::listing))
    }

    async fn details(&self, path: &str, listing: &Listing, command: &str) -> Result<Details, Failure> {
        let of = |part: &str| format!("repos/{path}/{part}?per_page=100");
        let number = listing.number;
        let events = of(&format!("issues/{number}/events"));
        let events = self.api.all::<Event>(Want::list(path, &events)).await?;
        let commits = of(&format!("pulls/{number}/commits"));
        let commits = self.api.all::<Commit>(Want::list(path, &commits)).await?;
        let remarks = self.comments(path, number).await?;
        let labels = events.iter().filter_map(Event::labelled);
        Ok(Details {
            labels: labels.collect(),
            commits: commits.iter().rev().map(Commit::commit).collect(),
            asked: asked(&remarks, command),
            pushes: events.iter().filter_map(Event::pushed).collect(),
        })
    }

    async fn asks(&self, path: &str, command: &str) -> Result<Option<Vec<(u64, PullAsk)>>, Failure> {
        let newest = format!("repos/{path}/issues/comments?sort=updated&direction=desc&per_page=100");
        let comments = self.api.first::<Comment>(Want::list(path, &newest)).await?;
        let ask = |one: &Comment| Some((one.number()?, asked([&one.remark()], command)?));
        Ok(Some(comments.iter().filter_map(ask).collect()))
    }

    async fn runs(&self, path: &str) -> Result<Option<Vec<Ran>>, Failure> {
        self.workflow_runs(path, &format!("repos/{path}/actions/runs?per_page=100")).await
    }

    async fn runs_of(&self, path: &str, sha: &str) -> Result<Option<Vec<Ran>>, Failure> {
        let sha = text::escaped(sha);
        self.workflow_runs(path, &format!("repos/{path}/actions/runs?head_sha={sha}&per_page=20")).await
    }

    async fn failed_step(&self, path: &str, run: u64) -> Result<Option<Text>, Failure> {
        let of_run = format!("repos/{path}/actions/runs/{run}/jobs?per_page=100");
        let jobs = self.api.maybe::<Job>(Want { within: Some("jobs"), ..Want::list(path, &of_run) }).await?;
        Ok(jobs.iter().flatten().find_map(Job::failed_step))
    }

    async fn branch(&self, path: &str, name: Option<&str>) -> Result<Option<Branch>, Failure> {
        let name = name.map(|name| format!("&sha={}", text::escaped(name))).unwrap_or_default();
        let newest = format!("repos/{path}/commits?per_page=30{name}");
        self.api.branch(Want::list(path, &newest), Commit::with_message).await
    }

    async fn comments(&self, path: &str, number: u64) -> Result<Vec<Remark>, Failure> {
        let all = format!("repos/{path}/issues/{number}/comments?per_page=100");
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
