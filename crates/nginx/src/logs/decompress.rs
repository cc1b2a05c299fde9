//! Bytes as they come from a file: counted, and frame by frame out of zstd.

use std::io::{BufRead, BufReader, Read};
use std::sync::Arc;
use std::sync::atomic::Ordering;

use super::input::Progress;

/// Counts what passes.
pub(super) struct Counted {
    raw: Box<dyn Read + Send>,
    progress: Arc<Progress>,
}

impl Counted {
    pub fn new(raw: Box<dyn Read + Send>, progress: Arc<Progress>) -> Self {
        Self { raw, progress }
    }
}

impl Read for Counted {
    fn read(&mut self, out: &mut [u8]) -> std::io::Result<usize> {
        let count = self.raw.read(out)?;
        self.progress.bytes.fetch_add(count as u64, Ordering::Relaxed);
        Ok(count)
    }
}

/// Frames of zstd one after the other.
pub(super) struct ZstdFrames {
    reader: Option<BufReader<Counted>>,
    frame: Option<ruzstd::decoding::StreamingDecoder<BufReader<Counted>, ruzstd::decoding::FrameDecoder>>,
}

impl ZstdFrames {
    pub fn new(reader: BufReader<Counted>) -> Self {
        Self { reader: Some(reader), frame: None }
    }
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
