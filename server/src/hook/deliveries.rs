//! Deliveries that were taken already: a forge that sends one again, because it heard no answer or somebody asked for it,
//! keeps its id.

use std::{
    collections::{HashSet, VecDeque},
    sync::{Mutex, PoisonError},
};

/// Ids that are remembered.
const KEPT: usize = 10_000;

/// The last ids that were taken.
#[derive(Debug, Default)]
pub struct Deliveries(Mutex<(HashSet<String>, VecDeque<String>)>);

impl Deliveries {
    /// Whether this one was taken already.
    pub fn knows(&self, caller: &str, id: &str) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).0.contains(&key(caller, id))
    }

    /// It is taken.
    pub fn keep(&self, caller: &str, id: &str) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (known, order) = &mut *kept;
        if known.insert(key(caller, id)) {
            order.push_back(key(caller, id));
        }
        while order.len() > KEPT {
            if let Some(oldest) = order.pop_front() {
                known.remove(&oldest);
            }
        }
    }
}

fn key(caller: &str, id: &str) -> String {
    format!("{caller} {id}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_ones_are_known_of_each_caller() {
        let deliveries = Deliveries::default();
        deliveries.keep("forge/a", "1");
        deliveries.keep("forge/a", "1");
        assert!(deliveries.knows("forge/a", "1") && !deliveries.knows("forge/b", "1"));
        for n in 0..KEPT {
            deliveries.keep("forge/b", &n.to_string());
        }
        assert!(!deliveries.knows("forge/a", "1") && deliveries.knows("forge/b", "0"));
    }
}
