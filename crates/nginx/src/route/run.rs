//! One run of a request through nginx's phases.

use std::net::IpAddr;
use std::rc::Rc;

use super::answer::{Kind, Outcome};
use super::choose::Choices;
use super::request::Request;
use super::uri::{may_have_host, parse_target, valid_host};
use crate::config::Config;
use crate::config::model::{Address, Hide, Http, Loc, LocId, LocKind, ServerId, Socket};
use crate::config::value::Template;
use crate::syntax::{Pos, text};

/// A value that may not be known.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Val {
    Known(Vec<u8>),
    /// Why not.
    Unknown(Rc<str>),
}

impl Val {
    pub fn empty() -> Self {
        Self::Known(Vec::new())
    }
}

/// What hides the answer on this way.
#[derive(Debug, Clone)]
pub(super) struct Stop {
    pub hide: Hide,
    pub why: String,
}

/// Groups of the last pattern that matched.
#[derive(Debug, Clone)]
pub(super) enum Captures {
    Known { data: Vec<u8>, groups: Vec<Option<(usize, usize)>> },
    Unknown(Rc<str>),
}

/// How much of the headers nginx had read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Headers {
    /// The request line was refused: none.
    NotRead,
    /// A header was refused: those before it, whichever they were.
    Partly,
    Read,
}

/// What is known about a request that was only logged.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Known<'k> {
    /// Sockets it can have come in on; all when `None`.
    pub sockets: Option<&'k [usize]>,
    /// Headers that the request does not list may have been there all the same.
    pub partly: bool,
}

/// Where the run goes next.
pub(super) enum Next {
    ServerRewrite,
    FindLocation,
    LocationRewrite,
    Access,
    /// nginx answers with this status (and Location).
    Status(u16, Option<Val>),
    End(Outcome),
}

/// Where a way ended.
pub(super) struct Leaf {
    pub outcome: Option<Outcome>,
    pub server: Option<ServerId>,
    pub loc: Option<LocId>,
    pub because: Vec<String>,
    pub hides: Vec<Hide>,
}

#[expect(clippy::struct_excessive_bools, reason = "the flags that nginx keeps per request")]
pub(super) struct Run<'c> {
    pub config: &'c Config,
    pub http: &'c Http,
    pub request: &'c Request,
    pub choices: &'c mut Choices,
    /// What is known of the request besides what it says.
    pub known: Known<'c>,
    pub because: Vec<String>,
    pub hides: Vec<Hide>,
    pub socket: usize,
    pub local: Option<IpAddr>,
    pub server: ServerId,
    pub loc: LocId,
    /// The location whose handler answers.
    pub handler: Option<LocId>,
    pub uri: Vec<u8>,
    pub args: Val,
    pub unparsed: Vec<u8>,
    pub host: Vec<u8>,
    pub headers: Headers,
    pub method: String,
    pub client: Option<IpAddr>,
    pub realip_done: bool,
    /// The body was refused as too large and thrown away: it is not measured again.
    pub body_dropped: bool,
    pub valid_unparsed: bool,
    pub valid_location: bool,
    pub quoted: bool,
    pub plus: bool,
    pub internal: bool,
    pub uri_changed: bool,
    pub uri_changes: u32,
    pub error_page: bool,
    pub err_status: Option<u16>,
    pub captures: Captures,
    /// Counts pattern matches, to notice that one changed `$1` in the middle of a string.
    pub generation: u32,
    pub vars: Vec<Option<Val>>,
    /// The arguments mode of an earlier `rewrite` that nginx before 1.31 forgets to end.
    pub args_leak: bool,
    /// The upstream outcome from which an error page leads away.
    pub instead_of: Option<(Outcome, ServerId, LocId, usize)>,
    /// The Location header so far; it stays when an error page leads on.
    pub location: Option<Val>,
    /// Steps taken, to end what goes round in circles.
    pub depth: u32,
}

