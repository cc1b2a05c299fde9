//! One registry: what is asked of it, and what is remembered of its habits.

use std::sync::{
    Arc,
    atomic::{AtomicBool, AtomicU32, Ordering},
};

use reqwest::{Method, Response, StatusCode, Url, header::HeaderValue};

use super::{Blocked, Budget, Failure, Patience, auth::Auth, push_time::Teller};
use crate::{
    config::Registry,
    source::http::{Http, Reach},
};

/// Tags that are asked for in one page: the most that Amazon's registry takes.
const PAGE: u32 = 1_000;
/// Hosts that answer under another name than images have.
const ELSEWHERE: &[(&str, &str)] = &[("docker.io", "registry-1.docker.io")];

/// Where a registry is asked: scheme, host and port.
pub fn base(registry: &Registry) -> String {
    if let Some(server) = &registry.server {
        return server.clone();
    }
    let scheme = if registry.plain_http { "http" } else { "https" };
    let elsewhere = ELSEWHERE.iter().find(|(host, _)| *host == registry.host).map(|(_, name)| *name);
    format!("{scheme}://{}", elsewhere.unwrap_or(&registry.host))
}

/// What of the way to it the configuration decides.
pub(super) fn reach(registry: &Registry) -> Reach {
    Reach {
        allow_plain: registry.plain_http,
        allow_private: registry.allow_private,
        ca_file: registry.ca_file.clone(),
        tells_limits: false,
    }
}

/// One registry.
#[derive(Debug)]
pub struct Client {
    host: String,
    base: Url,
    auth: Auth,
    pub(super) http: Http,
    budget: Arc<Budget>,
    /// Tags per page; 0 leaves it to the registry.
    page: AtomicU32,
    /// It says the digest in answer to HEAD.
    head_tells: AtomicBool,
    /// Tells when tags were pushed.
    pub(super) teller: Option<Teller>,
}

impl Client {
    /// Nothing is asked yet. Fails only where the host cannot stand in a URL.
    pub fn new(registry: &Registry, patience: Patience) -> Result<Self, Failure> {
        let at = base(registry);
        let base =
            Url::parse(&at).map_err(|error| Failure::Broken(format!("`{at}` cannot be asked: {error}")))?;
        let budget = Arc::new(Budget::new(registry.requests_per_minute, patience.clone()));
        Ok(Self {
            host: registry.host.clone(),
            auth: Auth::new(registry, &base, patience.first_pause),
            teller: Teller::new(registry, &base, &patience),
            http: Http::new(reach(registry), patience, Arc::clone(&budget)),
            base,
            budget,
            page: AtomicU32::new(PAGE),
            head_tells: AtomicBool::new(true),
        })
    }

    /// As images name it.
    pub fn host(&self) -> &str {
        &self.host
    }

    pub fn budget(&self) -> &Budget {
        &self.budget
    }

    /// Goes on with a block of an earlier run.
    pub fn resume(&self, blocked: Blocked) {
        self.budget.resume(blocked);
    }

    /// Whether the registry speaks the protocol and takes the credentials.
    pub async fn ping(&self) -> Result<(), Failure> {
        let url = self.url("/v2/")?;
        let response = self.ask(Method::GET, &url, "", "application/json").await?;
        self.http.whole(response, 1 << 20).await?;
        Ok(())
    }

    /// A URL of this registry.
    pub(super) fn url(&self, path: &str) -> Result<Url, Failure> {
        self.base.join(path).map_err(|error| Failure::Broken(error.to_string()))
    }

    /// Asks about a repository, signed in as it wants. Any status below 500 but 401 and 429 is given back as it is.
    pub(super) async fn ask(
        &self,
        method: Method,
        url: &Url,
        repository: &str,
        accept: &'static str,
    ) -> Result<Response, Failure> {
        let mut authorization = self.auth.header(&self.http, repository).await?;
        let mut response = self.http.send(method.clone(), url, accept, authorization.clone()).await?;
        // Once: a registry that wants another token for each answer would be asked for ever.
        if response.status() == StatusCode::UNAUTHORIZED
            && self.auth.challenged(response.headers(), repository, authorization.as_ref()).await?
        {
            authorization = self.auth.header(&self.http, repository).await?;
            response = self.http.send(method, url, accept, authorization).await?;
        }
        Ok(response)
    }

    /// The header of basic authentication, where there are credentials.
    pub async fn basic(&self) -> Result<Option<HeaderValue>, Failure> {
        self.auth.basic().await
    }

    pub(super) fn page(&self) -> u32 {
        self.page.load(Ordering::Relaxed)
    }

    /// The registry does not take pages of that size: smaller, then its own. False: there is nothing else to try.
    pub(super) fn ask_for_smaller_pages(&self, than: u32) -> bool {
        let smaller = if than > 100 { 100 } else { 0 };
        than > 0 && self.page.compare_exchange(than, smaller, Ordering::Relaxed, Ordering::Relaxed).is_ok()
    }

    pub(super) fn head_tells(&self) -> bool {
        self.head_tells.load(Ordering::Relaxed)
    }

    pub(super) fn head_does_not_tell(&self) {
        if self.head_tells.swap(false, Ordering::Relaxed) {
            tracing::info!(
                registry = self.host,
                "it does not say digests in answer to HEAD: manifests are read instead"
            );
        }
    }
}
