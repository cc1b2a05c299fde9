//! Files of access logs to counts, with as many threads as there are cores.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};

use super::counts::Counts;
use super::format::Format;
use super::input::{Block, Blocks, Progress, open};
use super::line::LineReader;
use super::options::{LogError, LogOptions, Warning};
use super::placement::{Placed, place, placements};
use super::setup::{Setup, Upstreams, format_for, upstreams};
use crate::config::Config;

/// Lines by which a format is guessed.
const SAMPLE: usize = 200;

/// Reads logs of one configuration.
pub struct Reader<'c> {
    pub(super) config: &'c Config,
    pub(super) options: LogOptions,
    formats: Vec<Format>,
    placements: BTreeMap<String, Placed>,
    pub(super) counts: Counts,
    pub(super) hasher: foldhash::quality::RandomState,
    /// Names of the inputs, in the order of reading.
    pub(super) files: Vec<String>,
    seen: HashSet<(u64, u64)>,
    /// Formats of files that are read piece by piece.
    chosen: HashMap<String, Format>,
    pub(super) used: Vec<String>,
    pub(super) missing: Vec<String>,
    upstreams: Upstreams,
    progress: Arc<Progress>,
    /// What stopped nothing.
    pub warnings: Vec<Warning>,
}

impl<'c> Reader<'c> {
    /// A reader for the logs of `config`.
    pub fn new(config: &'c Config, options: LogOptions) -> Result<Self, LogError> {
        let mut formats = vec![Format::combined()];
        formats.extend(config.log_formats().iter().map(Format::new));
        if let Some(name) = &options.format
            && !formats.iter().any(|format| format.name == *name)
        {
            return Err(LogError::Format(name.clone()));
        }
        Ok(Self {
            config,
            options,
            formats,
            placements: placements(config),
            counts: Counts::default(),
            hasher: foldhash::quality::RandomState::default(),
            files: Vec::new(),
            seen: HashSet::new(),
            chosen: HashMap::new(),
            used: Vec::new(),
            missing: Vec::new(),
            upstreams: upstreams(config),
            progress: Arc::default(),
            warnings: Vec::new(),
        })
    }

    /// How far reading has come, for another thread to look at.
    pub fn progress(&self) -> Arc<Progress> {
        Arc::clone(&self.progress)
    }

    /// Lines counted so far.
    pub fn lines(&self) -> u64 {
        self.counts.lines
    }

    /// Reads one file (or standard input, `-`).
    pub fn file(&mut self, path: &str) -> Result<(), LogError> {
        let blocks =
            open(path, &self.progress).map_err(|error| LogError::File(path.to_owned(), error.to_string()))?;
        self.blocks(path, blocks);
        Ok(())
    }

    /// Reads an input called `path`.
    pub fn blocks(&mut self, path: &str, mut blocks: Blocks) {
        let Some(first) = blocks.next() else {
            self.files.push(path.to_owned());
            return; // an empty file
        };
        let counts = self.counted(path, first, &mut || blocks.next());
        if let Some(why) = &blocks.broken {
            self.warn(path, format!("the file ends too early ({why}); its whole lines were read"));
        }
        if blocks.bytes > 0 && !self.seen.insert((blocks.digest, blocks.bytes)) {
            self.warn(path, "the same content was read before; this file is left out".to_owned());
            return;
        }
        self.counts.merge(counts);
    }

    /// Counts a piece of a growing file.
    pub(super) fn append(&mut self, path: &str, block: Block) {
        let counts = self.counted(path, block, &mut || None);
        self.counts.merge(counts);
    }

    /// The counts of blocks that belong to `path`.
    pub(super) fn counted(
        &mut self,
        path: &str,
        first: Block,
        next: &mut dyn FnMut() -> Option<Block>,
    ) -> Counts {
        let placed = place(&self.placements, path).cloned().unwrap_or_default();
        let sample: Vec<&[u8]> = first.bytes.split(|byte| *byte == b'\n').take(SAMPLE).collect();
        let format =
            self.chosen.get(path).cloned().unwrap_or_else(|| {
                format_for(&self.formats, self.options.format.as_deref(), &placed, &sample)
            });
        self.chosen.insert(path.to_owned(), format.clone());
        if !self.used.contains(&format.name) {
            self.used.push(format.name.clone());
        }
        let file = self.files.iter().position(|name| name == path).unwrap_or_else(|| {
            self.files.push(path.to_owned());
            self.files.len() - 1
        });
        let setup =
            Setup::new(self.config, &self.options, &self.upstreams, &self.hasher, file, format, &placed);
        for variable in setup.wanted.lacking(self.config, &setup.servers) {
            if !self.missing.contains(&variable) {
                self.missing.push(variable);
            }
        }
        let workers = self.options.workers();
        // a small input is read before a second thread has begun
        match next() {
            None => alone(&setup, first, &mut || None),
            Some(second) if workers == 1 => {
                let mut second = Some(second);
                alone(&setup, first, &mut || second.take().or_else(&mut *next))
            }
            Some(second) => together(&setup, workers, [first, second], next),
        }
    }

    fn warn(&mut self, path: &str, message: String) {
        self.warnings.push(Warning { file: path.to_owned(), message });
    }
}

fn alone(setup: &Setup<'_>, first: Block, next: &mut dyn FnMut() -> Option<Block>) -> Counts {
    let mut reader = LineReader::new(setup, 1);
    reader.block(&first);
    drop(first);
    while let Some(block) = next() {
        reader.block(&block);
    }
    reader.counts
}

/// One thread cuts the input into blocks, the others take lines apart and hand their counts over now and then.
fn together(
    setup: &Setup<'_>,
    workers: usize,
    first: [Block; 2],
    next: &mut dyn FnMut() -> Option<Block>,
) -> Counts {
    let sum = Mutex::new(Counts::default());
    let (sender, receiver): (SyncSender<Block>, Receiver<Block>) = sync_channel(workers);
    let receiver = Mutex::new(receiver);
    std::thread::scope(|scope| {
        for _ in 0..workers {
            scope.spawn(|| {
                let mut reader = LineReader::new(setup, workers);
                loop {
                    let block = receiver.lock().unwrap_or_else(PoisonError::into_inner).recv();
                    let Ok(block) = block else { break };
                    reader.block(&block);
                    if reader.counts.is_large() {
                        let part = reader.counts.hand_over();
                        sum.lock().unwrap_or_else(PoisonError::into_inner).merge(part);
                    }
                }
                sum.lock().unwrap_or_else(PoisonError::into_inner).merge(reader.counts);
            });
        }
        let blocks = first.into_iter().chain(std::iter::from_fn(next));
        for block in blocks {
            if sender.send(block).is_err() {
                break; // every worker has ended, which only a panic does; the scope passes it on
            }
        }
        drop(sender);
    });
    sum.into_inner().unwrap_or_else(PoisonError::into_inner)
}
