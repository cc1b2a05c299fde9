//! The variables of a format that matter, and what a format without them cannot answer.

use super::format::Format;
use crate::config::Config;
use crate::config::model::ServerId;

/// Indices of the variables of a format that matter.
#[derive(Default)]
pub(super) struct Wanted {
    pub client: Option<usize>,
    pub local: Option<usize>,
    pub iso: Option<usize>,
    pub msec: Option<usize>,
    pub request: Option<usize>,
    pub request_uri: Option<usize>,
    pub method: Option<usize>,
    pub uri: Option<usize>,
    pub args: Option<usize>,
    pub host: Option<usize>,
    pub http_host: Option<usize>,
    pub server_name: Option<usize>,
    pub status: Option<usize>,
    pub upstream: Option<usize>,
    pub agent: Option<usize>,
    pub user: Option<usize>,
    pub port: Option<usize>,
    pub scheme: Option<usize>,
    pub headers: Vec<(String, usize)>,
}

impl Wanted {
    pub(super) fn new(format: &Format, headers: &[String]) -> Self {
        let var = |name: &str| format.var(name);
        Self {
            client: var("remote_addr"),
            local: var("time_local"),
            iso: var("time_iso8601"),
            msec: var("msec"),
            request: var("request"),
            request_uri: var("request_uri"),
            method: var("request_method"),
            uri: var("uri").or_else(|| var("document_uri")),
            args: var("args").or_else(|| var("query_string")),
            host: var("host"),
            http_host: var("http_host"),
            server_name: var("server_name"),
            status: var("status"),
            upstream: var("upstream_addr"),
            agent: var("http_user_agent"),
            user: var("remote_user"),
            port: var("server_port"),
            scheme: var("scheme"),
            headers: headers
                .iter()
                .filter_map(|name| Some((name.clone(), var(&format!("http_{}", name.replace('-', "_")))?)))
                .collect(),
        }
    }

    /// The variable that tells the time.
    pub(super) fn time(&self) -> Option<usize> {
        self.local.or(self.iso).or(self.msec)
    }

    /// What the format cannot answer: the variables to add.
    pub(super) fn lacking(&self, config: &Config, servers: &[ServerId]) -> Vec<String> {
        let one_name = matches!(servers, [only] if config.http.servers[only.0].names.len() == 1);
        let host = self.host.is_some() || self.http_host.is_some() || self.server_name.is_some() || one_name;
        let target = self.request.is_some() || self.request_uri.is_some() || self.uri.is_some();
        [
            (host, "$host"),
            (target, "$request"),
            (self.time().is_some(), "$time_local"),
            (self.client.is_some(), "$remote_addr"),
            (self.upstream.is_some(), "$upstream_addr"),
        ]
        .into_iter()
        .filter(|(known, _)| !known)
        .map(|(_, name)| name.to_owned())
        .collect()
    }
}
