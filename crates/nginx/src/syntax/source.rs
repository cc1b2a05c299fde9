//! Where the text of a configuration comes from: disk, an `nginx -T` dump, or memory.

use std::collections::BTreeMap;

/// Reads files for the loader. The parser itself does no input or output.
pub trait Files {
    /// The bytes of the file at `path`, or why it cannot be read.
    fn read(&self, path: &str) -> Result<Vec<u8>, String>;

    /// The files that `pattern` (with `*`, `?`, `[..]`) matches, sorted by name.
    fn glob(&self, pattern: &str) -> Vec<String>;
}

/// Files on disk.
#[derive(Debug, Clone, Copy, Default)]
pub struct DiskFiles;

impl Files for DiskFiles {
    fn read(&self, path: &str) -> Result<Vec<u8>, String> {
        std::fs::read(path).map_err(|error| error.to_string())
    }

    fn glob(&self, pattern: &str) -> Vec<String> {
        // walk down the path, widening at each component that has a wildcard
        let absolute = pattern.starts_with('/');
        let mut found = vec![if absolute { String::from("/") } else { String::new() }];
        for part in pattern.split('/').filter(|part| !part.is_empty()) {
            let mut next = Vec::new();
            for base in &found {
                if has_wildcard(part) {
                    let dir = if base.is_empty() { "." } else { base };
                    let names = std::fs::read_dir(dir).into_iter().flatten().flatten();
                    for name in names.filter_map(|entry| entry.file_name().into_string().ok()) {
                        if glob_match(part, &name) {
                            next.push(join(base, &name));
                        }
                    }
                } else {
                    let path = join(base, part);
                    if std::fs::metadata(&path).is_ok() {
                        next.push(path);
                    }
                }
            }
            found = next;
        }
        found.sort();
        found
    }
}

fn join(base: &str, name: &str) -> String {
    if base.is_empty() || base.ends_with('/') { format!("{base}{name}") } else { format!("{base}/{name}") }
}

/// Files by name, in memory.
#[derive(Debug, Clone, Default)]
pub struct MemoryFiles(pub BTreeMap<String, Vec<u8>>);

impl Files for MemoryFiles {
    fn read(&self, path: &str) -> Result<Vec<u8>, String> {
        self.0.get(path).cloned().ok_or_else(|| "no such file".to_owned())
    }

    fn glob(&self, pattern: &str) -> Vec<String> {
        self.0.keys().filter(|path| glob_path(pattern, path)).cloned().collect()
    }
}

/// The files of an `nginx -T` dump.
#[derive(Debug, Clone, Default)]
pub struct DumpFiles {
    /// The first file of the dump: nginx's main file.
    pub main: String,
    files: MemoryFiles,
}

const HEADER: &[u8] = b"# configuration file ";

impl DumpFiles {
    /// Whether `text` looks like the output of `nginx -T`.
    pub fn is_dump(text: &[u8]) -> bool {
        // `nginx -t`'s own words may stand before the first file when both outputs went into one file
        text.split(|byte| *byte == b'\n')
            .find(|line| !line.trim_ascii().is_empty() && !line.starts_with(b"nginx: "))
            .is_some_and(|line| header(line).is_some())
    }

    /// Takes a dump apart; `None` when the text is none.
    pub fn split(text: &[u8]) -> Option<Self> {
        if !Self::is_dump(text) {
            return None;
        }
        let mut dump = Self::default();
        let mut current: Option<(String, Vec<u8>)> = None;
        for line in text.split_inclusive(|byte| *byte == b'\n') {
            if let Some(path) = header(line) {
                dump.keep(current.take());
                current = Some((path, Vec::new()));
            } else if let Some((_, content)) = &mut current {
                content.extend_from_slice(line);
            }
        }
        dump.keep(current);
        Some(dump)
    }

    fn keep(&mut self, file: Option<(String, Vec<u8>)>) {
        let Some((path, content)) = file else { return };
        if self.main.is_empty() {
            self.main.clone_from(&path);
        }
        self.files.0.entry(path).or_insert(content);
    }
}

fn header(line: &[u8]) -> Option<String> {
    let path = line.strip_prefix(HEADER)?.trim_ascii_end().strip_suffix(b":")?;
    String::from_utf8(path.to_vec()).ok().filter(|path| !path.is_empty())
}

impl Files for DumpFiles {
    fn read(&self, path: &str) -> Result<Vec<u8>, String> {
        self.files.read(path).map_err(|_| "it is not in the dump".to_owned())
    }

    fn glob(&self, pattern: &str) -> Vec<String> {
        self.files.glob(pattern)
    }
}

/// Whether nginx treats the path of an `include` as a pattern.
pub(super) fn has_wildcard(pattern: &str) -> bool {
    pattern.contains(['*', '?', '['])
}

fn glob_path(pattern: &str, path: &str) -> bool {
    let mut patterns = pattern.split('/').filter(|part| !part.is_empty());
    let mut parts = path.split('/').filter(|part| !part.is_empty());
    loop {
        match (patterns.next(), parts.next()) {
            (None, None) => return true,
            (Some(pattern), Some(part)) if glob_match(pattern, part) => {}
            _ => return false,
        }
    }
}

/// Whether the shell pattern (one path component) matches `name`; a leading dot needs a literal dot.
pub fn glob_match(pattern: &str, name: &str) -> bool {
    if name.starts_with('.') && !pattern.starts_with('.') {
        return false;
    }
    let pattern: Vec<char> = pattern.chars().collect();
    let name: Vec<char> = name.chars().collect();
    let (mut p, mut n) = (0, 0);
    let mut star: Option<(usize, usize)> = None;
    while n < name.len() {
        let step = match pattern.get(p) {
            Some('*') => {
                star = Some((p, n));
                p += 1;
                continue;
            }
            Some('?') => Some(p + 1),
            Some('[') => bracket(&pattern, p, name[n]),
            Some('\\') if pattern.get(p + 1) == name.get(n) => Some(p + 2),
            Some(c) if *c == name[n] => Some(p + 1),
            _ => None,
        };
        if let Some(next) = step {
            p = next;
            n += 1;
        } else if let Some((star_p, star_n)) = star {
            p = star_p + 1;
            n = star_n + 1;
            star = Some((star_p, n));
        } else {
            return false;
        }
    }
    pattern[p..].iter().all(|c| *c == '*')
}

/// Matches one `[..]`; the index after it when it fits.
fn bracket(pattern: &[char], start: usize, c: char) -> Option<usize> {
    let mut at = start + 1;
    let negated = matches!(pattern.get(at), Some('!' | '^'));
    if negated {
        at += 1;
    }
    let first = at;
    let mut hit = false;
    loop {
        let low = *pattern.get(at)?;
        if low == ']' && at > first {
            return (hit != negated).then_some(at + 1);
        }
        if pattern.get(at + 1) == Some(&'-') && pattern.get(at + 2).is_some_and(|high| *high != ']') {
            hit |= (low..=pattern[at + 2]).contains(&c);
            at += 3;
        } else {
            hit |= low == c;
            at += 1;
        }
    }
}
