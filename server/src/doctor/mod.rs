//! `landfall doctor`: checks configuration, database, permissions and each source, one line each, with the way to
//! mend it.

mod check;
mod database;
mod forges;
mod mapping;
mod permission;
mod print;
mod reach;
mod registries;
mod sources;
mod understood;

use std::io::Write as _;

pub use check::{Check, Outcome};
pub use mapping::{Explained, Row, Unlisted, explain, table};
pub(crate) use print::plain;

use crate::{
    args::Color,
    command::Done,
    config::{Config, Variables},
    telemetry,
};

/// Runs the checks, or explains the mapping, and prints the result.
pub async fn run(config: &Config, explain: bool, json: bool, color: Color) -> anyhow::Result<Done> {
    let paint = !json && telemetry::colors(color, &std::io::stdout());
    let (text, done) = if explain {
        let explained = mapping::explain(config).await;
        let done = if explained.failures.is_empty() { Done::Well } else { Done::Found };
        let text = if json { print::json(&explained)? } else { mapping::table(&explained, paint) };
        (text, done)
    } else {
        let variables = std::env::vars_os()
            .filter_map(|(k, v)| Some((k.into_string().ok()?, v.into_string().ok()?)))
            .collect();
        let checks = checks(config, &variables).await;
        let done =
            if checks.iter().any(|check| check.outcome == Outcome::Fail) { Done::Found } else { Done::Well };
        let text = if json {
            print::json(&print::Report::new(config, &checks))?
        } else {
            print::text(&checks, paint)
        };
        (text, done)
    };
    let mut out = std::io::stdout().lock();
    out.write_all(text.as_bytes())?;
    out.flush()?;
    Ok(done)
}

/// Every check, in the order in which they are shown.
pub async fn checks(config: &Config, variables: &Variables) -> Vec<Check> {
    let mut checks = understood::checks(config, variables);
    let (database, sources, registries, forges) = tokio::join!(
        database::checks(&config.database),
        sources::checks(config),
        registries::checks(config),
        forges::checks(config)
    );
    checks.extend(database.into_iter().chain(sources).chain(registries).chain(forges));
    checks
}
