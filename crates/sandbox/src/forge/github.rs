//! GitHub's REST API, version 2022-11-28.

use axum::http::{Method, StatusCode};
use jiff::Timestamp;
use serde_json::{Value, json};

use super::answer::{Asked, Reply, not_found, ok};
use super::route::What;
use super::state::{Check, Comment, Deployment, Pull, Repository, Run, RunEnd};
use super::{Forge, comments, lock};

pub(super) fn reply(forge: &Forge, asked: &Asked) -> Reply {
    match &asked.route.what {
        What::User => return ok(json!({"login": asked.who.login(), "id": 1, "type": "User"})),
        What::App => return app(forge),
        What::Installations => return installations(forge),
        What::Installation => return installation(forge, &asked.route.repository),
        What::Token(id) => return token(forge, *id),
        What::Comments(number) => return comments::all(forge, asked, *number, comment(asked), false),
        What::AllComments => {
            return comments::everywhere(forge, asked, |number, one| {
                let mut found = comment(asked)(one);
                let path = &asked.route.repository;
                found["issue_url"] = json!(format!("http://{}/repos/{path}/issues/{number}", asked.host));
                found
            });
        }
        What::Comment(id) => return comments::one(forge, asked, *id, comment(asked)),
        _ => {}
    }
    let now = forge.now();
    let mut state = lock(&forge.0.state);
    let id = state.next_id();
    let Some(of) = state.repositories.get_mut(&asked.route.repository).filter(|of| !of.hidden) else {
        return not_found();
    };
    match &asked.route.what {
        What::Project => ok(json!({"id": of.id, "full_name": asked.route.repository, "private": true})),
        What::Pulls => pulls(of, asked),
        What::Pull(number) => of.pulls.get(number).map_or_else(not_found, |one| ok(pull(one, of.id, asked))),
        What::Events(number) => of
            .pulls
            .get(number)
            .map_or_else(not_found, |one| Reply::List(None, one.events.iter().map(event).collect())),
        What::Commits(number) => of
            .pulls
            .get(number)
            .map_or_else(not_found, |one| Reply::List(None, one.commits.iter().map(commit).collect())),
        What::CommitPulls(sha) => {
            let holds = |one: &&Pull| one.commits.iter().any(|commit| commit.sha == *sha);
            Reply::List(None, of.pulls.values().filter(holds).map(|one| pull(one, of.id, asked)).collect())
        }
        What::BranchCommits => of
            .branch(asked.query.get("sha"))
            .map_or_else(not_found, |all| Reply::List(None, all.map(commit).collect())),
        What::Runs => {
            let fits = |one: &&Run| {
                asked.query.get("head_sha").is_none_or(|sha| one.sha == sha)
                    && asked.query.get("branch").is_none_or(|branch| one.branch == branch)
            };
            let found = of.runs.iter().rev().filter(fits).map(|one| run(one, asked)).collect();
            Reply::List(Some("workflow_runs"), found)
        }
        What::Jobs(id) => of.runs.iter().find(|one| one.id == *id).map_or_else(not_found, jobs),
        What::Deployments => deployments(forge, of, asked, id, now),
        What::Statuses(which) => statuses(forge, of, asked, *which, now),
        What::Checks(sha) => {
            let found = of.checks.iter().filter(|one| one.sha == *sha).map(check).collect();
            Reply::List(Some("check_runs"), found)
        }
        What::NewCheck | What::Check(_) => write_check(forge, of, asked, id),
        _ => not_found(),
    }
}

fn app(forge: &Forge) -> Reply {
    let access = lock(&forge.0.access);
    access.app.as_ref().map_or_else(not_found, |app| {
        ok(json!({"id": app.id, "slug": app.slug, "name": app.slug, "permissions": {"pull_requests": "read"}}))
    })
}

fn installations(forge: &Forge) -> Reply {
    let one = lock(&forge.0.access).app.as_ref().map(
        |app| json!({"id": app.installation, "app_id": app.id, "account": {"login": app.account, "id": 7}}),
    );
    Reply::List(None, one.into_iter().collect())
}

fn installation(forge: &Forge, repository: &str) -> Reply {
    let access = lock(&forge.0.access);
    let app = access.app.as_ref().filter(|app| repository.split('/').next() == Some(&app.account));
    app.map_or_else(not_found, |app| ok(json!({"id": app.installation, "app_id": app.id})))
}

fn token(forge: &Forge, id: u64) -> Reply {
    let now = forge.now();
    let mut access = lock(&forge.0.access);
    if access.app.as_ref().is_none_or(|app| app.installation != id) {
        return not_found();
    }
    access.issue(now).map_or_else(not_found, |(token, end)| {
        let answer = json!({"token": token, "expires_at": end.to_string(),
            "permissions": {"pull_requests": "read", "metadata": "read"}, "repository_selection": "all"});
        Reply::One(StatusCode::CREATED, answer)
    })
}

