//! What goes wrong: a hand in the cluster, crashing pods, manifests that do not render or are gone.

use crate::build::pod::PodState;
use crate::story::fleet::{Fleet, Thing};
use crate::story::step::Step;
use crate::story::unit::revision_of;

impl Fleet {
    pub(super) fn drift(&mut self, at: usize, tag: Option<&str>) {
        let now = self.now;
        let unit = &mut self.units[at];
        unit.work.edited = Some(("kubectl-edit".to_owned(), now));
        let image = tag.map_or_else(|| unit.work.image.clone(), |tag| unit.with_tag(tag));
        if tag.is_none() {
            unit.work.replicas += 1;
        }
        unit.flaw = None;
        self.images.built(now, &image);
        self.retarget(at, &image);
        self.set_sync(at, "OutOfSync");
        self.put_app(at);
    }

    pub(super) fn crash_pod(&mut self, at: usize, seconds: i64) {
        let now = self.now;
        let message = "pool timed out while waiting for an open connection".to_owned();
        let Some(pod) = self.units[at].pods.iter_mut().find(|pod| pod.is_ready() && pod.deleted.is_none())
        else {
            return;
        };
        pod.state = PodState::CrashLoop { restarts: pod.restarts + 1, message: message.clone() };
        pod.since = now;
        let name = pod.name.clone();
        self.units[at].busy = true;
        self.units[at].recount();
        self.tell_pod(
            at,
            &name,
            "BackOff",
            &format!("Back-off restarting failed container app: {message}"),
            true,
        );
        self.set_health(at, "Progressing");
        self.put(Thing::Pod(at, name.clone()));
        self.put_sets(at);
        self.put(Thing::Work(at));
        self.put_app(at);
        self.after(seconds, Step::Recover(at, name));
    }

    pub(super) fn break_manifests(&mut self, at: usize) {
        let now = self.now;
        let message = "Failed to load target state: failed to generate manifest for source 1 of 1: rpc error: code = \
                       FailedPrecondition desc = Failed to unmarshal \"all.yaml\": failed to unmarshal manifest: error \
                       converting YAML to JSON: yaml: line 3: did not find expected ',' or ']'";
        let unit = &mut self.units[at];
        unit.app.conditions = vec![("ComparisonError", message.to_owned(), now)];
        // The branch could not be resolved to a commit: its name stands here.
        unit.app.revision = unit.app.target.clone();
        for resource in &mut unit.app.resources {
            resource.requires_pruning = true;
        }
        self.set_sync(at, "Unknown");
        self.put_app(at);
    }

    pub(super) fn empty_manifests(&mut self, at: usize) {
        let now = self.now;
        let unit = &mut self.units[at];
        unit.app.revision = revision_of(&unit.service, "emptied");
        let message = format!(
            "Skipping sync attempt to [{}]: auto-sync will wipe out all resources",
            unit.app.revision
        );
        unit.app.conditions = vec![("SyncError", message, now)];
        self.set_sync(at, "OutOfSync");
        for resource in &mut self.units[at].app.resources {
            resource.requires_pruning = true;
            resource.status = "OutOfSync";
        }
        self.put_app(at);
    }

    pub(super) fn mend_manifests(&mut self, at: usize) {
        let unit = &mut self.units[at];
        unit.app.conditions.clear();
        unit.app.revision = revision_of(&unit.service, &unit.meant);
        for resource in &mut unit.app.resources {
            resource.requires_pruning = false;
        }
        self.set_sync(at, "Synced");
        self.put_app(at);
    }
}
