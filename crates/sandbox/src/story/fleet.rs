//! The story's state and its queue of steps; each change goes out as the object that a controller would write.
//!
//! Before the story's start nothing is served: changes are only counted and the objects written once, at the end, or
//! every change is recorded for [`super::Past`]. Both give the same resource versions.

use std::collections::{BTreeMap, VecDeque};

use bytes::Bytes;
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

use super::images::Images;
use super::pulls::Pulls;
use super::step::Step;
use super::unit::Unit;
use super::updater::Looking;
use crate::build::{small, time};
use crate::clock::Clock;
use crate::cluster::Cluster;
use crate::kinds::{self, Kind, KindId};
use crate::store::{Key, Object, write};

/// How long Kubernetes keeps Events.
const EVENT_LIFE: SignedDuration = SignedDuration::from_hours(1);

/// An object of the story, by where its state is.
#[derive(Clone, Debug)]
pub(crate) enum Thing {
    App(usize),
    Work(usize),
    Set(usize, String),
    Pod(usize, String),
    /// An object that does not change.
    Fixed(Box<Value>),
}

/// A change of the past.
#[derive(Clone, Debug)]
pub struct PastEvent {
    /// When it was.
    pub at: Timestamp,
    /// In which cluster.
    pub cluster: String,
    /// Written or deleted.
    pub verb: PastVerb,
    /// Kind of the object.
    pub kind: &'static Kind,
    /// Its namespace, empty where it has none.
    pub namespace: String,
    /// Its name.
    pub name: String,
    /// The object as it was written, or as it was when deleted.
    pub object: Bytes,
}

/// What happened to an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PastVerb {
    /// Created or changed.
    Apply,
    /// Deleted.
    Delete,
}

#[derive(Debug)]
pub(crate) enum Mode {
    /// Count only; what changed is written when the story starts.
    Quiet(BTreeMap<(usize, KindId, Key), (u64, Thing)>),
    /// Keep every change.
    Record(VecDeque<PastEvent>),
    /// Serve every change.
    Live,
}

#[derive(Debug)]
pub(crate) struct Fleet {
    pub clusters: Vec<Cluster>,
    pub units: Vec<Unit>,
    pub images: Images,
    pub pulls: Pulls,
    pub updaters: Vec<Looking>,
    pub queue: BTreeMap<(Timestamp, u64), Step>,
    pub mode: Mode,
    pub now: Timestamp,
    /// When everything that is older than the story was made.
    pub founded: Timestamp,
    versions: Vec<u64>,
    seq: u64,
    pub(super) events: u64,
}

impl Fleet {
    pub fn new(clusters: Vec<Cluster>, mode: Mode, now: Timestamp) -> Self {
        let versions = clusters.iter().map(Cluster::resource_version).collect();
        let clock = clusters.first().map_or_else(Clock::real, |cluster| cluster.0.clock.clone());
        Self {
            pulls: Pulls::new(clock),
            clusters,
            units: Vec::new(),
            images: Images::new(),
            updaters: Vec::new(),
            queue: BTreeMap::new(),
            mode,
            now,
            founded: now,
            versions,
            seq: 0,
            events: 0,
        }
    }

    pub fn schedule(&mut self, at: Timestamp, step: Step) {
        self.seq += 1;
        self.queue.insert((at, self.seq), step);
    }

    /// Schedules a step some seconds from the story's now.
    pub fn after(&mut self, seconds: i64, step: Step) {
        let at = self.now.saturating_add(SignedDuration::from_secs(seconds)).unwrap_or(self.now);
        self.schedule(at, step);
    }

    /// Does the next step if it is due; `false` when none is.
    pub fn step(&mut self, until: Timestamp) -> bool {
        match self.queue.first_entry() {
            Some(entry) if entry.key().0 <= until => {
                let ((at, _), step) = entry.remove_entry();
                self.now = at;
                self.run(step);
                true
            }
            _ => false,
        }
    }

    pub fn play(&mut self, until: Timestamp) {
        while self.step(until) {}
        self.now = self.now.max(until);
    }

