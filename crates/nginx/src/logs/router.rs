//! From a line's values to its route, quickly: most locations decide alone, and what was asked before is kept.

use std::collections::HashMap;
use std::net::IpAddr;
use std::rc::Rc;

use crate::config::Config;
use crate::config::model::{Http, LocId, LocKind, ServerId};
use crate::config::vars::VarDef;
use crate::route::{Kind, Known, Outcome, Request, Way};

/// Answers that are kept by all threads together.
const KEPT: usize = 1 << 14;

/// What the engine says of a line.
#[derive(Debug, Clone)]
pub(crate) struct Routed {
    pub certain: bool,
    pub ways: Vec<Way>,
}

/// What a line says of its request.
#[derive(Debug, Default, Clone)]
pub(crate) struct Asked {
    pub method: Vec<u8>,
    pub host: Vec<u8>,
    pub target: Vec<u8>,
    pub client: Option<IpAddr>,
    pub headers: Vec<(String, Vec<u8>)>,
    pub sockets: Rc<Vec<usize>>,
}

pub(crate) struct Router<'c> {
    config: &'c Config,
    /// Whether the client's address can change a route.
    pub by_client: bool,
    /// Headers that can change a route.
    pub headers: Vec<String>,
    kept: HashMap<Vec<u8>, Rc<Routed>, foldhash::fast::RandomState>,
    plain: HashMap<(LocId, bool, bool), Rc<Routed>, foldhash::fast::RandomState>,
    servers: HashMap<(usize, Vec<u8>), Option<ServerId>, foldhash::fast::RandomState>,
    /// How many of each are kept.
    room: usize,
}

impl<'c> Router<'c> {
    /// A router that shares the room for answers with those of the other `workers`.
    pub fn new(config: &'c Config, workers: usize) -> Self {
        let http = &config.http;
        let mut headers: Vec<String> = Vec::new();
        let mut by_client = http.geos.iter().any(|geo| geo.source.is_none());
        for var in &http.vars.all {
            match &var.def {
                VarDef::Header(name) if name != "host" => headers.push(name.clone()),
                VarDef::Cookie(_) => headers.push("cookie".to_owned()),
                _ => {}
            }
            by_client |= var.name.contains("remote_addr") || var.name.contains("forwarded_for");
        }
        by_client |= http.locs.iter().any(|loc| !loc.set.access.is_empty());
        headers.sort();
        headers.dedup();
        Self {
            config,
            by_client,
            headers,
            kept: HashMap::default(),
            plain: HashMap::default(),
            servers: HashMap::default(),
            room: KEPT / workers.max(1),
        }
    }

    /// The route of a request.
    pub fn route(&mut self, asked: &Asked) -> Rc<Routed> {
        if let Some(found) = self.shortcut(asked) {
            return found;
        }
        let mut key = Vec::with_capacity(asked.target.len() + asked.host.len() + 16);
        key.extend_from_slice(&asked.method);
        key.push(0);
        key.extend_from_slice(&asked.host);
        key.push(0);
        key.extend_from_slice(&asked.target);
        for socket in asked.sockets.iter() {
            key.push(0);
            key.extend_from_slice(&socket.to_le_bytes());
        }
        if self.by_client
            && let Some(client) = asked.client
        {
            key.push(0);
            key.extend_from_slice(client.to_string().as_bytes());
        }
        for (name, value) in &asked.headers {
            key.push(0);
            key.extend_from_slice(name.as_bytes());
            key.extend_from_slice(value);
        }
        if let Some(found) = self.kept.get(&key) {
            return Rc::clone(found);
        }
        let routed = Rc::new(self.ask(asked));
        if self.kept.len() >= self.room {
            self.kept.clear();
        }
        if key.len() < 512 {
            self.kept.insert(key, Rc::clone(&routed));
        }
        routed
    }

    fn ask(&self, asked: &Asked) -> Routed {
        let request = Request {
            method: String::from_utf8_lossy(&asked.method).into_owned(),
            host: asked.host.clone(),
            target: asked.target.clone(),
            client: asked.client,
            headers: asked.headers.clone(),
            ..Request::default()
        };
        let known = Known { sockets: Some(&asked.sockets), partly: true };
        let (certain, ways) = self.config.ways(&request, known);
        Routed { certain, ways }
    }

