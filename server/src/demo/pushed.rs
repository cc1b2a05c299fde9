//! Where tags pointed in the demo's two weeks: the log of its registry's pushes, as looks at it would have shown it.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use landfall_sandbox::Push;

use crate::store::{Epoch, Look, Store, StoreError};

/// Writes one look for each push, at its time; what was there before `began` was seen then. Returns how many edges began.
pub async fn write(
    store: &Store,
    epoch: &Epoch,
    pushes: Vec<Push>,
    began: Timestamp,
) -> Result<u64, StoreError> {
    let mut looks = BTreeMap::<(Timestamp, String), BTreeMap<String, String>>::new();
    for push in pushes {
        let look = looks.entry((push.at.max(began), push.repository)).or_default();
        look.insert(push.tag, push.digest);
    }
    let mut edges = 0;
    let mut known = BTreeSet::new();
    for ((at, repository), pointed) in looks {
        let first = known.insert(repository.clone());
        let name = repository.clone();
        let registry = repository.split('/').next().unwrap_or_default().to_owned();
        let look = Look { repository, registry, at, pointed, ..Look::default() };
        edges += store.record_look(epoch, &look).await?.begun;
        // What is pushed after the first look is newer than what that showed.
        if first {
            store.settle(epoch, &name, at).await?;
        }
    }
    Ok(edges)
}
