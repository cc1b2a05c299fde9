//! Workflow runs, deployments and check runs, as tests change them.

use super::state::{Deployment, Run, RunEnd};
use super::{Forge, lock};

impl Forge {
    /// Queues a run of a pull request's head; gives its id.
    pub fn queue_run(&self, repository: &str, number: u64, name: &str) -> u64 {
        let at = self.now();
        let mut state = lock(&self.0.state);
        let id = state.next_id();
        let Some(of) = state.repositories.get_mut(repository) else { return 0 };
        let Some(pull) = of.pulls.get(&number) else { return 0 };
        let run = Run {
            id,
            name: name.to_owned(),
            branch: pull.branch.clone(),
            sha: pull.head().to_owned(),
            created: at,
            started: None,
            end: None,
        };
        of.runs.push(run);
        id
    }

    /// A queued run begins.
    pub fn start_run(&self, repository: &str, id: u64) {
        let at = self.now();
        self.run(repository, id, |run| run.started = Some(at));
    }

    /// A run ends.
    pub fn end_run(&self, repository: &str, id: u64, end: RunEnd) {
        let at = self.now();
        self.run(repository, id, |run| {
            run.started.get_or_insert(at);
            run.end = Some((end, at));
        });
    }

    fn run(&self, repository: &str, id: u64, with: impl FnOnce(&mut Run)) {
        if let Some(of) = lock(&self.0.state).repositories.get_mut(repository)
            && let Some(run) = of.runs.iter_mut().find(|run| run.id == id)
        {
            with(run);
        }
    }

    /// State and URL that deployments of a commit told last, by environment.
    pub fn deployed(&self, repository: &str, sha: &str) -> Vec<(String, String, String)> {
        let state = lock(&self.0.state);
        let of = state.repositories.get(repository).into_iter().flat_map(|of| &of.deployments);
        let last = |one: &Deployment| {
            let last = one.statuses.last();
            let state = last.map_or("pending", |(state, ..)| state).to_owned();
            let url = last.map(|(_, _, url, _)| url.clone()).unwrap_or_default();
            (one.environment.clone(), state, url)
        };
        of.filter(|one| one.sha == sha).map(last).collect()
    }
}
