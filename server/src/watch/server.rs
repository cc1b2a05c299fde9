//! One API server: client, credentials, limits, discovery. Shared by all streams of a cluster and of the Argo CD
//! instances in it.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::Duration,
};

use http_body_util::BodyExt as _;
use hyper::{HeaderMap, Request, Response, StatusCode, header};
use jiff::Timestamp;
use kube::{Client, client::Body};
use secrecy::ExposeSecret as _;
use serde::Deserialize;
use tokio::{
    sync::{Mutex, Semaphore},
    time::Instant,
};

use super::{
    Pace,
    access::{self, Credentials},
    resource::Resource,
    wire::{self, Status},
};
use crate::{
    clock,
    config::{Access, Cluster, Limits, Secret},
};

/// Lists that one API server answers for us at a time: their pages are what costs memory on both sides.
const PARALLEL_LISTS: usize = 4;
/// Largest body that is read whole: a page of a list, discovery.
const LARGEST_BODY: usize = 96 << 20;
/// How long a token that was read from its file is used.
const TOKEN_AGE: Duration = Duration::from_secs(10);
/// A credential that ends sooner than this is replaced first.
const EXPIRES_SOON: jiff::SignedDuration = jiff::SignedDuration::from_secs(30);
/// Since this minor version of Kubernetes streaming lists are on by default.
const STREAMING_SINCE: u32 = 34;

/// Why a request did not give what it should.
#[derive(Debug, Clone, thiserror::Error)]
pub enum Failure {
    /// 401 or 403.
    #[error("{}: {message}", if *.status == 401 { "credentials refused (401)" } else { "no permission (403)" })]
    Refused { status: u16, message: String },
    /// 410, or an ERROR that says so: the version is too old.
    #[error("the version is too old (410)")]
    Expired,
    /// Any other status.
    #[error("the server answered {status}: {message}")]
    Status { status: u16, message: String, retry_after: Option<Duration> },
    /// No word for longer than allowed.
    #[error("no word from the server for {} s", .0.as_secs())]
    Silent(Duration),
    #[error("connection: {0}")]
    Connection(String),
    /// Kubeconfig, token or certificate cannot be read.
    #[error("{0}")]
    Credentials(String),
    /// The kubeconfig signs in by a command that the configuration does not list.
    #[error("the kubeconfig signs in by running `{0}`, which `exec` of this [[cluster]] does not list")]
    NotAllowed(String),
    /// What came is no JSON, or not what it should be.
    #[error("broken answer: {0}")]
    Broken(String),
    #[error("an answer larger than {} MiB", .0 >> 20)]
    TooLarge(usize),
    /// What should be read is not installed.
    #[error("not installed")]
    Absent,
}

/// An error with its causes, without repeating what a cause already said.
pub fn chain(error: &(dyn std::error::Error + 'static)) -> String {
    let mut text = without_userinfo(&error.to_string());
    let mut cause = error.source();
    while let Some(error) = cause {
        let more = without_userinfo(&error.to_string());
        if !text.contains(&more) {
            text.push_str(": ");
            text.push_str(&more);
        }
        cause = error.source();
    }
    text
}

/// One API server.
pub struct Server {
    pub name: String,
    access: Access,
    pace: Arc<Pace>,
    object_bytes: usize,
    client: Mutex<Option<(Client, Option<Timestamp>)>>,
    unverified: AtomicBool,
    token: Mutex<Option<(Instant, header::HeaderValue)>>,
    lists: Arc<Semaphore>,
    discovery: Mutex<Discovery>,
    /// Highest `resourceVersion` that any stream saw: the store counts all kinds together.
    highest: AtomicU64,
}

impl std::fmt::Debug for Server {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Server")
            .field("name", &self.name)
            .field("access", &self.access)
            .finish_non_exhaustive()
    }
}

#[derive(Debug, Default)]
struct Discovery {
    /// Groups with their versions, and when they were read.
    groups: Option<(Instant, BTreeMap<String, Vec<String>>)>,
    /// Plural names by `group/version`.
    resources: BTreeMap<String, BTreeSet<String>>,
    minor: Option<u32>,
}

impl Server {
    pub fn new(cluster: &Cluster, limits: &Limits, pace: &Arc<Pace>) -> Self {
        Self {
            name: cluster.name.clone(),
            access: cluster.access.clone(),
            pace: Arc::clone(pace),
            object_bytes: limits.object_bytes,
            client: Mutex::new(None),
            unverified: AtomicBool::new(false),
            token: Mutex::new(None),
            lists: Arc::new(Semaphore::new(PARALLEL_LISTS)),
            discovery: Mutex::new(Discovery::default()),
            highest: AtomicU64::new(0),
        }
    }

