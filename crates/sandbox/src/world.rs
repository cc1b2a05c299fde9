//! A world: clusters under one clock, served over HTTP.

mod running;
mod verbs;

pub use running::{ClusterEndpoint, Running};

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use jiff::Timestamp;

use crate::big::{Big, Churn, Churning};
use crate::clock::Clock;
use crate::cluster::Cluster;
use crate::counters::{Counters, Violation};
use crate::forge::Forge;
use crate::registry::Registry;
use crate::store::ApplyError;
use crate::story::{CLUSTERS, Past, Push, Story};

/// A handle on a world. Clones share it.
#[derive(Clone, Debug)]
pub struct World(pub(crate) Arc<Inner>);

#[derive(Debug)]
pub(crate) struct Inner {
    pub clock: Clock,
    pub clusters: Mutex<Vec<Cluster>>,
    pub endpoints: Mutex<Vec<ClusterEndpoint>>,
    /// Where the story's registry is served: `127.0.0.1:PORT`.
    pub registry: Mutex<Option<String>>,
    /// Where the story's forge is served: `http://127.0.0.1:PORT`.
    pub forge: Mutex<Option<String>>,
    pub plan: Mutex<Plan>,
}

/// What lives in the world besides its objects.
#[derive(Debug, Default)]
pub(crate) enum Plan {
    /// Nothing happens by itself.
    #[default]
    Still,
    /// The story.
    Story(Box<Story>),
    /// A big world with its churn.
    Big(Box<Churning>),
}

impl World {
    /// A world of one empty cluster, `prod`, under the machine's clock.
    pub fn empty() -> Self {
        Self::with_clusters(&["prod"], Clock::real())
    }

    /// A world of empty clusters.
    pub fn with_clusters(names: &[&str], clock: Clock) -> Self {
        let clusters = names.iter().map(|name| Cluster::new(name, clock.clone())).collect();
        Self(Arc::new(Inner {
            clock,
            clusters: Mutex::new(clusters),
            endpoints: Mutex::default(),
            registry: Mutex::default(),
            forge: Mutex::default(),
            plan: Mutex::default(),
        }))
    }

    /// The clock.
    pub fn clock(&self) -> &Clock {
        &self.0.clock
    }

