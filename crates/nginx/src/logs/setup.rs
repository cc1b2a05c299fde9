//! What all lines of one file share: format, servers, sockets.

use std::collections::BTreeMap;

use super::format::{Fields, Format};
use super::options::LogOptions;
use super::placement::Placed;
use super::router::{Router, passes};
use super::wanted::Wanted;
use crate::config::Config;
use crate::config::model::{Address, ServerId};
use crate::route::Outcome;

/// Address to the upstream blocks that hold it.
pub(super) type Upstreams = BTreeMap<String, Vec<String>>;

pub(super) struct Setup<'c> {
    pub config: &'c Config,
    pub options: &'c LogOptions,
    pub upstreams: &'c Upstreams,
    pub hasher: &'c foldhash::quality::RandomState,
    /// Number of the file in the order of reading.
    pub file: usize,
    pub format: Format,
    pub wanted: Wanted,
    pub servers: Vec<ServerId>,
    pub sockets: Vec<usize>,
}

impl<'c> Setup<'c> {
    pub fn new(
        config: &'c Config,
        options: &'c LogOptions,
        upstreams: &'c Upstreams,
        hasher: &'c foldhash::quality::RandomState,
        file: usize,
        format: Format,
        placed: &Placed,
    ) -> Self {
        let headers = Router::new(config, 1).headers;
        let wanted = Wanted::new(&format, &headers);
        let servers = placed.servers.clone();
        let sockets = sockets_of(config, &servers);
        Self { config, options, upstreams, hasher, file, format, wanted, servers, sockets }
    }

    /// The upstream block of the last address that was tried.
    pub fn destination(&self, tried: &[u8], outcomes: &[&Outcome]) -> Option<String> {
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

/// The sockets on which these servers answer; all when none is named.
pub(super) fn sockets_of(config: &Config, servers: &[ServerId]) -> Vec<usize> {
    let sockets = &config.http.sockets;
    (0..sockets.len())
        .filter(|index| servers.is_empty() || sockets[*index].servers.iter().any(|id| servers.contains(id)))
        .collect()
}

/// Upstream blocks by address and by name.
pub(super) fn upstreams(config: &Config) -> Upstreams {
    let mut found = Upstreams::new();
    for upstream in &config.http.upstreams {
        for address in upstream.addresses.iter().chain([&upstream.name]) {
            found.entry(address.clone()).or_default().push(upstream.name.clone());
        }
    }
    found
}

/// The format of the file's place; else the one asked for; else the one that fits most lines.
pub(super) fn format_for(
    formats: &[Format],
    asked: Option<&str>,
    placed: &Placed,
    sample: &[&[u8]],
) -> Format {
    let mut candidates: Vec<&Format> =
        formats.iter().filter(|format| placed.formats.contains(&format.name)).collect();
    if candidates.is_empty()
        && let Some(name) = asked
    {
        candidates = formats.iter().filter(|format| format.name == name).collect();
    }
    if candidates.is_empty() {
        candidates = formats.iter().collect();
    }
    let mut fields = Fields::new();
    let mut best = candidates.first().copied();
    let mut most = None;
    for candidate in candidates {
        let fitting = sample.iter().filter(|line| candidate.parse(line, &mut fields).is_ok()).count();
        let fits = (fitting, candidate.vars.len());
        if most.is_none_or(|most| fits > most) {
            most = Some(fits);
            best = Some(candidate);
        }
    }
    best.cloned().unwrap_or_else(Format::combined)
}

/// `a, b : c` taken apart.
pub(super) fn addresses(tried: &[u8]) -> impl DoubleEndedIterator<Item = &[u8]> {
    tried
        .split(|byte| *byte == b' ')
        .map(|part| part.strip_suffix(b",").unwrap_or(part))
        .filter(|part| *part != b":" && !part.is_empty())
}

/// Whether the addresses of the upstream are addresses, as the log has them, and no host names.
pub(super) fn numeric(outcome: &Outcome) -> bool {
    !passes(outcome)
        || (!outcome.addresses.is_empty()
            && outcome.addresses.iter().all(|address| {
                address.starts_with("unix:") || matches!(Address::parse(address), Some(Address::Ip(..)))
            }))
}