impl<'c> Run<'c> {
    pub fn new(config: &'c Config, request: &'c Request, choices: &'c mut Choices, known: Known<'c>) -> Self {
        let http = &config.http;
        Self {
            config,
            http,
            request,
            choices,
            known,
            because: Vec::new(),
            hides: Vec::new(),
            socket: 0,
            local: None,
            server: ServerId(0),
            loc: LocId(0),
            handler: None,
            uri: Vec::new(),
            args: Val::empty(),
            unparsed: Vec::new(),
            host: Vec::new(),
            headers: Headers::NotRead,
            method: request.method.clone(),
            client: request.client,
            realip_done: false,
            body_dropped: false,
            valid_unparsed: true,
            valid_location: true,
            quoted: false,
            plus: false,
            internal: false,
            uri_changed: false,
            uri_changes: 11,
            error_page: false,
            err_status: None,
            captures: Captures::Known { data: Vec::new(), groups: Vec::new() },
            generation: 0,
            vars: vec![None; http.vars.all.len()],
            args_leak: false,
            instead_of: None,
            location: None,
            depth: 0,
        }
    }

    pub fn loc(&self) -> &'c Loc {
        let http = self.http;
        &http.locs[self.loc.0]
    }

    pub fn socket(&self) -> &'c Socket {
        let http = self.http;
        &http.sockets[self.socket]
    }

    pub fn say(&mut self, step: impl Into<String>) {
        self.because.push(step.into());
    }

    pub fn stop(directive: &str, pos: Pos, why: &str) -> Stop {
        Stop { hide: Hide { directive: directive.to_owned(), pos }, why: why.to_owned() }
    }

    /// Runs to the end.
    pub fn go(mut self) -> Leaf {
        let end = self.start();
        let end = match end {
            Ok(next) => self.drive(next),
            Err(None) => {
                return Leaf {
                    outcome: None,
                    server: None,
                    loc: None,
                    because: self.because,
                    hides: self.hides,
                };
            }
            Err(Some(stop)) => Err(stop),
        };
        let passes = |outcome: &Outcome| {
            matches!(outcome.kind, Kind::Proxy | Kind::Fastcgi | Kind::Uwsgi | Kind::Scgi | Kind::Grpc)
        };
        if let Some((outcome, server, loc, steps)) = self.instead_of.take() {
            // an error page that nginx makes itself, or asks the same upstream for, is no other destination
            let elsewhere = |end: &Outcome| passes(end) && end.upstream != outcome.upstream;
            if !end.as_ref().is_ok_and(elsewhere) {
                self.because.truncate(steps);
                self.hides.clear();
                return Leaf {
                    outcome: Some(outcome),
                    server: Some(server),
                    loc: self.shown(loc),
                    because: self.because,
                    hides: self.hides,
                };
            }
        }
        let loc = self.shown(self.loc);
        match end {
            Ok(outcome) => Leaf {
                outcome: Some(outcome),
                server: Some(self.server),
                loc,
                because: self.because,
                hides: self.hides,
            },
            Err(stop) => {
                self.because.push(stop.why);
                self.hides.push(stop.hide);
                Leaf {
                    outcome: None,
                    server: Some(self.server),
                    loc,
                    because: self.because,
                    hides: self.hides,
                }
            }
        }
    }

    /// The location to show: the one around an `if` or a `limit_except`; none at server level.
    fn shown(&self, id: LocId) -> Option<LocId> {
        let mut id = id;
        loop {
            let loc = &self.http.locs[id.0];
            match loc.kind {
                LocKind::Server => return None,
                LocKind::If | LocKind::LimitExcept => id = loc.parent?,
                _ => return Some(id),
            }
        }
    }

    fn drive(&mut self, mut next: Next) -> Result<Outcome, Stop> {
        loop {
            self.depth += 1;
            if self.depth > 500 {
                return Err(Self::stop("location", self.loc().pos, "the request goes round in circles"));
            }
            next = match next {
                Next::ServerRewrite => self.server_rewrite()?,
                Next::FindLocation => self.find_location()?,
                Next::LocationRewrite => self.location_rewrite()?,
                Next::Access => self.access_and_content()?,
                Next::Status(status, location) => self.special_response(status, location)?,
                Next::End(outcome) => return Ok(outcome),
            };
        }
    }

    /// Socket, request line, host, server: what happens before the phases.
    fn start(&mut self) -> Result<Next, Option<Stop>> {
        let Some((socket, local)) = self.pick_socket() else { return Err(None) };
        self.socket = socket;
        self.local = local;
        let socket = self.socket();
        self.say(format!("listen {}{}", socket.address, if socket.ssl { " (TLS)" } else { "" }));
        self.server = socket.default;
        self.loc = self.http.servers[self.server.0].loc;
        let refused = |run: &mut Self, why: &str| {
            run.say(format!("nginx refuses the request: {why}"));
            Ok(Next::Status(400, None))
        };
        let request = self.request;
        let header_host = (!request.host.is_empty()).then_some(request.host.as_slice());
        let checked_host = header_host.map(valid_host);
        if socket.ssl
            && let Some(Some(host)) = &checked_host
            && !host.starts_with(b"[")
            && std::str::from_utf8(host).is_ok_and(|host| host.parse::<IpAddr>().is_err())
        {
            // the name in the TLS handshake chooses the server before the request line is read
            if let Err(stop) = self.select_server(host, false) {
                return Err(Some(stop));
            }
        }
        let line_server = &self.http.servers[self.server.0];
        let version = if header_host.is_some() { "HTTP/1.1" } else { "HTTP/1.0" };
        let line = request.method.len() + request.target.len() + version.len() + 4;
        let early = broken_early(&request.method, &request.target, line_server.line_limit.max(1024));
        if line as u64 > line_server.line_limit.max(1024) && !early {
            self.say("the request line is longer than large_client_header_buffers allows");
            return Ok(Next::Status(414, None));
        }
        self.method.clear();
        let method_ok = !request.method.is_empty()
            && request.method.bytes().all(|b| b.is_ascii_uppercase() || b == b'_' || b == b'-');
        if !method_ok {
            return refused(self, "the method is no token of upper-case letters");
        }
        self.method.clone_from(&request.method);
        let Some(target) = parse_target(&request.target, line_server.merge_slashes) else {
            return refused(self, "the request target is not valid");
        };
        self.headers = Headers::Partly;
        let absolute = target.host.clone();
        self.uri = target.uri;
        self.args = Val::Known(target.args);
        self.unparsed = target.unparsed;
        self.valid_unparsed = target.valid_unparsed;
        self.quoted = target.quoted;
        self.plus = target.plus;
        if let Some(host) = absolute {
            let Some(host) = valid_host(&host) else {
                return refused(self, "the host in the target is not valid");
            };
            self.host = host;
            if let Err(stop) = self.select_server(&self.host.clone(), true) {
                return Err(Some(stop));
            }
        }
        self.headers = Headers::Partly;
        match checked_host {
            Some(None) => return refused(self, "the Host header is not valid"),
            Some(Some(host)) if self.host.is_empty() => self.host = host,
            _ => {}
        }
        self.headers = Headers::Read;
        if let Err(stop) = self.select_server(&self.host.clone(), true) {
            return Err(Some(stop));
        }
        if request.method == "TRACE" || request.method == "CONNECT" {
            self.say(format!("nginx does not serve {}", request.method));
            return Ok(Next::Status(405, None));
        }
        self.realip();
        Ok(Next::ServerRewrite)
    }

    /// The socket that the connection came in on, and its local address where known.
    fn pick_socket(&mut self) -> Option<(usize, Option<IpAddr>)> {
        let sockets = &self.http.sockets;
        let Some(listen) = &self.request.listen else {
            if sockets.is_empty() || self.known.sockets.is_some_and(<[usize]>::is_empty) {
                self.say("no server listens anywhere");
                return None;
            }
            let all: Vec<usize> = (0..sockets.len()).collect();
            let among = self.known.sockets.unwrap_or(&all);
            if among.len() > 8 {
                self.say("the configuration listens on more than eight addresses: say on which the request came in");
                return None;
            }
            let chosen = if among.len() == 1 {
                among[0]
            } else {
                let options: Vec<String> = among
                    .iter()
                    .map(|socket| format!("it came in on {}", sockets[*socket].address))
                    .collect();
                among.get(self.choices.choose("listen", &options)).copied().unwrap_or(0)
            };
            let local = match &sockets[chosen].address {
                Address::Ip(ip, _) if !ip.is_unspecified() => Some(*ip),
                _ => None,
            };
            return Some((chosen, local));
        };
        let Some(wanted) = Address::parse(listen) else {
            self.say(format!("\"{listen}\" is no address"));
            return None;
        };
        let exact = sockets.iter().position(|socket| socket.address == wanted);
        let found = exact.or_else(|| {
            let Address::Ip(ip, port) = &wanted else { return None };
            sockets
                .iter()
                .position(|socket| {
                    matches!(&socket.address, Address::Ip(other, other_port)
                        if other.is_unspecified() && other_port == port && other.is_ipv4() == ip.is_ipv4())
                })
                .or_else(|| {
                    sockets.iter().position(|socket| {
                        matches!(&socket.address, Address::Ip(other, other_port)
                            if other.is_unspecified() && other_port == port && other.is_ipv6() && !socket.v6only)
                    })
                })
        });
        let Some(found) = found else {
            self.say(format!("no server listens on {listen}"));
            return None;
        };
        let local = match wanted {
            Address::Ip(ip, _) if !ip.is_unspecified() => Some(ip),
            _ => None,
        };
        Some((found, local))
    }

    /// The server for the host.
    fn select_server(&mut self, host: &[u8], aloud: bool) -> Result<(), Stop> {
        let socket = self.socket();
        let named = if let Some(((server, index), _)) = socket.names.find(host) {
            Some((server, index))
        } else {
            let mut found = None;
            if !host.is_empty() {
                for (server, index) in &socket.patterns {
                    let name = &self.http.servers[server.0].names[*index];
                    let Some(regex) = name.pattern.clone() else { continue };
                    let subject = Val::Known(host.to_vec());
                    if self.exec(&regex, &subject, "server_name")? {
                        found = Some((*server, *index));
                        break;
                    }
                }
            }
            found
        };
        // on TLS the name was looked up before; without a new hit the server stays
        let (server, step) = if let Some((server, index)) = named {
            let written = &self.http.servers[server.0].names[index].written;
            let how = if written.starts_with('~') {
                "first pattern that matches"
            } else if written.contains('*') || written.starts_with('.') {
                "wildcard"
            } else {
                "exact"
            };
            (
                server,
                if written.is_empty() {
                    "server without a name (no Host header)".to_owned()
                } else {
                    format!("server_name {written} ({how})")
                },
            )
        } else {
            let default = if aloud { self.server } else { socket.default };
            let shown = text(host).into_owned();
            (default, format!("no server_name fits \"{shown}\": the default server of {}", socket.address))
        };
        self.server = server;
        self.loc = self.http.servers[server.0].loc;
        if aloud && !self.because.contains(&step) {
            self.say(step);
        }
        Ok(())
    }

    /// What nginx answers for a status, or where an error page leads.
    pub fn special_response(&mut self, status: u16, location: Option<Val>) -> Result<Next, Stop> {
        if matches!(status, 408 | 444 | 499) {
            self.say(format!("{status}: the connection is closed without an answer"));
            return Ok(Next::End(outcome(Kind::Closed)));
        }
        self.err_status = Some(status);
        if location.is_some() {
            self.location = location;
        }
        let set = &self.loc().set;
        if !self.error_page && !set.error_pages.is_empty() && self.uri_changes != 0 {
            self.error_page = !set.recursive_error_pages;
            let pages = std::sync::Arc::clone(&set.error_pages);
            if let Some(page) = pages.iter().find(|page| page.status == status) {
                return self.error_page_for(page);
            }
        }
        let status = match status {
            494..=497 => 400,
            other => other,
        };
        let mut end = outcome(Kind::Return);
        end.status = Some(status);
        self.set_location(&mut end);
        Ok(Next::End(end))
    }

    pub fn set_location(&mut self, end: &mut Outcome) {
        match self.location.clone() {
            Some(Val::Known(bytes)) => end.uri = Some(text(&bytes).into_owned()),
            Some(Val::Unknown(why)) => {
                let hide = Hide { directive: "return".to_owned(), pos: self.loc().pos };
                self.say(format!("where the redirect leads is not known: {why}"));
                self.hides.push(hide);
            }
            None => {}
        }
    }

    fn error_page_for(&mut self, page: &crate::config::model::ErrorPage) -> Result<Next, Stop> {
        if let Some(overwrite) = page.overwrite {
            self.err_status = (overwrite != 0).then_some(overwrite);
        }
        let target = self.eval(&page.target, false);
        let Val::Known(target) = target else {
            return Err(Self::stop("error_page", page.pos, "the target of error_page is not known"));
        };
        self.say(format!("error_page {} {}", page.status, text(&target)));
        match target.first() {
            Some(b'/') => {
                let (uri, args) = if page.target.as_constant().is_some() {
                    (target, page.args.clone())
                } else {
                    split_args(target)
                };
                if self.method != "HEAD" {
                    "GET".clone_into(&mut self.method);
                }
                self.internal_redirect(uri, Val::Known(args))
            }
            Some(b'@') => self.named(&target),
            _ => {
                let status = self
                    .err_status
                    .filter(|status| matches!(status, 301 | 302 | 303 | 307 | 308))
                    .unwrap_or(302);
                let mut end = outcome(Kind::Return);
                end.status = Some(status);
                end.uri = Some(text(&target).into_owned());
                Ok(Next::End(end))
            }
        }
    }

    /// `return`, error pages, `index` and `try_files` go on with another URI.
    pub fn internal_redirect(&mut self, uri: Vec<u8>, args: Val) -> Result<Next, Stop> {
        self.uri_changes -= 1;
        if self.uri_changes == 0 {
            self.say("rewrite or internal redirection cycle");
            return self.special_response(500, None);
        }
        self.say(format!("goes on inside nginx as {}", text(&uri)));
        self.uri = uri;
        self.args = args;
        self.loc = self.http.servers[self.server.0].loc;
        self.handler = None;
        self.internal = true;
        self.valid_unparsed = false;
        self.valid_location = true;
        Ok(Next::ServerRewrite)
    }

    /// Goes to a named location.
    pub fn named(&mut self, name: &[u8]) -> Result<Next, Stop> {
        self.uri_changes -= 1;
        if self.uri_changes == 0 || self.uri.is_empty() {
            self.say("rewrite or internal redirection cycle");
            return self.special_response(500, None);
        }
        let server = &self.http.servers[self.server.0];
        let Some(id) = server.named.get(name).copied() else {
            self.say(format!("there is no location {}", text(name)));
            return self.special_response(500, None);
        };
        self.internal = true;
        self.handler = None;
        self.uri_changed = false;
        self.loc = id;
        self.say(format!("location {}", text(name)));
        self.enter();
        Ok(Next::LocationRewrite)
    }

    /// Evaluates a template outside a rewrite.
    pub fn eval(&mut self, template: &Template, quote: bool) -> Val {
        self.expand(template, quote).0
    }
}

/// Whether nginx refuses a request line before it has read more of it than fits its buffers.
fn broken_early(method: &str, target: &[u8], limit: u64) -> bool {
    let token = |b: u8| b.is_ascii_uppercase() || b == b'_' || b == b'-';
    let room = usize::try_from(limit).unwrap_or(usize::MAX).saturating_sub(method.len() + 1);
    let read = target.get(..room).unwrap_or(target);
    !method.bytes().all(token)
        || read.iter().any(|byte| *byte <= 0x20 || *byte == 0x7f)
        || (read.first() != Some(&b'/') && !may_have_host(read))
}

/// An outcome of that kind, nothing else said.
pub(super) fn outcome(kind: Kind) -> Outcome {
    Outcome { kind, upstream: None, addresses: Vec::new(), uri: None, status: None, condition: None }
}

/// Path and arguments.
pub(super) fn split_args(mut target: Vec<u8>) -> (Vec<u8>, Vec<u8>) {
    match target.iter().position(|byte| *byte == b'?') {
        Some(mark) => {
            let args = target.split_off(mark + 1);
            target.pop();
            (target, args)
        }
        None => (target, Vec::new()),
    }
}
