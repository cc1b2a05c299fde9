//! Counts by route and caller: exact up to a bound, beyond it a sketch that says how far it may be off.

use std::collections::{BTreeMap, HashMap};

use super::time::Moment;
use crate::config::model::{LocId, ServerId};

/// Callers of one route that are counted exactly.
pub(crate) const CALLERS: usize = 2_000;
/// Hosts times locations that are counted apart; a scanner's invented hosts must not fill the memory.
pub(crate) const ROUTES: usize = 10_000;
/// Callers of all routes together.
const ALL_CALLERS: usize = 60_000;

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

#[derive(Debug, Clone)]
pub(crate) struct CallerCount {
    pub key: CallerKey,
    pub requests: u64,
    /// Requests it may have had before it was counted.
    pub missed: u64,
    pub first: Moment,
    pub last: Moment,
}

#[derive(Debug, Clone)]
pub(crate) struct RouteCount {
    pub requests: u64,
    pub first: Moment,
    pub last: Moment,
    pub per_hour: BTreeMap<i64, u64>,
    /// By [`caller_hash`]: 128 bits, which no two callers share.
    pub callers: HashMap<u128, CallerCount, foldhash::fast::RandomState>,
    /// The most that a caller who is not listed can have had.
    pub floor: u64,
    pub exact: bool,
}

impl RouteCount {
    fn new(at: Moment) -> Self {
        Self {
            requests: 0,
            first: at,
            last: at,
            per_hour: BTreeMap::new(),
            callers: HashMap::default(),
            floor: 0,
            exact: true,
        }
    }

    /// Leaves the busiest `keep` callers.
    fn thin(&mut self, keep: usize) -> usize {
        let mut sizes: Vec<u64> =
            self.callers.values().map(|caller| caller.requests + caller.missed).collect();
        if sizes.len() <= keep {
            return 0;
        }
        sizes.sort_unstable_by(|one, other| other.cmp(one));
        let bound = sizes[keep];
        self.floor = self.floor.max(bound);
        self.exact = false;
        let before = self.callers.len();
        let mut room = keep;
        self.callers.retain(|_, caller| {
            let stays = caller.requests + caller.missed > bound && room > 0;
            room -= usize::from(stays);
            stays
        });
        before - self.callers.len()
    }
}

#[derive(Debug, Clone, Default)]
pub(crate) struct Counts {
    pub lines: u64,
    pub parsed: u64,
    pub rejected: BTreeMap<&'static str, (u64, Vec<String>)>,
    pub outside: u64,
    pub routes: Vec<(RouteKey, RouteCount)>,
    index: HashMap<RouteKey, usize, foldhash::fast::RandomState>,
    callers: usize,
    pub first: Option<Moment>,
    pub last: Option<Moment>,
    pub compared: u64,
    pub agreed: u64,
    pub examples: Vec<(String, String, String)>,
    /// Hosts were too many to be told apart.
    pub hosts_folded: bool,
}

impl Counts {
    pub fn reject(&mut self, reason: &'static str, line: &[u8]) {
        self.lines += 1;
        let (count, examples) = self.rejected.entry(reason).or_default();
        *count += 1;
        if examples.len() < 3 {
            examples.push(String::from_utf8_lossy(&line[..line.len().min(300)]).into_owned());
        }
    }

    /// Counts a request of the route at `route` (from [`Self::route`]).
    pub fn count(&mut self, route: usize, hash: u128, caller: impl FnOnce() -> CallerKey, at: Moment) {
        self.seen(at);
        let Some((_, count)) = self.routes.get_mut(route) else { return };
        if count.requests == 0 {
            (count.first, count.last) = (at, at);
        }
        count.requests += 1;
        earlier_later(&mut count.first, &mut count.last, at);
        *count.per_hour.entry(at.hour()).or_default() += 1;
        if let Some(found) = count.callers.get_mut(&hash) {
            found.requests += 1;
            earlier_later(&mut found.first, &mut found.last, at);
            return;
        }
        let missed = count.floor;
        count.callers.insert(hash, CallerCount { key: caller(), requests: 1, missed, first: at, last: at });
        self.callers += 1;
        if count.callers.len() > 2 * CALLERS {
            self.callers -= count.thin(CALLERS);
        }
        if self.callers > ALL_CALLERS {
            self.shrink();
        }
    }

