//! `cargo xtask faults`

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use clap::Args;

use crate::database::Database;
use crate::postgres::Purpose;
use crate::process::run;
use crate::workspace::{cargo, is_root, server_binary, target};
use crate::{apt, server};

/// Where the library that lies about the time lies, by machine.
const FAKETIME: &[&str] = &[
    "/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1",
    "/usr/lib/aarch64-linux-gnu/faketime/libfaketime.so.1",
    "/usr/lib64/faketime/libfaketime.so.1",
    "/usr/local/lib/faketime/libfaketime.so.1",
];

/// Runs the long fault tests: killed replicas, lost databases, full disks
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  cargo xtask faults\n  cargo xtask faults --only f21\n  \
    cargo xtask faults --only f21 --kills 50 --seed 4711\n\n\
    Builds the server with all optimisations. The quick ones are part of `cargo xtask test`. A fault that this\n\
    machine does not permit to cause says so, in the table and in the last line.")]
pub struct Faults {
    /// Only tests whose name contains this
    #[arg(long, value_name = "NAME")]
    only: Option<String>,
    /// How many replicas F21 kills (200 without it)
    #[arg(long, value_name = "NUMBER")]
    kills: Option<u32>,
    /// Takes the steps of an earlier F21 again
    #[arg(long, value_name = "NUMBER")]
    seed: Option<u64>,
    /// More arguments for the test binary
    #[arg(last = true)]
    arguments: Vec<String>,
}

impl Faults {
    pub fn run(self) -> Result<()> {
        if is_root() && !FAKETIME.iter().any(|file| Path::new(file).exists()) {
            // Without it the test of wrong clocks says that it did not run.
            let _said_by_the_test = apt::install("a clock that can be wrong", &["libfaketime"]);
        }
        // Bars on times are meant for the program that people run.
        server::binary(true)?;
        // A commit must mean what it says when processes are killed around it.
        let database = Database::open("faults", Purpose::Bench, false, "landfall")?;
        let report = Report::begin()?;
        let mut test = cargo();
        test.args(["test", "--package", "landfall", "--test", "faults", "--"]);
        test.args(["--ignored", "--test-threads=1", "--nocapture"]).args(self.only).args(self.arguments);
        test.env("DATABASE_URL", database.url());
        test.env("LANDFALL_BIN", server_binary(true));
        test.env("LANDFALL_FAULTS_REPORT", &report.file);
        test.envs(self.kills.map(|kills| ("LANDFALL_KILLS", kills.to_string())));
        test.envs(self.seed.map(|seed| ("LANDFALL_SEED", seed.to_string())));
        if let Some(postgres) = database.private() {
            test.envs(postgres.environment());
        }
        let result = run(&mut test);
        report.print()?;
        result
    }
}

/// What the tests measured: a line each, written by them.
struct Report {
    file: PathBuf,
}

impl Report {
    fn begin() -> Result<Self> {
        let file = target().join("faults.tsv");
        fs::write(&file, "").with_context(|| format!("cannot write {}", file.display()))?;
        Ok(Self { file })
    }

    fn print(&self) -> Result<()> {
        let text = fs::read_to_string(&self.file)?;
        println!("\n{}", table(&text));
        Ok(())
    }
}

/// The lines with the fault's number in front, and a last one that counts.
fn table(report: &str) -> String {
    let rows: Vec<(&str, &str, &str)> = report
        .lines()
        .filter_map(|line| {
            let (fault, rest) = line.split_once('\t')?;
            let (how, figures) = rest.split_once('\t')?;
            Some((fault, how, figures))
        })
        .collect();
    let missing: Vec<&str> =
        rows.iter().filter(|(_, how, _)| *how != "tested").map(|(fault, ..)| *fault).collect();
    let names = if missing.is_empty() { String::new() } else { format!(" ({})", missing.join(", ")) };
    let tested = rows.len() - missing.len();
    let last = format!("faults: {tested} measured, {} NOT TESTED on this machine{names}", missing.len());
    let lines = rows.iter().map(|(fault, how, figures)| format!("{fault:<8} {how:<11} {figures}"));
    lines.chain([last]).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    #[test]
    fn what_did_not_run_is_counted_and_named() {
        let text = super::table("F21\ttested\t200 kills\nF10\tNOT TESTED\tno mount\n");
        assert_eq!(
            text,
            "F21      tested      200 kills\nF10      NOT TESTED  no mount\nfaults: 1 measured, 1 NOT TESTED on this machine (F10)"
        );
    }
}
