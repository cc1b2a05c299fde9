//! The lines of a watch: objects, bookmarks, errors, and what does not read.

use landfall_model::{
    observe::{ObjectName, Observation, Version},
    reduce::{self, Meta},
    said,
};
use serde_json::value::RawValue;
use tokio::time::Instant;

use super::{End, Stream};
use crate::{
    engine::Change,
    watch::{
        edge,
        report::Closed,
        server::{Failure, failure_of},
        skim::{Form, Skim},
        wire,
    },
};

/// A line that breaks off so often at the same version is skipped.
const SKIP: u32 = 2;

impl Stream {
    /// Takes one line. Returns whether it moved the watch on.
    pub(super) async fn line(
        &mut self,
        line: &[u8],
        collected: &mut Option<Vec<Observation>>,
    ) -> Result<bool, End> {
        let event: wire::Event<'_> = match serde_json::from_slice(line) {
            Ok(event) => event,
            Err(error) => {
                self.broken_line(&error)?;
                let meta = Skim::of(Form::Event, line);
                self.broken_object(meta.as_ref(), &format!("is no JSON: {error}"), collected).await?;
                return Ok(meta.is_some());
            }
        };
        match event.kind.as_ref() {
            "ADDED" | "MODIFIED" => {
                self.parts.metrics.events.get_or_create(&self.labels).inc();
                let reduced = match self.edge().reduce(event.object.get()) {
                    Ok(reduced) => reduced,
                    Err(why) => {
                        self.broken_object(None, &why, collected).await?;
                        return Ok(false);
                    }
                };
                if let Some(collected) = collected {
                    collected.extend(reduced.observation);
                } else {
                    self.moved_on(reduced.meta.resource_version);
                    if let Some(observation) = reduced.observation {
                        self.send(Change::Apply(observation)).await?;
                    }
                    self.life().await?;
                }
                Ok(true)
            }
            "DELETED" => {
                self.parts.metrics.events.get_or_create(&self.labels).inc();
                self.deleted(event.object, collected).await?;
                Ok(true)
            }
            "BOOKMARK" => self.bookmark(event.object, collected).await,
            "ERROR" => {
                let status: wire::Status = serde_json::from_str(event.object.get()).unwrap_or_default();
                let expired = matches!(status.reason.as_deref(), Some("Expired" | "Gone"));
                let code = if expired { 410 } else { status.code.unwrap_or(500) };
                Err(failure_of(code, status, None).into())
            }
            other => {
                tracing::debug!(other, "a watch event of an unknown type");
                Ok(false)
            }
        }
    }

    pub(super) async fn deleted(
        &mut self,
        object: &RawValue,
        collected: &mut Option<Vec<Observation>>,
    ) -> Result<(), End> {
        let Some(meta) = reduce::meta(object.get()) else {
            self.unreadable(1);
            return Ok(());
        };
        let name = {
            let mut interner = self.parts.interner.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
            ObjectName { namespace: interner.intern(&meta.namespace), name: interner.intern(&meta.name) }
        };
        if let Some(collected) = collected {
            collected.retain(|item| item.name != name);
            return Ok(());
        }
        self.moved_on(meta.resource_version);
        let version = Version { epoch: self.known.epoch, resource: meta.resource_version };
        self.send(Change::Delete { scope: self.parts.plan.scope.clone(), name, version }).await?;
        self.life().await?;
        Ok(())
    }

    pub(super) async fn bookmark(
        &mut self,
        object: &RawValue,
        collected: &mut Option<Vec<Observation>>,
    ) -> Result<bool, End> {
        let Ok(mark) = serde_json::from_str::<wire::Bookmark>(object.get()) else { return Ok(false) };
        let Some(version) = wire::version(&mark.metadata.resource_version) else { return Ok(false) };
        if collected.is_some() {
            if mark.ends_initial_events()
                && let Some(items) = collected.take()
            {
                self.listed(items, version).await?;
            }
            return Ok(true);
        }
        if self.resume.is_some_and(|resume| version < resume) {
            // Bookmarks only grow. A lower one comes from a store that was replaced.
            tracing::warn!(version, "a bookmark went back in time");
            return Err(Failure::Expired.into());
        }
        self.moved_on(version);
        self.life().await?;
        Ok(true)
    }

    /// A line that is no JSON: the connection is given up and resumed before it. When that does not help the object
    /// is shown as unreadable, and the watch goes on behind it.
    pub(super) fn broken_line(&mut self, error: &serde_json::Error) -> Result<(), Failure> {
        let at = self.resume.unwrap_or_default();
        let times = match self.broken_at {
            Some((version, times)) if version == at => times,
            _ => 0,
        };
        if times < SKIP {
            self.broken_at = Some((at, times + 1));
            let why = error.to_string();
            return Err(Failure::Broken(said!("line-broken", "a line of the watch: {why}", why = why)));
        }
        Ok(())
    }

    /// Shows an object of which no more than its name is known, or its place.
    pub(super) async fn broken_object(
        &mut self,
        meta: Option<&Meta>,
        why: &str,
        collected: &mut Option<Vec<Observation>>,
    ) -> Result<(), Closed> {
        self.unreadable(1);
        let place = || match &*collected {
            Some(items) => edge::place_in_list(items),
            None => "in the watch".to_owned(),
        };
        let broken = self.edge().known_as(meta, place, why);
        if edge::is_unnamed(&broken) {
            self.unnamed.get_or_insert_with(Instant::now);
        }
        if let Some(collected) = collected {
            collected.push(broken);
            return Ok(());
        }
        self.moved_on(broken.version.resource);
        self.send(Change::Apply(broken)).await?;
        self.life().await
    }
}
