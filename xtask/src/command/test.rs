//! `cargo xtask test`

use anyhow::{Result, bail};
use clap::Args;

use super::{e2e, sqlx_prepare};
use crate::database::Database;
use crate::postgres::Purpose;
use crate::process::{interrupted, run};
use crate::workspace::{cargo, server_binary};

/// Runs every test: units, properties, whole service on real PostgreSQL, documentation, browser
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  cargo xtask test\n  cargo xtask test --only store --no-browser\n  \
    cargo xtask test -- --nocapture\n\n\
    Uses a private PostgreSQL, or the server of DATABASE_URL (whose user must be allowed to create databases).")]
pub struct Test {
    /// Leave the browser tests out
    #[arg(long)]
    no_browser: bool,
    /// Only tests whose name contains this
    #[arg(long, value_name = "NAME")]
    only: Option<String>,
    /// Arguments for the Rust test binaries
    #[arg(last = true)]
    arguments: Vec<String>,
}

impl Test {
    pub fn run(self) -> Result<()> {
        let mut failed: Vec<String> = Vec::new();
        let mut step = |name: &str, result: Result<()>| -> Result<()> {
            match result {
                Err(error) if interrupted() => return Err(error),
                Err(error) => {
                    eprintln!("error: {error:#}");
                    failed.push(name.to_owned());
                }
                Ok(()) => {}
            }
            Ok(())
        };
        // Cargo builds the program for the tests that start it: no need to do so again with other features.
        let has_server;
        let everything = self.only.is_none() && self.arguments.is_empty();
        {
            let database = Database::open("test", Purpose::Test, false, "landfall")?;
            let rust = self.rust(&database);
            has_server = rust.is_ok() && server_binary(false).is_file();
            step("Rust tests", rust)?;
            if everything && let Some(postgres) = database.private() {
                step("query data", sqlx_prepare::check(postgres))?;
            }
        }
        if !self.no_browser {
            // A name may be one of a Rust test only.
            let arguments = self.only.iter().map(|_| "--pass-with-no-tests".to_owned()).collect();
            let options =
                e2e::Options { only: self.only.clone(), has_server, arguments, ..Default::default() };
            step("browser tests", e2e::run(&options))?;
        }
        if !failed.is_empty() {
            bail!("failed: {}", failed.join(", "));
        }
        Ok(())
    }

    /// Documentation's examples are part of it. The browser part has no tests of its own and compiles for
    /// WebAssembly only.
    fn rust(&self, database: &Database) -> Result<()> {
        let mut test = cargo();
        test.args(["test", "--workspace", "--exclude", "landfall-client", "--no-fail-fast"]);
        if let Some(name) = &self.only {
            test.arg(name);
        }
        if !self.arguments.is_empty() {
            test.arg("--").args(&self.arguments);
        }
        run(test.env("DATABASE_URL", database.url()))
    }
}
