//! Rewrites a PCRE pattern so that the Rust engines read it the same way, and says which engine may run it.
//!
//! Differences that matter: `\<` and `[a[b]]` mean something else to the engines, `{` may be literal, `a++` is
//! possessive, an octal escape is no back-reference, and repeated groups that can match nothing behave
//! differently; whatever is not known to be the same is left to no engine.

/// Which engine may run the pattern.
pub(super) enum Engine {
    Linear,
    Backtracking,
    None(String),
}

pub(super) struct Translated {
    pub text: String,
    pub engine: Engine,
    pub dollar: bool,
    pub names: Vec<(String, usize)>,
    pub groups: usize,
}

/// One open group, or the pattern itself.
#[derive(Default)]
struct Level {
    /// An alternative before this one can match nothing.
    any_empty: bool,
    /// Something in this alternative needs at least one byte.
    consumes: bool,
    /// What the last item is, for quantifiers.
    last: Last,
    look: bool,
}

#[derive(Default, Clone, Copy, PartialEq)]
enum Last {
    /// Nothing that could be repeated.
    #[default]
    Nothing,
    /// An assertion: repeating it is left alone.
    Assertion,
    /// A byte or class.
    Byte,
    /// A group; whether it can match nothing.
    Group { empty: bool },
    /// A quantifier stands here already.
    Repeated,
}

struct Translator<'p> {
    pattern: &'p [u8],
    at: usize,
    out: String,
    levels: Vec<Level>,
    backtracking: bool,
    none: Option<String>,
    dollar: bool,
    names: Vec<(String, usize)>,
    groups: usize,
}

pub(super) fn translate(pattern: &[u8]) -> Result<Translated, String> {
    let mut translator = Translator {
        pattern,
        at: 0,
        out: String::with_capacity(pattern.len() + 8),
        levels: vec![Level::default()],
        backtracking: false,
        none: None,
        dollar: false,
        names: Vec::new(),
        groups: 0,
    };
    translator.run()?;
    let engine = match translator.none {
        Some(why) => Engine::None(why),
        None if translator.backtracking => Engine::Backtracking,
        None => Engine::Linear,
    };
    Ok(Translated {
        text: translator.out,
        engine,
        dollar: translator.dollar,
        names: translator.names,
        groups: translator.groups,
    })
}

