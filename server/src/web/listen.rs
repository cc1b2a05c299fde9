//! The accept loop: timeouts and caps that `axum::serve` does not have.
//!
//! | against | what is done |
//! |---|---|
//! | a connection that asks nothing, or sends its headers drop by drop | closed after `header_timeout` |
//! | an HTTP/2 connection that is only held, answering pings | closed after `header_timeout` without a request |
//! | a reader that stops reading | closed when a write makes no progress for `write_stall` (also event streams) |
//! | a peer that is gone without a word | TCP keep-alive, and the kernel's own limit for unacknowledged data |
//! | one client with thousands of connections | `connections_per_ip` |
//! | everybody at once | `connections` |

mod per_ip;
mod watched;

use std::{io, net::SocketAddr, sync::Arc, time::Duration};

use axum::{Router, extract::ConnectInfo};
use hyper_util::{
    rt::{TokioExecutor, TokioIo, TokioTimer},
    server::conn::auto,
    service::TowerToHyperService,
};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::Semaphore,
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use tower::ServiceExt;

pub use self::per_ip::{OfIp, PerIp};
use self::watched::{Progress, Watched};
use super::{
    busy::{Busy, Counted},
    metrics::Metrics,
};

/// Limits of the accept loop.
#[derive(Debug, Clone)]
pub struct Limits {
    pub connections: usize,
    pub connections_per_ip: usize,
    /// Until a request's headers are complete; also how long a kept connection may idle.
    pub header_timeout: Duration,
    /// A write that makes no progress for so long ends the connection.
    pub write_stall: Duration,
    /// Bytes of headers, and of a body (nothing here takes one yet).
    pub header_bytes: usize,
    pub body_bytes: usize,
    /// Streams of one HTTP/2 connection.
    pub streams: u32,
    /// How long requests under way may go on at the end.
    pub drain: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connections: 10_000,
            connections_per_ip: 1_024,
            header_timeout: Duration::from_secs(10),
            write_stall: Duration::from_secs(20),
            header_bytes: 64 << 10,
            // The largest webhook; forms may be smaller only, see `guard`.
            body_bytes: 512 << 10,
            streams: 128,
            drain: Duration::from_secs(4),
        }
    }
}

/// Serves until `shutdown` is cancelled and what is under way has ended, or [`Limits::drain`] is over. Event streams
/// listen to the same token and end first.
pub async fn serve(
    listener: TcpListener,
    router: Router,
    limits: Limits,
    metrics: Arc<Metrics>,
    shutdown: CancellationToken,
) -> io::Result<()> {
    let router = router.layer(tower_http::limit::RequestBodyLimitLayer::new(limits.body_bytes));
    let places = Arc::new(Semaphore::new(limits.connections));
    let per_ip = Arc::new(PerIp::default());
    let tasks = TaskTracker::new();
    let limits = Arc::new(limits);
    loop {
        let (stream, peer) = tokio::select! {
            () = shutdown.cancelled() => break,
            accepted = listener.accept() => match accepted {
                Ok(accepted) => accepted,
                Err(error) => {
                    // Out of descriptors, or the peer is gone already: neither ends the loop.
                    tracing::warn!(%error, "a connection could not be accepted");
                    tokio::time::sleep(Duration::from_millis(50)).await;
                    continue;
                }
            },
        };
        let ip = peer.ip().to_canonical();
        let place = Arc::clone(&places).try_acquire_owned();
        let (Ok(place), Some(mine)) = (place, per_ip.enter(ip, limits.connections_per_ip)) else {
            metrics.refused_connections.inc();
            continue;
        };
        prepare(&stream);
        let (router, limits, shutdown) = (router.clone(), Arc::clone(&limits), shutdown.clone());
        let connections = metrics.connections.clone();
        connections.inc();
        tasks.spawn(async move {
            connection(stream, peer, router, &limits, shutdown).await;
            connections.dec();
            drop((place, mine));
        });
    }
    drop(listener);
    tasks.close();
    if tokio::time::timeout(limits.drain, tasks.wait()).await.is_err() {
        tracing::warn!(connections = tasks.len(), "connections did not end in time and are cut");
    }
    Ok(())
}

/// Options of the socket; a socket that refuses one still works.
fn prepare(stream: &TcpStream) {
    let _ = stream.set_nodelay(true);
    let socket = socket2::SockRef::from(stream);
    let keepalive = socket2::TcpKeepalive::new()
        .with_time(Duration::from_secs(30))
        .with_interval(Duration::from_secs(10));
    let _ = socket.set_tcp_keepalive(&keepalive);
    #[cfg(target_os = "linux")]
    let _ = socket.set_tcp_user_timeout(Some(Duration::from_secs(30)));
}

async fn connection(
    stream: TcpStream,
    peer: SocketAddr,
    router: Router,
    limits: &Limits,
    shutdown: CancellationToken,
) {
    let progress = Arc::new(Progress::new());
    let io = TokioIo::new(Watched { stream, progress: Arc::clone(&progress) });
    let busy = Busy::new();
    let service = {
        let busy = Arc::clone(&busy);
        tower::service_fn(move |mut request: hyper::Request<hyper::body::Incoming>| {
            let answering = busy.enter();
            request.extensions_mut().insert(ConnectInfo(peer));
            let answer = router.clone().oneshot(request);
            async move { answer.await.map(|answer| answer.map(|body| Counted::new(body, answering))) }
        })
    };
    let mut builder = auto::Builder::new(TokioExecutor::new());
    builder
        .http1()
        .timer(TokioTimer::new())
        .header_read_timeout(limits.header_timeout)
        .max_headers(100)
        .max_buf_size(limits.header_bytes.max(8 << 10))
        .half_close(false);
    builder
        .http2()
        .timer(TokioTimer::new())
        .max_concurrent_streams(limits.streams)
        .max_header_list_size(u32::try_from(limits.header_bytes).unwrap_or(u32::MAX))
        .keep_alive_interval(Duration::from_secs(20))
        .keep_alive_timeout(Duration::from_secs(10));
    let connection = builder.serve_connection(io, TowerToHyperService::new(service));
    tokio::pin!(connection);

    let first = tokio::time::sleep(limits.header_timeout);
    tokio::pin!(first);
    let often = limits.write_stall.min(limits.header_timeout) / 4;
    let mut look = tokio::time::interval(often.max(Duration::from_millis(10)));
    let mut leaving = false;
    loop {
        tokio::select! {
            ended = &mut connection => {
                if let Err(error) = ended {
                    tracing::trace!(%error, "connection ended");
                }
                break;
            }
            // The protocol is not even known before the first bytes: hyper's own clock does not run yet.
            () = &mut first, if !busy.was_asked() => break,
            _ = look.tick() => {
                if progress.stalled_for() > limits.write_stall {
                    tracing::debug!("a reader stopped reading and is dropped");
                    break;
                }
                if !leaving && busy.was_asked() && busy.idle_for() > limits.header_timeout {
                    leaving = true;
                    connection.as_mut().graceful_shutdown();
                }
            }
            () = shutdown.cancelled(), if !leaving => {
                leaving = true;
                connection.as_mut().graceful_shutdown();
            }
        }
    }
}
