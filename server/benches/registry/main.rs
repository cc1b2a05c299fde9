//! What looking at registries costs in requests: the real poller and a real PostgreSQL, against a registry that is served
//! from here and counts.
//!
//! Requests are counted, not timed: they are the same on any machine.

mod stage;
mod table;

use anyhow::Context as _;
use clap::Parser;
use landfall_sandbox::registry::Image;

use stage::Stage;
use table::{Cost, Table};

/// Counts the requests of looking at registries, beside what Image Updater's newest-build needs
#[derive(Debug, Parser)]
#[command(name = "registry")]
struct Args {
    /// Repositories of the fleet
    #[arg(long, default_value_t = 500)]
    repositories: u64,
    /// Tags of each
    #[arg(long, default_value_t = 500)]
    tags: u64,
    /// Repositories that are taken in from nothing; the figures are scaled to the fleet
    #[arg(long, default_value_t = 20)]
    cold: u64,
    /// Tags of the one repository that is very large
    #[arg(long, default_value_t = 100_000)]
    large: u64,
    /// Cargo says this to every benchmark
    #[arg(long, hide = true)]
    bench: bool,
}

fn main() -> anyhow::Result<()> {
    let args = Args::parse();
    let url = std::env::var("DATABASE_URL")
        .context("DATABASE_URL names no server to make databases on\nhelp: cargo xtask bench brings one")?;
    let _first = rustls::crypto::ring::default_provider().install_default();
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    runtime.block_on(run(&args, &url))
}

async fn run(args: &Args, url: &str) -> anyhow::Result<()> {
    let mut table = Table::new(args.repositories, args.tags);

    let mut cold = Stage::new(url, args.cold).await?;
    cold.push_all(args.tags);
    let mut looks = 0;
    while !cold.is_taken_in(args.tags).await? {
        cold.look().await?;
        looks += 1;
    }
    let cost = Cost::of(&cold.registry).times(args.repositories, args.cold);
    table.row(
        "from nothing, once",
        cost,
        Some(Cost {
            list: args.repositories,
            manifest: args.repositories * args.tags,
            blob: args.repositories * args.tags,
            ..Cost::default()
        }),
    );
    cold.end().await?;

    let mut fleet = Stage::new(url, args.repositories).await?;
    fleet.know_all(args.tags).await?;
    fleet.runs_everywhere("tag-00000");
    fleet.look().await?;
    fleet.registry.reset_counters();
    fleet.look().await?;
    let polls = Cost { list: args.repositories, ..Cost::default() };
    table.row("a look when nothing happens", Cost::of(&fleet.registry), Some(polls));
    table.per_hour(Cost::of(&fleet.registry));

    let new = Cost { manifest: args.repositories, blob: args.repositories, ..polls };
    fleet.push_everywhere("2026.11.25", |path| Image::plain(path, "2026-11-25T10:00:00Z"));
    fleet.registry.reset_counters();
    fleet.look().await?;
    table.row("one new image in every repository", Cost::of(&fleet.registry), Some(new));

    // The rebuild of a reverted release: a new tag on what was there before.
    fleet.push_everywhere("2026.11.26", |_| Image::plain("known", "2026-11-20T10:00:00Z"));
    fleet.registry.reset_counters();
    fleet.look().await?;
    let reverted = Cost::of(&fleet.registry);
    anyhow::ensure!(reverted.manifest == 0 && reverted.blob == 0, "a revert costs GETs: {reverted:?}");
    table.row("a revert in every repository", reverted, Some(new));
    fleet.end().await?;

    let mut large = Stage::new(url, 1).await?;
    large.know_all(args.large).await?;
    let began = std::time::Instant::now();
    large.look().await?;
    let look = began.elapsed();
    let began = std::time::Instant::now();
    let shown = large.newest(100).await?;
    table.large(args.large, shown, look, began.elapsed());
    large.end().await?;

    println!("{table}\n{looks} looks took everything in.");
    Ok(())
}
