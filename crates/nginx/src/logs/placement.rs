//! Which `access_log` a file belongs to: by its name without what rotation added.

use std::collections::BTreeMap;

use crate::config::Config;
use crate::config::model::ServerId;

/// The `access_log`s of one file name.
#[derive(Debug, Clone, Default)]
pub(crate) struct Placed {
    /// Formats that are written there.
    pub formats: Vec<String>,
    /// Servers that write there.
    pub servers: Vec<ServerId>,
}

/// File names of the configuration's `access_log`s.
pub(crate) fn placements(config: &Config) -> BTreeMap<String, Placed> {
    let mut found: BTreeMap<String, Placed> = BTreeMap::new();
    for loc in &config.http.locs {
        for log in loc.set.access_logs.iter() {
            let name = log.path.rsplit('/').next().unwrap_or_default().to_owned();
            if name.is_empty() || name.contains('$') || log.path.starts_with("syslog:") {
                continue;
            }
            let placed = found.entry(name).or_default();
            if !placed.formats.contains(&log.format) {
                placed.formats.push(log.format.clone());
            }
            if !placed.servers.contains(&loc.server) {
                placed.servers.push(loc.server);
            }
        }
    }
    found
}

/// The placement for a file, if its name (without rotation suffixes) is one of an `access_log`.
pub(crate) fn place<'p>(placements: &'p BTreeMap<String, Placed>, path: &str) -> Option<&'p Placed> {
    let name = path.rsplit('/').next().unwrap_or(path);
    placements
        .iter()
        .filter(|(base, _)| is_rotation_of(name, base))
        .max_by_key(|(base, _)| base.len())
        .map(|(_, placed)| placed)
}

/// Whether `name` is `base`, or `base` after rotation: `.1`, `.2.gz`, `-20261120`, `-20261120.log.zst`.
fn is_rotation_of(name: &str, base: &str) -> bool {
    let plain = [".gz", ".zst", ".zstd"].iter().find_map(|end| name.strip_suffix(end)).unwrap_or(name);
    let added = |rest: &str| {
        rest.is_empty()
            || (rest.starts_with(['.', '-', '_'])
                && rest.chars().all(|c| c.is_ascii_digit() || matches!(c, '.' | '-' | '_' | ':' | 'T'))
                && rest.chars().any(|c| c.is_ascii_digit()))
    };
    if plain.strip_prefix(base).is_some_and(added) {
        return true;
    }
    // a date before the extension: access-20261120.log
    let Some((stem, extension)) = base.rsplit_once('.') else { return false };
    plain
        .strip_suffix(extension)
        .and_then(|rest| rest.strip_suffix('.'))
        .and_then(|rest| rest.strip_prefix(stem))
        .is_some_and(|rest| !rest.is_empty() && added(rest))
}
