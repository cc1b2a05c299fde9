//! `cargo xtask sqlx-prepare`

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use anyhow::{Context, Result, bail};
use clap::Args;

use crate::postgres::{Postgres, Purpose};
use crate::process::run;
use crate::workspace::{cargo, root, target};

/// Writes `.sqlx/`: what each SQL query takes and gives, so that a build needs no database
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  cargo xtask sqlx-prepare\n  cargo xtask sqlx-prepare --check\n\n\
    Applies the migrations to an empty private database and lets the query macros ask it. Run it after a change\n\
    of a query or a migration, and commit `.sqlx/`.")]
pub struct SqlxPrepare {
    /// Write nothing; fail when the committed files are not what the database says
    #[arg(long)]
    check: bool,
}

impl SqlxPrepare {
    pub fn run(self) -> Result<()> {
        let postgres = Postgres::start("sqlx", Purpose::Test, false)?;
        if self.check {
            return check(&postgres);
        }
        let fresh = describe(&postgres)?;
        let committed = root().join(".sqlx");
        if committed.is_dir() {
            fs::remove_dir_all(&committed)?;
        }
        fs::create_dir(&committed)?;
        for (name, bytes) in &fresh {
            fs::write(committed.join(name), bytes)?;
        }
        println!("{} queries in .sqlx/", fresh.len());
        Ok(())
    }
}

/// Is the committed data what the migrated database says?
pub fn check(postgres: &Postgres) -> Result<()> {
    let fresh = describe(postgres)?;
    let committed = read(&root().join(".sqlx"))?;
    let mut wrong: Vec<&str> = fresh
        .iter()
        .filter(|(name, bytes)| committed.get(*name) != Some(bytes))
        .map(|(name, _)| name.as_str())
        .chain(committed.keys().filter(|name| !fresh.contains_key(*name)).map(String::as_str))
        .collect();
    wrong.sort_unstable();
    if wrong.is_empty() {
        println!("query data: {} queries, all as the database says", fresh.len());
        return Ok(());
    }
    bail!(".sqlx/ is out of date: {}\nhelp: cargo xtask sqlx-prepare", wrong.join(", "))
}

/// What the macros write when they ask a migrated database.
fn describe(postgres: &Postgres) -> Result<BTreeMap<String, Vec<u8>>> {
    postgres.create_database("sqlx_prepare")?;
    postgres.apply_migrations("sqlx_prepare")?;
    let folder = target().join("sqlx-prepare");
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder)?;
    // Cargo does not know that the macros ask a database: a newer time on the roots makes it compile anew.
    for root in roots(&root().join("server"))? {
        File::options().write(true).open(&root)?.set_modified(SystemTime::now())?;
    }
    let mut check = cargo();
    check.args(["check", "--quiet", "--package", "landfall", "--all-targets"]);
    check.env("SQLX_OFFLINE", "false").env("SQLX_OFFLINE_DIR", &folder);
    run(check.env("DATABASE_URL", postgres.url("sqlx_prepare")))?;
    read(&folder)
}

fn read(folder: &Path) -> Result<BTreeMap<String, Vec<u8>>> {
    let mut files = BTreeMap::new();
    let Ok(entries) = fs::read_dir(folder) else { return Ok(files) };
    for entry in entries {
        let path = entry?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if name.starts_with("query-") {
            files.insert(name, fs::read(&path).with_context(|| format!("cannot read {}", path.display()))?);
        }
    }
    Ok(files)
}

/// The files that rustc is started on: library, binary, integration tests, benches.
fn roots(package: &Path) -> Result<Vec<PathBuf>> {
    let mut roots = vec![package.join("src/lib.rs"), package.join("src/main.rs")];
    for folder in ["tests", "benches", "examples"].map(|it| package.join(it)) {
        for entry in fs::read_dir(&folder).into_iter().flatten() {
            let path = entry?.path();
            roots.push(if path.is_dir() { path.join("main.rs") } else { path });
        }
    }
    roots.retain(|file| file.is_file() && file.extension().is_some_and(|it| it == "rs"));
    Ok(roots)
}
