//! Where a request goes, from the command line.
//!
//! `explain --config FILE [--prefix DIR] --host H --path TARGET [--listen ADDR:PORT] [--client ADDR] [--method GET]
//! [--header 'K: V']... [--json]`, or `--requests reqs.jsonl --json` for one answer per line.

use std::fmt::Write as _;
use std::io::{BufRead, Read, Write};
use std::process::ExitCode;

use landfall_nginx::config::Config;
use landfall_nginx::route::{Answer, Request};

#[derive(Default)]
struct Options {
    config: Option<String>,
    prefix: Option<String>,
    host: Option<String>,
    path: Option<String>,
    listen: Option<String>,
    client: Option<String>,
    method: Option<String>,
    headers: Vec<String>,
    requests: Option<String>,
    json: bool,
}

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(messages) => {
            for message in messages {
                eprintln!("{message}");
            }
            ExitCode::from(2)
        }
    }
}

fn options() -> Result<Options, Vec<String>> {
    let mut options = Options::default();
    let mut args = std::env::args().skip(1);
    while let Some(arg) = args.next() {
        if arg == "--json" {
            options.json = true;
            continue;
        }
        let value = args.next().ok_or_else(|| vec![format!("error: {arg} needs a value")])?;
        match arg.as_str() {
            "--config" => options.config = Some(value),
            "--prefix" => options.prefix = Some(value),
            "--host" => options.host = Some(value),
            "--path" => options.path = Some(value),
            "--listen" => options.listen = Some(value),
            "--client" => options.client = Some(value),
            "--method" => options.method = Some(value),
            "--header" => options.headers.push(value),
            "--requests" => options.requests = Some(value),
            other => return Err(vec![format!("error: unknown option {other}")]),
        }
    }
    Ok(options)
}

fn config(options: &Options) -> Result<Config, Vec<String>> {
    let path = options.config.as_deref().ok_or_else(|| vec!["error: --config is missing".to_owned()])?;
    let prefix = options.prefix.as_deref();
    let config = if path == "-" {
        let mut bytes = Vec::new();
        std::io::stdin()
            .read_to_end(&mut bytes)
            .map_err(|error| vec![format!("error: standard input: {error}")])?;
        Config::read_bytes(&bytes, "-", prefix)
    } else {
        Config::read(path, prefix)
    };
    config.map_err(|errors| {
        let mut lines = Vec::new();
        for error in errors.0 {
            lines.push(format!("error: {error}"));
            lines.extend(error.help.map(|help| format!("help: {help}")));
        }
        lines
    })
}

fn run() -> Result<(), Vec<String>> {
    let options = options()?;
    let config = config(&options)?;
    let mut out = std::io::BufWriter::new(std::io::stdout().lock());
    let broken = |error: std::io::Error| vec![format!("error: {error}")];
    if let Some(path) = &options.requests {
        let file = std::fs::File::open(path).map_err(|error| vec![format!("error: {path}: {error}")])?;
        for (index, line) in std::io::BufReader::new(file).lines().enumerate() {
            let line = line.map_err(|error| vec![format!("error: {path}: {error}")])?;
            if line.trim().is_empty() {
                continue;
            }
            let request = Request::from_json(&line)
                .map_err(|error| vec![format!("error: {path}:{}:1: {error}", index + 1)])?;
            let answer = config.route(&request);
            serde_json::to_writer(&mut out, &answer).map_err(|error| vec![format!("error: {error}")])?;
            out.write_all(b"\n").map_err(broken)?;
        }
        return out.flush().map_err(broken);
    }
    let missing = |name: &str| vec![format!("error: {name} is missing")];
    let mut request = Request::get(
        options.host.as_deref().ok_or_else(|| missing("--host"))?,
        options.path.as_deref().ok_or_else(|| missing("--path"))?,
    );
    request.listen.clone_from(&options.listen);
    if let Some(method) = &options.method {
        request.method.clone_from(method);
    }
    if let Some(client) = &options.client {
        request.client =
            Some(client.parse().map_err(|_| vec![format!("error: --client {client} is no IP address")])?);
    }
    for header in &options.headers {
        let (name, value) = header
            .split_once(':')
            .ok_or_else(|| vec![format!("error: --header {header}: expected 'Name: value'")])?;
        request.headers.push((name.trim().to_owned(), value.trim().as_bytes().to_vec()));
    }
    let answer = config.route(&request);
    if options.json {
        serde_json::to_writer(&mut out, &answer).map_err(|error| vec![format!("error: {error}")])?;
        out.write_all(b"\n").map_err(broken)?;
    } else {
        out.write_all(people(&answer).as_bytes()).map_err(broken)?;
    }
    out.flush().map_err(broken)
}

fn people(answer: &Answer) -> String {
    let mut text = format!("{:?}\n", answer.verdict).to_lowercase();
    for outcome in &answer.outcomes {
        let mut line = format!("  {:?}", outcome.kind).to_lowercase();
        for part in [&outcome.upstream, &outcome.uri].into_iter().flatten() {
            line.push(' ');
            line.push_str(part);
        }
        if let Some(status) = outcome.status {
            let _ = write!(line, " {status}");
        }
        if let Some(condition) = &outcome.condition {
            let _ = write!(line, "  when {condition}");
        }
        text.push_str(&line);
        text.push('\n');
    }
    for step in &answer.because {
        let _ = writeln!(text, "  - {step}");
    }
    for unknown in &answer.unknown {
        let _ = writeln!(text, "  hidden by {} ({}:{})", unknown.directive, unknown.file, unknown.line);
    }
    text
}
