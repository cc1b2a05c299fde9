//! Looks at every configured forge again and again, and tells the engine of its pull requests. Only the leader does.
//!
//! ```text
//!  a cycle   for each repository that a generator or the configuration names:
//!              lists     open ones, those closed last, comments that ask for a preview, runs     mostly 304: free
//!              details   labels with times, commits, comments: of those that are of interest, when they have changed
//!            whole: what the lists do not hold is gone;  broken off: nothing is
//! ```
//!
//! A webhook only says which repository to look at now.

mod assemble;
mod branches;
mod cycle;
mod wanted;

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    sync::Arc,
    time::Duration,
};

use landfall_model::{
    view::{Snapshot, SourceView},
    words::ForgeKind,
};
use tokio::sync::watch;
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use self::assemble::Held;
pub use self::wanted::{Use, Wanted, wanted};
use super::{Blocked, Forge, Gitea, Github, Gitlab, Patience};
use crate::{
    config::{self, Config},
    engine::Inbox,
    hook::{self, Asks, HookMetrics},
    source::report::Reporter,
    store::Store,
};

/// A first look waits so long to know which generators there are.
const FIRST_VIEW: Duration = Duration::from_secs(15);
/// Looks that webhooks ask for begin no sooner after each other.
const BREATH: Duration = Duration::from_secs(2);
/// What was asked for and could not be looked at is tried again after this time, or when the forge may be asked again.
const AGAIN: Duration = Duration::from_secs(15);

/// What looking needs.
#[derive(Clone, Debug)]
pub struct Polling {
    /// Says which repositories generators name, and which pull requests have an Application.
    pub snapshot: watch::Receiver<Arc<Snapshot>>,
    pub patience: Patience,
    /// Counts what webhooks ask for.
    pub hooks: HookMetrics,
}

/// Looks at every forge of the configuration until `stop`. `stored` tells which are to be left alone still; what webhooks
/// ask of any replica comes through `store`.
pub async fn run(
    polling: &Polling,
    config: &Config,
    stored: &[SourceView],
    inbox: Inbox,
    store: &Store,
    stop: CancellationToken,
) {
    let tasks = TaskTracker::new();
    let mut asked = BTreeMap::new();
    for forge in &config.forges {
        let Some(kind) = forge.asked() else { continue };
        let asks = Arc::<Asks>::default();
        if forge.webhook_secret.is_some() {
            asked.insert(forge.source(), Arc::clone(&asks));
        }
        let start = Start { polling, forge, stored, inbox: &inbox, asks, tasks: &tasks, stop: &stop };
        let patience = polling.patience.clone();
        match kind {
            ForgeKind::Github => start.look(Github::new(forge, patience)),
            ForgeKind::Gitlab => start.look(Gitlab::new(forge, patience)),
            ForgeKind::Gitea => start.look(Gitea::new(forge, patience)),
        }
    }
    drop(inbox);
    tasks.close();
    if asked.is_empty() {
        tasks.wait().await;
    } else {
        tokio::join!(tasks.wait(), hook::receive(&asked, store, &polling.hooks, &stop));
    }
}

/// What it takes to look at one forge.
struct Start<'a> {
    polling: &'a Polling,
    forge: &'a config::Forge,
    stored: &'a [SourceView],
    inbox: &'a Inbox,
    asks: Arc<Asks>,
    tasks: &'a TaskTracker,
    stop: &'a CancellationToken,
}

impl Start<'_> {
    fn look<F: Forge>(self, client: Result<F, super::Failure>) {
        let client = match client {
            Ok(client) => client,
            Err(failure) => {
                tracing::error!(forge = self.forge.name, %failure, "it cannot be asked");
                return;
            }
        };
        if let Some(blocked) = blocked(self.stored, self.forge) {
            client.budget().resume(blocked);
        }
        let mut looker = Looker::new(self.polling.clone(), self.forge, client, self.inbox.clone());
        looker.asks = self.asks;
        let stop = self.stop.clone();
        self.tasks
            .spawn(async move { stop.run_until_cancelled(Box::pin(looker.look_again_and_again())).await });
    }
}

fn blocked(stored: &[SourceView], forge: &config::Forge) -> Option<Blocked> {
    let source = forge.source();
    let view = stored.iter().find(|view| *view.name == *source)?;
    let budget = view.budget.as_ref()?;
    Some(Blocked { until: budget.blocked_until?, why: budget.said()? })
}

/// Looks at one forge.
#[derive(Debug)]
pub struct Looker<F> {
    pub forge: F,
    pub config: config::Forge,
    polling: Polling,
    reporter: Reporter,
    /// What its webhooks ask for.
    pub asks: Arc<Asks>,
    /// What is known beside the lists, by repository and number.
    held: HashMap<String, BTreeMap<u64, Held>>,
    /// Repositories that were told to the engine.
    told: BTreeSet<String>,
    /// Repositories whose branches were told to the engine.
    told_branches: BTreeSet<String>,
    /// Whether what an earlier run told was compared with what there is now.
    swept: bool,
    /// Paths of projects that are named by their number.
    paths: HashMap<String, String>,
}

impl<F: Forge> Looker<F> {
    pub fn new(polling: Polling, forge: &config::Forge, client: F, inbox: Inbox) -> Self {
        Self {
            forge: client,
            config: forge.clone(),
            polling,
            reporter: Reporter::new(forge.source(), inbox),
            asks: Arc::default(),
            held: HashMap::new(),
            told: BTreeSet::new(),
            told_branches: BTreeSet::new(),
            swept: false,
            paths: HashMap::new(),
        }
    }

    async fn look_again_and_again(mut self) {
        let view = self.polling.snapshot.wait_for(|view| !view.services.is_empty());
        let _ = tokio::time::timeout(FIRST_VIEW, view).await;
        loop {
            let began = tokio::time::Instant::now();
            self.look().await;
            let due = began + self.config.interval;
            // What asks in step with others meets them again and again.
            let jitter = self.config.interval.mul_f64(fastrand::f64() / 20.0);
            self.look_when_asked(due.max(tokio::time::Instant::now()) + jitter).await;
        }
    }

    /// Waits until `due`, and meanwhile looks at what webhooks ask for.
    pub async fn look_when_asked(&mut self, due: tokio::time::Instant) {
        loop {
            let asks = Arc::clone(&self.asks);
            tokio::select! {
                () = tokio::time::sleep_until(due) => return,
                () = asks.some() => {}
            }
            let began = tokio::time::Instant::now();
            let pause = if self.look_at_asked().await { BREATH } else { self.blocked_for().unwrap_or(AGAIN) };
            tokio::time::sleep_until((began + pause).min(due)).await;
        }
    }

    fn blocked_for(&self) -> Option<Duration> {
        let blocked = self.forge.budget().blocked()?;
        Duration::try_from(blocked.until.duration_since(crate::clock::now())).ok()
    }
}
