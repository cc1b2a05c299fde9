//! A served world and a plain HTTP client.

use std::time::Duration;

use landfall_sandbox::{Running, World};
use serde_json::{Value, json};

pub const APPS: &str = "/apis/argoproj.io/v1alpha1/applications";
pub const PODS: &str = "/api/v1/pods";

pub struct Served {
    pub world: World,
    pub running: Running,
    client: reqwest::Client,
}

pub async fn serve(world: World) -> Served {
    let running = world.start().await.unwrap();
    Served { world, running, client: http() }
}

/// An HTTP client. reqwest wants a TLS provider even where there is no TLS.
pub fn http() -> reqwest::Client {
    let _already = rustls::crypto::ring::default_provider().install_default();
    reqwest::Client::builder().timeout(Duration::from_secs(30)).build().unwrap()
}

/// An answer, read whole.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub headers: reqwest::header::HeaderMap,
    pub text: String,
}

impl Answer {
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|error| panic!("{error}: {}", self.text))
    }

    pub fn lines(&self) -> Vec<Value> {
        self.text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }
}

impl Served {
    pub fn url(&self, path: &str) -> String {
        format!("{}{path}", self.running.clusters[0].url)
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.get_as(path, "application/json").await
    }

    pub async fn get_as(&self, path: &str, accept: &str) -> Answer {
        read(self.client.get(self.url(path)).header("accept", accept).send().await.unwrap()).await
    }

    pub async fn request(
        &self,
        method: &str,
        path: &str,
        token: Option<&str>,
        body: Option<Value>,
    ) -> Answer {
        let mut request = self.client.request(method.parse().unwrap(), self.url(path));
        if let Some(token) = token {
            request = request.bearer_auth(token);
        }
        if let Some(body) = body {
            request = request.header("content-type", "application/json").body(body.to_string());
        }
        read(request.send().await.unwrap()).await
    }

    /// Opens a watch and gives its lines one by one.
    pub async fn open(&self, path: &str) -> Lines {
        let response = self.client.get(self.url(path)).send().await.unwrap();
        assert_eq!(response.status().as_u16(), 200);
        Lines { response, buffer: String::new() }
    }
}

async fn read(mut response: reqwest::Response) -> Answer {
    let (status, headers) = (response.status().as_u16(), response.headers().clone());
    let mut bytes = Vec::new();
    while let Ok(Some(chunk)) = response.chunk().await {
        bytes.extend_from_slice(&chunk);
    }
    Answer { status, headers, text: String::from_utf8(bytes).unwrap() }
}

pub struct Lines {
    response: reqwest::Response,
    buffer: String,
}

#[derive(Debug, PartialEq)]
pub enum Next {
    Line(Value),
    End,
    Broken(String),
}

impl Lines {
    pub async fn next(&mut self) -> Next {
        loop {
            if let Some(at) = self.buffer.find('\n') {
                let line = self.buffer[..at].to_owned();
                self.buffer.drain(..=at);
                return Next::Line(serde_json::from_str(&line).unwrap());
            }
            match self.response.chunk().await {
                Ok(Some(chunk)) => self.buffer += std::str::from_utf8(&chunk).unwrap(),
                Ok(None) => return Next::End,
                Err(_) => return Next::Broken(std::mem::take(&mut self.buffer)),
            }
        }
    }

    pub async fn line(&mut self) -> Value {
        match self.next().await {
            Next::Line(line) => line,
            other => panic!("no line but {other:?}"),
        }
    }

    /// Whether nothing comes for a while.
    pub async fn is_silent(&mut self, millis: u64) -> bool {
        tokio::time::timeout(Duration::from_millis(millis), self.next()).await.is_err()
    }
}

pub fn app(name: &str) -> Value {
    json!({
        "apiVersion": "argoproj.io/v1alpha1", "kind": "Application",
        "metadata": { "name": name, "namespace": "argocd", "labels": { "team": "shop" } },
        "spec": { "project": "shop" }, "status": { "sync": { "status": "Synced" } },
    })
}

pub fn pod(namespace: &str, name: &str) -> Value {
    json!({
        "apiVersion": "v1", "kind": "Pod",
        "metadata": { "name": name, "namespace": namespace, "labels": { "app": name } },
        "spec": { "containers": [] }, "status": { "phase": "Running" },
    })
}

/// A fixture's JSON.
pub fn fixture(name: &str) -> Value {
    serde_json::from_str(&text(name)).unwrap()
}

/// A fixture's text, unpacked.
pub fn text(name: &str) -> String {
    let path = format!("{}/tests/fixtures/{name}", env!("CARGO_MANIFEST_DIR"));
    let bytes = std::fs::read(&path).unwrap_or_else(|error| panic!("{path}: {error}"));
    if bytes.get(..2) != Some(&[0x1f, 0x8b]) {
        return String::from_utf8(bytes).unwrap();
    }
    let mut text = String::new();
    std::io::Read::read_to_string(&mut flate2::read::GzDecoder::new(&bytes[..]), &mut text).unwrap();
    text
}

/// The recorded events of a `.jsonl` fixture.
pub fn recorded(name: &str) -> (Value, Vec<Value>) {
    let text = text(name);
    let mut lines = text.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    let head = lines.next().unwrap();
    (head, lines.map(|line| serde_json::from_str(line["line"].as_str().unwrap()).unwrap()).collect())
}

/// The JSON pointers of an object, without values and without positions in lists: its shape.
pub fn shape(value: &Value) -> std::collections::BTreeSet<String> {
    fn walk(value: &Value, at: &str, out: &mut std::collections::BTreeSet<String>) {
        match value {
            Value::Object(fields) => {
                for (key, value) in fields {
                    walk(value, &format!("{at}/{key}"), out);
                }
            }
            Value::Array(items) => items.iter().for_each(|item| walk(item, &format!("{at}[]"), out)),
            _ => {}
        }
        out.insert(at.to_owned());
    }
    let mut out = std::collections::BTreeSet::new();
    walk(value, "", &mut out);
    out
}
