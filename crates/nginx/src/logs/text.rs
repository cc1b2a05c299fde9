//! The report for people.

use std::fmt::Write as _;

use super::report::{Report, RouteReport};

/// Routes that are printed; JSON has them all.
const ROUTES: usize = 30;
/// Callers of a leftover that are printed.
const CALLERS: usize = 10;

/// The report as text; `moves` is the application that is to move, where one was named.
pub fn people(report: &Report, moves: Option<&str>) -> String {
    let mut out = String::new();
    head(&mut out, report);
    agreement(&mut out, report);
    sufficiency(&mut out, report);
    if let Some(moves) = moves {
        leftovers(&mut out, report, moves);
    }
    routes(&mut out, report);
    out
}

fn head(out: &mut String, report: &Report) {
    let _ = writeln!(
        out,
        "{} lines: {} parsed, {} rejected (format {})",
        grouped(report.lines),
        grouped(report.parsed),
        grouped(report.rejected),
        if report.format.is_empty() { "none" } else { &report.format }
    );
    if let (Some(first), Some(last)) = (&report.first, &report.last) {
        let _ = writeln!(out, "from {first} to {last}");
    }
    for (reason, count) in &report.rejected_by_reason {
        let _ = writeln!(out, "  {} {reason}", grouped(*count));
        for example in report.rejected_examples.get(reason).into_iter().flatten().take(3) {
            let text: String = example.text.chars().take(100).flat_map(char::escape_debug).collect();
            let _ = writeln!(out, "    {}:{}: {text}", example.file, example.line);
        }
    }
    if !report.hosts_exact {
        out.push_str(
            "hosts were too many to be counted apart: the rare ones stand together as (other hosts)\n",
        );
    }
}

fn agreement(out: &mut String, report: &Report) {
    let sum = &report.agreement;
    if sum.compared == 0 {
        out.push_str("agreement: nothing to compare (no $upstream_addr, or no certain route)\n");
        return;
    }
    let _ = writeln!(
        out,
        "agreement: the engine names the upstream that the log names in {} of {} lines ({})",
        grouped(sum.agreed),
        grouped(sum.compared),
        percent(sum.agreed, sum.compared)
    );
    for example in &sum.examples {
        let _ = writeln!(
            out,
            "  {}:{}: {} — engine {}, log {}",
            example.file, example.line, example.request, example.engine, example.log
        );
    }
}

fn sufficiency(out: &mut String, report: &Report) {
    if let Some(fix) = &report.fix {
        let _ = writeln!(
            out,
            "the log format lacks {}; write this line into http {{ }} and name it in access_log:\n  {fix}",
            report.missing.join(", ")
        );
    }
}

fn leftovers(out: &mut String, report: &Report, moves: &str) {
    let left: Vec<&RouteReport> = report.routes.iter().filter(|route| route.leftover).collect();
    if left.is_empty() {
        let _ =
            writeln!(out, "\nno leftovers: nothing reaches {moves} through a host whose / goes elsewhere");
        return;
    }
    let _ = writeln!(out, "\nleftovers: they reach {moves} through a host that stays");
    for route in left {
        let _ = writeln!(out, "  {}", line(route));
        let _ = writeln!(out, "    first {}, last {}", route.first, route.last);
        for caller in route.callers.iter().take(CALLERS) {
            let mut who = caller.name.clone().unwrap_or_else(|| "unnamed".to_owned());
            for (label, part) in
                [("owner", &caller.owner), ("user", &caller.user), ("agent", &caller.user_agent)]
            {
                if let Some(part) = part {
                    let part: String = part.chars().take(60).flat_map(char::escape_debug).collect();
                    let _ = write!(who, ", {label} {part}");
                }
            }
            let _ = writeln!(out, "    {:>12}  {:<15}  {who}", grouped(caller.requests), caller.client);
        }
        let others = route.callers.len().saturating_sub(CALLERS);
        if others > 0 || route.other_callers_requests > 0 {
            let exact = if route.callers_exact { "" } else { "; rare callers are not told apart" };
            let _ = writeln!(out, "    and {} more callers{exact}", grouped(others as u64));
        }
    }
}

fn routes(out: &mut String, report: &Report) {
    if report.routes.is_empty() {
        return;
    }
    out.push_str("\nroutes, busiest first\n");
    let mut busiest: Vec<&RouteReport> = report.routes.iter().collect();
    busiest.sort_by_key(|route| std::cmp::Reverse(route.requests));
    for route in busiest.iter().take(ROUTES) {
        let _ = writeln!(out, "  {}", line(route));
    }
    if busiest.len() > ROUTES {
        let _ =
            writeln!(out, "  and {} more (--json has them all)", grouped((busiest.len() - ROUTES) as u64));
    }
}

fn line(route: &RouteReport) -> String {
    let place = match (&route.location, &route.server) {
        (Some(location), _) => {
            let sign = if location.modifier.is_empty() || location.modifier == "@" {
                String::new()
            } else {
                format!("{} ", location.modifier)
            };
            format!("{sign}{} ({}:{})", location.pattern, location.file, location.line)
        }
        (None, Some(server)) => format!("server ({}:{})", server.file, server.line),
        (None, None) => "-".to_owned(),
    };
    format!(
        "{:>12}  {}  {place}  -> {}  {} callers{}",
        grouped(route.requests),
        route.host.as_deref().unwrap_or("(no host)"),
        route.destination.as_deref().unwrap_or("nginx itself"),
        grouped(route.callers.len() as u64),
        if route.leftover { "  LEFTOVER" } else { "" }
    )
}

/// `1,234,567`.
fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// Rounded down, so that only all is 100 %.
fn percent(part: u64, whole: u64) -> String {
    let hundredths = u128::from(part) * 10_000 / u128::from(whole.max(1));
    format!("{}.{:02} %", hundredths / 100, hundredths % 100)
}
