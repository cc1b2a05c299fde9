//! Pull requests and their previews in time: each one's page when it is gone, and what is usual.

use futures::TryStreamExt as _;
use jiff::{SignedDuration, Timestamp, civil};
use jiff_sqlx::Timestamp as Ts;
use landfall_model::{Text, view::Pull, words::StepKind};
use sqlx::PgConnection;

use super::{
    Batch, PullFrame, Store, StoreError,
    commit::count,
    rows,
    statement::{ROWS, frame, pull},
    text::{month_of, read, to_micros},
};

/// A pull request as it was last known.
#[derive(Debug, Clone, PartialEq)]
pub struct PastPull {
    pub pull: Pull,
    /// Since when it was so.
    pub at: Timestamp,
    /// When nobody told of it any more; `None`: somebody does.
    pub gone_at: Option<Timestamp>,
}

/// How long a step usually takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UsualStep {
    pub step: StepKind,
    /// Of how many.
    pub count: u64,
    pub median: SignedDuration,
    pub p90: SignedDuration,
}

/// Previews of one week.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PreviewWeek {
    /// Its Monday, in UTC.
    pub week: civil::Date,
    pub made: u64,
    /// Rounds that came to be healthy.
    pub ready: u64,
    /// From the label, or the push, to healthy.
    pub median_ready: Option<SignedDuration>,
    /// How many did not go on at each step.
    pub stuck: Vec<(StepKind, u64)>,
    pub leftovers: u64,
}

fn millis(ms: f64) -> SignedDuration {
    SignedDuration::try_from_secs_f64((ms / 1_000.0).max(0.0)).unwrap_or_default()
}

fn number(n: i64) -> u64 {
    u64::try_from(n).unwrap_or_default()
}

impl Store {
    /// A pull request as it was at or before a moment, also when it is gone; `None` where it was never shown.
    pub async fn pull(
        &self,
        repository: &str,
        number: u64,
        at: Timestamp,
    ) -> Result<Option<PastPull>, StoreError> {
        let Ok(number) = i64::try_from(number) else { return Ok(None) };
        let mut conn = self.reader().await?;
        let last = self.measure("last_pull", pull::last(&mut conn, repository, number, at)).await?;
        let Some(last) = last else { return Ok(None) };
        let read = self.kept(read("pull request", &last.view));
        Ok(read.map(|pull| PastPull {
            pull,
            at: last.at.to_jiff(),
            gone_at: last.gone_at.map(Ts::to_jiff).filter(|gone| *gone <= at),
        }))
    }

    /// How long each step usually takes: of the last `span` before `until`, of one repository or of all.
    pub async fn usual_steps(
        &self,
        repository: Option<&str>,
        span: SignedDuration,
        until: Timestamp,
    ) -> Result<Vec<UsualStep>, StoreError> {
        let since = until.checked_sub(span).unwrap_or(Timestamp::UNIX_EPOCH);
        let mut conn = self.reader().await?;
        let rows = self.measure("usual_steps", pull::usual(&mut conn, repository, since, until)).await?;
        let known = rows.into_iter().filter_map(|row| {
            Some(UsualStep {
                step: StepKind::parse(&row.step)?,
                count: number(row.count),
                median: millis(row.median_ms),
                p90: millis(row.p90_ms),
            })
        });
        let mut usual: Vec<UsualStep> = known.collect();
        usual.sort_by_key(|usual| usual.step);
        Ok(usual)
    }

    /// Previews week by week between two moments, the newest first.
    pub async fn preview_weeks(
        &self,
        since: Timestamp,
        until: Timestamp,
    ) -> Result<Vec<PreviewWeek>, StoreError> {
        let mut conn = self.reader().await?;
        let rows = self.measure("preview_weeks", pull::weeks(&mut conn, since, until)).await?;
        let week = |row: pull::Week| PreviewWeek {
            week: row.monday.to_jiff().to_zoned(jiff::tz::TimeZone::UTC).date(),
            made: number(row.made),
            ready: number(row.ready),
            median_ready: row.median_ready_ms.map(millis),
            stuck: [
                (StepKind::Created, row.stuck_created),
                (StepKind::Pushed, row.stuck_pushed),
                (StepKind::Picked, row.stuck_picked),
                (StepKind::Synced, row.stuck_synced),
                (StepKind::Healthy, row.stuck_healthy),
            ]
            .into_iter()
            .map(|(step, n)| (step, number(n)))
            .collect(),
            leftovers: number(row.leftovers),
        };
        Ok(rows.into_iter().map(week).collect())
    }

    /// Each pull request that was told of at `at`.
    pub(super) async fn pulls_as_of(
        &self,
        tx: &mut PgConnection,
        at: Timestamp,
        from: Timestamp,
    ) -> Result<Vec<Pull>, StoreError> {
        let mut pulls = Vec::new();
        let mut views = pull::as_of(tx, at, from);
        while let Some(view) = views.try_next().await? {
            pulls.extend(self.kept(read("pull request", &view)));
        }
        Ok(pulls)
    }

    /// Frames of pull requests, none before what was already shown, none after the database's clock; and their steps.
    /// Returns how many numbers were used.
    pub(super) async fn write_pulls(
        &self,
        tx: &mut PgConnection,
        batch: &Batch,
        (not_before, not_after): (Timestamp, Timestamp),
        mut seq: i64,
    ) -> Result<(), StoreError> {
        let mut last = not_before;
        let clamped: Vec<PullFrame> = batch
            .pulls
            .iter()
            .map(|frame| {
                last = to_micros(frame.at).min(not_after).max(last);
                PullFrame { at: last, ..frame.clone() }
            })
            .collect();
        for month in clamped.chunk_by(|a, b| month_of(a.at) == month_of(b.at)) {
            for chunk in month.chunks(ROWS) {
                let columns = rows::pull_frames(chunk, seq)?;
                self.measure("append_frames", frame::append(tx, &columns)).await?;
                self.measure("note_pulls", pull::note(tx, &rows::pulls(chunk))).await?;
                seq += count(chunk.len());
            }
        }
        for chunk in batch.step_times.chunks(ROWS) {
            self.measure("append_steps", pull::append_steps(tx, &rows::step_times(chunk))).await?;
        }
        Ok(())
    }
}

impl PastPull {
    /// Its id.
    #[must_use]
    pub fn id(&self) -> &Text {
        &self.pull.id
    }
}
