//! A roll: new pods rise, old ones fall, as far as surge and unavailability let them.

use crate::build::pod::PodState;
use crate::build::workload::Roll;
use crate::story::fleet::{Fleet, Thing};
use crate::story::step::Step;
use crate::story::unit::{Flaw, Unit};

impl Fleet {
    /// One step of a roll: dead pods go, new ones get ready, the next ones are made and the next old ones end.
    pub(super) fn roll(&mut self, at: usize) {
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

    pub(super) fn bury(&mut self, at: usize) -> bool {
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

    pub(super) fn rise(&mut self, at: usize, target: &str) -> bool {
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
    pub(super) fn slack(unit: &Unit) -> (u32, u32) {
        let replicas = unit.work.replicas;
        if unit.work.kind.has_replica_sets() {
            let percent: u32 = unit.work.max_unavailable.trim_end_matches('%').parse().unwrap_or(25);
            (replicas.div_ceil(4), replicas * percent / 100)
        } else {
            (0, 1)
        }
    }

    pub(super) fn raise(&mut self, at: usize, target: &str) -> bool {
        let unit = &self.units[at];
        let (surge, _) = Self::slack(unit);
        let total = u32::try_from(unit.pods.len()).unwrap_or(u32::MAX);
        let missing = unit.work.replicas.saturating_sub(unit.count(target).1);
        let room = (unit.work.replicas + surge).saturating_sub(total);
        let make = missing.min(room);
        for _ in 0..make {
            let now = self.now;
            let mut pod = self.units[at].new_pod(target, now);
            if self.units[at].flaw != Some(Flaw::Pull) {
                pod.digest = self.images.built(now, target);
            }
            let name = pod.name.clone();
            self.units[at].pods.push(pod);
            self.put(Thing::Pod(at, name));
        }
        make > 0
    }

    pub(super) fn lower(&mut self, at: usize, target: &str) -> bool {
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

    pub(super) fn deadline(&mut self, at: usize, revision: u64) {
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
}
