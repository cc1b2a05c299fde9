//! `ImageUpdater` objects and their Events, as Argo CD Image Updater 1.3 writes them.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::application::Application;
use super::{time, uid_of};

/// Who writes the Events.
pub const COMPONENT: &str = "ArgocdImageUpdater";
/// Group and version.
const VERSION: &str = "argocd-image-updater.argoproj.io/v1alpha1";
/// What it calls an image that has no other name.
const ALIAS: &str = "app";

/// One image of one Application that it looks after.
#[derive(Clone, Debug)]
pub struct Reference {
    /// Name of the Application.
    pub application: String,
    /// Repository of the image, with the host.
    pub repository: String,
    /// `updateStrategy`
    pub strategy: &'static str,
    /// `allowTags`
    pub allow: Option<String>,
}

/// A tag that it wrote.
#[derive(Clone, Debug)]
pub struct Written {
    /// Repository, with the host.
    pub repository: String,
    /// The tag before.
    pub from: String,
    /// The tag since then.
    pub to: String,
    /// When.
    pub at: Timestamp,
}

/// The object.
#[derive(Clone, Debug)]
pub struct Updater {
    /// Name; it lives where its Applications live.
    pub name: String,
    /// When it was made.
    pub created: Timestamp,
    /// Counts changes of the spec.
    pub generation: u64,
    /// What it looks after.
    pub references: Vec<Reference>,
    /// When it last looked.
    pub checked: Option<Timestamp>,
    /// What its last look that changed something wrote.
    pub recent: Vec<Written>,
    /// How many images its last look changed.
    pub changed: usize,
}

impl Updater {
    /// The object.
    pub fn object(&self) -> Value {
        let references: Vec<Value> = self.references.iter().map(Reference::value).collect();
        let mut object = json!({
            "apiVersion": VERSION, "kind": "ImageUpdater",
            "metadata": {
                "creationTimestamp": time(self.created), "generation": self.generation, "name": self.name,
                "finalizers": ["resources-finalizer.argocd-image-updater.argoproj.io"],
                "namespace": "argocd", "uid": uid_of(&["imageupdaters", "argocd", &self.name]),
            },
            "spec": { "applicationRefs": references },
        });
        if let Some(checked) = self.checked {
            object["status"] = self.status(checked);
        }
        object
    }

    fn status(&self, checked: Timestamp) -> Value {
        let count = self.references.len();
        let condition = |kind: &str, status: &str, reason: &str, at: Timestamp, message: &str| {
            json!({
                "lastTransitionTime": time(at), "message": message, "observedGeneration": self.generation,
                "reason": reason, "status": status, "type": kind,
            })
        };
        let ready = format!("Reconciled {count} applications, {} images updated.", self.changed);
        let idle = "Last check completed. Awaiting next cycle.";
        let well = "No errors during last reconciliation.";
        let mut status = json!({
            "applicationsMatched": count, "imagesManaged": count, "lastCheckedAt": time(checked),
            "observedGeneration": self.generation,
            "conditions": [
                condition("Reconciling", "False", "Idle", checked, idle),
                condition("Error", "False", "NoErrors", self.created, well),
                condition("Ready", "True", "ReconcileSucceeded", self.created, &ready),
            ],
        });
        if let Some(last) = self.recent.last() {
            status["lastUpdatedAt"] = time(last.at).into();
            status["recentUpdates"] = self.recent.iter().map(Written::value).collect();
        }
        status
    }
}

impl Reference {
    fn value(&self) -> Value {
        let mut settings = json!({ "forceUpdate": false, "updateStrategy": self.strategy });
        if let Some(allow) = &self.allow {
            settings["allowTags"] = allow.as_str().into();
        }
        json!({
            "namePattern": self.application, "useAnnotations": false,
            "images": [{
                "alias": ALIAS, "imageName": self.repository, "commonUpdateSettings": settings,
            }],
        })
    }
}

impl Written {
    fn value(&self) -> Value {
        json!({
            "alias": ALIAS, "applicationsUpdated": 1, "image": self.repository, "newVersion": self.to,
            "message": format!("Updated from {} to {}.", self.from, self.to), "updatedAt": time(self.at),
        })
    }

    /// The Event on the Application that it was written to.
    pub fn event(&self, application: &Application, nth: u64) -> Value {
        let message = format!("Successfully updated application '{}'", application.name);
        let mut event = application.event_by(COMPONENT, None, self.at, "ImagesUpdated", &message, false, nth);
        let short = self.repository.split_once('/').map_or(self.repository.as_str(), |(_, path)| path);
        let key = |name: &str| format!("argocd-image-updater.image-0/{name}");
        event["metadata"]["annotations"] = json!({
            key("full-image-name"): self.repository, key("image-name"): short, key("new-tag"): self.to,
            key("old-tag"): self.from,
        });
        event
    }
}
