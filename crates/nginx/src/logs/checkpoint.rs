//! Counts and positions between two runs: nothing is counted twice, nothing is left out.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::counts::{CallerCount, CallerKey, Counts, Differs, Example, Place, RouteCount, RouteKey, hash_of};
use super::follow::Position;
use super::options::LogError;
use super::reader::Reader;
use super::reject::Reject;
use super::time::Moment;
use crate::config::model::{LocId, ServerId};

/// Changes when the shape of a checkpoint does.
const VERSION: u32 = 1;

#[derive(Serialize, Deserialize)]
struct Saved {
    version: u32,
    /// Names the configuration and what was asked for: counts of another are of no use.
    of: String,
    files: Vec<String>,
    used: Vec<String>,
    missing: Vec<String>,
    positions: Vec<Position>,
    sums: Sums,
    rejected: BTreeMap<String, (u64, Vec<Kept<String>>)>,
    examples: Vec<Kept<Differs>>,
    routes: Vec<Route>,
}

/// File, line, what stood there.
type Kept<T> = (usize, u64, T);

#[derive(Serialize, Deserialize)]
struct Sums {
    lines: u64,
    parsed: u64,
    outside: u64,
    compared: u64,
    agreed: u64,
    hosts_folded: bool,
}

#[derive(Serialize, Deserialize)]
struct Route {
    host: Option<Vec<u8>>,
    server: Option<usize>,
    loc: Option<usize>,
    destination: Option<String>,
    requests: u64,
    span: (Moment, Moment),
    hours: BTreeMap<i64, u64>,
    floor: u64,
    thinned: bool,
    callers: Vec<Caller>,
}

#[derive(Serialize, Deserialize)]
struct Caller {
    key: (Vec<u8>, Vec<u8>, Vec<u8>),
    requests: u64,
    missed: u64,
    span: (Moment, Moment),
}

impl Reader<'_> {
    /// Everything counted so far with how far each file was read, as JSON.
    pub fn save(&self, positions: Vec<Position>) -> Result<Vec<u8>, serde_json::Error> {
        let counts = &self.counts;
        let at = |place: Place| (place.file, place.line);
        let saved = Saved {
            version: VERSION,
            of: self.of(),
            files: self.files.clone(),
            used: self.used.clone(),
            missing: self.missing.clone(),
            positions,
            sums: Sums {
                lines: counts.lines,
                parsed: counts.parsed,
                outside: counts.outside,
                compared: counts.compared,
                agreed: counts.agreed,
                hosts_folded: counts.hosts_folded,
            },
            rejected: counts
                .rejected
                .iter()
                .map(|(reason, (count, examples))| {
                    let lines = examples.iter().map(|example| {
                        let (file, line) = at(example.place);
                        (file, line, example.what.clone())
                    });
                    ((*reason).to_owned(), (*count, lines.collect()))
                })
                .collect(),
            examples: counts
                .examples
                .iter()
                .map(|example| (example.place.file, example.place.line, example.what.clone()))
                .collect(),
            routes: counts.routes.iter().map(|(key, count)| route(key, count)).collect(),
        };
        serde_json::to_vec(&saved)
    }

    /// Takes up what [`Self::save`] wrote; gives the positions back. `name` is the checkpoint's, for messages.
    pub fn restore(&mut self, name: &str, bytes: &[u8]) -> Result<Vec<Position>, LogError> {
        let refuse = |why: String| LogError::Checkpoint(name.to_owned(), why);
        let saved: Saved = serde_json::from_slice(bytes)
            .map_err(|error| refuse(format!("it is no checkpoint of this program: {error}")))?;
        if saved.version != VERSION || saved.of != self.of() {
            return Err(refuse("it belongs to another configuration, time span or program".to_owned()));
        }
        let mut counts = Counts::default();
        (counts.lines, counts.parsed) = (saved.sums.lines, saved.sums.parsed);
        (counts.compared, counts.agreed) = (saved.sums.compared, saved.sums.agreed);
        (counts.outside, counts.hosts_folded) = (saved.sums.outside, saved.sums.hosts_folded);
        for reason in Reject::ALL {
            if let Some((count, lines)) = saved.rejected.get(reason.name()) {
                let examples = lines.iter().map(|(file, line, what)| Example {
                    place: Place { file: *file, line: *line },
                    what: what.clone(),
                });
                counts.rejected.insert(reason.name(), (*count, examples.collect()));
            }
        }
        counts.examples = saved
            .examples
            .into_iter()
            .map(|(file, line, what)| Example { place: Place { file, line }, what })
            .collect();
        for route in saved.routes {
            let known = route.server.is_none_or(|id| id < self.config.http.servers.len())
                && route.loc.is_none_or(|id| id < self.config.http.locs.len());
            if !known {
                return Err(refuse("it names a location that the configuration has not".to_owned()));
            }
            let key = RouteKey {
                host: route.host,
                server: route.server.map(ServerId),
                loc: route.loc.map(LocId),
                destination: route.destination,
            };
            let callers = route.callers.into_iter().map(|caller| {
                let (client, agent, user) = caller.key;
                let hash = hash_of(&self.hasher, &[&client, &agent, &user]);
                let (first, last) = caller.span;
                let key = CallerKey { client, agent, user };
                (hash, CallerCount { key, requests: caller.requests, missed: caller.missed, first, last })
            });
            let count = RouteCount::restored(
                route.requests,
                route.span,
                route.hours,
                callers.collect(),
                route.floor,
                route.thinned,
            );
            counts.add(key, count);
        }
        self.counts = counts;
        (self.files, self.used, self.missing) = (saved.files, saved.used, saved.missing);
        Ok(saved.positions)
    }

    /// The configuration's words and what was asked for, as a hash.
    fn of(&self) -> String {
        let mut hash = 0xcbf2_9ce4_8422_2325_u64;
        let mut mix = |bytes: &[u8]| {
            for byte in bytes.iter().chain(b"\0") {
                hash = (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
            }
        };
        self.config.tree().walk(&mut |directive| {
            mix(&directive.name.text);
            for word in &directive.args {
                mix(&word.text);
            }
        });
        let options = &self.options;
        mix(format!("{:?} {:?} {:?}", options.format, options.since, options.until).as_bytes());
        format!("{hash:016x}")
    }
}

fn route(key: &RouteKey, count: &RouteCount) -> Route {
    Route {
        host: key.host.clone(),
        server: key.server.map(|id| id.0),
        loc: key.loc.map(|id| id.0),
        destination: key.destination.clone(),
        requests: count.requests,
        span: (count.first, count.last),
        hours: count.hours(),
        floor: count.floor,
        thinned: count.thinned,
        callers: count
            .callers
            .values()
            .map(|caller| Caller {
                key: (caller.key.client.clone(), caller.key.agent.clone(), caller.key.user.clone()),
                requests: caller.requests,
                missed: caller.missed,
                span: (caller.first, caller.last),
            })
            .collect(),
    }
}
