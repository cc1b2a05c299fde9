//! The way to GitHub: octocrab signs in (tokens, Apps and their installations), our own [`Http`] goes out.
//!
//! octocrab's own client has no budget, follows redirects by itself, reads bodies of any size and hides 304; so it is
//! built over a service that is ours. It keeps and renews the tokens of installations.

use std::{
    collections::HashMap,
    pin::Pin,
    sync::{Arc, Mutex, PoisonError},
    task::{Context, Poll},
};

use axum::http::{Request, Response};
use bytes::Bytes;
use http_body_util::{BodyExt as _, Full};
use landfall_model::said;
use octocrab::{
    AuthState, OctoBody, Octocrab, OctocrabBuilder,
    auth::AppAuth,
    models::{AppId, InstallationId},
};
use reqwest::{
    Method, Url,
    header::{ACCEPT, HeaderMap, HeaderName, HeaderValue},
};
use secrecy::{ExposeSecret as _, SecretString};
use serde::Deserialize;

use super::super::{
    Budget, Failure, Patience,
    api::{LARGEST, Way},
    decode,
    plain::reach,
};
use crate::{
    config::{self, ForgeAuth, cannot_read},
    source::http::{Answer, Ask, Http, failure_of},
};

const KIND: HeaderValue = HeaderValue::from_static("application/vnd.github+json");
const VERSION: (HeaderName, HeaderValue) =
    (HeaderName::from_static("x-github-api-version"), HeaderValue::from_static("2022-11-28"));

/// Where the API of a GitHub is whose pages are at `url`, with a slash at its end.
///
/// github.com has its own host for it, and so have the domains of Enterprise Cloud; Enterprise Server has `/api/v3`.
pub fn api_root(url: &str) -> Result<Url, Failure> {
    let broken = |error| Failure::Broken(format!("`{url}` cannot be asked: {error}"));
    let mut root = Url::parse(url).map_err(|error| broken(error.to_string()))?;
    let host = root.host_str().unwrap_or_default().to_lowercase();
    let own_host = (host == "github.com" || host.ends_with(".ghe.com")) && root.port().is_none();
    if own_host {
        root.set_host(Some(&format!("api.{host}"))).map_err(|error| broken(error.to_string()))?;
        root.set_path("/");
    } else {
        let path = format!("{}/api/v3/", root.path().trim_end_matches('/'));
        root.set_path(&path);
    }
    root.set_query(None);
    Ok(root)
}

/// The way.
pub struct Octo {
    root: Url,
    auth: ForgeAuth,
    out: Out,
    /// As who it goes, made anew when the secret is another one.
    signed: Mutex<Option<(Vec<u8>, Signed)>>,
}

#[derive(Clone)]
enum Signed {
    /// By token, or not at all.
    As(Arc<Octocrab>),
    /// By owner, its installation. Shared, never copied: each copy would fetch tokens of its own.
    App(Arc<Octocrab>, Arc<Mutex<HashMap<String, Arc<Octocrab>>>>),
}

impl std::fmt::Debug for Octo {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Octo")
            .field("root", &self.root.as_str())
            .field("auth", &self.auth)
            .finish_non_exhaustive()
    }
}

impl Octo {
    pub fn new(forge: &config::Forge, patience: Patience, budget: Arc<Budget>) -> Result<Self, Failure> {
        let root = api_root(&forge.url)?;
        let http = Http::new(reach(forge), patience, budget);
        let out = Out { http: Arc::new(http), root: root.clone() };
        Ok(Self { root, auth: forge.auth.clone(), out, signed: Mutex::default() })
    }

    pub fn auth(&self) -> &ForgeAuth {
        &self.auth
    }

    /// Who the App is in comments.
    pub async fn app(&self) -> Result<String, Failure> {
        #[derive(Deserialize)]
        struct App {
            slug: String,
        }
        let Signed::App(app, _) = self.signed()? else { return Ok(String::new()) };
        let answer = ask(&app, Method::GET, "app", HeaderMap::new(), Bytes::new()).await?;
        Ok(format!("{}[bot]", read::<App>(&answer)?.slug))
    }

