//! Leading: collect, work out, show, write.

use std::time::Duration;

use landfall_model::{Text, index::Step};
use tokio::{sync::watch, time::Instant};
use tokio_util::{sync::CancellationToken, task::AbortOnDropHandle};

use super::{End, Engine, Role, absence::Absence, house, pace::Pace, turned};
use crate::{
    clock,
    store::{Batch, Epoch, Leadership, Retention, Writer, WriterState},
};

/// How often the database is told that sources are alive, for followers and for the next start.
const HEARTBEAT: Duration = Duration::from_secs(5);
/// How long a stop waits for what is not written yet.
const PATIENCE: Duration = Duration::from_secs(3);

impl Engine {
    /// Leads under `epoch` until leadership or the process ends.
    pub(super) async fn lead(
        &self,
        epoch: &Epoch,
        leadership: &mut watch::Receiver<Leadership>,
        shutdown: &CancellationToken,
    ) -> anyhow::Result<End> {
        let stored = match self.store.load().await {
            Ok((stored, _)) => stored,
            Err(error) => return self.detached(error, leadership, shutdown).await,
        };
        tracing::info!(%epoch, objects = stored.observations.len(), "leading");
        let last_seen = stored.sources.iter().filter_map(|source| source.last_success).max();
        let mut collecting = self.collect(&stored.observations, &stored.sources, Some(epoch));
        let mut index = self.index(stored)?;
        let writer = Writer::start(self.store.clone(), epoch.clone());
        let mut status = writer.status();
        self.publisher.tell(|s| {
            s.role = Role::Leader;
            s.leader = None;
        });
        self.publisher.writes(status.borrow_and_update().clone());
        let mut absence = Absence::found(last_seen, clock::now());
        let mut pace = Pace::new();
        let mut heartbeat = tokio::time::interval(HEARTBEAT);
        heartbeat.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        let retention = Retention { months: self.config.history.keep_months };
        // Ends with the leadership.
        let _housekeeping =
            AbortOnDropHandle::new(tokio::spawn(house::keep(self.store.clone(), epoch.clone(), retention)));
        let end = loop {
            tokio::select! {
                biased;
                () = shutdown.cancelled() => break End::Shutdown,
                () = turned(leadership, Some(epoch)) => break End::Turn,
                changed = status.changed() => {
                    let now = status.borrow_and_update().clone();
                    let fenced = changed.is_err() || now.state == WriterState::Fenced;
                    self.publisher.writes(now);
                    if fenced {
                        // The lease task will find out too; until then there is nothing to do here.
                        let wait = turned(leadership, Some(epoch));
                        let _ = tokio::time::timeout(Duration::from_secs(30), wait).await;
                        break End::Turn;
                    }
                }
                () = tokio::time::sleep_until(pace.due()) => {
                    let step = self.step(&mut index, &mut pace);
                    submit(&writer, &step, &mut absence);
                }
                open = collecting.next(&mut index) => {
                    anyhow::ensure!(open, "the collectors ended by themselves");
                    pace.stir();
                }
                _ = heartbeat.tick() => self.heartbeat(&writer),
            }
        };
        collecting.stop().await;
        submit(&writer, &index.advance(clock::now()), &mut absence);
        let began = Instant::now();
        let unwritten = writer.stop(PATIENCE).await;
        tracing::info!(%epoch, unwritten, took_ms = began.elapsed().as_millis(), "no longer leading");
        Ok(end)
    }

    /// Says in the database which sources are alive. It goes the way of every row, behind those before it: a sign of life that
    /// overtook them would hide from the next leader that they are missing.
    fn heartbeat(&self, writer: &Writer) {
        let snapshot = self.publisher.snapshot().borrow().clone();
        let alive =
            snapshot.sources.values().filter_map(|s| Some((Text::clone(&s.name), s.last_success?))).collect();
        writer.submit_batch(Batch::signs_of_life(snapshot.revision, alive));
    }
}

/// Hands a step to the writer, with the gap that it ends.
fn submit(writer: &Writer, step: &Step, absence: &mut Absence) {
    let at = step.snapshot.as_of.unwrap_or_else(clock::now);
    let mut batch = Batch::of(step, at);
    batch.gaps.extend(absence.end(&step.snapshot, at));
    writer.submit_batch(batch);
}
