//! Following a growing file through rotation.

use std::fs::{File, Metadata};
use std::io::{Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::input::{Block, MAX_LINE};
use super::reader::Reader;

/// Bytes that are read at once.
const STEP: usize = 1 << 18;

/// How far a file was read: kept in a checkpoint.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Position {
    /// The file's name.
    pub path: String,
    /// Which file it was, whatever its name is now: device and inode.
    pub identity: (u64, u64),
    /// Bytes whose lines were counted.
    pub offset: u64,
    /// Number of the next line.
    pub line: u64,
}

/// Reads what is new in one file.
#[derive(Debug)]
pub struct Follower {
    path: String,
    open: Option<Open>,
}

#[derive(Debug)]
struct Open {
    file: File,
    identity: (u64, u64),
    /// Bytes whose lines were counted.
    offset: u64,
    /// The beginning of a line whose end was not written yet.
    carry: Vec<u8>,
    line: u64,
    /// The line that is being written is too long.
    skipping: bool,
    /// The name belongs to another file now; nginx may write a little longer into this one.
    rotated: bool,
}

impl Follower {
    /// Follows the file of that name from its beginning.
    pub fn new(path: &str) -> Self {
        Self { path: path.to_owned(), open: None }
    }

    /// Goes on where a checkpoint ended, even if the file has been renamed since (but not compressed); false where
    /// it is not found: then it begins with the file that has the name now.
    pub fn resume(position: &Position) -> (Self, bool) {
        let mut follower = Self::new(&position.path);
        let found = candidates(&position.path).into_iter().find_map(|path| {
            let file = File::open(path).ok()?;
            let metadata = file.metadata().ok()?;
            let same = identity(&metadata) == position.identity && metadata.len() >= position.offset;
            same.then_some(file)
        });
        let Some(mut file) = found else { return (follower, false) };
        if file.seek(SeekFrom::Start(position.offset)).is_err() {
            return (follower, false);
        }
        follower.open = Some(Open {
            file,
            identity: position.identity,
            offset: position.offset,
            carry: Vec::new(),
            line: position.line,
            skipping: false,
            rotated: false,
        });
        (follower, true)
    }

    /// How far the file was read; `None` before it was there.
    pub fn position(&self) -> Option<Position> {
        let open = self.open.as_ref()?;
        Some(Position {
            path: self.path.clone(),
            identity: open.identity,
            offset: open.offset,
            line: open.line,
        })
    }

    /// Counts what was written since the last look. A file that is not there yet is waited for.
    pub fn poll(&mut self, reader: &mut Reader<'_>) -> std::io::Result<()> {
        loop {
            if self.open.is_none() {
                match File::open(&self.path) {
                    Ok(file) => self.open = Some(Open::new(file)?),
                    Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(()),
                    Err(error) => return Err(error),
                }
            }
            let Some(open) = &mut self.open else { return Ok(()) };
            open.read(&self.path, reader)?;
            let now = std::fs::metadata(&self.path).ok();
            if now.as_ref().is_none_or(|now| identity(now) != open.identity) {
                if now.is_none() || !std::mem::replace(&mut open.rotated, true) {
                    return Ok(()); // one more look at the old file
                }
            } else if now.is_some_and(|now| now.len() < open.offset + open.carry.len() as u64) {
                // copied away and cut to nothing: it begins again
                open.file.seek(SeekFrom::Start(0))?;
            } else {
                return Ok(());
            }
            open.last_line(&self.path, reader);
            if open.rotated {
                self.open = None;
            } else {
                (open.offset, open.line, open.skipping) = (0, 1, false);
            }
        }
    }
}

impl Open {
    fn new(file: File) -> std::io::Result<Self> {
        let identity = identity(&file.metadata()?);
        Ok(Self { file, identity, offset: 0, carry: Vec::new(), line: 1, skipping: false, rotated: false })
    }

    /// Reads to the end of what there is, and counts whole lines.
    fn read(&mut self, path: &str, reader: &mut Reader<'_>) -> std::io::Result<()> {
        loop {
            let mut bytes = std::mem::take(&mut self.carry);
            let known = bytes.len();
            let count = (&mut self.file).take(STEP as u64).read_to_end(&mut bytes)?;
            let end = memchr::memrchr(b'\n', bytes.get(known..).unwrap_or_default());
            let Some(end) = end.map(|end| known + end + 1) else {
                if bytes.len() > MAX_LINE {
                    self.offset += bytes.len() as u64;
                    self.skipping = true;
                } else {
                    self.carry = bytes;
                }
                if count == 0 {
                    return Ok(());
                }
                continue;
            };
            self.carry = bytes.split_off(end);
            self.offset += bytes.len() as u64;
            let mut too_long = 0;
            if std::mem::take(&mut self.skipping) {
                let first = memchr::memchr(b'\n', &bytes).unwrap_or_default();
                bytes.drain(..=first);
                too_long = 1;
            }
            self.count(path, reader, bytes, too_long);
        }
    }

    fn count(&mut self, path: &str, reader: &mut Reader<'_>, bytes: Vec<u8>, too_long: u64) {
        let first_line = self.line + too_long;
        self.line = first_line + memchr::memchr_iter(b'\n', &bytes).count() as u64;
        reader.append(path, Block { bytes, first_line, too_long, cut: false });
    }

    /// What stands after the last end of a line when the file has come to its end.
    fn last_line(&mut self, path: &str, reader: &mut Reader<'_>) {
        let rest = std::mem::take(&mut self.carry);
        let too_long = u64::from(std::mem::take(&mut self.skipping));
        if !rest.is_empty() || too_long > 0 {
            self.count(path, reader, rest, too_long);
        }
    }
}

/// The file of that name, and those that rotation may have made of it.
fn candidates(path: &str) -> Vec<PathBuf> {
    let path = Path::new(path);
    let mut found = vec![path.to_path_buf()];
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    let stem = name.split('.').next().unwrap_or(name);
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        if entry.file_name().to_str().is_some_and(|other| other.starts_with(stem) && other != name) {
            found.push(entry.path());
        }
    }
    found
}

#[cfg(unix)]
fn identity(metadata: &Metadata) -> (u64, u64) {
    use std::os::unix::fs::MetadataExt;
    (metadata.dev(), metadata.ino())
}

/// Elsewhere the time of creation stands for the inode.
#[cfg(not(unix))]
fn identity(metadata: &Metadata) -> (u64, u64) {
    let created = metadata.created().ok().and_then(|at| at.duration_since(std::time::UNIX_EPOCH).ok());
    (0, created.map_or(0, |at| u64::try_from(at.as_nanos()).unwrap_or(u64::MAX)))
}