    /// Waits for a turn to list.
    pub async fn turn(&self) -> Option<tokio::sync::OwnedSemaphorePermit> {
        Arc::clone(&self.lists).acquire_owned().await.ok()
    }

    /// Bytes of the largest object that is read.
    pub fn largest_object(&self) -> usize {
        self.object_bytes
    }

    pub fn saw(&self, version: u64) {
        self.highest.fetch_max(version, Ordering::Relaxed);
    }

    pub fn highest(&self) -> u64 {
        self.highest.load(Ordering::Relaxed)
    }

    /// Whether the server's certificate is not looked at, because a kubeconfig says so. Known after the first request.
    pub fn is_unverified(&self) -> bool {
        self.unverified.load(Ordering::Relaxed)
    }

    async fn client(&self) -> Result<Client, Failure> {
        let mut slot = self.client.lock().await;
        if let Some((client, until)) = &*slot
            && until.is_none_or(|until| clock::now() + EXPIRES_SOON < until)
        {
            return Ok(client.clone());
        }
        let (client, until, unverified) = build(&self.access, &self.pace).await?;
        self.unverified.store(unverified, Ordering::Relaxed);
        // Whatever a command says, it is not run for each request.
        let until = until.map(|until| until.max(clock::now() + EXPIRES_SOON * 2));
        *slot = Some((client.clone(), until));
        Ok(client)
    }

    /// Forgets client and token, so that the next request reads kubeconfig, certificates and token anew.
    async fn forget(&self) {
        *self.client.lock().await = None;
        *self.token.lock().await = None;
    }

    async fn bearer(&self, secret: &Secret) -> Result<header::HeaderValue, Failure> {
        let mut slot = self.token.lock().await;
        if let Some((read_at, value)) = &*slot
            && read_at.elapsed() < TOKEN_AGE
        {
            return Ok(value.clone());
        }
        match secret.read() {
            Ok(token) => {
                let mut value = header::HeaderValue::try_from(format!("Bearer {}", token.expose_secret()))
                    .map_err(|_| Failure::Credentials(format!("{secret} holds no token")))?;
                value.set_sensitive(true);
                *slot = Some((Instant::now(), value.clone()));
                Ok(value)
            }
            // While a file is being replaced the last token is as good as any.
            Err(why) => match &*slot {
                Some((_, value)) => Ok(value.clone()),
                None => Err(Failure::Credentials(why)),
            },
        }
    }

    /// Sends a GET and waits until the answer begins. Anything but a success is a [`Failure`].
    pub async fn open(&self, path_and_query: &str, accept: &'static str) -> Result<Response<Body>, Failure> {
        let request = Request::get(path_and_query).header(header::ACCEPT, accept);
        self.send(request, Body::empty()).await
    }

    async fn send(
        &self,
        request: hyper::http::request::Builder,
        body: Body,
    ) -> Result<Response<Body>, Failure> {
        let client = self.client().await?;
        let mut request = request
            .header(header::USER_AGENT, concat!("landfall/", env!("CARGO_PKG_VERSION")))
            .body(body)
            .map_err(|error| Failure::Broken(error.to_string()))?;
        if let Some(secret) = self.access.token() {
            let value = self.bearer(&secret).await?;
            request.headers_mut().insert(header::AUTHORIZATION, value);
        }
        let wait = self.pace.response;
        let answer =
            tokio::time::timeout(wait, client.send(request)).await.map_err(|_| Failure::Silent(wait))?;
        let response = match answer {
            Ok(response) => response,
            Err(error) => {
                let why = chain(&error);
                // A certificate or authority that was replaced shows up as a failed handshake, theirs or ours.
                let handshake =
                    why.to_ascii_lowercase().contains("certificate") || why.contains("fatal alert");
                if handshake || matches!(error, kube::Error::Auth(_)) {
                    self.forget().await;
                }
                return Err(match error {
                    kube::Error::Auth(_) => Failure::Credentials(why),
                    _ => Failure::Connection(why),
                });
            }
        };
        if response.status().is_success() {
            return Ok(response);
        }
        if response.status() == StatusCode::UNAUTHORIZED {
            self.forget().await;
        }
        Err(self.refusal(response).await)
    }

    async fn refusal(&self, response: Response<Body>) -> Failure {
        let code = response.status().as_u16();
        let retry_after = retry_after(response.headers());
        let body = self.read(response.into_body(), 1 << 20).await.unwrap_or_default();
        let said = serde_json::from_slice::<Status>(&body).unwrap_or_default();
        failure_of(code, said, retry_after)
    }

