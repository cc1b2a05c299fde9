//! Who belongs to whom: from pods up to Applications, and back.
//!
//! ```text
//! [ Pod ] -> [ ReplicaSet ] -> [ Deployment, Rollout ] <- [ Application ] -> [ ApplicationSet ]
//! [ Pod ] ------------------> [ StatefulSet, DaemonSet ] <-'
//! [ Pod ] -> [ Job ] -> [ CronJob ] <----------------------'
//! ```
//!
//! Only names tie objects together; each may arrive before or after the other.

use std::collections::HashMap;

use super::few::Few;
use crate::{
    observe::{Body, ObjectName, Scope},
    text::Text,
    words::Kind,
};

/// An Application of one instance.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ApplicationKey {
    /// `argocd/NAME`.
    pub source: Text,
    pub name: ObjectName,
}

/// An object of one cluster, by what owners and Applications call it.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Referent {
    /// `cluster/NAME`.
    pub source: Text,
    pub kind: Text,
    pub namespace: Text,
    pub name: Text,
}

/// The secondary indexes.
#[derive(Debug, Clone, Default)]
pub struct Joins {
    /// Owner -> pods.
    pods: HashMap<Referent, Few<ObjectName>>,
    /// Owner -> ReplicaSets or Jobs that it controls.
    children: HashMap<Referent, Few<ObjectName>>,
    /// ReplicaSet or Job -> its owner.
    parents: HashMap<Referent, Referent>,
    /// Managed object -> Applications that manage it.
    applications: HashMap<Referent, Few<ApplicationKey>>,
    /// Application -> what it was registered with.
    managed: HashMap<ApplicationKey, Vec<Referent>>,
    /// Repository -> Applications that run an image of it, or are meant to.
    images: HashMap<Text, Few<ApplicationKey>>,
    /// (source, namespace, set) -> its Applications.
    sets: HashMap<(Text, Text, Text), Few<ApplicationKey>>,
}

/// The owner that a body names, as kind and name.
fn owner(body: &Body) -> Option<&(Text, Text)> {
    match body {
        Body::Pod(pod) => pod.owner.as_ref(),
        Body::ReplicaSet(set) => set.owner.as_ref(),
        Body::Workload(workload) => workload.owner.as_ref(),
        _ => None,
    }
}

impl Joins {
    /// Registers or forgets an object of a cluster under its owner.
    pub fn link(&mut self, scope: &Scope, name: &ObjectName, body: &Body, add: bool) {
        let Some((kind, owner_name)) = owner(body) else { return };
        let owner = Referent {
            source: Text::clone(&scope.source),
            kind: Text::clone(kind),
            namespace: Text::clone(&name.namespace),
            name: Text::clone(owner_name),
        };
        let index = if scope.kind == Kind::Pod { &mut self.pods } else { &mut self.children };
        if add {
            index.entry(owner.clone()).or_default().insert(name.clone());
        } else if let Some(names) = index.get_mut(&owner) {
            names.remove(name);
            if names.is_empty() {
                index.remove(&owner);
            }
        }
        if scope.kind != Kind::Pod {
            let me = referent(scope, name);
            if add {
                self.parents.insert(me, owner);
            } else {
                self.parents.remove(&me);
            }
        }
    }

    /// Registers what an Application manages and which set owns it, in place of what it had before.
    pub fn manage(
        &mut self,
        key: &ApplicationKey,
        objects: Vec<Referent>,
        set: Option<&Text>,
        old_set: Option<&Text>,
    ) {
        for referent in self.managed.remove(key).unwrap_or_default() {
            if let Some(keys) = self.applications.get_mut(&referent) {
                keys.remove(key);
                if keys.is_empty() {
                    self.applications.remove(&referent);
                }
            }
        }
        for referent in &objects {
            self.applications.entry(referent.clone()).or_default().insert(key.clone());
        }
        if !objects.is_empty() {
            self.managed.insert(key.clone(), objects);
        }
        let set_key =
            |set: &Text| (Text::clone(&key.source), Text::clone(&key.name.namespace), Text::clone(set));
        if let Some(keys) = old_set.and_then(|set| self.sets.get_mut(&set_key(set))) {
            keys.remove(key);
        }
        if let Some(set) = set {
            self.sets.entry(set_key(set)).or_default().insert(key.clone());
        }
    }

