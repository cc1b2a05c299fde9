//! An operation from its beginning to its end: applied, or tried again and given up.

use crate::build::application::{Deployed, Initiator, Operation};
use crate::build::workload::{Roll, WorkloadKind};
use crate::story::fleet::{Fleet, Thing};
use crate::story::step::Step;

/// Seconds that Argo CD waits before a try.
pub(super) const WAITS: [i64; 5] = [10, 20, 40, 80, 160];

impl Fleet {
    pub(super) fn begin(&mut self, at: usize, by: Initiator) {
        let now = self.now;
        let unit = &mut self.units[at];
        let revision = unit.app.revision.clone();
        unit.app.operation = Some(Operation {
            phase: "Running",
            message: String::new(),
            started: now,
            finished: None,
            retries: 0,
            revision: revision.clone(),
            by: by.clone(),
            failed: None,
            images: None,
        });
        match by {
            Initiator::Automated => {
                self.tell(
                    at,
                    "OperationStarted",
                    &format!("Initiated automated sync to '{revision}'"),
                    false,
                );
            }
            Initiator::User(user) => {
                let message = format!("{user} initiated sync to main ({revision})");
                self.tell_by(at, "argocd-server", Some(&user), "OperationStarted", &message, false);
            }
        }
        self.put_app(at);
    }

    pub(super) fn applied(&mut self, at: usize, image: &str) {
        let now = self.now;
        let unit = &mut self.units[at];
        let fresh = !unit.has_workload;
        let changes = fresh || unit.work.image != image || unit.work.edited.is_some();
        let revision =
            unit.app.operation.as_ref().map(|operation| operation.revision.clone()).unwrap_or_default();
        let by = unit.app.operation.as_ref().map_or(Initiator::Automated, |operation| operation.by.clone());
        let started = unit.app.operation.as_ref().map_or(now, |operation| operation.started);
        if let Some(operation) = &mut unit.app.operation {
            operation.phase = "Succeeded";
            "successfully synced (all tasks run)".clone_into(&mut operation.message);
            operation.finished = Some(now);
            operation.failed = None;
            operation.images = Some(vec![image.to_owned()]);
        }
        let id = unit.app.history.last().map_or(0, |entry| entry.id + 1);
        let entry =
            Deployed { id, revision: revision.clone(), started, at: now, image: unit.app.image.clone(), by };
        unit.app.history.push(entry);
        if unit.app.history.len() > 10 {
            unit.app.history.remove(0);
        }
        for resource in &mut unit.app.resources {
            resource.status = "Synced";
        }
        if fresh {
            unit.work.created = now;
            unit.has_workload = true;
        }
        if changes {
            unit.work.applied = now;
            unit.work.edited = None;
        }
        self.tell(at, "OperationCompleted", &format!("Sync operation to {revision} succeeded"), false);
        self.set_sync(at, "Synced");
        if changes {
            self.retarget(at, image);
            if fresh {
                self.put_workload(at);
            }
        }
        self.put_app(at);
    }

    /// The workload gets a template with this image, and begins to roll.
    pub fn retarget(&mut self, at: usize, image: &str) {
        let now = self.now;
        let unit = &mut self.units[at];
        unit.work.generation += 1;
        let same = unit.work.image == image && unit.sets.iter().any(|(of, _, _)| of == image);
        if !same {
            unit.work.revision += 1;
            image.clone_into(&mut unit.work.image);
            unit.sets.retain(|(of, _, _)| of != image);
            unit.sets.push((image.to_owned(), unit.work.revision, now));
        }
        while self.units[at].sets.len() > 4 {
            let (oldest, _, _) = self.units[at].sets[0].clone();
            self.drop_set(at, &oldest);
        }
        let unit = &mut self.units[at];
        if unit.work.kind == WorkloadKind::CronJob || unit.work.on_delete {
            unit.recount();
            unit.busy = false;
            self.put(Thing::Work(at));
            return;
        }
        unit.busy = true;
        unit.work.roll = (Roll::Running, now);
        let (deadline, revision, deployment) =
            (unit.work.deadline_s, unit.work.revision, unit.work.kind == WorkloadKind::Deployment);
        self.units[at].recount();
        self.set_health(at, "Progressing");
        self.put(Thing::Work(at));
        self.put_sets(at);
        self.after(1, Step::Roll(at));
        if deployment {
            self.after(i64::from(deadline), Step::Deadline(at, revision));
        }
    }

    pub(super) fn drop_set(&mut self, at: usize, image: &str) {
        if self.units[at].work.kind.has_replica_sets() {
            self.drop(&Thing::Set(at, image.to_owned()));
        }
        self.units[at].sets.retain(|(of, _, _)| of != image);
    }

    pub(super) fn retry(&mut self, at: usize, nth: u32, message: &str) {
        let now = self.now;
        let kind = self.units[at].work.kind.names().0;
        let why = format!("one or more synchronization tasks completed unsuccessfully, reason: {message}");
        let last = nth == 5;
        let meant = self.units[at].meant.clone();
        let Some(operation) = &mut self.units[at].app.operation else { return };
        operation.finished = Some(now);
        operation.failed = Some((kind, message.to_owned()));
        operation.images = Some(vec![meant]);
        operation.retries = nth;
        if last {
            operation.phase = "Failed";
            operation.message = format!("{why} (retried 5 times).");
            let revision = operation.revision.clone();
            self.units[at].busy = false;
            let told = format!("Sync operation to {revision} failed: {why} (retried 5 times).");
            self.tell(at, "OperationCompleted", &told, true);
        } else {
            let clock = now.strftime("%-I:%M%p");
            operation.message = format!("{why}. Retrying attempt #{} at {clock}.", nth + 1);
            operation.retries = nth + 1;
            let wait = WAITS[usize::try_from(nth).unwrap_or(4).min(4)];
            self.after(wait, Step::Retry(at, nth + 1, message.to_owned()));
        }
        self.put_app(at);
    }
}
