//! The counts of one route.

use std::collections::BTreeMap;

use super::{CallerCount, Quick};
use crate::logs::time::Moment;

#[derive(Debug, Clone, Default)]
pub(crate) struct RouteCount {
    pub requests: u64,
    pub first: Moment,
    pub last: Moment,
    per_hour: BTreeMap<i64, u64>,
    /// The hour of the latest request and its requests so far: most lines belong to one.
    hour: i64,
    in_hour: u64,
    /// By the hash of who calls.
    pub callers: Quick<u64, CallerCount>,
    /// The most that a caller who is not listed can have had.
    pub floor: u64,
    /// Whether callers were left out.
    pub thinned: bool,
}

impl RouteCount {
    /// Counts one request; true when it is the first of an hour.
    pub fn request(&mut self, at: Moment) -> bool {
        if self.requests == 0 {
            (self.first, self.last) = (at, at);
        }
        self.requests += 1;
        at.widen(&mut self.first, &mut self.last);
        let hour = at.hour();
        if self.in_hour > 0 && self.hour == hour {
            self.in_hour += 1;
            return false;
        }
        self.settle();
        (self.hour, self.in_hour) = (hour, 1);
        !self.per_hour.contains_key(&hour)
    }

    /// Counts from a checkpoint.
    pub fn restored(
        requests: u64,
        (first, last): (Moment, Moment),
        per_hour: BTreeMap<i64, u64>,
        callers: Quick<u64, CallerCount>,
        floor: u64,
        thinned: bool,
    ) -> Self {
        Self { requests, first, last, per_hour, hour: 0, in_hour: 0, callers, floor, thinned }
    }

    /// Writes the open hour down.
    fn settle(&mut self) {
        if self.in_hour > 0 {
            *self.per_hour.entry(self.hour).or_default() += self.in_hour;
            self.in_hour = 0;
        }
    }

    /// Requests by hour.
    pub fn hours(&self) -> BTreeMap<i64, u64> {
        let mut hours = self.per_hour.clone();
        if self.in_hour > 0 {
            *hours.entry(self.hour).or_default() += self.in_hour;
        }
        hours
    }

    /// Number of hours.
    pub fn hour_count(&self) -> usize {
        self.per_hour.len() + usize::from(self.in_hour > 0 && !self.per_hour.contains_key(&self.hour))
    }

    /// Leaves at most the busiest `keep` callers; how many went, and their bytes.
    pub fn thin(&mut self, keep: usize) -> (usize, usize) {
        if self.callers.len() <= keep {
            return (0, 0);
        }
        let mut sizes: Vec<u64> =
            self.callers.values().map(|caller| caller.requests + caller.missed).collect();
        let (_, bound, _) = sizes.select_nth_unstable_by(keep, |one, other| other.cmp(one));
        let bound = *bound;
        self.floor = self.floor.max(bound);
        self.thinned = true;
        let before = self.callers.len();
        let mut room = keep;
        let mut bytes = 0;
        self.callers.retain(|_, caller| {
            let stays = caller.requests + caller.missed > bound && room > 0;
            room -= usize::from(stays);
            bytes += if stays { 0 } else { caller.key.bytes() };
            stays
        });
        (before - self.callers.len(), bytes)
    }

    /// Adds the counts of the same route from elsewhere.
    pub fn add(&mut self, theirs: Self) {
        if theirs.requests == 0 {
            return;
        }
        if self.requests == 0 {
            (self.first, self.last) = (theirs.first, theirs.last);
        }
        self.requests += theirs.requests;
        theirs.first.widen(&mut self.first, &mut self.last);
        theirs.last.widen(&mut self.first, &mut self.last);
        self.settle();
        for (hour, count) in theirs.hours() {
            *self.per_hour.entry(hour).or_default() += count;
        }
        // who is missing on one side may have had up to that side's floor
        let (our_floor, their_floor) = (self.floor, theirs.floor);
        if their_floor > 0 {
            for (key, caller) in &mut self.callers {
                if !theirs.callers.contains_key(key) {
                    caller.missed += their_floor;
                }
            }
        }
        self.thinned |= theirs.thinned;
        for (key, caller) in theirs.callers {
            if let Some(found) = self.callers.get_mut(&key) {
                found.requests += caller.requests;
                found.missed += caller.missed;
                caller.first.widen(&mut found.first, &mut found.last);
                caller.last.widen(&mut found.first, &mut found.last);
            } else {
                let missed = caller.missed + our_floor;
                self.callers.insert(key, CallerCount { missed, ..caller });
            }
        }
        self.floor = our_floor + their_floor;
    }
}
