//! What a path asks for, in each of the three APIs.

/// Whose API is spoken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Api {
    Github,
    Gitlab,
    Gitea,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Route {
    pub api: Api,
    /// Path of the repository; empty where it is about none.
    pub repository: String,
    pub what: What,
}

/// The numbers are those of pull requests, comments, runs, deployments.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum What {
    User,
    App,
    Installations,
    Installation,
    Token(u64),
    Project,
    Pulls,
    Pull(u64),
    Events(u64),
    Comments(u64),
    Comment(u64),
    /// Those of the whole repository.
    AllComments,
    Commits(u64),
    /// GitLab: which head came when.
    Versions(u64),
    CommitPulls(String),
    /// Those of a branch.
    BranchCommits,
    Runs,
    /// GitLab: pipelines of a merge request.
    PullRuns(u64),
    Jobs(u64),
    Deployments,
    Statuses(u64),
    /// Check runs of a commit.
    Checks(String),
    NewCheck,
    Check(u64),
    Unknown,
}

impl Route {
    pub fn of(path: &str) -> Self {
        if let Some(rest) = path.strip_prefix("/api/v4/") {
            return gitlab(rest);
        }
        if let Some(rest) = path.strip_prefix("/api/v1/") {
            return gitea(rest);
        }
        github(path.strip_prefix("/api/v3").unwrap_or(path).trim_start_matches('/'))
    }

    pub fn sort(&self) -> &'static str {
        match self.what {
            What::User => "user",
            What::App | What::Installations | What::Installation => "app",
            What::Token(_) => "token",
            What::Project => "project",
            What::Pulls => "pulls",
            What::Pull(_) => "pull",
            What::Events(_) => "events",
            What::Comments(_) | What::AllComments => "comments",
            What::Comment(_) => "comment",
            What::Commits(_) => "commits",
            What::Versions(_) => "versions",
            What::CommitPulls(_) => "commit-pulls",
            What::BranchCommits => "branch",
            What::Runs | What::PullRuns(_) => "runs",
            What::Jobs(_) => "jobs",
            What::Deployments | What::Statuses(_) => "deployments",
            What::Checks(_) | What::NewCheck | What::Check(_) => "checks",
            What::Unknown => "other",
        }
    }
}

fn github(path: &str) -> Route {
    let parts: Vec<&str> = path.split('/').collect();
    let route = |repository: String, what| Route { api: Api::Github, repository, what };
    let of_none = |what| route(String::new(), what);
    let number = |text: &str| text.parse::<u64>().ok();
    let (owner, name, rest) = match parts.as_slice() {
        ["user"] => return of_none(What::User),
        ["app"] => return of_none(What::App),
        ["app", "installations"] => return of_none(What::Installations),
        ["app", "installations", id, "access_tokens"] => {
            return of_none(number(id).map_or(What::Unknown, What::Token));
        }
        ["repos", owner, name, rest @ ..] => (owner, name, rest),
        _ => return of_none(What::Unknown),
    };
    let what = match rest {
        [] => Some(What::Project),
        ["installation"] => Some(What::Installation),
        ["pulls"] => Some(What::Pulls),
        ["pulls", n] => number(n).map(What::Pull),
        ["pulls", n, "commits"] => number(n).map(What::Commits),
        ["issues", n, "events" | "timeline"] => number(n).map(What::Events),
        ["issues", "comments"] => Some(What::AllComments),
        ["issues", "comments", id] => number(id).map(What::Comment),
        ["issues", n, "comments"] => number(n).map(What::Comments),
        ["commits"] => Some(What::BranchCommits),
        ["commits", sha, "pulls"] => Some(What::CommitPulls((*sha).to_owned())),
        ["commits", sha, "check-runs"] => Some(What::Checks((*sha).to_owned())),
        ["actions", "runs"] => Some(What::Runs),
        ["actions", "runs", id, "jobs"] => number(id).map(What::Jobs),
        ["deployments"] => Some(What::Deployments),
        ["deployments", id, "statuses"] => number(id).map(What::Statuses),
        ["check-runs"] => Some(What::NewCheck),
        ["check-runs", id] => number(id).map(What::Check),
        _ => None,
    };
    route(format!("{owner}/{name}"), what.unwrap_or(What::Unknown))
}

fn gitlab(path: &str) -> Route {
    let parts: Vec<&str> = path.split('/').collect();
    let route = |repository: String, what| Route { api: Api::Gitlab, repository, what };
    let number = |text: &str| text.parse::<u64>().ok();
    let (project, rest) = match parts.as_slice() {
        ["user"] => return route(String::new(), What::User),
        ["projects", project, rest @ ..] => (decode(project), rest),
        _ => return route(String::new(), What::Unknown),
    };
    let what = match rest {
        [] => Some(What::Project),
        ["merge_requests"] => Some(What::Pulls),
        ["merge_requests", n] => number(n).map(What::Pull),
        ["merge_requests", n, "commits"] => number(n).map(What::Commits),
        ["merge_requests", n, "versions"] => number(n).map(What::Versions),
        ["merge_requests", n, "resource_label_events"] => number(n).map(What::Events),
        ["merge_requests", n, "notes"] => number(n).map(What::Comments),
        ["merge_requests", _, "notes", id] => number(id).map(What::Comment),
        ["merge_requests", n, "pipelines"] => number(n).map(What::PullRuns),
        ["repository", "commits"] => Some(What::BranchCommits),
        ["pipelines"] => Some(What::Runs),
        ["pipelines", id, "jobs"] => number(id).map(What::Jobs),
        _ => None,
    };
    route(project, what.unwrap_or(What::Unknown))
}

fn gitea(path: &str) -> Route {
    let parts: Vec<&str> = path.split('/').collect();
    let route = |repository: String, what| Route { api: Api::Gitea, repository, what };
    let number = |text: &str| text.parse::<u64>().ok();
    let (owner, name, rest) = match parts.as_slice() {
        ["user"] => return route(String::new(), What::User),
        ["repos", owner, name, rest @ ..] => (owner, name, rest),
        _ => return route(String::new(), What::Unknown),
    };
    let what = match rest {
        [] => Some(What::Project),
        ["pulls"] => Some(What::Pulls),
        ["pulls", n] => number(n).map(What::Pull),
        ["pulls", n, "commits"] => number(n).map(What::Commits),
        ["issues", n, "timeline"] => number(n).map(What::Events),
        ["issues", "comments"] => Some(What::AllComments),
        ["issues", "comments", id] => number(id).map(What::Comment),
        ["issues", n, "comments"] => number(n).map(What::Comments),
        ["commits"] => Some(What::BranchCommits),
        ["actions", "tasks"] => Some(What::Runs),
        _ => None,
    };
    route(format!("{owner}/{name}"), what.unwrap_or(What::Unknown))
}

/// `group%2Fproject` as `group/project`.
fn decode(text: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = text.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        let hex = after.get(..2).and_then(|two| std::str::from_utf8(two).ok());
        let escaped = hex.and_then(|two| u8::from_str_radix(two, 16).ok()).filter(|_| *first == b'%');
        bytes.push(escaped.unwrap_or(*first));
        rest = if escaped.is_some() { &after[2..] } else { after };
    }
    String::from_utf8_lossy(&bytes).into_owned()
}
