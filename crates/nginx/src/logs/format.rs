//! A reader of lines compiled from a `log_format`.

use memchr::{memchr, memchr_iter};

use super::escape::{escapes_are_whole, unescape_default, unescape_json};
use super::piece::{Piece, Text};
use super::reject::Reject;
use super::shape::Shape;

use crate::config::LogFormat;

/// The predefined format.
pub(crate) const COMBINED: &str = "$remote_addr - $remote_user [$time_local] \"$request\" $status \
$body_bytes_sent \"$http_referer\" \"$http_user_agent\"";

/// Ways a line is cut are tried at most so often: values that hold the text after them are rare.
const TRIES: usize = 64;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Escape {
    Default,
    Json,
    None,
}

/// A compiled format.
#[derive(Debug, Clone)]
pub struct Format {
    /// Its name in the configuration.
    pub name: String,
    pieces: Vec<Piece>,
    /// Names of the variables, without `$`, in the order they stand.
    pub vars: Vec<String>,
    shapes: Vec<Shape>,
    escape: Escape,
    /// Quotes of the format itself.
    quotes: usize,
}

/// Where each variable's value lies in the line.
pub type Fields = Vec<(usize, usize)>;

impl Format {
    /// `combined`.
    pub fn combined() -> Self {
        Self::new(&LogFormat {
            name: "combined".to_owned(),
            text: COMBINED.as_bytes().to_vec(),
            escape: "default".to_owned(),
        })
    }

    /// Compiles a `log_format`.
    pub fn new(format: &LogFormat) -> Self {
        let mut pieces = Vec::new();
        let mut vars = Vec::new();
        let mut text = Vec::new();
        let mut at = 0;
        while let Some(&byte) = format.text.get(at) {
            at += 1;
            if byte != b'$' {
                text.push(byte);
                continue;
            }
            let bracket = format.text.get(at) == Some(&b'{');
            let start = at + usize::from(bracket);
            let rest = format.text.get(start..).unwrap_or_default();
            let len = rest.iter().take_while(|b| b.is_ascii_alphanumeric() || **b == b'_').count();
            if len == 0 {
                text.push(byte);
                continue;
            }
            at = start + len + usize::from(bracket);
            if !text.is_empty() {
                pieces.push(Piece::Text(Box::new(Text::new(std::mem::take(&mut text)))));
            }
            pieces.push(Piece::Var(vars.len()));
            vars.push(String::from_utf8_lossy(rest.get(..len).unwrap_or_default()).to_ascii_lowercase());
        }
        if !text.is_empty() {
            pieces.push(Piece::Text(Box::new(Text::new(text))));
        }
        let escape = match format.escape.as_str() {
            "json" => Escape::Json,
            "none" => Escape::None,
            _ => Escape::Default,
        };
        let shapes = vars.iter().map(|name| Shape::of(name)).collect();
        let quotes = pieces.iter().map(Piece::quotes).sum();
        Self { name: format.name.clone(), pieces, vars, shapes, escape, quotes }
    }

    /// Index of the variable, where the format has it.
    pub fn var(&self, name: &str) -> Option<usize> {
        self.vars.iter().position(|var| var == name)
    }

    /// Whether values cannot be told from the text around them for certain.
    pub fn ambiguous(&self) -> bool {
        self.escape == Escape::None
    }

    /// Cuts a line into the variables' values; `out` is cleared and filled.
    pub fn parse(&self, line: &[u8], out: &mut Fields) -> Result<(), Reject> {
        out.clear();
        out.resize(self.vars.len(), (0, 0));
        if self.escape != Escape::None && memchr(0, line).is_some() {
            return Err(Reject::Impossible);
        }
        if !self.cut_quickly(line, out) {
            let mut tries = TRIES;
            if !self.cut(line, 0, 0, out, &mut tries) {
                return Err(Reject::Format);
            }
        }
        if self.escape == Escape::None {
            return Ok(());
        }
        // most lines hold nothing that has to be looked at value by value
        let control = line.iter().fold(u8::MAX, |least, byte| least.min(*byte)) < 0x20;
        let json = self.escape == Escape::Json;
        let quoted = !json && memchr_iter(b'"', line).count() != self.quotes;
        let escaped = !json && memchr(b'\\', line).is_some();
        if !control && !quoted && !escaped {
            return Ok(());
        }
        let possible = |(start, end): &(usize, usize)| {
            let value = line.get(*start..*end).unwrap_or_default();
            !value.iter().any(|byte| *byte < 0x20 || (!json && *byte == b'"'))
                && (json || escapes_are_whole(value))
        };
        if out.iter().all(possible) { Ok(()) } else { Err(Reject::Impossible) }
    }

