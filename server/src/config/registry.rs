//! `[[registry]]`: which registries are asked, how, and how often at most.

use std::{path::PathBuf, time::Duration};

use landfall_model::image::ImageRef;

use super::{
    problem::{Problem, nearest},
    reader::{Found, Section},
    secret::{Secret, secret},
    sources::{Access, Cluster},
};

/// A registry, source `registry/HOST`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Registry {
    /// As images name it, with the port where there is one.
    pub host: String,
    /// Where it is asked, if not at `host`: scheme, host and port.
    pub server: Option<String>,
    pub auth: RegistryAuth,
    /// Page of an image, with `{repository}`, `{tag}`, `{digest}`.
    pub link: Option<String>,
    /// It is only linked to, never asked.
    pub links_only: bool,
    /// Repositories that are looked at beside those that images name, without the host.
    pub repositories: Vec<String>,
    /// Pause between two looks.
    pub interval: Duration,
    /// Requests in a minute, at most.
    pub requests_per_minute: u32,
    /// Signs the registry's certificate, beside the authorities of the machine.
    pub ca_file: Option<PathBuf>,
    /// It is spoken to without TLS.
    pub plain_http: bool,
    /// Its names may mean addresses of private networks.
    pub allow_private: bool,
    /// Hosts beside its own that may ask for its credentials.
    pub auth_hosts: Vec<String>,
    /// What its webhooks are known by; without it they are refused.
    pub webhook_secret: Option<Secret>,
    /// How it tells when tags were pushed, if it is to be asked.
    pub push_times: Option<PushTimes>,
}

/// Interfaces beside the protocol that tell when tags were pushed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PushTimes {
    DockerHub,
    Harbor,
    Quay,
    Azure,
}

impl PushTimes {
    /// As the configuration writes them.
    pub const WORDS: &[&str] = &["docker-hub", "harbor", "quay", "azure"];

    fn parse(word: &str) -> Option<Self> {
        let all = [Self::DockerHub, Self::Harbor, Self::Quay, Self::Azure];
        Self::WORDS.iter().position(|known| *known == word).and_then(|at| all.get(at).copied())
    }
}

/// How a registry is asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RegistryAuth {
    Anonymous,
    DockerConfig(PathBuf),
    Password { username: String, password: Secret },
    Secret(KubernetesSecret),
}

/// A Kubernetes Secret of type `kubernetes.io/dockerconfigjson`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KubernetesSecret {
    /// Name of the `[[cluster]]`.
    pub cluster: String,
    pub access: Access,
    pub namespace: String,
    pub name: String,
}

impl std::fmt::Display for KubernetesSecret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}/{}/{}", self.cluster, self.namespace, self.name)
    }
}

impl Registry {
    /// The default between two looks.
    pub const INTERVAL: Duration = Duration::from_mins(2);
    /// The default of requests in a minute.
    pub const REQUESTS_PER_MINUTE: u32 = 300;

    /// Name of the source.
    pub fn source(&self) -> String {
        format!("registry/{}", self.host)
    }

    /// Silent for longer, and what it told is marked as old: three looks, at least two minutes.
    pub fn stale_after(&self) -> Duration {
        (self.interval * 3).max(Duration::from_mins(2))
    }

    /// One that is asked as the defaults say.
    pub fn anonymous(host: impl Into<String>) -> Self {
        Self {
            host: host.into(),
            server: None,
            auth: RegistryAuth::Anonymous,
            link: None,
            links_only: false,
            repositories: Vec::new(),
            interval: Self::INTERVAL,
            requests_per_minute: Self::REQUESTS_PER_MINUTE,
            ca_file: None,
            plain_http: false,
            allow_private: false,
            auth_hosts: Vec::new(),
            webhook_secret: None,
            push_times: None,
        }
    }
}

pub fn registries(root: &Section<'_>, clusters: &[Cluster]) -> Vec<Registry> {
    let mut registries = Vec::<Registry>::new();
    for section in root.list("registry") {
        let host = section.required("host");
        let of = |host: &str| registry(&section, host, clusters);
        let Some(host) = host else {
            of("");
            continue;
        };
        let found = of(&host.value);
        if !is_host(&host.value) {
            section.problem(
                Problem::at(host.place, format!("`{}` is no host", host.value))
                    .help("write it as images do, without scheme and path: \"registry.example:5000\""),
            );
        } else if registries.iter().any(|other| other.host == host.value) {
            section.problem(Problem::at(host.place, format!("two registries are named `{}`", host.value)));
        } else {
            registries.push(found);
        }
    }
    registries
}

fn registry(section: &Section<'_>, host: &str, clusters: &[Cluster]) -> Registry {
    let plain_http = section.switch("plain_http");
    Registry {
        server: server(section, plain_http),
        auth: auth(section, clusters),
        link: section.url("link").map(|found| found.value),
        links_only: section.switch("links_only"),
        repositories: repositories(section, host),
        interval: interval(section),
        requests_per_minute: section
            .number("requests_per_minute", 1..=60_000)
            .and_then(|found| u32::try_from(found.value).ok())
            .unwrap_or(Registry::REQUESTS_PER_MINUTE),
        ca_file: section.path("ca_file").map(|found| found.value),
        plain_http,
        allow_private: section.switch("allow_private"),
        auth_hosts: auth_hosts(section),
        push_times: section.word("push_times").and_then(|found| PushTimes::parse(&found.value)),
        webhook_secret: secret(section, "webhook_secret_file", "webhook_secret_env"),
        ..Registry::anonymous(host)
    }
}

