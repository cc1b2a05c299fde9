//! Credentials in a Kubernetes Secret: one GET of that one object, where the configuration names it.
//!
//! It is read again every few minutes, and when the registry refuses what it held: at most once in a pause then, so that a
//! wrong password does not become a rush on the API server. What is read is kept in memory only, and shown to nobody.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use landfall_model::said;
use serde::Deserialize;
use tokio::{sync::Mutex, time::Instant};

use super::{
    Failure,
    credentials::{Credentials, of_docker},
};
use crate::{
    config::{Cluster, KubernetesSecret, Limits},
    watch::{Pace, Server},
};

/// How long it is used without being read again.
const AGE: Duration = Duration::from_mins(5);
const KEY: &str = ".dockerconfigjson";

/// Reads one Secret.
#[derive(Debug)]
pub struct InCluster {
    server: Server,
    path: String,
    shown: String,
    host: String,
    /// Between two reads because of a refusal.
    pause: Duration,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    tried: Option<Instant>,
    last: Option<Result<Option<Credentials>, Failure>>,
}

impl InCluster {
    pub fn new(secret: &KubernetesSecret, host: &str, pause: Duration) -> Self {
        let cluster = Cluster {
            name: secret.cluster.clone(),
            access: secret.access.clone(),
            namespaces: Vec::new(),
            stale_after: None,
        };
        Self {
            server: Server::new(&cluster, &Limits::default(), &Arc::new(Pace::default())),
            path: format!("/api/v1/namespaces/{}/secrets/{}", secret.namespace, secret.name),
            shown: format!("Secret {secret}"),
            host: host.to_owned(),
            pause,
            state: Mutex::default(),
        }
    }

    /// What it holds for the registry. `refused`: what it held is not taken any more.
    pub async fn read(&self, refused: bool) -> Result<Option<Credentials>, Failure> {
        let mut state = self.state.lock().await;
        let well = matches!(state.last, Some(Ok(_)));
        let age = if well && !refused { AGE } else { self.pause };
        if let (Some(tried), Some(last)) = (state.tried, &state.last)
            && tried.elapsed() < age
        {
            return last.clone();
        }
        let now = self.ask().await;
        state.tried = Some(Instant::now());
        match (now, &state.last) {
            // While the API server is away the last are as good as any.
            (Err(failure), Some(Ok(last))) => {
                tracing::warn!(registry = self.host, %failure, "credentials cannot be read again");
                Ok(last.clone())
            }
            (now, _) => {
                state.last = Some(now.clone());
                now
            }
        }
    }

    async fn ask(&self) -> Result<Option<Credentials>, Failure> {
        #[derive(Deserialize)]
        struct Secret {
            #[serde(default)]
            data: BTreeMap<String, String>,
        }
        let secret = self.shown.as_str();
        let body = self.server.get(&self.path, "application/json").await.map_err(|failure| {
            let why = failure.said();
            Failure::Credentials(said!(
                "secret-unread",
                "the {secret} cannot be read: {why}",
                secret = secret,
                why = why,
            ))
        })?;
        let broken = || {
            Failure::Credentials(said!(
                "secret-no-docker-config",
                "the {secret} holds no `.dockerconfigjson`: it must be of type kubernetes.io/dockerconfigjson",
                secret = secret,
            ))
        };
        // The parser's own words would quote what is in it.
        let found: Secret = serde_json::from_slice(&body).map_err(|_| broken())?;
        let data = found.data.get(KEY).ok_or_else(broken)?;
        let text = STANDARD.decode(data).map_err(|_| broken())?;
        of_docker(&text, secret, &self.host).map_err(|why| Failure::Credentials(why.into()))
    }
}
