//! One cluster of the world, as a test or the story handles it: its objects, rights, faults and counters.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use serde_json::Value;

use crate::access::Access;
use crate::clock::Clock;
use crate::counters::{Counters, Recorder, Violation};
use crate::faults::{Fault, Faults, UnknownResource};
use crate::kinds::{self, KindId};
use crate::store::{ApplyError, Key, Store};

/// How many changes of each kind a watch can fall behind before its version is too old.
const WINDOW: usize = 20_000;

/// A handle on one cluster. Clones share it.
#[derive(Clone, Debug)]
pub struct Cluster(pub(crate) Arc<Inner>);

#[derive(Debug)]
pub(crate) struct Inner {
    pub name: String,
    pub store: Mutex<Store>,
    pub faults: Faults,
    pub access: Access,
    pub recorder: Recorder,
    pub clock: Clock,
    pub token: Mutex<Option<String>>,
    pub bookmark_every: Mutex<Duration>,
    /// Secrets that the reader has business with, by namespace and name; `None`: a right to it is missing.
    pub secrets: Mutex<BTreeMap<(String, String), Option<Value>>>,
}

impl Cluster {
    pub(crate) fn new(name: &str, clock: Clock) -> Self {
        Self(Arc::new(Inner {
            name: name.to_owned(),
            store: Mutex::new(Store::new(WINDOW)),
            faults: Faults::new(),
            access: Access::default(),
            recorder: Recorder::default(),
            clock,
            token: Mutex::new(None),
            bookmark_every: Mutex::new(Duration::from_mins(1)),
            secrets: Mutex::default(),
        }))
    }

    pub(crate) fn store(&self) -> MutexGuard<'_, Store> {
        self.0.store.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The cluster's name: `prod`.
    pub fn name(&self) -> &str {
        &self.0.name
    }

    /// Creates or replaces an object; returns its resource version. An object that changes nothing makes no event.
    ///
    /// `uid` and `creationTimestamp` are filled in or kept when the object does not bring them.
    #[expect(clippy::needless_pass_by_value, reason = "tests hand over `json!({..})`")]
    pub fn apply(&self, object: Value) -> Result<u64, ApplyError> {
        self.apply_ref(&object)
    }

    pub(crate) fn apply_ref(&self, object: &Value) -> Result<u64, ApplyError> {
        let now = crate::build::time(self.0.clock.now());
        self.apply_at(object.clone(), &now)
    }

    pub(crate) fn apply_at(&self, object: Value, now: &str) -> Result<u64, ApplyError> {
        self.store().apply(object, now)
    }

    /// Stores bytes as they are, however wrong they may be, under a resource, namespace and name.
    pub fn put_raw(
        &self,
        resource: &str,
        namespace: &str,
        name: &str,
        bytes: impl Into<Bytes>,
    ) -> Result<(), ApplyError> {
        let id = id_of(resource)?;
        self.store().put_raw(id, Key::new(namespace, name), bytes.into());
        Ok(())
    }

    /// Lets the reader get this one Secret, with these data; `None`: it is asked for in vain. Every other is a violation.
    pub fn secret(&self, namespace: &str, name: &str, data: Option<Value>) {
        let mut secrets = self.0.secrets.lock().unwrap_or_else(PoisonError::into_inner);
        secrets.insert((namespace.to_owned(), name.to_owned()), data);
    }

    /// Deletes an object; `false` when there was none.
    pub fn delete(&self, resource: &str, namespace: &str, name: &str) -> bool {
        let Ok(id) = id_of(resource) else { return false };
        let key = Key::new(namespace, name);
        self.store().delete(id, &key).is_some()
    }

    /// An object as it is stored.
    pub fn get(&self, resource: &str, namespace: &str, name: &str) -> Option<Value> {
        let id = id_of(resource).ok()?;
        let object = self.store().table(id).get(&Key::new(namespace, name))?;
        object.value()
    }

    /// Every object of a resource, in key order.
    pub fn list(&self, resource: &str) -> Vec<Value> {
        let Ok(id) = id_of(resource) else { return Vec::new() };
        let objects = self.store().table(id).all();
        objects.iter().filter_map(|object| object.value()).collect()
    }

    /// Changes an object in place; `None` when there is none.
    pub fn modify(
        &self,
        resource: &str,
        namespace: &str,
        name: &str,
        change: impl FnOnce(&mut Value),
    ) -> Option<Result<u64, ApplyError>> {
        let mut object = self.get(resource, namespace, name)?;
        change(&mut object);
        Some(self.apply_ref(&object))
    }

    /// The newest resource version.
    pub fn resource_version(&self) -> u64 {
        self.store().version()
    }

