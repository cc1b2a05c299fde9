//! A reader of lines compiled from a `log_format`.

use memchr::{memchr, memmem};

use crate::config::LogFormat;

/// The predefined format.
pub(crate) const COMBINED: &str = "$remote_addr - $remote_user [$time_local] \"$request\" $status \
$body_bytes_sent \"$http_referer\" \"$http_user_agent\"";

/// Ways a line is cut are tried at most so often: values that hold the text after them are rare.
const TRIES: usize = 64;

#[derive(Debug, Clone)]
enum Piece {
    Text(Vec<u8>),
    Var(usize),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Escape {
    Default,
    Json,
    None,
}

/// Why a line is rejected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Reject {
    /// The line does not have the format's shape.
    Format,
    /// It holds a byte that nginx's escaping cannot have written.
    Impossible,
    /// The time is none.
    Time,
    /// It is longer than any line nginx writes.
    TooLong,
    /// The compressed file ends within it.
    Truncated,
}

impl Reject {
    /// The reason's name in reports.
    pub fn name(self) -> &'static str {
        match self {
            Self::Format => "does-not-fit-format",
            Self::Impossible => "impossible-byte",
            Self::Time => "impossible-time",
            Self::TooLong => "line-too-long",
            Self::Truncated => "file-cut-off",
        }
    }
}

/// What values of a variable look like, where that helps to cut a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Shape {
    Any,
    Status,
    Digits,
    Seconds,
    Address,
    LocalTime,
    Upstreams,
}

