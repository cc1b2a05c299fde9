//! Writing: one transaction per batch, under the lease's epoch.

use std::sync::Arc;

use jiff::Timestamp;
use jiff_sqlx::ToSqlx as _;
use landfall_model::Text;
use sqlx::{Connection as _, PgConnection};
use uuid::Uuid;

use super::{
    Batch, CHANNEL, Epoch, Frame, Gap, ObjectChange, SourceChange, Store, StoreError, Words, rows,
    statement::{ROWS, finding, frame, head, observation, partition, pull, source, transition},
    text::{clean, json, month_of, start_of, to_micros},
};

/// Before this, no keyframes are looked for: nothing of ours is older.
pub(super) const BEGINNING: Timestamp = Timestamp::constant(946_684_800, 0);

/// What a commit did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Committed {
    /// Number of its last row.
    pub seq: i64,
    /// The database's clock at its start.
    pub clock: Timestamp,
    /// Transitions that were new.
    pub new_transitions: u64,
    /// The batch had been committed before; nothing was written.
    pub repeated: bool,
}

/// What a transaction may rely on once it has passed the fence.
pub(super) struct Admitted {
    pub head: head::Head,
    pub clock: Timestamp,
}

impl Store {
    /// Writes a batch, all of it or nothing.
    ///
    /// Fails with [`StoreError::Fenced`] where another replica has taken the lease since `epoch`, and with
    /// [`StoreError::LeaseExpired`] where it ran out. Trying again after any other error is safe: a batch
    /// whose first answer was lost is recognised, and a transition with a known id is not written twice.
    pub async fn commit(&self, epoch: &Epoch, batch: &Batch) -> Result<Committed, StoreError> {
        let mut conn = self.writer().await?;
        let result = self.commit_on(&mut conn, epoch, batch).await;
        match &result {
            Ok(_) => self.remember_months(batch.moments()),
            Err(error) => {
                self.forget_months();
                if error.spoils_connection() {
                    conn.close_on_drop();
                }
            }
        }
        result
    }

    async fn commit_on(
        &self,
        conn: &mut PgConnection,
        epoch: &Epoch,
        batch: &Batch,
    ) -> Result<Committed, StoreError> {
        let mut tx = conn.begin().await?;
        let Admitted { head, clock } = self.admit(&mut tx, epoch).await?;
        if head.last_batch == Some(batch.id) {
            return Ok(Committed { seq: head.seq, clock, new_transitions: 0, repeated: true });
        }
        self.add_months(&mut tx, batch.moments().map(|at| at.min(clock))).await?;
        let mut seq = head.seq + 1;
        self.write_gaps(&mut tx, &batch.gaps, seq, clock).await?;
        seq += count(batch.gaps.len());
        let new_transitions = self.write_transitions(&mut tx, &batch.transitions, seq, clock).await?;
        seq += count(batch.transitions.len());
        let frames = ordered(&batch.frames, head.at, clock);
        self.write_frames(&mut tx, &frames, seq).await?;
        seq += count(frames.len());
        let at = frames.last().map_or(head.at, |last| last.at);
        self.write_words(&mut tx, &batch.words, (at, clock), seq).await?;
        seq += count(batch.words.len());
        self.write_pulls(&mut tx, batch, (at, clock), seq).await?;
        seq += count(batch.pulls.len());
        self.write_objects(&mut tx, &batch.objects, seq).await?;
        self.write_sources(&mut tx, &batch.sources, clock, seq).await?;
        self.write_findings(&mut tx, batch, seq).await?;
        let moved = self.write_signs_of_life(&mut tx, &batch.alive, seq).await?;
        if moved == 0 && batch.rows() == batch.alive.len() {
            // Nothing is new, and nobody is to be woken.
            return Ok(Committed { seq: head.seq, clock, new_transitions: 0, repeated: false });
        }
        let revision = head.revision.max(i64::try_from(batch.revision).unwrap_or(i64::MAX));
        self.finish(&mut tx, seq, at, revision, batch.id).await?;
        self.measure("commit", tx.commit()).await?;
        Ok(Committed { seq, clock, new_transitions, repeated: false })
    }

