//! One API server: client, credentials, limits, discovery. Shared by all streams of a cluster and of the Argo CD
//! instances in it.

mod discovery;
mod failure;

use std::{
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
use landfall_model::said;
use secrecy::ExposeSecret as _;
use tokio::{
    sync::{Mutex, Semaphore},
    time::Instant,
};

use self::{discovery::Discovery, failure::retry_after};
pub use self::{
    discovery::ServerVersion,
    failure::{Failure, chain, failure_of},
};
use super::{
    Pace,
    access::{self, Credentials},
    wire::Status,
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
                    .map_err(|_| {
                        let secret = secret.to_string();
                        Failure::Credentials(said!("no-token", "{secret} holds no token", secret = secret))
                    })?;
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
            .map_err(|error| Failure::Broken(error.to_string().into()))?;
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
                    kube::Error::Auth(_) => Failure::Credentials(why.into()),
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
        let value =
            serde_json::from_slice(&bytes).map_err(|error| Failure::Broken(error.to_string().into()))?;
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
        serde_json::from_slice(&bytes).map_err(|error| Failure::Broken(error.to_string().into()))
    }
}

/// Reads credentials and makes a client, with the moment at which it must be made anew, and whether it
/// takes any certificate.
async fn build(access: &Access, pace: &Pace) -> Result<(Client, Option<Timestamp>, bool), Failure> {
    let Credentials { mut config, until } = access::credentials(access, pace.response).await?;
    let unverified = config.accept_invalid_certs;
    config.connect_timeout = Some(pace.response);
    // Waits and retries are the streams' business: they know what each costs.
    config.default_retry = false;
    let client = Client::try_from(config).map_err(|error| Failure::Credentials(chain(&error).into()))?;
    Ok((client, until, unverified))
}
