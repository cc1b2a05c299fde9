//! One watch, from its opening to its end.

use std::{fmt::Write as _, time::Duration};

use landfall_model::observe::Observation;

use super::{End, Stream};
use crate::watch::{
    edge,
    lines::{Line, Lines},
    list,
    server::Failure,
    wire,
};

/// So many watches in a row without any word from the server, not even a bookmark, are suspicious.
const QUIET: u32 = 3;

impl Stream {
    pub(super) async fn watch(&mut self, api_version: &str) -> Result<(), End> {
        let initial = self.resume.is_none();
        let mut turn = if initial { self.parts.server.turn().await } else { None };
        let window = fastrand::u64(self.parts.pace.window_s.clone());
        let path = self.watch_path(api_version, window);
        let counters = if initial { &self.parts.metrics.lists } else { &self.parts.metrics.watches };
        counters.get_or_create(&self.labels).inc();
        let accept = if self.parts.plan.resource.metadata_only {
            "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1"
        } else {
            "application/json"
        };
        let response = match self.parts.server.open(&path, accept).await {
            Err(Failure::Status { status: 400 | 422, message, .. }) if initial => {
                tracing::info!(message, "no streaming lists here");
                self.no_streaming = true;
                return Ok(());
            }
            other => other?,
        };
        let mut lines = Lines::new(response.into_body(), self.parts.server.largest_object());
        let mut collected: Option<Vec<Observation>> = initial.then(Vec::new);
        let silence = Duration::from_secs(window) + self.parts.pace.margin;
        let mut heard = false;
        let mut proved = false;
        loop {
            // A watch that was opened and does not break off at once works, also where nothing happens.
            let wait = if proved || initial { silence } else { self.parts.pace.first_wait * 2 };
            let line = match tokio::time::timeout(wait, lines.next()).await {
                Ok(line) => line?,
                Err(_) if !proved && !initial => {
                    proved = true;
                    self.healed();
                    self.reporter.alive(&self.parts.inbox, &self.parts.pace).await?;
                    continue;
                }
                Err(_) => return Err(Failure::Silent(silence).into()),
            };
            match line {
                Line::End => break,
                Line::TooLong(meta) => {
                    let why = edge::too_large(self.parts.server.largest_object());
                    self.broken_object(meta.as_ref(), &why, &mut collected).await?;
                }
                Line::Text(line) => {
                    proved = true;
                    heard |= self.line(&line, &mut collected).await?;
                    if collected.is_none() {
                        turn = None;
                    }
                }
            }
        }
        if collected.is_some() {
            // The initial events did not end within the window: this server is too slow for streaming lists.
            self.no_streaming = true;
            return Ok(());
        }
        drop(turn);
        self.reporter.alive(&self.parts.inbox, &self.parts.pace).await?;
        if !proved {
            // Ended at once: no trouble, but no reason to hurry either.
            return Ok(());
        }
        self.healed();
        self.relist.reset();
        self.check_quiet(heard, api_version).await
    }

    pub(super) fn watch_path(&self, api_version: &str, window: u64) -> String {
        let plan = &self.parts.plan;
        let mut path = plan.resource.path(api_version, plan.within.as_deref());
        let _ = write!(path, "?watch=true&allowWatchBookmarks=true&timeoutSeconds={window}");
        match self.resume {
            Some(version) => {
                let _ = write!(path, "&resourceVersion={version}");
            }
            None => path.push_str("&sendInitialEvents=true&resourceVersionMatch=NotOlderThan"),
        }
        if let Some(selector) = plan.selector() {
            let _ = write!(path, "&fieldSelector={}", list::encode(&selector));
        }
        path
    }

    /// A server that was set back answers a version from its future with silence. After some watches without any
    /// word one small list tells whether that is so.
    pub(super) async fn check_quiet(&mut self, heard: bool, api_version: &str) -> Result<(), End> {
        self.quiet = if heard { 0 } else { self.quiet + 1 };
        if self.quiet < QUIET {
            return Ok(());
        }
        self.quiet = 0;
        let plan = &self.parts.plan;
        let path = format!("{}?limit=1", plan.resource.path(api_version, plan.within.as_deref()));
        let bytes = self.parts.server.get(&path, list::accept(plan)).await?;
        let page: wire::Page<'_> =
            serde_json::from_slice(&bytes).map_err(|error| Failure::Broken(error.to_string().into()))?;
        let version = page.metadata.resource_version.as_deref().and_then(wire::version);
        match (version, self.resume) {
            (Some(version), Some(resume)) if version < resume => Err(Failure::Expired.into()),
            _ => Ok(()),
        }
    }
}
