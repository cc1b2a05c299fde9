//! The past, for handlers: what they ask of the database ([`History`]), and past views kept for a while ([`PastViews`]).

mod past;

use std::{collections::BTreeMap, time::Duration};

use futures::future::BoxFuture;
use jiff::{SignedDuration, Timestamp};
use landfall_model::{observe::Repository, query::Needle, said, transition::Transition};

pub use self::past::{Past, PastViews};
use super::Problem;
use crate::store::{
    Bucket, ClosedFindings, Cursor, FoundPage, Gap, HistoryQuery, ImageDetails, KindCount, Newest, Page,
    PastPull, PastView, PreviewWeek, Sightings, Store, StoreError, UsualStep,
};

/// What handlers ask of the database. The store answers; tests answer from memory.
pub trait History: Send + Sync + 'static {
    /// The whole view at a moment; `None` where history does not reach back so far.
    fn as_of(&self, at: Timestamp) -> BoxFuture<'_, Result<Option<PastView>, StoreError>>;
    /// The first moment that can be asked for.
    fn earliest(&self) -> BoxFuture<'_, Result<Option<Timestamp>, StoreError>>;
    /// One page of transitions, newest first.
    fn page<'a>(&'a self, query: &'a HistoryQuery) -> BoxFuture<'a, Result<Page<Transition>, StoreError>>;
    /// Changes per span between two moments.
    fn histogram<'a>(
        &'a self,
        query: &'a HistoryQuery,
        since: Timestamp,
        until: Timestamp,
        bucket: Duration,
    ) -> BoxFuture<'a, Result<Vec<Bucket>, StoreError>>;
    /// Transitions per kind.
    fn counts_by_kind<'a>(
        &'a self,
        query: &'a HistoryQuery,
    ) -> BoxFuture<'a, Result<Vec<KindCount>, StoreError>>;
    /// Findings that ended, newest first.
    fn findings_closed<'a>(
        &'a self,
        service: Option<&'a str>,
        cursor: Option<&'a Cursor>,
        limit: u32,
    ) -> BoxFuture<'a, Result<ClosedFindings, StoreError>>;
    /// How many findings opened in a span of time, whether or not they ended since.
    fn count_findings_opened(
        &self,
        since: Timestamp,
        until: Timestamp,
    ) -> BoxFuture<'_, Result<u64, StoreError>>;
    /// How many findings ended between two moments.
    fn count_findings_closed(
        &self,
        since: Option<Timestamp>,
        until: Option<Timestamp>,
    ) -> BoxFuture<'_, Result<u64, StoreError>>;
    /// Which tag of a repository pointed at which digest, newest first; `None` where nobody looks at it.
    fn sightings<'a>(
        &'a self,
        repository: &'a str,
        limit: u32,
    ) -> BoxFuture<'a, Result<Option<Sightings>, StoreError>>;
    /// Sightings of every repository that fit, as known at a moment, the newest first.
    fn find_sightings<'a>(
        &'a self,
        needle: &'a Needle,
        at: Timestamp,
        offset: u32,
        limit: u32,
    ) -> BoxFuture<'a, Result<FoundPage, StoreError>>;
    /// One image of a repository by tag or beginning of its digest; `None` where it was never seen.
    fn image<'a>(
        &'a self,
        repository: &'a str,
        image: &'a str,
        at: Timestamp,
    ) -> BoxFuture<'a, Result<Option<ImageDetails>, StoreError>>;
    /// Where the tags of a repository pointed at a moment, those of `wanted` and the newest.
    fn tags_at<'a>(
        &'a self,
        repository: &'a str,
        at: Timestamp,
        wanted: &'a [String],
        limit: u32,
    ) -> BoxFuture<'a, Result<Option<Repository>, StoreError>>;
    /// Of each repository the tag that was seen last, as known at a moment.
    fn newest_tags<'a>(
        &'a self,
        repositories: &'a [String],
        at: Timestamp,
    ) -> BoxFuture<'a, Result<BTreeMap<String, Newest>, StoreError>>;
    /// A pull request as it was last known at a moment, also when it is gone; `None` where it was never shown.
    fn pull<'a>(
        &'a self,
        repository: &'a str,
        number: u64,
        at: Timestamp,
    ) -> BoxFuture<'a, Result<Option<PastPull>, StoreError>>;
    /// How long each step of previews usually took in a span before a moment, in one repository or in all.
    fn usual_steps<'a>(
        &'a self,
        repository: Option<&'a str>,
        span: SignedDuration,
        until: Timestamp,
    ) -> BoxFuture<'a, Result<Vec<UsualStep>, StoreError>>;
    /// Previews week by week between two moments, the newest first.
    fn preview_weeks(
        &self,
        since: Timestamp,
        until: Timestamp,
    ) -> BoxFuture<'_, Result<Vec<PreviewWeek>, StoreError>>;
    /// Spans of incomplete history since a moment; their lines stand in [`History::page`], so they are never rows.
    fn gaps(&self, since: Timestamp) -> BoxFuture<'_, Result<Vec<Gap>, StoreError>>;
}

