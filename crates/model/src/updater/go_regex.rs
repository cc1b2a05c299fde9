//! Regular expressions as Go's `regexp` reads them (`regexp/syntax`), written anew for the `regex` crate.
//!
//! Both have no look-around and no back references, and both prefer the leftmost alternative. They differ in
//! a few texts: what one refuses, the other takes. Image Updater lets no tag pass where Go refuses, so the
//! difference is seen.

mod class;
mod escape;

use std::{iter::Peekable, str::Chars};

use regex::{Regex, RegexBuilder};

/// Go refuses larger counts.
const MAX_REPEAT: u32 = 1_000;

/// Compiles a pattern of Go's; the error is in Go's words where it has some.
pub(super) fn compile(pattern: &str) -> Result<Regex, String> {
    let translated = Translator::new(pattern).run()?;
    RegexBuilder::new(&translated).octal(false).build().map_err(|error| {
        // The last line says what, those before show the pattern.
        error.to_string().lines().last().unwrap_or_default().trim_start_matches("error: ").to_owned()
    })
}

struct Translator<'a> {
    rest: Peekable<Chars<'a>>,
    out: String,
    /// What could be repeated: nothing yet, an atom, or an atom that is repeated already.
    last: Last,
    /// Flags for what follows, `(?i)`. A repetition right behind them repeats what stands before them.
    flags: String,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Last {
    Nothing,
    Atom,
    Repeated,
}

impl<'a> Translator<'a> {
    fn new(pattern: &'a str) -> Self {
        Self {
            rest: pattern.chars().peekable(),
            out: String::new(),
            last: Last::Nothing,
            flags: String::new(),
        }
    }

    fn run(mut self) -> Result<String, String> {
        while let Some(c) = self.rest.next() {
            if !matches!(c, '*' | '+' | '?' | '{' | '(') {
                self.turn();
            }
            match c {
                '\\' => self.escape()?,
                '[' => self.class()?,
                '(' => self.open()?,
                '|' => self.plain('|', Last::Nothing),
                '*' | '+' | '?' => self.repeat(&c.to_string())?,
                '{' => self.count()?,
                ')' | '.' | '^' | '$' => self.plain(c, Last::Atom),
                c => self.literal(c),
            }
        }
        self.turn();
        Ok(self.out)
    }

    /// Flags come into force.
    fn turn(&mut self) {
        self.out.push_str(&std::mem::take(&mut self.flags));
    }

    fn plain(&mut self, c: char, last: Last) {
        self.out.push(c);
        self.last = last;
    }

    fn atom(&mut self, text: &str) {
        self.out.push_str(text);
        self.last = Last::Atom;
    }

    fn literal(&mut self, c: char) {
        self.atom(&regex::escape(c.encode_utf8(&mut [0; 4])));
    }

    fn repeat(&mut self, operator: &str) -> Result<(), String> {
        match self.last {
            Last::Nothing => return Err(format!("missing argument to repetition operator: `{operator}`")),
            Last::Repeated => return Err(format!("invalid nested repetition operator: `{operator}`")),
            Last::Atom => {}
        }
        self.out.push_str(operator);
        if self.rest.next_if_eq(&'?').is_some() {
            self.out.push('?');
        }
        self.last = Last::Repeated;
        Ok(())
    }

    /// `{2}`, `{2,}`, `{2,3}`; anything else is the character.
    fn count(&mut self) -> Result<(), String> {
        let text: String = self.rest.clone().take_while(|c| *c != '}').collect();
        let closed = self.rest.clone().nth(text.chars().count()) == Some('}');
        let (low, high) = text.split_once(',').map_or((text.as_str(), None), |(low, high)| (low, Some(high)));
        // A number has no zeros in front.
        let is_number = |t: &str| {
            !t.is_empty() && t.bytes().all(|b| b.is_ascii_digit()) && (t.len() == 1 || !t.starts_with('0'))
        };
        if !closed || !is_number(low) || !high.is_none_or(|high| high.is_empty() || is_number(high)) {
            self.turn();
            self.literal('{');
            return Ok(());
        }
        let too_large = || format!("invalid repeat count: `{{{text}}}`");
        let number = |t: &str| t.parse::<u32>().ok().filter(|n| *n <= MAX_REPEAT).ok_or_else(too_large);
        let least = number(low)?;
        if let Some(high) = high.filter(|high| !high.is_empty())
            && number(high)? < least
        {
            return Err(too_large());
        }
        for _ in 0..=text.chars().count() {
            self.rest.next();
        }
        self.repeat(&format!("{{{text}}}"))
    }

    /// A group with its flags: Go has `i`, `m`, `s` and `U` only.
    fn open(&mut self) -> Result<(), String> {
        if self.rest.next_if_eq(&'?').is_none() {
            self.turn();
            self.plain('(', Last::Nothing);
            return Ok(());
        }
        let head: String = self.rest.clone().take_while(|c| !matches!(c, ':' | ')' | '>')).collect();
        let end = self.rest.clone().nth(head.chars().count());
        let refused = || format!("invalid or unsupported Perl syntax: `(?{head}`");
        let name = head.strip_prefix("P<").or_else(|| head.strip_prefix('<'));
        if let Some(name) = name {
            let fits = !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
            if !fits || end != Some('>') {
                return Err(format!("invalid named capture: `(?{head}`"));
            }
            // Names are not asked for, and the two have different ideas of a good one.
            self.turn();
            self.plain('(', Last::Nothing);
        } else {
            let flags_fit = head.chars().all(|c| matches!(c, 'i' | 'm' | 's' | 'U' | '-'))
                && head.matches('-').count() <= 1
                && !head.ends_with('-');
            if !flags_fit || !matches!(end, Some(':' | ')')) {
                return Err(refused());
            }
            if end == Some(')') {
                // `(?)` sets nothing.
                if !head.is_empty() {
                    self.flags.extend(["(?", &head, ")"]);
                }
                if self.last == Last::Repeated {
                    self.last = Last::Atom;
                }
            } else {
                self.turn();
                self.out.extend(["(?", &head, ":"]);
                self.last = Last::Nothing;
            }
        }
        for _ in 0..=head.chars().count() {
            self.rest.next();
        }
        Ok(())
    }
}
