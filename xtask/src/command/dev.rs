//! `cargo xtask dev`

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use anyhow::{Context, Result};
use clap::Args;
use notify::{EventKind, RecursiveMode, Watcher as _};
use rustix::process::Signal;

use crate::database::Database;
use crate::postgres::{Purpose, free_port};
use crate::process::{Process, interrupted, tied, wait_a_little};
use crate::server;
use crate::site::{self, Effort};
use crate::workspace::{root, server_binary, site as site_folder};

/// Runs Landfall and builds what changes: style at once, pages and server with a restart
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  cargo xtask dev\n  cargo xtask dev --port 8080 -- serve --config landfall.toml\n\n\
    A build that fails leaves the running server as it is. Reload the page yourself."
)]
pub struct Dev {
    /// Port on 127.0.0.1 [default: 3000, or a free one when that is taken]
    #[arg(long)]
    port: Option<u16>,
    /// Empty the private database first
    #[arg(long)]
    reset: bool,
    /// The landfall command to run instead of `demo` (it then listens where its configuration says)
    #[arg(last = true)]
    command: Vec<String>,
}

/// What must be made anew after a change, the least first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Part {
    Style,
    Server,
    Browser,
}

impl Dev {
    pub fn run(self) -> Result<()> {
        let (changes, _watcher) = watch()?;
        let database = Database::open("dev", Purpose::Demo, self.reset, "landfall")?;
        let port = self.port.map_or_else(|| free_port(Some(3000)), Ok)?;
        let mut running = None;
        let mut parts = BTreeSet::from([Part::Style, Part::Server, Part::Browser]);
        while !interrupted() {
            match build(&parts) {
                Err(error) if interrupted() => return Err(error),
                Err(error) => eprintln!("error: {error:#}\nxtask: waiting for a change"),
                Ok(()) if parts.iter().all(|part| *part == Part::Style) => eprintln!("xtask: new style"),
                Ok(()) => {
                    drop(running.take());
                    running = match self.start(port, database.url()) {
                        Ok(server) => Some(server),
                        Err(error) if interrupted() => return Err(error),
                        Err(error) => {
                            eprintln!("error: {error:#}\nxtask: waiting for a change");
                            None
                        }
                    };
                }
            }
            parts = next(&changes);
        }
        Ok(())
    }

    fn start(&self, port: u16, database_url: &str) -> Result<Process> {
        if self.command.is_empty() {
            let server = server::start(&mut server::demo(false, port, database_url, &[]), port)?;
            println!("Landfall: http://127.0.0.1:{port}/");
            return Ok(server);
        }
        let mut command = tied(server_binary(false), Signal::TERM);
        command.args(&self.command).env("DATABASE_URL", database_url).env("LANDFALL_SITE", site_folder());
        Process::start("landfall", &mut command, Signal::TERM)
    }
}

fn build(parts: &BTreeSet<Part>) -> Result<()> {
    if parts.contains(&Part::Browser) {
        site::build(Effort::Quick)?;
    } else if parts.contains(&Part::Style) {
        site::assets(Effort::Quick)?;
    }
    if parts.contains(&Part::Browser) || parts.contains(&Part::Server) {
        server::binary(false)?;
    }
    Ok(())
}

fn watch() -> Result<(Receiver<Part>, notify::RecommendedWatcher)> {
    let (sender, receiver) = channel();
    let top = root();
    let mut watcher = notify::recommended_watcher(move |event: notify::Result<notify::Event>| {
        let Ok(event) = event else { return };
        if matches!(event.kind, EventKind::Access(_)) {
            return;
        }
        for part in event.paths.iter().filter_map(|path| part_of(path.strip_prefix(&top).unwrap_or(path))) {
            let _ = sender.send(part);
        }
    })
    .context("cannot watch files")?;
    for folder in ["app", "server", "crates", "style", "migrations", "docs", "public", "Cargo.toml"] {
        let path = root().join(folder);
        if path.exists() {
            watcher
                .watch(&path, RecursiveMode::Recursive)
                .with_context(|| format!("cannot watch {folder}"))?;
        }
    }
    Ok((receiver, watcher))
}

/// What a file of the workspace belongs to.
fn part_of(path: &Path) -> Option<Part> {
    let extension = path.extension()?.to_str()?;
    let top = path.components().next()?.as_os_str().to_str()?;
    match (top, extension) {
        ("style" | "public", _) => Some(Part::Style),
        ("app" | "Cargo.toml", "rs" | "toml" | "json") => Some(Part::Browser),
        ("server" | "crates" | "migrations" | "docs", "rs" | "toml" | "sql" | "json" | "md") => {
            Some(Part::Server)
        }
        _ => None,
    }
}

/// Waits for a change, and for the end of a burst of them.
fn next(changes: &Receiver<Part>) -> BTreeSet<Part> {
    let mut parts = BTreeSet::new();
    while parts.is_empty() && wait_a_little(Duration::from_millis(150)) {
        while let Ok(part) = changes.recv_timeout(Duration::from_millis(100)) {
            parts.insert(part);
        }
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_belong_to_parts() {
        let part = |path: &str| part_of(Path::new(path));
        assert_eq!(part("style/main.css"), Some(Part::Style));
        assert_eq!(part("app/src/lib.rs"), Some(Part::Browser));
        assert_eq!(part("crates/model/src/lib.rs"), Some(Part::Server));
        assert_eq!(part("migrations/0001_first.sql"), Some(Part::Server));
        assert_eq!(part("app/src/.lib.rs.swp"), None);
    }
}
