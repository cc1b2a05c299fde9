//! Comments: read, written, changed and deleted, the same behind all three APIs.

use axum::http::{Method, StatusCode};
use serde_json::Value;

use super::answer::{Asked, Reply, not_found};
use super::state::Comment;
use super::{Forge, lock};

/// The largest body, in characters.
const LARGEST: usize = 65_536;

/// The comments of a pull request: a list, or a new one. `shape` writes one as its API does.
pub(super) fn all(
    forge: &Forge,
    asked: &Asked,
    number: u64,
    shape: impl Fn(&Comment) -> Value,
    newest_first: bool,
) -> Reply {
    let repository = &asked.route.repository;
    if asked.method == Method::POST {
        let Some(body) = body(asked) else { return refused() };
        if !lock(&forge.0.state).repositories.get(repository).is_some_and(|of| of.pulls.contains_key(&number))
        {
            return not_found();
        }
        lock(&forge.0.counts).wrote();
        let id = forge.comment(repository, number, asked.who.login(), body);
        let made = forge.comments(repository, number).into_iter().find(|one| one.id == id);
        return made.map_or_else(not_found, |one| Reply::One(StatusCode::CREATED, shape(&one)));
    }
    let mut comments: Vec<Value> = forge.comments(repository, number).iter().map(shape).collect();
    if newest_first {
        comments.reverse();
    }
    Reply::List(None, comments)
}

/// The comments of a repository, those that changed last first.
pub(super) fn everywhere(forge: &Forge, asked: &Asked, shape: impl Fn(u64, &Comment) -> Value) -> Reply {
    let state = lock(&forge.0.state);
    let Some(of) = state.repositories.get(&asked.route.repository).filter(|of| !of.hidden) else {
        return not_found();
    };
    let mut found: Vec<(u64, &Comment)> =
        of.pulls.values().flat_map(|pull| pull.comments.iter().map(|one| (pull.number, one))).collect();
    found.sort_by_key(|(_, one)| std::cmp::Reverse((one.updated, one.id)));
    Reply::List(None, found.into_iter().map(|(number, one)| shape(number, one)).collect())
}

/// One comment: read, changed, deleted. Only its author may change it.
pub(super) fn one(forge: &Forge, asked: &Asked, id: u64, shape: impl Fn(&Comment) -> Value) -> Reply {
    let now = forge.now();
    let mut state = lock(&forge.0.state);
    let Some(of) = state.repositories.get_mut(&asked.route.repository) else { return not_found() };
    let Some(pull) = of.pulls.values_mut().find(|pull| pull.comments.iter().any(|one| one.id == id)) else {
        return not_found();
    };
    if asked.method == Method::DELETE {
        pull.comments.retain(|one| one.id != id);
        lock(&forge.0.counts).wrote();
        return Reply::Nothing;
    }
    let Some(comment) = pull.comments.iter_mut().find(|one| one.id == id) else { return not_found() };
    if asked.method == Method::PATCH || asked.method == Method::PUT {
        let Some(body) = body(asked) else { return refused() };
        if comment.author != asked.who.login() {
            return Reply::One(StatusCode::FORBIDDEN, serde_json::json!({"message": "Forbidden"}));
        }
        body.clone_into(&mut comment.body);
        (comment.updated, pull.updated) = (now, now);
        lock(&forge.0.counts).wrote();
    }
    super::answer::ok(shape(comment))
}

fn body(asked: &Asked) -> Option<&str> {
    asked.body["body"].as_str().filter(|body| !body.is_empty() && body.chars().count() <= LARGEST)
}

fn refused() -> Reply {
    let message = serde_json::json!({"message": "Validation Failed", "errors": [{"field": "body"}]});
    Reply::One(StatusCode::UNPROCESSABLE_ENTITY, message)
}
