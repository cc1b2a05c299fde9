//! The way to forges that are signed in at by a token in a header.

use std::sync::Arc;

use bytes::Bytes;
use reqwest::{
    Method, Url,
    header::{ACCEPT, HeaderMap, HeaderName, HeaderValue},
};
use secrecy::ExposeSecret as _;

use super::{
    Budget, Failure, Patience,
    api::{LARGEST, Way},
};
use crate::{
    config::{self, ForgeAuth, Secret},
    source::http::{Answer, Ask, Http, Reach},
};

/// The way to one forge.
#[derive(Debug)]
pub struct Plain {
    http: Http,
    root: Url,
    token: Option<Secret>,
    /// The token's header, and what stands before it.
    header: HeaderName,
    before: &'static str,
}

impl Plain {
    /// `below` is the API's path below the forge's address: `api/v4/`.
    pub fn new(
        forge: &config::Forge,
        patience: Patience,
        budget: Arc<Budget>,
        below: &str,
        (header, before): (&'static str, &'static str),
    ) -> Result<Self, Failure> {
        let at = format!("{}/{below}", forge.url.trim_end_matches('/'));
        let root =
            Url::parse(&at).map_err(|error| Failure::Broken(format!("`{at}` cannot be asked: {error}")))?;
        let token = if let ForgeAuth::Token(token) = &forge.auth { Some(token.clone()) } else { None };
        Ok(Self {
            http: Http::new(reach(forge), patience, budget),
            root,
            token,
            header: HeaderName::from_static(header),
            before,
        })
    }

    pub const fn is_signed_in(&self) -> bool {
        self.token.is_some()
    }
}

/// What of the way to it the configuration decides.
pub fn reach(forge: &config::Forge) -> Reach {
    Reach {
        allow_plain: forge.plain_http,
        allow_private: forge.allow_private,
        ca_file: forge.ca_file.clone(),
        tells_limits: true,
    }
}

impl Way for Plain {
    async fn send(
        &self,
        _: &str,
        method: Method,
        path: &str,
        mut headers: HeaderMap,
        body: Bytes,
    ) -> Result<Answer, Failure> {
        let url = self.root.join(path).map_err(|error| Failure::Broken(error.to_string()))?;
        if url.origin() != self.root.origin() {
            return Err(Failure::Broken("a path that leads elsewhere".into()));
        }
        headers.insert(ACCEPT, HeaderValue::from_static("application/json"));
        if let Some(token) = &self.token {
            // Read anew each time: the file may have been replaced.
            let token = token.read().map_err(Failure::Credentials)?;
            let value = format!("{}{}", self.before, token.expose_secret());
            let mut value = HeaderValue::try_from(value).map_err(|_| {
                Failure::Credentials("the token holds characters that no header can carry".into())
            })?;
            value.set_sensitive(true);
            headers.insert(self.header.clone(), value);
        }
        let response = self.http.exchange(Ask { method, url, headers, body }).await?;
        self.http.answer(response, LARGEST).await
    }

    fn root(&self) -> &Url {
        &self.root
    }
}
