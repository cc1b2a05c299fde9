//! A code forge whose pull requests can be read as at GitHub, GitLab and Gitea: the same repositories behind three APIs.
//!
//! ```text
//!  /repos/…, /user, /app/…      GitHub, also below /api/v3 as GitHub Enterprise Server has it
//!  /api/v4/projects/…           GitLab's merge requests, notes, label events, pipelines
//!  /api/v1/repos/…              Gitea's (and Forgejo's) pulls, comments, timeline, tasks
//! ```
//!
//! It has GitHub's limits with their headers, answers 304 for nothing, can be told to fail ([`ForgeFault`]), counts what is
//! asked of it, and sends signed webhooks ([`hook`]).

mod access;
mod answer;
mod build;
mod comments;
mod count;
mod fault;
mod gitea;
mod github;
mod gitlab;
pub mod hook;
mod limit;
mod page;
mod route;
mod serve;
mod state;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use jiff::Timestamp;

pub use access::App;
pub use count::ForgeCounters;
pub use fault::ForgeFault;
pub use limit::Limits;
pub use serve::RunningForge;
pub use state::{Comment, RunEnd};

use crate::Clock;
use access::Access;
use count::Counts;
use limit::Windows;
use state::State;

/// A handle on a forge. Clones share it.
#[derive(Clone, Debug)]
pub struct Forge(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    clock: Clock,
    /// The time at which what is changed now happens, if it is not the clock's.
    told: Mutex<Option<Timestamp>>,
    state: Mutex<State>,
    access: Mutex<Access>,
    windows: Mutex<Windows>,
    counts: Mutex<Counts>,
    faults: Mutex<Vec<ForgeFault>>,
}

impl Forge {
    /// An empty one that anybody may read, with GitHub's limits.
    pub fn new(clock: Clock) -> Self {
        Self(Arc::new(Inner {
            clock,
            told: Mutex::default(),
            state: Mutex::default(),
            access: Mutex::default(),
            windows: Mutex::default(),
            counts: Mutex::default(),
            faults: Mutex::default(),
        }))
    }

    /// Its time now.
    pub fn now(&self) -> Timestamp {
        let now = lock(&self.0.told).unwrap_or_else(|| self.0.clock.now());
        // Forges tell whole seconds.
        Timestamp::from_second(now.as_second()).unwrap_or_default()
    }

    /// What is changed from now on happened at this time; `None`: it happens when it is done.
    pub(crate) fn tell(&self, at: Option<Timestamp>) {
        *lock(&self.0.told) = at;
    }

    /// From now on who sends this token is `login`; without any such call everybody may read.
    pub fn let_in(&self, token: &str, login: &str) {
        lock(&self.0.access).tokens.insert(token.to_owned(), login.to_owned());
    }

    /// From now on a token is worth nothing.
    pub fn revoke(&self, token: &str) {
        lock(&self.0.access).tokens.remove(token);
    }

    /// From now on this App may fetch tokens for its installation.
    pub fn install(&self, app: App) {
        lock(&self.0.access).app = Some(app);
    }

    /// Sets the limits of who asks from now on, and forgets what was used.
    pub fn limit(&self, limits: Limits) {
        *lock(&self.0.windows) = Windows::new(limits);
    }

    /// Lets something go wrong.
    pub fn inject(&self, fault: ForgeFault) {
        lock(&self.0.faults).push(fault);
    }

    /// Lets all go well again.
    pub fn heal(&self) {
        lock(&self.0.faults).clear();
    }

    /// What was asked so far.
    pub fn counters(&self) -> ForgeCounters {
        lock(&self.0.counts).read()
    }

    /// Counts from zero again.
    pub fn reset_counters(&self) {
        *lock(&self.0.counts) = Counts::default();
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
