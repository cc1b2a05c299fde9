//! `cargo xtask demo`

use std::time::Duration;

use anyhow::{Result, bail};
use clap::Args;

use crate::database::Database;
use crate::postgres::{Purpose, free_port};
use crate::process::wait_a_little;
use crate::{server, workspace};

/// Shows Landfall on a small made-up world, on this machine only
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  cargo xtask demo\n  cargo xtask demo --reset --port 8080\n\n\
    Builds the server and the browser part, starts a private PostgreSQL (or uses DATABASE_URL) and serves on\n\
    127.0.0.1. Ctrl-C ends all of it. The history is kept between runs.")]
pub struct Demo {
    /// Port on 127.0.0.1 [default: 3000, or a free one when that is taken]
    #[arg(long)]
    port: Option<u16>,
    /// Empty the private database first
    #[arg(long)]
    reset: bool,
    /// Build with all optimisations (minutes, the first time)
    #[arg(long)]
    release: bool,
    /// More arguments for `landfall demo`
    #[arg(last = true)]
    arguments: Vec<String>,
}

impl Demo {
    pub fn run(self) -> Result<()> {
        server::build(self.release)?;
        let database = Database::open("demo", Purpose::Demo, self.reset, "landfall")?;
        let port = match self.port {
            Some(port) if free_port(Some(port))? != port => bail!("port {port} of 127.0.0.1 is taken"),
            Some(port) => port,
            None => free_port(Some(3000))?,
        };
        let mut command = server::demo(self.release, port, database.url(), &self.arguments);
        let mut landfall = server::start(command.current_dir(workspace::root()), port)?;
        println!(
            "\nLandfall: http://127.0.0.1:{port}/\n\n\
             /                          the board: what needs a look first, then every service and environment\n\
             /services/control-panel    one service: what runs against what was meant, since when, and why\n\
             /?at=-7d                   the same board as it was a week ago; every page takes ?at=\n\
             /history?since=-7d         what changed since then; /findings: what is wrong, with proof and way out\n\
             /sources                   where each value comes from and how old it is; /api: the same as JSON\n\n\
             Database: {}. Ctrl-C ends everything.",
            database.describe()
        );
        while wait_a_little(Duration::from_millis(200)) {
            if let Some(status) = landfall.ended()? {
                bail!("landfall ended with {status}");
            }
        }
        println!("\nstopping");
        landfall.stop();
        Ok(())
    }
}
