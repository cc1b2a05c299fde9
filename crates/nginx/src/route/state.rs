//! What a run carries from step to step.

use std::rc::Rc;

use super::answer::Outcome;
use crate::config::model::{Hide, LocId, ServerId};

/// A value that may not be known.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Val {
    Known(Vec<u8>),
    /// Why not.
    Unknown(Rc<str>),
}

impl Val {
    pub fn empty() -> Self {
        Self::Known(Vec::new())
    }
}

/// What hides the answer on this way.
#[derive(Debug, Clone)]
pub(super) struct Stop {
    pub hide: Hide,
    pub why: String,
}

/// Groups of the last pattern that matched.
#[derive(Debug, Clone)]
pub(super) enum Captures {
    Known { data: Vec<u8>, groups: Vec<Option<(usize, usize)>> },
    Unknown(Rc<str>),
}

/// How much of the headers nginx had read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Headers {
    /// The request line was refused: none.
    NotRead,
    /// A header was refused: those before it, whichever they were.
    Partly,
    Read,
}

/// What is known about a request that was only logged.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Known<'k> {
    /// Sockets it can have come in on; all when `None`.
    pub sockets: Option<&'k [usize]>,
    /// Headers that the request does not list may have been there all the same.
    pub partly: bool,
}

/// Where the run goes next.
pub(super) enum Next {
    ServerRewrite,
    FindLocation,
    LocationRewrite,
    Access,
    /// nginx answers with this status (and Location).
    Status(u16, Option<Val>),
    End(Outcome),
}

/// Where a way ended.
pub(super) struct Leaf {
    pub outcome: Option<Outcome>,
    pub server: Option<ServerId>,
    pub loc: Option<LocId>,
    pub because: Vec<String>,
    pub hides: Vec<Hide>,
}
