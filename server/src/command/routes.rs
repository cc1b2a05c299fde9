//! `landfall routes explain` and `landfall routes list`.

use std::io::{BufRead, BufReader, BufWriter, Write};

use landfall_nginx::{
    config::Config,
    route::{Answer, Listed, Request, listed, people},
};
use serde::Serialize;

use super::{Done, nginx, place};
use crate::{
    args::{Explain, List, RoutesAction},
    config::{Problem, Problems},
};

/// Runs the action.
pub fn run(action: &RoutesAction) -> anyhow::Result<Done> {
    let mut out = BufWriter::new(std::io::stdout().lock());
    match action {
        RoutesAction::Explain(arguments) => explain(arguments, &mut out)?,
        RoutesAction::List(arguments) => list(arguments, &mut out)?,
    }
    out.flush()?;
    Ok(Done::Well)
}

fn explain(arguments: &Explain, out: &mut impl Write) -> anyhow::Result<()> {
    if arguments.nginx.config == "-" && arguments.requests.as_deref() == Some("-") {
        let problem = Problem::new("configuration and requests cannot both come from standard input");
        return Err(Problems::from(problem.help("write one of them into a file")).into());
    }
    let request = if arguments.requests.is_none() { Some(request(arguments)?) } else { None };
    let config = nginx::read(&arguments.nginx)?;
    match (request, arguments.requests.as_deref()) {
        (Some(request), _) => print(&config.route(&request), arguments.json, out),
        (None, Some(path)) => explain_all(&config, path, arguments.json, out),
        (None, None) => Ok(()),
    }
}

/// Answers every line that can be read, in order; then says which could not.
fn explain_all(config: &Config, path: &str, json: bool, out: &mut impl Write) -> anyhow::Result<()> {
    let unreadable = |error: std::io::Error| Problems::from(place::in_file(path, error.to_string()));
    let source: Box<dyn BufRead> = if path == "-" {
        Box::new(std::io::stdin().lock())
    } else {
        Box::new(BufReader::new(std::fs::File::open(path).map_err(unreadable)?))
    };
    let mut problems = Vec::new();
    for (index, line) in source.split(b'\n').enumerate() {
        let line = line.map_err(unreadable)?;
        if line.trim_ascii().is_empty() {
            continue;
        }
        let request = match std::str::from_utf8(&line) {
            Ok(text) => Request::from_json(text),
            Err(error) => Err(format!("not UTF-8: {error}")),
        };
        match request {
            Ok(request) => {
                print(&config.route(&request), json, out)?;
                if !json {
                    writeln!(out)?;
                }
            }
            Err(why) => problems.push(place::in_line(path, index + 1, 1, why)),
        }
    }
    if problems.is_empty() {
        return Ok(());
    }
    out.flush()?;
    Err(Problems(problems).into())
}

fn request(arguments: &Explain) -> Result<Request, Problems> {
    let mut request = Request::get(
        arguments.host.as_deref().unwrap_or_default(),
        arguments.path.as_deref().unwrap_or_default(),
    );
    request.listen.clone_from(&arguments.listen);
    request.method.clone_from(&arguments.method);
    request.client = arguments.client;
    let mut problems = Vec::new();
    for header in &arguments.headers {
        match header.split_once(':') {
            Some((name, value)) if !name.trim().is_empty() => {
                request.headers.push((name.trim().to_owned(), value.trim().as_bytes().to_vec()));
            }
            _ => problems.push(Problem::new(format!("--header {header}: expected 'Name: value'"))),
        }
    }
    if problems.is_empty() { Ok(request) } else { Err(Problems(problems)) }
}

fn print(answer: &Answer, json: bool, out: &mut impl Write) -> anyhow::Result<()> {
    if json { json_line(answer, out) } else { Ok(out.write_all(people(answer).as_bytes())?) }
}

fn json_line(value: &impl Serialize, out: &mut impl Write) -> anyhow::Result<()> {
    let mut text = serde_json::to_vec(value)?;
    text.push(b'\n');
    Ok(out.write_all(&text)?)
}

#[derive(Serialize)]
struct Routes<'r> {
    routes: &'r [Listed],
}

fn list(arguments: &List, out: &mut impl Write) -> anyhow::Result<()> {
    let config = nginx::read(&arguments.nginx)?;
    let mut routes = config.routes();
    if let Some(upstream) = &arguments.to {
        routes.retain(|route| route.reaches(upstream));
    }
    if arguments.json {
        return json_line(&Routes { routes: &routes }, out);
    }
    if routes.is_empty() {
        let what = arguments.to.as_ref().map_or_else(String::new, |upstream| format!(" to {upstream}"));
        writeln!(out, "no routes{what}")?;
    }
    Ok(out.write_all(listed(&routes).as_bytes())?)
}
