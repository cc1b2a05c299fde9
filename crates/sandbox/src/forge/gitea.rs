//! Gitea's API, version 1, which Forgejo has as well.

use serde_json::{Value, json};

use super::answer::{Asked, Reply, not_found, ok};
use super::github::time;
use super::route::What;
use super::state::{Comment, Pull, Run, RunEnd};
use super::{Forge, comments, lock};

pub(super) fn reply(forge: &Forge, asked: &Asked) -> Reply {
    match &asked.route.what {
        What::User => return ok(user(asked.who.login())),
        What::Comments(number) => return comments::all(forge, asked, *number, comment, false),
        What::AllComments => {
            return comments::everywhere(forge, asked, |number, one| {
                let mut found = comment(one);
                let path = &asked.route.repository;
                found["pull_request_url"] = json!(format!("http://{}/{path}/pulls/{number}", asked.host));
                found
            });
        }
        What::Comment(id) => return comments::one(forge, asked, *id, comment),
        _ => {}
    }
    let state = lock(&forge.0.state);
    let Some(of) = state.repositories.get(&asked.route.repository).filter(|of| !of.hidden) else {
        return not_found();
    };
    match &asked.route.what {
        What::Project => ok(json!({"id": of.id, "full_name": asked.route.repository})),
        What::Pulls => {
            let wanted = asked.query.get("state").unwrap_or("open");
            let is = |one: &&Pull| wanted == "all" || one.state() == wanted;
            let mut found: Vec<&Pull> = of.pulls.values().filter(is).collect();
            if asked.query.get("sort") == Some("recentupdate") {
                found.sort_by_key(|one| (one.updated, one.number));
            }
            Reply::List(None, found.into_iter().rev().map(|one| pull(one, of.id, asked)).collect())
        }
        What::Pull(number) => of.pulls.get(number).map_or_else(not_found, |one| ok(pull(one, of.id, asked))),
        What::Commits(number) => of.pulls.get(number).map_or_else(not_found, |one| {
            Reply::List(None, one.commits.iter().rev().map(commit).collect())
        }),
        What::BranchCommits => of
            .branch(asked.query.get("sha"))
            .map_or_else(not_found, |all| Reply::List(None, all.map(commit).collect())),
        What::Events(number) => of.pulls.get(number).map_or_else(not_found, |one| {
            let label = |one: &super::state::Event| {
                json!({"id": one.id, "type": "label", "user": user(&one.by), "created_at": time(one.at),
                       "label": {"name": one.label.0}, "body": if one.label.1 { "1" } else { "" }})
            };
            let push = |(sha, at): &(String, jiff::Timestamp)| {
                let body = json!({"is_force_push": false, "commit_ids": [sha]}).to_string();
                json!({"id": 1, "type": "pull_push", "user": user(&one.author), "created_at": time(*at), "body": body})
            };
            Reply::List(None, one.events.iter().map(label).chain(one.pushes.iter().map(push)).collect())
        }),
        What::Runs => {
            let tasks = of.runs.iter().rev().map(|one| task(one, asked)).collect();
            Reply::List(Some("workflow_runs"), tasks)
        }
        _ => not_found(),
    }
}

fn user(login: &str) -> Value {
    json!({"id": 2, "login": login})
}

fn pull(one: &Pull, repository: u64, asked: &Asked) -> Value {
    let labels: Vec<Value> = one.labels.iter().map(|name| json!({"id": 1, "name": name})).collect();
    let head = if one.fork { repository + 1 } else { repository };
    json!({
        "id": one.id, "number": one.number, "title": one.title, "state": one.state(), "draft": one.draft,
        "user": user(&one.author), "labels": labels, "merged": one.merged,
        "html_url": format!("http://{}/{}/pulls/{}", asked.host, asked.route.repository, one.number),
        "head": {"ref": one.branch, "label": one.branch, "sha": one.head(), "repo_id": head},
        "base": {"ref": one.target, "label": one.target, "sha": "0".repeat(40), "repo_id": repository},
        "created_at": time(one.created), "updated_at": time(one.updated), "closed_at": one.closed.map(time),
        "merged_at": one.closed.filter(|_| one.merged).map(time),
    })
}

fn comment(one: &Comment) -> Value {
    json!({"id": one.id, "body": one.body, "user": user(&one.author), "created_at": time(one.created),
           "updated_at": time(one.updated)})
}

fn task(one: &Run, asked: &Asked) -> Value {
    let status = match (&one.end, one.started) {
        (Some((RunEnd::Success, _)), _) => "success",
        (Some((RunEnd::Failure(_), _)), _) => "failure",
        (Some((RunEnd::Cancelled, _)), _) => "cancelled",
        (None, Some(_)) => "running",
        (None, None) => "waiting",
    };
    let updated = one.end.as_ref().map(|(_, at)| *at).or(one.started).unwrap_or(one.created);
    // A task is a job: its name is the job's.
    let name = if let Some((RunEnd::Failure(step), _)) = &one.end { step.clone() } else { one.name.clone() };
    json!({"id": one.id, "name": name, "head_branch": one.branch, "head_sha": one.sha, "run_number": one.id,
           "event": "pull_request", "status": status, "workflow_id": format!("{}.yml", one.name),
           "url": format!("http://{}/{}/actions/runs/{}", asked.host, asked.route.repository, one.id),
           "created_at": time(one.created), "updated_at": time(updated),
           "run_started_at": one.started.map(time)})
}

fn commit(one: &super::state::Commit) -> Value {
    let person = json!({"name": one.author, "date": time(one.at)});
    json!({"sha": one.sha, "author": user(&one.author),
           "commit": {"message": one.message, "author": person, "committer": person}})
}
