//! How many answers of one connection are under way, and since when none is: an HTTP/2 connection answers pings for
//! ever, so only this tells one that is used from one that is only held.

use std::{
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    task::{Context, Poll},
    time::Duration,
};

use axum::body::{Body, Bytes};
use hyper::body::{Body as HttpBody, Frame, SizeHint};
use tokio::time::Instant;

/// The answers of one connection.
#[derive(Debug)]
pub struct Busy {
    start: Instant,
    open: AtomicU64,
    /// Milliseconds after `start` at which the last answer ended.
    quiet_since: AtomicU64,
    asked: AtomicU64,
}

impl Busy {
    pub fn new() -> Arc<Self> {
        Arc::new(Self {
            start: Instant::now(),
            open: AtomicU64::new(0),
            quiet_since: AtomicU64::new(0),
            asked: AtomicU64::new(0),
        })
    }

    /// A request has come; it is under way until what is returned is dropped.
    pub fn enter(self: &Arc<Self>) -> Answering {
        self.asked.fetch_add(1, Ordering::Relaxed);
        self.open.fetch_add(1, Ordering::Relaxed);
        Answering(Arc::clone(self))
    }

    /// Whether anything was ever asked.
    pub fn was_asked(&self) -> bool {
        self.asked.load(Ordering::Relaxed) > 0
    }

    /// For how long nothing has been under way.
    pub fn idle_for(&self) -> Duration {
        if self.open.load(Ordering::Relaxed) > 0 {
            return Duration::ZERO;
        }
        let since = Duration::from_millis(self.quiet_since.load(Ordering::Relaxed));
        self.start.elapsed().saturating_sub(since)
    }
}

/// One answer that is under way.
#[derive(Debug)]
pub struct Answering(Arc<Busy>);

impl Drop for Answering {
    fn drop(&mut self) {
        let now = u64::try_from(self.0.start.elapsed().as_millis()).unwrap_or(u64::MAX);
        self.0.quiet_since.store(now, Ordering::Relaxed);
        self.0.open.fetch_sub(1, Ordering::Relaxed);
    }
}

/// A body whose end is the end of the answer.
#[derive(Debug)]
pub struct Counted {
    body: Body,
    _answering: Answering,
}

impl Counted {
    pub fn new(body: Body, answering: Answering) -> Self {
        Self { body, _answering: answering }
    }
}

impl HttpBody for Counted {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        Pin::new(&mut self.body).poll_frame(cx)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