    /// As who it goes about this repository.
    async fn octocrab(&self, repository: &str) -> Result<Arc<Octocrab>, Failure> {
        #[derive(Deserialize)]
        struct Installation {
            id: u64,
        }
        let (app, known) = match self.signed()? {
            Signed::As(octocrab) => return Ok(octocrab),
            Signed::App(app, known) => (app, known),
        };
        let ForgeAuth::App { installation, .. } = &self.auth else { return Ok(app) };
        let owner = repository.split('/').next().unwrap_or_default().to_lowercase();
        let key = if installation.is_some() { String::new() } else { owner };
        if let Some(octocrab) = known.lock().unwrap_or_else(PoisonError::into_inner).get(&key) {
            return Ok(Arc::clone(octocrab));
        }
        let id = if let Some(id) = installation {
            *id
        } else {
            let path = format!("repos/{repository}/installation");
            let answer = ask(&app, Method::GET, &path, HeaderMap::new(), Bytes::new()).await?;
            read::<Installation>(&answer)?.id
        };
        let octocrab = Arc::new(app.installation(InstallationId(id)).map_err(|error| failed(&error))?);
        known.lock().unwrap_or_else(PoisonError::into_inner).insert(key, Arc::clone(&octocrab));
        Ok(octocrab)
    }

    fn signed(&self) -> Result<Signed, Failure> {
        let (mark, state) = self.state()?;
        let mut slot = self.signed.lock().unwrap_or_else(PoisonError::into_inner);
        match (&*slot, state) {
            (Some((known, signed)), _) if *known == mark => Ok(signed.clone()),
            (_, state) => {
                let is_app = matches!(state, AuthState::App(_));
                let built =
                    OctocrabBuilder::new_empty().with_service(self.out.clone()).with_auth(state).build();
                let Ok(octocrab) = built;
                let octocrab = Arc::new(octocrab);
                let signed =
                    if is_app { Signed::App(octocrab, Arc::default()) } else { Signed::As(octocrab) };
                *slot = Some((mark, signed.clone()));
                Ok(signed)
            }
        }
    }

    /// The secret as it is now, and what tells it from another.
    fn state(&self) -> Result<(Vec<u8>, AuthState), Failure> {
        match &self.auth {
            ForgeAuth::Anonymous => Ok((Vec::new(), AuthState::None)),
            ForgeAuth::Token(token) => {
                let token = token.read().map_err(Failure::Credentials)?;
                let mark = mark(token.expose_secret().as_bytes());
                let token = SecretString::from(token.expose_secret().to_owned());
                Ok((mark, AuthState::AccessToken { token }))
            }
            ForgeAuth::App { id, private_key, .. } => {
                let shown = private_key.display().to_string();
                let pem = std::fs::read(private_key)
                    .map_err(|error| Failure::Credentials(cannot_read(&shown, &error)))?;
                let key = octocrab::auth::EncodingKey::from_rsa_pem(&pem).map_err(|_| {
                    Failure::Credentials(said!(
                        "no-private-key",
                        "{file}: holds no RSA private key (PEM)",
                        file = shown,
                    ))
                })?;
                Ok((mark(&pem), AuthState::App(AppAuth { app_id: AppId(*id), key })))
            }
        }
    }
}

/// A secret's mark: the secret itself need not lie about.
fn mark(secret: &[u8]) -> Vec<u8> {
    ring::digest::digest(&ring::digest::SHA256, secret).as_ref().to_vec()
}

impl Way for Octo {
    async fn send(
        &self,
        repository: &str,
        method: Method,
        path: &str,
        headers: HeaderMap,
        body: Bytes,
    ) -> Result<Answer, Failure> {
        let octocrab = self.octocrab(repository).await?;
        ask(&octocrab, method, path, headers, body).await
    }