    /// Reads a body whole, within `largest` bytes, each part within the time of a response.
    async fn read(&self, mut body: Body, largest: usize) -> Result<Vec<u8>, Failure> {
        let wait = self.pace.response;
        let mut bytes = Vec::new();
        loop {
            match tokio::time::timeout(wait, body.frame()).await {
                Err(_) => return Err(Failure::Silent(wait)),
                Ok(None) => return Ok(bytes),
                Ok(Some(Err(error))) => return Err(Failure::Connection(chain(&error))),
                Ok(Some(Ok(frame))) => {
                    if let Some(data) = frame.data_ref() {
                        if bytes.len() + data.len() > largest {
                            return Err(Failure::TooLarge(largest));
                        }
                        bytes.extend_from_slice(data);
                    }
                }
            }
        }
    }

    /// A GET, read whole.
    pub async fn get(&self, path_and_query: &str, accept: &'static str) -> Result<Vec<u8>, Failure> {
        let response = self.open(path_and_query, accept).await?;
        self.read(response.into_body(), LARGEST_BODY).await
    }

    /// A GET of JSON, with the answer's headers.
    pub async fn get_json<T: serde::de::DeserializeOwned>(
        &self,
        path: &str,
    ) -> Result<(T, HeaderMap), Failure> {
        let response = self.open(path, "application/json").await?;
        let (parts, body) = response.into_parts();
        let bytes = self.read(body, LARGEST_BODY).await?;
        let value = serde_json::from_slice(&bytes).map_err(|error| Failure::Broken(error.to_string()))?;
        Ok((value, parts.headers))
    }

    /// A POST of JSON: only access reviews, which change nothing.
    pub async fn review<T: serde::de::DeserializeOwned>(
        &self,
        path: &str,
        review: &serde_json::Value,
    ) -> Result<T, Failure> {
        let request = Request::post(path)
            .header(header::ACCEPT, "application/json")
            .header(header::CONTENT_TYPE, "application/json");
        let response = self.send(request, Body::from(review.to_string().into_bytes())).await?;
        let bytes = self.read(response.into_body(), 1 << 20).await?;
        serde_json::from_slice(&bytes).map_err(|error| Failure::Broken(error.to_string()))
    }

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

    async fn groups(&self) -> Result<BTreeMap<String, Vec<String>>, Failure> {
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

/// A status with its words, as a failure.
pub fn failure_of(code: u16, said: wire::Status, retry_after: Option<Duration>) -> Failure {
    let message = short(&said.message.or(said.reason).unwrap_or_else(|| "without a word".to_owned()));
    match code {
        401 | 403 => Failure::Refused { status: code, message },
        410 => Failure::Expired,
        _ => Failure::Status { status: code, message, retry_after },
    }
}

/// The first line, at most 300 characters, without control characters.
fn short(text: &str) -> String {
    text.lines().next().unwrap_or_default().chars().filter(|c| !c.is_control()).take(300).collect()
}

fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let seconds: u64 = headers.get(header::RETRY_AFTER)?.to_str().ok()?.parse().ok()?;
    Some(Duration::from_secs(seconds.min(60)))
}

/// Reads credentials and makes a client, with the moment at which it must be made anew, and whether it
/// takes any certificate.
async fn build(access: &Access, pace: &Pace) -> Result<(Client, Option<Timestamp>, bool), Failure> {
    let Credentials { mut config, until } = access::credentials(access, pace.response).await?;
    let unverified = config.accept_invalid_certs;
    config.connect_timeout = Some(pace.response);
    // Waits and retries are the streams' business: they know what each costs.
    config.default_retry = false;
    let client = Client::try_from(config).map_err(|error| Failure::Credentials(chain(&error)))?;
    Ok((client, until, unverified))
}

/// Text without what stands between `://` and `@`: a proxy's or a server's URL may hold a password there.
fn without_userinfo(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("://") {
        out.push_str(before);
        out.push_str("://");
        let authority =
            after.find(|c: char| c.is_whitespace() || "/?#\"'`".contains(c)).unwrap_or(after.len());
        rest = match after[..authority].rfind('@') {
            Some(at) => &after[at + 1..],
            None => after,
        };
    }
    out + rest
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

    #[test]
    fn passwords_in_urls_are_not_told() {
        for (said, told) in [
            ("proxy http://me:pass@proxy:3128/x?y is away", "proxy http://proxy:3128/x?y is away"),
            ("\"https://u:p@a\" and https://b@c/d@e", "\"https://a\" and https://c/d@e"),
            ("no URL, but me@example.org", "no URL, but me@example.org"),
        ] {
            assert_eq!(without_userinfo(said), told);
        }
    }

    #[test]
    fn messages_are_short_and_plain() {
        let said = wire::Status {
            message: Some(format!("a\u{7}b{}\nsecond", "x".repeat(400))),
            ..Status::default()
        };
        let Failure::Refused { message, .. } = failure_of(403, said, None) else {
            panic!("403 is a refusal")
        };
        assert!(message.starts_with("abx") && message.chars().count() == 300);
    }
}
