//! What registries send when something was pushed, each in its own form, told apart by their fields.
//!
//! Only names are taken: repository and tag. Digests, times and addresses in it are not looked at.

use std::collections::BTreeMap;

use landfall_model::image::ImageRef;
use serde::Deserialize;
use serde_json::Value;

use super::Wish;

/// Events of one request that are read.
const EVENTS: usize = 200;

/// What a webhook says.
#[derive(Debug, PartialEq, Eq)]
pub enum Pushed {
    /// Repositories, without host.
    Repositories(BTreeMap<String, Wish>),
    /// Azure's Event Grid wants this code back before it sends events.
    Validation(String),
}

/// Not JSON, or not what any registry sends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Unreadable;

/// Reads a body. No repositories: nothing in it is a reason to look.
pub fn pushed(body: &[u8]) -> Result<Pushed, Unreadable> {
    let value: Value = serde_json::from_slice(body).map_err(|_| Unreadable)?;
    let mut found = BTreeMap::<String, Wish>::new();
    let one = [value];
    // Event Grid sends several in one request, all others one.
    let events = match &one[0] {
        Value::Array(events) => events.as_slice(),
        Value::Object(_) => &one,
        _ => return Err(Unreadable),
    };
    if let Some(code) = events.iter().find_map(validation) {
        return Ok(Pushed::Validation(code));
    }
    for event in events.iter().take(EVENTS) {
        for (repository, wish) in of_event(event) {
            if is_repository(&repository) {
                found.entry(repository).or_default().and(wish);
            }
        }
    }
    found.retain(|_, wish| *wish != Wish::default());
    Ok(Pushed::Repositories(found))
}

/// `SubscriptionValidation` of Event Grid.
fn validation(event: &Value) -> Option<String> {
    (event["eventType"] == "Microsoft.EventGrid.SubscriptionValidationEvent").then_some(())?;
    let code = event["data"]["validationCode"].as_str()?;
    (code.len() <= 200).then(|| code.to_owned())
}

fn of_event(event: &Value) -> Vec<(String, Wish)> {
    if let Some(events) = event["events"].as_array() {
        return events.iter().take(EVENTS).filter_map(of_distribution).collect();
    }
    let one = of_distribution(event)
        .or_else(|| of_distribution(&event["data"]))
        .or_else(|| of_github(&event["package"]))
        .or_else(|| of_github(&event["registry_package"]))
        .or_else(|| of_hub(event))
        .or_else(|| of_amazon(event));
    if let Some(one) = one {
        return vec![one];
    }
    of_harbor(event).or_else(|| of_quay(event)).into_iter().collect()
}

/// The distribution project's events, and Azure's that are made after them.
fn of_distribution(event: &Value) -> Option<(String, Wish)> {
    let repository = event["target"]["repository"].as_str()?;
    let wish = match event["action"].as_str()? {
        "push" => event["target"]["tag"].as_str().and_then(tag),
        "delete" => Some(Wish::list()),
        // Who pulls changes nothing; a blob that is mounted is part of a push.
        _ => None,
    };
    Some((repository.to_owned(), wish.unwrap_or_default()))
}

/// GitHub's `package` and `registry_package`: the names are as people wrote them, images have them in lower case.
fn of_github(package: &Value) -> Option<(String, Wish)> {
    #[derive(Default, Deserialize)]
    struct Tag {
        #[serde(default)]
        name: String,
    }
    let name = package["name"].as_str()?;
    let kind = package["package_type"].as_str().or(package["ecosystem"].as_str()).unwrap_or_default();
    if !kind.eq_ignore_ascii_case("container") && !kind.eq_ignore_ascii_case("docker") {
        return None;
    }
    let owner = package["owner"]["login"].as_str().or(package["namespace"].as_str())?;
    let version = &package["package_version"]["container_metadata"]["tag"];
    let version = Tag::deserialize(version).unwrap_or_default().name;
    Some((format!("{owner}/{name}").to_lowercase(), tag(&version).unwrap_or_else(Wish::list)))
}

/// Docker Hub.
fn of_hub(event: &Value) -> Option<(String, Wish)> {
    let name = event["repository"]["repo_name"].as_str()?;
    let wish = event["push_data"]["tag"].as_str().and_then(tag).unwrap_or_else(Wish::list);
    Some((if name.contains('/') { name.to_owned() } else { format!("library/{name}") }, wish))
}

/// Harbor, in its own form and as CloudEvents. Its `tag` may hold a digest.
fn of_harbor(event: &Value) -> Option<(String, Wish)> {
    let (kind, data) = (event["type"].as_str()?, [&event["event_data"], &event["data"]]);
    let data = data.into_iter().find(|data| data["repository"]["repo_full_name"].is_string())?;
    let name = data["repository"]["repo_full_name"].as_str()?.to_owned();
    let wish = match kind {
        "PUSH_ARTIFACT" | "harbor.artifact.pushed" => {
            let mut wish = Wish::default();
            for resource in data["resources"].as_array().into_iter().flatten().take(EVENTS) {
                wish.and(resource["tag"].as_str().and_then(tag).unwrap_or_else(Wish::list));
            }
            wish
        }
        "DELETE_ARTIFACT"
        | "harbor.artifact.deleted"
        | "TAG_RETENTION"
        | "harbor.tag_retention.finished"
        | "REPLICATION" => Wish::list(),
        _ => Wish::default(),
    };
    Some((name, wish))
}

/// Quay: a list of tags; in former times a table of tags and ids.
fn of_quay(event: &Value) -> Option<(String, Wish)> {
    let name = event["repository"].as_str()?;
    let tags: Vec<&str> = match &event["updated_tags"] {
        Value::Array(tags) => tags.iter().filter_map(Value::as_str).collect(),
        Value::Object(tags) => tags.keys().map(String::as_str).collect(),
        // Another event: a build, a scan.
        _ => return Some((name.to_owned(), Wish::default())),
    };
    let mut wish = Wish::default();
    for one in tags.into_iter().take(EVENTS) {
        wish.and(tag(one).unwrap_or_else(Wish::list));
    }
    Some((name.to_owned(), wish))
}

/// Amazon, through EventBridge.
fn of_amazon(event: &Value) -> Option<(String, Wish)> {
    (event["source"] == "aws.ecr").then_some(())?;
    let detail = &event["detail"];
    let wish = match detail["action-type"].as_str() {
        Some("PUSH") => detail["image-tag"].as_str().and_then(tag).unwrap_or_else(Wish::list),
        Some("DELETE") => Wish::list(),
        _ => Wish::default(),
    };
    Some((detail["repository-name"].as_str()?.to_owned(), wish))
}

/// A tag as the specification allows it.
fn tag(text: &str) -> Option<Wish> {
    let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '-');
    let is_tag = (1..=128).contains(&text.len()) && text.chars().all(fits) && !text.starts_with(['.', '-']);
    is_tag.then(|| Wish::tag(text))
}

fn is_repository(text: &str) -> bool {
    let parsed = (text.len() <= 255).then(|| ImageRef::parse(&format!("host.example/{text}")));
    parsed.is_some_and(|parsed| parsed.is_ok_and(|parsed| parsed.tag.is_none() && parsed.digest.is_none()))
}
