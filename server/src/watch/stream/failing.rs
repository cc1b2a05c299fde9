//! What a failure means, what is said of it, and how long to wait.

use std::{sync::Arc, time::Duration};

use landfall_model::{observe::Version, words::SourceState};
use tokio::time::Instant;

use super::Stream;
use crate::watch::{backoff::jitter, report::Closed, server::Failure};

/// How many failures in a row make a stream's state `failing`. The first may be a server that restarts.
const TROUBLE: u32 = 2;

/// After so many failures in a row a version that cannot be resumed is given up.
const GIVE_UP: u32 = 4;

impl Stream {
    /// Decides what a failure means, says so, and waits.
    pub(super) async fn settle(&mut self, failure: Failure) -> Result<(), Closed> {
        if !matches!(failure, Failure::Absent) {
            self.parts.metrics.failures.get_or_create(&self.labels).inc();
            tracing::debug!(%failure, resume = self.resume, "a request failed");
        }
        let pace = Arc::clone(&self.parts.pace);
        match failure {
            Failure::Absent => return self.settle_absent().await,
            Failure::Expired => {
                self.resume = None;
                tokio::time::sleep(self.relist.wait()).await;
                return Ok(());
            }
            Failure::Refused { status, .. } => {
                let since = *self.refused_since.get_or_insert_with(Instant::now);
                // Just after its start a server refuses everyone for a second or two.
                if since.elapsed() < pace.verdict {
                    let wait = self.backoff.wait().min(pace.verdict.saturating_sub(since.elapsed()));
                    tokio::time::sleep(wait.max(Duration::from_millis(10))).await;
                    return Ok(());
                }
                let state = if status == 401 { SourceState::Failing } else { SourceState::Forbidden };
                self.trouble(state, &failure).await?;
                tokio::time::sleep(pace.verdict.mul_f64(1.0 + fastrand::f64() * 0.1)).await;
                return Ok(());
            }
            _ => {}
        }
        self.refused_since = None;
        self.failures += 1;
        if matches!(failure, Failure::Status { status: 404, .. }) {
            // Gone while we watched, perhaps: discovery tells.
            self.parts.server.look_again().await;
        }
        if self.failures >= GIVE_UP {
            self.resume = None;
        }
        if self.failures >= TROUBLE
            || matches!(failure, Failure::Silent(_) | Failure::Credentials(_) | Failure::NotAllowed(_))
        {
            self.trouble(SourceState::Failing, &failure).await?;
        }
        let wait = match failure {
            Failure::Status { retry_after: Some(wait), .. } => jitter(wait).max(wait),
            _ => self.backoff.wait(),
        };
        tokio::time::sleep(wait).await;
        Ok(())
    }

    /// Not installed. What was read of it before is gone once two looks agree: a server that starts serves custom
    /// resources a moment later than the rest.
    pub(super) async fn settle_absent(&mut self) -> Result<(), Closed> {
        self.absent += 1;
        let seen_before = self.resume.is_some() || self.known.resource > 0;
        if self.absent >= 2 || !seen_before {
            self.reporter.trouble(&self.parts.inbox, &self.parts.pace, SourceState::Absent, None).await?;
        }
        if self.absent == 2 && seen_before {
            let version = self.known.resource.max(self.parts.server.highest());
            self.resume = None;
            self.moved_to(version);
            self.reset(Vec::new(), Version { epoch: self.known.epoch, resource: version }).await?;
        }
        self.backoff.reset();
        tokio::time::sleep(self.parts.pace.verdict.mul_f64(0.9 + fastrand::f64() * 0.1)).await;
        Ok(())
    }

    pub(super) async fn trouble(&mut self, state: SourceState, failure: &Failure) -> Result<(), Closed> {
        self.reporter.trouble(&self.parts.inbox, &self.parts.pace, state, Some(failure.said())).await
    }
}