    /// Thins the routes with the most callers until all fit.
    fn shrink(&mut self) {
        let mut keep = CALLERS;
        while self.callers > ALL_CALLERS / 2 && keep > 8 {
            for (_, count) in &mut self.routes {
                self.callers -= count.thin(keep);
            }
            keep /= 2;
        }
    }

    fn seen(&mut self, at: Moment) {
        self.lines += 1;
        self.parsed += 1;
        if self.first.is_none_or(|first| at.epoch < first.epoch) {
            self.first = Some(at);
        }
        if self.last.is_none_or(|last| at.epoch > last.epoch) {
            self.last = Some(at);
        }
    }

    /// The place of a route's counts.
    pub fn route(&mut self, mut key: RouteKey, at: Moment) -> usize {
        if let Some(found) = self.index.get(&key) {
            return *found;
        }
        if self.routes.len() >= ROUTES && key.host.is_some() {
            self.hosts_folded = true;
            key.host = Some(b"(other hosts)".to_vec());
            if let Some(found) = self.index.get(&key) {
                return *found;
            }
        }
        self.index.insert(key.clone(), self.routes.len());
        self.routes.push((key, RouteCount::new(at)));
        self.routes.len() - 1
    }

    /// Adds the counts of another file.
    pub fn merge(&mut self, other: Self) {
        self.lines += other.lines;
        self.parsed += other.parsed;
        self.outside += other.outside;
        self.compared += other.compared;
        self.agreed += other.agreed;
        self.hosts_folded |= other.hosts_folded;
        for example in other.examples {
            if self.examples.len() < 10 {
                self.examples.push(example);
            }
        }
        for (reason, (count, examples)) in other.rejected {
            let (sum, kept) = self.rejected.entry(reason).or_default();
            *sum += count;
            kept.extend(examples);
            kept.truncate(3);
        }
        for at in [other.first, other.last].into_iter().flatten() {
            if self.first.is_none_or(|first| at.epoch < first.epoch) {
                self.first = Some(at);
            }
            if self.last.is_none_or(|last| at.epoch > last.epoch) {
                self.last = Some(at);
            }
        }
        for (key, theirs) in other.routes {
            let index = self.route(key, theirs.first);
            let ours = &mut self.routes[index].1;
            ours.requests += theirs.requests;
            earlier_later(&mut ours.first, &mut ours.last, theirs.first);
            earlier_later(&mut ours.first, &mut ours.last, theirs.last);
            for (hour, count) in theirs.per_hour {
                *ours.per_hour.entry(hour).or_default() += count;
            }
            // who is missing on one side may have had up to that side's floor
            let (our_floor, their_floor) = (ours.floor, theirs.floor);
            if their_floor > 0 {
                for (key, caller) in &mut ours.callers {
                    if !theirs.callers.contains_key(key) {
                        caller.missed += their_floor;
                    }
                }
            }
            ours.exact &= theirs.exact;
            for (key, caller) in theirs.callers {
                if let Some(found) = ours.callers.get_mut(&key) {
                    found.requests += caller.requests;
                    found.missed += caller.missed;
                    earlier_later(&mut found.first, &mut found.last, caller.first);
                    earlier_later(&mut found.first, &mut found.last, caller.last);
                } else {
                    self.callers += 1;
                    let missed = caller.missed + our_floor;
                    ours.callers.insert(key, CallerCount { missed, ..caller });
                }
            }
            ours.floor = our_floor + their_floor;
            if ours.callers.len() > 2 * CALLERS {
                self.callers -= ours.thin(CALLERS);
            }
        }
        if self.callers > ALL_CALLERS {
            self.shrink();
        }
    }
}

/// Identifies a caller within the counts.
pub(crate) fn caller_hash(client: &[u8], agent: &[u8], user: &[u8]) -> u128 {
    hash_of(&[client, agent, user])
}

/// 128 bits of several byte strings.
pub(crate) fn hash_of(parts: &[&[u8]]) -> u128 {
    use std::hash::{BuildHasher, Hasher};
    let half = |seed: u64| {
        let mut hasher = foldhash::quality::FixedState::with_seed(seed).build_hasher();
        for part in parts {
            hasher.write_usize(part.len());
            hasher.write(part);
        }
        u128::from(hasher.finish())
    };
    half(0x5eed) << 64 | half(0xca11)
}

fn earlier_later(first: &mut Moment, last: &mut Moment, at: Moment) {
    if at.epoch < first.epoch {
        *first = at;
    }
    if at.epoch > last.epoch {
        *last = at;
    }
}
