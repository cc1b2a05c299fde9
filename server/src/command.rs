//! From arguments to the command, and from its end to the exit status.

mod images;
mod logs;
mod nginx;
mod place;
mod progress;
mod routes;

use std::{io, process::ExitCode};

use crate::{
    args::{Args, Color, Command},
    config::{Config, Problems},
    doctor, telemetry,
};

/// How a command ended that did what it should.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Done {
    /// Exit status 0.
    Well,
    /// Exit status 1: what was asked to fail on was found.
    Found,
}

/// Runs a command to its end.
pub fn run(args: Args) -> ExitCode {
    // TLS of every client goes through ring. Failing means that somebody has installed one already.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let color = args.color;
    let result = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .thread_name("landfall")
        .build()
        .map_err(anyhow::Error::from)
        .and_then(|runtime| runtime.block_on(dispatch(args)));
    match result {
        Ok(Done::Well) => ExitCode::SUCCESS,
        Ok(Done::Found) => ExitCode::from(1),
        Err(error) if is_broken_pipe(&error) => ExitCode::SUCCESS,
        Err(error) => {
            complain(&error, color);
            ExitCode::from(2)
        }
    }
}

async fn dispatch(args: Args) -> anyhow::Result<Done> {
    let color = args.color;
    match args.command {
        Command::Serve(serve) => {
            let config = Config::load(&serve.file.config)?;
            config.check_serve(serve.insecure_no_auth)?;
            telemetry::start(&config.log, color);
            if !config.server.listen.ip().to_canonical().is_loopback() {
                tracing::warn!(
                    listen = %config.server.listen,
                    "NO ACCESS CONTROL: everyone who can reach this address sees everything"
                );
            }
            crate::serve::run(config, crate::serve::ServeOptions { site: serve.site }).await?;
            Ok(Done::Well)
        }
        #[cfg(feature = "demo")]
        Command::Demo(demo) => {
            if !demo.listen.ip().is_loopback() {
                let problem = crate::config::Problem::new(format!(
                    "--listen {}: the demo listens on loopback only",
                    demo.listen
                ));
                return Err(Problems::from(problem.help("use 127.0.0.1 or [::1]")).into());
            }
            telemetry::start(&crate::config::Log::default(), color);
            crate::demo::run(crate::demo::DemoOptions {
                listen: demo.listen,
                site: demo.site,
                seed: demo.seed,
                manual_clock: demo.manual_clock,
                no_past: demo.no_past,
                database_url: demo.database_url,
            })
            .await?;
            Ok(Done::Well)
        }
        Command::Migrate(migrate) => {
            let config = Config::load(&migrate.file.config)?;
            telemetry::start(&config.log, color);
            crate::migrate::run(&config.database, migrate.check).await
        }
        Command::Doctor(arguments) => {
            let config = Config::load(&arguments.file.config)?;
            // The report says what is wrong; the log of the clients would only say it again.
            let quiet = crate::config::Log { filter: "off".to_owned(), ..config.log.clone() };
            telemetry::start(&quiet, color);
            doctor::run(&config, arguments.explain_mapping, arguments.json, color).await
        }
        Command::Routes(arguments) => routes::run(&arguments.action),
        Command::Logs(arguments) => logs::run(arguments).await,
        Command::Images(arguments) => images::run(&arguments.action),
    }
}

/// Prints what went wrong, every mistake of the input, each with its way out.
fn complain(error: &anyhow::Error, color: Color) {
    let text = match error.downcast_ref::<Problems>() {
        Some(problems) => problems.to_string(),
        None => format!("error: {error:#}"),
    };
    let paint = telemetry::colors(color, &io::stderr());
    for line in text.lines() {
        match line.split_once(": ") {
            Some(("error", rest)) if paint => eprintln!("\x1b[1;31merror\x1b[0m: {rest}"),
            Some(("help", rest)) if paint => eprintln!("\x1b[1;36mhelp\x1b[0m: {rest}"),
            _ => eprintln!("{line}"),
        }
    }
}

fn is_broken_pipe(error: &anyhow::Error) -> bool {
    error.chain().any(|cause| {
        cause.downcast_ref::<io::Error>().is_some_and(|error| error.kind() == io::ErrorKind::BrokenPipe)
    })
}