    /// Passes the fence and takes the turn to commit.
    pub(super) async fn admit(&self, tx: &mut PgConnection, epoch: &Epoch) -> Result<Admitted, StoreError> {
        let fence = self.measure("fence", head::fence(tx, &epoch.lease)).await?;
        let fence = fence.filter(|fence| fence.epoch == epoch.number).ok_or(StoreError::Fenced)?;
        if fence.expired {
            return Err(StoreError::LeaseExpired);
        }
        let head = self.measure("lock_head", head::lock_head(tx)).await?;
        Ok(Admitted { head, clock: fence.now })
    }

    /// Moves the head on and wakes followers.
    pub(super) async fn finish(
        &self,
        tx: &mut PgConnection,
        seq: i64,
        at: Timestamp,
        revision: i64,
        batch: Uuid,
    ) -> Result<(), StoreError> {
        self.measure("move_head", head::move_head(tx, seq, at, revision, batch)).await?;
        self.measure("notify", head::notify(tx, CHANNEL, &seq.to_string())).await
    }

    pub(super) async fn write_transitions(
        &self,
        tx: &mut PgConnection,
        transitions: &[landfall_model::transition::Transition],
        mut seq: i64,
        clock: Timestamp,
    ) -> Result<u64, StoreError> {
        let mut new = 0;
        for chunk in transitions.chunks(ROWS) {
            let columns = rows::transitions(chunk, seq, clock)?;
            new += self.measure("append_transitions", transition::append(tx, &columns)).await?;
            seq += count(chunk.len());
        }
        Ok(new)
    }

    async fn write_frames(
        &self,
        tx: &mut PgConnection,
        frames: &[Frame],
        mut seq: i64,
    ) -> Result<(), StoreError> {
        for month in frames.chunk_by(|a, b| month_of(a.at) == month_of(b.at)) {
            self.write_keyframes(tx, month[0].at).await?;
            for chunk in month.chunks(ROWS) {
                let columns = rows::frames(chunk, seq)?;
                self.measure("append_frames", frame::append(tx, &columns)).await?;
                let known = rows::entities(chunk);
                self.measure("note_entities", frame::note_entities(tx, &known.id, &known.first, &known.gone))
                    .await?;
                seq += count(chunk.len());
            }
        }
        Ok(())
    }

    /// Gives the month of `at` its keyframes, where it has none yet.
    pub(super) async fn write_keyframes(
        &self,
        tx: &mut PgConnection,
        at: Timestamp,
    ) -> Result<u64, StoreError> {
        let month = start_of(month_of(at));
        let keyed = self.measure("keyed_month", frame::keyed_month(tx, month)).await?;
        if keyed == Some(month) {
            return Ok(0);
        }
        // Once a month, every living environment is copied.
        self.measure("allow_time", partition::allow_time(tx)).await?;
        let from = keyed.unwrap_or(BEGINNING);
        let written = self.measure("write_keyframes", frame::write_keyframes(tx, month, from)).await?;
        self.measure("write_pull_keyframes", pull::write_keyframes(tx, month, from)).await?;
        self.measure("note_month", frame::note_month(tx, month)).await?;
        Ok(written)
    }

    async fn write_objects(
        &self,
        tx: &mut PgConnection,
        objects: &[ObjectChange],
        seq: i64,
    ) -> Result<(), StoreError> {
        let put: Vec<_> = objects
            .iter()
            .filter_map(|change| if let ObjectChange::Put(object) = change { Some(object) } else { None })
            .collect();
        for chunk in put.chunks(ROWS) {
            let columns = rows::puts(chunk.iter().copied())?;
            self.measure("put_observations", observation::put(tx, &columns, seq)).await?;
        }
        let gone: Vec<_> =
            objects
                .iter()
                .filter_map(|change| {
                    if let ObjectChange::Gone(scope, name) = change { Some((scope, name)) } else { None }
                })
                .collect();
        for chunk in gone.chunks(ROWS) {
            let columns = rows::keys(chunk.iter().copied());
            self.measure("bury_observations", observation::bury(tx, &columns, seq)).await?;
        }
        Ok(())
    }

