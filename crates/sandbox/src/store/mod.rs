//! The objects of one cluster: one growing resource version, objects as bytes, a bounded window of changes per kind.

mod object;
mod table;

use std::collections::HashMap;

use bytes::Bytes;
use serde_json::Value;

pub(crate) use self::object::Object;
pub(crate) use self::table::{Change, ChangeType, Key, Since, Table};
use crate::kinds::{self, KINDS, KindId};

/// The version that a new cluster starts at: everything older is too old, as after a compaction.
const FIRST_VERSION: u64 = 1_000;

/// Why an object could not be stored.
#[derive(Debug, thiserror::Error)]
pub enum ApplyError {
    /// The JSON could not be written out.
    #[error("not JSON: {0}")]
    Json(#[from] serde_json::Error),
    /// Neither a built-in kind of the world nor one of its CRDs.
    #[error("the world has no kind {kind:?} in {api_version:?}")]
    UnknownKind {
        /// `apiVersion` of the object.
        api_version: String,
        /// `kind` of the object.
        kind: String,
    },
    /// A resource name that the world does not serve.
    #[error("the world has no resource {0:?}")]
    UnknownResource(String),
    /// No `metadata.name`, or no namespace on a namespaced kind.
    #[error("an object needs metadata.{0}")]
    Missing(&'static str),
}

/// All objects of a cluster.
#[derive(Debug)]
pub(crate) struct Store {
    version: u64,
    tables: Vec<Table>,
    /// Snapshots that `continue` tokens point into, oldest first.
    snapshots: Vec<Snapshot>,
}

/// A list as it was at one version, kept for later pages.
#[derive(Clone, Debug)]
pub(crate) struct Snapshot {
    pub id: KindId,
    pub version: u64,
    pub objects: std::sync::Arc<Vec<std::sync::Arc<Object>>>,
}

const KEPT_SNAPSHOTS: usize = 48;

impl Store {
    pub fn new(window: usize) -> Self {
        let tables = KINDS.iter().map(|_| Table::new(FIRST_VERSION, window)).collect();
        Self { version: FIRST_VERSION, tables, snapshots: Vec::new() }
    }

    pub fn version(&self) -> u64 {
        self.version
    }

    pub fn table(&self, id: KindId) -> &Table {
        &self.tables[id.0]
    }

    /// Stores an object and returns its version, the old one when nothing but the version would change; fills in `uid`, `creationTimestamp` and `generation` where they lack.
    pub fn apply(&mut self, mut object: Value, now: &str) -> Result<u64, ApplyError> {
        let text = |key: &str| object.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
        let (api_version, kind) = (text("apiVersion"), text("kind"));
        let id = kinds::by_type(&api_version, &kind).ok_or(ApplyError::UnknownKind { api_version, kind })?;
        let key = key_of(&object, id)?;
        let before = self.tables[id.0].get(&key);
        object::complete(&mut object, before.as_deref(), &key, id, now);
        let (parts, hash) = object::write(&object, id)?;
        if let Some(before) = before.filter(|before| before.hash == hash && before.hash != 0) {
            return Ok(before.version);
        }
        self.version += 1;
        let object = std::sync::Arc::new(Object::from_parts(key, id, &parts, hash, self.version));
        self.tables[id.0].put(object, self.version);
        Ok(self.version)
    }

    /// Stores bytes as they are, however wrong they may be.
    pub fn put_raw(&mut self, id: KindId, key: Key, bytes: Bytes) {
        self.version += 1;
        let object = std::sync::Arc::new(Object::verbatim(key, bytes, self.version));
        self.tables[id.0].put(object, self.version);
    }

    /// Stores an object without a change event, for filling a world. Call [`Store::loaded`] afterwards.
    pub fn load(&mut self, id: KindId, key: Key, parts: &Parts, hash: u64, version: u64) {
        let object = std::sync::Arc::new(Object::from_parts(key, id, parts, hash, version));
        self.tables[id.0].load(object);
    }

    /// The world is filled up to this version; everything before it is too old.
    pub fn loaded(&mut self, version: u64) {
        self.version = self.version.max(version);
        for table in &mut self.tables {
            table.compact(self.version);
        }
    }

    pub fn delete(&mut self, id: KindId, key: &Key) -> Option<std::sync::Arc<Object>> {
        self.tables[id.0].get(key)?;
        self.version += 1;
        self.tables[id.0].remove(key, self.version)
    }

    /// Makes every version before now too old, for one kind or for all.
    pub fn compact(&mut self, id: Option<KindId>) {
        self.version += 1;
        let version = self.version;
        for (at, table) in self.tables.iter_mut().enumerate() {
            if id.is_none_or(|id| id.0 == at) {
                table.compact(version);
            }
        }
        self.snapshots.retain(|snapshot| id.is_some_and(|id| id != snapshot.id));
    }

    /// The list now, kept for later pages.
    pub fn snapshot(&mut self, id: KindId, keep: bool) -> Snapshot {
        let version = self.version;
        if let Some(kept) = self.snapshots.iter().find(|kept| kept.id == id && kept.version == version) {
            return kept.clone();
        }
        let objects = std::sync::Arc::new(self.tables[id.0].all());
        let snapshot = Snapshot { id, version, objects };
        if keep {
            if self.snapshots.len() == KEPT_SNAPSHOTS {
                self.snapshots.remove(0);
            }
            self.snapshots.push(snapshot.clone());
        }
        snapshot
    }

    /// A list as it was at an earlier version, if some page was served from it.
    pub fn snapshot_at(&self, id: KindId, version: u64) -> Option<Snapshot> {
        self.snapshots.iter().find(|kept| kept.id == id && kept.version == version).cloned()
    }

    /// Counts of the objects, by resource.
    pub fn sizes(&self) -> HashMap<&'static str, usize> {
        self.tables
            .iter()
            .enumerate()
            .map(|(at, table)| (KINDS[at].plural, table.len()))
            .filter(|(_, len)| *len > 0)
            .collect()
    }
}

pub(crate) use self::object::{Parts, write};

fn key_of(object: &Value, id: KindId) -> Result<Key, ApplyError> {
    let text =
        |key: &str| object.pointer(&format!("/metadata/{key}")).and_then(Value::as_str).unwrap_or_default();
    let name = text("name");
    if name.is_empty() {
        return Err(ApplyError::Missing("name"));
    }
    let namespace = text("namespace");
    if id.kind().namespaced && namespace.is_empty() {
        return Err(ApplyError::Missing("namespace"));
    }
    Ok(Key::new(if id.kind().namespaced { namespace } else { "" }, name))
}
