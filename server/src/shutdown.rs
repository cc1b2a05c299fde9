//! The end: a signal cancels the token, whoever holds it stops.

use std::time::Duration;

use tokio_util::{sync::CancellationToken, task::TaskTracker};

/// How long tasks may take to stop before they are left behind.
pub const GRACE: Duration = Duration::from_secs(5);

/// A token that SIGINT (Ctrl-C) or SIGTERM cancels. A second signal ends the process at once.
pub fn on_signal() -> std::io::Result<CancellationToken> {
    use tokio::signal::unix::{SignalKind, signal};

    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    let token = CancellationToken::new();
    let cancel = token.clone();
    tokio::spawn(async move {
        loop {
            let name = tokio::select! {
                _ = interrupt.recv() => "SIGINT",
                _ = terminate.recv() => "SIGTERM",
            };
            if cancel.is_cancelled() {
                tracing::warn!(signal = name, "second signal: ending at once");
                std::process::exit(130);
            }
            tracing::info!(signal = name, "stopping");
            cancel.cancel();
        }
    });
    Ok(token)
}

/// Waits for the tasks, not longer than [`GRACE`]. Returns whether all of them ended.
pub async fn finish(tasks: &TaskTracker) -> bool {
    tasks.close();
    let ended = tokio::time::timeout(GRACE, tasks.wait()).await.is_ok();
    if !ended {
        tracing::warn!(tasks = tasks.len(), "tasks did not stop in time");
    }
    ended
}
