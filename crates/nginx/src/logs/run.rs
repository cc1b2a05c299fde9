//! Files of access logs to one report.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::net::IpAddr;
use std::rc::Rc;

use super::clients::Clients;
use super::counts::{CallerKey, Counts, RouteKey, caller_hash};
use super::format::{Fields, Format, Reject};
use super::input::{Line, Lines, open};
use super::placement::{Placed, place, placements};
use super::report::{Agreement, CallerReport, Disagreement, Report, RouteReport};
use super::router::{Asked, Routed, Router, passes};
use super::time::{Moment, day_of_hour, hour_text};
use crate::config::Config;
use crate::config::model::{Address, ServerId};
use crate::route::{Known, Outcome, Request};

/// Lines by which a format is guessed.
const SAMPLE: usize = 200;

/// What to read and how.
#[derive(Debug, Clone, Default)]
pub struct LogOptions {
    /// Format to use where the file's name does not tell.
    pub format: Option<String>,
    /// The upstream that is to move.
    pub moves: Option<String>,
    /// Named callers.
    pub clients: Clients,
    /// Only lines at or after this time (seconds since 1970).
    pub since: Option<i64>,
    /// Only lines before this time.
    pub until: Option<i64>,
}

/// Something worth saying that stops nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Warning {
    /// The file.
    pub file: String,
    /// What.
    pub message: String,
}

/// Why logs cannot be read at all.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LogError {
    /// A file is missing or cannot be read.
    File(String, String),
    /// The configuration has no such format.
    Format(String),
}

impl std::fmt::Display for LogError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::File(path, why) => write!(f, "{path}: {why}"),
            Self::Format(name) => write!(f, "no log_format \"{name}\" in the configuration"),
        }
    }
}

impl std::error::Error for LogError {}

/// Reads logs of one configuration.
pub struct Reader<'c> {
    config: &'c Config,
    options: LogOptions,
    formats: Vec<Format>,
    placements: BTreeMap<String, Placed>,
    counts: Counts,
    seen: HashSet<(u64, u64)>,
    used: Vec<String>,
    missing: Vec<String>,
    /// Address to upstream blocks.
    upstreams: BTreeMap<String, Vec<String>>,
    /// What stopped nothing.
    pub warnings: Vec<Warning>,
}

/// Indices of the variables of a format that matter.
#[derive(Default)]
struct Wanted {
    client: Option<usize>,
    local: Option<usize>,
    iso: Option<usize>,
    msec: Option<usize>,
    request: Option<usize>,
    request_uri: Option<usize>,
    method: Option<usize>,
    uri: Option<usize>,
    args: Option<usize>,
    host: Option<usize>,
    http_host: Option<usize>,
    status: Option<usize>,
    upstream: Option<usize>,
    agent: Option<usize>,
    user: Option<usize>,
    port: Option<usize>,
    scheme: Option<usize>,
    headers: Vec<(String, usize)>,
}

impl Wanted {
    fn new(format: &Format, headers: &[String]) -> Self {
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
}

/// One file on its way.
struct FileRun<'c, 'o> {
    config: &'c Config,
    options: &'o LogOptions,
    upstreams: &'o BTreeMap<String, Vec<String>>,
    format: Format,
    wanted: Wanted,
    servers: Vec<ServerId>,
    router: Router<'c>,
    sockets: Rc<Vec<usize>>,
    counts: Counts,
    /// What lines with the same words came to.
    memo: HashMap<u128, Memo, foldhash::fast::RandomState>,
    /// The time of the line before: most lines share it with the next.
    clock: (Vec<u8>, Option<Moment>),
}

/// What a line came to, for the next one that says the same.
#[derive(Debug, Clone, Copy)]
struct Memo {
    route: usize,
    compared: bool,
    agreed: bool,
}

/// Lines that are remembered.
const MEMO: usize = 1 << 15;

impl<'c> Reader<'c> {
    /// A reader for the logs of `config`.
    pub fn new(config: &'c Config, options: LogOptions) -> Result<Self, LogError> {
        let mut formats = vec![Format::combined()];
        formats.extend(config.log_formats().iter().map(Format::new));
        if let Some(name) = &options.format
            && !formats.iter().any(|format| format.name == *name)
        {
            return Err(LogError::Format(name.clone()));
        }
        let mut upstreams: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for upstream in &config.http.upstreams {
            for address in upstream.addresses.iter().chain([&upstream.name]) {
                upstreams.entry(address.clone()).or_default().push(upstream.name.clone());
            }
        }
        Ok(Self {
            config,
            options,
            formats,
            placements: placements(config),
            counts: Counts::default(),
            seen: HashSet::new(),
            used: Vec::new(),
            missing: Vec::new(),
            upstreams,
            warnings: Vec::new(),
        })
    }