    fn place(&self, thing: &Thing) -> usize {
        match thing {
            Thing::App(unit) => self.units[*unit].argo,
            Thing::Work(unit) | Thing::Set(unit, _) | Thing::Pod(unit, _) => self.units[*unit].cluster,
            Thing::Fixed(_) => 0,
        }
    }

    fn address(&self, thing: &Thing) -> Option<(KindId, Key)> {
        let of = |plural: &str, namespace: &str, name: &str| {
            Some((kinds::by_plural(plural)?, Key::new(namespace, name)))
        };
        match thing {
            Thing::App(unit) => {
                of("applications", &self.units[*unit].app.namespace, &self.units[*unit].app.name)
            }
            Thing::Work(unit) => {
                let work = &self.units[*unit].work;
                of(work.kind.names().2, &work.namespace, &work.name)
            }
            Thing::Set(unit, image) => {
                let work = &self.units[*unit].work;
                of("replicasets", &work.namespace, &work.replica_set_name(image))
            }
            Thing::Pod(unit, name) => of("pods", &self.units[*unit].work.namespace, name),
            Thing::Fixed(value) => {
                let text = |at: &str| value.pointer(at).and_then(Value::as_str).unwrap_or_default();
                let id = kinds::by_type(text("/apiVersion"), text("/kind"))?;
                Some((id, Key::new(text("/metadata/namespace"), text("/metadata/name"))))
            }
        }
    }

    fn build(&self, thing: &Thing) -> Option<Value> {
        Some(match thing {
            Thing::App(unit) => self.units[*unit].app.object(),
            Thing::Work(unit) => self.units[*unit].work.object(),
            Thing::Set(unit, image) => {
                let unit = &self.units[*unit];
                let (_, revision, created) = unit.sets.iter().find(|(of, _, _)| of == image)?;
                let (ready, all) = unit.count(image);
                unit.work.replica_set(image, *revision, *created, all, ready)
            }
            Thing::Pod(unit, name) => {
                let unit = &self.units[*unit];
                unit.pods.iter().find(|pod| pod.name == *name)?.object(&unit.work)
            }
            Thing::Fixed(value) => (**value).clone(),
        })
    }

    /// Writes an object of a unit.
    pub fn put(&mut self, thing: Thing) {
        let cluster = self.place(&thing);
        self.put_in(cluster, thing);
    }

    pub fn put_in(&mut self, cluster: usize, thing: Thing) {
        let Some((id, key)) = self.address(&thing) else { return };
        self.versions[cluster] += 1;
        let version = self.versions[cluster];
        if let Mode::Quiet(changed) = &mut self.mode {
            changed.insert((cluster, id, key), (version, thing));
            return;
        }
        let Some(value) = self.build(&thing) else { return };
        self.send(cluster, id, key, PastVerb::Apply, version, value);
    }

    /// Deletes an object of a unit; its state must still be there.
    pub fn drop(&mut self, thing: &Thing) {
        let cluster = self.place(thing);
        self.drop_in(cluster, thing);
    }

    pub fn drop_in(&mut self, cluster: usize, thing: &Thing) {
        let Some((id, key)) = self.address(thing) else { return };
        self.versions[cluster] += 1;
        let version = self.versions[cluster];
        if let Mode::Quiet(changed) = &mut self.mode {
            changed.remove(&(cluster, id, key));
            return;
        }
        let Some(value) = self.build(thing) else { return };
        self.send(cluster, id, key, PastVerb::Delete, version, value);
    }

    fn send(&mut self, cluster: usize, id: KindId, key: Key, verb: PastVerb, version: u64, value: Value) {
        let at = self.now;
        match &mut self.mode {
            Mode::Quiet(_) => {}
            Mode::Live if verb == PastVerb::Delete => {
                self.clusters[cluster].delete(id.kind().plural, &key.namespace, &key.name);
            }
            Mode::Live => {
                if let Err(error) = self.clusters[cluster].apply_at(value, &time(at)) {
                    tracing::warn!(%error, "the story wrote an object that the world does not know");
                }
            }
            Mode::Record(events) => {
                let Ok((parts, hash)) = write(&value, id) else { return };
                let (namespace, name) = (key.namespace.to_string(), key.name.to_string());
                let object = Object::from_parts(key, id, &parts, hash, version).bytes;
                let cluster = self.clusters[cluster].name().to_owned();
                events.push_back(PastEvent { at, cluster, verb, kind: id.kind(), namespace, name, object });
            }
        }
    }