impl Translator<'_> {
    fn peek(&self) -> Option<u8> {
        self.pattern.get(self.at).copied()
    }

    fn starts(&self, text: &[u8]) -> bool {
        self.pattern.get(self.at..).is_some_and(|rest| rest.starts_with(text))
    }

    fn bump(&mut self) -> Option<u8> {
        let byte = self.peek()?;
        self.at += 1;
        Some(byte)
    }

    fn refuse(&mut self, what: &str) {
        self.none.get_or_insert_with(|| format!("{what} in the pattern"));
    }

    fn put(&mut self, text: std::fmt::Arguments<'_>) {
        use std::fmt::Write as _;
        let _ = self.out.write_fmt(text); // writing to a String does not fail
    }

    fn level(&mut self) -> &mut Level {
        if self.levels.is_empty() {
            self.levels.push(Level::default());
        }
        let last = self.levels.len() - 1;
        &mut self.levels[last]
    }

    /// A literal byte, written so that no engine takes it for syntax.
    fn literal(&mut self, byte: u8) {
        if byte.is_ascii_alphanumeric() || byte == b'/' || byte == b'_' {
            self.out.push(char::from(byte));
        } else {
            self.put(format_args!("\\x{byte:02X}"));
        }
    }

    fn byte_item(&mut self) {
        let level = self.level();
        level.consumes = true;
        level.last = Last::Byte;
    }

    fn assertion(&mut self) {
        self.level().last = Last::Assertion;
    }

    fn run(&mut self) -> Result<(), String> {
        while let Some(byte) = self.bump() {
            match byte {
                b'\\' => self.escape()?,
                b'[' => {
                    self.class()?;
                    self.byte_item();
                }
                b'(' => self.open()?,
                b')' => self.close()?,
                b'|' => {
                    self.out.push('|');
                    let level = self.level();
                    level.any_empty |= !level.consumes;
                    level.consumes = false;
                    level.last = Last::Nothing;
                }
                b'*' | b'+' | b'?' => {
                    self.out.push(char::from(byte));
                    self.quantifier(byte != b'+', byte != b'?')?;
                }
                b'{' => self.brace()?,
                b'^' => {
                    self.out.push('^');
                    self.assertion();
                }
                b'$' => {
                    self.dollar = true;
                    self.out.push('$');
                    self.assertion();
                }
                b'.' => {
                    self.out.push('.');
                    self.byte_item();
                }
                byte => {
                    self.literal(byte);
                    self.byte_item();
                }
            }
        }
        if self.levels.len() > 1 {
            return Err("missing closing parenthesis".to_owned());
        }
        Ok(())
    }

    /// After a quantifier was written: `optional` when it allows no occurrence, `many` when more than one.
    fn quantifier(&mut self, optional: bool, many: bool) -> Result<(), String> {
        match self.level().last {
            Last::Nothing | Last::Repeated => {
                return Err("quantifier does not follow a repeatable item".to_owned());
            }
            Last::Assertion => self.refuse("a repeated assertion"),
            Last::Group { empty: true } if many => {
                self.refuse("a repeated group that can match nothing");
            }
            Last::Group { .. } | Last::Byte => {}
        }
        if optional {
            // what was counted as consuming may be absent; being wrong here only makes more patterns unknown
            self.level().consumes = false;
        }
        match self.peek() {
            Some(b'?') => {
                self.at += 1;
                self.out.push('?');
            }
            Some(b'+') => {
                self.at += 1;
                self.out.push('+');
                self.backtracking = true; // possessive
            }
            _ => {}
        }
        self.level().last = Last::Repeated;
        Ok(())
    }

    fn brace(&mut self) -> Result<(), String> {
        let rest = self.pattern.get(self.at..).unwrap_or_default();
        let Some((low, high, len)) = repeat_counts(rest) else {
            self.literal(b'{');
            self.byte_item();
            return Ok(());
        };
        if low > 65_535 || high.is_some_and(|high| high > 65_535) {
            return Err("number too big in {} quantifier".to_owned());
        }
        if high.is_some_and(|high| high < low) {
            return Err("numbers out of order in {} quantifier".to_owned());
        }
        let inner = String::from_utf8_lossy(rest.get(..len).unwrap_or_default()).into_owned();
        self.at += len;
        self.out.push('{');
        self.out.push_str(&inner);
        self.quantifier(low == 0, high != Some(1) && high != Some(0))
    }

    fn open(&mut self) -> Result<(), String> {
        let mut look = false;
        if self.starts(b"*") {
            self.refuse("a verb");
        }
        if self.starts(b"?") {
            self.at += 1;
            if self.starts(b"#") {
                while self.bump().ok_or("missing ) after (?# comment")? != b')' {}
                return Ok(());
            }
            let rest = self.pattern.get(self.at..).unwrap_or_default();
            let simple: [(&[u8], bool); 6] =
                [(b":", false), (b"=", true), (b"!", true), (b"<=", true), (b"<!", true), (b">", false)];
            if let Some((kind, is_look)) = simple.iter().find(|(kind, _)| rest.starts_with(kind)) {
                self.at += kind.len();
                self.out.push_str("(?");
                self.out.push_str(&String::from_utf8_lossy(kind));
                self.backtracking |= *is_look || *kind == b">";
                look = *is_look;
            } else if rest.starts_with(b"<") || rest.starts_with(b"P<") || rest.starts_with(b"'") {
                let start = if rest.starts_with(b"P") { 2 } else { 1 };
                let close = if rest.starts_with(b"'") { b'\'' } else { b'>' };
                let name = rest.get(start..).unwrap_or_default();
                let end = name
                    .iter()
                    .position(|byte| *byte == close)
                    .ok_or("syntax error in subpattern name (missing terminator?)")?;
                let name = String::from_utf8_lossy(name.get(..end).unwrap_or_default()).into_owned();
                let plain = name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
                if !plain || name.is_empty() || name.len() > 32 || name.as_bytes()[0].is_ascii_digit() {
                    return Err("subpattern name expected".to_owned());
                }
                if self.names.iter().any(|(other, _)| *other == name) {
                    return Err("two named subpatterns have the same name".to_owned());
                }
                self.at += start + end + 1;
                self.groups += 1;
                self.out.push('(');
                self.names.push((name, self.groups));
            } else {
                return self.flags();
            }
        } else {
            self.groups += 1;
            self.out.push('(');
        }
        self.levels.push(Level { look, ..Level::default() });
        if self.levels.len() > 200 {
            return Err("parentheses are too deeply nested".to_owned());
        }
        Ok(())
    }

    /// `(?i)`, `(?i:...)`.
    fn flags(&mut self) -> Result<(), String> {
        let rest = self.pattern.get(self.at..).unwrap_or_default();
        let len = rest.iter().take_while(|byte| matches!(byte, b'i' | b'm' | b's' | b'U' | b'-')).count();
        let flags = String::from_utf8_lossy(rest.get(..len).unwrap_or_default()).into_owned();
        self.at += len;
        if flags.contains('m') {
            self.refuse("multi-line mode");
        }
        match self.bump() {
            Some(b')') if !flags.is_empty() && flags != "-" => {
                self.put(format_args!("(?{flags})"));
            }
            Some(b':') if !flags.is_empty() && flags != "-" => {
                self.put(format_args!("(?{flags}:"));
                self.levels.push(Level::default());
            }
            None => return Err("unrecognized character after (? or (?-".to_owned()),
            Some(_) => {
                // recursion, conditions, branch resets: PCRE knows them, no engine here does
                self.refuse("an extension");
                self.at = self.pattern.len();
                self.levels.truncate(1);
            }
        }
        Ok(())
    }

    fn close(&mut self) -> Result<(), String> {
        if self.levels.len() < 2 {
            return Err("unmatched closing parenthesis".to_owned());
        }
        let Some(level) = self.levels.pop() else { return Ok(()) };
        self.out.push(')');
        let empty = level.any_empty || !level.consumes;
        let outer = self.level();
        if level.look {
            outer.last = Last::Assertion;
        } else {
            outer.last = Last::Group { empty };
            outer.consumes |= !empty;
        }
        Ok(())
    }

    fn escape(&mut self) -> Result<(), String> {
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
    fn single(&mut self, byte: u8) -> Result<Option<u8>, String> {
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

    fn class(&mut self) -> Result<(), String> {
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
    fn class_item(&mut self, byte: u8) -> Result<Option<u8>, String> {
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

/// `n}`, `n,}`, `n,m}` after a `{`: the numbers and the length.
fn repeat_counts(rest: &[u8]) -> Option<(u64, Option<u64>, usize)> {
    let end = rest.iter().position(|byte| *byte == b'}')?;
    let inner = std::str::from_utf8(rest.get(..end)?).ok()?;
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit()) && text.len() < 10;
    let (low, high) = match inner.split_once(',') {
        Some((low, "")) if digits(low) => (low, None),
        Some((low, high)) if digits(low) && digits(high) => (low, Some(high.parse().ok()?)),
        None if digits(inner) => (inner, Some(inner.parse().ok()?)),
        _ => return None,
    };
    Some((low.parse().ok()?, high, end + 1))
}