    /// All clusters.
    pub fn clusters(&self) -> Vec<Cluster> {
        self.0.clusters.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The cluster of this name; made empty when the world has none such. Only clusters made before
    /// [`World::start`] are served.
    pub fn cluster(&self, name: &str) -> Cluster {
        let mut clusters = self.0.clusters.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(found) = clusters.iter().find(|cluster| cluster.name() == name) {
            return found.clone();
        }
        let cluster = Cluster::new(name, self.0.clock.clone());
        clusters.push(cluster.clone());
        cluster
    }

    /// What was asked of all clusters.
    pub fn counters(&self) -> Counters {
        let mut counters = Counters::default();
        for cluster in self.clusters() {
            cluster.0.recorder.read_into(cluster.name(), &mut counters);
        }
        counters
    }

    /// Counts from zero again; open watches stay counted, violations are forgotten.
    pub fn reset_counters(&self) {
        for cluster in self.clusters() {
            cluster.0.recorder.reset();
        }
    }

    /// What no reader may do, and was done, on any cluster.
    pub fn violations(&self) -> Vec<Violation> {
        self.clusters().iter().flat_map(Cluster::violations).collect()
    }

    /// Moves the clock forward and lets everything happen that is due by then.
    pub fn advance(&self, by: Duration) {
        self.0.clock.advance(by);
        self.play();
    }

    /// Lets everything happen that is due now.
    pub fn play(&self) {
        let now = self.0.clock.now();
        match &mut *self.plan() {
            Plan::Still => {}
            Plan::Story(story) => story.play(now),
            Plan::Big(churning) => churning.play(now),
        }
    }

    fn plan(&self) -> std::sync::MutexGuard<'_, Plan> {
        self.0.plan.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The story's world as it stands at the clock's time, after two eventful weeks: the clusters `prod` and `stg`,
    /// each with an Argo CD, and `ssl`, a small one whose pods the reader may not see (`allow` them with
    /// [`Cluster::allow`]); and the registry of all their images.
    ///
    /// Nothing more happens than what is under way, until [`World::autoplay`] or [`World::act`].
    pub fn story(seed: u64, clock: Clock) -> Self {
        let start = clock.now();
        Self::story_since(seed, start, clock)
    }

    /// The story's world that began at `start` and went on by itself until the clock's time, as if it had run all the while:
    /// the same objects, under versions that are not lower. [`World::go_on`] lets it go on from there.
    pub fn story_since(seed: u64, start: Timestamp, clock: Clock) -> Self {
        let now = clock.now().max(start);
        let world = Self::with_clusters(&CLUSTERS, clock);
        let story = Story::begin(world.clusters(), seed, start, now);
        *world.plan() = Plan::Story(Box::new(story));
        let _known = world.cluster("ssl").forbid("pods", None);
        world
    }

    /// Lets something happen by itself every half minute, and Argo CD compare each Application every three minutes.
    pub fn autoplay(&self, on: bool) {
        let now = self.0.clock.now();
        if let Plan::Story(story) = &mut *self.plan() {
            story.play(now);
            story.autoplay = on;
            story.resume(now);
        }
    }

    /// As [`World::autoplay`], but what happens next, and when, is what the story's beginning says: who stops and begins
    /// again with [`World::story_since`] misses nothing and sees nothing twice.
    pub fn go_on(&self) {
        if let Plan::Story(story) = &mut *self.plan() {
            story.autoplay = true;
            story.play(self.0.clock.now());
        }
    }

    /// Adds services whose every text attacks whoever shows it; from its second `round` on they change. Returns how
    /// many objects that wrote.
    pub fn hostile(&self, round: u32) -> Result<usize, ApplyError> {
        self.play();
        crate::hostile::put(&self.clusters(), round)
    }

    /// A big world for benchmarks: clusters named `prod`, or `prod-1` and on. Quiet until [`World::churn`].
    pub fn big(size: Big, clock: Clock) -> Self {
        let names: Vec<String> = match size.clusters {
            0 | 1 => vec!["prod".to_owned()],
            count => (1..=count).map(|nth| format!("prod-{nth}")).collect(),
        };
        let now = clock.now();
        let world = Self::with_clusters(&names.iter().map(String::as_str).collect::<Vec<_>>(), clock);
        crate::big::fill(&world.clusters(), size, now);
        *world.plan() = Plan::Big(Box::new(Churning::new(world.clusters(), size.seed, now)));
        world
    }

    /// Sets how much goes on in a big world from now on.
    pub fn churn(&self, churn: Churn) {
        let now = self.0.clock.now();
        if let Plan::Big(churning) = &mut *self.plan() {
            churning.set(churn, now);
        }
    }

    /// Services and environments of the story.
    pub fn units(&self) -> Vec<(String, String)> {
        if let Plan::Story(story) = &*self.plan() { story.units() } else { Vec::new() }
    }

    /// Every change of the two weeks before the story's start, oldest first; `None` for other worlds. It ends with
    /// exactly the objects that the world had at its start, resource versions included.
    pub fn past(&self) -> Option<Past> {
        if let Plan::Story(story) = &*self.plan() { Some(Past::of(story.seed, story.start)) } else { None }
    }

    /// The registry of the story, `registry.hosting.example`; `None` for other worlds.
    pub fn registry(&self) -> Option<Registry> {
        if let Plan::Story(story) = &*self.plan() { Some(story.registry()) } else { None }
    }

    /// The forge of the story, with its pull requests; `None` for other worlds.
    pub fn forge(&self) -> Option<Forge> {
        if let Plan::Story(story) = &*self.plan() { Some(story.forge()) } else { None }
    }

    /// What was pushed to the story's registry so far, its two weeks of past included.
    pub fn pushes(&self) -> Vec<Push> {
        if let Plan::Story(story) = &*self.plan() { story.pushes() } else { Vec::new() }
    }

    /// A configuration of Landfall for this world; of use once it is served.
    pub fn landfall_toml(&self) -> String {
        let endpoints = self.0.endpoints.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let registry = self.0.registry.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let story = matches!(&*self.plan(), Plan::Story(_));
        let forge = self.0.forge.lock().unwrap_or_else(PoisonError::into_inner).clone();
        crate::toml::landfall_toml(&endpoints, registry.as_deref(), forge.as_deref(), story)
    }
}
