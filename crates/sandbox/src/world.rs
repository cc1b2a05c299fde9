//! A world: clusters under one clock, served over HTTP.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::serve::Listener;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::api::{self, Server};
use crate::big::{Big, Churn, Churning};
use crate::clock::Clock;
use crate::cluster::Cluster;
use crate::control;
use crate::counters::{Counters, Violation};
use crate::story::{Action, CLUSTERS, NoSuchUnit, Past, Story};

/// How long open connections may take to end.
const SHUTDOWN: Duration = Duration::from_secs(2);

/// A handle on a world. Clones share it.
#[derive(Clone, Debug)]
pub struct World(pub(crate) Arc<Inner>);

#[derive(Debug)]
pub(crate) struct Inner {
    pub clock: Clock,
    pub clusters: Mutex<Vec<Cluster>>,
    pub endpoints: Mutex<Vec<ClusterEndpoint>>,
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

/// Where a cluster is served.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct ClusterEndpoint {
    /// The cluster's name.
    pub name: String,
    /// `http://127.0.0.1:PORT`
    pub url: String,
    /// Bearer token, if the cluster asks for one.
    pub token: Option<String>,
}

/// A world that is being served. Dropping it ends the servers at once.
#[derive(Debug)]
pub struct Running {
    /// Where each cluster is served.
    pub clusters: Vec<ClusterEndpoint>,
    /// Where counters, faults, clock and story are steered: `http://127.0.0.1:PORT`.
    pub control_url: String,
    world: World,
    stop: CancellationToken,
    tasks: JoinSet<()>,
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
    /// [`Cluster::allow`]).
    ///
    /// Nothing more happens than what is under way, until [`World::autoplay`] or [`World::act`].
    pub fn story(seed: u64, clock: Clock) -> Self {
        let start = clock.now();
        let world = Self::with_clusters(&CLUSTERS, clock);
        let story = Story::begin(world.clusters(), seed, start);
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

    /// Does something to a service of the story in one of its environments: `production`, `staging`, `pr-482`.
    pub fn act(&self, service: &str, environment: &str, action: Action) -> Result<(), NoSuchUnit> {
        let now = self.0.clock.now();
        match &mut *self.plan() {
            Plan::Story(story) => story.act(now, service, environment, action),
            Plan::Still | Plan::Big(_) => {
                Err(NoSuchUnit { service: service.to_owned(), environment: environment.to_owned() })
            }
        }
    }

    /// Git gets a new tag, and it is rolled out.
    pub fn deploy(&self, service: &str, environment: &str, tag: &str) -> Result<(), NoSuchUnit> {
        self.act(service, environment, Action::Deploy { tag: tag.to_owned() })
    }

    /// Somebody edits the live workload: its image, or without a tag its replicas.
    pub fn drift(&self, service: &str, environment: &str, tag: Option<&str>) -> Result<(), NoSuchUnit> {
        self.act(service, environment, Action::Drift { tag: tag.map(str::to_owned) })
    }

    /// A sync fails, and is tried five times more over five minutes.
    pub fn fail_sync(&self, service: &str, environment: &str, message: &str) -> Result<(), NoSuchUnit> {
        self.act(service, environment, Action::FailSync { message: message.to_owned() })
    }

    /// Git asks for so many pods, and gets them.
    pub fn scale(&self, service: &str, environment: &str, replicas: u32) -> Result<(), NoSuchUnit> {
        self.act(service, environment, Action::Scale { replicas })
    }

    /// Somebody rolls back to the image before.
    pub fn rollback(&self, service: &str, environment: &str) -> Result<(), NoSuchUnit> {
        self.act(service, environment, Action::Rollback)
    }

    /// The Application is deleted with all its objects.
    pub fn delete_app(&self, service: &str, environment: &str) -> Result<(), NoSuchUnit> {
        self.act(service, environment, Action::Delete)
    }

    /// A pod crashes and recovers after so many seconds.
    pub fn crash_pod(&self, service: &str, environment: &str, seconds: i64) -> Result<(), NoSuchUnit> {
        self.act(service, environment, Action::CrashPod { seconds })
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

    /// A configuration of Landfall for this world; of use once it is served.
    pub fn landfall_toml(&self) -> String {
        let endpoints = self.0.endpoints.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let story = matches!(&*self.plan(), Plan::Story(_));
        crate::toml::landfall_toml(&endpoints, story)
    }

    /// Serves every cluster and the control endpoint, each on its own free port of 127.0.0.1.
    pub async fn start(&self) -> std::io::Result<Running> {
        self.start_on(0).await
    }

    /// As [`World::start`], with the control endpoint on `port` and the clusters on the ports after it; 0 = free ports.
    pub async fn start_on(&self, port: u16) -> std::io::Result<Running> {
        let stop = CancellationToken::new();
        let mut tasks = JoinSet::new();
        let port_of =
            |nth: usize| if port == 0 { 0 } else { port.saturating_add(u16::try_from(nth).unwrap_or(0)) };

        let control = TcpListener::bind(("127.0.0.1", port)).await?;
        let control_url = format!("http://{}", control.local_addr()?);
        let mut endpoints = Vec::new();
        for (nth, cluster) in self.clusters().into_iter().enumerate() {
            let listener = TcpListener::bind(("127.0.0.1", port_of(nth + 1))).await?;
            let url = format!("http://{}", listener.local_addr()?);
            endpoints.push(ClusterEndpoint { name: cluster.name().to_owned(), url, token: cluster.token() });
            let app = api::router(Server { cluster: cluster.clone(), stop: stop.clone() });
            let listener = Droppable { listener, cluster };
            let signal = stop.clone().cancelled_owned();
            tasks.spawn(async move {
                let served = axum::serve(listener, app).with_graceful_shutdown(signal).await;
                if let Err(error) = served {
                    tracing::warn!(%error, "a cluster's server ended");
                }
            });
        }
        self.0.endpoints.lock().unwrap_or_else(PoisonError::into_inner).clone_from(&endpoints);

        let app = control::router(self.clone());
        let signal = stop.clone().cancelled_owned();
        tasks.spawn(async move {
            if let Err(error) = axum::serve(control, app).with_graceful_shutdown(signal).await {
                tracing::warn!(%error, "the control server ended");
            }
        });
        let (world, signal) = (self.clone(), stop.clone());
        tasks.spawn(async move {
            while !signal.is_cancelled() {
                // A manual clock moves through `advance`, which plays by itself.
                if !world.0.clock.is_manual() {
                    world.play();
                }
                tokio::select! {
                    () = signal.cancelled() => {}
                    () = tokio::time::sleep(Duration::from_millis(100)) => {}
                }
            }
        });
        Ok(Running { clusters: endpoints, control_url, world: self.clone(), stop, tasks })
    }
}

impl Running {
    /// Where a cluster is served; empty for a name that the world does not have.
    pub fn url(&self, cluster: &str) -> &str {
        self.clusters.iter().find(|endpoint| endpoint.name == cluster).map_or("", |endpoint| &endpoint.url)
    }

    /// The world behind it.
    pub fn world(&self) -> &World {
        &self.world
    }

    /// Ends all servers and watches, and waits for them.
    pub async fn shutdown(mut self) {
        self.stop.cancel();
        let all = async { while self.tasks.join_next().await.is_some() {} };
        if tokio::time::timeout(SHUTDOWN, all).await.is_err() {
            self.tasks.shutdown().await;
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

/// A listener whose connections are dropped at once while the cluster is down.
struct Droppable {
    listener: TcpListener,
    cluster: Cluster,
}

impl Listener for Droppable {
    type Io = TcpStream;
    type Addr = std::net::SocketAddr;

    async fn accept(&mut self) -> (Self::Io, Self::Addr) {
        loop {
            let (stream, from) = Listener::accept(&mut self.listener).await;
            if !self.cluster.faults().is_down() {
                let _best_effort = stream.set_nodelay(true);
                return (stream, from);
            }
        }
    }

    fn local_addr(&self) -> std::io::Result<Self::Addr> {
        self.listener.local_addr()
    }
}
