//! The objects of one kind in key order, and the window of their latest changes.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use tokio::sync::watch;

use super::Object;

/// Namespace and name; ordered as etcd orders its keys.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Key {
    pub namespace: Box<str>,
    pub name: Box<str>,
}

impl Key {
    pub fn new(namespace: &str, name: &str) -> Self {
        Self { namespace: namespace.into(), name: name.into() }
    }

    /// `/argocd/cart-prod`, as a `continue` token says it.
    pub fn path(&self) -> String {
        if self.namespace.is_empty() {
            format!("/{}", self.name)
        } else {
            format!("/{}/{}", self.namespace, self.name)
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ChangeType {
    Added,
    Modified,
    Deleted,
}

impl ChangeType {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Added => "ADDED",
            Self::Modified => "MODIFIED",
            Self::Deleted => "DELETED",
        }
    }
}

/// One change, as watches tell it.
#[derive(Clone, Debug)]
pub(crate) struct Change {
    pub version: u64,
    pub kind: ChangeType,
    pub object: Arc<Object>,
    /// The object before; tells a watch with a selector whether it has seen it, and serves stale repeats.
    pub before: Option<Arc<Object>>,
}

/// What happened since a version.
#[derive(Debug)]
pub(crate) enum Since {
    /// These changes, maybe none.
    Changes(Vec<Change>),
    /// The version is older than the window; the second is the oldest that is known.
    TooOld(u64),
}

/// The objects of one kind.
#[derive(Debug)]
pub(crate) struct Table {
    objects: BTreeMap<Key, Arc<Object>>,
    window: VecDeque<Change>,
    window_len: usize,
    compacted: u64,
    changed: watch::Sender<u64>,
}

impl Table {
    pub fn new(version: u64, window_len: usize) -> Self {
        Self {
            objects: BTreeMap::new(),
            window: VecDeque::new(),
            window_len,
            compacted: version,
            changed: watch::Sender::new(version),
        }
    }

    pub fn get(&self, key: &Key) -> Option<Arc<Object>> {
        self.objects.get(key).cloned()
    }

    pub fn len(&self) -> usize {
        self.objects.len()
    }

    pub fn all(&self) -> Vec<Arc<Object>> {
        self.objects.values().cloned().collect()
    }

    pub fn subscribe(&self) -> watch::Receiver<u64> {
        self.changed.subscribe()
    }

    pub fn put(&mut self, object: Arc<Object>, version: u64) {
        let before = self.objects.insert(object.key.clone(), object.clone());
        let kind = if before.is_some() { ChangeType::Modified } else { ChangeType::Added };
        self.push(Change { version, kind, object, before });
    }

    pub fn load(&mut self, object: Arc<Object>) {
        self.objects.insert(object.key.clone(), object);
    }

    pub fn remove(&mut self, key: &Key, version: u64) -> Option<Arc<Object>> {
        let before = self.objects.remove(key)?;
        let object = Arc::new(before.at_version(version));
        self.push(Change {
            version,
            kind: ChangeType::Deleted,
            object: object.clone(),
            before: Some(before),
        });
        Some(object)
    }

    pub fn compact(&mut self, version: u64) {
        self.window.clear();
        self.compacted = version;
        self.changed.send_replace(version);
    }

    fn push(&mut self, change: Change) {
        let version = change.version;
        if self.window.len() >= self.window_len
            && let Some(oldest) = self.window.pop_front()
        {
            self.compacted = oldest.version;
        }
        self.window.push_back(change);
        self.changed.send_replace(version);
    }

    /// Changes after `version`, at most `limit` of them.
    pub fn since(&self, version: u64, limit: usize) -> Since {
        if version < self.compacted {
            return Since::TooOld(self.compacted);
        }
        let start = self.window.partition_point(|change| change.version <= version);
        Since::Changes(self.window.iter().skip(start).take(limit).cloned().collect())
    }
}
