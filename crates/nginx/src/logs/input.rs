//! Bytes to lines: plain, gzip, zstd, standard input; memory stays bounded whatever comes.

use std::io::{BufRead, BufReader, Read};

/// A line longer than this is none that nginx wrote.
const MAX_LINE: usize = 1 << 20;

/// The lines of one input.
pub struct Lines {
    reader: Box<dyn BufRead + Send>,
    /// Hash of everything read so far.
    pub digest: u64,
    /// Whether the input ended with an error, such as a compressed file that was cut off.
    pub broken: Option<String>,
    /// Bytes read.
    pub bytes: u64,
}

/// What [`Lines::next`] found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Line {
    /// A line is in the buffer.
    Whole,
    /// A line that was longer than anything nginx writes; it was skipped.
    TooLong,
    /// The input was cut off within this line.
    Cut,
    /// No more.
    End,
}

/// Opens a file, or standard input for `-`; compression is told by the content.
pub fn open(path: &str) -> std::io::Result<Lines> {
    let raw: Box<dyn Read + Send> =
        if path == "-" { Box::new(std::io::stdin()) } else { Box::new(std::fs::File::open(path)?) };
    Lines::new(raw)
}

impl Lines {
    /// Reads from any source.
    pub fn new(raw: Box<dyn Read + Send>) -> std::io::Result<Self> {
        let mut reader = BufReader::with_capacity(1 << 16, raw);
        let start = loop {
            match reader.fill_buf() {
                Ok(start) => break start,
                Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        };
        let reader: Box<dyn BufRead + Send> = if start.starts_with(&[0x1f, 0x8b]) {
            Box::new(BufReader::with_capacity(1 << 16, flate2::bufread::MultiGzDecoder::new(reader)))
        } else if start.starts_with(&[0x28, 0xb5, 0x2f, 0xfd]) {
            Box::new(BufReader::with_capacity(1 << 16, ZstdFrames { reader: Some(reader), frame: None }))
        } else {
            Box::new(reader)
        };
        Ok(Self { reader, digest: 0xcbf2_9ce4_8422_2325, broken: None, bytes: 0 })
    }

    /// The next line into `line`, without its end.
    pub fn next(&mut self, line: &mut Vec<u8>) -> Line {
        line.clear();
        let mut too_long = false;
        let mut any = false;
        loop {
            let chunk = match self.reader.fill_buf() {
                Ok(chunk) => chunk,
                Err(error) if error.kind() == std::io::ErrorKind::Interrupted => continue,
                Err(error) => {
                    // said once; the reader is not asked again
                    if self.broken.is_none() {
                        self.broken = Some(error.to_string());
                        return Line::Cut;
                    }
                    return Line::End;
                }
            };
            if chunk.is_empty() {
                return match (any, too_long) {
                    (false, _) => Line::End,
                    (true, true) => Line::TooLong,
                    (true, false) => {
                        self.digest = digest(self.digest, line);
                        trim(line);
                        Line::Whole
                    }
                };
            }
            any = true;
            let end = memchr::memchr(b'\n', chunk);
            let taken = end.map_or(chunk.len(), |end| end + 1);
            let part = &chunk[..end.unwrap_or(taken)];
            if line.len() + part.len() > MAX_LINE {
                too_long = true;
                line.clear();
            } else if !too_long {
                line.extend_from_slice(part);
            }
            self.bytes += taken as u64;
            self.reader.consume(taken);
            if end.is_some() {
                if too_long {
                    self.digest = digest(self.digest, b"too long");
                    return Line::TooLong;
                }
                self.digest = digest(self.digest, line);
                trim(line);
                return Line::Whole;
            }
        }
    }
}

fn trim(line: &mut Vec<u8>) {
    if line.last() == Some(&b'\r') {
        line.pop();
    }
}

/// Mixes one line into the hash of the content.
fn digest(seed: u64, line: &[u8]) -> u64 {
    use std::hash::{BuildHasher, Hasher};
    let mut hasher = foldhash::fast::FixedState::with_seed(7).build_hasher();
    hasher.write(line);
    (seed.rotate_left(7) ^ hasher.finish()).wrapping_mul(0x9e37_79b9_7f4a_7c15)
}

/// Frames of zstd one after the other.
struct ZstdFrames {
    reader: Option<BufReader<Box<dyn Read + Send>>>,
    frame: Option<
        ruzstd::decoding::StreamingDecoder<BufReader<Box<dyn Read + Send>>, ruzstd::decoding::FrameDecoder>,
    >,
}

impl Read for ZstdFrames {
    fn read(&mut self, out: &mut [u8]) -> std::io::Result<usize> {
        loop {
            if let Some(frame) = &mut self.frame {
                let count = frame.read(out)?;
                if count > 0 {
                    return Ok(count);
                }
                if let Some(frame) = self.frame.take() {
                    self.reader = Some(frame.into_inner());
                }
            }
            let Some(mut reader) = self.reader.take() else { return Ok(0) };
            if reader.fill_buf()?.is_empty() {
                self.reader = Some(reader);
                return Ok(0);
            }
            let frame = ruzstd::decoding::StreamingDecoder::new(reader)
                .map_err(|error| std::io::Error::new(std::io::ErrorKind::InvalidData, error.to_string()))?;
            self.frame = Some(frame);
        }
    }
}
