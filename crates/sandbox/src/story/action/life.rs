//! Applications that come and go, and the set that makes previews.

use crate::build::application::{Initiator, Managed};
use crate::build::small;
use crate::story::fleet::Fleet;
use crate::story::step::Step;

impl Fleet {
    pub(super) fn delete(&mut self, at: usize, stuck: bool) {
        let now = self.now;
        let unit = &mut self.units[at];
        unit.busy = true;
        unit.app.deleted = Some(now);
        let user = "k.mori";
        self.tell_by(
            at,
            "argocd-server",
            Some(user),
            "ResourceDeleted",
            &format!("{user} deleted application"),
            false,
        );
        if stuck {
            // The pods go at once; another object's finalizer holds the rest.
            self.strip(at);
            self.set_health(at, "Progressing");
            self.set_sync(at, "OutOfSync");
            self.units[at].held = true;
        } else {
            self.after(4, Step::Undeploy(at));
        }
        self.put_app(at);
    }

    pub(super) fn create(&mut self, at: usize, failing: Option<String>) {
        let now = self.now;
        let unit = &mut self.units[at];
        if unit.exists {
            return;
        }
        unit.exists = true;
        unit.has_workload = false;
        unit.busy = true;
        unit.pods.clear();
        unit.sets.clear();
        unit.app.created = now;
        unit.app.deleted = None;
        unit.app.generation = 0;
        unit.app.history.clear();
        unit.app.operation = None;
        unit.app.images.clear();
        unit.app.sync = "OutOfSync";
        unit.app.health = ("Missing", now);
        for resource in &mut unit.app.resources {
            resource.status = "OutOfSync";
        }
        if !unit.app.resources.iter().any(|resource| resource.kind == "Namespace") {
            unit.app
                .resources
                .insert(0, Managed::synced("", "v1", "Namespace", &unit.work.namespace.clone()));
        }
        let (image, preview) = (unit.meant.clone(), unit.environment.starts_with("pr-"));
        self.images.built(now, &image);
        self.tell(at, "ResourceUpdated", "Updated sync status:  -> OutOfSync", false);
        self.put_app(at);
        if preview {
            self.run(Step::Previews);
        }
        self.after(2, Step::Begin(at, Initiator::Automated));
        match failing {
            Some(message) => self.after(4, Step::Retry(at, 0, message)),
            None => self.after(6, Step::Apply(at, image)),
        }
    }

    /// The ApplicationSet of the previews with the children of now.
    pub fn put_preview_set(&mut self) {
        let (now, begun) = (self.now, self.founded);
        let mut sets: Vec<(String, usize, Vec<small::Child>)> = Vec::new();
        for unit in self
            .units
            .iter()
            .filter(|unit| unit.app.owner.as_deref().is_some_and(|owner| owner.starts_with("previews-")))
        {
            let at = sets.iter().position(|(service, _, _)| *service == unit.service).unwrap_or_else(|| {
                sets.push((unit.service.clone(), unit.argo, Vec::new()));
                sets.len() - 1
            });
            if unit.exists {
                sets[at].2.push((unit.app.name.clone(), unit.app.sync, unit.app.health.0));
            }
        }
        for (service, argo, children) in sets {
            let set = small::preview_set(&format!("previews-{service}"), &service, begun, now, &children);
            self.put_fixed(argo, set);
        }
    }
}
