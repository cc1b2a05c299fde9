//! Writing a past that nobody watched: the demo's, or what a source remembers of its own.

use std::collections::HashSet;

use jiff::{Span, Timestamp};
use landfall_model::{index::FindingRow, transition::Transition};
use sqlx::{Connection as _, PgConnection};
use uuid::Uuid;

use super::{
    Epoch, Frame, SourceChange, Store, StoreError,
    commit::{Admitted, BEGINNING, count},
    rows,
    statement::{ROWS, finding, frame, partition},
    text::{month_of, start_of, to_micros},
};

/// What happened before.
#[derive(Debug, Clone, Default)]
pub struct Past {
    /// With their own `at` and `noticed_at`.
    pub transitions: Vec<Transition>,
    pub frames: Vec<Frame>,
    pub sources: Vec<SourceChange>,
    pub findings: Vec<FindingRow>,
}

/// What of it was new.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Backfilled {
    pub transitions: u64,
    pub frames: u64,
    pub findings: u64,
}

impl Store {
    /// Puts a past before what is known, in one transaction, and makes the months it needs. Doing it again
    /// writes nothing: transitions and findings that are known stay as they are, and of an environment only
    /// frames older than its first known one are taken.
    pub async fn backfill(&self, epoch: &Epoch, mut past: Past) -> Result<Backfilled, StoreError> {
        past.frames.sort_by_key(|frame| frame.at);
        let mut conn = self.own_connection("landfall upkeep").await?;
        let mut tx = conn.begin().await?;
        let Admitted { head, clock } = self.admit(&mut tx, epoch).await?;
        self.measure("allow_time", partition::allow_time(&mut tx)).await?;
        past.frames.retain(|frame| frame.at <= clock);
        for frame in &mut past.frames {
            frame.at = to_micros(frame.at);
        }
        for month in months(past.transitions.iter().map(|t| t.noticed_at.min(clock)).min(), clock) {
            self.measure("add_month", partition::add_month(&mut tx, month)).await?;
        }
        let mut done = Backfilled::default();
        let mut seq = head.seq + 1;
        done.transitions = self.write_transitions(&mut tx, &past.transitions, seq, clock).await?;
        seq += count(past.transitions.len());
        done.frames = self.prepend_frames(&mut tx, &past.frames, seq, clock).await?;
        seq += count(past.frames.len());
        self.append_source_history(&mut tx, &past.sources, clock, seq).await?;
        done.findings = self.add_past_findings(&mut tx, past.findings, seq).await?;
        self.finish(&mut tx, seq, head.at, head.revision, Uuid::new_v4()).await?;
        self.measure("commit", tx.commit()).await?;
        Ok(done)
    }

    async fn prepend_frames(
        &self,
        tx: &mut PgConnection,
        frames: &[Frame],
        mut seq: i64,
        clock: Timestamp,
    ) -> Result<u64, StoreError> {
        let Some(first) = frames.first().map(|frame| frame.at) else { return Ok(0) };
        let mut new = 0;
        // Every month up to now gets keyframes, so every month needs its tables.
        for month in months(Some(first), clock) {
            self.measure("add_month", partition::add_month(tx, month)).await?;
        }
        for chunk in frames.chunks(ROWS) {
            let columns = rows::frames(chunk, seq)?;
            new += self.measure("prepend_frames", frame::prepend(tx, &columns)).await?;
            seq += count(chunk.len());
        }
        // After all chunks: an environment's first known time must not hide its own later frames.
        let known = rows::entities(frames);
        self.measure(
            "note_past_entities",
            frame::note_past_entities(tx, &known.id, &known.first, &known.gone),
        )
        .await?;
        let oldest = start_of(month_of(first));
        let before = oldest.saturating_sub(jiff::SignedDuration::from_secs(1)).unwrap_or(oldest);
        let mut from =
            self.measure("keyed_month", frame::keyed_month(tx, before)).await?.unwrap_or(BEGINNING);
        for month in months(Some(first), clock) {
            self.measure("write_keyframes", frame::write_keyframes(tx, month, from)).await?;
            self.measure("note_month", frame::note_month(tx, month)).await?;
            from = month;
        }
        Ok(new)
    }

    async fn add_past_findings(
        &self,
        tx: &mut PgConnection,
        findings: Vec<FindingRow>,
        seq: i64,
    ) -> Result<u64, StoreError> {
        let ids: Vec<_> = findings.iter().map(|row| row.finding.id.to_string()).collect();
        let known: HashSet<_> =
            self.measure("known_findings", finding::known(tx, &ids)).await?.into_iter().collect();
        // Of a past finding only what was open is told, whatever it is now.
        let new: Vec<_> = findings
            .into_iter()
            .filter(|row| !known.contains(&*row.finding.id))
            .map(|row| super::FindingChange { row, opened: true })
            .collect();
        for chunk in new.chunks(ROWS) {
            let columns = rows::findings(chunk)?;
            self.measure("put_findings", finding::put(tx, &columns, seq)).await?;
        }
        Ok(new.len() as u64)
    }
}

/// The starts of all months from the one of `first` to the one of `last`.
fn months(first: Option<Timestamp>, last: Timestamp) -> impl Iterator<Item = Timestamp> {
    let end = month_of(last);
    let start = first.map(|first| month_of(first).min(end));
    std::iter::successors(start, |month| Some(month.saturating_add(Span::new().months(1))))
        .take_while(move |month| *month <= end)
        .map(start_of)
}
