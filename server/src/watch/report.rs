//! Tells the engine how a stream is doing, often enough and no more often.

use landfall_model::{index::SourceReport, phrase::Said, words::SourceState};
use tokio::time::Instant;

use super::{Pace, resource::Plan};
use crate::{
    clock,
    engine::{Change, Inbox},
};

/// The engine has gone: there is nobody to collect for.
#[derive(Debug, Clone, Copy)]
pub struct Closed;

/// What was last reported of one stream.
#[derive(Debug)]
pub struct Reporter {
    plan: Plan,
    last: Option<(SourceState, Option<Said>, Instant)>,
}

impl Reporter {
    pub fn new(plan: Plan) -> Self {
        Self { plan, last: None }
    }

    /// A sign of life. Passed on when it changes something, else at most once per [`Pace::report`].
    pub async fn alive(&mut self, inbox: &Inbox, pace: &Pace) -> Result<(), Closed> {
        if let Some((SourceState::Ok, None, at)) = &self.last
            && at.elapsed() < pace.report
        {
            return Ok(());
        }
        self.send(inbox, SourceState::Ok, None).await
    }

    /// Trouble; passed on when it changes something, else at most once per [`Pace::report`].
    pub async fn trouble(
        &mut self,
        inbox: &Inbox,
        pace: &Pace,
        state: SourceState,
        error: Option<Said>,
    ) -> Result<(), Closed> {
        if let Some((last, said, at)) = &self.last
            && *last == state
            && *said == error
            && at.elapsed() < pace.report
        {
            return Ok(());
        }
        self.send(inbox, state, error).await
    }

    async fn send(&mut self, inbox: &Inbox, state: SourceState, error: Option<Said>) -> Result<(), Closed> {
        self.last = Some((state, error.clone(), Instant::now()));
        let report = SourceReport {
            scope: self.plan.scope.clone(),
            within: self.plan.within.clone(),
            source_kind: self.plan.source_kind,
            state,
            // To know that something is not installed is knowledge as fresh as any.
            success_at: matches!(state, SourceState::Ok | SourceState::Absent).then(clock::now),
            error,
        };
        inbox.send(Change::Report(report)).await.map_err(|_| Closed)
    }
}
