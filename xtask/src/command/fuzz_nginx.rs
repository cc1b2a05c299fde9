//! `cargo xtask fuzz-nginx`

use anyhow::Result;
use clap::Args;

use crate::process::run;
use crate::workspace::cargo;

/// Compares the route engine with a real nginx on made-up configurations and requests
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  cargo xtask fuzz-nginx\n  cargo xtask fuzz-nginx --seeds 5000\n  \
    cargo xtask fuzz-nginx -- --help")]
pub struct FuzzNginx {
    /// How many configurations
    #[arg(long, default_value_t = 500)]
    seeds: u64,
    /// More arguments for the comparison
    #[arg(last = true)]
    arguments: Vec<String>,
}

impl FuzzNginx {
    pub fn run(self) -> Result<()> {
        let mut fuzz = cargo();
        fuzz.args(["run", "--release", "--package", "landfall-nginx", "--example", "fuzz_nginx", "--"]);
        run(fuzz.arg("--seeds").arg(self.seeds.to_string()).args(self.arguments))
    }
}
