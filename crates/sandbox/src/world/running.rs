//! A world that is served: its addresses, and connections that can be dropped.

use super::World;
use crate::api::{self, Server};
use crate::cluster::Cluster;
use crate::control;
use crate::forge::RunningForge;
use crate::registry::RunningRegistry;
use axum::serve::Listener;
use std::sync::PoisonError;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

/// How long open connections may take to end.
pub(super) const SHUTDOWN: Duration = Duration::from_secs(2);

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

/// A world that is being served. Dropping it ends the servers at once, and fails the test that made it if a reader
/// wrote, or asked for what it has no business with, and nobody looked at [`World::violations`].
#[derive(Debug)]
pub struct Running {
    /// Where each cluster is served.
    pub clusters: Vec<ClusterEndpoint>,
    /// Where counters, faults, clock and story are steered: `http://127.0.0.1:PORT`.
    pub control_url: String,
    /// The story's registry.
    registry: Option<RunningRegistry>,
    /// The story's forge.
    forge: Option<RunningForge>,
    world: World,
    strict: bool,
    stop: CancellationToken,
    tasks: JoinSet<()>,
}

impl World {
    /// Serves every cluster and the control endpoint, each on its own free port of 127.0.0.1, for a test.
    pub async fn start(&self) -> std::io::Result<Running> {
        let mut running = self.start_on(0).await?;
        running.strict = true;
        if let Some(registry) = &mut running.registry {
            registry.strict = true;
        }
        Ok(running)
    }

    /// As [`World::start`] for a program, which violations do not end, with the control endpoint on `port`, the
    /// clusters on the ports after it, and then the story's registry and its forge; 0 = free ports.
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

        let registry = match self.registry() {
            Some(registry) => Some(registry.start_on(port_of(endpoints.len() + 1)).await?),
            None => None,
        };
        *self.0.registry.lock().unwrap_or_else(PoisonError::into_inner) =
            registry.as_ref().map(|running| running.host.clone());

        let forge = match self.forge() {
            Some(forge) => Some(forge.start_on(port_of(endpoints.len() + 2)).await?),
            None => None,
        };
        *self.0.forge.lock().unwrap_or_else(PoisonError::into_inner) =
            forge.as_ref().map(|running| running.url.clone());

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
        Ok(Running {
            clusters: endpoints,
            control_url,
            registry,
            forge,
            world: self.clone(),
            strict: false,
            stop,
            tasks,
        })
    }
}

impl Running {
    /// Where a cluster is served; empty for a name that the world does not have.
    pub fn url(&self, cluster: &str) -> &str {
        self.clusters.iter().find(|endpoint| endpoint.name == cluster).map_or("", |endpoint| &endpoint.url)
    }

    /// Where the story's registry is served: `127.0.0.1:PORT`.
    pub fn registry(&self) -> Option<&str> {
        self.registry.as_ref().map(|running| running.host.as_str())
    }

    /// Where the story's forge is served: `http://127.0.0.1:PORT`.
    pub fn forge(&self) -> Option<&str> {
        self.forge.as_ref().map(|running| running.url.as_str())
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
        if !self.strict || std::thread::panicking() {
            return;
        }
        for cluster in self.world.clusters() {
            if let Some(violation) = cluster.0.recorder.unnoticed() {
                panic!("what no reader may do: {violation:?}");
            }
        }
    }
}

/// A listener whose connections are dropped at once while the cluster is down.
pub(super) struct Droppable {
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
