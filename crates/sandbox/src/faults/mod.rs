//! What can go wrong on the way from an API server to its reader, switched on by a test or over HTTP.
//!
//! Each fault holds for one resource (`"pods"`) or for all (`"*"`) of one cluster, until it is used up or cleared.

mod mangle;
mod plan;

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use serde::{Deserialize, Serialize};
use tokio::sync::watch;

pub use self::mangle::Malformed;
pub(crate) use self::mangle::{mangle, shift_times};
pub use self::plan::Perturb;
pub(crate) use self::plan::{Gate, WatchState};
use crate::kinds::{self, KINDS, KindId};

/// One thing that goes wrong.
#[derive(Clone, Debug, Serialize, Deserialize, PartialEq)]
#[serde(tag = "fault", rename_all = "kebab-case")]
pub enum Fault {
    /// Open watches end cleanly, as when a server stops.
    CloseWatches,
    /// Open watches break off in the middle of the response.
    BreakWatches,
    /// Open watches fall silent for ever but stay connected; new requests work.
    FreezeWatches,
    /// Nothing is sent any more on any connection, old or new, bookmarks included, until cleared.
    HalfOpen,
    /// Every response and every chunk of a watch waits so long first.
    Slow {
        /// Milliseconds.
        ms: u64,
    },
    /// So many watch lines are cut in the middle, and their connection broken.
    CutLine {
        /// How many lines.
        times: u32,
    },
    /// So many new watches are told 410, whatever version they ask for.
    Gone {
        /// How many watches.
        times: u32,
    },
    /// Open watches get an ERROR 410 and end; every version before now is too old.
    ExpireWatches,
    /// Requests are answered with this status: 401, 403, 429, 500, 503 and so on.
    Status {
        /// HTTP status.
        code: u16,
        /// How many requests; for ever without it.
        #[serde(default)]
        times: Option<u32>,
        /// Only `list` or only `watch`; both without it.
        #[serde(default)]
        verb: Option<String>,
    },
    /// Objects are served malformed.
    Malformed {
        /// In which way.
        how: Malformed,
        /// Only objects of this namespace.
        #[serde(default)]
        namespace: Option<String>,
        /// Only the object of this name.
        #[serde(default)]
        name: Option<String>,
    },
    /// Watches repeat, go back in time and lose order.
    Perturb(Perturb),
    /// No periodic bookmarks.
    NoBookmarks,
    /// The server does not know streaming lists: 422, as before Kubernetes 1.32.
    NoStreamingLists,
    /// Times inside objects are so many seconds off (may be negative).
    ClockSkew {
        /// Seconds.
        seconds: i64,
    },
    /// The server restarts: watches break, every older version is 410, permitted readers get 403, then 503.
    Restart {
        /// Milliseconds of 403; a real server takes about one second.
        forbidden_ms: u64,
        /// Milliseconds of 503 after that.
        unavailable_ms: u64,
    },
    /// The port accepts and drops connections at once.
    Down,
}

/// The faults of one cluster.
#[derive(Debug)]
pub struct Faults {
    state: Mutex<State>,
    epoch: watch::Sender<u64>,
}

#[derive(Debug, Default)]
struct State {
    active: Vec<(Scope, Fault)>,
    /// Watches born before these numbers are closed, broken, frozen or expired; by kind.
    marks: Vec<Marks>,
    next_watch: u64,
    restart: Option<(tokio::time::Instant, tokio::time::Instant)>,
}

#[derive(Clone, Copy, Debug, Default)]
struct Marks {
    close: u64,
    broken: u64,
    freeze: u64,
    expire: u64,
}

/// `None` = every resource.
type Scope = Option<KindId>;

fn scope_of(resource: &str) -> Result<Scope, UnknownResource> {
    if matches!(resource, "*" | "") {
        return Ok(None);
    }
    kinds::by_plural(resource).map(Some).ok_or_else(|| UnknownResource(resource.to_owned()))
}

/// A fault was asked for on a resource that the world does not serve.
#[derive(Debug, thiserror::Error)]
#[error("the world has no resource {0:?}; \"*\" means all")]
pub struct UnknownResource(pub String);

