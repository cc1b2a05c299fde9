//! Groups, quantifiers and inline flags of a pattern.

use super::translate::{Last, Level, Translator};

impl Translator<'_> {
    /// After a quantifier was written: `optional` when it allows no occurrence, `many` when more than one.
    pub(super) fn quantifier(&mut self, optional: bool, many: bool) -> Result<(), String> {
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

    pub(super) fn brace(&mut self) -> Result<(), String> {
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

    pub(super) fn open(&mut self) -> Result<(), String> {
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
    pub(super) fn flags(&mut self) -> Result<(), String> {
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

    pub(super) fn close(&mut self) -> Result<(), String> {
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
