//! Saved views: named questions to the board.

use landfall_model::{Text, phrase::Said};

/// A named question, as the board shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SavedView {
    pub name: ViewName,
    /// Query string without `?`; empty is the bare page.
    pub query: String,
    pub count: Option<usize>,
    pub current: bool,
}

/// Names of views: ours are translated, others' are theirs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ViewName {
    All,
    NeedsALook,
    Unassigned,
    /// From the configuration: everybody has it.
    Shared(Text),
    /// The reader's own.
    Own(Text),
}

/// The page of saved views.
#[derive(Debug, Clone, Default)]
pub struct Views {
    /// The reader's own, in the order in which they were saved.
    pub own: Vec<KeptView>,
    /// Those of the configuration.
    pub shared: Vec<KeptView>,
    /// How many of one's own there may be.
    pub most: usize,
    /// Why what was asked could not be done.
    pub wrong: Option<WrongView>,
    /// The view that could not be saved, to be mended.
    pub asked: Option<AskedView>,
}

/// Name and query string.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptView {
    pub name: Text,
    pub query: String,
}

/// What a form asked to save.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AskedView {
    pub name: String,
    pub query: String,
}

/// Why a view cannot be saved, renamed or deleted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum WrongView {
    NoName,
    /// Characters that a name may have.
    LongName {
        most: usize,
    },
    /// It is the bare board.
    NoQuestion,
    /// Bytes that a query string may have.
    LongQuestion {
        most: usize,
    },
    /// The board does not understand this part of it, and why.
    Question {
        field: String,
        wrong: Said,
    },
    TooMany {
        most: usize,
    },
    /// A cookie cannot hold all of them.
    TooLarge,
    /// Another view has this name.
    Taken(String),
    /// There is no view of this name.
    Unknown(String),
}
