//! A forge that is served.

use axum::serve::ListenerExt as _;
use tokio::net::TcpListener;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use super::{Forge, answer};

/// A forge that is being served. Dropping it ends its server.
#[derive(Debug)]
pub struct RunningForge {
    /// `http://127.0.0.1:PORT`.
    pub url: String,
    forge: Forge,
    stop: CancellationToken,
    _tasks: JoinSet<()>,
}

impl Forge {
    /// Serves it on this port of 127.0.0.1, without TLS; 0 = a free one.
    pub async fn start_on(&self, port: u16) -> std::io::Result<RunningForge> {
        let listener = TcpListener::bind(("127.0.0.1", port)).await?;
        let url = format!("http://{}", listener.local_addr()?);
        let stop = CancellationToken::new();
        let signal = stop.clone().cancelled_owned();
        let app = axum::Router::new().fallback(answer::answer).with_state(self.clone());
        let listener = listener.tap_io(|stream| {
            // Small answers must not wait for each other.
            let _best_effort = stream.set_nodelay(true);
        });
        let mut tasks = JoinSet::new();
        tasks.spawn(async move {
            if let Err(error) = axum::serve(listener, app).with_graceful_shutdown(signal).await {
                tracing::warn!(%error, "a forge's server ended");
            }
        });
        Ok(RunningForge { url, forge: self.clone(), stop, _tasks: tasks })
    }

    /// Serves it on a free port.
    pub async fn start(&self) -> std::io::Result<RunningForge> {
        self.start_on(0).await
    }
}

impl RunningForge {
    /// What is served.
    pub fn forge(&self) -> &Forge {
        &self.forge
    }
}

impl Drop for RunningForge {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}
