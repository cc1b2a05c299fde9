//! One line: from its bytes to the route and the caller that it counts for. This is the part that has to be quick.

use std::borrow::Cow;
use std::net::IpAddr;
use std::rc::Rc;

use super::counts::{CallerKey, Counts, EXAMPLES, Example, Place, Quick, RouteKey, hash_of};
use super::format::Fields;
use super::input::{Block, MAX_LINE};
use super::reject::Reject;
use super::router::{Asked, Routed, Router};
use super::setup::{Setup, addresses, numeric};
use super::time::Moment;

/// Lines whose route is remembered.
const MEMO: usize = 1 << 14;

/// Reads lines of one file; each thread has its own.
pub(super) struct LineReader<'s, 'c> {
    pub setup: &'s Setup<'c>,
    pub router: Router<'c>,
    pub sockets: Rc<Vec<usize>>,
    pub counts: Counts,
    pub fields: Fields,
    /// What lines with the same words came to, in the counts of this epoch.
    pub memo: Quick<u64, Memo>,
    pub epoch: u32,
    /// The time of the line before: most lines share it with the next.
    pub clock: (Vec<u8>, Option<Moment>),
    pub at: Place,
}

/// What a line came to, for the next one that says the same.
#[derive(Debug, Clone, Copy)]
pub(super) struct Memo {
    route: usize,
    compared: bool,
    agreed: bool,
}

impl<'s, 'c> LineReader<'s, 'c> {
    pub fn new(setup: &'s Setup<'c>, workers: usize) -> Self {
        Self {
            setup,
            router: Router::new(setup.config, workers),
            sockets: Rc::new(setup.sockets.clone()),
            counts: Counts::default(),
            fields: Fields::new(),
            memo: Quick::default(),
            epoch: 0,
            clock: (Vec::new(), None),
            at: Place { file: setup.file, line: 0 },
        }
    }

    /// Reads the lines of a block.
    pub fn block(&mut self, block: &Block) {
        self.at.line = block.first_line;
        for _ in 0..block.too_long {
            let place = Place { line: block.first_line.saturating_sub(1), ..self.at };
            self.counts.reject(Reject::TooLong.name(), b"", place);
        }
        let mut rest = block.bytes.as_slice();
        while let Some(end) = memchr::memchr(b'\n', rest) {
            self.line(&rest[..end]);
            self.at.line += 1;
            rest = &rest[end + 1..];
        }
        if block.cut {
            self.counts.reject(Reject::Truncated.name(), rest, self.at);
        } else if !rest.is_empty() {
            self.line(rest);
        }
    }

    fn line(&mut self, line: &[u8]) {
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        if line.len() > MAX_LINE {
            return self.counts.reject(Reject::TooLong.name(), b"", self.at);
        }
        let mut fields = std::mem::take(&mut self.fields);
        match self.setup.format.parse(line, &mut fields) {
            Ok(()) => self.parsed(line, &fields),
            Err(reject) => self.counts.reject(reject.name(), line, self.at),
        }
        self.fields = fields;
    }