    fn root(&self) -> &Url {
        &self.root
    }
}

/// The path has no host: octocrab gives its credentials to no other then, and [`Out`] knows the only one.
async fn ask(
    octocrab: &Octocrab,
    method: Method,
    path: &str,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Answer, Failure> {
    let mut request = Request::new(OctoBody::from(body));
    *request.method_mut() = method;
    *request.uri_mut() =
        format!("/{path}").parse().map_err(|_| Failure::Broken(format!("`{path}` is no path")))?;
    *request.headers_mut() = headers;
    let response = octocrab.execute(request).await.map_err(|error| failed(&error))?;
    let (parts, body) = response.into_parts();
    let body = body.collect().await.map_err(|error| failed(&error))?.to_bytes();
    Ok(Answer { status: parts.status, headers: parts.headers, body })
}

fn read<T: serde::de::DeserializeOwned>(answer: &Answer) -> Result<T, Failure> {
    if answer.status.is_success() {
        decode::one(&answer.body)
    } else {
        Err(failure_of(answer.status.as_u16(), &answer.body))
    }
}

/// Our own failure, where it is one; else what octocrab says of the token of an installation.
fn failed(error: &octocrab::Error) -> Failure {
    match error {
        octocrab::Error::GitHub { source, .. } => failure_of(source.status_code.as_u16(), b""),
        octocrab::Error::JWT { .. } => Failure::Credentials("the App's word cannot be signed".into()),
        octocrab::Error::Json { .. } | octocrab::Error::Serde { .. } => {
            Failure::Broken("the answer to signing in has another form than expected".into())
        }
        error => {
            let mut next: Option<&(dyn std::error::Error + 'static)> = Some(error);
            while let Some(cause) = next {
                if let Some(failure) = cause.downcast_ref::<Failure>() {
                    return failure.clone();
                }
                next = cause.source();
            }
            Failure::Connection("it could not be asked".into())
        }
    }
}

/// Goes out for octocrab.
#[derive(Clone)]
struct Out {
    http: Arc<Http>,
    root: Url,
}

impl tower::Service<Request<OctoBody>> for Out {
    type Response = Response<Full<Bytes>>;
    type Error = Failure;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Failure>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Failure>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<OctoBody>) -> Self::Future {
        let out = self.clone();
        Box::pin(async move { out.go(request).await })
    }
}

impl Out {
    async fn go(&self, request: Request<OctoBody>) -> Result<Response<Full<Bytes>>, Failure> {
        let (parts, body) = request.into_parts();
        let path = parts.uri.path_and_query().map_or("", |path| path.as_str()).trim_start_matches('/');
        let url = self.root.join(path).map_err(|error| Failure::Broken(error.to_string()))?;
        if url.origin() != self.root.origin() {
            return Err(Failure::Broken("a path that leads elsewhere".into()));
        }
        let body = body.collect().await.map_err(|error| Failure::Broken(error.to_string()))?.to_bytes();
        let mut headers = parts.headers;
        headers.insert(ACCEPT, KIND);
        headers.insert(VERSION.0, VERSION.1);
        let response = self.http.exchange(Ask { method: parts.method, url, headers, body }).await?;
        let answer = self.http.answer(response, LARGEST).await?;
        let mut response = Response::new(Full::new(answer.body));
        *response.status_mut() = answer.status;
        *response.headers_mut() = answer.headers;
        Ok(response)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn where_the_api_is() {
        for (url, root) in [
            ("https://github.com", "https://api.github.com/"),
            ("https://shop.ghe.com", "https://api.shop.ghe.com/"),
            ("https://git.example", "https://git.example/api/v3/"),
            ("https://git.example:8443/hub", "https://git.example:8443/hub/api/v3/"),
            ("http://127.0.0.1:8080", "http://127.0.0.1:8080/api/v3/"),
        ] {
            assert_eq!(api_root(url).unwrap().as_str(), root, "{url}");
        }
        assert!(api_root("no address").is_err());
    }
}