impl History for Store {
    fn as_of(&self, at: Timestamp) -> BoxFuture<'_, Result<Option<PastView>, StoreError>> {
        Box::pin(Self::as_of(self, at))
    }

    fn earliest(&self) -> BoxFuture<'_, Result<Option<Timestamp>, StoreError>> {
        Box::pin(Self::earliest(self))
    }

    fn page<'a>(&'a self, query: &'a HistoryQuery) -> BoxFuture<'a, Result<Page<Transition>, StoreError>> {
        Box::pin(Self::history(self, query))
    }

    fn histogram<'a>(
        &'a self,
        query: &'a HistoryQuery,
        since: Timestamp,
        until: Timestamp,
        bucket: Duration,
    ) -> BoxFuture<'a, Result<Vec<Bucket>, StoreError>> {
        Box::pin(self.history_histogram(query, since, until, bucket))
    }

    fn counts_by_kind<'a>(
        &'a self,
        query: &'a HistoryQuery,
    ) -> BoxFuture<'a, Result<Vec<KindCount>, StoreError>> {
        Box::pin(Self::counts_by_kind(self, query))
    }

    fn findings_closed<'a>(
        &'a self,
        service: Option<&'a str>,
        cursor: Option<&'a Cursor>,
        limit: u32,
    ) -> BoxFuture<'a, Result<ClosedFindings, StoreError>> {
        Box::pin(Self::findings_closed(self, service, cursor, limit))
    }

    fn count_findings_opened(
        &self,
        since: Timestamp,
        until: Timestamp,
    ) -> BoxFuture<'_, Result<u64, StoreError>> {
        Box::pin(Self::count_findings_opened(self, since, until))
    }

    fn count_findings_closed(
        &self,
        since: Option<Timestamp>,
        until: Option<Timestamp>,
    ) -> BoxFuture<'_, Result<u64, StoreError>> {
        Box::pin(Self::count_findings_closed(self, since, until))
    }

    fn sightings<'a>(
        &'a self,
        repository: &'a str,
        limit: u32,
    ) -> BoxFuture<'a, Result<Option<Sightings>, StoreError>> {
        Box::pin(self.looks(repository, limit))
    }

    fn find_sightings<'a>(
        &'a self,
        needle: &'a Needle,
        at: Timestamp,
        offset: u32,
        limit: u32,
    ) -> BoxFuture<'a, Result<FoundPage, StoreError>> {
        Box::pin(Self::find_sightings(self, needle, at, offset, limit))
    }

    fn image<'a>(
        &'a self,
        repository: &'a str,
        image: &'a str,
        at: Timestamp,
    ) -> BoxFuture<'a, Result<Option<ImageDetails>, StoreError>> {
        Box::pin(Self::image(self, repository, image, at))
    }

    fn tags_at<'a>(
        &'a self,
        repository: &'a str,
        at: Timestamp,
        wanted: &'a [String],
        limit: u32,
    ) -> BoxFuture<'a, Result<Option<Repository>, StoreError>> {
        Box::pin(Self::tags_at(self, repository, at, wanted, limit))
    }

    fn newest_tags<'a>(
        &'a self,
        repositories: &'a [String],
        at: Timestamp,
    ) -> BoxFuture<'a, Result<BTreeMap<String, Newest>, StoreError>> {
        Box::pin(Self::newest_tags(self, repositories, at))
    }

    fn pull<'a>(
        &'a self,
        repository: &'a str,
        number: u64,
        at: Timestamp,
    ) -> BoxFuture<'a, Result<Option<PastPull>, StoreError>> {
        Box::pin(Self::pull(self, repository, number, at))
    }

    fn usual_steps<'a>(
        &'a self,
        repository: Option<&'a str>,
        span: SignedDuration,
        until: Timestamp,
    ) -> BoxFuture<'a, Result<Vec<UsualStep>, StoreError>> {
        Box::pin(Self::usual_steps(self, repository, span, until))
    }

    fn preview_weeks(
        &self,
        since: Timestamp,
        until: Timestamp,
    ) -> BoxFuture<'_, Result<Vec<PreviewWeek>, StoreError>> {
        Box::pin(Self::preview_weeks(self, since, until))
    }

    fn gaps(&self, since: Timestamp) -> BoxFuture<'_, Result<Vec<Gap>, StoreError>> {
        Box::pin(Self::gaps(self, since))
    }
}

impl From<StoreError> for Problem {
    /// The cause goes to the log; who asked learns what to do.
    fn from(error: StoreError) -> Self {
        if let StoreError::BadCursor(_) = error {
            let detail = said!("cursor-foreign", "is not one of ours; start again without it");
            return landfall_model::query::ParamError { field: "cursor".to_owned(), detail }.into();
        }
        tracing::warn!(error = %error, "the database did not answer a reader");
        let detail = said!(
            "history-away",
            "The history cannot be read at present, because the database does not answer. The live view goes on.",
        );
        Self::unavailable(detail, 5)
    }
}

/// 503 where no database is configured.
pub fn no_database() -> Problem {
    let detail = said!("no-history", "There is no history: this Landfall runs without a database.");
    Problem::unavailable(detail, 3_600)
}
