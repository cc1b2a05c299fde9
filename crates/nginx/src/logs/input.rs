//! Bytes to blocks of whole lines: plain, gzip, zstd, standard input; memory stays bounded whatever comes.

use std::io::{BufRead, BufReader, Read};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use super::decompress::{Counted, ZstdFrames};

/// A line longer than this is none that nginx wrote.
pub(crate) const MAX_LINE: usize = 1 << 20;
/// Bytes that are read at once.
const BLOCK: usize = 1 << 18;

/// How far reading has come; another thread may look.
#[derive(Debug, Default)]
pub struct Progress {
    /// Bytes taken from files and standard input, before decompression.
    pub bytes: AtomicU64,
    /// Lines that were read.
    pub lines: AtomicU64,
}

/// Whole lines of an input.
#[derive(Debug, Default)]
pub(crate) struct Block {
    /// The lines with their ends; the last one of an input may lack it.
    pub bytes: Vec<u8>,
    /// Number of the first line, from 1.
    pub first_line: u64,
    /// Lines before it that were longer than anything nginx writes, and are not here.
    pub too_long: u64,
    /// The input was cut off within what follows the last line's end.
    pub cut: bool,
}

/// The blocks of one input.
pub struct Blocks {
    reader: Box<dyn Read + Send>,
    /// The beginning of a line whose end was not read yet.
    carry: Vec<u8>,
    /// The line that is being read is too long.
    skipping: bool,
    ended: bool,
    line: u64,
    progress: Arc<Progress>,
    /// Hash of the content, decompressed.
    pub(crate) digest: u64,
    /// Bytes of the content, decompressed.
    pub(crate) bytes: u64,
    /// Why the input ended early, such as a compressed file that was cut off.
    pub(crate) broken: Option<String>,
}

/// Opens a file, or standard input for `-`; compression is told by the content.
pub fn open(path: &str, progress: &Arc<Progress>) -> std::io::Result<Blocks> {
    let raw: Box<dyn Read + Send> =
        if path == "-" { Box::new(std::io::stdin()) } else { Box::new(std::fs::File::open(path)?) };
    Blocks::new(raw, progress)
}