/// Where the registry is asked in place of its host. Without TLS only where `plain_http` says so.
fn server(section: &Section<'_>, plain_http: bool) -> Option<String> {
    let Found { value, place } = section.url("server")?;
    let (scheme, rest) = value.split_once("://").unwrap_or_default();
    if rest.contains(['/', '?', '#']) {
        section.problem(
            Problem::at(place, "`server` has more than scheme, host and port")
                .help("repositories keep the paths that images have: \"https://mirror.example:5000\""),
        );
        return None;
    }
    if scheme.eq_ignore_ascii_case("http") && !plain_http {
        section.problem(
            Problem::at(place, "`server` is asked without TLS")
                .help("credentials would travel in clear; if that is meant so: plain_http = true"),
        );
        return None;
    }
    Some(value)
}

/// A host as images name it: no scheme, no path, no user.
fn is_host(text: &str) -> bool {
    !text.is_empty() && !text.contains(['/', '@']) && ImageRef::parse(&format!("{text}/a/b:c")).is_ok()
}

fn repositories(section: &Section<'_>, host: &str) -> Vec<String> {
    let mut repositories = Vec::new();
    for Found { value, place } in section.texts("repositories").into_iter().flat_map(|found| found.value) {
        let path = value.strip_prefix(&format!("{host}/")).unwrap_or(&value).to_owned();
        let parsed = ImageRef::parse(&format!("{host}/{path}"));
        let whole = parsed.as_ref().is_ok_and(|parsed| parsed.tag.is_none() && parsed.digest.is_none());
        if !whole {
            section.problem(
                Problem::at(place, format!("`{value}` is no repository"))
                    .help("write its path in the registry, without tag: \"hosting/control-panel\""),
            );
        } else if !repositories.contains(&path) {
            repositories.push(path);
        }
    }
    repositories
}

/// Between ten seconds and a day.
fn interval(section: &Section<'_>) -> Duration {
    let Some(found) = section.duration("interval") else { return Registry::INTERVAL };
    match Duration::try_from(found.value) {
        Ok(interval) if (10..=86_400).contains(&interval.as_secs()) => interval,
        _ => {
            section.problem(Problem::at(found.place, "`interval` must be between 10s and 24h"));
            Registry::INTERVAL
        }
    }
}

fn auth_hosts(section: &Section<'_>) -> Vec<String> {
    let mut hosts = Vec::new();
    for Found { value, place } in section.texts("auth_hosts").into_iter().flat_map(|found| found.value) {
        if value.contains(['/', '@', '*', '?']) {
            section.problem(
                Problem::at(place, format!("`{value}` is no host"))
                    .help("write it without scheme and path: \"auth.example\""),
            );
        } else {
            hosts.push(value.to_lowercase());
        }
    }
    hosts
}

fn auth(registry: &Section<'_>, clusters: &[Cluster]) -> RegistryAuth {
    let section = registry.section("auth");
    let anonymous = section.switch("anonymous");
    let docker_config = section.path("docker_config");
    let username = section.text("username");
    let password = secret(&section, "password_file", "password_env");
    let in_cluster = section.text("secret");
    let ways = usize::from(anonymous)
        + usize::from(section.given("secret"))
        + usize::from(section.given("docker_config"))
        + usize::from(section.given("username"));
    if ways > 1 {
        section.problem(Problem::at(section.place(), "more than one way to sign in").help(
            "give one of `docker_config`, `username` with `password_file`, `secret`, `anonymous = true`",
        ));
    }
    if let Some(found) = in_cluster {
        return kubernetes_secret(&section, &found, clusters)
            .map_or(RegistryAuth::Anonymous, RegistryAuth::Secret);
    }
    match (docker_config, username, password) {
        (Some(path), _, _) => RegistryAuth::DockerConfig(path.value),
        (None, Some(username), Some(password)) => {
            RegistryAuth::Password { username: username.value, password }
        }
        (None, Some(username), None) => {
            section.problem(
                Problem::at(username.place, "`username` without a password")
                    .help("add `password_file` or `password_env`"),
            );
            RegistryAuth::Anonymous
        }
        (None, None, Some(_)) => {
            section.problem(Problem::at(section.place(), "a password without `username`"));
            RegistryAuth::Anonymous
        }
        (None, None, None) => RegistryAuth::Anonymous,
    }
}

/// `cluster/namespace/name`, of a cluster that is configured.
fn kubernetes_secret(
    section: &Section<'_>,
    found: &Found<String>,
    clusters: &[Cluster],
) -> Option<KubernetesSecret> {
    let is_name = |text: &str| {
        (1..=253).contains(&text.len())
            && text.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '-' | '.'))
    };
    let parts: Vec<&str> = found.value.split('/').collect();
    let [cluster, namespace, name] = parts.as_slice() else {
        section.problem(
            Problem::at(found.place.clone(), format!("`{}` names no Secret", found.value))
                .help("write cluster, namespace and name: \"prod/landfall/registry\""),
        );
        return None;
    };
    if !is_name(namespace) || !is_name(name) {
        let what = format!("`{namespace}/{name}` is no namespace and name of a Secret");
        section.problem(Problem::at(found.place.clone(), what));
        return None;
    }
    let Some(known) = clusters.iter().find(|one| one.name == *cluster) else {
        let names: Vec<&str> = clusters.iter().map(|one| one.name.as_str()).collect();
        let problem = Problem::at(found.place.clone(), format!("there is no [[cluster]] named `{cluster}`"));
        section.problem(match nearest(cluster, names.iter().copied()) {
            Some(near) => problem.help(format!("did you mean `{near}`?")),
            None => problem,
        });
        return None;
    };
    Some(KubernetesSecret {
        cluster: known.name.clone(),
        access: known.access.clone(),
        namespace: (*namespace).to_owned(),
        name: (*name).to_owned(),
    })
}