fn pulls(of: &Repository, asked: &Asked) -> Reply {
    let wanted = asked.query.get("state").unwrap_or("open");
    let mut found: Vec<&Pull> =
        of.pulls.values().filter(|one| wanted == "all" || one.state() == wanted).collect();
    if asked.query.get("sort") == Some("updated") {
        found.sort_by_key(|one| (one.updated, one.number));
    } else {
        found.sort_by_key(|one| (one.created, one.number));
    }
    // Newest first, unless it is asked for otherwise.
    if asked.query.get("direction") != Some("asc") {
        found.reverse();
    }
    Reply::List(None, found.into_iter().map(|one| pull(one, of.id, asked)).collect())
}

fn user(login: &str) -> Value {
    let kind = if login.ends_with("[bot]") { "Bot" } else { "User" };
    json!({"login": login, "id": login.len(), "type": kind})
}

fn pull(one: &Pull, repository: u64, asked: &Asked) -> Value {
    let path = &asked.route.repository;
    let owner = path.split('/').next().unwrap_or_default();
    let (head_id, head_owner) =
        if one.fork { (repository + 1, one.author.as_str()) } else { (repository, owner) };
    let name = path.split('/').next_back().unwrap_or_default();
    let at = |owner: &str, id: u64| json!({"id": id, "full_name": format!("{owner}/{name}"), "fork": id != repository});
    let labels: Vec<Value> = one.labels.iter().map(|name| json!({"id": name.len(), "name": name})).collect();
    json!({
        "id": one.id, "number": one.number, "state": one.state(), "locked": false, "title": one.title,
        "draft": one.draft, "user": user(&one.author), "labels": labels,
        "html_url": format!("http://{}/{path}/pull/{}", asked.host, one.number),
        "url": format!("http://{}/repos/{path}/pulls/{}", asked.host, one.number),
        "created_at": time(one.created), "updated_at": time(one.updated), "closed_at": one.closed.map(time),
        "merged_at": one.closed.filter(|_| one.merged).map(time),
        "head": {"ref": one.branch, "sha": one.head(), "label": format!("{head_owner}:{}", one.branch),
                 "repo": at(head_owner, head_id)},
        "base": {"ref": one.target, "sha": "0".repeat(40), "label": format!("{owner}:{}", one.target),
                 "repo": at(owner, repository)},
    })
}

fn event(one: &super::state::Event) -> Value {
    let (label, on) = &one.label;
    json!({"id": one.id, "event": if *on { "labeled" } else { "unlabeled" }, "actor": user(&one.by),
           "created_at": time(one.at), "label": {"name": label, "color": "ededed"}})
}

fn comment(asked: &Asked) -> impl Fn(&Comment) -> Value {
    let (host, path) = (asked.host.clone(), asked.route.repository.clone());
    move |one| {
        json!({"id": one.id, "body": one.body, "user": user(&one.author), "created_at": time(one.created),
               "updated_at": time(one.updated), "html_url": format!("http://{host}/{path}#issuecomment-{}", one.id)})
    }
}

fn commit(one: &super::state::Commit) -> Value {
    let person = json!({"name": one.author, "email": "", "date": time(one.at)});
    json!({"sha": one.sha, "commit": {"message": one.message, "author": person, "committer": person},
           "author": user(&one.author), "parents": []})
}

fn run(one: &Run, asked: &Asked) -> Value {
    let (status, conclusion) = match (&one.end, one.started) {
        (Some((RunEnd::Success, _)), _) => ("completed", Some("success")),
        (Some((RunEnd::Failure(_), _)), _) => ("completed", Some("failure")),
        (Some((RunEnd::Cancelled, _)), _) => ("completed", Some("cancelled")),
        (None, Some(_)) => ("in_progress", None),
        (None, None) => ("queued", None),
    };
    let updated = one.end.as_ref().map(|(_, at)| *at).or(one.started).unwrap_or(one.created);
    json!({"id": one.id, "name": one.name, "head_branch": one.branch, "head_sha": one.sha, "event": "pull_request",
           "status": status, "conclusion": conclusion, "run_attempt": 1, "run_number": 1,
           "html_url": format!("http://{}/{}/actions/runs/{}", asked.host, asked.route.repository, one.id),
           "created_at": time(one.created), "run_started_at": time(one.started.unwrap_or(one.created)),
           "updated_at": time(updated)})
}

