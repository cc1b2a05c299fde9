//! A registry that speaks the OCI distribution protocol as real ones do, each with its habits ([`Dialect`]).
//!
//! It can be told to fail ([`RegistryFault`]), counts what is asked of it, and notes what a reader must never do: any
//! write, any path that is not the protocol's, credentials at a store of blobs, a token that could push.

mod answer;
mod content;
mod count;
mod dialect;
mod fault;
mod list;
mod path;
mod serve;
mod sign_in;
mod vendor;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

pub use content::{Image, PlatformImage};
pub use count::RegistryCounters;
pub use dialect::Dialect;
pub use fault::RegistryFault;
pub use serve::RunningRegistry;

use serde_json::Value;

use content::Stored;
use count::Counts;
use sign_in::Tokens;

/// A handle on a registry. Clones share it.
#[derive(Clone, Debug)]
pub struct Registry(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    dialect: Dialect,
    /// User and password; `None`: anybody may read.
    credentials: Mutex<Option<(String, String)>>,
    state: Mutex<State>,
    counts: Mutex<Counts>,
    tokens: Mutex<Tokens>,
    faults: Mutex<Vec<RegistryFault>>,
    /// Tags in a page, whatever is asked for.
    page: Mutex<Option<usize>>,
}

#[derive(Debug, Default)]
struct State {
    /// Manifests and blobs by digest.
    stored: BTreeMap<String, Stored>,
    /// Tags of each repository.
    tags: BTreeMap<String, BTreeMap<String, String>>,
    /// When tags were pushed, as the registry tells it beside the protocol: seconds, by repository and tag.
    pushed: BTreeMap<(String, String), i64>,
}

impl Registry {
    /// An empty one that anybody may read.
    pub fn new(dialect: Dialect) -> Self {
        Self(Arc::new(Inner {
            dialect,
            credentials: Mutex::default(),
            state: Mutex::default(),
            counts: Mutex::default(),
            tokens: Mutex::default(),
            faults: Mutex::default(),
            page: Mutex::default(),
        }))
    }

    /// From now on only who signs in so may read; tokens that were handed out are worth nothing.
    pub fn protect(&self, username: &str, password: &str) {
        *lock(&self.0.credentials) = Some((username.to_owned(), password.to_owned()));
        lock(&self.0.tokens).forget();
    }

    /// Which one it plays.
    pub fn dialect(&self) -> Dialect {
        self.0.dialect
    }

    /// Pushes an image under a tag; gives its digest. The same image has the same digest, whenever it is pushed.
    pub fn push(&self, repository: &str, tag: &str, image: &Image) -> String {
        let (digest, stored) = image.build();
        let mut state = lock(&self.0.state);
        state.stored.extend(stored);
        state.tags.entry(repository.to_owned()).or_default().insert(tag.to_owned(), digest.clone());
        digest
    }

    /// Points a tag at something that is there.
    pub fn tag(&self, repository: &str, tag: &str, digest: &str) {
        lock(&self.0.state)
            .tags
            .entry(repository.to_owned())
            .or_default()
            .insert(tag.to_owned(), digest.to_owned());
    }

    /// Stores any bytes as a manifest, for what is no image; gives its digest.
    pub fn put_manifest(&self, media_type: &str, bytes: &[u8]) -> String {
        let (digest, stored) = Stored::of(media_type, bytes.to_vec());
        lock(&self.0.state).stored.insert(digest.clone(), stored);
        digest
    }

    /// From now on it tells, beside the protocol, that a tag was pushed at this second.
    pub fn pushed_at(&self, repository: &str, tag: &str, second: i64) {
        lock(&self.0.state).pushed.insert((repository.to_owned(), tag.to_owned()), second);
    }

    /// Removes a tag; what it pointed at stays.
    pub fn delete(&self, repository: &str, tag: &str) {
        if let Some(tags) = lock(&self.0.state).tags.get_mut(repository) {
            tags.remove(tag);
        }
    }

    /// Where every tag of a repository points.
    pub fn tags(&self, repository: &str) -> BTreeMap<String, String> {
        lock(&self.0.state).tags.get(repository).cloned().unwrap_or_default()
    }

    /// When an image of one platform says it was built.
    pub fn created(&self, digest: &str) -> Option<String> {
        let state = lock(&self.0.state);
        let json = |digest: &str| serde_json::from_slice::<Value>(&state.stored.get(digest)?.bytes).ok();
        let config = json(json(digest)?["config"]["digest"].as_str()?)?;
        config["created"].as_str().map(str::to_owned)
    }

    /// From now on a page of a list holds at most so many tags, where the dialect has pages at all.
    pub fn small_pages(&self, most: usize) {
        *lock(&self.0.page) = Some(most);
    }

    /// Lets something go wrong.
    pub fn inject(&self, fault: RegistryFault) {
        lock(&self.0.faults).push(fault);
    }

    /// Lets all go well again.
    pub fn heal(&self) {
        lock(&self.0.faults).clear();
    }

    /// What was asked so far.
    pub fn counters(&self) -> RegistryCounters {
        lock(&self.0.counts).read()
    }

    /// Counts from zero again; violations are forgotten.
    pub fn reset_counters(&self) {
        *lock(&self.0.counts) = Counts::default();
    }

    /// What no reader may do, and was done. Who looks has noticed: see [`RunningRegistry`].
    pub fn violations(&self) -> Vec<String> {
        lock(&self.0.counts).violations()
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
