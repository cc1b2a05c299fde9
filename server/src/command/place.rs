//! Mistakes in files that are named on the command line.

use std::{path::Path, sync::Arc};

use crate::config::{Place, Problem};

/// A mistake in a whole file.
pub fn in_file(path: &str, what: impl Into<String>) -> Problem {
    Problem::at(Place::Whole { path: Arc::from(Path::new(path)) }, what)
}

/// A mistake in a line of a file; line and column count from 1.
pub fn in_line(path: &str, line: usize, column: usize, what: impl Into<String>) -> Problem {
    Problem::at(Place::File { path: Arc::from(Path::new(path)), line, column }, what)
}