    /// Each value ends where the text after it is found first; false where that does not fit.
    fn cut_quickly(&self, line: &[u8], out: &mut Fields) -> bool {
        let mut at = 0;
        let mut pieces = self.pieces.iter().peekable();
        while let Some(piece) = pieces.next() {
            let rest = line.get(at..).unwrap_or_default();
            match (piece, pieces.peek()) {
                (Piece::Text(text), _) => {
                    if !rest.starts_with(&text.bytes) {
                        return false;
                    }
                    at += text.bytes.len();
                }
                (Piece::Var(var), Some(Piece::Text(text))) => {
                    let quote = self.escape != Escape::None && text.bytes.first() == Some(&b'"');
                    let found = if quote { self.quote_end(rest) } else { text.find(rest) };
                    let Some(len) = found else { return false };
                    if !self.shapes[*var].fits(&rest[..len]) {
                        return false;
                    }
                    out[*var] = (at, at + len);
                    at += len;
                }
                (Piece::Var(var), None) => {
                    out[*var] = (at, line.len());
                    return self.shapes[*var].fits(rest);
                }
                (Piece::Var(_), Some(Piece::Var(_))) => return false,
            }
        }
        at == line.len()
    }

    fn cut(&self, line: &[u8], piece: usize, at: usize, out: &mut Fields, tries: &mut usize) -> bool {
        let Some(next) = self.pieces.get(piece) else { return at == line.len() };
        let rest = line.get(at..).unwrap_or_default();
        match next {
            Piece::Text(text) => {
                rest.starts_with(&text.bytes) && self.cut(line, piece + 1, at + text.bytes.len(), out, tries)
            }
            Piece::Var(var) => {
                let text = match self.pieces.get(piece + 1) {
                    None => {
                        out[*var] = (at, line.len());
                        return self.shapes[*var].fits(rest);
                    }
                    Some(Piece::Text(text)) => text,
                    // two variables side by side: the first takes what it can by its kind
                    Some(Piece::Var(_)) => {
                        let len = rest.iter().take_while(|byte| !byte.is_ascii_whitespace()).count();
                        for end in (0..=len).rev() {
                            if self.shapes[*var].fits(&rest[..end]) {
                                out[*var] = (at, at + end);
                                if self.cut(line, piece + 1, at + end, out, tries) {
                                    return true;
                                }
                            }
                            if *tries == 0 {
                                return false;
                            }
                            *tries -= 1;
                        }
                        return false;
                    }
                };
                if self.escape != Escape::None && text.bytes.first() == Some(&b'"') {
                    // a quote within the value is escaped: the first bare one ends it
                    let Some(end) = self.quote_end(rest) else { return false };
                    out[*var] = (at, at + end);
                    return self.shapes[*var].fits(&rest[..end])
                        && self.cut(line, piece + 1, at + end, out, tries);
                }
                let mut from = 0;
                while let Some(found) = text.find(rest.get(from..).unwrap_or_default()) {
                    let end = from + found;
                    if self.shapes[*var].fits(&rest[..end]) {
                        out[*var] = (at, at + end);
                        if self.cut(line, piece + 1, at + end, out, tries) {
                            return true;
                        }
                    }
                    if *tries == 0 {
                        return false;
                    }
                    *tries -= 1;
                    from = end + 1;
                }
                false
            }
        }
    }

    fn quote_end(&self, rest: &[u8]) -> Option<usize> {
        if self.escape == Escape::Default {
            return memchr(b'"', rest);
        }
        let mut at = 0;
        loop {
            match rest.get(at)? {
                b'"' => return Some(at),
                b'\\' => at += 2,
                _ => at += 1,
            }
        }
    }

    /// As [`Self::value`], without a copy where there is nothing to unescape; empty for a missing one.
    pub(crate) fn borrowed<'r>(&self, raw: &'r [u8]) -> std::borrow::Cow<'r, [u8]> {
        if self.escape == Escape::Default && raw == b"-" {
            return std::borrow::Cow::Borrowed(b"");
        }
        if self.escape == Escape::None || memchr(b'\\', raw).is_none() {
            return std::borrow::Cow::Borrowed(raw);
        }
        std::borrow::Cow::Owned(self.value(raw).unwrap_or_default())
    }

    /// The value without its escapes; `None` for a missing one.
    pub fn value(&self, raw: &[u8]) -> Option<Vec<u8>> {
        match self.escape {
            Escape::Default => (raw != b"-").then(|| unescape_default(raw)),
            Escape::Json | Escape::None if raw.is_empty() => None,
            Escape::Json => Some(unescape_json(raw)),
            Escape::None => Some(raw.to_vec()),
        }
    }
}
