//! Escapes and character classes of a pattern.

use super::translate::{Last, Translator};

impl Translator<'_> {
    pub(super) fn escape(&mut self) -> Result<(), String> {
        let Some(byte) = self.bump() else { return Err("\\ at end of pattern".to_owned()) };
        match byte {
            b'd' | b'D' | b'w' | b'W' | b's' | b'S' => {
                self.out.push('\\');
                self.out.push(char::from(byte));
                self.byte_item();
            }
            b'b' | b'B' | b'A' | b'z' => {
                self.out.push('\\');
                self.out.push(char::from(byte));
                self.assertion();
            }
            b'N' if !self.starts(b"{") => {
                self.out.push_str("[^\\n]");
                self.byte_item();
            }
            b'1'..=b'9' => {
                let mut number = usize::from(byte - b'0');
                while let Some(digit @ b'0'..=b'9') = self.peek() {
                    number = number.saturating_mul(10).saturating_add(usize::from(digit - b'0'));
                    self.at += 1;
                }
                if number > 9 {
                    self.refuse("a back-reference or octal escape");
                }
                self.put(format_args!("(?:\\{number})"));
                self.backtracking = true;
                if number > self.groups {
                    self.refuse("a forward reference");
                }
                self.level().last = Last::Group { empty: true };
            }
            b'Q' => {
                while self.at < self.pattern.len() && !self.starts(b"\\E") {
                    if let Some(byte) = self.bump() {
                        self.literal(byte);
                        self.byte_item();
                    }
                }
                if self.starts(b"\\E") {
                    self.at += 2;
                }
            }
            b'E' => {}
            byte => {
                if let Some(value) = self.single(byte)? {
                    self.literal(value);
                } else {
                    self.refuse(&format!("\\{}", char::from(byte)));
                    self.out.push('.');
                }
                self.byte_item();
            }
        }
        Ok(())
    }

    /// The byte an escape stands for, outside and inside classes; `None` when no engine can say.
    pub(super) fn single(&mut self, byte: u8) -> Result<Option<u8>, String> {
        Ok(Some(match byte {
            b'a' => 0x07,
            b'e' => 0x1b,
            b'f' => 0x0c,
            b'n' => b'\n',
            b'r' => b'\r',
            b't' => b'\t',
            b'0' => {
                let mut value = 0_u32;
                for _ in 0..2 {
                    let Some(digit @ b'0'..=b'7') = self.peek() else { break };
                    value = value * 8 + u32::from(digit - b'0');
                    self.at += 1;
                }
                u8::try_from(value).unwrap_or(0)
            }
            b'x' => {
                if self.starts(b"{") {
                    return Ok(None);
                }
                let mut value = 0_u8;
                for _ in 0..2 {
                    let Some(digit) = self.peek().and_then(|b| char::from(b).to_digit(16)) else { break };
                    value = value.wrapping_mul(16).wrapping_add(u8::try_from(digit).unwrap_or(0));
                    self.at += 1;
                }
                value
            }
            b'c' | b'h' | b'H' | b'v' | b'V' | b'R' | b'G' | b'K' | b'X' | b'C' | b'Z' | b'p' | b'P'
            | b'k' | b'g' | b'N' | b'o' => return Ok(None),
            byte if byte.is_ascii_alphanumeric() => {
                return Err(format!("unrecognized character follows \\: \"{}\"", char::from(byte)));
            }
            byte => byte,
        }))
    }

    pub(super) fn class(&mut self) -> Result<(), String> {
        const OPEN: &str = "missing terminating ] for character class";
        self.out.push('[');
        if self.starts(b"^") {
            self.at += 1;
            self.out.push('^');
        }
        let mut first = true;
        loop {
            let byte = self.bump().ok_or(OPEN)?;
            if byte == b']' && !first {
                break;
            }
            first = false;
            let Some(low) = self.class_item(byte)? else { continue };
            // a range?
            let next = self.pattern.get(self.at + 1).copied();
            if self.peek() == Some(b'-') && next.is_some_and(|next| next != b']') {
                self.at += 1;
                let byte = self.bump().ok_or(OPEN)?;
                let before = self.out.len();
                match self.class_item(byte)? {
                    Some(high) if high < low => {
                        return Err("range out of order in character class".to_owned());
                    }
                    Some(high) => self.put(format_args!("\\x{low:02X}-\\x{high:02X}")),
                    None => {
                        // `a-\d`: both and a hyphen
                        if self.out.len() == before {
                            self.refuse("a range");
                        }
                        self.put(format_args!("\\x{low:02X}\\x2D"));
                    }
                }
            } else {
                self.put(format_args!("\\x{low:02X}"));
            }
        }
        self.out.push(']');
        Ok(())
    }

    /// One item: `Some(byte)` not yet written, or `None` when it was a set and is written.
    pub(super) fn class_item(&mut self, byte: u8) -> Result<Option<u8>, String> {
        if byte == b'[' && (self.starts(b":") || self.starts(b".") || self.starts(b"=")) {
            let rest = self.pattern.get(self.at..).unwrap_or_default();
            let close = [rest.first().copied().unwrap_or(b':'), b']'];
            if let Some(end) = rest.windows(2).skip(1).position(|pair| pair == close) {
                let name = String::from_utf8_lossy(rest.get(1..=end).unwrap_or_default()).into_owned();
                let known = [
                    "alpha", "lower", "upper", "alnum", "ascii", "blank", "cntrl", "digit", "graph", "print",
                    "punct", "space", "word", "xdigit",
                ];
                let plain = name.strip_prefix('^').unwrap_or(&name);
                if plain.bytes().all(|byte| byte.is_ascii_alphabetic()) && close[0] == b':' {
                    if !known.contains(&plain) {
                        return Err("unknown POSIX class name".to_owned());
                    }
                    self.put(format_args!("[:{name}:]"));
                    self.at += end + 3;
                    return Ok(None);
                }
                if plain.bytes().all(|byte| byte.is_ascii_alphabetic()) {
                    return Err("POSIX collating elements are not supported".to_owned());
                }
            }
            return Ok(Some(byte));
        }
        if byte != b'\\' {
            return Ok(Some(byte));
        }
        let Some(escaped) = self.bump() else { return Err("\\ at end of pattern".to_owned()) };
        match escaped {
            b'd' | b'D' | b'w' | b'W' | b's' | b'S' => {
                self.out.push('\\');
                self.out.push(char::from(escaped));
                Ok(None)
            }
            b'b' => Ok(Some(0x08)),
            b'1'..=b'9' | b'E' | b'Q' => {
                self.refuse("an escape in a class");
                Ok(Some(b'a'))
            }
            other => {
                if let Some(value) = self.single(other)? {
                    Ok(Some(value))
                } else {
                    self.refuse(&format!("\\{} in a class", char::from(other)));
                    Ok(Some(b'a'))
                }
            }
        }
    }
}
