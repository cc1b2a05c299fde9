//! Counts by route and caller: exact up to a bound, beyond it a sketch that says how far it may be off.

mod merge;
mod route;

use std::collections::{BTreeMap, HashMap};
use std::hash::{BuildHasher, Hasher};
use std::mem::size_of;

use super::time::Moment;
use crate::config::model::{LocId, ServerId};
pub(crate) use route::RouteCount;

/// Callers of one route that are counted exactly, at least.
pub(crate) const CALLERS: usize = 2_000;
/// Hosts times locations that are counted apart; a scanner's invented hosts must not fill the memory.
pub(crate) const ROUTES: usize = 10_000;
/// Callers of all routes together.
const ALL_CALLERS: usize = 100_000;
/// Bytes that the callers of all routes may take.
const CALLER_BYTES: usize = 20 << 20;
/// Hours of all routes together.
const HOURS: usize = 300_000;
/// Examples that are kept of one kind.
pub(crate) const EXAMPLES: usize = 5;

/// Quick maps whose hashes nobody outside can foresee.
pub(crate) type Quick<K, V> = HashMap<K, V, foldhash::fast::RandomState>;

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct RouteKey {
    pub host: Option<Vec<u8>>,
    pub server: Option<ServerId>,
    pub loc: Option<LocId>,
    pub destination: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct CallerKey {
    pub client: Vec<u8>,
    pub agent: Vec<u8>,
    pub user: Vec<u8>,
}

impl CallerKey {
    fn bytes(&self) -> usize {
        size_of::<CallerCount>() + 64 + self.client.len() + self.agent.len() + self.user.len()
    }
}

#[derive(Debug, Clone)]
pub(crate) struct CallerCount {
    pub key: CallerKey,
    pub requests: u64,
    /// Requests it may have had before it was counted.
    pub missed: u64,
    pub first: Moment,
    pub last: Moment,
}

/// Where a line stands: its file (in the order of reading) and its number.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Place {
    pub file: usize,
    pub line: u64,
}

/// A line that was not understood, or on which engine and log differ.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Example<T> {
    pub place: Place,
    pub what: T,
}

/// Request, what the engine says, what the log says.
pub(crate) type Differs = (String, String, String);

#[derive(Debug, Clone, Default)]
pub(crate) struct Counts {
    pub lines: u64,
    pub parsed: u64,
    pub rejected: BTreeMap<&'static str, (u64, Vec<Example<String>>)>,
    pub outside: u64,
    pub routes: Vec<(RouteKey, RouteCount)>,
    index: Quick<RouteKey, usize>,
    callers: usize,
    caller_bytes: usize,
    hours: usize,
    /// Changes when places of routes do.
    pub epoch: u32,
    pub compared: u64,
    pub agreed: u64,
    pub examples: Vec<Example<Differs>>,
    /// Hosts were too many to be told apart.
    pub hosts_folded: bool,
}

impl Counts {
    pub fn reject(&mut self, reason: &'static str, line: &[u8], place: Place) {
        self.lines += 1;
        let (count, examples) = self.rejected.entry(reason).or_default();
        *count += 1;
        if examples.len() < EXAMPLES {
            let what = String::from_utf8_lossy(&line[..line.len().min(300)]).into_owned();
            examples.push(Example { place, what });
        }
    }

    /// Counts a request of the route at `route` (from [`Self::route`]).
    pub fn count(&mut self, route: usize, hash: u64, caller: impl FnOnce() -> CallerKey, at: Moment) {
        self.lines += 1;
        self.parsed += 1;
        let Some((_, count)) = self.routes.get_mut(route) else { return };
        self.hours += usize::from(count.request(at));
        if let Some(found) = count.callers.get_mut(&hash) {
            found.requests += 1;
            at.widen(&mut found.first, &mut found.last);
            return;
        }
        let (missed, key) = (count.floor, caller());
        self.callers += 1;
        self.caller_bytes += key.bytes();
        count.callers.insert(hash, CallerCount { key, requests: 1, missed, first: at, last: at });
        if count.callers.len() > 2 * CALLERS {
            let (gone, bytes) = count.thin(CALLERS);
            self.callers -= gone;
            self.caller_bytes -= bytes;
        }
        self.bound();
    }

    /// Whether it is time to hand the counts over to the sum of all.
    pub fn is_large(&self) -> bool {
        self.callers > ALL_CALLERS / 16
            || self.caller_bytes > CALLER_BYTES / 16
            || self.hours > HOURS / 4
            || self.routes.len() > ROUTES / 2
    }

    /// Makes everything fit again.
    fn bound(&mut self) {
        let mut keep = CALLERS;
        let (most, bytes_most) = if self.callers > ALL_CALLERS || self.caller_bytes > CALLER_BYTES {
            (ALL_CALLERS / 2, CALLER_BYTES / 2)
        } else {
            (ALL_CALLERS, CALLER_BYTES)
        };
        while (self.callers > most || self.caller_bytes > bytes_most) && keep > 0 {
            for (_, count) in &mut self.routes {
                let (gone, bytes) = count.thin(keep);
                self.callers -= gone;
                self.caller_bytes -= bytes;
            }
            keep /= 2;
        }
        if self.hours > HOURS {
            self.fold_hosts();
        }
    }

    /// The place of a route's counts.
    pub fn route(&mut self, mut key: RouteKey) -> usize {
        if let Some(found) = self.index.get(&key) {
            return *found;
        }
        if self.routes.len() >= ROUTES && key.host.is_some() {
            self.hosts_folded = true;
            key.host = Some(OTHER_HOSTS.to_vec());
            if let Some(found) = self.index.get(&key) {
                return *found;
            }
        }
        self.index.insert(key.clone(), self.routes.len());
        self.routes.push((key, RouteCount::default()));
        self.routes.len() - 1
    }

    /// Earliest and latest time of all routes.
    pub fn span(&self) -> (Option<Moment>, Option<Moment>) {
        let seen = || self.routes.iter().map(|(_, count)| count).filter(|count| count.requests > 0);
        (
            seen().map(|count| count.first).min_by_key(|at| at.epoch),
            seen().map(|count| count.last).max_by_key(|at| at.epoch),
        )
    }
}

/// Stands for hosts that were too many to be told apart.
const OTHER_HOSTS: &[u8] = b"(other hosts)";

/// One hash of several byte strings.
pub(crate) fn hash_of(state: &foldhash::quality::RandomState, parts: &[&[u8]]) -> u64 {
    let mut hasher = state.build_hasher();
    for part in parts {
        hasher.write_usize(part.len());
        hasher.write(part);
    }
    hasher.finish()
}
