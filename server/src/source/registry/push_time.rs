//! When tags were pushed, by the registry's own word: what some tell beside the protocol, each in its own way.
//!
//! It is kept beside what was seen and never in place of it. It costs one request for each repository in which something
//! new was seen, and tells of the newest hundred tags. Whether it can be had says nothing about the registry: these
//! requests have their own pauses and breaker, and count in the budget of the host.

use std::sync::Arc;

use jiff::Timestamp;
use reqwest::{Method, Url};
use serde::Deserialize;

use super::{Budget, Client, Failure, Patience, client::reach};
use crate::{
    config::{PushTimes, Registry},
    source::http::Http,
};

const LARGEST: usize = 4 << 20;
/// Where Docker Hub tells it: not at the registry.
const HUB: &str = "https://hub.docker.com/";

/// A tag that was pushed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PushTime {
    pub tag: String,
    pub digest: String,
    pub at: Timestamp,
}

/// Where it is asked.
#[derive(Debug)]
pub struct Teller {
    way: PushTimes,
    base: Url,
    http: Http,
}

impl Teller {
    /// `base` is the registry's own address.
    pub fn new(registry: &Registry, base: &Url, patience: &Patience) -> Option<Self> {
        let way = registry.push_times?;
        let is_hub = way == PushTimes::DockerHub && registry.host == "docker.io";
        let base = if is_hub { Url::parse(HUB).ok()? } else { base.clone() };
        let budget = Arc::new(Budget::new(registry.requests_per_minute, patience.clone()));
        Some(Self { way, base, http: Http::new(reach(registry), patience.clone(), budget) })
    }

    fn url(&self, repository: &str) -> Result<Url, Failure> {
        let path = match self.way {
            PushTimes::DockerHub => {
                format!("v2/repositories/{repository}/tags?page_size=100&ordering=last_updated")
            }
            PushTimes::Harbor => {
                let (project, rest) = repository.split_once('/').unwrap_or((repository, ""));
                // Slashes within a name are encoded twice, as Harbor's API asks for.
                let name = rest.replace('/', "%252F");
                format!(
                    "api/v2.0/projects/{project}/repositories/{name}/artifacts?page_size=100&with_tag=true&sort=-push_time"
                )
            }
            PushTimes::Quay => format!("api/v1/repository/{repository}/tag/?limit=100&onlyActiveTags=true"),
            PushTimes::Azure => format!("acr/v1/{repository}/_tags?n=100&orderby=timedesc"),
        };
        self.base.join(&path).map_err(|error| Failure::Broken(error.to_string()))
    }
}

impl Client {
    /// When the newest tags of `repository` were pushed, as far as the registry tells; nothing where it is not to be asked.
    pub async fn push_times(&self, repository: &str) -> Result<Vec<PushTime>, Failure> {
        let Some(teller) = &self.teller else { return Ok(Vec::new()) };
        let url = teller.url(repository)?;
        let body = if teller.way == PushTimes::Azure {
            let response = self.ask(Method::GET, &url, repository, "application/json").await?;
            self.http.whole(response, LARGEST).await?
        } else {
            self.budget().take().await?;
            // Only Harbor takes there what the registry takes.
            let basic = if teller.way == PushTimes::Harbor { self.basic().await? } else { None };
            let response = teller.http.send(Method::GET, &url, "application/json", basic).await?;
            teller.http.whole(response, LARGEST).await?
        };
        read(teller.way, &body).ok_or_else(|| Failure::Broken("push times in another form than known".into()))
    }
}

fn read(way: PushTimes, body: &[u8]) -> Option<Vec<PushTime>> {
    let times = match way {
        PushTimes::DockerHub => hub(body),
        PushTimes::Harbor => harbor(body),
        PushTimes::Quay => quay(body),
        PushTimes::Azure => azure(body),
    };
    times.ok()
}

