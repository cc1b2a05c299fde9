//! `landfall migrate`: brings the tables up to date, or says what would run.

use std::io::Write as _;

use anyhow::Context as _;

use crate::{command::Done, config::Database, store::Store};

/// Applies the migrations, or only lists them with `check`.
pub async fn run(database: &Database, check: bool) -> anyhow::Result<Done> {
    let settings = database.settings().map_err(anyhow::Error::msg).context("the database's URL")?;
    let store = Store::connect(&settings)?;
    let mut out = std::io::stdout().lock();
    let before = store.check().await.context("the database")?;
    for pending in &before.pending {
        writeln!(
            out,
            "{} {:04} {}",
            if check { "would run" } else { "running" },
            pending.version,
            pending.description
        )?;
    }
    if before.pending.is_empty() {
        writeln!(out, "up to date")?;
        return Ok(Done::Well);
    }
    if check {
        return Ok(Done::Found);
    }
    store.migrate().await?;
    writeln!(out, "done")?;
    Ok(Done::Well)
}
