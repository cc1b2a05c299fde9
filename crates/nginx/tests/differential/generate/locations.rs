//! Locations and what they are found by.

use super::Generator;
use super::words::{PATTERNS, PREFIXES};

impl Generator<'_> {
    pub(super) fn location(&mut self, inside: &str, used: &mut Vec<String>, depth: usize) {
        let kind = self.random.below(8);
        let (head, regex, exact, prefix) = if kind < 3 {
            let pattern = self.random.pick(PATTERNS);
            let sign = if kind == 0 { "~*" } else { "~" };
            let joined = if self.random.one_in(10) { "" } else { " " };
            // a sign and its pattern may be one word
            let head = if joined.is_empty() {
                format!("location \"{sign}{pattern}\"")
            } else {
                format!("location {sign} \"{pattern}\"")
            };
            (head, true, false, pattern.to_owned())
        } else {
            let prefix = self.random.pick(PREFIXES);
            if !prefix.starts_with(inside) {
                return;
            }
            let exact = kind == 3;
            let key = format!("{exact}{prefix}");
            if used.contains(&key) {
                return;
            }
            used.push(key);
            let sign = match kind {
                3 => "= ",
                4 => "^~ ",
                _ => "",
            };
            let quoted = prefix.contains(' ') || self.random.one_in(12);
            let shown = if quoted { format!("\"{prefix}\"") } else { prefix.to_owned() };
            (format!("location {sign}{shown}"), false, exact, prefix.to_owned())
        };
        self.out.open(&head);
        if self.random.one_in(12) {
            self.out.line("internal;");
        }
        self.body(false, regex, false);
        if !exact && depth < 2 && self.random.one_in(3) {
            let mut inner = Vec::new();
            for _ in 0..=self.random.below(2) {
                self.location(&prefix, &mut inner, depth + 1);
            }
        }
        self.out.line("}");
    }
}
