//! One Application with everything of the cluster that belongs to it: the input of an environment's view.

use jiff::Timestamp;

use super::{
    ApplicationKey,
    columns::Columns,
    joins::{Joins, Referent},
    objects::Objects,
};
use crate::{
    observe::{Application, Body, ManagedObject, ObjectName, Pod, Scope, Workload},
    text::Text,
    words::Kind,
};

/// An Application and what belongs to it.
#[derive(Debug)]
pub struct Joined<'a> {
    pub key: &'a ApplicationKey,
    pub application: &'a Application,
    /// `cluster/NAME`, where the destination is one of ours.
    pub cluster: Option<Text>,
    pub workloads: Vec<JoinedWorkload<'a>>,
    /// Managed Services, Ingresses and the like that are known not to exist.
    pub missing_entries: Vec<&'a ManagedObject>,
    /// Kinds that may not be read and that this Application needs.
    pub forbidden: Vec<Kind>,
    /// Every kind of the cluster that it needs was read at least once, or is known to be unreadable.
    pub settled: bool,
    /// Its ApplicationSet is known not to exist.
    pub orphaned: bool,
}

/// A workload that an Application manages.
#[derive(Debug)]
pub struct JoinedWorkload<'a> {
    pub object: &'a ManagedObject,
    pub kind: Kind,
    pub live: Option<&'a Workload>,
    /// Whether its absence would be known.
    pub readable: bool,
    pub pods: Vec<JoinedPod<'a>>,
}

/// A pod below a workload.
#[derive(Debug)]
pub struct JoinedPod<'a> {
    pub name: &'a ObjectName,
    pub pod: &'a Pod,
    /// When its ReplicaSet was made: the birth of this pod template.
    pub set_created: Option<Timestamp>,
    /// Revision of its ReplicaSet.
    pub revision: Option<i64>,
}

impl JoinedWorkload<'_> {
    /// Meant, and known not to exist.
    pub fn is_missing(&self) -> bool {
        self.live.is_none() && self.readable
    }

    /// Pods that are not on their way out and have not ended.
    pub fn living_pods(&self) -> impl Iterator<Item = &JoinedPod<'_>> {
        self.pods
            .iter()
            .filter(|p| p.pod.deleting_since.is_none() && !matches!(&*p.pod.phase, "Succeeded" | "Failed"))
    }

    /// New pods are not all there yet, or old ones are not all gone.
    pub fn is_rolling(&self) -> bool {
        let Some(live) = self.live else { return false };
        if live.paused || matches!(self.kind, Kind::CronJob | Kind::Job) {
            return false;
        }
        let behind = live.desired.is_some_and(|desired| live.updated < desired);
        if matches!(self.kind, Kind::StatefulSet | Kind::DaemonSet) {
            // With `updateStrategy: OnDelete` pods stay behind for as long as nobody deletes them: nothing is under way
            // while all of them run.
            let moving = live.desired.is_some_and(|desired| live.ready < desired)
                || self.pods.iter().any(|p| p.pod.deleting_since.is_some());
            return live.observed_generation < live.generation || behind && moving;
        }
        let mut revisions: Vec<i64> = self.living_pods().filter_map(|p| p.revision).collect();
        revisions.sort_unstable();
        revisions.dedup();
        live.observed_generation < live.generation || behind || revisions.len() > 1
    }
}

/// Where [`join`] looks things up.
#[derive(Debug, Clone, Copy)]
pub struct Lookup<'a> {
    pub objects: &'a Objects,
    pub joins: &'a Joins,
    pub columns: &'a Columns,
}