    /// One socket, a plain server, a plain location: no run of the engine is needed.
    fn shortcut(&mut self, asked: &Asked) -> Option<Rc<Routed>> {
        let [socket] = asked.sockets.as_slice() else { return None };
        let http = &self.config.http;
        let key = (*socket, asked.host.clone());
        let server = if let Some(server) = self.servers.get(&key) {
            *server
        } else {
            let found = self.plain_server(*socket, &asked.host);
            if self.servers.len() < self.room {
                self.servers.insert(key, found);
            }
            found
        }?;
        let plain_target = asked.target.first() == Some(&b'/')
            && asked.target.len() < 1000
            && matches!(asked.method.as_slice(), b"GET" | b"POST" | b"HEAD");
        if !plain_target {
            return None;
        }
        let merge = http.servers[http.sockets[*socket].default.0].merge_slashes;
        let target = crate::route::parse_target(&asked.target, merge)?;
        let loc = plain_location(http, http.servers[server.0].loc, &target.uri)?;
        // method and last slash matter to files and error pages, and little else: they are kept apart for it
        let key = (loc, asked.method == b"POST", target.uri.ends_with(b"/"));
        if let Some(found) = self.plain.get(&key) {
            return Some(Rc::clone(found));
        }
        let routed = Rc::new(self.ask(asked));
        if routed.certain {
            self.plain.insert(key, Rc::clone(&routed));
        }
        Some(routed)
    }

    /// The location that the path alone finds, where it decides by itself.
    pub fn plain(&self, socket: usize, host: &[u8], path: &[u8]) -> Option<LocId> {
        let http = &self.config.http;
        let from = http.sockets.get(socket)?;
        let usual =
            host.iter().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'.' | b'-'));
        if !from.patterns.is_empty() || host.is_empty() || !usual || host.ends_with(b".") {
            return None;
        }
        let server = from.names.find(host).map_or(from.default, |((server, _), _)| server);
        plain_location(http, http.servers[server.0].loc, path)
    }

    /// The server for the host on a socket without TLS surprises and patterns.
    fn plain_server(&self, socket: usize, host: &[u8]) -> Option<ServerId> {
        let socket = self.config.http.sockets.get(socket)?;
        if !socket.patterns.is_empty() {
            return None;
        }
        let host = crate::route::valid_host(host)?;
        let server = socket.names.find(&host).map_or(socket.default, |((server, _), _)| server);
        Some(server)
    }
}

/// The plain location that the URI finds; `None` where more than the text decides.
fn plain_location(http: &Http, level: LocId, uri: &[u8]) -> Option<LocId> {
    let (found, redirect) = http.locs[level.0].statics.find(uri);
    if redirect.is_some() {
        return None;
    }
    let mut best = None;
    let mut stops = false;
    if let Some((id, exact)) = found {
        let loc = &http.locs[id.0];
        if !loc.statics.entries.is_empty() || !loc.regexes.is_empty() {
            return None; // nested locations: leave it to the engine
        }
        if exact {
            return loc.plain.then_some(id);
        }
        stops = matches!(loc.kind, LocKind::Prefix { stops: true });
        best = Some(id);
    }
    if !stops {
        for id in &http.locs[level.0].regexes {
            let loc = &http.locs[id.0];
            match loc.regex.as_ref()?.pattern.exec(uri) {
                crate::pattern::Match::Yes(_) => {
                    let alone = loc.statics.entries.is_empty() && loc.regexes.is_empty();
                    return (loc.plain && alone).then_some(*id);
                }
                crate::pattern::Match::No => {}
                crate::pattern::Match::Cannot(_) => return None,
            }
        }
    }
    best.filter(|id| http.locs[id.0].plain)
}

/// Whether the outcome passes the request on.
pub(crate) fn passes(outcome: &Outcome) -> bool {
    matches!(outcome.kind, Kind::Proxy | Kind::Fastcgi | Kind::Uwsgi | Kind::Scgi | Kind::Grpc)
}
