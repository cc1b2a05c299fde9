//! What Landfall costs: the real program, as its own process on one core, against a world that is served from here.
//!
//! ```text
//!   core 0: landfall serve          core 1: this process: API servers, viewers, open tabs
//!                    \__ PostgreSQL (wherever the system puts it)
//! ```
//!
//! `cargo xtask bench` builds both with all optimisations and brings the database. The table is for people; the JSON
//! file keeps every figure.

mod child;
mod clients;
mod database;
mod hello;
mod load;
mod pages;
mod report;
mod run;
mod tabs;
mod world;

use std::path::PathBuf;

use anyhow::Context as _;
use clap::Parser;

/// Measures a fleet: start, memory, pages, live events, noise, history
#[derive(Debug, Parser)]
#[command(name = "fleet")]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of the command line")]
struct Args {
    /// Numbers of Applications; each has five pods
    #[arg(long, value_delimiter = ',', default_value = "100,1000,10000", value_name = "N,N")]
    sizes: Vec<u32>,
    /// Shorter measurements and no slopes: a look, not a figure to quote
    #[arg(long)]
    quick: bool,
    /// Where the figures are written
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
    /// Leave the server on all cores
    #[arg(long)]
    unpinned: bool,
    /// Serve "hello, world" on a free port and print it; what figures are compared with
    #[arg(long, hide = true)]
    hello: bool,
    /// Cargo says this to every benchmark
    #[arg(long, hide = true)]
    bench: bool,
}

fn main() -> anyhow::Result<()> {
    let args = Args::parse();
    if args.hello {
        return hello::serve();
    }
    let url = std::env::var("DATABASE_URL")
        .context("DATABASE_URL names no server to make databases on\nhelp: cargo xtask bench brings one")?;
    let pinned = !args.unpinned && child::can_pin();
    if pinned {
        // Before the runtime: its threads inherit it.
        child::pin_self(1)?;
    }
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    let plan = run::Plan { sizes: args.sizes, quick: args.quick, pinned, url };
    let report = runtime.block_on(run::all(&plan))?;
    println!("{report}");
    let file = args.json.unwrap_or_else(|| target().join("bench/fleet.json"));
    if let Some(folder) = file.parent() {
        std::fs::create_dir_all(folder)?;
    }
    std::fs::write(&file, serde_json::to_vec_pretty(&report)?)?;
    println!("written to {}", file.display());
    Ok(())
}

/// Cargo's build folder.
pub fn target() -> PathBuf {
    let scratch = PathBuf::from(env!("CARGO_TARGET_TMPDIR"));
    scratch.parent().map_or(scratch.clone(), PathBuf::from)
}
