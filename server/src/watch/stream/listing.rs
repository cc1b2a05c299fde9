//! A complete list: asked for, compared with what is known, handed on.

use landfall_model::{
    observe::{ObjectName, Observation, Version},
    said,
};
use tokio::time::Instant;

use super::{End, Stream};
use crate::{
    engine::Change,
    watch::{backoff::jitter, edge, list, report::Closed, server::Failure},
};

impl Stream {
    pub(super) async fn list(&mut self, api_version: &str) -> Result<(), End> {
        self.parts.metrics.lists.get_or_create(&self.labels).inc();
        let listed = {
            let _turn = self.parts.server.turn().await;
            let edge = self.edge();
            list::pages(&self.parts.server, &self.parts.plan, api_version, self.page, &edge).await
        };
        let listed = match listed {
            Err(Failure::TooLarge(_)) if self.page > 1 => {
                self.page = (self.page / 4).max(1);
                tracing::info!(page = self.page, "a page was too large; asking for smaller ones");
                return Err(listed.map_or_else(End::Failed, |_| End::Closed));
            }
            other => other?,
        };
        self.unreadable(listed.broken);
        self.listed(listed.items, listed.version).await
    }

    /// Takes over a complete list, unless it is older than what is known and may only be a late answer.
    pub(super) async fn listed(&mut self, mut items: Vec<Observation>, version: u64) -> Result<(), End> {
        if version < self.known.resource {
            self.lower += 1;
            if self.lower < 2 {
                tokio::time::sleep(jitter(self.parts.pace.spread)).await;
                let why = said!(
                    "list-older",
                    "the list's version {version} is older than {known}",
                    version = version.to_string(),
                    known = self.known.resource.to_string(),
                );
                return Err(Failure::Broken(why).into());
            }
            self.known.epoch += 1;
            self.known.resource = 0;
            tracing::warn!(epoch = self.known.epoch, version, "the store went back in time: it was replaced");
        }
        self.lower = 0;
        for item in &mut items {
            item.version.epoch = self.known.epoch;
        }
        self.unnamed = items.iter().any(edge::is_unnamed).then(Instant::now);
        edge::by_name(&mut items);
        self.resume = Some(version);
        self.moved_to(version);
        let version = Version { epoch: self.known.epoch, resource: version };
        self.reset(items, version).await?;
        self.healed();
        self.reporter.alive(&self.parts.inbox, &self.parts.pace).await?;
        self.parts.interner.lock().unwrap_or_else(std::sync::PoisonError::into_inner).sweep();
        Ok(())
    }

    pub(super) async fn reset(&self, items: Vec<Observation>, version: Version) -> Result<(), Closed> {
        let plan = &self.parts.plan;
        match &plan.within {
            // One namespace, picked by its name: it lies in no namespace that a Reset could be restricted to.
            Some(namespace) if !plan.resource.namespaced && items.is_empty() => {
                let name = ObjectName { namespace: "".into(), name: namespace.clone() };
                self.send(Change::Delete { scope: plan.scope.clone(), name, version }).await?;
            }
            _ => {}
        }
        let within = plan.within.clone();
        self.send(Change::Reset { scope: plan.scope.clone(), within, items, version }).await
    }
}
