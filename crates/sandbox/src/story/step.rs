//! The steps: what Argo CD, the controllers and the kubelets do one after another.

use jiff::Timestamp;

use super::action::Action;
use super::fleet::{Fleet, Thing};
use super::unit::{Flaw, Unit};
use crate::build::application::{Deployed, Initiator, Operation};
use crate::build::pod::PodState;
use crate::build::workload::{Roll, WorkloadKind};

/// Something that happens at a time of its own.
#[derive(Clone, Debug)]
pub(crate) enum Step {
    /// Somebody does something to a unit.
    Act(usize, Action),
    /// An operation begins.
    Begin(usize, Initiator),
    /// An operation has applied the manifests: the workload gets this image.
    Apply(usize, String),
    /// An operation tries again, or gives up at the fifth time.
    Retry(usize, u32, String),
    /// The next step of a roll.
    Roll(usize),
    /// `progressDeadlineSeconds` after a roll began, told by its revision.
    Deadline(usize, u64),
    /// A crashing pod crashes once more.
    Crash(usize),
    /// A crashed pod is well again.
    Recover(usize, String),
    /// The objects of a deleted Application go.
    Undeploy(usize),
    /// An Event is too old.
    Expire(usize, Thing),
    /// Argo CD compares again and finds nothing new.
    Refresh(usize),
    /// The ApplicationSet of the previews is looked through.
    Previews,
}

/// Seconds that Argo CD waits before a try.
const WAITS: [i64; 5] = [10, 20, 40, 80, 160];

impl Fleet {
    pub fn run(&mut self, step: Step) {
        match step {
            Step::Act(unit, action) => self.act(unit, action),
            Step::Begin(unit, by) => self.begin(unit, by),
            Step::Apply(unit, image) => self.applied(unit, &image),
            Step::Retry(unit, nth, message) => self.retry(unit, nth, &message),
            Step::Roll(unit) => self.roll(unit),
            Step::Deadline(unit, revision) => self.deadline(unit, revision),
            Step::Crash(unit) => self.crash_again(unit),
            Step::Recover(unit, pod) => self.recover(unit, &pod),
            Step::Undeploy(unit) => self.undeploy(unit),
            Step::Expire(cluster, thing) => self.drop_in(cluster, &thing),
            Step::Refresh(unit) => {
                if self.units[unit].exists {
                    self.put_app(unit);
                }
            }
            Step::Previews => self.put_preview_set(),
        }
    }

    /// Writes an Application, compared just now.
    pub fn put_app(&mut self, at: usize) {
        let now = self.now;
        let app = &mut self.units[at].app;
        app.reconciled = now;
        app.generation += 1;
        self.put(Thing::App(at));
    }

    pub fn set_health(&mut self, at: usize, health: &'static str) {
        let now = self.now;
        let before = self.units[at].app.health.0;
        if before == health {
            return;
        }
        self.units[at].app.health = (health, now);
        self.tell(at, "ResourceUpdated", &format!("Updated health status: {before} -> {health}"), false);
    }

    pub fn set_sync(&mut self, at: usize, sync: &'static str) {
        let before = self.units[at].app.sync;
        if before == sync {
            return;
        }
        self.units[at].app.sync = sync;
        let workload = self.units[at].work.kind.names().0;
        for resource in &mut self.units[at].app.resources {
            if sync != "OutOfSync" || resource.kind == workload {
                resource.status = sync;
            }
        }
        self.tell(at, "ResourceUpdated", &format!("Updated sync status: {before} -> {sync}"), false);
    }

