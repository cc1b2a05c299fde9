//! Looks at every configured registry again and again, and writes which tag points where. Only the leader does.
//!
//! ```text
//!  a cycle   in use   HEAD of the tags that run or are meant to              what runs comes first
//!            lists    each repository's tags; HEAD of those that may move    a whole list ends what it does not hold
//!            the rest HEAD of tags never seen, GET of digests never read     until the next cycle is due, a few of each
//! ```
//!
//! Nothing is remembered from one cycle to the next but the registry's budget and habits: what is new is what the
//! database does not have. So a failure, a restart or another leader changes when something is seen, never what.

mod cycle;
mod tag;
mod wanted;

use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
    time::Duration,
};

use landfall_model::view::{Snapshot, SourceView};
use tokio::sync::watch;
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use self::cycle::Cycle;
pub use self::{
    tag::may_move,
    wanted::{Use, Wanted, wanted},
};
use super::{Blocked, Client, Patience};
use crate::{
    config::{Config, Registry},
    engine::Inbox,
    hook::{self, Asks, HookMetrics},
    source::report::Reporter,
    store::{Epoch, Store},
};

/// A first look waits so long to know what runs.
const FIRST_VIEW: Duration = Duration::from_secs(15);
/// Looks that webhooks ask for begin no sooner after each other: a registry that calls a thousand times is looked at
/// a few times.
const BREATH: Duration = Duration::from_secs(2);
/// What was asked for and could not be looked at is tried again after this time, or when the registry may be asked again.
const AGAIN: Duration = Duration::from_secs(15);

/// What looking needs.
#[derive(Clone)]
pub struct Polling {
    pub store: Store,
    pub epoch: Epoch,
    /// Says which repositories are in use.
    pub snapshot: watch::Receiver<Arc<Snapshot>>,
    pub patience: Patience,
    /// Counts what webhooks ask for.
    pub hooks: HookMetrics,
}

impl std::fmt::Debug for Polling {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Polling").field("epoch", &self.epoch).finish_non_exhaustive()
    }
}

/// Looks at every registry of the configuration until `stop`. `stored` tells which are to be left alone still.
pub async fn run(
    polling: &Polling,
    config: &Config,
    stored: &[SourceView],
    inbox: Inbox,
    stop: CancellationToken,
) {
    let tasks = TaskTracker::new();
    let mut asked = BTreeMap::new();
    for registry in config.registries.iter().filter(|registry| !registry.links_only) {
        let client = match Client::new(registry, polling.patience.clone()) {
            Ok(client) => client,
            Err(failure) => {
                tracing::error!(registry = registry.host, %failure, "it cannot be asked");
                continue;
            }
        };
        if let Some(blocked) = blocked(stored, registry) {
            client.resume(blocked);
        }
        let looker = Looker {
            polling: polling.clone(),
            client,
            reporter: Reporter::new(registry.source(), inbox.clone()),
            registry: registry.clone(),
            told: HashMap::new(),
            asks: Arc::default(),
        };
        if registry.webhook_secret.is_some() {
            asked.insert(registry.host.clone(), Arc::clone(&looker.asks));
        }
        let stop = stop.clone();
        tasks.spawn(async move { stop.run_until_cancelled(Box::pin(looker.look_again_and_again())).await });
    }
    drop(inbox);
    tasks.close();
    if asked.is_empty() {
        tasks.wait().await;
    } else {
        tokio::join!(tasks.wait(), hook::receive(&asked, &polling.store, &polling.hooks, &stop));
    }
}

fn blocked(stored: &[SourceView], registry: &Registry) -> Option<Blocked> {
    let source = registry.source();
    let view = stored.iter().find(|view| *view.name == *source)?;
    let budget = view.budget.as_ref()?;
    Some(Blocked { until: budget.blocked_until?, why: budget.said()? })
}

/// Looks at one registry.
#[derive(Debug)]
pub struct Looker {
    pub polling: Polling,
    pub client: Client,
    pub reporter: Reporter,
    pub registry: Registry,
    /// What the engine was last told of each repository, as a hash: most looks show nothing new.
    pub told: HashMap<String, u64>,
    /// What its webhooks ask for.
    pub asks: Arc<Asks>,
}

impl Looker {
    /// One that reports to `inbox`.
    pub fn new(polling: Polling, registry: &Registry, inbox: Inbox) -> Result<Self, super::Failure> {
        Ok(Self {
            client: Client::new(registry, polling.patience.clone())?,
            reporter: Reporter::new(registry.source(), inbox),
            registry: registry.clone(),
            told: HashMap::new(),
            asks: Arc::default(),
            polling,
        })
    }

    async fn look_again_and_again(mut self) {
        // At a start nothing is known to run yet, and what runs comes first.
        let view = self.polling.snapshot.wait_for(|view| !view.services.is_empty());
        let _ = tokio::time::timeout(FIRST_VIEW, view).await;
        loop {
            let began = tokio::time::Instant::now();
            if self.look().await.is_err() {
                // Another replica leads: this task is about to be stopped.
                std::future::pending::<()>().await;
            }
            let due = began + self.registry.interval;
            // What asks in step with others meets them again and again.
            let jitter = self.registry.interval.mul_f64(fastrand::f64() / 20.0);
            if self.look_when_asked(due.max(tokio::time::Instant::now()) + jitter).await.is_err() {
                std::future::pending::<()>().await;
            }
        }
    }

    /// Waits until `due`, and meanwhile looks at what webhooks ask for.
    pub async fn look_when_asked(&mut self, due: tokio::time::Instant) -> Result<(), Fenced> {
        loop {
            let asks = Arc::clone(&self.asks);
            tokio::select! {
                () = tokio::time::sleep_until(due) => return Ok(()),
                () = asks.some() => {}
            }
            let began = tokio::time::Instant::now();
            let pause =
                if self.look_at_asked().await? { BREATH } else { self.blocked_for().unwrap_or(AGAIN) };
            tokio::time::sleep_until((began + pause).min(due)).await;
        }
    }

    fn blocked_for(&self) -> Option<Duration> {
        let blocked = self.client.budget().blocked()?;
        Duration::try_from(blocked.until.duration_since(crate::clock::now())).ok()
    }

    /// Looks at what webhooks ask for. False where that could not be done: it is still asked for.
    pub async fn look_at_asked(&mut self) -> Result<bool, Fenced> {
        let snapshot = self.polling.snapshot.borrow().clone();
        let wanted = wanted(&snapshot, &self.registry);
        self.cycle(&wanted).run_asked().await
    }

    /// One cycle. Fails where this replica no longer leads.
    pub async fn look(&mut self) -> Result<(), Fenced> {
        let snapshot = self.polling.snapshot.borrow().clone();
        let wanted = wanted(&snapshot, &self.registry);
        self.cycle(&wanted).run().await
    }

    fn cycle<'a>(&'a mut self, wanted: &'a Wanted) -> Cycle<'a> {
        let (reporter, told) = (&mut self.reporter, &mut self.told);
        Cycle::new(&self.polling, &self.client, &self.registry, reporter, told, wanted, &self.asks)
    }
}

/// Another replica leads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fenced;
