//! Signing in: tokens, basic authentication, or nothing; and who may be given credentials at all.

use std::{
    collections::{BTreeSet, HashMap},
    time::Duration,
};

use reqwest::{
    Method, Url,
    header::{HeaderMap, HeaderValue},
};
use serde::Deserialize;
use tokio::{sync::Mutex, time::Instant};

use super::{
    Failure,
    challenge::Challenge,
    credentials::{Credentials, secret_header},
    kubernetes::InCluster,
};
use crate::{
    config::{Registry, RegistryAuth},
    source::http::Http,
};

/// Hosts that hand out tokens for registries of another name.
const KNOWN: &[(&str, &str)] = &[("docker.io", "auth.docker.io"), ("registry.gitlab.com", "gitlab.com")];
/// What may be asked for: never to push, whatever a challenge says. The last two are Azure's.
const ACTIONS: &[&str] = &["pull", "metadata_read", "content_read"];
/// Tokens that are kept.
const KEPT: usize = 4_096;
/// How long a token lasts that does not say so (the token specification's default).
const UNSAID: f64 = 60.0;
const LARGEST_TOKEN: usize = 1 << 20;

/// Signs in at one registry.
pub struct Auth {
    host: String,
    way: RegistryAuth,
    /// Where the configuration names a Secret.
    in_cluster: Option<InCluster>,
    /// `host` or `host:port` that may be asked for tokens.
    allowed: Vec<String>,
    plain_http: bool,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    challenge: Option<Challenge>,
    /// By repository; the empty one is the registry itself.
    tokens: HashMap<String, Token>,
    /// What a token must allow here.
    actions: BTreeSet<&'static str>,
    /// The last that could be read: while a file is being replaced it is as good as any.
    credentials: Option<Credentials>,
}

struct Token {
    header: HeaderValue,
    until: Instant,
}

impl std::fmt::Debug for Auth {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Auth").field("host", &self.host).field("way", &self.way).finish_non_exhaustive()
    }
}

impl Auth {
    pub fn new(registry: &Registry, base: &Url, pause: Duration) -> Self {
        let in_cluster = match &registry.auth {
            RegistryAuth::Secret(secret) => Some(InCluster::new(secret, &registry.host, pause)),
            _ => None,
        };
        let known =
            KNOWN.iter().filter(|(host, _)| *host == registry.host).map(|(_, auth)| (*auth).to_owned());
        // Asked elsewhere, a registry still names the place to sign in at by its own name.
        let own = registry.server.is_some().then(|| registry.host.to_lowercase());
        let allowed =
            registry.auth_hosts.iter().cloned().chain(known).chain(own).chain(place(base)).collect();
        Self {
            host: registry.host.clone(),
            way: registry.auth.clone(),
            in_cluster,
            allowed,
            plain_http: registry.plain_http,
            state: Mutex::default(),
        }
    }

    /// The header for a request about this repository, as far as the registry said how it wants to be signed in at.
    pub async fn header(&self, http: &Http, repository: &str) -> Result<Option<HeaderValue>, Failure> {
        let mut state = self.state.lock().await;
        match state.challenge.clone() {
            None => Ok(None),
            Some(Challenge::Basic) => {
                self.credentials(&mut state, false).await?.map(|found| found.basic()).transpose()
            }
            Some(Challenge::Bearer { realm, service, .. }) => {
                if let Some(token) = state.tokens.get(repository)
                    && Instant::now() < token.until
                {
                    return Ok(Some(token.header.clone()));
                }
                let url = self.token_url(&realm, service.as_deref(), repository, &state.actions)?;
                let basic =
                    self.credentials(&mut state, false).await?.map(|found| found.basic()).transpose()?;
                let token = match fetch(http, url.clone(), basic.clone()).await {
                    // A Secret may have been replaced since; files are read each time.
                    Err(failure @ Failure::Refused { .. }) if self.in_cluster.is_some() => {
                        let now = self
                            .credentials(&mut state, true)
                            .await?
                            .map(|found| found.basic())
                            .transpose()?;
                        if now.is_none() || now == basic {
                            return Err(failure);
                        }
                        fetch(http, url, now).await?
                    }
                    other => other?,
                };
                let header = token.header.clone();
                state.keep(repository, token);
                Ok(Some(header))
            }
        }
    }

    /// The header of basic authentication, where there are credentials.
    pub async fn basic(&self) -> Result<Option<HeaderValue>, Failure> {
        let mut state = self.state.lock().await;
        self.credentials(&mut state, false).await?.map(|found| found.basic()).transpose()
    }

