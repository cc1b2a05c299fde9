//! Who may read what: which resources are installed, and which are forbidden to the reader.

use std::sync::{Mutex, PoisonError};

use crate::kinds::{self, KINDS, KindId};

/// The reader's rights on one cluster. Everything is allowed and installed at first.
#[derive(Debug)]
pub(crate) struct Access(Mutex<Rights>);

#[derive(Debug)]
struct Rights {
    absent: Vec<bool>,
    forbidden: Vec<(KindId, Option<String>)>,
    namespaced_only: Vec<bool>,
}

impl Default for Access {
    fn default() -> Self {
        Self(Mutex::new(Rights {
            absent: vec![false; KINDS.len()],
            forbidden: Vec::new(),
            namespaced_only: vec![false; KINDS.len()],
        }))
    }
}

impl Access {
    fn lock(&self) -> std::sync::MutexGuard<'_, Rights> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub fn set_installed(&self, id: KindId, installed: bool) {
        self.lock().absent[id.0] = !installed;
    }

    pub fn installed(&self, id: KindId) -> bool {
        !self.lock().absent[id.0]
    }

    pub fn forbid(&self, id: KindId, namespace: Option<&str>) {
        let rule = (id, namespace.map(str::to_owned));
        let mut rights = self.lock();
        if !rights.forbidden.contains(&rule) {
            rights.forbidden.push(rule);
        }
    }

    pub fn allow(&self, id: KindId, namespace: Option<&str>) {
        let mut rights = self.lock();
        rights
            .forbidden
            .retain(|(kind, ns)| *kind != id || (namespace.is_some() && ns.as_deref() != namespace));
        if namespace.is_none() {
            rights.namespaced_only[id.0] = false;
        }
    }

    pub fn namespaced_only(&self, id: KindId) {
        self.lock().namespaced_only[id.0] = true;
    }

    /// Whether the reader may read this resource in a namespace, or everywhere at once with `None`.
    pub fn may_read(&self, id: KindId, namespace: Option<&str>) -> bool {
        let rights = self.lock();
        if namespace.is_none() && rights.namespaced_only[id.0] {
            return false;
        }
        !rights.forbidden.iter().any(|(kind, ns)| {
            *kind == id && (ns.is_none() || (namespace.is_some() && ns.as_deref() == namespace))
        })
    }

    /// Namespaces whose objects a list over all namespaces leaves out, as a multi-tenant proxy does.
    pub fn hidden(&self, id: KindId) -> Vec<String> {
        self.lock()
            .forbidden
            .iter()
            .filter(|(kind, _)| *kind == id)
            .filter_map(|(_, ns)| ns.clone())
            .collect()
    }

    /// Whether the reader may `verb` on a resource, for access reviews.
    pub fn review(&self, verb: &str, group: &str, resource: &str, namespace: Option<&str>) -> bool {
        if !matches!(verb, "get" | "list" | "watch") {
            return false;
        }
        kinds::by_plural(resource)
            .filter(|id| id.kind().group == group && id.kind().plural == resource)
            .is_some_and(|id| self.may_read(id, namespace))
    }
}
