//! One run of a request through nginx's phases.

use std::net::IpAddr;

use super::answer::{Kind, Outcome};
use super::choose::Choices;
use super::request::Request;
use crate::config::Config;
use crate::config::model::{Hide, Http, Loc, LocId, LocKind, ServerId, Socket};
use crate::config::value::Template;
use crate::syntax::Pos;

pub(crate) use super::state::Known;
pub(super) use super::state::{Captures, Headers, Leaf, Next, Stop, Val};

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
    pub(super) fn shown(&self, id: LocId) -> Option<LocId> {
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

    pub(super) fn drive(&mut self, mut next: Next) -> Result<Outcome, Stop> {
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

    /// Evaluates a template outside a rewrite.
    pub fn eval(&mut self, template: &Template, quote: bool) -> Val {
        self.expand(template, quote).0
    }
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