    /// Takes in the challenge of a 401. `sent` is what was refused; returns whether there is something else to try.
    pub async fn challenged(
        &self,
        headers: &HeaderMap,
        repository: &str,
        sent: Option<&HeaderValue>,
    ) -> Result<bool, Failure> {
        let Some(challenge) = Challenge::of(headers) else { return Ok(false) };
        let mut state = self.state.lock().await;
        if let Challenge::Bearer { scope, .. } = &challenge {
            let wanted = scope
                .iter()
                .filter_map(|scope| scope.rsplit(':').next())
                .flat_map(|actions| actions.split(','));
            for action in wanted {
                state.actions.extend(ACTIONS.iter().find(|known| **known == action));
            }
        }
        let basic = matches!(challenge, Challenge::Basic);
        state.challenge = Some(challenge);
        let refused = state.tokens.remove(repository);
        if basic {
            // The file may have been replaced since.
            let now =
                self.credentials(&mut state, sent.is_some()).await?.map(|found| found.basic()).transpose()?;
            return Ok(now.is_some() && now.as_ref() != sent);
        }
        // One that another request fetched meanwhile is not the one that was refused.
        if let Some(other) = refused.filter(|token| Some(&token.header) != sent) {
            state.keep(repository, other);
        }
        Ok(true)
    }

    /// `refused`: the last ones are not taken any more.
    async fn credentials(&self, state: &mut State, refused: bool) -> Result<Option<Credentials>, Failure> {
        if let Some(secret) = &self.in_cluster {
            return secret.read(refused).await;
        }
        match Credentials::read(&self.way, &self.host) {
            Ok(found) => {
                state.credentials.clone_from(&found);
                Ok(found)
            }
            Err(failure) => state.credentials.clone().map(Some).ok_or(failure),
        }
    }

    /// Where to ask for a token. The realm is the other side's word: only listed hosts are asked, and given credentials.
    fn token_url(
        &self,
        realm: &str,
        service: Option<&str>,
        repository: &str,
        actions: &BTreeSet<&'static str>,
    ) -> Result<Url, Failure> {
        let mut url = Url::parse(realm)
            .map_err(|_| Failure::Broken("the challenge names no URL to sign in at".into()))?;
        let safe = url.scheme() == "https" || (url.scheme() == "http" && self.plain_http);
        let is_allowed = self.allowed.iter().any(|allowed| place(&url).any(|one| one == *allowed));
        if !safe || !is_allowed || !url.username().is_empty() || url.password().is_some() {
            let realm = format!("{}://{}", url.scheme(), place(&url).next().unwrap_or_default());
            return Err(Failure::ForeignRealm { host: self.host.clone(), realm });
        }
        {
            let mut query = url.query_pairs_mut();
            if let Some(service) = service {
                query.append_pair("service", service);
            }
            if !repository.is_empty() {
                let actions: Vec<&str> =
                    ACTIONS.iter().copied().filter(|one| *one == "pull" || actions.contains(one)).collect();
                query.append_pair("scope", &format!("repository:{repository}:{}", actions.join(",")));
            }
        }
        Ok(url)
    }
}

impl State {
    fn keep(&mut self, repository: &str, token: Token) {
        if self.tokens.len() >= KEPT {
            let now = Instant::now();
            self.tokens.retain(|_, token| now < token.until);
            if self.tokens.len() >= KEPT {
                self.tokens.clear();
            }
        }
        self.tokens.insert(repository.to_owned(), token);
    }
}

/// How a URL's host may be listed: with its port, and without where it is the usual one.
fn place(url: &Url) -> impl Iterator<Item = String> {
    let host = url.host_str().unwrap_or_default().to_lowercase();
    let port = url.port_or_known_default().unwrap_or_default();
    let bare = url.port().is_none().then(|| host.clone());
    bare.into_iter().chain([format!("{host}:{port}")])
}

async fn fetch(http: &Http, url: Url, basic: Option<HeaderValue>) -> Result<Token, Failure> {
    #[derive(Deserialize)]
    struct Granted {
        #[serde(default)]
        token: Option<String>,
        #[serde(default)]
        access_token: Option<String>,
        #[serde(default)]
        expires_in: Option<f64>,
    }
    let asked = Instant::now();
    let response = http.send(Method::GET, &url, "application/json", basic).await?;
    let body = http.whole(response, LARGEST_TOKEN).await?;
    let granted: Granted = serde_json::from_slice(&body)
        .map_err(|_| Failure::Broken("the answer to signing in is no JSON".into()))?;
    let token = granted.token.filter(|token| !token.is_empty()).or(granted.access_token);
    let token = token.ok_or_else(|| Failure::Broken("the answer to signing in holds no token".into()))?;
    let lasts = granted.expires_in.filter(|lasts| lasts.is_finite() && *lasts > 0.0).unwrap_or(UNSAID);
    // Renewed before its end: a request takes time as well.
    let used_for = Duration::from_secs_f64((lasts - 10.0).max(lasts / 2.0).min(86_400.0));
    Ok(Token { header: secret_header(&format!("Bearer {token}"))?, until: asked + used_for })
}