    /// Reads one file (or standard input, `-`).
    pub fn file(&mut self, path: &str) -> Result<(), LogError> {
        let lines = open(path).map_err(|error| LogError::File(path.to_owned(), error.to_string()))?;
        self.lines(path, lines);
        Ok(())
    }

    /// Reads lines of an input called `path`.
    pub fn lines(&mut self, path: &str, mut lines: Lines) {
        let placed = place(&self.placements, path).cloned().unwrap_or_default();
        let mut sample: Vec<(Vec<u8>, Line)> = Vec::new();
        let mut line = Vec::new();
        while sample.len() < SAMPLE {
            match lines.next(&mut line) {
                Line::End => break,
                kind => sample.push((line.clone(), kind)),
            }
        }
        let format = self.format_for(&placed, &sample);
        let servers = placed.servers.clone();
        let router = Router::new(self.config);
        let wanted = Wanted::new(&format, &router.headers);
        let name = format.name.clone();
        for variable in lacking(&format, &wanted, self.config, &servers) {
            if !self.missing.contains(&variable) {
                self.missing.push(variable);
            }
        }
        let mut run = FileRun {
            config: self.config,
            options: &self.options,
            upstreams: &self.upstreams,
            sockets: Rc::new(sockets_of(self.config, &servers)),
            format,
            wanted,
            servers,
            router,
            counts: Counts::default(),
            memo: HashMap::default(),
            clock: (Vec::new(), None),
        };
        let mut fields = Fields::new();
        for (line, kind) in &sample {
            run.line(line, *kind, &mut fields);
        }
        if sample.len() == SAMPLE {
            loop {
                match lines.next(&mut line) {
                    Line::End => break,
                    kind => run.line(&line, kind, &mut fields),
                }
            }
        }
        let counts = run.counts;
        if let Some(why) = &lines.broken {
            self.warn(path, format!("the file ends too early ({why}); its whole lines were read"));
        }
        if lines.bytes > 0 && !self.seen.insert((lines.digest, lines.bytes)) {
            self.warn(path, "the same content was read before; this file is left out".to_owned());
            return;
        }
        if !self.used.contains(&name) {
            self.used.push(name);
        }
        self.counts.merge(counts);
    }

    fn warn(&mut self, path: &str, message: String) {
        self.warnings.push(Warning { file: path.to_owned(), message });
    }

    /// The format of the file's place; else the one asked for; else the one that fits most lines.
    fn format_for(&self, placed: &Placed, sample: &[(Vec<u8>, Line)]) -> Format {
        let mut candidates: Vec<&Format> =
            self.formats.iter().filter(|format| placed.formats.contains(&format.name)).collect();
        if candidates.is_empty()
            && let Some(name) = &self.options.format
        {
            candidates = self.formats.iter().filter(|format| format.name == *name).collect();
        }
        if candidates.is_empty() {
            candidates = self.formats.iter().collect();
        }
        let mut fields = Fields::new();
        let fitting = |format: &Format, fields: &mut Fields| {
            sample.iter().filter(|(line, _)| format.parse(line, fields).is_ok()).count()
        };
        let mut best = candidates.first().copied();
        let mut most = None;
        for candidate in candidates {
            let fits = (fitting(candidate, &mut fields), candidate.vars.len());
            if most.is_none_or(|most| fits > most) {
                most = Some(fits);
                best = Some(candidate);
            }
        }
        best.cloned().unwrap_or_else(Format::combined)
    }

