//! What the faults mean for one request and for one open watch.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::{Fault, Faults};
use crate::kinds::KindId;
use crate::store::{Change, ChangeType};

/// How watches lose their order. Shares are percent of the events.
#[derive(Clone, Debug, Default, Serialize, Deserialize, PartialEq, Eq)]
#[serde(default)]
pub struct Perturb {
    /// Share of events that are sent twice.
    pub duplicate: u8,
    /// Share of events after which the object's state before comes once more.
    pub stale: u8,
    /// Share of batches whose events are shuffled.
    pub reorder: u8,
    /// Seed, so that a run can be repeated.
    pub seed: u64,
}

/// What happens to a request before it is looked at.
#[derive(Debug)]
pub(crate) enum Gate {
    Pass,
    /// Answer with this status and no more.
    Status(u16),
    /// The server has just started: its access rules are not loaded.
    NotYetAllowed,
    /// The server has just started: its paths are not installed.
    NotYetServing,
}

/// What an open watch has to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum WatchState {
    Run,
    Silent,
    Close,
    Break,
    Expire,
}

impl Faults {
    /// Decides over one request; uses up counted faults.
    pub(crate) fn gate(&self, id: Option<KindId>, verb: &str) -> Gate {
        let mut state = self.lock();
        if let Some((allowed, serving)) = state.restart {
            let now = tokio::time::Instant::now();
            if now < allowed {
                return Gate::NotYetAllowed;
            }
            if now < serving {
                return Gate::NotYetServing;
            }
            state.restart = None;
        }
        let mut answer = Gate::Pass;
        for (scope, fault) in &mut state.active {
            if scope.is_some() && *scope != id {
                continue;
            }
            if let Fault::Status { code, times, verb: only } = fault
                && only.as_deref().is_none_or(|only| verb.starts_with(only))
            {
                if let Some(times) = times {
                    *times = times.saturating_sub(1);
                }
                answer = Gate::Status(*code);
                break;
            }
        }
        state.active.retain(|(_, fault)| !fault.is_used_up());
        answer
    }

    /// Numbers a new watch.
    pub(crate) fn new_watch(&self) -> u64 {
        let mut state = self.lock();
        state.next_watch += 1;
        state.next_watch - 1
    }

    pub(crate) fn watch_state(&self, id: KindId, born: u64) -> WatchState {
        let marks = self.lock().marks[id.0];
        if born < marks.freeze {
            WatchState::Silent
        } else if born < marks.broken {
            WatchState::Break
        } else if born < marks.expire {
            WatchState::Expire
        } else if born < marks.close {
            WatchState::Close
        } else if self.half_open(Some(id)) {
            WatchState::Silent
        } else {
            WatchState::Run
        }
    }

    /// How `name` in `namespace` is served malformed, if so.
    pub(crate) fn malformed(&self, id: KindId, namespace: &str, name: &str) -> Option<super::Malformed> {
        let fits = |want: &Option<String>, is: &str| want.as_deref().is_none_or(|want| want == is);
        self.any(Some(id), |fault| match fault {
            Fault::Malformed { how, namespace: ns, name: only }
                if fits(ns, namespace) && fits(only, name) =>
            {
                Some(*how)
            }
            _ => None,
        })
    }

    /// Whether objects are served as they are stored: then nothing has to be asked per object.
    pub(crate) fn serves_plainly(&self) -> bool {
        !self
            .lock()
            .active
            .iter()
            .any(|(_, fault)| matches!(fault, Fault::Malformed { .. } | Fault::ClockSkew { .. }))
    }

    pub(crate) fn skew(&self, id: KindId) -> Option<i64> {
        self.any(
            Some(id),
            |fault| if let Fault::ClockSkew { seconds } = fault { Some(*seconds) } else { None },
        )
    }

    /// How long after a restart it takes until the server answers again.
    pub(crate) fn restarting(&self) -> Option<Duration> {
        let (_, serving) = self.lock().restart?;
        serving.checked_duration_since(tokio::time::Instant::now())
    }
}

impl Perturb {
    /// Repeats, puts back and shuffles a batch of changes.
    pub(crate) fn apply(&self, changes: Vec<Change>, random: &mut fastrand::Rng) -> Vec<Change> {
        let mut out = Vec::with_capacity(changes.len());
        for change in changes {
            let again = random.u8(0..100) < self.duplicate;
            let stale = (random.u8(0..100) < self.stale).then(|| change.before.clone()).flatten();
            if again {
                out.push(change.clone());
            }
            out.push(change);
            if let Some(object) = stale {
                let version = object.version;
                out.push(Change { version, kind: ChangeType::Modified, object, before: None });
            }
        }
        if random.u8(0..100) < self.reorder {
            random.shuffle(&mut out);
        }
        out
    }
}
