//! Makes a configuration that shows a difference as small as it gets.

use landfall_nginx::route::Request;

use crate::differential::{Tally, nginx::Bench, run_one};

/// Drops lines and whole blocks as long as the request still shows a difference.
pub fn shrink(bench: &Bench, text: &str, request: &Request) -> String {
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    let mut tries = 0;
    loop {
        let mut smaller = false;
        let mut at = 0;
        while at < lines.len() && tries < 600 {
            let end = block_end(&lines, at);
            if lines[at].trim() == "}" || lines[at].contains("# keep") {
                at += 1;
                continue;
            }
            let mut candidate = lines.clone();
            candidate.drain(at..=end);
            tries += 1;
            if differs(bench, &candidate.join("\n"), request) {
                lines = candidate;
                smaller = true;
            } else {
                at += 1;
            }
        }
        if !smaller || tries >= 600 {
            return lines.join("\n") + "\n";
        }
    }
}

fn block_end(lines: &[String], start: usize) -> usize {
    if !lines[start].trim_end().ends_with('{') {
        return start;
    }
    let mut depth = 0_i32;
    for (index, line) in lines.iter().enumerate().skip(start) {
        let line = line.trim();
        depth += i32::from(line.ends_with('{'));
        depth -= i32::from(line == "}");
        if depth == 0 {
            return index;
        }
    }
    start
}

fn differs(bench: &Bench, text: &str, request: &Request) -> bool {
    // labels name lines: they move when lines go
    let text = relabel(text);
    let mut tally = Tally::default();
    !run_one(bench, &text, std::slice::from_ref(request), true, &mut tally).is_empty()
}

/// Writes each block's line into its `X-At` label anew.
pub fn relabel(text: &str) -> String {
    let mut open: Vec<(String, usize)> = Vec::new();
    let mut out = Vec::new();
    for (index, line) in text.lines().enumerate() {
        let trimmed = line.trim();
        if trimmed.ends_with('{') {
            open.push((trimmed.split(' ').next().unwrap_or_default().to_owned(), index + 1));
        } else if trimmed == "}" {
            open.pop();
        }
        if trimmed.starts_with("add_header X-At")
            && let Some((kind, start)) = open.last()
        {
            let letter = if kind == "server" { 'S' } else { 'L' };
            out.push(format!("add_header X-At \"{letter}{start}|$upstream_addr\" always;"));
        } else {
            out.push(line.to_owned());
        }
    }
    out.join("\n") + "\n"
}
