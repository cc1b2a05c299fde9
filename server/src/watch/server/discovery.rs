//! What a server is and what is installed there.

use std::collections::{BTreeMap, BTreeSet};

use hyper::HeaderMap;
use serde::Deserialize;
use tokio::time::Instant;

use super::{Failure, Server};
use crate::watch::resource::Resource;

/// Since this minor version of Kubernetes streaming lists are on by default.
const STREAMING_SINCE: u32 = 34;

#[derive(Debug, Default)]
pub(super) struct Discovery {
    /// Groups with their versions, and when they were read.
    groups: Option<(Instant, BTreeMap<String, Vec<String>>)>,
    /// Plural names by `group/version`.
    resources: BTreeMap<String, BTreeSet<String>>,
    minor: Option<u32>,
}

impl Server {
    /// The version in which a resource is served, or [`Failure::Absent`]. Told by discovery: a resource that is not
    /// installed answers 403 to a reader without rights on its group.
    pub async fn find(&self, resource: &Resource) -> Result<&'static str, Failure> {
        let preferred = resource.versions.first().copied().unwrap_or("v1");
        if !resource.optional {
            return Ok(preferred);
        }
        let mut discovery = self.discovery.lock().await;
        let fresh = discovery.groups.as_ref().is_some_and(|(at, _)| at.elapsed() < self.pace.verdict / 2);
        if !fresh {
            let groups = self.groups().await?;
            discovery.groups = Some((Instant::now(), groups));
            discovery.resources.clear();
        }
        for version in resource.versions {
            let served = discovery
                .groups
                .as_ref()
                .and_then(|(_, groups)| groups.get(resource.group))
                .is_some_and(|versions| versions.iter().any(|served| served == version));
            if !served {
                continue;
            }
            let key = format!("{}/{version}", resource.group);
            if !discovery.resources.contains_key(&key) {
                let (list, _): (ResourceList, _) = self.get_json(&format!("/apis/{key}")).await?;
                let names = list.resources.into_iter().map(|resource| resource.name).collect();
                discovery.resources.insert(key.clone(), names);
            }
            if discovery.resources.get(&key).is_some_and(|names| names.contains(resource.plural)) {
                return Ok(version);
            }
        }
        Err(Failure::Absent)
    }

    pub(super) async fn groups(&self) -> Result<BTreeMap<String, Vec<String>>, Failure> {
        let (list, _): (GroupList, _) = self.get_json("/apis").await?;
        Ok(list
            .groups
            .into_iter()
            .map(|group| (group.name, group.versions.into_iter().map(|version| version.version).collect()))
            .collect())
    }

    /// Forgets what is installed, so that the next stream looks again.
    pub async fn look_again(&self) {
        self.discovery.lock().await.groups = None;
    }

    /// Whether lists can be streamed. Asked once; an old server would send objects and never say that it is done.
    pub async fn streams_lists(&self) -> bool {
        let mut discovery = self.discovery.lock().await;
        if let Some(minor) = discovery.minor {
            return minor >= STREAMING_SINCE;
        }
        match self.version().await {
            Ok((version, _)) => {
                let minor = version.minor_number();
                discovery.minor = Some(minor);
                minor >= STREAMING_SINCE
            }
            Err(_) => false,
        }
    }

    /// `/version`, with the answer's headers.
    pub async fn version(&self) -> Result<(ServerVersion, HeaderMap), Failure> {
        self.get_json("/version").await
    }
}

/// What `/version` says.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ServerVersion {
    #[serde(default)]
    pub minor: String,
    #[serde(default)]
    pub git_version: String,
}

impl ServerVersion {
    /// Whether it is older than this minor version. One that does not tell its version is not.
    pub fn is_older_than(&self, minor: u32) -> bool {
        (1..minor).contains(&self.minor_number())
    }

    /// Some providers write `33+`.
    fn minor_number(&self) -> u32 {
        self.minor.trim_end_matches(|c: char| !c.is_ascii_digit()).parse().unwrap_or(0)
    }
}

#[derive(Debug, Deserialize)]
struct GroupList {
    #[serde(default)]
    groups: Vec<Group>,
}

#[derive(Debug, Deserialize)]
struct Group {
    name: String,
    #[serde(default)]
    versions: Vec<GroupVersion>,
}

#[derive(Debug, Deserialize)]
struct GroupVersion {
    version: String,
}

#[derive(Debug, Deserialize)]
struct ResourceList {
    #[serde(default)]
    resources: Vec<ResourceName>,
}

#[derive(Debug, Deserialize)]
struct ResourceName {
    name: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn minor_versions_of_providers() {
        let minor =
            |text: &str| ServerVersion { minor: text.into(), git_version: String::new() }.minor_number();
        assert_eq!((minor("36"), minor("33+"), minor("")), (36, 33, 0));
    }
}