impl Faults {
    pub(crate) fn new() -> Self {
        let state = State { marks: vec![Marks::default(); KINDS.len()], next_watch: 1, ..State::default() };
        Self { state: Mutex::new(state), epoch: watch::Sender::new(0) }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn bump(&self) {
        self.epoch.send_modify(|epoch| *epoch += 1);
    }

    /// Switches a fault on for one resource, or for all with `"*"`.
    ///
    /// [`Fault::ExpireWatches`] and [`Fault::Restart`] also need the store; use [`crate::Cluster::inject`] for them.
    pub fn inject(&self, resource: &str, fault: Fault) -> Result<(), UnknownResource> {
        let scope = scope_of(resource)?;
        {
            let mut state = self.lock();
            let next = state.next_watch;
            let mut mark = |set: fn(&mut Marks, u64)| {
                for (at, marks) in state.marks.iter_mut().enumerate() {
                    if scope.is_none_or(|id| id.0 == at) {
                        set(marks, next);
                    }
                }
            };
            match &fault {
                Fault::CloseWatches => mark(|marks, next| marks.close = next),
                Fault::BreakWatches => mark(|marks, next| marks.broken = next),
                Fault::FreezeWatches => mark(|marks, next| marks.freeze = next),
                Fault::ExpireWatches => mark(|marks, next| marks.expire = next),
                Fault::Restart { forbidden_ms, unavailable_ms } => {
                    mark(|marks, next| marks.broken = next);
                    let allowed = tokio::time::Instant::now() + Duration::from_millis(*forbidden_ms);
                    state.restart = Some((allowed, allowed + Duration::from_millis(*unavailable_ms)));
                }
                Fault::Down => {
                    mark(|marks, next| marks.broken = next);
                    state.active.push((scope, fault));
                }
                _ => state.active.push((scope, fault)),
            }
        }
        self.bump();
        Ok(())
    }

    /// Ends every lasting fault of one resource, or of all with `"*"`.
    pub fn clear(&self, resource: &str) -> Result<(), UnknownResource> {
        let scope = scope_of(resource)?;
        {
            let mut state = self.lock();
            state.active.retain(|(active, _)| scope.is_some() && *active != scope);
            if scope.is_none() {
                state.restart = None;
            }
        }
        self.bump();
        Ok(())
    }

    /// The faults that are switched on, with their resource.
    pub fn active(&self) -> Vec<(String, Fault)> {
        let name = |scope: &Scope| scope.map_or("*", |id| id.kind().plural).to_owned();
        self.lock().active.iter().map(|(scope, fault)| (name(scope), fault.clone())).collect()
    }

    pub(crate) fn subscribe(&self) -> watch::Receiver<u64> {
        self.epoch.subscribe()
    }

    pub(crate) fn is_down(&self) -> bool {
        self.lock().active.iter().any(|(_, fault)| matches!(fault, Fault::Down))
    }

    fn any<T>(&self, id: Option<KindId>, pick: impl Fn(&Fault) -> Option<T>) -> Option<T> {
        let state = self.lock();
        state
            .active
            .iter()
            .filter(|(scope, _)| scope.is_none() || *scope == id)
            .find_map(|(_, fault)| pick(fault))
    }

    /// Uses up one of a counted fault.
    fn take(&self, id: Option<KindId>, pick: impl Fn(&mut Fault) -> Option<&mut u32>) -> bool {
        let mut state = self.lock();
        let found =
            state.active.iter_mut().filter(|(scope, _)| scope.is_none() || *scope == id).any(|(_, fault)| {
                pick(fault).is_some_and(|left| {
                    let some = *left > 0;
                    *left = left.saturating_sub(1);
                    some
                })
            });
        state.active.retain(|(_, fault)| !fault.is_used_up());
        found
    }

    pub(crate) fn half_open(&self, id: Option<KindId>) -> bool {
        self.any(id, |fault| matches!(fault, Fault::HalfOpen).then_some(())).is_some()
    }

    pub(crate) fn delay(&self, id: Option<KindId>) -> Option<Duration> {
        self.any(
            id,
            |fault| if let Fault::Slow { ms } = fault { Some(Duration::from_millis(*ms)) } else { None },
        )
    }

    pub(crate) fn bookmarks(&self, id: KindId) -> bool {
        self.any(Some(id), |fault| matches!(fault, Fault::NoBookmarks).then_some(())).is_none()
    }

    pub(crate) fn streaming_lists(&self, id: KindId) -> bool {
        self.any(Some(id), |fault| matches!(fault, Fault::NoStreamingLists).then_some(())).is_none()
    }

    pub(crate) fn perturb(&self, id: KindId) -> Option<Perturb> {
        self.any(Some(id), |fault| if let Fault::Perturb(how) = fault { Some(how.clone()) } else { None })
    }

    pub(crate) fn take_cut(&self, id: KindId) -> bool {
        self.take(Some(id), |fault| if let Fault::CutLine { times } = fault { Some(times) } else { None })
    }

    pub(crate) fn take_gone(&self, id: KindId) -> bool {
        self.take(Some(id), |fault| if let Fault::Gone { times } = fault { Some(times) } else { None })
    }
}

impl Fault {
    fn is_used_up(&self) -> bool {
        matches!(
            self,
            Self::CutLine { times: 0 } | Self::Gone { times: 0 } | Self::Status { times: Some(0), .. }
        )
    }
}