    /// The report over everything read so far.
    pub fn report(&self) -> Report {
        let mut routes: Vec<RouteReport> =
            self.counts.routes.iter().map(|(key, count)| self.route_report(key, count)).collect();
        routes.sort_by(|one, other| {
            other
                .leftover
                .cmp(&one.leftover)
                .then(other.requests.cmp(&one.requests))
                .then(one.host.cmp(&other.host))
        });
        let rejected: u64 = self.counts.rejected.values().map(|(count, _)| count).sum();
        Report {
            lines: self.counts.lines,
            parsed: self.counts.parsed,
            rejected,
            rejected_by_reason: self
                .counts
                .rejected
                .iter()
                .map(|(reason, (count, _))| ((*reason).to_owned(), *count))
                .collect(),
            rejected_examples: self
                .counts
                .rejected
                .iter()
                .map(|(reason, (_, examples))| ((*reason).to_owned(), examples.clone()))
                .collect(),
            format: self.used.join(", "),
            first: self.counts.first.map(Moment::rfc3339),
            last: self.counts.last.map(Moment::rfc3339),
            routes,
            agreement: Agreement {
                compared: self.counts.compared,
                agreed: self.counts.agreed,
                examples: self
                    .counts
                    .examples
                    .iter()
                    .map(|(request, engine, log)| Disagreement {
                        request: request.clone(),
                        engine: engine.clone(),
                        log: log.clone(),
                    })
                    .collect(),
            },
            sufficient: self.missing.is_empty(),
            missing: self.missing.clone(),
            fix: (!self.missing.is_empty()).then(|| {
                "log_format landfall '$remote_addr - $remote_user [$time_local] \"$request\" $status $body_bytes_sent \
                 \"$http_referer\" \"$http_user_agent\" $host $server_name $server_port $upstream_addr \
                 \"$http_x_forwarded_for\" $request_id';"
                    .to_owned()
            }),
            hosts_exact: !self.counts.hosts_folded,
        }
    }

    fn route_report(&self, key: &RouteKey, count: &super::counts::RouteCount) -> RouteReport {
        let host = key.host.as_ref().map(|host| String::from_utf8_lossy(host).into_owned());
        let moves = self.options.moves.is_some() && key.destination == self.options.moves;
        let leftover = moves && !self.root_goes_to(key);
        let mut per_day: BTreeMap<String, u64> = BTreeMap::new();
        let mut per_hour: BTreeMap<String, u64> = BTreeMap::new();
        for (hour, requests) in &count.per_hour {
            *per_day.entry(day_of_hour(*hour)).or_default() += requests;
            per_hour.insert(hour_text(*hour), *requests);
        }
        let mut callers: Vec<CallerReport> = count
            .callers
            .values()
            .map(|sum| {
                let caller = &sum.key;
                let client = String::from_utf8_lossy(&caller.client).into_owned();
                let named = self.options.clients.find(&client);
                let text =
                    |bytes: &[u8]| (!bytes.is_empty()).then(|| String::from_utf8_lossy(bytes).into_owned());
                CallerReport {
                    name: named.map(|named| named.name.clone()),
                    repository: named.and_then(|named| named.repository.clone()),
                    owner: named.and_then(|named| named.owner.clone()),
                    user_agent: text(&caller.agent),
                    user: text(&caller.user),
                    requests: sum.requests,
                    at_most_more: sum.missed,
                    first: sum.first.rfc3339(),
                    last: sum.last.rfc3339(),
                    client,
                }
            })
            .collect();
        callers.sort_by(|one, other| {
            other
                .requests
                .cmp(&one.requests)
                .then(one.client.cmp(&other.client))
                .then(one.user_agent.cmp(&other.user_agent))
        });
        let listed: u64 = callers.iter().map(|caller| caller.requests).sum();
        RouteReport {
            host,
            server: key.server.map(|id| self.config.server_ref(id)),
            location: key.loc.map(|id| self.config.location_ref(id)),
            destination: key.destination.clone(),
            leftover,
            hairpin: leftover,
            requests: count.requests,
            first: count.first.rfc3339(),
            last: count.last.rfc3339(),
            per_day,
            per_hour,
            callers,
            callers_exact: count.exact,
            other_callers_requests: count.requests.saturating_sub(listed),
        }
    }

