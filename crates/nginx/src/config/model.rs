//! The compiled configuration: servers, locations, what each does with a request.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::Arc;

use super::names::Names;
use super::net::Net;
use super::value::Template;
use super::vars::{VarId, Vars};
use crate::pattern::Pattern;
use crate::syntax::Pos;

/// Index of a location (or of a server's own level, an `if`, a `limit_except`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct LocId(pub usize);

/// Index of a server.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct ServerId(pub usize);

/// The `http` block.
#[derive(Debug, Default)]
pub(crate) struct Http {
    pub servers: Vec<Server>,
    pub locs: Vec<Loc>,
    pub sockets: Vec<Socket>,
    pub upstreams: Vec<Upstream>,
    pub vars: Vars,
    pub maps: Vec<Map>,
    pub geos: Vec<Geo>,
    pub splits: Vec<Split>,
    /// Host and port that some `proxy_pass` without variables names: nginx finds them without a resolver.
    pub implicit: HashMap<(String, u16), Vec<String>>,
    pub log_formats: Vec<LogFormat>,
}

#[derive(Debug)]
pub(crate) struct Server {
    pub pos: Pos,
    pub names: Vec<ServerName>,
    /// The server's own level.
    pub loc: LocId,
    pub named: HashMap<Vec<u8>, LocId>,
    pub merge_slashes: bool,
    pub underscores: bool,
    /// Some place in it closes connections without an answer, which ends the main request of a subrequest, too.
    pub closes: bool,
    /// Bytes a request line may have.
    pub line_limit: u64,
    pub listens: Vec<Listen>,
}

#[derive(Debug, Clone)]
pub(crate) struct ServerName {
    /// As written.
    pub written: String,
    pub pattern: Option<Arc<Regex>>,
    pub key: Vec<u8>,
}

/// A pattern with the variables that its named groups set.
#[derive(Debug)]
pub(crate) struct Regex {
    pub pattern: Pattern,
    pub groups: Vec<(VarId, usize)>,
    pub pos: Pos,
    pub written: String,
}

/// One address of a `listen`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) enum Address {
    Ip(IpAddr, u16),
    Unix(String),
    /// A host name that only the machine itself can resolve.
    Name(String, u16),
}

#[derive(Debug, Clone)]
pub(crate) struct Listen {
    pub address: Address,
    pub default: bool,
    pub ssl: bool,
    pub v6only: bool,
    pub pos: Pos,
}

/// One listening address with the servers behind it.
#[derive(Debug)]
pub(crate) struct Socket {
    pub address: Address,
    pub default: ServerId,
    pub explicit_default: bool,
    pub ssl: bool,
    pub v6only: bool,
    pub servers: Vec<ServerId>,
    pub names: Names<(ServerId, usize)>,
    pub patterns: Vec<(ServerId, usize)>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum LocKind {
    Server,
    Exact,
    Prefix { stops: bool },
    Regex,
    Named,
    If,
    LimitExcept,
}

#[derive(Debug)]
pub(crate) struct Loc {
    pub kind: LocKind,
    /// The modifier as the answer shows it.
    pub modifier: &'static str,
    /// Text after the modifier, after unquoting.
    pub name: Vec<u8>,
    pub pos: Pos,
    pub parent: Option<LocId>,
    pub server: ServerId,
    pub regex: Option<Arc<Regex>>,
    pub set: Settings,
    pub internal: bool,
    pub codes: Vec<Code>,
    pub try_files: Option<TryFiles>,
    pub handler: Option<Handler>,
    pub statics: Statics,
    pub regexes: Vec<LocId>,
    pub limit_except: Option<(Vec<String>, LocId)>,
    /// The route does not depend on anything but this location: see `route::plan`.
    pub plain: bool,
}

/// Prefix and exact locations of one level, sorted by text.
#[derive(Debug, Default)]
pub(crate) struct Statics {
    pub entries: Vec<Static>,
}

#[derive(Debug)]
pub(crate) struct Static {
    pub name: Vec<u8>,
    pub exact: Option<LocId>,
    pub prefix: Option<LocId>,
    pub auto_redirect: bool,
    /// The longest other entry with a prefix location whose text this one begins with.
    pub up: Option<usize>,
}

/// `fastcgi_param` and the like: name and value.
pub(crate) type Params = Vec<(Vec<u8>, Template)>;

/// What a level inherits from the one around it.
#[derive(Debug, Clone)]
#[expect(clippy::struct_excessive_bools, reason = "switches of the configuration, independent of each other")]
pub(crate) struct Settings {
    pub root: Option<Arc<Root>>,
    pub index: Arc<Vec<Template>>,
    pub error_pages: Arc<Vec<ErrorPage>>,
    pub recursive_error_pages: bool,
    pub access: Arc<Vec<AccessRule>>,
    pub satisfy_any: bool,
    pub auth_basic: Option<Arc<Template>>,
    pub auth_request: Option<Pos>,
    pub mirror: Option<Pos>,
    pub realip_from: Arc<Vec<RealIpFrom>>,
    pub realip_header: Arc<str>,
    pub realip_recursive: bool,
    pub max_body: u64,
    pub intercept: Vec<HandlerKind>,
    pub resolver: bool,
    pub params: HashMap<HandlerKind, Arc<Params>>,
    pub hide: Arc<Vec<Hide>>,
    pub access_logs: Arc<Vec<AccessLog>>,
}

#[derive(Debug)]
pub(crate) struct Root {
    pub value: Template,
    pub alias: bool,
    /// Bytes of the URI that an alias replaces; `None` in a regex location, where it replaces all.
    pub replaces: Option<usize>,
}

/// A directive of a foreign module that may change the route.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Hide {
    pub directive: String,
    pub pos: Pos,
}

