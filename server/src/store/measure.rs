//! How long each statement takes, by its name.

use std::time::{Duration, Instant};

use super::{Store, StoreError};

/// Is told of each statement; the web part puts it into a histogram.
pub trait Meter: Send + Sync {
    /// A statement ended after `took`; `ok` is false where it failed.
    fn record(&self, statement: &'static str, took: Duration, ok: bool);

    /// A stored row could not be read as the `what` that it should be.
    fn unreadable(&self, what: &'static str);
}

/// Forgets everything.
#[derive(Debug, Clone, Copy, Default)]
pub struct Unmetered;

impl Meter for Unmetered {
    fn record(&self, _: &'static str, _: Duration, _: bool) {}

    fn unreadable(&self, _: &'static str) {}
}

impl Store {
    /// The value; or a warning, counted: one unreadable row (of a newer version, say) must not hide all others.
    pub(super) fn kept<T>(&self, result: Result<T, StoreError>) -> Option<T> {
        result.inspect_err(|error| self.cannot_read(error)).ok()
    }

    pub(super) fn cannot_read(&self, error: &StoreError) {
        let what = if let StoreError::Unreadable { what, .. } = error { what } else { "row" };
        tracing::warn!(%error, "a stored row is left out");
        self.inner.meter.unreadable(what);
    }

    /// Runs a statement and tells the meter.
    pub(super) async fn measure<T, E: Into<StoreError>>(
        &self,
        statement: &'static str,
        run: impl Future<Output = Result<T, E>>,
    ) -> Result<T, StoreError> {
        let start = Instant::now();
        let result = run.await.map_err(Into::into);
        self.inner.meter.record(statement, start.elapsed(), result.is_ok());
        result
    }
}
