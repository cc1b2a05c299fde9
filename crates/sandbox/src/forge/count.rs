//! What was asked of a forge.

use std::collections::BTreeMap;

/// Requests by sort: `pulls` (each page), `pull`, `events`, `comments`, `comment` (one, read or written), `commits`,
/// `commit-pulls`, `runs`, `jobs`, `deployments`, `checks`, `user`, `app`, `token`, `project`, `other`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ForgeCounters {
    /// By sort and repository.
    pub requests: BTreeMap<(&'static str, String), u64>,
    /// Those that were answered with 304.
    pub unchanged: u64,
    /// Those that came while a limit was used up.
    pub while_limited: u64,
    /// Those that a limit counted.
    pub charged: u64,
    /// Those that wrote something.
    pub writes: u64,
}

impl ForgeCounters {
    /// Requests of a sort; `""` is all.
    pub fn of(&self, sort: &str) -> u64 {
        let fits = |row: &&'static str| sort.is_empty() || **row == *sort;
        self.requests.iter().filter(|((row, _), _)| fits(row)).map(|(_, count)| count).sum()
    }
}

#[derive(Debug, Default)]
pub(super) struct Counts(ForgeCounters);

impl Counts {
    pub fn request(&mut self, sort: &'static str, repository: &str) {
        *self.0.requests.entry((sort, repository.to_owned())).or_default() += 1;
    }

    pub fn unchanged(&mut self) {
        self.0.unchanged += 1;
    }

    pub fn limited(&mut self) {
        self.0.while_limited += 1;
    }

    pub fn charged(&mut self) {
        self.0.charged += 1;
    }

    pub fn wrote(&mut self) {
        self.0.writes += 1;
    }

    pub fn read(&self) -> ForgeCounters {
        self.0.clone()
    }
}