    /// Writes everything that was only counted, and goes live.
    pub fn settle(&mut self) {
        let Mode::Quiet(changed) = std::mem::replace(&mut self.mode, Mode::Live) else { return };
        for ((cluster, id, key), (version, thing)) in changed {
            let Some(value) = self.build(&thing) else { continue };
            let Ok((parts, hash)) = write(&value, id) else { continue };
            self.clusters[cluster].store().load(id, key, &parts, hash, version);
        }
        for (cluster, version) in self.clusters.iter().zip(&self.versions) {
            cluster.store().loaded(*version);
        }
    }

    /// Writes an object that does not change.
    pub fn put_fixed(&mut self, cluster: usize, value: Value) {
        self.put_in(cluster, Thing::Fixed(Box::new(value)));
    }

    /// Records an Event of Argo CD on a unit's Application; it lives for an hour.
    pub fn tell(&mut self, unit: usize, reason: &str, message: &str, warning: bool) {
        self.tell_by(unit, "argocd-application-controller", None, reason, message, warning);
    }

    pub fn tell_by(
        &mut self,
        unit: usize,
        component: &str,
        user: Option<&str>,
        reason: &str,
        message: &str,
        warning: bool,
    ) {
        self.events += 1;
        let (argo, nth, now) = (self.units[unit].argo, self.events, self.now);
        let event = self.units[unit].app.event_by(component, user, now, reason, message, warning, nth);
        self.put_event(argo, event);
    }

    /// Records an Event of Kubernetes on a pod.
    pub fn tell_pod(&mut self, unit: usize, pod: &str, reason: &str, message: &str, warning: bool) {
        self.events += 1;
        let of = &self.units[unit];
        let (cluster, namespace) = (of.cluster, of.work.namespace.clone());
        let involved = serde_json::json!({
            "apiVersion": "v1", "fieldPath": "spec.containers{app}", "kind": "Pod", "name": pod, "namespace": namespace,
        });
        let nth = self.events;
        let event =
            crate::build::event(&namespace, &involved, "kubelet", self.now, reason, message, warning, nth);
        self.put_event(cluster, event);
    }

    pub fn put_event(&mut self, cluster: usize, event: Value) {
        let thing = Thing::Fixed(Box::new(event));
        self.put_in(cluster, thing.clone());
        let end = self.now.saturating_add(EVENT_LIFE).unwrap_or(self.now);
        self.schedule(end, Step::Expire(cluster, thing));
    }

    /// Writes everything that belongs to a unit's workload.
    pub fn put_workload(&mut self, at: usize) {
        let unit = &self.units[at];
        let (cluster, namespace, service) = (unit.cluster, unit.work.namespace.clone(), unit.service.clone());
        let (app, host, created) = (unit.app.name.clone(), unit.host.clone(), unit.work.created);
        self.put_fixed(cluster, small::namespace(&namespace, created));
        if self.units[at].work.replicas > 0 {
            self.put_fixed(cluster, small::service(&app, &namespace, &service, created));
            self.put_fixed(cluster, small::ingress(&app, &namespace, &service, &host, created));
        }
        self.put(Thing::Work(at));
        self.put_sets(at);
        for name in self.units[at].pods.iter().map(|pod| pod.name.clone()).collect::<Vec<_>>() {
            self.put(Thing::Pod(at, name));
        }
    }

    pub fn put_sets(&mut self, at: usize) {
        if self.units[at].work.kind.has_replica_sets() {
            for image in self.units[at].sets.iter().map(|(image, _, _)| image.clone()).collect::<Vec<_>>() {
                self.put(Thing::Set(at, image));
            }
        }
    }
}
