//! `cargo xtask lint`

use std::process::Command;

use anyhow::{Result, bail};
use clap::Args;

use crate::process::{interrupted, run};
use crate::workspace::cargo;
use crate::{gates, licences};

/// Checks format, lints, rules about the source, and the licences of all dependencies
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  cargo xtask lint\n  cargo xtask lint --fix\n\n\
    Warnings are errors. The browser part is checked for WebAssembly, the server also without the demo, as it is\n\
    built for the container image. The lists of licences and forbidden crates are in deny.toml.")]
pub struct Lint {
    /// Format the source, and apply what clippy can mend by itself
    #[arg(long)]
    fix: bool,
}

impl Lint {
    pub fn run(self) -> Result<()> {
        if self.fix {
            run(cargo().args(["clippy", "--fix", "--allow-dirty", "--allow-staged"]).args(HOST))?;
            return run(cargo().args(["fmt", "--all"]));
        }
        let mut failed = Vec::new();
        let checks: [(&str, &dyn Fn() -> Result<()>); 6] = [
            ("format", &|| run(cargo().args(["fmt", "--all", "--", "--check"]))),
            ("source rules", &gates::check),
            ("licences", &licences::check),
            ("clippy", &|| run(clippy().args(HOST).args(DENY))),
            ("clippy, browser", &|| {
                let client = ["--package", "landfall-client", "--target", "wasm32-unknown-unknown"];
                run(clippy().args(client).args(DENY))
            }),
            ("clippy, server without demo", &|| {
                run(clippy().args(["--package", "landfall", "--no-default-features"]).args(DENY))
            }),
        ];
        for (name, check) in checks {
            if let Err(error) = check() {
                if interrupted() {
                    return Err(error);
                }
                eprintln!("error: {error:#}");
                failed.push(name);
            }
        }
        if !failed.is_empty() {
            bail!("lint failed: {}", failed.join(", "));
        }
        println!("lint: format, source rules, licences and clippy are in order");
        Ok(())
    }
}

const HOST: [&str; 4] = ["--workspace", "--exclude", "landfall-client", "--all-targets"];
const DENY: [&str; 3] = ["--", "--deny", "warnings"];

fn clippy() -> Command {
    let mut command = cargo();
    command.args(["clippy", "--locked"]);
    command
}
