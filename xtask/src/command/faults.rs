//! `cargo xtask faults`

use anyhow::Result;
use clap::Args;

use crate::database::Database;
use crate::postgres::Purpose;
use crate::process::run;
use crate::server;
use crate::workspace::{cargo, server_binary};

/// Runs the long fault tests: killed replicas, lost databases, full disks
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  cargo xtask faults\n  cargo xtask faults --only kill\n\n\
    Builds the server with all optimisations. The quick ones are part of `cargo xtask test`. A fault that this\n\
    machine does not permit to cause says so.")]
pub struct Faults {
    /// Only tests whose name contains this
    #[arg(long, value_name = "NAME")]
    only: Option<String>,
    /// More arguments for the test binary
    #[arg(last = true)]
    arguments: Vec<String>,
}

impl Faults {
    pub fn run(self) -> Result<()> {
        // Bars on times are meant for the program that people run.
        server::binary(true)?;
        // A commit must mean what it says when processes are killed around it.
        let database = Database::open("faults", Purpose::Bench, false, "landfall")?;
        let mut test = cargo();
        test.args(["test", "--package", "landfall", "--test", "faults", "--"]);
        test.args(["--ignored", "--test-threads=1", "--nocapture"]).args(self.only).args(self.arguments);
        test.env("DATABASE_URL", database.url());
        test.env("LANDFALL_BIN", server_binary(true));
        if let Some(postgres) = database.private() {
            test.envs(postgres.environment());
        }
        run(&mut test)
    }
}