    fn parsed(&mut self, line: &[u8], fields: &Fields) {
        let setup = self.setup;
        let wanted = &setup.wanted;
        let raw = |index: Option<usize>| {
            index.and_then(|index| fields.get(index)).and_then(|(start, end)| line.get(*start..*end))
        };
        let time = raw(wanted.time()).unwrap_or_default();
        if self.clock.0 != time || self.clock.1.is_none() {
            self.clock.0.clear();
            self.clock.0.extend_from_slice(time);
            self.clock.1 = setup.time(time);
        }
        let Some(at) = self.clock.1 else {
            return self.counts.reject(Reject::Time.name(), line, self.at);
        };
        if setup.options.since.is_some_and(|since| at.epoch < since)
            || setup.options.until.is_some_and(|until| at.epoch >= until)
        {
            self.counts.outside += 1;
            return;
        }
        // the caller, without copying what needs no unescaping
        let plain = |index: Option<usize>| {
            raw(index).map_or(Cow::Borrowed(b"".as_slice()), |raw| setup.format.borrowed(raw))
        };
        let client = raw(wanted.client).unwrap_or_default();
        let (agent, user) = (plain(wanted.agent), plain(wanted.user));
        let hash = hash_of(setup.hasher, &[client, &agent, &user]);
        let named = || CallerKey { client: client.to_vec(), agent: agent.to_vec(), user: user.to_vec() };
        if self.epoch != self.counts.epoch {
            self.memo.clear();
            self.epoch = self.counts.epoch;
        }
        let same = self.memo_key(&raw);
        if let Some(known) = same.and_then(|same| self.memo.get(&same)).copied() {
            self.counts.compared += u64::from(known.compared);
            self.counts.agreed += u64::from(known.agreed);
            return self.counts.count(known.route, hash, named, at);
        }
        let memo = self.look_up(&raw, client);
        if let Some(same) = same
            // a line on which engine and log differ is looked at again, for its example
            && (memo.agreed || !memo.compared || self.counts.examples.len() >= EXAMPLES)
        {
            if self.memo.len() >= MEMO {
                self.memo.clear();
            }
            self.memo.insert(same, memo);
        }
        self.counts.compared += u64::from(memo.compared);
        self.counts.agreed += u64::from(memo.agreed);
        self.counts.count(memo.route, hash, named, at);
    }

    /// The route of a line that was not met before.
    fn look_up<'l>(&mut self, raw: &dyn Fn(Option<usize>) -> Option<&'l [u8]>, client: &[u8]) -> Memo {
        let setup = self.setup;
        let wanted = &setup.wanted;
        let value = |index: Option<usize>| raw(index).and_then(|raw| setup.format.value(raw));
        let status = raw(wanted.status).unwrap_or_default();
        let tried = value(wanted.upstream);
        let (method, target) = setup.method_and_target(&value);
        let host = setup.host(target.as_ref(), &value);
        let sockets =
            setup.narrowed(&self.sockets, value(wanted.port).as_deref(), value(wanted.scheme).as_deref());
        let itself = matches!(status, b"400" | b"408" | b"414" | b"494" | b"505") && tried.is_none();
        let Some(target) = target.filter(|target| !itself && !target.is_empty()) else {
            let server = setup.default_server(&sockets);
            let destination = tried.as_deref().and_then(|tried| setup.destination(tried, &[]));
            let route = self.counts.route(RouteKey { host, server, loc: None, destination });
            return Memo { route, compared: false, agreed: false };
        };
        let headers: Vec<(String, Vec<u8>)> = wanted
            .headers
            .iter()
            .map(|(name, index)| (name.clone(), value(Some(*index)).unwrap_or_default()))
            .collect();
        let asked = Asked {
            method,
            host: host.clone().unwrap_or_default(),
            target,
            client: std::str::from_utf8(client).ok().and_then(|text| text.parse::<IpAddr>().ok()),
            headers,
            sockets,
        };
        let routed = self.router.route(&asked);
        let (compared, agreed) = self.compare(&routed, &asked, tried.as_deref());
        let key = setup.route_key(&routed, host, tried.as_deref(), status);
        Memo { route: self.counts.route(key), compared, agreed }
    }

    /// Whether engine and log can be compared, and whether they agree.
    fn compare(&mut self, routed: &Routed, asked: &Asked, tried: Option<&[u8]>) -> (bool, bool) {
        let outcome = routed.ways.iter().find_map(|way| way.outcome.as_ref());
        let (Some(tried), true, Some(outcome)) = (tried, routed.certain, outcome) else {
            return (false, false);
        };
        if !numeric(outcome) {
            return (false, false);
        }
        let agreed = addresses(tried).any(|address| {
            outcome.addresses.iter().any(|ours| ours.as_bytes() == address)
                || outcome.upstream.as_ref().is_some_and(|name| name.as_bytes() == address)
        });
        if !agreed && self.counts.examples.len() < EXAMPLES {
            let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
            let request = text(&asked.host) + &text(&asked.target);
            let engine =
                outcome.upstream.clone().unwrap_or_else(|| format!("{:?}", outcome.kind).to_lowercase());
            self.counts.examples.push(Example { place: self.at, what: (request, engine, text(tried)) });
        }
        (true, agreed)
    }
}