    pub(super) async fn write_sources(
        &self,
        tx: &mut PgConnection,
        changes: &[SourceChange],
        clock: Timestamp,
        seq: i64,
    ) -> Result<(), StoreError> {
        if changes.is_empty() {
            return Ok(());
        }
        let now = rows::newest_sources(changes.iter().map(|change| &change.view))?;
        self.measure("put_sources", source::put(tx, &now.name, &now.view, &now.last_success, seq)).await?;
        self.append_source_history(tx, changes, clock, seq).await
    }

    /// Returns how many sources moved on.
    async fn write_signs_of_life(
        &self,
        tx: &mut PgConnection,
        alive: &[(Text, Timestamp)],
        seq: i64,
    ) -> Result<u64, StoreError> {
        if alive.is_empty() {
            return Ok(0);
        }
        let name: Vec<_> = alive.iter().map(|(name, _)| clean(name).into_owned()).collect();
        let at: Vec<_> = alive.iter().map(|(_, at)| at.to_sqlx()).collect();
        self.measure("touch_sources", source::touch(tx, &name, &at, seq)).await
    }

    pub(super) async fn append_source_history(
        &self,
        tx: &mut PgConnection,
        changes: &[SourceChange],
        clock: Timestamp,
        seq: i64,
    ) -> Result<(), StoreError> {
        for chunk in changes.chunks(ROWS) {
            let name: Vec<_> = chunk.iter().map(|change| clean(&change.view.name).into_owned()).collect();
            let at: Vec<_> = chunk.iter().map(|change| change.at.min(clock).to_sqlx()).collect();
            let view = chunk.iter().map(|change| json(&*change.view)).collect::<Result<Vec<_>, _>>()?;
            self.measure("append_source_history", source::append_history(tx, &name, &at, &view, seq)).await?;
        }
        Ok(())
    }

    async fn write_findings(&self, tx: &mut PgConnection, batch: &Batch, seq: i64) -> Result<(), StoreError> {
        for chunk in batch.findings.chunks(ROWS) {
            let columns = rows::findings(chunk)?;
            self.measure("put_findings", finding::put(tx, &columns, seq)).await?;
        }
        Ok(())
    }

    /// What findings said: frames of their own, so that they go with the months. None before what was already shown, none
    /// after the database's clock.
    async fn write_words(
        &self,
        tx: &mut PgConnection,
        words: &[Words],
        (not_before, not_after): (Timestamp, Timestamp),
        mut seq: i64,
    ) -> Result<(), StoreError> {
        for chunk in words.chunks(ROWS) {
            let columns = rows::words(chunk, seq, |at| at.min(not_after).max(not_before))?;
            self.measure("append_words", frame::append(tx, &columns)).await?;
            seq += count(chunk.len());
        }
        Ok(())
    }

    /// The span and its line, each once.
    async fn write_gaps(
        &self,
        tx: &mut PgConnection,
        gaps: &[Gap],
        seq: i64,
        clock: Timestamp,
    ) -> Result<(), StoreError> {
        for (gap, seq) in gaps.iter().zip(seq..) {
            let lost = i64::try_from(gap.lost).unwrap_or(i64::MAX);
            let why = clean(&gap.why.text);
            let phrase = gap.why.phrase.as_deref().map(json).transpose()?;
            let why = (&*why, phrase.as_deref());
            let append = transition::append_gap(tx, gap.id(), gap.from, gap.until, lost, why, seq);
            self.measure("append_gap", append).await?;
            self.write_transitions(tx, &[gap.transition()], seq, clock).await?;
        }
        Ok(())
    }
}

/// Frames in the order of the log: none before the last commit's, none after the database's clock. A leader
/// whose clock is wrong or leaps back cannot write into a past that was already shown.
fn ordered(frames: &[Frame], not_before: Timestamp, not_after: Timestamp) -> Vec<Frame> {
    let mut last = not_before;
    frames
        .iter()
        .map(|frame| {
            last = to_micros(frame.at).min(not_after).max(last);
            Frame { entity: Text::clone(&frame.entity), at: last, view: frame.view.as_ref().map(Arc::clone) }
        })
        .collect()
}

pub(super) fn count(rows: usize) -> i64 {
    i64::try_from(rows).unwrap_or(i64::MAX)
}
