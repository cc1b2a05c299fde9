//! Requests by sort, and the table for people.

use std::{fmt, time::Duration};

use landfall::config::Registry as Config;
use landfall_sandbox::registry::Registry;

/// Requests by sort.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Cost {
    pub list: u64,
    pub head: u64,
    pub manifest: u64,
    pub blob: u64,
    pub token: u64,
}

impl Cost {
    /// What a registry counted.
    pub fn of(registry: &Registry) -> Self {
        let counted = registry.counters();
        let of = |sort| counted.of(sort);
        Self {
            list: of("list"),
            head: of("head"),
            manifest: of("manifest"),
            blob: of("blob"),
            token: of("token"),
        }
    }

    /// The same for `all` repositories where it was for `some`.
    pub fn times(self, all: u64, some: u64) -> Self {
        let scaled = |count: u64| count * all / some.max(1);
        Self {
            list: scaled(self.list),
            head: scaled(self.head),
            manifest: scaled(self.manifest),
            blob: scaled(self.blob),
            token: scaled(self.token),
        }
    }

    const fn all(self) -> u64 {
        self.list + self.head + self.manifest + self.blob + self.token
    }
}

/// The table.
#[derive(Debug)]
pub struct Table {
    repositories: u64,
    tags: u64,
    rows: Vec<String>,
}

impl Table {
    pub fn new(repositories: u64, tags: u64) -> Self {
        Self { repositories, tags, rows: Vec::new() }
    }

    /// `theirs` is what newest-build needs for the same: each tag's manifest and configuration, once per start.
    pub fn row(&mut self, what: &str, ours: Cost, theirs: Option<Cost>) {
        let Cost { list, head, manifest, blob, token } = ours;
        let budget = u64::from(Config::REQUESTS_PER_MINUTE);
        let minutes = ours.all().div_ceil(budget);
        let theirs = theirs
            .map_or_else(String::new, |cost| format!("{} ({} GETs of manifests)", cost.all(), cost.manifest));
        self.rows.push(format!(
            "| {what} | {list} | {head} | {manifest} | {blob} | {token} | {} | {minutes} | {theirs} |",
            ours.all()
        ));
    }

    /// The steady look over an hour, as the default interval and budget allow.
    pub fn per_hour(&mut self, look: Cost) {
        let interval = Config::INTERVAL.as_secs();
        let wanted = look.all() * 3_600 / interval;
        let allowed = u64::from(Config::REQUESTS_PER_MINUTE) * 60;
        let every = (look.all() * 60).div_ceil(u64::from(Config::REQUESTS_PER_MINUTE)).max(interval);
        self.rows.push(format!(
            "| an hour of that, one host | | | | | | {} | | {} |",
            wanted.min(allowed),
            self.repositories * 3_600 / 120
        ));
        self.rows.push(format!("| a look is complete every | | | | | | {every} s | | 120 s |"));
    }

    pub fn large(&mut self, tags: u64, shown: usize, look: Duration, page: Duration) {
        self.rows.push(format!(
            "\nOne repository with {tags} tags: a look takes {:.1} s, its newest {shown} edges are read in {} ms.",
            look.as_secs_f64(),
            page.as_millis()
        ));
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { repositories, tags, rows } = self;
        writeln!(f, "\n{repositories} repositories with {tags} tags each, requests:\n")?;
        writeln!(
            f,
            "| | lists | HEAD | manifests | blobs | tokens | all | minutes at {} a minute | newest-build |",
            Config::REQUESTS_PER_MINUTE
        )?;
        writeln!(f, "|---|---|---|---|---|---|---|---|---|")?;
        rows.iter().try_for_each(|row| writeln!(f, "{row}"))
    }
}
