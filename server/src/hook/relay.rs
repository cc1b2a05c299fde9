//! From the replica that a registry called to the one that leads: through the database, which both know.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use serde::{Deserialize, Serialize};
use tokio_util::sync::CancellationToken;

use super::{Asks, HookMetrics, Hooks, Wish};
use crate::store::Store;

/// What is asked for in this time goes in one transaction.
const GATHER: Duration = Duration::from_millis(200);
/// While the database is away.
const RETRY: Duration = Duration::from_secs(2);

/// One repository to look at, as it goes through the database.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ask {
    pub host: String,
    pub repository: String,
    #[serde(default)]
    pub tags: Vec<String>,
    #[serde(default)]
    pub list: bool,
    #[serde(default)]
    pub late: bool,
}

/// Hands on what registries ask of this replica, until `stop`.
pub async fn hand_on(hooks: Arc<Hooks>, store: Store, stop: CancellationToken) {
    let work = async {
        loop {
            hooks.asks.some().await;
            tokio::time::sleep(GATHER).await;
            let asks: Vec<Ask> = hooks.asks.take().into_iter().map(Ask::from).collect();
            if let Err(error) = store.ask_to_look(&asks).await {
                tracing::debug!(%error, repositories = asks.len(), "cannot be handed to the leader yet");
                hooks.metrics.asked("again");
                for Ask { host, repository, tags, list, .. } in asks {
                    let wish = Wish { tags: tags.into_iter().collect(), list, late: true };
                    hooks.asks.add(&host, &repository, wish);
                }
                tokio::time::sleep(RETRY).await;
            }
        }
    };
    stop.run_until_cancelled(work).await;
}

fn is_forge(host: &str) -> bool {
    host.starts_with("forge/")
}

/// Takes what any replica hands on, until `stop`: to the asks of that registry's host, or of that `forge/NAME`.
pub async fn receive(
    hosts: &BTreeMap<String, Arc<Asks>>,
    store: &Store,
    metrics: &HookMetrics,
    stop: &CancellationToken,
) {
    let work = async {
        loop {
            let mut listener = match store.asked_to_look().await {
                Ok(listener) => listener,
                Err(error) => {
                    tracing::debug!(%error, "cannot hear of webhooks; regular looks go on");
                    tokio::time::sleep(RETRY).await;
                    continue;
                }
            };
            while let Some(Ask { host, repository, tags, list, late }) = listener.next().await {
                let wish = Wish { tags: tags.into_iter().collect(), list, late };
                // Registries and forges hear the same; what is for the others is no loss.
                if is_forge(&host) != hosts.keys().any(|known| is_forge(known)) {
                    continue;
                }
                let taken = hosts.get(&host).is_some_and(|asks| asks.add(&host, &repository, wish));
                if !taken {
                    metrics.asked("unknown");
                }
            }
            tracing::debug!("no longer hears of webhooks: listening anew");
        }
    };
    stop.run_until_cancelled(work).await;
}

impl From<((String, String), Wish)> for Ask {
    fn from(((host, repository), wish): ((String, String), Wish)) -> Self {
        Self { host, repository, tags: wish.tags.into_iter().collect(), list: wish.list, late: wish.late }
    }
}
