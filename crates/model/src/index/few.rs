//! Sets of few: a workload has some pods, a service some Applications, and there are tens of thousands of such sets. A
//! tree's first node has room for eleven; this takes what it needs.

/// A sorted set in one allocation of about its size.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Few<T>(Vec<T>);

impl<T> Default for Few<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

/// Up to here each new member gets its own room; above, room doubles.
const EXACT: usize = 8;

impl<T: Ord> Few<T> {
    /// Adds a member unless it is there.
    pub fn insert(&mut self, member: T) {
        if let Err(at) = self.0.binary_search(&member) {
            if self.0.len() < EXACT {
                self.0.reserve_exact(1);
            }
            self.0.insert(at, member);
        }
    }

    /// Takes a member out, if it is there.
    pub fn remove(&mut self, member: &T) {
        if let Ok(at) = self.0.binary_search(member) {
            self.0.remove(at);
        }
    }
}

impl<T> Few<T> {
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// In ascending order.
    pub fn iter(&self) -> std::slice::Iter<'_, T> {
        self.0.iter()
    }
}

impl<'a, T> IntoIterator for &'a Few<T> {
    type Item = &'a T;
    type IntoIter = std::slice::Iter<'a, T>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.iter()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::Few;

    proptest! {
        #[test]
        fn it_is_a_sorted_set(changes in prop::collection::vec((any::<bool>(), 0_u8..40), 0..200)) {
            let (mut few, mut set) = (Few::default(), BTreeSet::new());
            for (add, member) in changes {
                if add {
                    few.insert(member);
                    set.insert(member);
                } else {
                    few.remove(&member);
                    set.remove(&member);
                }
                prop_assert!(few.iter().eq(set.iter()));
                prop_assert_eq!((few.len(), few.is_empty()), (set.len(), set.is_empty()));
            }
        }
    }
}