    /// Applications whose view may depend on this object of a cluster.
    pub fn applications_above(&self, scope: &Scope, name: &ObjectName, body: &Body) -> Vec<ApplicationKey> {
        let mut at = if scope.kind == Kind::Pod {
            match owner(body) {
                Some((kind, owner_name)) => Referent {
                    source: Text::clone(&scope.source),
                    kind: Text::clone(kind),
                    namespace: Text::clone(&name.namespace),
                    name: Text::clone(owner_name),
                },
                None => return Vec::new(),
            }
        } else {
            referent(scope, name)
        };
        let mut found = Vec::new();
        // Pod -> ReplicaSet -> Deployment, Pod -> Job -> CronJob: no chain of owners is longer.
        for _ in 0..3 {
            if let Some(keys) = self.applications.get(&at) {
                found.extend(keys.iter().cloned());
            }
            match self.parents.get(&at) {
                Some(parent) => at = parent.clone(),
                None => break,
            }
        }
        found
    }

    /// Registers whose images an Application runs, in place of what it ran before.
    pub fn use_images<'a>(
        &mut self,
        key: &ApplicationKey,
        old: impl IntoIterator<Item = &'a Text>,
        new: impl IntoIterator<Item = &'a Text>,
    ) {
        let new: Vec<&Text> = new.into_iter().collect();
        for gone in old.into_iter().filter(|repository| !new.contains(repository)) {
            if let Some(keys) = self.images.get_mut(gone) {
                keys.remove(key);
                if keys.is_empty() {
                    self.images.remove(gone);
                }
            }
        }
        for repository in new {
            self.images.entry(Text::clone(repository)).or_default().insert(key.clone());
        }
    }

    /// Applications that run an image of a repository, or are meant to.
    pub fn applications_with_image(&self, repository: &Text) -> Vec<ApplicationKey> {
        self.images.get(repository).into_iter().flatten().cloned().collect()
    }

    /// Applications that a set owns.
    pub fn applications_of_set(&self, source: &Text, set: &ObjectName) -> Vec<ApplicationKey> {
        let key = (Text::clone(source), Text::clone(&set.namespace), Text::clone(&set.name));
        self.sets.get(&key).into_iter().flatten().cloned().collect()
    }

    /// Names of the pods below a workload, through its ReplicaSets or Jobs.
    pub fn pods_below(&self, workload: &Referent) -> Vec<&ObjectName> {
        let direct = self.pods.get(workload).into_iter().flatten();
        let through = self.children.get(workload).into_iter().flatten().flat_map(|child| {
            let kind = if &*workload.kind == "CronJob" { "Job" } else { "ReplicaSet" };
            let child = Referent {
                source: Text::clone(&workload.source),
                kind: Text::from(kind),
                namespace: Text::clone(&child.namespace),
                name: Text::clone(&child.name),
            };
            self.pods.get(&child).into_iter().flatten()
        });
        direct.chain(through).collect()
    }

    /// ReplicaSets or Jobs that a workload controls.
    pub fn children_of(&self, workload: &Referent) -> impl Iterator<Item = &ObjectName> {
        self.children.get(workload).into_iter().flatten()
    }
}

/// What owners and Applications call this object.
pub fn referent(scope: &Scope, name: &ObjectName) -> Referent {
    Referent {
        source: Text::clone(&scope.source),
        kind: Text::from(scope.kind.as_str()),
        namespace: Text::clone(&name.namespace),
        name: Text::clone(&name.name),
    }
}
