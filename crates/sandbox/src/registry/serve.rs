//! A registry that is served.

use std::sync::Arc;

use axum::serve::ListenerExt as _;
use tokio::net::TcpListener;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use super::answer::{self, Server};
use super::{Registry, lock};

/// A registry that is being served. Dropping it ends its servers, and fails the test that made it if a reader wrote, or
/// asked for what it has no business with, and nobody looked at [`Registry::violations`].
#[derive(Debug)]
pub struct RunningRegistry {
    /// As images name it: `127.0.0.1:PORT`.
    pub host: String,
    registry: Registry,
    pub(crate) strict: bool,
    stop: CancellationToken,
    _tasks: JoinSet<()>,
}

impl Registry {
    /// Serves it, and its store of blobs, each on a free port of 127.0.0.1, without TLS.
    pub async fn start(&self) -> std::io::Result<RunningRegistry> {
        let mut running = self.start_on(0).await?;
        running.strict = true;
        Ok(running)
    }

    /// As [`Registry::start`] on this port for a program, which violations do not end; 0 = a free one.
    pub async fn start_on(&self, port: u16) -> std::io::Result<RunningRegistry> {
        let listener = TcpListener::bind(("127.0.0.1", port)).await?;
        let blobs = TcpListener::bind("127.0.0.1:0").await?;
        let host = listener.local_addr()?.to_string();
        let store = format!("http://{}", blobs.local_addr()?);
        let server = Arc::new(Server { inner: Arc::clone(&self.0), store });
        let stop = CancellationToken::new();
        let mut tasks = JoinSet::new();
        let registry = axum::Router::new().fallback(answer::answer).with_state(Arc::clone(&server));
        let store = axum::Router::new().fallback(answer::store).with_state(server);
        for (listener, app) in [(listener, registry), (blobs, store)] {
            let signal = stop.clone().cancelled_owned();
            let listener = listener.tap_io(|stream| {
                // Small answers must not wait for each other.
                let _best_effort = stream.set_nodelay(true);
            });
            tasks.spawn(async move {
                if let Err(error) = axum::serve(listener, app).with_graceful_shutdown(signal).await {
                    tracing::warn!(%error, "a registry's server ended");
                }
            });
        }
        Ok(RunningRegistry { host, registry: self.clone(), strict: false, stop, _tasks: tasks })
    }
}

impl RunningRegistry {
    /// What is served.
    pub fn registry(&self) -> &Registry {
        &self.registry
    }
}

impl Drop for RunningRegistry {
    fn drop(&mut self) {
        self.stop.cancel();
        if !self.strict || std::thread::panicking() {
            return;
        }
        if let Some(violation) = lock(&self.registry.0.counts).unnoticed() {
            panic!("what no reader may do: {violation}");
        }
    }
}
