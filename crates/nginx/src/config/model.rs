//! The compiled configuration: servers, locations, what each does with a request.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::Arc;

use super::names::Names;
use super::value::Template;
use super::vars::{VarId, Vars};
use crate::pattern::Pattern;
use crate::syntax::Pos;

pub(crate) use super::level::{AccessRule, ErrorPage, Hide, RealIpFrom, Root, Settings, Who};
pub use super::parts::{AccessLog, LogFormat};
pub(crate) use super::parts::{Code, Cond, Geo, Map, Rewrite, Split};

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
    /// Places of the upstreams by their names in lower case.
    pub upstream_names: HashMap<String, usize>,
    pub vars: Vars,
    pub maps: Vec<Map>,
    pub geos: Vec<Geo>,
    pub splits: Vec<Split>,
    /// Host and port that some `proxy_pass` without variables names: nginx finds them without a resolver.
    pub implicit: HashMap<(String, u16), Vec<String>>,
    pub log_formats: Vec<LogFormat>,
}

impl Http {
    /// The upstream block of that name, whatever its case.
    pub fn upstream(&self, name: &str) -> Option<&Upstream> {
        self.upstreams.get(*self.upstream_names.get(&name.to_ascii_lowercase())?)
    }
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