impl Shape {
    fn of(name: &str) -> Self {
        match name {
            "status" => Self::Status,
            "body_bytes_sent"
            | "bytes_sent"
            | "request_length"
            | "connection"
            | "connection_requests"
            | "pid"
            | "server_port"
            | "remote_port" => Self::Digits,
            "request_time" | "msec" => Self::Seconds,
            "remote_addr" | "realip_remote_addr" | "server_addr" => Self::Address,
            "time_local" => Self::LocalTime,
            "upstream_addr"
            | "upstream_status"
            | "upstream_response_time"
            | "upstream_connect_time"
            | "upstream_header_time"
            | "upstream_response_length" => Self::Upstreams,
            _ => Self::Any,
        }
    }
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
                pieces.push(Piece::Text(std::mem::take(&mut text)));
            }
            pieces.push(Piece::Var(vars.len()));
            vars.push(String::from_utf8_lossy(rest.get(..len).unwrap_or_default()).to_ascii_lowercase());
        }
        if !text.is_empty() {
            pieces.push(Piece::Text(text));
        }
        let escape = match format.escape.as_str() {
            "json" => Escape::Json,
            "none" => Escape::None,
            _ => Escape::Default,
        };
        let shapes = vars.iter().map(|name| Shape::of(name)).collect();
        Self { name: format.name.clone(), pieces, vars, shapes, escape }
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
        let mut tries = TRIES;
        if !self.cut(line, 0, 0, out, &mut tries) {
            return Err(Reject::Format);
        }
        let possible = |(start, end): &(usize, usize)| {
            let value = line.get(*start..*end).unwrap_or_default();
            match self.escape {
                Escape::None => true,
                Escape::Json => !value.iter().any(|byte| *byte < 0x20),
                Escape::Default => {
                    !value.iter().any(|byte| *byte < 0x20 || *byte == b'"') && escapes_are_whole(value)
                }
            }
        };
        if out.iter().all(possible) { Ok(()) } else { Err(Reject::Impossible) }
    }

    fn cut(&self, line: &[u8], piece: usize, at: usize, out: &mut Fields, tries: &mut usize) -> bool {
        let Some(next) = self.pieces.get(piece) else { return at == line.len() };
        let rest = line.get(at..).unwrap_or_default();
        match next {
            Piece::Text(text) => {
                rest.starts_with(text) && self.cut(line, piece + 1, at + text.len(), out, tries)
            }
            Piece::Var(var) => {
                let text = match self.pieces.get(piece + 1) {
                    None => {
                        out[*var] = (at, line.len());
                        return self.fits(*var, rest);
                    }
                    Some(Piece::Text(text)) => text,
                    // two variables side by side: the first takes what it can by its kind
                    Some(Piece::Var(_)) => {
                        let len = rest.iter().take_while(|byte| !byte.is_ascii_whitespace()).count();
                        for end in (0..=len).rev() {
                            if self.fits(*var, &rest[..end]) {
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
                if self.escape != Escape::None && text.first() == Some(&b'"') {
                    // a quote within the value is escaped: the first bare one ends it
                    let Some(end) = self.quote_end(rest) else { return false };
                    out[*var] = (at, at + end);
                    return self.fits(*var, &rest[..end]) && self.cut(line, piece + 1, at + end, out, tries);
                }
                let mut from = 0;
                while let Some(found) = memmem::find(rest.get(from..).unwrap_or_default(), text) {
                    let end = from + found;
                    if self.fits(*var, &rest[..end]) {
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

    /// Whether the bytes can be a value of this variable.
    fn fits(&self, var: usize, value: &[u8]) -> bool {
        if value == b"-" {
            return true;
        }
        match self.shapes[var] {
            Shape::Any => true,
            Shape::Status => value.len() == 3 && value.iter().all(u8::is_ascii_digit),
            Shape::Digits => !value.is_empty() && value.iter().all(u8::is_ascii_digit),
            Shape::Seconds => {
                !value.is_empty() && value.iter().all(|byte| byte.is_ascii_digit() || *byte == b'.')
            }
            Shape::Address => !value.is_empty() && memchr::memchr2(b' ', b'"', value).is_none(),
            Shape::LocalTime => value.len() == 26,
            Shape::Upstreams => upstream_list(value),
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

/// `a`, `a, b`, `a, b : c`: no other spaces.
fn upstream_list(value: &[u8]) -> bool {
    let mut rest = value;
    while let Some(space) = memchr(b' ', rest) {
        let before = rest.get(..space).unwrap_or_default();
        let after = rest.get(space + 1..).unwrap_or_default();
        let fine = before.ends_with(b",") || before.ends_with(b":") || after.starts_with(b": ");
        if !fine {
            return false;
        }
        rest = after;
    }
    !value.is_empty()
}

/// Whether every backslash begins `\xHH`: nginx escapes the backslash itself, too.
fn escapes_are_whole(value: &[u8]) -> bool {
    memchr::memchr_iter(b'\\', value).all(|at| {
        value.get(at + 1) == Some(&b'x')
            && value.get(at + 2..at + 4).is_some_and(|hex| hex.iter().all(u8::is_ascii_hexdigit))
    })
}

fn unescape_default(raw: &[u8]) -> Vec<u8> {
    if memchr(b'\\', raw).is_none() {
        return raw.to_vec();
    }
    let mut out = Vec::with_capacity(raw.len());
    let mut at = 0;
    while let Some(&byte) = raw.get(at) {
        let hex = |index: usize| raw.get(index).and_then(|byte| char::from(*byte).to_digit(16));
        if byte == b'\\'
            && raw.get(at + 1) == Some(&b'x')
            && let (Some(high), Some(low)) = (hex(at + 2), hex(at + 3))
        {
            out.push(u8::try_from(high * 16 + low).unwrap_or(b'?'));
            at += 4;
        } else {
            out.push(byte);
            at += 1;
        }
    }
    out
}

fn unescape_json(raw: &[u8]) -> Vec<u8> {
    if memchr(b'\\', raw).is_none() {
        return raw.to_vec();
    }
    let mut out = Vec::with_capacity(raw.len());
    let mut at = 0;
    while let Some(&byte) = raw.get(at) {
        at += 1;
        if byte != b'\\' {
            out.push(byte);
            continue;
        }
        let Some(&escaped) = raw.get(at) else { break };
        at += 1;
        match escaped {
            b'n' => out.push(b'\n'),
            b'r' => out.push(b'\r'),
            b't' => out.push(b'\t'),
            b'b' => out.push(0x08),
            b'f' => out.push(0x0c),
            b'u' => {
                let code = raw.get(at..at + 4).and_then(|hex| std::str::from_utf8(hex).ok());
                if let Some(code) = code.and_then(|hex| u32::from_str_radix(hex, 16).ok()) {
                    let mut buffer = [0; 4];
                    let text = char::from_u32(code).unwrap_or('\u{fffd}').encode_utf8(&mut buffer);
                    out.extend_from_slice(text.as_bytes());
                    at += 4;
                }
            }
            other => out.push(other),
        }
    }
    out
}