fn jobs(one: &Run) -> Reply {
    let (conclusion, broke) = match &one.end {
        Some((RunEnd::Failure(step), _)) => (Some("failure"), Some(step.clone())),
        Some((RunEnd::Success, _)) => (Some("success"), None),
        Some((RunEnd::Cancelled, _)) => (Some("cancelled"), None),
        None => (None, None),
    };
    let status = if conclusion.is_some() { "completed" } else { "in_progress" };
    let step = |number: usize, name: &str, conclusion: Option<&str>| json!({"name": name, "number": number, "status": status, "conclusion": conclusion});
    let mut steps = vec![step(1, "Set up job", Some("success"))];
    match &broke {
        Some(name) => steps.extend([step(2, name, Some("failure")), step(3, "push", Some("skipped"))]),
        None => steps.push(step(2, "push", conclusion)),
    }
    Reply::List(
        Some("jobs"),
        vec![
            json!({"id": one.id + 1, "run_id": one.id, "name": "build", "status": status, "head_sha": one.sha,
                    "conclusion": conclusion, "started_at": one.started.map(time),
                    "completed_at": one.end.as_ref().map(|(_, at)| time(*at)), "steps": steps}),
        ],
    )
}

fn deployments(forge: &Forge, of: &mut Repository, asked: &Asked, id: u64, now: Timestamp) -> Reply {
    let shape = |one: &Deployment| {
        json!({"id": one.id, "sha": one.sha, "ref": one.sha, "environment": one.environment,
               "transient_environment": one.transient, "created_at": time(one.created)})
    };
    if asked.method == Method::POST {
        let text = |key: &str| asked.body[key].as_str().unwrap_or_default().to_owned();
        let made = Deployment {
            id,
            sha: text("ref"),
            environment: text("environment"),
            transient: asked.body["transient_environment"] == true,
            created: now,
            statuses: Vec::new(),
        };
        lock(&forge.0.counts).wrote();
        let answer = shape(&made);
        of.deployments.push(made);
        return Reply::One(StatusCode::CREATED, answer);
    }
    let fits = |one: &&Deployment| {
        asked.query.get("sha").is_none_or(|sha| one.sha == sha)
            && asked.query.get("environment").is_none_or(|name| one.environment == name)
    };
    Reply::List(None, of.deployments.iter().rev().filter(fits).map(shape).collect())
}

fn statuses(forge: &Forge, of: &mut Repository, asked: &Asked, which: u64, now: Timestamp) -> Reply {
    let Some(one) = of.deployments.iter_mut().find(|one| one.id == which) else { return not_found() };
    let shape = |(state, description, url, at): &(String, String, String, Timestamp)| {
        json!({"id": which, "state": state, "description": description, "environment_url": url,
               "created_at": time(*at)})
    };
    if asked.method == Method::POST {
        let text = |key: &str| asked.body[key].as_str().unwrap_or_default().to_owned();
        if text("description").chars().count() > 140 {
            return Reply::One(StatusCode::UNPROCESSABLE_ENTITY, json!({"message": "Validation Failed"}));
        }
        lock(&forge.0.counts).wrote();
        let made = (text("state"), text("description"), text("environment_url"), now);
        let answer = shape(&made);
        one.statuses.push(made);
        return Reply::One(StatusCode::CREATED, answer);
    }
    Reply::List(None, one.statuses.iter().rev().map(shape).collect())
}

fn check(one: &Check) -> Value {
    json!({"id": one.id, "head_sha": one.sha, "name": one.name, "status": one.status, "conclusion": one.conclusion})
}

/// Check runs are written by Apps only.
fn write_check(forge: &Forge, of: &mut Repository, asked: &Asked, id: u64) -> Reply {
    if !matches!(asked.who, super::access::Who::Installation(_)) {
        let message = "You must authenticate via a GitHub App.";
        return Reply::One(StatusCode::FORBIDDEN, json!({"message": message}));
    }
    let text = |key: &str| asked.body[key].as_str().map(str::to_owned);
    lock(&forge.0.counts).wrote();
    if let What::Check(which) = asked.route.what {
        let Some(one) = of.checks.iter_mut().find(|one| one.id == which) else { return not_found() };
        one.status = text("status").unwrap_or_else(|| one.status.clone());
        one.conclusion = text("conclusion").or_else(|| one.conclusion.clone());
        return ok(check(one));
    }
    let made = Check {
        id,
        sha: text("head_sha").unwrap_or_default(),
        name: text("name").unwrap_or_default(),
        status: text("status").unwrap_or_else(|| "queued".to_owned()),
        conclusion: text("conclusion"),
    };
    let answer = check(&made);
    of.checks.push(made);
    Reply::One(StatusCode::CREATED, answer)
}

pub(super) fn time(at: Timestamp) -> String {
    at.to_string()
}