    /// Whether `/` of the same server goes to the application that moves.
    fn root_goes_to(&self, key: &RouteKey) -> bool {
        let Some(server) = key.server else { return false };
        let host = key.host.clone().unwrap_or_default();
        let request = Request { host, target: b"/".to_vec(), ..Request::default() };
        let sockets = sockets_of(self.config, &[server]);
        let (_, ways) = self.config.ways(&request, Known { sockets: Some(&sockets), partly: true });
        ways.iter()
            .filter(|way| way.server == Some(server))
            .filter_map(|way| way.outcome.as_ref())
            .any(|outcome| outcome.upstream.is_some() && outcome.upstream == self.options.moves)
    }
}

/// The sockets on which these servers answer; all when none is named.
fn sockets_of(config: &Config, servers: &[ServerId]) -> Vec<usize> {
    let sockets = &config.http.sockets;
    (0..sockets.len())
        .filter(|index| servers.is_empty() || sockets[*index].servers.iter().any(|id| servers.contains(id)))
        .collect()
}

/// What a format cannot answer.
fn lacking(format: &Format, wanted: &Wanted, config: &Config, servers: &[ServerId]) -> Vec<String> {
    let mut missing = Vec::new();
    let one_name = matches!(servers, [only] if config.http.servers[only.0].names.len() == 1);
    if wanted.host.is_none() && wanted.http_host.is_none() && format.var("server_name").is_none() && !one_name
    {
        missing.push("$host".to_owned());
    }
    if wanted.request.is_none() && wanted.request_uri.is_none() && wanted.uri.is_none() {
        missing.push("$request".to_owned());
    }
    if wanted.local.is_none() && wanted.iso.is_none() && wanted.msec.is_none() {
        missing.push("$time_local".to_owned());
    }
    if wanted.client.is_none() {
        missing.push("$remote_addr".to_owned());
    }
    if wanted.upstream.is_none() {
        missing.push("$upstream_addr".to_owned());
    }
    missing
}

impl FileRun<'_, '_> {
    fn line(&mut self, line: &[u8], kind: Line, fields: &mut Fields) {
        match kind {
            Line::TooLong => return self.counts.reject(Reject::TooLong.name(), b""),
            Line::Cut => return self.counts.reject(Reject::Truncated.name(), line),
            Line::Whole | Line::End => {}
        }
        if let Err(reject) = self.format.parse(line, fields) {
            return self.counts.reject(reject.name(), line);
        }
        let raw = |index: Option<usize>| {
            index.and_then(|index| fields.get(index)).and_then(|(start, end)| line.get(*start..*end))
        };
        let time = raw(self.wanted.local.or(self.wanted.iso).or(self.wanted.msec)).unwrap_or_default();
        if self.clock.0 != time || self.clock.1.is_none() {
            self.clock = (time.to_vec(), self.time(&raw));
        }
        let Some(at) = self.clock.1 else {
            return self.counts.reject(Reject::Time.name(), line);
        };
        if self.options.since.is_some_and(|since| at.epoch < since)
            || self.options.until.is_some_and(|until| at.epoch >= until)
        {
            self.counts.outside += 1;
            return;
        }
        let value = |index: Option<usize>| raw(index).and_then(|raw| self.format.value(raw));
        // the caller, without copying what needs no unescaping
        let plain = |index: Option<usize>| {
            raw(index).map_or(Cow::Borrowed(b"".as_slice()), |raw| self.format.borrowed(raw))
        };
        let client = raw(self.wanted.client).unwrap_or_default();
        let (agent, user) = (plain(self.wanted.agent), plain(self.wanted.user));
        let hash = caller_hash(client, &agent, &user);
        let named = || CallerKey { client: client.to_vec(), agent: agent.to_vec(), user: user.to_vec() };
        let same = self.memo_key(&raw);
        if let Some(known) = same.and_then(|same| self.memo.get(&same)).copied() {
            self.counts.compared += u64::from(known.compared);
            self.counts.agreed += u64::from(known.agreed);
            return self.counts.count(known.route, hash, named, at);
        }
        let status = raw(self.wanted.status).map(<[u8]>::to_vec).unwrap_or_default();
        let tried = value(self.wanted.upstream);
        let request = value(self.wanted.request).unwrap_or_default();
        let (method, target) = self.method_and_target(&request, &value);
        let host = self.host(target.as_ref(), &value);
        let port = value(self.wanted.port);
        let scheme = value(self.wanted.scheme);
        let itself =
            matches!(status.as_slice(), b"400" | b"408" | b"414" | b"494" | b"505") && tried.is_none();
        let headers: Vec<(String, Vec<u8>)> = self
            .wanted
            .headers
            .iter()
            .map(|(name, index)| (name.clone(), value(Some(*index)).unwrap_or_default()))
            .collect();
        let sockets = self.narrowed(port.as_deref(), scheme.as_deref());
        let http = target.as_ref().is_some_and(|target| !target.is_empty());
        if itself || !http {
            let server = self.default_server(&sockets);
            let destination = tried.as_deref().and_then(|tried| self.destination(tried, &[]));
            let route = self.counts.route(RouteKey { host, server, loc: None, destination }, at);
            return self.counts.count(route, hash, named, at);
        }
        let target = target.unwrap_or_default();
        let asked = Asked {
            method,
            host: host.clone().unwrap_or_default(),
            target,
            client: std::str::from_utf8(client).ok().and_then(|text| text.parse::<IpAddr>().ok()),
            headers,
            sockets,
        };
        let routed = self.router.route(&asked);
        let before = (self.counts.compared, self.counts.agreed);
        let key = self.route_key(&routed, &asked, host, tried.as_deref(), &status);
        let route = self.counts.route(key, at);
        if let Some(same) = same {
            if self.memo.len() >= MEMO {
                self.memo.clear();
            }
            let compared = self.counts.compared > before.0;
            self.memo.insert(same, Memo { route, compared, agreed: self.counts.agreed > before.1 });
        }
        self.counts.count(route, hash, named, at);
    }

