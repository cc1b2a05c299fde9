//! Makes a configuration that shows a difference as small as it gets.

use landfall_nginx::route::Request;

use crate::differential::http::Observed;
use crate::differential::{Difference, Tally, nginx::Bench, run_one};

/// Configurations that are tried.
const TRIES: usize = 600;

/// Drops lines, whole blocks and headers as long as nginx answers the same and the difference stays.
pub fn shrink(bench: &Bench, text: &str, difference: &Difference) -> (String, Request) {
    let saw = &difference.observed;
    let mut request = difference.request.clone();
    for index in (0..request.headers.len()).rev() {
        let mut plainer = request.clone();
        plainer.headers.remove(index);
        if differs(bench, text, &plainer, saw) {
            request = plainer;
        }
    }
    for (host, method) in [("a.example", ""), ("", "GET")] {
        let mut plainer = request.clone();
        if method.is_empty() {
            plainer.host = host.as_bytes().to_vec();
        } else {
            method.clone_into(&mut plainer.method);
        }
        if differs(bench, text, &plainer, saw) {
            request = plainer;
        }
    }
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    let mut tries = 0;
    loop {
        let mut smaller = false;
        let mut at = 0;
        while at < lines.len() && tries < TRIES {
            let end = block_end(&lines, at);
            if lines[at].trim() == "}" || lines[at..=end].iter().any(|line| line.contains("# keep")) {
                at += 1;
                continue;
            }
            let mut candidate = lines.clone();
            candidate.drain(at..=end);
            tries += 1;
            if differs(bench, &candidate.join("\n"), &request, saw) {
                lines = candidate;
                smaller = true;
            } else {
                at += 1;
            }
        }
        if !smaller || tries >= TRIES {
            return (relabel(&lines.join("\n")), request);
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

fn differs(bench: &Bench, text: &str, request: &Request, saw: &Observed) -> bool {
    // labels name lines: they move when lines go
    let text = relabel(text);
    let mut tally = Tally::default();
    let found = run_one(bench, &text, std::slice::from_ref(request), true, &mut tally);
    found.first().is_some_and(|difference| {
        let now = &difference.observed;
        now.status == saw.status
            && now.closed == saw.closed
            && now.upstream.is_empty() == saw.upstream.is_empty()
            && now.location.is_some() == saw.location.is_some()
    })
}

/// Writes each block's line into its `X-At` label anew.
fn relabel(text: &str) -> String {
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