    /// How many objects the reader may see, by resource.
    pub fn sizes(&self) -> std::collections::HashMap<&'static str, usize> {
        let mut sizes = self.store().sizes();
        sizes.retain(|resource, size| {
            let Some(id) = kinds::by_plural(resource) else { return false };
            let hidden = self.0.access.hidden(id);
            if !hidden.is_empty() {
                let objects = self.store().table(id).all();
                *size = objects
                    .iter()
                    .filter(|object| !hidden.iter().any(|ns| **ns == *object.key.namespace))
                    .count();
            }
            self.0.access.installed(id) && self.0.access.may_read(id, None)
        });
        sizes
    }

    /// Makes every version before now too old, for one resource or for all with `"*"`, as a compaction does.
    pub fn compact(&self, resource: &str) -> Result<(), UnknownResource> {
        let id = match resource {
            "*" | "" => None,
            _ => Some(kinds::by_plural(resource).ok_or_else(|| UnknownResource(resource.to_owned()))?),
        };
        self.store().compact(id);
        Ok(())
    }

    /// The faults of this cluster.
    pub fn faults(&self) -> &Faults {
        &self.0.faults
    }

    /// Switches a fault on for one resource, or for all with `"*"`.
    pub fn inject(&self, resource: &str, fault: Fault) -> Result<(), UnknownResource> {
        let compacts = matches!(fault, Fault::ExpireWatches | Fault::Restart { .. });
        self.0.faults.inject(resource, fault)?;
        if compacts {
            self.compact(resource)?;
        }
        Ok(())
    }

    /// Requires this bearer token from now on; `None` asks for none.
    pub fn set_token(&self, token: Option<&str>) {
        *self.0.token.lock().unwrap_or_else(PoisonError::into_inner) = token.map(str::to_owned);
    }

    pub(crate) fn token(&self) -> Option<String> {
        self.0.token.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// How often an idle watch gets a bookmark: one minute at first, as from a real server.
    pub fn set_bookmark_every(&self, every: Duration) {
        *self.0.bookmark_every.lock().unwrap_or_else(PoisonError::into_inner) = every;
    }

    pub(crate) fn bookmark_every(&self) -> Duration {
        *self.0.bookmark_every.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes a CRD away: out of discovery, 404, its watches end. Its objects come back with [`Cluster::install`].
    pub fn uninstall(&self, resource: &str) -> Result<(), UnknownResource> {
        let id = known(resource)?;
        self.0.access.set_installed(id, false);
        self.0.faults.inject(resource, Fault::CloseWatches)
    }

    /// Brings a CRD.
    pub fn install(&self, resource: &str) -> Result<(), UnknownResource> {
        self.0.access.set_installed(known(resource)?, true);
        Ok(())
    }

    /// Forbids a resource in one namespace, or everywhere with `None`. Open watches of it end.
    ///
    /// With a namespace, a list over all namespaces still works but leaves that namespace out, as a multi-tenant proxy
    /// does; asking for the namespace itself, or reviewing the access to it, says no.
    pub fn forbid(&self, resource: &str, namespace: Option<&str>) -> Result<(), UnknownResource> {
        self.0.access.forbid(known(resource)?, namespace);
        self.0.faults.inject(resource, Fault::CloseWatches)
    }

    /// Forbids lists over all namespaces: the reader has Roles only.
    pub fn namespaced_only(&self, resource: &str) -> Result<(), UnknownResource> {
        self.0.access.namespaced_only(known(resource)?);
        self.0.faults.inject(resource, Fault::CloseWatches)
    }

    /// Allows again what was forbidden. Watches over all namespaces end, so that they begin anew with all objects.
    pub fn allow(&self, resource: &str, namespace: Option<&str>) -> Result<(), UnknownResource> {
        self.0.access.allow(known(resource)?, namespace);
        self.inject(resource, Fault::ExpireWatches)
    }

    /// What was asked of this cluster.
    pub fn counters(&self) -> Counters {
        let mut counters = Counters::default();
        self.0.recorder.read_into(&self.0.name, &mut counters);
        counters
    }

    /// What no reader may do, and was done.
    pub fn violations(&self) -> Vec<Violation> {
        self.0.recorder.violations()
    }
}

fn id_of(resource: &str) -> Result<KindId, ApplyError> {
    kinds::by_plural(resource).ok_or_else(|| ApplyError::UnknownResource(resource.to_owned()))
}

fn known(resource: &str) -> Result<KindId, UnknownResource> {
    kinds::by_plural(resource).ok_or_else(|| UnknownResource(resource.to_owned()))
}
