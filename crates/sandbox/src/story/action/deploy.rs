//! What a release does: commits, deployments, syncs by hand, scaling, the way back, a tag that moves.

use crate::build::application::Initiator;
use crate::story::fleet::{Fleet, Thing};
use crate::story::step::Step;
use crate::story::unit::{Flaw, revision_of};

impl Fleet {
    /// Git means another tag from now on; Argo CD notices.
    pub(super) fn commit(&mut self, at: usize, tag: &str) {
        let unit = &mut self.units[at];
        unit.meant = unit.with_tag(tag);
        if unit.flaw != Some(Flaw::Pull) {
            self.images.built(self.now, &unit.meant);
        }
        unit.app.revision = revision_of(&unit.service, &unit.meant);
        // What stands in the spec wins over Git's own.
        if unit.app.image.is_some() {
            unit.app.image = Some(unit.meant.clone());
        }
        self.set_sync(at, "OutOfSync");
    }

    pub(super) fn deploy(&mut self, at: usize, tag: &str, flaw: Option<Flaw>) {
        self.units[at].flaw = flaw;
        self.units[at].busy = true;
        self.commit(at, tag);
        self.put_app(at);
        let by = match self.units[at].app.automated {
            Some(true) => Initiator::Automated,
            _ => Initiator::User("m.sato".to_owned()),
        };
        self.after(2, Step::Begin(at, by));
        let image = self.units[at].meant.clone();
        self.after(5, Step::Apply(at, image));
    }

    pub(super) fn fail_sync(&mut self, at: usize, message: String) {
        self.units[at].busy = true;
        let unit = &mut self.units[at];
        unit.app.revision =
            revision_of(&unit.service, &format!("{}{message}{}", unit.meant, unit.app.generation));
        self.set_sync(at, "OutOfSync");
        self.put_app(at);
        self.after(2, Step::Begin(at, Initiator::Automated));
        self.after(4, Step::Retry(at, 0, message));
    }

    pub(super) fn sync_by_hand(&mut self, at: usize) {
        self.units[at].busy = true;
        self.units[at].flaw = None;
        self.after(1, Step::Begin(at, Initiator::User("k.mori".to_owned())));
        let unit = &mut self.units[at];
        if let Some(("kubectl-edit", _)) = unit.work.edited.as_ref().map(|(by, at)| (by.as_str(), at))
            && unit.work.image == unit.meant
        {
            unit.work.replicas = unit.work.replicas.saturating_sub(1).max(1);
        }
        let image = self.units[at].meant.clone();
        self.after(4, Step::Apply(at, image));
    }

    pub(super) fn scale(&mut self, at: usize, replicas: u32) {
        let unit = &mut self.units[at];
        unit.app.revision = revision_of(&unit.service, &format!("{}x{replicas}", unit.meant));
        unit.work.replicas = replicas;
        unit.work.edited = Some(("argocd-controller".to_owned(), self.now));
        let image = unit.meant.clone();
        self.set_sync(at, "OutOfSync");
        self.put_app(at);
        self.after(2, Step::Begin(at, Initiator::Automated));
        self.after(4, Step::Apply(at, image));
    }

    pub(super) fn rollback(&mut self, at: usize) {
        let now = self.now;
        let unit = &mut self.units[at];
        let Some((image, _, _)) =
            unit.sets.iter().rev().find(|(image, _, _)| *image != unit.work.image).cloned()
        else {
            return;
        };
        let revision = revision_of(&unit.service, &image);
        let id = unit
            .app
            .history
            .iter()
            .rev()
            .find(|entry| entry.revision == revision)
            .map_or(0, |entry| entry.id);
        // A rollback wants automation off; the compared revision stays the head.
        unit.app.automated = Some(false);
        unit.busy = true;
        unit.flaw = None;
        unit.app.operation = Some(crate::build::application::Operation {
            phase: "Running",
            message: String::new(),
            started: now,
            finished: None,
            retries: 0,
            revision,
            by: Initiator::User("k.mori".to_owned()),
            failed: None,
            images: None,
        });
        let message = format!("k.mori initiated rollback to {id}");
        self.tell_by(at, "argocd-server", Some("k.mori"), "OperationStarted", &message, false);
        self.put_app(at);
        self.after(2, Step::Apply(at, image));
    }

    pub(super) fn move_tag(&mut self, at: usize) {
        let now = self.now;
        let Some(pod) = self.units[at].pods.first_mut() else { return };
        pod.digest = self.images.push(now, &pod.image, &format!("{}, pushed again", pod.image), None);
        pod.since = now;
        pod.restarts += 1;
        let name = pod.name.clone();
        self.put(Thing::Pod(at, name));
    }

    /// The workflow pushes an image of a unit, or what came out alike.
    pub(super) fn push_image(&mut self, at: usize, tag: &str, like: Option<&str>, created: Option<&str>) {
        let now = self.now;
        let image = self.units[at].with_tag(tag);
        match like {
            Some(like) => _ = self.images.push_again(now, &image, &self.units[at].with_tag(like)),
            None => _ = self.images.push(now, &image, &format!("{image}, built {now}"), created),
        }
    }
}
