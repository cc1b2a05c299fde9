//! The answer to *where does this request go?*

use serde::Serialize;

/// How sure the answer is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// Exactly one outcome, without a condition.
    Certain,
    /// Two to eight outcomes, each with its condition.
    Conditional,
    /// Something hides the answer; it is named.
    Unknown,
}

/// What kind of end a request comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Hash)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// Passed on by HTTP.
    Proxy,
    /// Passed on by FastCGI.
    Fastcgi,
    /// Passed on by uwsgi.
    Uwsgi,
    /// Passed on by SCGI.
    Scgi,
    /// Passed on by gRPC.
    Grpc,
    /// A file, or its absence.
    Static,
    /// An answer that nginx makes itself, with its status.
    Return,
    /// The connection is closed without an answer (444).
    Closed,
    /// A built-in page: `stub_status` and the like.
    Stub,
}

/// One possible end of the request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Outcome {
    /// What kind of end.
    pub kind: Kind,
    /// The upstream block's name, or the host in `proxy_pass`.
    pub upstream: Option<String>,
    /// Addresses of that upstream, as written, with ports.
    pub addresses: Vec<String>,
    /// What the upstream receives, or the Location of a redirect.
    pub uri: Option<String>,
    /// The status where nginx itself answers.
    pub status: Option<u16>,
    /// Under which condition, in words; `null` where there is none.
    pub condition: Option<String>,
}

/// The server block that decided.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ServerRef {
    /// Its names as written.
    pub names: Vec<String>,
    /// The file of its `server {`.
    pub file: String,
    /// The line of its `server {`.
    pub line: u32,
}

/// The location that decided.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LocationRef {
    /// `=`, `^~`, `~`, `~*`, `@` or nothing.
    pub modifier: String,
    /// The text after the modifier.
    pub pattern: String,
    /// The file of its `location`.
    pub file: String,
    /// The line of its `location`.
    pub line: u32,
}

/// A directive that hides the answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, PartialOrd, Ord)]
pub struct UnknownRef {
    /// Its name.
    pub directive: String,
    /// Its file.
    pub file: String,
    /// Its line.
    pub line: u32,
}

/// The whole answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Answer {
    /// The id of the request, where it had one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<serde_json::Value>,
    /// How sure.
    pub verdict: Verdict,
    /// The server block.
    pub server: Option<ServerRef>,
    /// The location; `None` where the server level answered.
    pub location: Option<LocationRef>,
    /// What can happen.
    pub outcomes: Vec<Outcome>,
    /// Why, step by step.
    pub because: Vec<String>,
    /// What hides the answer.
    pub unknown: Vec<UnknownRef>,
}
