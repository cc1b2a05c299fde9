//! `landfall images pick`.

mod people;
mod tags;

use std::io::{BufWriter, Read as _, Write};

use landfall_model::updater::{Allow, Choice, Ignore, Policy, Refusal, Strategy, pick};
use serde::Serialize;

use super::{Done, place::in_file};
use crate::{
    args::{ImagesAction, Pick},
    config::{Problem, Problems},
};

/// Runs the action.
pub fn run(action: &ImagesAction) -> anyhow::Result<Done> {
    let ImagesAction::Pick(arguments) = action;
    let mut out = BufWriter::new(std::io::stdout().lock());
    answer(arguments, &mut out)?;
    out.flush()?;
    Ok(Done::Well)
}

#[derive(Serialize)]
struct Document<'c> {
    strategy: Strategy,
    #[serde(flatten)]
    choice: &'c Choice,
}

fn answer(arguments: &Pick, out: &mut impl Write) -> anyhow::Result<()> {
    let mut problems = Vec::new();
    let policy = policy(arguments, &mut problems);
    let tags = match read(&arguments.tags) {
        Ok(bytes) => match tags::read(&arguments.tags, &bytes) {
            Ok(found) => {
                found.warnings.iter().for_each(|warning| eprintln!("warning: {warning}"));
                found.tags
            }
            Err(mistakes) => {
                problems.extend(mistakes.0);
                Vec::new()
            }
        },
        Err(problem) => {
            problems.push(problem);
            Vec::new()
        }
    };
    // Also with broken tags: a refusal of the settings is a mistake of its own.
    let choice = match pick(&policy, &tags) {
        Ok(choice) if problems.is_empty() => choice,
        Ok(_) => return Err(Problems(problems).into()),
        Err(refusal) => {
            problems.insert(0, refused(arguments, &refusal));
            return Err(Problems(problems).into());
        }
    };
    if arguments.json {
        serde_json::to_writer(&mut *out, &Document { strategy: policy.strategy, choice: &choice })?;
        return Ok(writeln!(out)?);
    }
    Ok(out.write_all(people::told(&policy, &tags, &choice).as_bytes())?)
}

/// The settings; what Image Updater takes with a warning in its log is a warning here too.
fn policy(arguments: &Pick, problems: &mut Vec<Problem>) -> Policy {
    let (strategy, odd) = Strategy::from_name(&arguments.strategy);
    if let Some(odd) = odd {
        eprintln!("warning: --strategy: {odd}");
    }
    let allow = Allow::new(&arguments.allow_tags);
    if let Allow::Nothing { because } = &allow {
        eprintln!("warning: --allow-tags {:?} lets no tag pass: {because}", arguments.allow_tags);
    }
    let patterns = arguments.ignore_tags.iter().map(|pattern| pattern.trim()).filter(|p| !p.is_empty());
    let ignore = Ignore::new(patterns);
    for pattern in ignore.malformed() {
        eprintln!("warning: --ignore-tags {pattern:?} is malformed and takes out nothing");
    }
    for platform in &arguments.platforms {
        let parts: Vec<&str> = platform.split('/').collect();
        if !(2..=3).contains(&parts.len()) || parts.contains(&"") {
            let problem = Problem::new(format!("--platform {platform}: expected os/arch or os/arch/variant"));
            problems.push(problem.help("for example linux/amd64 or linux/arm/v7"));
        }
    }
    Policy {
        strategy,
        constraint: arguments.constraint.clone(),
        allow,
        ignore,
        platforms: arguments.platforms.clone(),
    }
}

fn refused(arguments: &Pick, refusal: &Refusal) -> Problem {
    match refusal {
        Refusal::Constraint(error) => {
            Problem::new(format!("--constraint {:?}: {error}", arguments.constraint)).help(
                "Image Updater refuses it as well; a constraint is like 1.4.x, ~1.4, ^1, '>=1.4, <2' or '1.4 - 1.6'",
            )
        }
        Refusal::DigestWithoutTag => {
            Problem::new(refusal.to_string()).help("name the tag with --constraint, for example --constraint main")
        }
    }
}

fn read(path: &str) -> Result<Vec<u8>, Problem> {
    let mut bytes = Vec::new();
    let result = if path == "-" {
        std::io::stdin().lock().read_to_end(&mut bytes).map(drop)
    } else {
        std::fs::read(path).map(|read| bytes = read)
    };
    result.map_err(|error| in_file(path, error.to_string()))?;
    Ok(bytes)
}