impl Blocks {
    /// Reads from any source.
    pub fn new(raw: Box<dyn Read + Send>, progress: &Arc<Progress>) -> std::io::Result<Self> {
        let counted = Counted::new(raw, Arc::clone(progress));
        let mut reader = BufReader::with_capacity(1 << 16, counted);
        let start = loop {
            match reader.fill_buf() {
                Ok(start) => break start,
                Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        };
        let reader: Box<dyn Read + Send> = if start.starts_with(&[0x1f, 0x8b]) {
            Box::new(flate2::bufread::MultiGzDecoder::new(reader))
        } else if start.starts_with(&[0x28, 0xb5, 0x2f, 0xfd]) {
            Box::new(ZstdFrames::new(reader))
        } else {
            Box::new(reader)
        };
        Ok(Self {
            reader,
            carry: Vec::new(),
            skipping: false,
            ended: false,
            line: 1,
            progress: Arc::clone(progress),
            digest: 0xcbf2_9ce4_8422_2325,
            bytes: 0,
            broken: None,
        })
    }

    /// The next block; `None` at the end.
    pub(crate) fn next(&mut self) -> Option<Block> {
        let mut too_long = 0;
        while !self.ended {
            let mut bytes = std::mem::take(&mut self.carry);
            let known = bytes.len();
            self.fill(&mut bytes);
            if self.skipping {
                // nothing was carried: look for the end of the line that is too long
                match memchr::memchr(b'\n', &bytes) {
                    Some(end) => {
                        bytes.drain(..=end);
                        self.skipping = false;
                        too_long += 1;
                    }
                    None if self.ended => {
                        bytes.clear();
                        too_long += 1;
                    }
                    None => continue,
                }
            }
            if !self.ended {
                let from = known.min(bytes.len()); // what was carried has no end of line
                let Some(end) = memchr::memrchr(b'\n', bytes.get(from..).unwrap_or_default()) else {
                    if bytes.len() > MAX_LINE {
                        self.skipping = true;
                    } else {
                        self.carry = bytes;
                    }
                    if too_long > 0 {
                        return Some(self.block(Vec::new(), too_long));
                    }
                    continue;
                };
                self.carry = bytes.split_off(from + end + 1);
            }
            if !bytes.is_empty() || too_long > 0 || self.broken.is_some() {
                return Some(self.block(bytes, too_long));
            }
        }
        None
    }

    fn block(&mut self, bytes: Vec<u8>, too_long: u64) -> Block {
        let cut = self.ended && self.broken.is_some();
        let first_line = self.line + too_long;
        let open = u64::from(cut || bytes.last().is_some_and(|byte| *byte != b'\n'));
        let lines = memchr::memchr_iter(b'\n', &bytes).count() as u64 + open;
        self.line = first_line + lines;
        self.progress.lines.fetch_add(lines + too_long, Ordering::Relaxed);
        Block { bytes, first_line, too_long, cut }
    }

    /// Reads [`BLOCK`] bytes more, or what is left.
    fn fill(&mut self, bytes: &mut Vec<u8>) {
        let start = bytes.len();
        bytes.resize(start + BLOCK, 0);
        let mut end = start;
        while end < bytes.len() {
            match self.reader.read(&mut bytes[end..]) {
                Ok(0) => {
                    self.ended = true;
                    break;
                }
                Ok(count) => end += count,
                Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
                Err(error) => {
                    self.broken = Some(error.to_string());
                    self.ended = true;
                    break;
                }
            }
        }
        bytes.truncate(end);
        self.bytes += (end - start) as u64;
        self.digest = digest(self.digest, bytes.get(start..).unwrap_or_default());
    }
}

/// Mixes one block into the hash of the content: blocks are of one size, so equal contents have equal hashes.
fn digest(seed: u64, block: &[u8]) -> u64 {
    use std::hash::{BuildHasher, Hasher};
    let mut hasher = foldhash::quality::FixedState::with_seed(seed).build_hasher();
    hasher.write(block);
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(content: &[u8]) -> (Vec<Block>, u64) {
        let raw = Box::new(std::io::Cursor::new(content.to_vec()));
        let mut blocks = Blocks::new(raw, &Arc::default()).expect("memory can be read");
        let found = std::iter::from_fn(|| blocks.next()).collect();
        (found, blocks.digest)
    }

    #[test]
    fn blocks_end_where_lines_end() {
        let content: Vec<u8> = (0..60_000).flat_map(|n| format!("line number {n}\n").into_bytes()).collect();
        let (blocks, _) = read(&content);
        assert!(blocks.len() > 2);
        assert_eq!(blocks.iter().flat_map(|block| block.bytes.clone()).collect::<Vec<_>>(), content);
        let mut line = 1;
        for block in &blocks {
            assert_eq!((block.first_line, block.bytes.last()), (line, Some(&b'\n')));
            line += memchr::memchr_iter(b'\n', &block.bytes).count() as u64;
        }
    }

    #[test]
    fn a_line_without_end_is_skipped_and_counted() {
        let mut content = b"a\n".to_vec();
        content.extend(std::iter::repeat_n(b'x', 3 * MAX_LINE));
        content.extend(b"\nb\nc");
        let (blocks, _) = read(&content);
        assert!(blocks.iter().all(|block| block.bytes.len() <= MAX_LINE + 2 * BLOCK));
        assert_eq!(blocks.iter().map(|block| block.too_long).sum::<u64>(), 1);
        let last = blocks.last().expect("a block");
        assert_eq!((last.bytes.as_slice(), last.first_line), (b"b\nc".as_slice(), 3));
    }

    #[test]
    fn an_endless_last_line_is_one_line() {
        let (blocks, _) = read(&vec![b'x'; 5 * MAX_LINE]);
        assert_eq!(blocks.iter().map(|block| block.too_long).sum::<u64>(), 1);
        assert!(blocks.iter().all(|block| block.bytes.is_empty()));
    }
}
