//! What looking at a GitHub costs in requests: the real poller, against a forge that is served from here and counts as
//! GitHub does.
//!
//! Requests are counted, not timed: they are the same on any machine.

use std::{sync::Arc, time::Duration};

use clap::Parser;
use landfall::{
    config::{Forge as Config, ForgeAuth, Secret},
    engine::Change,
    hook::HookMetrics,
    source::forge::{
        Github, Patience,
        poll::{Looker, Polling},
    },
};
use landfall_model::{
    view::{Generates, Snapshot},
    words::ForgeKind,
};
use landfall_sandbox::{
    Clock,
    forge::{Forge, Limits, RunEnd},
};
use tokio::sync::{mpsc, watch};

/// Requests that GitHub allows a token in an hour.
const LIMIT: u32 = 5_000;
const TOKEN: &str = "bench";

/// Counts the requests of looking at pull requests, against what GitHub allows in an hour
#[derive(Debug, Parser)]
#[command(name = "forge")]
struct Args {
    /// Repositories
    #[arg(long, default_value_t = 40)]
    repositories: u64,
    /// Open pull requests in all of them
    #[arg(long, default_value_t = 500)]
    pulls: u64,
    /// Cargo says this to every benchmark
    #[arg(long, hide = true)]
    bench: bool,
}

fn main() -> anyhow::Result<()> {
    let args = Args::parse();
    let _first = rustls::crypto::ring::default_provider().install_default();
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    runtime.block_on(run(&args))
}

/// A forge with its pull requests, and who looks at it.
struct Stage {
    forge: Forge,
    looker: Looker<Github>,
    inbox: mpsc::Receiver<Change>,
    pulls: Vec<(String, u64)>,
}

impl Stage {
    async fn look(&mut self) {
        self.looker.look().await;
        while self.inbox.try_recv().is_ok() {}
    }

    /// Each of these is pushed to, and built.
    fn push(&self, which: impl Iterator<Item = usize>) {
        for at in which {
            let (repository, number) = &self.pulls[at % self.pulls.len()];
            self.forge.push(repository, *number, "more");
            let run = self.forge.queue_run(repository, *number, "build");
            self.forge.start_run(repository, run);
            self.forge.end_run(repository, run, RunEnd::Success);
        }
    }
}

async fn run(args: &Args) -> anyhow::Result<()> {
    let forge = Forge::new(Clock::real());
    forge.let_in(TOKEN, "landfall");
    // The figures of an hour are made in a minute, so nothing may end before.
    forge.limit(Limits { per_hour: u32::MAX, ..Limits::default() });
    let running = forge.start().await?;
    let folder = std::env::temp_dir().join(format!("landfall-bench-forge-{}", std::process::id()));
    std::fs::write(&folder, TOKEN)?;
    let repositories: Vec<String> = (0..args.repositories).map(|n| format!("shop/service-{n}")).collect();
    let names = repositories.iter().cycle();
    let pulls: Vec<(String, u64)> = names.take(usize::try_from(args.pulls)?).cloned().zip(1..).collect();
    for (repository, number) in &pulls {
        forge.open(repository, *number, "A change", "mika", &format!("branch-{number}"));
        forge.label(repository, *number, "preview", "mika");
    }
    let config = Config {
        plain_http: true,
        allow_private: true,
        requests_per_minute: 60_000,
        auth: ForgeAuth::Token(Secret::File(folder.clone())),
        ..Config::anonymous("github", ForgeKind::Github, running.url.clone())
    };
    let generates = |path: &String| Generates {
        provider: "github".into(),
        repository: path.as_str().into(),
        api: Some(running.url.as_str().into()),
        labels: vec![vec!["preview".into()]],
    };
    let generators = Arc::new(repositories.iter().map(generates).collect());
    let (_view, snapshot) = watch::channel(Arc::new(Snapshot { generators, ..Snapshot::default() }));
    let (sender, inbox) = mpsc::channel(100_000);
    let patience = Patience { answer: Duration::from_secs(30), ..Patience::default() };
    let client = Github::new(&config, patience.clone())?;
    let polling = Polling { snapshot, patience, hooks: HookMetrics::default() };
    let looker = Looker::new(polling, &config, client, sender);
    let mut stage = Stage { forge, looker, inbox, pulls };

    println!(
        "{} open pull requests in {} repositories, all of them previewed\n",
        args.pulls, args.repositories
    );
    println!("| | requests | of them 304 | counted by GitHub | of {LIMIT} an hour |");
    println!("|---|---|---|---|---|");
    stage.look().await;
    row("from nothing, once", &stage.forge);
    stage.look().await;
    row("a look when nothing happens", &stage.forge);
    let looks = 3_600 / config.interval.as_secs();
    for _ in 0..looks {
        stage.look().await;
    }
    row(&format!("an hour of that, {looks} looks"), &stage.forge);
    // Each is pushed to once in the hour, spread over it.
    let count = stage.pulls.len();
    let (mut pushed, spread) = (0, usize::try_from(looks)?);
    for look in 1..=spread {
        let until = count * look / spread;
        stage.push(pushed..until);
        pushed = until;
        stage.look().await;
    }
    row("an hour in which each is pushed to once", &stage.forge);
    let each = args.pulls.div_ceil(args.repositories).div_ceil(100);
    println!(
        "\nThe generators of {} ApplicationSets beside it, which ask without `If-None-Match`:\n",
        args.repositories
    );
    println!("| `requeueAfterSeconds` | requests an hour | of {LIMIT} |");
    println!("|---|---|---|");
    for seconds in [1_800, 180, 60, 10] {
        let requests = args.repositories * each * 3_600 / seconds;
        println!("| {seconds} | {} | {} |", thousands(requests), percent(requests));
    }
    std::fs::remove_file(&folder)?;
    Ok(())
}

/// What was asked since the last row.
fn row(what: &str, forge: &Forge) {
    let counted = forge.counters();
    forge.reset_counters();
    println!(
        "| {what} | {} | {} | {} | {} |",
        thousands(counted.of("")),
        thousands(counted.unchanged),
        thousands(counted.charged),
        percent(counted.charged)
    );
}

fn percent(requests: u64) -> String {
    let tenths = requests * 1_000 / u64::from(LIMIT);
    format!("{}.{} %", tenths / 10, tenths % 10)
}

fn thousands(number: u64) -> String {
    match number {
        0..1_000 => number.to_string(),
        _ => format!("{},{:03}", thousands(number / 1_000), number % 1_000),
    }
}
