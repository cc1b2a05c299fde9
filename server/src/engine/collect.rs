//! Collectors and the way from them into the index.

use landfall_model::{
    index::{Index, Step},
    observe::Observation,
    view::SourceView,
};
use tokio::{sync::mpsc, task::JoinHandle, time::Instant};
use tokio_util::sync::CancellationToken;

use super::{Change, Engine, INBOX, pace::Pace};
use crate::{
    clock,
    source::{
        forge::{self, Patience},
        registry::poll::{self, Polling},
    },
    store::Epoch,
    watch,
};

/// Running collectors.
#[derive(Debug)]
pub struct Collecting {
    inbox: mpsc::Receiver<Change>,
    stop: CancellationToken,
    task: JoinHandle<()>,
    waiting: Vec<Change>,
}

impl Engine {
    /// Starts collecting, from the versions that these observations have. Registries and forges are looked at only under an
    /// epoch: what they show is kept in the database, and one replica is enough to ask.
    pub(super) fn collect<'a>(
        &self,
        stored: impl IntoIterator<Item = &'a Observation>,
        sources: &[SourceView],
        epoch: Option<&Epoch>,
    ) -> Collecting {
        let (sender, inbox) = mpsc::channel(INBOX);
        let stop = CancellationToken::new();
        let known = watch::known(stored);
        let polling = epoch.map(|epoch| Polling {
            store: self.store.clone(),
            epoch: epoch.clone(),
            snapshot: self.publisher.snapshot(),
            patience: Patience::default(),
            hooks: self.hooks.clone(),
        });
        let (config, metrics, token) = (self.config.clone(), self.metrics.clone(), stop.clone());
        let sources = sources.to_vec();
        let task = tokio::spawn(async move {
            let watching = async {
                watch::run(&config, &known, sender.clone(), token.clone(), &metrics).await;
                // Where that ends by itself nobody is to believe that all is well.
                token.cancel();
            };
            let looking = async {
                let Some(polling) = &polling else { return };
                let of_forges = forge::poll::Polling {
                    snapshot: polling.snapshot.clone(),
                    patience: polling.patience.clone(),
                    hooks: polling.hooks.clone(),
                };
                let store = &polling.store;
                tokio::join!(
                    poll::run(polling, &config, &sources, sender.clone(), token.clone()),
                    forge::poll::run(&of_forges, &config, &sources, sender.clone(), store, token.clone()),
                );
            };
            tokio::join!(watching, looking);
        });
        Collecting { inbox, stop, task, waiting: Vec::with_capacity(INBOX) }
    }

    /// One step of an index, shown to everybody.
    pub(super) fn step(&self, index: &mut Index, pace: &mut Pace) -> Step {
        let (began, now) = (Instant::now(), clock::now());
        let step = index.advance(now);
        let complete = index.is_complete();
        pace.stepped(began, now, step.wake_at, complete);
        self.publisher.step(&step);
        self.publisher.tell(|status| status.complete = complete);
        step
    }
}

impl Collecting {
    /// Takes what collectors sent into the index; returns when there was something. False: they have ended.
    pub async fn next(&mut self, index: &mut Index) -> bool {
        if self.inbox.recv_many(&mut self.waiting, INBOX).await == 0 {
            return false;
        }
        for change in self.waiting.drain(..) {
            match change {
                Change::Apply(observation) => index.apply(observation),
                Change::Delete { scope, name, version } => index.delete(&scope, &name, version),
                Change::Reset { scope, within, items, version } => {
                    index.reset(&scope, within.as_ref(), items, version);
                }
                Change::Report(report) => index.report(report),
                Change::Polled(report) => index.polled(report),
            }
        }
        true
    }

    /// Ends the collectors.
    pub async fn stop(self) {
        self.stop.cancel();
        drop(self.inbox);
        if let Err(error) = self.task.await {
            tracing::error!(%error, "the collectors failed");
        }
    }
}
