//! The text of a configuration: words, directives and blocks, each with its place; includes resolved.

mod include;
mod lex;
mod lua;
mod parse;
mod source;
mod tree;

pub use include::load;
pub use parse::parse_file;
pub use source::{DiskFiles, DumpFiles, Files, MemoryFiles, glob_match};
pub use tree::{Directive, FileId, Pos, Tree, Word, text};
