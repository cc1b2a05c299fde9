//! Sums of counts: of the parts of a file, of files; and of hosts that are too many.

use super::{CALLERS, CallerKey, Counts, EXAMPLES, Example, OTHER_HOSTS, RouteCount, RouteKey};

impl Counts {
    /// Adds the counts of another part.
    pub fn merge(&mut self, other: Self) {
        self.lines += other.lines;
        self.parsed += other.parsed;
        self.outside += other.outside;
        self.compared += other.compared;
        self.agreed += other.agreed;
        self.hosts_folded |= other.hosts_folded;
        keep_first(&mut self.examples, other.examples);
        for (reason, (count, examples)) in other.rejected {
            let (sum, kept) = self.rejected.entry(reason).or_default();
            *sum += count;
            keep_first(kept, examples);
        }
        for (key, theirs) in other.routes {
            if theirs.requests > 0 {
                self.add(key, theirs);
            }
        }
        self.bound();
    }

    pub fn add(&mut self, key: RouteKey, theirs: RouteCount) {
        let index = self.route(key);
        let Some((_, ours)) = self.routes.get_mut(index) else { return };
        let before = (ours.hour_count(), ours.callers.len(), bytes_of(ours));
        ours.add(theirs);
        if ours.callers.len() > 2 * CALLERS {
            ours.thin(CALLERS);
        }
        let after = (ours.hour_count(), ours.callers.len(), bytes_of(ours));
        self.hours = self.hours + after.0 - before.0;
        self.callers = self.callers + after.1 - before.1;
        self.caller_bytes = self.caller_bytes + after.2 - before.2;
    }

    /// Gives the counts away; the routes stay where they are, at zero.
    pub fn hand_over(&mut self) -> Self {
        let keys: Vec<RouteKey> = self.routes.iter().map(|(key, _)| key.clone()).collect();
        let index = self.index.clone();
        let epoch = self.epoch;
        let given = std::mem::take(self);
        if keys.len() <= super::ROUTES / 2 {
            self.routes = keys.into_iter().map(|key| (key, RouteCount::default())).collect();
            self.index = index;
            self.epoch = epoch;
        } else {
            self.epoch = epoch.wrapping_add(1);
        }
        given
    }

    /// Counts the less busy half of the hosts together: their hours would not fit.
    pub(super) fn fold_hosts(&mut self) {
        let mut sizes: Vec<u64> =
            self.routes.iter().filter(|(key, _)| foldable(key)).map(|(_, count)| count.requests).collect();
        if sizes.is_empty() {
            return;
        }
        let middle = sizes.len() / 2;
        let (_, bound, _) = sizes.select_nth_unstable(middle);
        let bound = *bound;
        self.hosts_folded = true;
        self.epoch = self.epoch.wrapping_add(1);
        self.index.clear();
        (self.hours, self.callers, self.caller_bytes) = (0, 0, 0);
        for (mut key, count) in std::mem::take(&mut self.routes) {
            if foldable(&key) && count.requests <= bound {
                key.host = Some(OTHER_HOSTS.to_vec());
            }
            self.add(key, count);
        }
    }
}

fn foldable(key: &RouteKey) -> bool {
    key.host.as_ref().is_some_and(|host| host != OTHER_HOSTS)
}

fn bytes_of(count: &RouteCount) -> usize {
    count.callers.values().map(|caller| CallerKey::bytes(&caller.key)).sum()
}

/// The first examples of both, by their places.
fn keep_first<T: Ord>(ours: &mut Vec<Example<T>>, theirs: Vec<Example<T>>) {
    ours.extend(theirs);
    ours.sort();
    ours.truncate(EXAMPLES);
}
