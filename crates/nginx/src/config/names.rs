//! Server names and map keys: exact, `*.x`, `.x`, `x.*`, with nginx's rules for conflicts.

use std::collections::{HashMap, HashSet};

/// What adding a name came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Added {
    Ok,
    /// The name is taken: it is ignored (servers) or refused (maps).
    Conflict,
    /// No valid name or wildcard.
    Invalid,
}

/// How a name was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Found {
    Exact,
    LeadingWildcard,
    TrailingWildcard,
}

/// Names to values. All lookups are by lower-cased name.
#[derive(Debug, Clone)]
pub(crate) struct Names<T> {
    exact: HashMap<Vec<u8>, T>,
    /// Suffix without the leading dot: (value for subdomains, whether the bare name matches too).
    head: HashMap<Vec<u8>, (T, bool)>,
    /// Prefix without the trailing dot.
    tail: HashMap<Vec<u8>, T>,
    /// Names that count as taken in the exact table, though nobody may own them.
    taken: HashSet<Vec<u8>>,
}

impl<T> Default for Names<T> {
    fn default() -> Self {
        Self { exact: HashMap::new(), head: HashMap::new(), tail: HashMap::new(), taken: HashSet::new() }
    }
}

impl<T: Copy> Names<T> {
    /// Adds `name`; with `wildcards`, forms with `*` and leading dots are understood.
    pub fn add(&mut self, name: &[u8], value: T, wildcards: bool) -> Added {
        let name = name.to_ascii_lowercase();
        if wildcards {
            let stars = memchr::memchr_iter(b'*', &name).count();
            if stars > 1 || name.windows(2).any(|pair| pair == b"..") || name.contains(&0) {
                return Added::Invalid;
            }
            if name.len() > 1 && name[0] == b'.' {
                let bare = name[1..].to_vec();
                if !self.taken.insert(bare.clone()) {
                    return Added::Conflict;
                }
                // the bare name stays taken even if the wildcard half is refused now
                return self.add_head(bare, value, true);
            }
            if name.len() > 2 {
                if name.starts_with(b"*.") {
                    return self.add_head(name[2..].to_vec(), value, false);
                }
                if name.ends_with(b".*") {
                    let prefix = name[..name.len() - 2].to_vec();
                    if self.tail.contains_key(&prefix) {
                        return Added::Conflict;
                    }
                    self.tail.insert(prefix, value);
                    return Added::Ok;
                }
            }
            if stars > 0 {
                return Added::Invalid;
            }
        }
        if !self.taken.insert(name.clone()) {
            return Added::Conflict;
        }
        self.exact.insert(name, value);
        Added::Ok
    }

    fn add_head(&mut self, suffix: Vec<u8>, value: T, bare: bool) -> Added {
        if self.head.contains_key(&suffix) {
            return Added::Conflict;
        }
        self.head.insert(suffix, (value, bare));
        Added::Ok
    }

    /// The value for `name`, which must be lower case.
    pub fn find(&self, name: &[u8]) -> Option<(T, Found)> {
        if let Some(value) = self.exact.get(name) {
            return Some((*value, Found::Exact));
        }
        if name.is_empty() {
            return None;
        }
        if !self.head.is_empty() {
            // the longest suffix first: the whole name, then what follows each dot
            let starts = name.iter().enumerate().filter(|(_, byte)| **byte == b'.').map(|(dot, _)| dot + 1);
            for start in std::iter::once(0).chain(starts) {
                if let Some((value, bare)) = self.head.get(&name[start..])
                    && (start > 0 || *bare)
                {
                    return Some((*value, Found::LeadingWildcard));
                }
            }
        }
        if !self.tail.is_empty() {
            for (dot, _) in name.iter().enumerate().rev().filter(|(_, byte)| **byte == b'.') {
                if let Some(value) = self.tail.get(&name[..dot]) {
                    return Some((*value, Found::TrailingWildcard));
                }
            }
        }
        None
    }
}
