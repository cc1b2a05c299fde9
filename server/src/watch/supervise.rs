//! Keeps a stream running: a panic is caught, counted, and the stream begins anew.

use futures::FutureExt as _;
use tokio_util::sync::CancellationToken;
use tracing::Instrument as _;

use super::{
    backoff::Backoff,
    metrics,
    stream::{Parts, Stream},
};

/// Runs a stream until `shutdown`, or until nobody listens.
pub async fn keep(parts: Parts, shutdown: CancellationToken) {
    let span = tracing::info_span!(
        "watch",
        source = %parts.plan.scope.source,
        kind = %parts.plan.scope.kind,
        within = parts.plan.within.as_deref().unwrap_or("*"),
    );
    let mut backoff = Backoff::new(parts.pace.first_wait, parts.pace.longest_wait);
    let work = async {
        loop {
            let mut stream = Stream::new(parts.clone());
            let run = std::panic::AssertUnwindSafe(stream.run()).catch_unwind();
            match run.await {
                Ok(_closed) => return,
                Err(panic) => {
                    parts.metrics.panics.get_or_create(&metrics::Stream::of(&parts.plan)).inc();
                    let why = panic
                        .downcast_ref::<&str>()
                        .copied()
                        .or_else(|| panic.downcast_ref::<String>().map(String::as_str))
                        .unwrap_or("without a message");
                    tracing::error!(why, "a watch panicked; it begins anew");
                    tokio::time::sleep(backoff.wait()).await;
                }
            }
        }
    };
    tokio::select! {
        () = work.instrument(span) => {}
        () = shutdown.cancelled() => {}
    }
}