    fn begin(&mut self, at: usize, by: Initiator) {
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

    fn applied(&mut self, at: usize, image: &str) {
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

    fn drop_set(&mut self, at: usize, image: &str) {
        if self.units[at].work.kind.has_replica_sets() {
            self.drop(&Thing::Set(at, image.to_owned()));
        }
        self.units[at].sets.retain(|(of, _, _)| of != image);
    }

    fn retry(&mut self, at: usize, nth: u32, message: &str) {
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

    /// One step of a roll: dead pods go, new ones get ready, the next ones are made and the next old ones end.
    fn roll(&mut self, at: usize) {
        let now = self.now;
        if !self.units[at].has_workload {
            return;
        }
        let target = self.units[at].work.image.clone();
        let mut changed = self.bury(at) | self.rise(at, &target);
        changed |= self.raise(at, &target) | self.lower(at, &target);
        let unit = &mut self.units[at];
        unit.recount();
        let (ready, all) = unit.count(&target);
        let others = unit.pods.iter().any(|pod| pod.image != target || pod.deleted.is_some());
        let done = ready == unit.work.replicas && all == ready && !others;
        if done {
            unit.work.roll = (Roll::Complete, now);
            unit.busy = false;
        }
        self.put(Thing::Work(at));
        if changed {
            self.put_sets(at);
        }
        if done {
            let unit = &self.units[at];
            if unit.work.image != unit.meant && unit.app.sync == "Synced" {
                // After a rollback the next comparison finds that Git means something else.
                self.set_sync(at, "OutOfSync");
            }
            self.set_health(at, "Healthy");
            self.put_app(at);
            return;
        }
        if changed {
            self.put_app(at);
            let pace = self.units[at].pace_s;
            self.after(pace, Step::Roll(at));
        } else if matches!(self.units[at].flaw, Some(Flaw::Crash(_))) {
            self.after(90, Step::Crash(at));
        }
    }

    fn bury(&mut self, at: usize) -> bool {
        let dead: Vec<String> = self.units[at]
            .pods
            .iter()
            .filter(|pod| pod.deleted.is_some())
            .map(|pod| pod.name.clone())
            .collect();
        for name in &dead {
            self.drop(&Thing::Pod(at, name.clone()));
            self.units[at].pods.retain(|pod| pod.name != *name);
        }
        !dead.is_empty()
    }

    fn rise(&mut self, at: usize, target: &str) -> bool {
        let (now, flaw) = (self.now, self.units[at].flaw.clone());
        let mut risen = Vec::new();
        for pod in &mut self.units[at].pods {
            if pod.state != PodState::Creating || pod.created >= now {
                continue;
            }
            pod.since = now;
            pod.state = match &flaw {
                Some(Flaw::Crash(message)) if pod.image == target => {
                    PodState::CrashLoop { restarts: 1, message: message.clone() }
                }
                Some(Flaw::Pull) if pod.image == target => PodState::PullFailing,
                _ => PodState::Ready,
            };
            risen.push((pod.name.clone(), pod.state.clone()));
        }
        for (name, state) in &risen {
            self.put(Thing::Pod(at, name.clone()));
            match state {
                PodState::CrashLoop { message, .. } => {
                    let told = format!("Back-off restarting failed container app in pod {name}: {message}");
                    self.tell_pod(at, name, "BackOff", &told, true);
                }
                PodState::PullFailing => {
                    let told = format!("Failed to pull image \"{target}\": not found");
                    self.tell_pod(at, name, "Failed", &told, true);
                }
                _ => {}
            }
        }
        !risen.is_empty()
    }

    /// How many pods a roll may make beyond, and how many it may miss.
    fn slack(unit: &Unit) -> (u32, u32) {
        let replicas = unit.work.replicas;
        if unit.work.kind.has_replica_sets() {
            let percent: u32 = unit.work.max_unavailable.trim_end_matches('%').parse().unwrap_or(25);
            (replicas.div_ceil(4), replicas * percent / 100)
        } else {
            (0, 1)
        }
    }

    fn raise(&mut self, at: usize, target: &str) -> bool {
        let unit = &self.units[at];
        let (surge, _) = Self::slack(unit);
        let total = u32::try_from(unit.pods.len()).unwrap_or(u32::MAX);
        let missing = unit.work.replicas.saturating_sub(unit.count(target).1);
        let room = (unit.work.replicas + surge).saturating_sub(total);
        let make = missing.min(room);
        for _ in 0..make {
            let now = self.now;
            let pod = self.units[at].new_pod(target, now);
            let name = pod.name.clone();
            self.units[at].pods.push(pod);
            self.put(Thing::Pod(at, name));
        }
        make > 0
    }

    fn lower(&mut self, at: usize, target: &str) -> bool {
        let now = self.now;
        let unit = &mut self.units[at];
        let (_, may_miss) = Self::slack(unit);
        let replicas = unit.work.replicas;
        let ready =
            u32::try_from(unit.pods.iter().filter(|pod| pod.deleted.is_none() && pod.is_ready()).count());
        let mut spare = ready.unwrap_or(0).saturating_sub(replicas.saturating_sub(may_miss));
        let mut excess = unit.count(target).1.saturating_sub(replicas);
        let mut ended = Vec::new();
        for pod in unit.pods.iter_mut().rev().filter(|pod| pod.deleted.is_none()) {
            let old = pod.image != target;
            if !old && excess == 0 {
                continue;
            }
            if pod.is_ready() && old {
                if spare == 0 {
                    continue;
                }
                spare -= 1;
            } else if !old {
                excess -= 1;
            }
            pod.deleted = Some(now);
            ended.push(pod.name.clone());
        }
        for name in &ended {
            self.put(Thing::Pod(at, name.clone()));
        }
        !ended.is_empty()
    }

    fn deadline(&mut self, at: usize, revision: u64) {
        let now = self.now;
        let unit = &mut self.units[at];
        if unit.work.revision != revision || unit.work.roll.0 != Roll::Running || !unit.has_workload {
            return;
        }
        unit.work.roll = (Roll::Overdue, now);
        self.put(Thing::Work(at));
        self.set_health(at, "Degraded");
        self.put_app(at);
    }

    fn crash_again(&mut self, at: usize) {
        let now = self.now;
        let mut crashed = Vec::new();
        for pod in &mut self.units[at].pods {
            if let PodState::CrashLoop { restarts, .. } = &mut pod.state
                && *restarts < 7
            {
                *restarts += 1;
                pod.since = now;
                crashed.push(pod.name.clone());
            }
        }
        for name in &crashed {
            self.put(Thing::Pod(at, name.clone()));
        }
        if !crashed.is_empty() {
            self.after(150, Step::Crash(at));
        }
    }

    fn recover(&mut self, at: usize, pod: &str) {
        let now = self.now;
        let Some(found) = self.units[at].pods.iter_mut().find(|of| of.name == pod) else { return };
        let PodState::CrashLoop { restarts, .. } = found.state else { return };
        found.restarts = restarts;
        found.state = PodState::Ready;
        found.since = now;
        self.units[at].recount();
        if self.units[at].work.counts.2 == self.units[at].work.replicas {
            self.units[at].work.roll.1 = now;
            self.units[at].busy = false;
            self.set_health(at, "Healthy");
        }
        self.put(Thing::Pod(at, pod.to_owned()));
        self.put_sets(at);
        self.put(Thing::Work(at));
        self.put_app(at);
    }

    /// The workload and its pods go.
    pub fn strip(&mut self, at: usize) {
        for name in self.units[at].pods.iter().map(|pod| pod.name.clone()).collect::<Vec<_>>() {
            self.drop(&Thing::Pod(at, name));
        }
        for (image, _, _) in self.units[at].sets.clone() {
            self.drop_set(at, &image);
        }
        if self.units[at].has_workload {
            self.drop(&Thing::Work(at));
        }
        self.units[at].pods.clear();
        self.units[at].has_workload = false;
        self.units[at].recount();
    }

    /// A deleted Application goes, with all its objects.
    fn undeploy(&mut self, at: usize) {
        self.strip(at);
        let unit = &self.units[at];
        let (cluster, namespace, service) = (unit.cluster, unit.work.namespace.clone(), unit.service.clone());
        let fixed = |value| Thing::Fixed(Box::new(value));
        let now = Timestamp::UNIX_EPOCH;
        self.drop_in(
            cluster,
            &fixed(crate::build::small::service(&unit.app.name, &namespace, &service, now)),
        );
        let unit = &self.units[at];
        let ingress = crate::build::small::ingress(&unit.app.name, &namespace, &service, &unit.host, now);
        self.drop_in(cluster, &fixed(ingress));
        self.drop(&Thing::App(at));
        self.units[at].exists = false;
        if self.units[at].environment.starts_with("pr-") {
            self.run(Step::Previews);
        }
    }
}
