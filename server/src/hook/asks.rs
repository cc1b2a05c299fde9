//! What is to be looked at soon: each repository once, however often it is asked for, and not more than so many.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Mutex, MutexGuard, PoisonError},
};

use tokio::sync::Notify;

/// Repositories that wait at most. A registry that pushes to more at once is read by the next regular look.
const MOST: usize = 2_000;
/// Tags of one repository that are named; beyond that its list is read.
const TAGS: usize = 16;

/// What to look at in one repository.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Wish {
    pub tags: BTreeSet<String>,
    /// Its list of tags: something was deleted, or the tag is not known.
    pub list: bool,
    /// It could not be looked at when it was asked for: what is seen then is no longer what was pushed just now.
    pub late: bool,
}

impl Wish {
    /// Where one tag points.
    pub fn tag(tag: &str) -> Self {
        Self { tags: BTreeSet::from([tag.to_owned()]), ..Self::default() }
    }

    /// The same, later.
    #[must_use]
    pub fn late(self) -> Self {
        Self { late: true, ..self }
    }

    /// Which tags there are.
    pub fn list() -> Self {
        Self { list: true, ..Self::default() }
    }

    /// Both.
    pub fn and(&mut self, other: Self) {
        self.list |= other.list;
        self.late |= other.late;
        for tag in other.tags {
            if self.tags.len() < TAGS || self.tags.contains(&tag) {
                self.tags.insert(tag);
            } else {
                self.list = true;
            }
        }
    }
}

/// Repositories to look at, each with its host.
#[derive(Debug, Default)]
pub struct Asks {
    waiting: Mutex<BTreeMap<(String, String), Wish>>,
    came: Notify,
}

impl Asks {
    /// Notes a repository; false where too many wait already.
    pub fn add(&self, host: &str, repository: &str, wish: Wish) -> bool {
        let mut waiting = self.lock();
        let key = (host.to_owned(), repository.to_owned());
        if waiting.len() >= MOST && !waiting.contains_key(&key) {
            return false;
        }
        waiting.entry(key).or_default().and(wish);
        drop(waiting);
        self.came.notify_one();
        true
    }

    /// All that wait; none wait after that.
    pub fn take(&self) -> BTreeMap<(String, String), Wish> {
        std::mem::take(&mut *self.lock())
    }

    pub fn is_empty(&self) -> bool {
        self.lock().is_empty()
    }

    /// Returns while something waits. For one who waits.
    pub async fn some(&self) {
        loop {
            let came = self.came.notified();
            if !self.is_empty() {
                return;
            }
            came.await;
        }
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<(String, String), Wish>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_repository_once_and_not_too_many() {
        let asks = Asks::default();
        for _ in 0..1_000 {
            assert!(asks.add("r", "web", Wish::tag("1")));
        }
        assert!(asks.add("r", "web", Wish::tag("2")));
        let all = asks.take();
        assert_eq!(all.len(), 1);
        assert_eq!(all[&("r".into(), "web".into())].tags.len(), 2);
        assert!(asks.is_empty());
        for n in 0..MOST {
            assert!(asks.add("r", &n.to_string(), Wish::list()));
        }
        assert!(!asks.add("r", "one more", Wish::list()));
        assert!(asks.add("r", "7", Wish::tag("1")), "what waits already may be added to");
    }

    #[test]
    fn many_tags_are_a_list() {
        let mut wish = Wish::default();
        for n in 0..100 {
            wish.and(Wish::tag(&n.to_string()));
        }
        assert_eq!((wish.tags.len(), wish.list), (TAGS, true));
    }

    #[tokio::test]
    async fn who_waits_is_woken() {
        let asks = std::sync::Arc::new(Asks::default());
        let other = std::sync::Arc::clone(&asks);
        let waits = tokio::spawn(async move { other.some().await });
        tokio::task::yield_now().await;
        asks.add("r", "web", Wish::list());
        waits.await.unwrap();
        asks.some().await;
    }
}
