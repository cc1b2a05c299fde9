//! Answers and lists of routes for people.

use std::fmt::Write as _;

use super::answer::{Answer, LocationRef, Outcome, Verdict};
use super::list::Listed;

/// The answer as text.
pub fn people(answer: &Answer) -> String {
    let mut text = match answer.verdict {
        Verdict::Certain => "certain\n",
        Verdict::Conditional => "conditional: one of these, by its condition\n",
        Verdict::Unknown => "unknown\n",
    }
    .to_owned();
    for outcome in &answer.outcomes {
        let _ = writeln!(text, "  {}", outcome_line(outcome));
    }
    for unknown in &answer.unknown {
        let _ = writeln!(text, "  hidden by {} ({}:{})", unknown.directive, unknown.file, unknown.line);
    }
    if let Some(server) = &answer.server {
        let names: Vec<&str> = server.names.iter().map(|name| named(name)).collect();
        let _ = writeln!(text, "server {} ({}:{})", names.join(" "), server.file, server.line);
    }
    if let Some(location) = &answer.location {
        let _ = writeln!(text, "location {} ({}:{})", shown(location), location.file, location.line);
    }
    text.push_str("because\n");
    for step in &answer.because {
        let _ = writeln!(text, "  - {step}");
    }
    text
}

/// The list as text: servers with what each location does.
pub fn listed(routes: &[Listed]) -> String {
    let mut text = String::new();
    let mut server = None;
    for route in routes {
        if server != Some((&route.server.file, route.server.line)) {
            server = Some((&route.server.file, route.server.line));
            let names: Vec<&str> = route.server.names.iter().map(|name| named(name)).collect();
            let _ = writeln!(
                text,
                "{}server {} on {} ({}:{})",
                if text.is_empty() { "" } else { "\n" },
                names.join(" "),
                route.listen.join(", "),
                route.server.file,
                route.server.line
            );
        }
        let place = route.location.as_ref().map_or_else(
            || "  at server level".to_owned(),
            |location| format!("  location {} (line {})", shown(location), location.line),
        );
        let _ = writeln!(text, "{place}");
        for outcome in &route.outcomes {
            let _ = writeln!(text, "    {}", outcome_line(outcome));
        }
        for note in &route.notes {
            let _ = writeln!(text, "    ({note})");
        }
    }
    text
}

fn named(name: &str) -> &str {
    if name.is_empty() { "\"\"" } else { name }
}

fn shown(location: &LocationRef) -> String {
    match location.modifier.as_str() {
        "" | "@" => location.pattern.clone(),
        sign => format!("{sign} {}", location.pattern),
    }
}

/// `proxy to app_b (127.0.0.1:3002) as /x — when ...`
fn outcome_line(outcome: &Outcome) -> String {
    let mut line = format!("{:?}", outcome.kind).to_lowercase();
    if let Some(status) = outcome.status {
        let _ = write!(line, " {status}");
    }
    if let Some(upstream) = &outcome.upstream {
        let _ = write!(line, " to {upstream}");
        let others: Vec<&str> =
            outcome.addresses.iter().map(String::as_str).filter(|address| address != upstream).collect();
        if !others.is_empty() {
            let _ = write!(line, " ({})", others.join(", "));
        }
    }
    if let Some(uri) = &outcome.uri {
        let word = if outcome.upstream.is_some() { "as" } else { "to" };
        let _ = write!(line, " {word} {}", uri.escape_debug());
    }
    if let Some(condition) = &outcome.condition {
        let _ = write!(line, " — when {condition}");
    }
    line
}
