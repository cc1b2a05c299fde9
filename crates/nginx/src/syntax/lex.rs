//! Words, as nginx cuts them: quotes, backslashes, comments between arguments, `${var}`.
//!
//! Rule: nginx's own reader of its configuration. A quote opens a quoted word only at the word's start; a `{`
//! after `$` belongs to the word; a backslash before a quote or a backslash disappears, `\t \r \n` become the
//! control character, and any other backslash stays.

use super::tree::{FileId, Pos, Word};

/// What the reader met.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Lexeme {
    Word(Word),
    /// `;`
    Semicolon(Pos),
    /// `{`
    Open(Pos),
    /// `}`
    Close(Pos),
    /// The end of the text.
    End(Pos),
}

/// A mistake of the lexer: it goes on after it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct LexError {
    pub pos: Pos,
    pub message: String,
}

/// Cuts `text` into words.
pub(super) struct Lexer<'t> {
    text: &'t [u8],
    at: usize,
    file: FileId,
    line: u32,
    column: u32,
    /// A quoted word just ended: only space, `;`, `{` or `)` may follow.
    after_quote: bool,
    pub errors: Vec<LexError>,
}

const fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\r' | b'\n')
}

impl<'t> Lexer<'t> {
    pub(super) fn new(text: &'t [u8], file: FileId) -> Self {
        // editors on some systems leave a byte order mark, which is no part of the first word
        let at = if text.starts_with(b"\xef\xbb\xbf") { 3 } else { 0 };
        Self { text, at, file, line: 1, column: 1, after_quote: false, errors: Vec::new() }
    }

    pub(super) fn pos(&self) -> Pos {
        Pos { file: self.file, line: self.line, column: self.column }
    }

    /// The text from here on; used for Lua blocks.
    pub(super) fn rest(&self) -> &'t [u8] {
        self.text.get(self.at..).unwrap_or_default()
    }

    /// Goes on by `count` bytes.
    pub(super) fn skip(&mut self, count: usize) {
        for _ in 0..count {
            self.bump();
        }
    }

    fn peek(&self) -> Option<u8> {
        self.text.get(self.at).copied()
    }

    fn bump(&mut self) -> Option<u8> {
        let byte = self.peek()?;
        self.at += 1;
        if byte == b'\n' {
            self.line += 1;
            self.column = 1;
        } else if byte & 0xc0 != 0x80 {
            self.column += 1; // the further bytes of a character do not count
        }
        Some(byte)
    }

    pub(super) fn next(&mut self) -> Lexeme {
        if std::mem::take(&mut self.after_quote)
            && let Some(byte) = self.peek()
            && !is_space(byte)
            && !matches!(byte, b';' | b'{' | b')')
        {
            let shown = char::from(byte).escape_default().to_string();
            self.errors.push(LexError {
                pos: self.pos(),
                message: format!("unexpected \"{shown}\" after a quoted word, expected a space or \";\""),
            });
        }
        loop {
            let pos = self.pos();
            match self.peek() {
                None => return Lexeme::End(pos),
                Some(byte) if is_space(byte) => {
                    self.bump();
                }
                Some(b'#') => {
                    while self.peek().is_some_and(|byte| byte != b'\n') {
                        self.bump();
                    }
                }
                Some(b';') => {
                    self.bump();
                    return Lexeme::Semicolon(pos);
                }
                Some(b'{') => {
                    self.bump();
                    return Lexeme::Open(pos);
                }
                Some(b'}') => {
                    self.bump();
                    return Lexeme::Close(pos);
                }
                Some(quote @ (b'"' | b'\'')) => {
                    self.bump();
                    return Lexeme::Word(self.quoted(quote, pos));
                }
                Some(_) => return Lexeme::Word(self.bare(pos)),
            }
        }
    }

    fn quoted(&mut self, quote: u8, pos: Pos) -> Word {
        let start = self.at;
        loop {
            match self.peek() {
                None => {
                    self.errors.push(LexError {
                        pos,
                        message: format!(
                            "unexpected end of file, expected the closing {} of the word that begins here",
                            char::from(quote)
                        ),
                    });
                    let text = unescape(self.text.get(start..self.at).unwrap_or_default());
                    return Word { text, pos, quoted: true };
                }
                Some(b'\\') => {
                    self.bump();
                    self.bump();
                }
                Some(byte) if byte == quote => {
                    let text = unescape(self.text.get(start..self.at).unwrap_or_default());
                    self.bump();
                    self.after_quote = true;
                    return Word { text, pos, quoted: true };
                }
                Some(_) => {
                    self.bump();
                }
            }
        }
    }

    fn bare(&mut self, pos: Pos) -> Word {
        let start = self.at;
        let mut variable = false;
        while let Some(byte) = self.peek() {
            match byte {
                b'{' if variable => {
                    self.bump();
                    continue; // `variable` stays, as in nginx
                }
                b'\\' => {
                    self.bump();
                    self.bump();
                    variable = false;
                    continue;
                }
                _ if is_space(byte) || byte == b';' || byte == b'{' => break,
                _ => variable = byte == b'$',
            }
            self.bump();
        }
        Word { text: unescape(self.text.get(start..self.at).unwrap_or_default()), pos, quoted: false }
    }
}

fn unescape(raw: &[u8]) -> Vec<u8> {
    if !raw.contains(&b'\\') {
        return raw.to_vec();
    }
    let mut out = Vec::with_capacity(raw.len());
    let mut bytes = raw.iter().copied().peekable();
    while let Some(byte) = bytes.next() {
        if byte != b'\\' {
            out.push(byte);
            continue;
        }
        let replaced = match bytes.peek() {
            Some(next @ (b'"' | b'\'' | b'\\')) => Some(*next),
            Some(b't') => Some(b'\t'),
            Some(b'r') => Some(b'\r'),
            Some(b'n') => Some(b'\n'),
            _ => None,
        };
        if let Some(replaced) = replaced {
            bytes.next();
            out.push(replaced);
        } else {
            out.push(byte);
        }
    }
    out
}
