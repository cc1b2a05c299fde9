//! Tells the engine how a source is doing that is asked again and again.

use std::{sync::Arc, time::Duration};

use jiff::Timestamp;
use landfall_model::{
    Text,
    index::PollReport,
    observe::{Body, ObjectName, Observation, Repository, Scope, Version},
    phrase::Said,
    words::{Kind, SourceState},
};
use tokio::time::Instant;

use crate::{
    clock,
    engine::{Change, Inbox},
    source::http::{Budget, Failure},
};

/// In the middle of a cycle it is told at most so often.
const SELDOM: Duration = Duration::from_secs(5);

/// Tells the engine how one source is doing.
#[derive(Debug)]
pub struct Reporter {
    source: Text,
    inbox: Inbox,
    last_success: Option<Timestamp>,
    told: Option<Instant>,
    /// As it was last told.
    known: (SourceState, u64, u64),
}

impl Reporter {
    pub fn new(source: String, inbox: Inbox) -> Self {
        let known = (SourceState::Starting, 0, 0);
        Self { source: source.into(), inbox, last_success: None, told: None, known }
    }

    /// It answered as it should.
    pub fn answered(&mut self) {
        self.last_success = Some(clock::now());
    }

    /// In the middle of a cycle: as before, with a newer sign of life.
    pub async fn goes_on(&mut self, budget: &Budget) {
        let (state, objects, unreadable) = self.known;
        let is_well = matches!(state, SourceState::Ok | SourceState::Starting);
        if is_well && self.last_success.is_some() && self.told.is_none_or(|told| told.elapsed() >= SELDOM) {
            self.tell(SourceState::Ok, None, objects, unreadable, budget).await;
        }
    }

    /// A cycle has ended.
    pub async fn ended(&mut self, end: &End, budget: &Budget) {
        let all_refused = end.refused > 0 && end.refused == end.repositories;
        let state = match &end.broke_off {
            Some(_) => SourceState::Failing,
            None if all_refused => SourceState::Forbidden,
            None => SourceState::Ok,
        };
        let failure = end.broke_off.as_ref().map(Failure::said).or_else(|| end.first.clone());
        // What broke off says nothing of how much there is.
        let (objects, unreadable) = match &end.broke_off {
            Some(_) => (end.objects.max(self.known.1), end.unreadable.max(self.known.2)),
            None => (end.objects, end.unreadable),
        };
        self.tell(state, failure, objects, unreadable, budget).await;
    }

    /// What was seen. Nobody listens only where all of this is ending.
    pub async fn send(&self, change: Change) {
        let _ = self.inbox.send(change).await;
    }

    /// A repository of a registry as it is known now.
    pub async fn repository(&self, path: &str, body: Repository) {
        let observation = Observation {
            scope: Scope { source: Text::clone(&self.source), kind: Kind::Repository },
            name: ObjectName { namespace: Text::from(""), name: Text::from(path) },
            uid: Text::from(""),
            // Nothing numbers what it says: what comes later is newer.
            version: Version::default(),
            noticed_at: clock::now(),
            body: Body::Repository(Arc::new(body)),
        };
        self.send(Change::Apply(observation)).await;
    }

    async fn tell(
        &mut self,
        state: SourceState,
        error: Option<Said>,
        objects: u64,
        unreadable: u64,
        budget: &Budget,
    ) {
        self.told = Some(Instant::now());
        self.known = (state, objects, unreadable);
        let report = PollReport {
            source: Text::clone(&self.source),
            state,
            success_at: self.last_success,
            error,
            objects,
            unreadable,
            budget: Some(budget.view()),
        };
        // Nobody listens only where all of this is ending.
        let _ = self.inbox.send(Change::Polled(report)).await;
    }
}

/// How a cycle ended.
#[derive(Debug, Default)]
pub struct End {
    pub repositories: u64,
    /// Repositories that may not be read.
    pub refused: u64,
    /// What the source is said to hold, and what of it could not be read.
    pub objects: u64,
    pub unreadable: u64,
    /// The first failure of a repository.
    pub first: Option<Said>,
    /// What ended the cycle before its time.
    pub broke_off: Option<Failure>,
}
