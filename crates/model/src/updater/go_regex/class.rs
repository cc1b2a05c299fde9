//! Classes in square brackets, and those with a letter of their own.

use super::Translator;

impl Translator<'_> {
    /// A class, each character written so that it means itself.
    pub(super) fn class(&mut self) -> Result<(), String> {
        let missing = || "missing closing ]".to_owned();
        let mut class = String::from("[");
        if self.rest.next_if_eq(&'^').is_some() {
            class.push('^');
        }
        let mut first = true;
        loop {
            let c = self.rest.next().ok_or_else(missing)?;
            if c == ']' && !first {
                break;
            }
            first = false;
            if c == '[' && self.rest.peek() == Some(&':') {
                let name: String = self.rest.clone().skip(1).take_while(|c| *c != ']').collect();
                if let Some(own) = name.strip_suffix(':') {
                    for _ in 0..name.chars().count() + 2 {
                        self.rest.next();
                    }
                    let known = own.strip_prefix('^').unwrap_or(own);
                    if !POSIX.contains(&known) {
                        return Err(format!("invalid character class range: `[:{own}:]`"));
                    }
                    class.extend(["[:", own, ":]"]);
                    continue;
                }
            }
            if c == '\\' {
                match self.rest.peek().copied() {
                    Some(kind @ ('p' | 'P')) => {
                        self.rest.next();
                        class.push_str(&self.property(kind)?);
                        continue;
                    }
                    Some(kind) if perl(kind).is_some() => {
                        self.rest.next();
                        class.push('[');
                        class.push_str(perl(kind).unwrap_or_default());
                        class.push(']');
                        continue;
                    }
                    _ => {}
                }
            }
            let low = self.class_char(c)?;
            let mut ahead = self.rest.clone();
            let high = match (ahead.next(), ahead.next()) {
                (Some('-'), Some(end)) if end != ']' => {
                    self.rest.next();
                    let c = self.rest.next().ok_or_else(missing)?;
                    self.class_char(c)?
                }
                _ => low,
            };
            if high < low {
                return Err(format!("invalid character class range: `{low}-{high}`"));
            }
            let range = format!(r"\x{{{:x}}}-\x{{{:x}}}", u32::from(low), u32::from(high));
            class.push_str(&range);
        }
        class.push(']');
        self.atom(&class);
        Ok(())
    }

    fn class_char(&mut self, c: char) -> Result<char, String> {
        if c != '\\' {
            return Ok(c);
        }
        let c = self.rest.next().ok_or_else(|| "missing closing ]".to_owned())?;
        self.escaped_char(c)
    }
}

/// Classes by name, `[[:alpha:]]`.
const POSIX: [&str; 14] = [
    "alnum", "alpha", "ascii", "blank", "cntrl", "digit", "graph", "lower", "print", "punct", "space",
    "upper", "word", "xdigit",
];

/// Perl's classes, which know ASCII only in Go.
pub(super) fn perl(c: char) -> Option<&'static str> {
    Some(match c {
        'd' => "0-9",
        'D' => "^0-9",
        's' => r"\t\n\x0c\r ",
        'S' => r"^\t\n\x0c\r ",
        'w' => "0-9A-Za-z_",
        'W' => "^0-9A-Za-z_",
        _ => return None,
    })
}
