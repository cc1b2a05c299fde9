//! What the parser yields: directives with their words and blocks.

use std::borrow::Cow;

use crate::error::ConfigError;

/// Index of a file in [`Tree::files`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct FileId(pub u32);

/// Where a word begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Pos {
    /// The file.
    pub file: FileId,
    /// 1-based line.
    pub line: u32,
    /// 1-based column, in characters (a byte that is not UTF-8 counts as one).
    pub column: u32,
}

/// One word after nginx's own unquoting.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Word {
    /// The bytes; not necessarily UTF-8.
    pub text: Vec<u8>,
    /// Where the word (with its quote) begins.
    pub pos: Pos,
    /// Whether it stood in quotes.
    pub quoted: bool,
}

impl Word {
    /// The text for people; bytes that are not UTF-8 are replaced.
    pub fn lossy(&self) -> Cow<'_, str> {
        text(&self.text)
    }
}

/// Bytes as text for people.
pub fn text(bytes: &[u8]) -> Cow<'_, str> {
    String::from_utf8_lossy(bytes)
}

/// A directive: its name, arguments, and its block if it has one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Directive {
    /// The first word.
    pub name: Word,
    /// The further words.
    pub args: Vec<Word>,
    /// The directives in `{ }`; `None` for a simple directive.
    pub block: Option<Vec<Directive>>,
    /// The text of a Lua block; such a directive has no [`Directive::block`].
    pub lua: Option<Vec<u8>>,
    /// Where the directive ends (its `;` or its closing brace).
    pub end: Pos,
}

impl Directive {
    /// Whether this is the directive of that name.
    pub fn is(&self, name: &str) -> bool {
        self.name.text == name.as_bytes()
    }

    /// The argument at `index`, as bytes; empty when it is not there.
    pub fn arg(&self, index: usize) -> &[u8] {
        self.args.get(index).map_or(&[], |word| &word.text)
    }
}

/// A parsed configuration with its includes in place.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tree {
    /// Names of the files, as nginx would print them; [`FileId`] indexes it.
    pub files: Vec<String>,
    /// The directives of the main file; `include` is replaced by what it includes.
    pub directives: Vec<Directive>,
}

impl Tree {
    /// The name of the file of `pos`.
    pub fn file(&self, pos: Pos) -> &str {
        self.files.get(pos.file.0 as usize).map_or("", String::as_str)
    }

    /// Visits every directive, outer ones first.
    pub fn walk(&self, visit: &mut dyn FnMut(&Directive)) {
        fn level(directives: &[Directive], visit: &mut dyn FnMut(&Directive)) {
            for directive in directives {
                visit(directive);
                level(directive.block.as_deref().unwrap_or_default(), visit);
            }
        }
        level(&self.directives, visit);
    }

    /// An error at `pos`.
    pub fn error(&self, pos: Pos, message: impl Into<String>) -> ConfigError {
        ConfigError {
            file: self.file(pos).to_owned(),
            line: pos.line,
            column: pos.column,
            message: message.into(),
            help: None,
        }
    }
}
