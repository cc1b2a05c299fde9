//! Tells the engine how a registry is doing.

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
    config::Registry,
    engine::{Change, Inbox},
    source::registry::{Budget, Failure},
};

/// In the middle of a cycle it is told at most so often.
const SELDOM: Duration = Duration::from_secs(5);

/// Tells the engine how one registry is doing.
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
    pub fn new(registry: &Registry, inbox: Inbox) -> Self {
        let known = (SourceState::Starting, 0, 0);
        Self { source: registry.source().into(), inbox, last_success: None, told: None, known }
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

    /// A cycle has ended. `refused` of `objects` repositories may not be read, `unreadable` cannot be.
    pub async fn ended(&mut self, end: &End, budget: &Budget) {
        let all_refused = end.refused > 0 && end.refused == end.repositories;
        let state = match &end.broke_off {
            Some(_) => SourceState::Failing,
            None if all_refused => SourceState::Forbidden,
            None => SourceState::Ok,
        };
        let failure = end.broke_off.as_ref().or(end.first.as_ref()).map(Failure::said);
        self.tell(state, failure, end.repositories, end.unreadable, budget).await;
    }

    /// A repository as it is known now.
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
        let _ = self.inbox.send(Change::Apply(observation)).await;
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
    /// Repositories that could not be read whole, those that may not be read among them.
    pub unreadable: u64,
    pub refused: u64,
    /// The first failure of a repository.
    pub first: Option<Failure>,
    /// What ended the cycle before its time.
    pub broke_off: Option<Failure>,
}
