//! Logs to standard error.

use std::io::IsTerminal;

use tracing_subscriber::{EnvFilter, fmt, prelude::*};

use crate::{args::Color, config::Log};

/// What libraries say that Landfall says better itself, once per change: each attempt to connect, each table that is
/// already there. A filter that names these targets decides for itself.
const QUIET: &str = "kube_client=off,sqlx::postgres::notice=warn";

/// Starts the log. A second call changes nothing, so that tests may call it too.
pub fn start(log: &Log, color: Color) {
    let filter =
        EnvFilter::try_new(format!("{QUIET},{}", log.filter)).unwrap_or_else(|_| EnvFilter::new("info"));
    let registry = tracing_subscriber::registry().with(filter);
    let started = if log.json {
        registry.with(fmt::layer().json().with_writer(std::io::stderr)).try_init()
    } else {
        let ansi = colors(color, &std::io::stderr());
        registry.with(fmt::layer().with_ansi(ansi).with_writer(std::io::stderr)).try_init()
    };
    if started.is_err() {
        tracing::debug!("the log was started before");
    }
}

/// Whether to colour what goes to this stream.
pub fn colors(color: Color, stream: &impl IsTerminal) -> bool {
    match color {
        Color::Always => true,
        Color::Never => false,
        Color::Auto => {
            stream.is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty())
        }
    }
}
