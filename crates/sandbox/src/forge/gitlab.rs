//! GitLab's REST API, version 4: merge requests.

use axum::http::StatusCode;
use serde_json::{Value, json};

use super::answer::{Asked, Reply, not_found, ok};
use super::github::time;
use super::route::What;
use super::state::{Comment, Pull, Run, RunEnd};
use super::{Forge, comments, lock};

pub(super) fn reply(forge: &Forge, asked: &Asked) -> Reply {
    match &asked.route.what {
        What::User => return ok(json!({"id": 1, "username": asked.who.login(), "name": asked.who.login()})),
        What::Comments(number) => {
            let newest_first = asked.query.get("sort") != Some("asc");
            return comments::all(forge, asked, *number, note, newest_first);
        }
        What::Comment(id) => return comments::one(forge, asked, *id, note),
        _ => {}
    }
    let state = lock(&forge.0.state);
    let by_id = asked.route.repository.parse::<u64>().ok();
    let mut all = state.repositories.iter();
    let found = all.find(|(path, of)| **path == asked.route.repository || by_id == Some(of.id));
    let Some((path, of)) = found.filter(|(_, of)| !of.hidden) else {
        return Reply::One(StatusCode::NOT_FOUND, json!({"message": "404 Project Not Found"}));
    };
    let pull = |one: &Pull| merge_request(one, of.id, path, asked);
    match &asked.route.what {
        What::Project => ok(json!({"id": of.id, "path_with_namespace": path})),
        What::Pulls => {
            let wanted = asked.query.get("state").unwrap_or("all");
            let is = |one: &&Pull| match wanted {
                "opened" => one.closed.is_none(),
                "closed" => one.closed.is_some() && !one.merged,
                "merged" => one.merged,
                _ => true,
            };
            let mut found: Vec<&Pull> = of.pulls.values().filter(is).collect();
            if asked.query.get("order_by") == Some("updated_at") {
                found.sort_by_key(|one| (one.updated, one.number));
            }
            Reply::List(None, found.into_iter().rev().map(pull).collect())
        }
        What::Pull(number) => of.pulls.get(number).map_or_else(not_found, |one| ok(pull(one))),
        What::Commits(number) => of.pulls.get(number).map_or_else(not_found, |one| {
            Reply::List(None, one.commits.iter().rev().map(commit).collect())
        }),
        What::BranchCommits => of
            .branch(asked.query.get("ref_name"))
            .map_or_else(not_found, |all| Reply::List(None, all.map(commit).collect())),
        What::Versions(number) => of.pulls.get(number).map_or_else(not_found, |one| {
            let version = |(sha, at): &(String, jiff::Timestamp)| {
                json!({"id": 1, "head_commit_sha": sha, "created_at": time(*at)})
            };
            Reply::List(None, one.pushes.iter().rev().map(version).collect())
        }),
        What::Events(number) => of.pulls.get(number).map_or_else(not_found, |one| {
            let event = |one: &super::state::Event| {
                json!({"id": one.id, "user": {"username": one.by}, "created_at": time(one.at),
                       "label": {"name": one.label.0}, "action": if one.label.1 { "add" } else { "remove" }})
            };
            Reply::List(None, one.events.iter().map(event).collect())
        }),
        What::PullRuns(number) => of.pulls.get(number).map_or_else(not_found, |one| {
            let is = |run: &&Run| one.commits.iter().any(|commit| commit.sha == run.sha);
            Reply::List(None, of.runs.iter().rev().filter(is).map(|run| pipeline(run, path, asked)).collect())
        }),
        What::Runs => {
            let is = |run: &&Run| asked.query.get("sha").is_none_or(|sha| run.sha == sha);
            Reply::List(None, of.runs.iter().rev().filter(is).map(|run| pipeline(run, path, asked)).collect())
        }
        What::Jobs(id) => of.runs.iter().find(|one| one.id == *id).map_or_else(not_found, jobs),
        _ => not_found(),
    }
}

fn merge_request(one: &Pull, project: u64, path: &str, asked: &Asked) -> Value {
    let state = if one.merged {
        "merged"
    } else if one.closed.is_some() {
        "closed"
    } else {
        "opened"
    };
    json!({
        "id": one.id, "iid": one.number, "project_id": project, "title": one.title, "state": state,
        "draft": one.draft, "labels": one.labels, "author": {"id": 2, "username": one.author},
        "web_url": format!("http://{}/{path}/-/merge_requests/{}", asked.host, one.number),
        "sha": one.head(), "source_branch": one.branch, "target_branch": one.target,
        "source_project_id": if one.fork { project + 1 } else { project }, "target_project_id": project,
        "created_at": time(one.created), "updated_at": time(one.updated),
        "closed_at": one.closed.filter(|_| !one.merged).map(time),
        "merged_at": one.closed.filter(|_| one.merged).map(time),
    })
}

fn note(one: &Comment) -> Value {
    json!({"id": one.id, "body": one.body, "author": {"id": 2, "username": one.author}, "system": false,
           "created_at": time(one.created), "updated_at": time(one.updated)})
}

fn pipeline(one: &Run, path: &str, asked: &Asked) -> Value {
    let status = match (&one.end, one.started) {
        (Some((RunEnd::Success, _)), _) => "success",
        (Some((RunEnd::Failure(_), _)), _) => "failed",
        (Some((RunEnd::Cancelled, _)), _) => "canceled",
        (None, Some(_)) => "running",
        (None, None) => "pending",
    };
    let updated = one.end.as_ref().map(|(_, at)| *at).or(one.started).unwrap_or(one.created);
    json!({"id": one.id, "sha": one.sha, "ref": one.branch, "status": status, "source": "merge_request_event",
           "created_at": time(one.created), "updated_at": time(updated),
           "web_url": format!("http://{}/{path}/-/pipelines/{}", asked.host, one.id)})
}

fn jobs(one: &Run) -> Reply {
    let job = |name: &str, status: &str| {
        json!({"id": one.id + 1, "name": name, "stage": "build", "status": status,
               "started_at": one.started.map(time), "finished_at": one.end.as_ref().map(|(_, at)| time(*at))})
    };
    let found = match &one.end {
        Some((RunEnd::Failure(step), _)) => vec![job(step, "failed")],
        _ => Vec::new(),
    };
    Reply::List(None, found)
}

fn commit(one: &super::state::Commit) -> Value {
    let title = one.message.lines().next().unwrap_or_default();
    json!({"id": one.sha, "title": title, "message": one.message, "author_name": one.author,
           "committed_date": time(one.at)})
}
