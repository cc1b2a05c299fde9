//! What to read, and what can go wrong.

use super::clients::Clients;

/// What to read and how.
#[derive(Debug, Clone, Default)]
pub struct LogOptions {
    /// Format to use where the file's name does not tell.
    pub format: Option<String>,
    /// The upstream that is to move.
    pub moves: Option<String>,
    /// Named callers.
    pub clients: Clients,
    /// Only lines at or after this time (seconds since 1970).
    pub since: Option<i64>,
    /// Only lines before this time.
    pub until: Option<i64>,
    /// Threads that take lines apart; 0: as many as the machine has cores.
    pub threads: usize,
}

impl LogOptions {
    pub(super) fn workers(&self) -> usize {
        let cores = || std::thread::available_parallelism().map_or(1, usize::from);
        let wanted = if self.threads == 0 { cores() } else { self.threads };
        wanted.clamp(1, 16)
    }
}

/// Something worth saying that stops nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Warning {
    /// The file.
    pub file: String,
    /// What.
    pub message: String,
}

/// Why logs cannot be read at all.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LogError {
    /// A file is missing or cannot be read.
    File(String, String),
    /// The configuration has no such format.
    Format(String),
    /// A checkpoint cannot be used.
    Checkpoint(String, String),
}

impl std::fmt::Display for LogError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::File(path, why) | Self::Checkpoint(path, why) => write!(f, "{path}: {why}"),
            Self::Format(name) => write!(f, "no log_format \"{name}\" in the configuration"),
        }
    }
}

impl std::error::Error for LogError {}
