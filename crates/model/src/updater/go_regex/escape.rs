//! What stands behind a backslash.

use super::{Translator, class::perl};

impl Translator<'_> {
    pub(super) fn escape(&mut self) -> Result<(), String> {
        let Some(c) = self.rest.next() else {
            return Err("trailing backslash at end of expression".to_owned());
        };
        match c {
            'Q' => {
                while let Some(c) = self.rest.next() {
                    if c == '\\' && self.rest.next_if_eq(&'E').is_some() {
                        return Ok(());
                    }
                    self.literal(c);
                }
            }
            'A' | 'z' => self.atom(if c == 'A' { r"\A" } else { r"\z" }),
            'b' => self.atom(r"(?-u:\b)"),
            'B' => self.atom(r"(?-u:\B)"),
            'p' | 'P' => {
                let class = self.property(c)?;
                self.atom(&class);
            }
            c => {
                if let Some(class) = perl(c) {
                    self.atom(&format!("[{class}]"));
                } else {
                    let c = self.escaped_char(c)?;
                    self.literal(c);
                }
            }
        }
        Ok(())
    }

    /// `\pL`, `\p{Greek}`, `\p{^Greek}`.
    pub(super) fn property(&mut self, kind: char) -> Result<String, String> {
        let refused = || "invalid character class range".to_owned();
        let mut name = String::new();
        match self.rest.next().ok_or_else(refused)? {
            '{' => loop {
                match self.rest.next().ok_or_else(refused)? {
                    '}' => break,
                    c => name.push(c),
                }
            },
            c => name.push(c),
        }
        let negated = name.starts_with('^') != (kind == 'P');
        let name = name.trim_start_matches('^');
        let own = if name == "Any" { "any" } else { name };
        Ok(format!(r"\{}{{{own}}}", if negated { 'P' } else { 'p' }))
    }

    pub(super) fn escaped_char(&mut self, c: char) -> Result<char, String> {
        let refused = || format!("invalid escape sequence: `\\{c}`");
        let is_octal = |c: &char| ('0'..='7').contains(c);
        Ok(match c {
            'a' => '\u{7}',
            'f' => '\u{c}',
            'n' => '\n',
            'r' => '\r',
            't' => '\t',
            'v' => '\u{b}',
            'x' => return self.hex().ok_or_else(refused),
            // One digit that is not zero would be a back reference.
            '1'..='7' if !self.rest.peek().is_some_and(is_octal) => return Err(refused()),
            '0'..='7' => {
                let mut value = c.to_digit(8).unwrap_or_default();
                for _ in 0..2 {
                    let Some(digit) = self.rest.next_if(is_octal) else { break };
                    value = value * 8 + digit.to_digit(8).unwrap_or_default();
                }
                char::from_u32(value).ok_or_else(refused)?
            }
            c if c.is_ascii() && !c.is_ascii_alphanumeric() => c,
            _ => return Err(refused()),
        })
    }

    fn hex(&mut self) -> Option<char> {
        let digits: String = if self.rest.next_if_eq(&'{').is_some() {
            let text: String = self.rest.clone().take_while(|c| *c != '}').collect();
            for _ in 0..text.chars().count() {
                self.rest.next();
            }
            self.rest.next_if_eq(&'}')?;
            text
        } else {
            [self.rest.next()?, self.rest.next()?].iter().collect()
        };
        if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_hexdigit()) {
            return None;
        }
        char::from_u32(u32::from_str_radix(&digits, 16).ok()?)
    }
}
