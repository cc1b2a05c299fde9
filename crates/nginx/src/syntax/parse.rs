//! Words to directives and blocks. All mistakes of a file are reported: the parser goes on after each.

use super::lex::{Lexeme, Lexer};
use super::lua;
use super::tree::{Directive, FileId, Pos, Word};

/// Deeper nesting is refused: nginx knows no use for it, and every later step may recurse.
const MAX_DEPTH: usize = 64;

/// A mistake, its place in the file that was parsed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SyntaxError {
    /// Where.
    pub pos: Pos,
    /// What was found and what was expected.
    pub message: String,
    /// What to do, where that can be said.
    pub help: Option<String>,
}

struct Open {
    words: Vec<Word>,
    at: Pos,
    children: Vec<Directive>,
}

/// Parses one file's text. Includes are left as they stand.
pub fn parse_file(text: &[u8], file: FileId) -> (Vec<Directive>, Vec<SyntaxError>) {
    let mut parser = Parser {
        lexer: Lexer::new(text, file),
        top: Vec::new(),
        open: Vec::new(),
        words: Vec::new(),
        errors: Vec::new(),
    };
    parser.run();
    let mut errors = parser.errors;
    errors.extend(parser.lexer.errors.into_iter().map(|error| SyntaxError {
        pos: error.pos,
        message: error.message,
        help: None,
    }));
    errors.sort_by_key(|error| (error.pos.line, error.pos.column));
    (parser.top, errors)
}

struct Parser<'t> {
    lexer: Lexer<'t>,
    top: Vec<Directive>,
    open: Vec<Open>,
    words: Vec<Word>,
    errors: Vec<SyntaxError>,
}

impl Parser<'_> {
    fn error(&mut self, pos: Pos, message: impl Into<String>, help: Option<String>) {
        self.errors.push(SyntaxError { pos, message: message.into(), help });
    }

    fn push(&mut self, directive: Directive) {
        match self.open.last_mut() {
            Some(open) => open.children.push(directive),
            None => self.top.push(directive),
        }
    }

    fn finish(&mut self, words: Vec<Word>, block: Option<Vec<Directive>>, lua: Option<Vec<u8>>, end: Pos) {
        let mut words = words.into_iter();
        if let Some(name) = words.next() {
            self.push(Directive { name, args: words.collect(), block, lua, end });
        }
    }

    fn run(&mut self) {
        let mut too_deep = 0_usize; // blocks that were refused and whose end is still to come
        loop {
            match self.lexer.next() {
                Lexeme::Word(word) => self.words.push(word),
                Lexeme::Semicolon(pos) => {
                    if self.words.is_empty() {
                        self.error(pos, "unexpected \";\", expected a directive", None);
                    } else {
                        let words = std::mem::take(&mut self.words);
                        self.finish(words, None, None, pos);
                    }
                }
                Lexeme::Open(pos) => self.begin(pos, &mut too_deep),
                Lexeme::Close(pos) => {
                    if !self.words.is_empty() {
                        self.missing_semicolon(pos, "unexpected \"}\"");
                        let words = std::mem::take(&mut self.words);
                        self.finish(words, None, None, pos);
                    }
                    if too_deep > 0 {
                        too_deep -= 1;
                    } else if let Some(open) = self.open.pop() {
                        self.finish(open.words, Some(open.children), None, pos);
                    } else {
                        self.error(pos, "unexpected \"}\", no block is open here", None);
                    }
                }
                Lexeme::End(pos) => {
                    if !self.words.is_empty() {
                        self.missing_semicolon(pos, "unexpected end of file");
                        let words = std::mem::take(&mut self.words);
                        self.finish(words, None, None, pos);
                    }
                    while let Some(open) = self.open.pop() {
                        let name = open.words.first().map(|word| word.lossy().into_owned());
                        self.error(
                            pos,
                            format!(
                                "unexpected end of file, expected \"}}\" for the block {} of line {}",
                                name.unwrap_or_default(),
                                open.at.line
                            ),
                            None,
                        );
                        self.finish(open.words, Some(open.children), None, pos);
                    }
                    return;
                }
            }
        }
    }

    fn missing_semicolon(&mut self, pos: Pos, found: &str) {
        let help =
            self.words.last().map(|word| format!("end the directive of line {} with \";\"", word.pos.line));
        self.error(pos, format!("{found}, expected \";\""), help);
    }

    fn begin(&mut self, pos: Pos, too_deep: &mut usize) {
        let words = std::mem::take(&mut self.words);
        let Some(name) = words.first() else {
            self.error(pos, "unexpected \"{\", expected a directive", None);
            // go on as if a nameless block began, so that its end is not reported as well
            self.open.push(Open { words, at: pos, children: Vec::new() });
            return;
        };
        if name.text.ends_with(b"_by_lua_block") {
            let rest = self.lexer.rest();
            let len = lua::block_len(rest).unwrap_or(rest.len());
            let code = rest.get(..len).unwrap_or_default().to_vec();
            self.lexer.skip(len);
            match self.lexer.next() {
                Lexeme::Close(end) => self.finish(words, None, Some(code), end),
                _ => self.error(pos, "unexpected end of file, expected \"}\" for this Lua block", None),
            }
            return;
        }
        if *too_deep > 0 || self.open.len() >= MAX_DEPTH {
            if *too_deep == 0 {
                self.error(pos, format!("blocks are nested deeper than {MAX_DEPTH}"), None);
            }
            *too_deep += 1;
            return;
        }
        self.open.push(Open { words, at: pos, children: Vec::new() });
    }
}
