//! Argo CD Applications as its controller writes them.

mod event;
mod operation;
mod spec;

use jiff::Timestamp;
use serde_json::{Value, json};

use self::operation::initiated;
use super::managed;
use super::{time, uid_of};

/// Group and version of Argo CD's own kinds.
pub const ARGO_VERSION: &str = "argoproj.io/v1alpha1";

/// One object that an Application manages.
#[derive(Clone, Debug)]
pub struct Managed {
    /// API group, empty for the core group.
    pub group: &'static str,
    /// API version in the group.
    pub version: &'static str,
    /// Kind.
    pub kind: &'static str,
    /// Name.
    pub name: String,
    /// `Synced`, `OutOfSync`, `Unknown`
    pub status: &'static str,
    /// Git does not know it any more.
    pub requires_pruning: bool,
}

impl Managed {
    /// A synced object.
    pub fn synced(group: &'static str, version: &'static str, kind: &'static str, name: &str) -> Self {
        Self { group, version, kind, name: name.to_owned(), status: "Synced", requires_pruning: false }
    }
}

/// Who started an operation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Initiator {
    /// Automated sync.
    Automated,
    /// A person.
    User(String),
}

/// The last operation.
#[derive(Clone, Debug)]
pub struct Operation {
    /// `Running`, `Succeeded`, `Failed`, `Error`
    pub phase: &'static str,
    /// Argo CD's words; empty in the first instant.
    pub message: String,
    /// When it started.
    pub started: Timestamp,
    /// When it, or its latest try, ended.
    pub finished: Option<Timestamp>,
    /// Tries after the first.
    pub retries: u32,
    /// Commit.
    pub revision: String,
    /// Who started it.
    pub by: Initiator,
    /// Why an object failed: its kind and the message.
    pub failed: Option<(&'static str, String)>,
    /// Images that the operation applied; absent before it has a result.
    pub images: Option<Vec<String>>,
}

/// One past deployment.
#[derive(Clone, Debug)]
pub struct Deployed {
    /// Counts up from 0.
    pub id: u64,
    /// Commit.
    pub revision: String,
    /// When it started.
    pub started: Timestamp,
    /// When it ended.
    pub at: Timestamp,
    /// Image override of the source at that time.
    pub image: Option<String>,
    /// Who started it.
    pub by: Initiator,
}

/// An Application and what Argo CD says of it.
#[derive(Clone, Debug)]
pub struct Application {
    /// Name.
    pub name: String,
    /// Namespace that it lives in.
    pub namespace: String,
    /// Project.
    pub project: String,
    /// Labels.
    pub labels: Vec<(String, String)>,
    /// Annotations.
    pub annotations: Vec<(String, String)>,
    /// Repository.
    pub repo: String,
    /// Path in it.
    pub path: String,
    /// Branch or commit.
    pub target: String,
    /// Kustomize image override.
    pub image: Option<String>,
    /// When Image Updater wrote that; `None` = it comes with the spec.
    pub image_written: Option<Timestamp>,
    /// Destination server, or name when `by_name`.
    pub destination: String,
    /// Whether the destination is given by name.
    pub by_name: bool,
    /// Namespace of the objects.
    pub to_namespace: String,
    /// `None` = never had automated sync; `Some(false)` = switched off.
    pub automated: Option<bool>,
    /// When it was made.
    pub created: Timestamp,
    /// Counts every write.
    pub generation: u64,
    /// `Synced`, `OutOfSync`, `Unknown`
    pub sync: &'static str,
    /// Compared revision.
    pub revision: String,
    /// Health and since when.
    pub health: (&'static str, Timestamp),
    /// When it was last compared.
    pub reconciled: Timestamp,
    /// The last operation.
    pub operation: Option<Operation>,
    /// Past deployments, newest last.
    pub history: Vec<Deployed>,
    /// Conditions: type, message, since.
    pub conditions: Vec<(&'static str, String, Timestamp)>,
    /// What it manages.
    pub resources: Vec<Managed>,
    /// `summary.images`
    pub images: Vec<String>,
    /// `summary.externalURLs`
    pub urls: Vec<String>,
    /// When its deletion was asked for.
    pub deleted: Option<Timestamp>,
    /// Name of the ApplicationSet that owns it.
    pub owner: Option<String>,
    /// Who wrote the spec.
    pub spec_manager: &'static str,
}

fn set(value: &mut Value, key: &str, to: impl Into<Value>) {
    value[key] = to.into();
}

impl Application {
    /// The uid.
    pub fn uid(&self) -> String {
        uid_of(&["applications", &self.namespace, &self.name, &time(self.created)])
    }

    fn status(&self) -> Value {
        let resources: Vec<Value> = self
            .resources
            .iter()
            .map(|resource| {
                let mut value = json!({
                    "kind": resource.kind, "name": resource.name, "namespace": self.to_namespace,
                    "status": resource.status, "version": resource.version,
                });
                if !resource.group.is_empty() {
                    set(&mut value, "group", resource.group);
                }
                if resource.requires_pruning {
                    set(&mut value, "requiresPruning", true);
                }
                value
            })
            .collect();
        let history: Vec<Value> = self
            .history
            .iter()
            .map(|entry| {
                json!({
                    "deployStartedAt": time(entry.started), "deployedAt": time(entry.at), "id": entry.id,
                    "initiatedBy": initiated(&entry.by), "revision": entry.revision,
                    "source": self.source(entry.image.as_deref()),
                })
            })
            .collect();
        let mut summary = json!({});
        if !self.urls.is_empty() {
            summary["externalURLs"] = json!(self.urls);
        }
        if !self.images.is_empty() {
            summary["images"] = json!(self.images);
        }
        let mut status = json!({
            "controllerNamespace": "argocd",
            "health": { "lastTransitionTime": time(self.health.1), "status": self.health.0 },
            "reconciledAt": time(self.reconciled), "resourceHealthSource": "appTree", "sourceHydrator": {},
            "summary": summary,
            "sync": {
                "comparedTo": { "destination": self.destination(), "source": self.source(self.image.as_deref()) },
                "revision": self.revision, "status": self.sync,
            },
        });
        // Without manifests there is no telling what makes them.
        if !self.conditions.iter().any(|(kind, _, _)| *kind == "ComparisonError") {
            set(&mut status, "sourceType", if self.image.is_some() { "Kustomize" } else { "Directory" });
        }
        if !resources.is_empty() {
            status["resources"] = resources.into();
        }
        if !history.is_empty() {
            status["history"] = history.into();
        }
        if let Some(operation) = &self.operation {
            status["operationState"] = self.operation_state(operation);
        }
        if !self.conditions.is_empty() {
            status["conditions"] = self
                .conditions
                .iter()
                .map(|(kind, message, at)| json!({ "lastTransitionTime": time(*at), "message": message, "type": kind }))
                .collect();
        }
        status
    }

    /// The object.
    pub fn object(&self) -> Value {
        let spec = self.spec();
        let status = self.status();
        let labels: Value =
            self.labels.iter().map(|(key, value)| (key.clone(), Value::from(value.as_str()))).collect();
        let mut annotations: Value =
            self.annotations.iter().map(|(key, value)| (key.clone(), Value::from(value.as_str()))).collect();
        let finalizers = json!(["resources-finalizer.argocd.argoproj.io"]);
        let mut by_hand = spec.clone();
        if self.image_written.is_some() {
            set(&mut by_hand, "source", self.source(None));
        }
        if self.owner.is_none() {
            let applied = json!({
                "apiVersion": ARGO_VERSION, "kind": "Application",
                "metadata": {
                    "annotations": annotations, "finalizers": finalizers, "labels": labels, "name": self.name,
                    "namespace": self.namespace,
                },
                "spec": by_hand,
            });
            set(&mut annotations, "kubectl.kubernetes.io/last-applied-configuration", format!("{applied}\n"));
        }
        let wrote = json!({ "metadata": { "annotations": annotations, "labels": labels }, "spec": by_hand });
        let mut managers =
            vec![managed::entry(self.spec_manager, ARGO_VERSION, &time(self.created), None, &wrote)];
        if let (Some(at), Some(image)) = (self.image_written, &self.image) {
            let wrote = json!({ "spec": { "source": { "kustomize": { "images": [image] } } } });
            managers.push(managed::entry("argocd-image-updater", ARGO_VERSION, &time(at), None, &wrote));
        }
        managers.push(managed::entry(
            "argocd-application-controller",
            ARGO_VERSION,
            &time(self.reconciled),
            None,
            &json!({ "status": status }),
        ));
        let mut metadata = json!({
            "annotations": annotations, "creationTimestamp": time(self.created), "finalizers": finalizers,
            "generation": self.generation, "labels": labels, "name": self.name, "namespace": self.namespace,
            "uid": self.uid(),
            "managedFields": managers,
        });
        if let Some(at) = self.deleted {
            set(&mut metadata, "deletionTimestamp", time(at));
            set(&mut metadata, "deletionGracePeriodSeconds", 0);
        }
        if let Some(owner) = &self.owner {
            metadata["ownerReferences"] = json!([{
                "apiVersion": ARGO_VERSION, "blockOwnerDeletion": true, "controller": true, "kind": "ApplicationSet",
                "name": owner, "uid": uid_of(&["applicationsets", &self.namespace, owner]),
            }]);
        }
        let mut object = json!({
            "apiVersion": ARGO_VERSION, "kind": "Application", "metadata": metadata, "spec": spec, "status": status,
        });
        if let Some(operation) = self.operation.as_ref().filter(|operation| operation.phase == "Running") {
            object["operation"] = self.operation_value(operation);
        }
        object
    }
}
