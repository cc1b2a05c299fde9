//! What was asked of a registry.

use std::collections::BTreeMap;

/// Violations that are kept.
const KEPT: usize = 100;

/// Requests by sort: `ping`, `list` (each page), `head`, `manifest`, `blob`, `store` (a blob at the store), `token`,
/// `times` (when tags were pushed, beside the protocol).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RegistryCounters {
    /// By sort and repository; `""` where there is none.
    pub requests: BTreeMap<(&'static str, String), u64>,
    /// How many violations there were.
    pub violations: u64,
}

impl RegistryCounters {
    /// Requests of a sort; `""` is all.
    pub fn of(&self, sort: &str) -> u64 {
        let fits = |row: &&'static str| sort.is_empty() || **row == *sort;
        self.requests.iter().filter(|((row, _), _)| fits(row)).map(|(_, count)| count).sum()
    }
}

#[derive(Debug, Default)]
pub(super) struct Counts {
    requests: BTreeMap<(&'static str, String), u64>,
    violations: Vec<String>,
    count: u64,
    noticed: u64,
}

impl Counts {
    pub fn request(&mut self, sort: &'static str, repository: &str) {
        *self.requests.entry((sort, repository.to_owned())).or_default() += 1;
    }

    pub fn violation(&mut self, what: String) {
        self.count += 1;
        if self.violations.len() < KEPT {
            self.violations.push(what);
        }
    }

    pub fn violations(&mut self) -> Vec<String> {
        self.noticed = self.count;
        self.violations.clone()
    }

    /// The last violation, if nobody looked at it.
    pub fn unnoticed(&self) -> Option<&String> {
        self.violations.last().filter(|_| self.count > self.noticed)
    }

    pub fn read(&self) -> RegistryCounters {
        RegistryCounters { requests: self.requests.clone(), violations: self.count }
    }
}
