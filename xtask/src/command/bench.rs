//! `cargo xtask bench`

use anyhow::{Context, Result, bail};
use clap::Args;
use serde::Deserialize;

use crate::database::Database;
use crate::postgres::Purpose;
use crate::process::{output, run};
use crate::site::{self, Effort};
use crate::workspace::{self, cargo};

/// Measures Landfall against its budgets and prints a table
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  cargo xtask bench\n  cargo xtask bench fleet\n  \
    cargo xtask bench fleet -- --help\n  cargo xtask bench --list\n\n\
    Builds with all optimisations. Benchmarks of the server get a private PostgreSQL that writes to disk as a real\n\
    one does. Figures of a busy machine mean little.")]
pub struct Bench {
    /// Which one, or all
    #[arg(default_value = "all")]
    name: String,
    /// Only say which there are
    #[arg(long)]
    list: bool,
    /// Arguments for the benchmark itself
    #[arg(last = true)]
    arguments: Vec<String>,
}

#[derive(Debug, Deserialize)]
struct Metadata {
    packages: Vec<Package>,
}

#[derive(Debug, Deserialize)]
struct Package {
    name: String,
    targets: Vec<Target>,
}

#[derive(Debug, Deserialize)]
struct Target {
    name: String,
    kind: Vec<String>,
}

impl Bench {
    pub fn run(self) -> Result<()> {
        let all = benches()?;
        if self.list {
            for (package, name) in &all {
                println!("{name:<12} of {package}");
            }
            return Ok(());
        }
        let chosen: Vec<_> =
            all.iter().filter(|(_, name)| self.name == "all" || *name == self.name).collect();
        if chosen.is_empty() {
            let names: Vec<&str> = all.iter().map(|(_, name)| name.as_str()).collect();
            bail!("no benchmark is called {}\nhelp: there are: {}", self.name, names.join(", "));
        }
        let with_server = chosen.iter().any(|(package, _)| package == "landfall");
        let database = if with_server {
            // The server itself is built by cargo with the benchmark that starts it.
            site::build(Effort::Small)?;
            Some(Database::open("bench", Purpose::Bench, false, "landfall")?)
        } else {
            None
        };
        for (package, name) in chosen {
            let mut bench = cargo();
            bench.args(["bench", "--package", package, "--bench", name, "--"]).args(&self.arguments);
            if let Some(database) = &database {
                bench.env("DATABASE_URL", database.url());
                bench.env("LANDFALL_SITE", workspace::site());
            }
            run(&mut bench)?;
        }
        Ok(())
    }
}

/// Package and name of every benchmark of the workspace.
fn benches() -> Result<Vec<(String, String)>> {
    let text = output(cargo().args(["metadata", "--format-version=1", "--no-deps"]))?;
    let metadata: Metadata = serde_json::from_str(&text).context("cargo metadata is not understood")?;
    let mut found = Vec::new();
    for package in metadata.packages {
        let benches =
            package.targets.into_iter().filter(|target| target.kind.iter().any(|kind| kind == "bench"));
        found.extend(benches.map(|target| (package.name.clone(), target.name)));
    }
    found.sort();
    Ok(found)
}
