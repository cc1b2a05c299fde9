//! The request whose way is asked for.

use std::net::IpAddr;

use serde::Deserialize;

/// A request as it arrives at nginx.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// Given back in the answer.
    pub id: Option<serde_json::Value>,
    /// The local address the connection came in on.
    pub listen: Option<String>,
    /// The method.
    pub method: String,
    /// The Host header; empty: none was sent, as HTTP/1.0 may.
    pub host: Vec<u8>,
    /// The request target as on the wire.
    pub target: Vec<u8>,
    /// Further headers.
    pub headers: Vec<(String, Vec<u8>)>,
    /// The client's address, when it is known.
    pub client: Option<IpAddr>,
}

impl Default for Request {
    fn default() -> Self {
        Self {
            id: None,
            listen: None,
            method: "GET".to_owned(),
            host: Vec::new(),
            target: b"/".to_vec(),
            headers: Vec::new(),
            client: None,
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Line {
    id: Option<serde_json::Value>,
    listen: Option<String>,
    method: Option<String>,
    host: String,
    target: String,
    #[serde(default)]
    headers: serde_json::Map<String, serde_json::Value>,
    client: Option<String>,
}

impl Request {
    /// A GET of `target` at `host`.
    pub fn get(host: &str, target: &str) -> Self {
        Self { host: host.as_bytes().to_vec(), target: target.as_bytes().to_vec(), ..Self::default() }
    }

    /// Reads one line of `reqs.jsonl`.
    pub fn from_json(line: &str) -> Result<Self, String> {
        let line: Line = serde_json::from_str(line).map_err(|error| error.to_string())?;
        let mut headers = Vec::new();
        for (name, value) in line.headers {
            match value {
                serde_json::Value::String(value) => headers.push((name, value.into_bytes())),
                serde_json::Value::Array(values) => {
                    for value in values {
                        let value = value.as_str().ok_or("header values must be text")?;
                        headers.push((name.clone(), value.as_bytes().to_vec()));
                    }
                }
                _ => return Err(format!("the value of header {name} must be text")),
            }
        }
        let client = match line.client {
            Some(text) => Some(text.parse().map_err(|_| format!("client \"{text}\" is no IP address"))?),
            None => None,
        };
        Ok(Self {
            id: line.id,
            listen: line.listen,
            method: line.method.unwrap_or_else(|| "GET".to_owned()),
            host: line.host.into_bytes(),
            target: line.target.into_bytes(),
            headers,
            client,
        })
    }

    /// The first header of that name.
    pub(crate) fn header(&self, name: &str) -> Option<&[u8]> {
        self.headers.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_slice())
    }
}