    /// What decides the route of a line, as a hash: the location where the target's text alone finds one that
    /// decides by itself, else the whole request.
    fn memo_key<'l>(&self, raw: &dyn Fn(Option<usize>) -> Option<&'l [u8]>) -> Option<u128> {
        let request = raw(self.wanted.request)?;
        let host = raw(self.wanted.host.or(self.wanted.http_host)).unwrap_or_default();
        let mut parts: Vec<&[u8]> = Vec::with_capacity(8);
        let place = self.plain_place(request, host);
        let place_bytes = place.map(u64::to_le_bytes);
        match &place_bytes {
            Some(bytes) => parts.extend([b"place".as_slice(), bytes]),
            None => parts.extend([b"request".as_slice(), request]),
        }
        parts.push(host);
        parts.extend(
            [self.wanted.upstream, self.wanted.status, self.wanted.port, self.wanted.scheme]
                .map(|index| raw(index).unwrap_or_default()),
        );
        if place.is_none() {
            parts.extend(self.wanted.headers.iter().map(|(_, index)| raw(Some(*index)).unwrap_or_default()));
            if self.router.by_client {
                parts.push(raw(self.wanted.client).unwrap_or_default());
            }
        }
        Some(super::counts::hash_of(&parts))
    }

    /// Server and location of a target that needs no normalising.
    fn plain_place(&self, request: &[u8], host: &[u8]) -> Option<u64> {
        let [socket] = self.sockets.as_slice() else { return None };
        let (method, rest) = if let Some(rest) = request.strip_prefix(b"GET ") {
            (0, rest)
        } else {
            (1, request.strip_prefix(b"POST ")?)
        };
        let target = rest.strip_suffix(b" HTTP/1.1").or_else(|| rest.strip_suffix(b" HTTP/2.0"))?;
        let path = memchr::memchr(b'?', target).map_or(target, |mark| &target[..mark]);
        let simple = path.first() == Some(&b'/')
            && path.iter().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'/' | b'-' | b'_' | b'.'))
            && !path.windows(2).any(|pair| matches!(pair, b"//" | b"/."))
            && target.iter().all(|byte| (0x21..0x7f).contains(byte) && *byte != b'#' && *byte != b'\\');
        if !simple {
            return None;
        }
        let loc = self.router.plain(*socket, host, path)?;
        Some((loc.0 as u64) << 1 | method)
    }

    fn route_key(
        &mut self,
        routed: &Routed,
        asked: &Asked,
        host: Option<Vec<u8>>,
        tried: Option<&[u8]>,
        status: &[u8],
    ) -> RouteKey {
        let outcomes: Vec<&Outcome> = routed.ways.iter().filter_map(|way| way.outcome.as_ref()).collect();
        let destination = match tried {
            Some(tried) => self.destination(tried, &outcomes),
            None if self.wanted.upstream.is_none() && routed.certain => outcomes
                .first()
                .filter(|outcome| passes(outcome))
                .and_then(|outcome| outcome.upstream.clone()),
            None => None,
        };
        let status: Option<u16> = std::str::from_utf8(status).ok().and_then(|text| text.parse().ok());
        let fits = |outcome: &Outcome| match (&destination, self.wanted.upstream.is_some()) {
            (Some(name), _) => {
                2 * i32::from(outcome.upstream.as_ref() == Some(name)) + i32::from(passes(outcome))
            }
            (None, true) => {
                2 * i32::from(!passes(outcome))
                    + i32::from(outcome.status.is_some() && outcome.status == status)
            }
            (None, false) => i32::from(outcome.status.is_some() && outcome.status == status),
        };
        // of the possible ways the one that the log speaks for; the first where it does not tell
        let way = routed
            .ways
            .iter()
            .enumerate()
            .max_by_key(|(index, way)| (way.outcome.as_ref().map_or(-1, fits), std::cmp::Reverse(*index)))
            .map(|(_, way)| way);
        if let (Some(tried), true) = (tried, routed.certain)
            && let Some(outcome) = outcomes.first()
            && numeric(outcome)
        {
            self.counts.compared += 1;
            let agreed = addresses(tried).any(|address| {
                outcome.addresses.iter().any(|ours| ours.as_bytes() == address)
                    || outcome.upstream.as_ref().is_some_and(|name| name.as_bytes() == address)
            });
            if agreed {
                self.counts.agreed += 1;
            } else if self.counts.examples.len() < 10 {
                let request = format!(
                    "{}{}",
                    String::from_utf8_lossy(&asked.host),
                    String::from_utf8_lossy(&asked.target)
                );
                let engine =
                    outcome.upstream.clone().unwrap_or_else(|| format!("{:?}", outcome.kind).to_lowercase());
                self.counts.examples.push((request, engine, String::from_utf8_lossy(tried).into_owned()));
            }
        }
        RouteKey {
            host,
            server: way.and_then(|way| way.server),
            loc: way.and_then(|way| way.loc),
            destination,
        }
    }

    fn time<'l>(&self, raw: &dyn Fn(Option<usize>) -> Option<&'l [u8]>) -> Option<Moment> {
        if self.wanted.local.is_some() {
            return Moment::local(raw(self.wanted.local)?);
        }
        if self.wanted.iso.is_some() {
            return Moment::iso(raw(self.wanted.iso)?);
        }
        if self.wanted.msec.is_some() {
            return Moment::msec(raw(self.wanted.msec)?);
        }
        // a format without a time: everything counts as 1970
        Some(Moment { epoch: 0, offset: 0 })
    }

    /// Method and raw target; no target when the request is no HTTP.
    fn method_and_target(
        &self,
        request: &[u8],
        value: &dyn Fn(Option<usize>) -> Option<Vec<u8>>,
    ) -> (Vec<u8>, Option<Vec<u8>>) {
        if self.wanted.request.is_some() {
            let mut parts = request.splitn(2, |byte| *byte == b' ');
            let method = parts.next().unwrap_or_default().to_vec();
            let rest = parts.next();
            let token = !method.is_empty()
                && method.iter().all(|byte| byte.is_ascii_uppercase() || matches!(byte, b'-' | b'_'));
            let target =
                rest.filter(|_| token).and_then(|rest| match rest.iter().rposition(|byte| *byte == b' ') {
                    Some(space) if rest.get(space + 1..).is_some_and(|v| v.starts_with(b"HTTP/")) => {
                        Some(rest.get(..space)?.to_vec())
                    }
                    _ => None,
                });
            return (method, target);
        }
        let method = value(self.wanted.method).unwrap_or_else(|| b"GET".to_vec());
        if let Some(target) = value(self.wanted.request_uri) {
            return (method, Some(target));
        }
        // only the normalised URI was logged: it is written as a target would be
        let target = value(self.wanted.uri).map(|uri| {
            let mut target = crate::route::escape_uri(&uri);
            if let Some(args) = value(self.wanted.args) {
                target.push(b'?');
                target.extend_from_slice(&args);
            }
            target
        });
        (method, target)
    }

    /// As logged, lower case, without port and last dot; the file's server's first name where no host is logged.
    fn host(
        &self,
        target: Option<&Vec<u8>>,
        value: &dyn Fn(Option<usize>) -> Option<Vec<u8>>,
    ) -> Option<Vec<u8>> {
        if self.wanted.host.is_some() {
            return clean(&value(self.wanted.host)?);
        }
        if self.wanted.http_host.is_some() {
            let absolute = target
                .filter(|target| target.first() != Some(&b'/'))
                .and_then(|target| crate::route::parse_target(target, true).and_then(|target| target.host));
            return clean(&absolute.or_else(|| value(self.wanted.http_host))?);
        }
        match self.servers.as_slice() {
            [only] => {
                let name = &self.config.http.servers[only.0].names.first()?.written;
                (!name.is_empty()).then(|| name.to_ascii_lowercase().into_bytes())
            }
            _ => None,
        }
    }

    /// The sockets that port and scheme leave.
    fn narrowed(&self, port: Option<&[u8]>, scheme: Option<&[u8]>) -> Rc<Vec<usize>> {
        if port.is_none() && scheme.is_none() {
            return Rc::clone(&self.sockets);
        }
        let port: Option<u16> = port.and_then(|port| std::str::from_utf8(port).ok()?.parse().ok());
        let tls = scheme.map(|scheme| scheme == b"https");
        let left: Vec<usize> = self
            .sockets
            .iter()
            .copied()
            .filter(|index| {
                let socket = &self.config.http.sockets[*index];
                port.is_none_or(|port| socket.address.port() == Some(port))
                    && tls.is_none_or(|tls| socket.ssl == tls)
            })
            .collect();
        if left.is_empty() { Rc::clone(&self.sockets) } else { Rc::new(left) }
    }

    fn default_server(&self, sockets: &[usize]) -> Option<ServerId> {
        if let [only] = self.servers.as_slice() {
            return Some(*only);
        }
        sockets.first().map(|index| self.config.http.sockets[*index].default)
    }

    /// The upstream block of the last address that was tried.
    fn destination(&self, tried: &[u8], outcomes: &[&Outcome]) -> Option<String> {
        let last = addresses(tried).rfind(|address| *address != b"-")?;
        let last = String::from_utf8_lossy(last).into_owned();
        let known = self.upstreams.get(&last);
        let said = outcomes
            .iter()
            .filter(|outcome| passes(outcome))
            .find(|outcome| outcome.addresses.contains(&last) || outcome.upstream.as_ref() == Some(&last));
        if let Some(name) = said.and_then(|outcome| outcome.upstream.clone()) {
            return Some(name);
        }
        if let Some([first, ..]) = known.map(Vec::as_slice) {
            Some(first.clone())
        } else {
            // an upstream that names hosts, of which the log has the addresses
            let by_name = outcomes.iter().find(|outcome| passes(outcome) && !numeric(outcome));
            Some(by_name.and_then(|outcome| outcome.upstream.clone()).unwrap_or(last))
        }
    }
}

/// `a, b : c` taken apart.
fn addresses(tried: &[u8]) -> impl DoubleEndedIterator<Item = &[u8]> {
    tried
        .split(|byte| *byte == b' ')
        .map(|part| part.strip_suffix(b",").unwrap_or(part))
        .filter(|part| *part != b":" && !part.is_empty())
}

/// Whether the addresses of the upstream are addresses, as the log has them, and no host names.
fn numeric(outcome: &Outcome) -> bool {
    !passes(outcome)
        || (!outcome.addresses.is_empty()
            && outcome.addresses.iter().all(|address| {
                address.starts_with("unix:") || matches!(Address::parse(address), Some(Address::Ip(..)))
            }))
}

fn clean(host: &[u8]) -> Option<Vec<u8>> {
    match crate::route::valid_host(host) {
        Some(host) => Some(host),
        None => (!host.is_empty()).then(|| host.to_ascii_lowercase()),
    }
}
