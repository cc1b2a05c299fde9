//! The story: a hosting company with some sixty services, its last two weeks, and what happens while one looks.
//!
//! Everything comes from a seed and the start time; there is no other randomness.

mod action;
mod autoplay;
mod cast;
mod fleet;
mod images;
mod pulls;
mod script;
mod step;
pub(crate) mod unit;
mod updater;

use std::collections::VecDeque;

use jiff::Timestamp;

pub use self::action::Action;
use self::fleet::{Fleet, Mode};
pub use self::fleet::{PastEvent, PastVerb};
pub use self::images::Push;
pub(crate) use self::pulls::{SERVICES, repository};
use self::script::Index;
pub(crate) use self::updater::INTERVAL_S;
pub use self::updater::Policy;
use crate::clock::Clock;
use crate::cluster::Cluster;
use crate::forge::Forge;
use crate::registry::Registry;

/// The clusters of the story: two with an Argo CD instance each, and a small one that guards certificates' keys.
pub(crate) const CLUSTERS: [&str; 3] = ["prod", "stg", "ssl"];

/// No such service or environment in the story.
#[derive(Debug, thiserror::Error)]
#[error("the story has no {service:?} in {environment:?}")]
pub struct NoSuchUnit {
    /// Service that was asked for.
    pub service: String,
    /// Environment that was asked for.
    pub environment: String,
}

/// A running story.
#[derive(Debug)]
pub(crate) struct Story {
    fleet: Fleet,
    index: Index,
    random: fastrand::Rng,
    pub autoplay: bool,
    pub seed: u64,
    pub start: Timestamp,
    next_act: Timestamp,
    next_refresh: Timestamp,
    refreshed: usize,
    next_pull: u32,
}

impl Story {
    /// Plays the two weeks before `start` into the clusters, quickly, then what happened by itself from then to `now`, and
    /// stands there. With `now` = `start` nothing happened yet.
    pub fn begin(clusters: Vec<Cluster>, seed: u64, start: Timestamp, now: Timestamp) -> Self {
        let (mut fleet, index) =
            script::write(clusters, Mode::Quiet(std::collections::BTreeMap::new()), seed, start);
        fleet.play(start);
        let mut story = Self {
            fleet,
            index,
            random: fastrand::Rng::with_seed(seed ^ 0x5eed),
            autoplay: false,
            seed,
            start,
            next_act: start.saturating_add(jiff::SignedDuration::from_secs(15)).unwrap_or(start),
            next_refresh: start,
            refreshed: 0,
            next_pull: 500,
        };
        if now > start {
            story.autoplay = true;
            story.play(now);
            story.autoplay = false;
        }
        story.fleet.settle();
        story
    }

    pub fn act(
        &mut self,
        now: Timestamp,
        service: &str,
        environment: &str,
        action: Action,
    ) -> Result<(), NoSuchUnit> {
        self.play(now);
        let key = (service.to_owned(), environment.to_owned());
        let missing = || NoSuchUnit { service: service.to_owned(), environment: environment.to_owned() };
        let at = *self.index.get(&key).ok_or_else(missing)?;
        self.fleet.act(at, action);
        Ok(())
    }

    /// The company's registry.
    pub fn registry(&self) -> Registry {
        self.fleet.images.registry.clone()
    }

    /// The company's forge.
    pub fn forge(&self) -> Forge {
        self.fleet.pulls.forge.clone()
    }

    /// What was pushed to it so far, oldest first.
    pub fn pushes(&self) -> Vec<Push> {
        let mut log = self.fleet.images.log.clone();
        log.sort_by_key(|push| push.at);
        log
    }

    /// All services and environments.
    pub fn units(&self) -> Vec<(String, String)> {
        self.index.keys().cloned().collect()
    }
}

/// Every change of the two weeks before a story's start, oldest first; ends with exactly the state at the start.
#[derive(Debug)]
pub struct Past {
    fleet: Fleet,
    start: Timestamp,
}

impl Past {
    pub(crate) fn of(seed: u64, start: Timestamp) -> Self {
        let clock = Clock::manual(start);
        let clusters = CLUSTERS.iter().map(|name| Cluster::new(name, clock.clone())).collect();
        let (fleet, _) = script::write(clusters, Mode::Record(VecDeque::new()), seed, start);
        Self { fleet, start }
    }
}

impl Iterator for Past {
    type Item = PastEvent;

    fn next(&mut self) -> Option<PastEvent> {
        loop {
            if let Mode::Record(events) = &mut self.fleet.mode
                && let Some(event) = events.pop_front()
            {
                return Some(event);
            }
            if !self.fleet.step(self.start) {
                return None;
            }
        }
    }
}
