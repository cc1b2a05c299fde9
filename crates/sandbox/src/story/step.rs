//! The steps: what Argo CD, the controllers and the kubelets do one after another.

mod pods;
mod roll;
mod sync;

use super::action::Action;
use super::fleet::{Fleet, Thing};
use crate::build::application::Initiator;

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
    /// The workflow of a pull request pushes its image.
    PushPreview(usize),
    /// An Image Updater looks, and goes on looking.
    Look(usize),
}

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
            Step::PushPreview(unit) => self.push_preview(unit),
            Step::Look(nth) => self.look_and_go_on(nth),
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
}