/// Leaves out what has no digest or no time.
fn all(told: impl Iterator<Item = (String, Option<String>, Option<Timestamp>)>) -> Vec<PushTime> {
    let whole = told.filter_map(|(tag, digest, at)| Some(PushTime { tag, digest: digest?, at: at? }));
    whole.filter(|one| landfall_model::image::is_digest(&one.digest)).collect()
}

/// A time that may be missing or no time at all.
fn time(text: Option<String>) -> Option<Timestamp> {
    text?.parse().ok().filter(|at: &Timestamp| at.as_second() > 0)
}

fn hub(body: &[u8]) -> serde_json::Result<Vec<PushTime>> {
    #[derive(Deserialize)]
    struct Page {
        results: Vec<Tag>,
    }
    #[derive(Deserialize)]
    struct Tag {
        name: String,
        digest: Option<String>,
        #[serde(rename = "tag_last_pushed")]
        last_pushed: Option<String>,
    }
    let page: Page = serde_json::from_slice(body)?;
    Ok(all(page.results.into_iter().map(|tag| (tag.name, tag.digest, time(tag.last_pushed)))))
}

fn harbor(body: &[u8]) -> serde_json::Result<Vec<PushTime>> {
    #[derive(Deserialize)]
    struct Artifact {
        digest: Option<String>,
        tags: Option<Vec<Tag>>,
    }
    #[derive(Deserialize)]
    struct Tag {
        name: String,
        push_time: Option<String>,
    }
    let artifacts: Vec<Artifact> = serde_json::from_slice(body)?;
    Ok(all(artifacts.into_iter().flat_map(|artifact| {
        let Artifact { digest, tags } = artifact;
        tags.unwrap_or_default().into_iter().map(move |tag| (tag.name, digest.clone(), time(tag.push_time)))
    })))
}

fn quay(body: &[u8]) -> serde_json::Result<Vec<PushTime>> {
    #[derive(Deserialize)]
    struct Page {
        tags: Vec<Tag>,
    }
    #[derive(Deserialize)]
    struct Tag {
        name: String,
        manifest_digest: Option<String>,
        start_ts: Option<i64>,
    }
    let page: Page = serde_json::from_slice(body)?;
    let at = |seconds: Option<i64>| Timestamp::from_second(seconds?).ok();
    Ok(all(page.tags.into_iter().map(|tag| (tag.name, tag.manifest_digest, at(tag.start_ts)))))
}

fn azure(body: &[u8]) -> serde_json::Result<Vec<PushTime>> {
    #[derive(Deserialize)]
    struct Page {
        tags: Option<Vec<Tag>>,
    }
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Tag {
        name: String,
        digest: Option<String>,
        last_update_time: Option<String>,
    }
    let page: Page = serde_json::from_slice(body)?;
    let tags = page.tags.unwrap_or_default().into_iter();
    Ok(all(tags.map(|tag| (tag.name, tag.digest, time(tag.last_update_time)))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_has_no_time_or_digest_is_left_out() {
        let digest = format!("sha256:{}", "ab".repeat(32));
        let hub = serde_json::json!({"count": 4, "next": null, "results": [
            {"name": "1", "digest": digest, "tag_last_pushed": "2026-11-20T10:00:00.123456Z", "last_updated": null},
            {"name": "2", "digest": digest, "tag_last_pushed": "0001-01-01T00:00:00Z"},
            {"name": "3", "tag_last_pushed": "2026-11-20T10:00:00Z"},
            {"name": "4", "digest": digest, "tag_last_pushed": "soon"},
        ]});
        let found = read(PushTimes::DockerHub, hub.to_string().as_bytes()).unwrap();
        let at = "2026-11-20T10:00:00.123456Z".parse().unwrap();
        assert_eq!(found, [PushTime { tag: "1".into(), digest, at }]);
        for way in [PushTimes::DockerHub, PushTimes::Harbor, PushTimes::Quay, PushTimes::Azure] {
            for garbage in ["", "<html>", "7", "{\"tags\":7}", "[7]"] {
                assert_eq!(read(way, garbage.as_bytes()), None, "{way:?} {garbage}");
            }
        }
    }
}