#[derive(Debug, Clone)]
pub(crate) struct ErrorPage {
    pub status: u16,
    /// `=code`; 0 for a bare `=`.
    pub overwrite: Option<u16>,
    pub target: Template,
    pub args: Vec<u8>,
    pub pos: Pos,
}

#[derive(Debug, Clone, Copy)]
pub(crate) struct AccessRule {
    pub allow: bool,
    pub who: Who,
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Who {
    All,
    Unix,
    Net(Net),
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum RealIpFrom {
    Unix,
    Net(Net),
}

#[derive(Debug)]
pub(crate) struct TryFiles {
    /// What is tried, and whether it is tried as a directory.
    pub tries: Vec<(Template, bool)>,
    pub last: Fallback,
    pub pos: Pos,
}

#[derive(Debug)]
pub(crate) enum Fallback {
    Code(u16),
    Target(Template),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum HandlerKind {
    Proxy,
    Fastcgi,
    Uwsgi,
    Scgi,
    Grpc,
    Memcached,
    /// An answer that nginx makes itself: `stub_status`, `empty_gif`.
    Stub,
    /// A file with a twist: `flv`, `mp4`.
    Static,
}

impl HandlerKind {
    pub fn passes(self) -> bool {
        !matches!(self, Self::Stub | Self::Static)
    }
}

#[derive(Debug, Clone)]
pub(crate) struct Handler {
    pub kind: HandlerKind,
    pub directive: &'static str,
    pub pos: Pos,
    pub target: Target,
    /// The URI part of a `proxy_pass` without variables.
    pub uri: Vec<u8>,
    /// Bytes of the URI that the URI part replaces.
    pub replaces: usize,
}

#[derive(Debug, Clone)]
pub(crate) enum Target {
    /// An upstream block, or a host as written.
    Fixed {
        upstream: String,
        addresses: Vec<String>,
    },
    Variable(Template),
    None,
}

#[derive(Debug)]
pub(crate) struct Upstream {
    pub name: String,
    pub addresses: Vec<String>,
}

#[derive(Debug)]
pub(crate) enum Code {
    Rewrite(Rewrite),
    Return { status: u16, text: Option<Template> },
    Set { var: VarId, value: Template, args: bool },
    Break,
    If { cond: Cond, body: Vec<Code>, loc: Option<LocId> },
}

#[derive(Debug)]
pub(crate) struct Rewrite {
    pub regex: Arc<Regex>,
    pub replacement: Template,
    pub redirect: Option<u16>,
    /// `last`, `break` or a redirect: the directives after it do not run.
    pub ends: bool,
    pub stays: bool,
    pub add_args: bool,
    pub pos: Pos,
}

#[derive(Debug)]
pub(crate) enum Cond {
    Var(VarId),
    Equal { var: VarId, value: Template, negated: bool },
    Match { var: VarId, regex: Arc<Regex>, negated: bool },
    File { what: u8, value: Template, negated: bool },
}

#[derive(Debug)]
pub(crate) struct Map {
    pub name: String,
    pub source: Template,
    pub hostnames: bool,
    pub volatile: bool,
    pub names: Names<usize>,
    pub patterns: Vec<(Arc<Regex>, usize)>,
    pub values: Vec<Template>,
    pub default: Option<usize>,
}

#[derive(Debug)]
pub(crate) struct Geo {
    pub name: String,
    /// The variable that holds the address; the client's when absent.
    pub source: Option<VarId>,
    pub nets: Vec<(u8, HashMap<IpAddr, usize>)>,
    pub ranges: Vec<(IpAddr, IpAddr, usize)>,
    pub proxies: Vec<Net>,
    pub proxy_recursive: bool,
    pub values: Vec<Vec<u8>>,
    pub default: Option<usize>,
}

#[derive(Debug)]
pub(crate) struct Split {
    pub name: String,
    pub source: Template,
    /// Upper bound of the hash (0: the rest) and value.
    pub parts: Vec<(u32, Vec<u8>)>,
}

/// A `log_format`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogFormat {
    /// Its name.
    pub name: String,
    /// The text, its pieces joined.
    pub text: Vec<u8>,
    /// `default`, `json` or `none`.
    pub escape: String,
}

/// An `access_log` at a level.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccessLog {
    /// The path as written, variables included.
    pub path: String,
    /// Name of the format.
    pub format: String,
    /// Whether `if=` leaves lines out.
    pub conditional: bool,
}
