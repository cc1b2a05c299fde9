//! `landfall logs`.

mod growing;

use std::{io::Write as _, time::Duration};

use growing::Growing;
use landfall_nginx::logs::{Clients, LogError, LogOptions, Reader, Report, people};
use serde::Serialize;

use super::{Done, nginx, place, progress::Bar};
use crate::{
    args::Logs,
    config::{Problem, Problems},
};

/// Reads the logs and prints the report.
pub async fn run(arguments: Logs) -> anyhow::Result<Done> {
    if arguments.nginx.config == "-" && arguments.files.iter().any(|file| file == "-") {
        let problem = Problem::new("configuration and log cannot both come from standard input");
        return Err(Problems::from(problem.help("write the configuration into a file")).into());
    }
    let config = nginx::read(&arguments.nginx)?;
    let options = LogOptions {
        format: arguments.format,
        moves: arguments.moves.clone(),
        clients: clients(arguments.clients.as_deref())?,
        since: arguments.since.map(jiff::Timestamp::as_second),
        until: arguments.until.map(jiff::Timestamp::as_second),
        threads: arguments.threads,
    };
    let printer = Printer { role: arguments.role, moves: arguments.moves, json: arguments.json };
    let mut reader = Reader::new(&config, options).map_err(|error| problem(&error))?;
    if arguments.follow || arguments.checkpoint.is_some() {
        let growing = Growing {
            files: arguments.files,
            follow: arguments.follow,
            checkpoint: arguments.checkpoint,
            every: Duration::from_secs(arguments.every),
        };
        growing.check()?;
        growing.run(reader, &printer).await?;
        return Ok(Done::Well);
    }
    let missing: Vec<Problem> = arguments
        .files
        .iter()
        .filter(|file| *file != "-")
        .filter_map(|file| Some(place::in_file(file, std::fs::File::open(file).err()?.to_string())))
        .collect();
    if !missing.is_empty() {
        return Err(Problems(missing).into());
    }
    let bar = Bar::start(&arguments.files, reader.progress());
    for file in &arguments.files {
        reader.file(file).map_err(|error| problem(&error))?;
    }
    drop(bar);
    for warning in &reader.warnings {
        eprintln!("warning: {}: {}", warning.file, warning.message);
    }
    printer.print(&reader)?;
    Ok(Done::Well)
}

/// How the report is shown.
struct Printer {
    role: Option<String>,
    moves: Option<String>,
    json: bool,
}

impl Printer {
    fn print(&self, reader: &Reader<'_>) -> anyhow::Result<()> {
        let report = reader.report();
        let mut text = Vec::new();
        if self.json {
            serde_json::to_writer(&mut text, &Named { role: self.role.as_deref(), report: &report })?;
            text.push(b'\n');
        } else {
            if let Some(role) = &self.role {
                writeln!(text, "role {role}")?;
            }
            text.extend(people(&report, self.moves.as_deref()).bytes());
        }
        let mut out = std::io::stdout().lock();
        out.write_all(&text)?;
        Ok(out.flush()?)
    }
}

/// The report with the name of the role it is about.
#[derive(Serialize)]
struct Named<'r> {
    #[serde(skip_serializing_if = "Option::is_none")]
    role: Option<&'r str>,
    #[serde(flatten)]
    report: &'r Report,
}

fn clients(path: Option<&str>) -> Result<Clients, Problems> {
    let Some(path) = path else { return Ok(Clients::default()) };
    let text = std::fs::read_to_string(path).map_err(|error| place::in_file(path, error.to_string()))?;
    Clients::parse(path, &text).map_err(nginx::problems)
}

fn problem(error: &LogError) -> Problems {
    match error {
        LogError::File(path, why) | LogError::Checkpoint(path, why) => {
            place::in_file(path, why.clone()).into()
        }
        LogError::Format(_) => {
            Problem::new(error.to_string()).help("the formats are the log_format names, and combined").into()
        }
    }
}
