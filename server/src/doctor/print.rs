//! The report as text and as JSON.

use std::fmt::Write as _;

use serde::Serialize;

use super::{Check, Outcome};
use crate::config::Config;

/// The JSON document.
#[derive(Debug, Serialize)]
pub struct Report<'a> {
    config: String,
    failed: usize,
    warned: usize,
    checks: &'a [Check],
}

impl<'a> Report<'a> {
    pub fn new(config: &Config, checks: &'a [Check]) -> Self {
        Self {
            config: config.file.display().to_string(),
            failed: count(checks, Outcome::Fail),
            warned: count(checks, Outcome::Warn),
            checks,
        }
    }
}

fn count(checks: &[Check], outcome: Outcome) -> usize {
    checks.iter().filter(|check| check.outcome == outcome).count()
}

/// Exactly one JSON document.
pub fn json(value: &impl Serialize) -> anyhow::Result<String> {
    let mut text = serde_json::to_string_pretty(value)?;
    text.push('\n');
    Ok(text)
}

/// One line per check, the way to mend it below.
pub fn text(checks: &[Check], paint: bool) -> String {
    let mut out = String::new();
    let mut about = "";
    let wide = checks.iter().map(|check| check.what.chars().count()).max().unwrap_or(0).min(44);
    for check in checks {
        if check.about != about {
            about = &check.about;
            let _ = writeln!(out, "{}{about}", if out.is_empty() { "" } else { "\n" });
        }
        let (glyph, word) = check.outcome.mark();
        let mark = painted(&format!("{glyph} {word:<4}"), check.outcome, paint);
        let _ = writeln!(out, "  {mark}  {:<wide$}  {}", plain(&check.what), plain(&check.found));
        if let Some(mend) = &check.mend {
            let _ = writeln!(out, "          {:<wide$}  → {}", "", plain(mend));
        }
    }
    let failed = count(checks, Outcome::Fail);
    let warned = count(checks, Outcome::Warn);
    let _ = writeln!(out, "\n{} checks, {failed} failed, {warned} warned", checks.len());
    out
}

fn painted(text: &str, outcome: Outcome, paint: bool) -> String {
    if !paint {
        return text.to_owned();
    }
    let code = match outcome {
        Outcome::Ok => 32,
        Outcome::Warn => 33,
        Outcome::Fail => 31,
    };
    format!("\x1b[{code}m{text}\x1b[0m")
}

/// Text from outside, without what could move the cursor or turn the line around.
pub fn plain(text: &str) -> String {
    let turns =
        |c: char| matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    text.chars().map(|c| if c.is_control() || turns(c) { '\u{fffd}' } else { c }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_report() {
        let checks = [
            Check::new("configuration", "landfall.toml", Outcome::Ok, "1 cluster"),
            Check::new("cluster/prod", "list pods", Outcome::Fail, "no permission")
                .mend("kubectl apply -f x"),
        ];
        insta::assert_snapshot!(text(&checks, false), @r"
        configuration
          ✓ ok    landfall.toml  1 cluster

        cluster/prod
          ✗ fail  list pods      no permission
                                 → kubectl apply -f x

        2 checks, 1 failed, 0 warned
        ");
    }

    #[test]
    fn nothing_from_outside_moves_the_cursor() {
        assert_eq!(plain("a\u{1b}[2Jb\u{202e}c\n"), "a\u{fffd}[2Jb\u{fffd}c\u{fffd}");
    }
}
