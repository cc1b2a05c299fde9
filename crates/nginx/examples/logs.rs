//! Access logs to counts by route and caller, from the command line.
//!
//! `logs --config FILE [--prefix DIR] [--format NAME] [--clients clients.toml] [--moves UPSTREAM] FILE... [--json]`

use std::process::ExitCode;

use landfall_nginx::config::Config;
use landfall_nginx::logs::{Clients, LogOptions, Reader};

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("error: {message}");
            ExitCode::from(2)
        }
    }
}

fn run() -> Result<(), String> {
    let mut config = None;
    let mut prefix = None;
    let mut options = LogOptions::default();
    let mut files = Vec::new();
    let mut json = false;
    let mut args = std::env::args().skip(1);
    while let Some(arg) = args.next() {
        let mut value = || args.next().ok_or_else(|| format!("{arg} needs a value"));
        match arg.as_str() {
            "--json" => json = true,
            "--config" => config = Some(value()?),
            "--prefix" => prefix = Some(value()?),
            "--format" => options.format = Some(value()?),
            "--moves" => options.moves = Some(value()?),
            "--clients" => {
                let path = value()?;
                let text = std::fs::read_to_string(&path).map_err(|error| format!("{path}: {error}"))?;
                options.clients = Clients::parse(&text).map_err(|error| format!("{path}: {error}"))?;
            }
            _ => files.push(arg),
        }
    }
    let config = Config::read(&config.ok_or("--config is missing")?, prefix.as_deref())
        .map_err(|errors| errors.to_string().replace('\n', "\nerror: "))?;
    let mut reader = Reader::new(&config, options).map_err(|error| error.to_string())?;
    for file in &files {
        reader.file(file).map_err(|error| error.to_string())?;
    }
    for warning in &reader.warnings {
        eprintln!("warning: {}: {}", warning.file, warning.message);
    }
    let report = reader.report();
    if json {
        println!("{}", serde_json::to_string(&report).map_err(|error| error.to_string())?);
        return Ok(());
    }
    println!(
        "{} lines, {} parsed, {} rejected, format {}",
        report.lines, report.parsed, report.rejected, report.format
    );
    println!("agreement {} of {}", report.agreement.agreed, report.agreement.compared);
    for route in report.routes.iter().take(20) {
        let location =
            route.location.as_ref().map(|l| format!("{} {}", l.modifier, l.pattern)).unwrap_or_default();
        println!(
            "{:>9}  {}  {}  -> {}{}  {} callers",
            route.requests,
            route.host.as_deref().unwrap_or("-"),
            location,
            route.destination.as_deref().unwrap_or("nginx itself"),
            if route.leftover { "  LEFTOVER" } else { "" },
            route.callers.len()
        );
    }
    if let Some(fix) = &report.fix {
        println!("the format lacks {}; use:\n{fix}", report.missing.join(", "));
    }
    Ok(())
}