/// Gathers what belongs to an Application.
pub fn join<'a>(
    key: &'a ApplicationKey,
    application: &'a Application,
    cluster: Option<Text>,
    at: Lookup<'a>,
) -> Joined<'a> {
    let mut workloads = Vec::new();
    let mut missing_entries = Vec::new();
    let mut forbidden = Vec::new();
    let mut settled = true;
    if let Some(source) = &cluster {
        let mut need = |kind: Kind, namespace: &Text| {
            settled &= at.columns.is_settled(source, kind, namespace);
            if at.columns.is_forbidden(source, kind, namespace) && !forbidden.contains(&kind) {
                forbidden.push(kind);
            }
        };
        for object in &application.resources.workloads {
            let Some(kind) = workload_kind(object) else { continue };
            need(kind, &object.namespace);
            need(Kind::Pod, &object.namespace);
            if matches!(kind, Kind::Deployment | Kind::Rollout) {
                need(Kind::ReplicaSet, &object.namespace);
            }
            workloads.push(join_workload(object, kind, source, at));
        }
        for object in &application.resources.differing {
            let Some(kind) = entry_kind(object) else { continue };
            let scope = Scope { source: Text::clone(source), kind };
            let name = name_of(object);
            if at.columns.is_readable(source, kind, &object.namespace)
                && at.objects.get(&scope, &name).is_none()
            {
                missing_entries.push(object);
            }
        }
    }
    let orphaned = application.owner_set.as_ref().is_some_and(|set| {
        let namespace = &key.name.namespace;
        let scope = Scope { source: Text::clone(&key.source), kind: Kind::ApplicationSet };
        let name = ObjectName { namespace: Text::clone(namespace), name: Text::clone(set) };
        at.columns.is_readable(&key.source, Kind::ApplicationSet, namespace)
            && at.objects.get(&scope, &name).is_none()
    });
    Joined { key, application, cluster, workloads, missing_entries, forbidden, settled, orphaned }
}

fn join_workload<'a>(
    object: &'a ManagedObject,
    kind: Kind,
    source: &Text,
    at: Lookup<'a>,
) -> JoinedWorkload<'a> {
    let scope = |kind| Scope { source: Text::clone(source), kind };
    let live = match at.objects.get(&scope(kind), &name_of(object)).map(|o| &o.body) {
        Some(Body::Workload(workload)) => Some(&**workload),
        _ => None,
    };
    // An unreadable object exists: it is not missing.
    let unreadable = live.is_none() && at.objects.get(&scope(kind), &name_of(object)).is_some();
    let referent = Referent {
        source: Text::clone(source),
        kind: Text::from(kind.as_str()),
        namespace: Text::clone(&object.namespace),
        name: Text::clone(&object.name),
    };
    let pods = at
        .joins
        .pods_below(&referent)
        .into_iter()
        .filter_map(|name| match at.objects.get(&scope(Kind::Pod), name).map(|o| &o.body) {
            Some(Body::Pod(pod)) => {
                let set =
                    pod.owner.as_ref().filter(|(kind, _)| &**kind == "ReplicaSet").and_then(|(_, set)| {
                        let set_name =
                            ObjectName { namespace: Text::clone(&name.namespace), name: Text::clone(set) };
                        match at.objects.get(&scope(Kind::ReplicaSet), &set_name).map(|o| &o.body) {
                            Some(Body::ReplicaSet(set)) => Some(set),
                            _ => None,
                        }
                    });
                Some(JoinedPod {
                    name,
                    pod,
                    set_created: set.and_then(|s| s.created),
                    revision: set.and_then(|s| s.revision),
                })
            }
            _ => None,
        })
        .collect();
    JoinedWorkload {
        object,
        kind,
        live,
        readable: !unreadable && at.columns.is_readable(source, kind, &object.namespace),
        pods,
    }
}

fn name_of(object: &ManagedObject) -> ObjectName {
    ObjectName { namespace: Text::clone(&object.namespace), name: Text::clone(&object.name) }
}

/// The kind of a managed workload, if its group is the one we watch.
pub fn workload_kind(object: &ManagedObject) -> Option<Kind> {
    let kind = Kind::parse(&object.kind).filter(|kind| kind.is_workload())?;
    let group = match kind {
        Kind::CronJob | Kind::Job => "batch",
        Kind::Rollout => "argoproj.io",
        _ => "apps",
    };
    (&*object.group == group).then_some(kind)
}

fn entry_kind(object: &ManagedObject) -> Option<Kind> {
    match (&*object.group, &*object.kind) {
        ("", "Service") => Some(Kind::Service),
        ("networking.k8s.io", "Ingress") => Some(Kind::Ingress),
        ("gateway.networking.k8s.io", "HTTPRoute") => Some(Kind::HttpRoute),
        _ => None,
    }
}

/// Whether a managed object is one that traffic enters by, and that we watch.
pub fn is_entry(object: &ManagedObject) -> bool {
    entry_kind(object).is_some()
}
