//! What a run over logs yields.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::route::{LocationRef, ServerRef};

/// The whole report.
#[derive(Debug, Clone, Serialize)]
pub struct Report {
    /// Lines read, within the time asked for.
    pub lines: u64,
    /// Lines that fitted their format.
    pub parsed: u64,
    /// Lines that did not; `parsed + rejected = lines`.
    pub rejected: u64,
    /// By reason.
    pub rejected_by_reason: BTreeMap<String, u64>,
    /// The first rejected lines of each reason.
    pub rejected_examples: BTreeMap<String, Vec<RejectedLine>>,
    /// Names of the formats that were used.
    pub format: String,
    /// Earliest time.
    pub first: Option<String>,
    /// Latest time.
    pub last: Option<String>,
    /// Routes, busiest first.
    pub routes: Vec<RouteReport>,
    /// The engine against the log.
    pub agreement: Agreement,
    /// Whether host, target, time, client and destination can be known from the format.
    pub sufficient: bool,
    /// Variables the format lacks.
    pub missing: Vec<String>,
    /// The line to write into the configuration, where the format lacks something.
    pub fix: Option<String>,
    /// False when hosts were too many to be counted apart.
    pub hosts_exact: bool,
}

/// A line that was rejected.
#[derive(Debug, Clone, Serialize)]
pub struct RejectedLine {
    /// The file.
    pub file: String,
    /// The line's number, from 1.
    pub line: u64,
    /// The beginning of its text.
    pub text: String,
}

/// Requests of one host, location and destination.
#[derive(Debug, Clone, Serialize)]
pub struct RouteReport {
    /// The host as requested.
    pub host: Option<String>,
    /// The server block.
    pub server: Option<ServerRef>,
    /// The location; `None` where the server level or nginx itself answered.
    pub location: Option<LocationRef>,
    /// Upstream block or address; `None` where nginx answered itself.
    pub destination: Option<String>,
    /// It goes to the application that moves, and `/` of that server does not.
    pub leftover: bool,
    /// After the move nginx would have to forward into the cluster.
    pub hairpin: bool,
    /// Requests.
    pub requests: u64,
    /// Earliest.
    pub first: String,
    /// Latest.
    pub last: String,
    /// By day in the zone of the line.
    pub per_day: BTreeMap<String, u64>,
    /// By hour in the zone of the line.
    pub per_hour: BTreeMap<String, u64>,
    /// Callers, busiest first.
    pub callers: Vec<CallerReport>,
    /// Whether every caller is listed with an exact count.
    pub callers_exact: bool,
    /// Requests of callers that are not listed.
    pub other_callers_requests: u64,
}

/// One caller of a route.
#[derive(Debug, Clone, Serialize)]
pub struct CallerReport {
    /// Its address as logged.
    pub client: String,
    /// Its name from `clients.toml`.
    pub name: Option<String>,
    /// Its source.
    pub repository: Option<String>,
    /// Its owner.
    pub owner: Option<String>,
    /// The user agent.
    pub user_agent: Option<String>,
    /// The authenticated user.
    pub user: Option<String>,
    /// Requests; at least so many.
    pub requests: u64,
    /// It may have had so many more, when callers are not exact.
    #[serde(skip_serializing_if = "is_zero")]
    pub at_most_more: u64,
    /// Earliest.
    pub first: String,
    /// Latest.
    pub last: String,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks for a reference")]
fn is_zero(value: &u64) -> bool {
    *value == 0
}

/// The engine's certain answers against what the log says.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Agreement {
    /// Lines with an upstream and a certain route.
    pub compared: u64,
    /// Lines whose upstream the engine named.
    pub agreed: u64,
    /// Some that it did not.
    pub examples: Vec<Disagreement>,
}

/// A line on which engine and log differ.
#[derive(Debug, Clone, Serialize)]
pub struct Disagreement {
    /// The file.
    pub file: String,
    /// The line's number, from 1.
    pub line: u64,
    /// Host and target.
    pub request: String,
    /// What the engine said.
    pub engine: String,
    /// What the log says.
    pub log: String,
}
