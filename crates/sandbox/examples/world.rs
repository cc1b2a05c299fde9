//! Serves a world by hand: the story, or a big one, until Ctrl-C.
//!
//! ```text
//! cargo run -p landfall-sandbox --example world -- story
//! cargo run -p landfall-sandbox --example world -- big --apps 10000 --pods 50000 --refreshes 55
//! ```

use std::time::{Duration, Instant};

use clap::{Parser, Subcommand};
use landfall_sandbox::{Big, Churn, Clock, World};

#[derive(Parser)]
#[command(about = "Serves a sandbox world: Kubernetes API servers with Argo CD's objects in them")]
struct Args {
    /// Port of the control endpoint; the clusters take the ports after it. Without it: free ports.
    #[arg(long, default_value_t = 0)]
    port: u16,
    #[command(subcommand)]
    world: Kind,
}

#[derive(Subcommand)]
enum Kind {
    /// The story of a hosting company.
    Story {
        /// Same seed, same story.
        #[arg(long, default_value_t = 1)]
        seed: u64,
        /// Nothing happens by itself.
        #[arg(long)]
        still: bool,
    },
    /// A big world.
    Big {
        #[arg(long, default_value_t = 10_000)]
        apps: u32,
        #[arg(long, default_value_t = 50_000)]
        pods: u32,
        #[arg(long, default_value_t = 1)]
        clusters: u32,
        #[arg(long, default_value_t = 1)]
        seed: u64,
        /// Applications of 20 to 60 objects.
        #[arg(long)]
        wide: bool,
        /// Applications compared again a second.
        #[arg(long, default_value_t = 0)]
        refreshes: u32,
        /// Changes of meaning a second.
        #[arg(long, default_value_t = 0)]
        changes: u32,
    },
    /// One empty cluster.
    Empty,
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let args = Args::parse();
    let begun = Instant::now();
    let world = match args.world {
        Kind::Story { seed, still } => {
            let world = World::story(seed, Clock::real());
            world.autoplay(!still);
            world
        }
        Kind::Big { apps, pods, clusters, seed, wide, refreshes, changes } => {
            let resources = if wide { (20, 60) } else { Big::default().resources };
            let world = World::big(Big { apps, pods, clusters, seed, resources }, Clock::real());
            world.churn(Churn { refreshes_per_s: refreshes, changes_per_s: changes });
            world
        }
        Kind::Empty => World::empty(),
    };
    let running = world.start_on(args.port).await?;
    println!("# built in {:.1} s", begun.elapsed().as_secs_f64());
    for cluster in world.clusters() {
        println!("# {} at {}: {:?}", cluster.name(), running.url(cluster.name()), cluster.sizes());
    }
    println!("# control at {}/_sandbox\n\n{}", running.control_url, world.landfall_toml());
    tokio::signal::ctrl_c().await?;
    tokio::time::timeout(Duration::from_secs(5), running.shutdown()).await?;
    Ok(())
}
