//! The pieces of a format: text, and the variables between.

use memchr::{memchr, memchr_iter, memmem};

#[derive(Debug, Clone)]
pub(super) enum Piece {
    Text(Box<Text>),
    Var(usize),
}

/// What stands between variables.
#[derive(Debug, Clone)]
pub(super) struct Text {
    pub bytes: Vec<u8>,
    finder: memmem::Finder<'static>,
}

impl Text {
    pub fn new(bytes: Vec<u8>) -> Self {
        let finder = memmem::Finder::new(&bytes).into_owned();
        Self { bytes, finder }
    }

    pub fn find(&self, within: &[u8]) -> Option<usize> {
        match self.bytes.as_slice() {
            [byte] => memchr(*byte, within),
            _ => self.finder.find(within),
        }
    }
}

impl Piece {
    pub fn quotes(&self) -> usize {
        match self {
            Self::Text(text) => memchr_iter(b'"', &text.bytes).count(),
            Self::Var(_) => 0,
        }
    }
}
