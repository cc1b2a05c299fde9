//! The pages, one folder each. Every one is a function from its data and the [`Shell`](crate::data::Shell) to a document.

mod board;

pub use board::board;
