//! Views of the past, kept for a while.

use std::{
    collections::{BTreeMap, HashMap},
    sync::{Arc, Mutex, PoisonError},
};

use jiff::{SignedDuration, Timestamp};
use landfall_model::{
    Text,
    phrase::Said,
    query::Prepared,
    said,
    view::{Environment, Pull, Service, Snapshot},
};
use tokio::sync::{OnceCell, Semaphore};

use super::History;
use crate::{
    store::{Gap, PastView},
    web::Problem,
};

/// What is said of a moment before the first that is kept.
fn before_history(at: Timestamp, earliest: Option<Timestamp>) -> Said {
    let at = at.to_string();
    let Some(first) = earliest.map(|first| first.to_string()) else {
        return said!("history-begins", "History does not reach back to {at}; it has just begun.", at = at);
    };
    said!(
        "before-history",
        "History does not reach back to {at}; it begins at {first}.",
        at = at,
        first = first,
    )
}

/// How many past views are kept, and for how long. What was long ago hardly changes any more; what was just now may
/// still be completed by late news.
const KEPT: usize = 4;
const FRESH: SignedDuration = SignedDuration::from_mins(10);
const FRESH_FOR: SignedDuration = SignedDuration::from_secs(30);
const OLD_FOR: SignedDuration = SignedDuration::from_mins(10);

/// Past views, each asked for once however many want it.
pub struct PastViews {
    slots: Mutex<Vec<Slot>>,
    /// A past view reads every environment: two at once.
    loads: Semaphore,
}

struct Slot {
    second: i64,
    until: Timestamp,
    view: Arc<OnceCell<Arc<Past>>>,
}

/// A past view, ready for queries.
#[derive(Debug)]
pub struct Past {
    pub prepared: Arc<Prepared>,
    pub earliest: Timestamp,
    pub gaps: Vec<Gap>,
}

impl Default for PastViews {
    fn default() -> Self {
        Self { slots: Mutex::default(), loads: Semaphore::new(2) }
    }
}

impl PastViews {
    /// The view at a moment (to the second). `live` says who owns what and which columns there are: history keeps
    /// environments, not the catalogue.
    pub async fn get(
        &self,
        history: &dyn History,
        at: Timestamp,
        now: Timestamp,
        live: &Snapshot,
    ) -> Result<Arc<Past>, Problem> {
        let cell = self.slot(at.as_second(), now);
        let load = async {
            let _one_of_two = self.loads.acquire().await;
            let Some(view) = history.as_of(at).await? else {
                let earliest = history.earliest().await?;
                return Err(Problem::not_found(before_history(at, earliest)));
            };
            let (earliest, gaps) = (view.earliest, view.gaps.clone());
            let snapshot = Arc::new(snapshot_of(view, live));
            Ok(Arc::new(Past { prepared: Arc::new(Prepared::new(&snapshot, None)), earliest, gaps }))
        };
        cell.get_or_try_init(|| load).await.map(Arc::clone)
    }

    /// The gap that a view which was read lies in.
    pub fn gap_at(&self, at: Timestamp) -> Option<Gap> {
        let slots = self.slots.lock().unwrap_or_else(PoisonError::into_inner);
        let slot = slots.iter().find(|slot| slot.second == at.as_second())?;
        slot.view.get()?.gaps.first().cloned()
    }

    /// Lets go of those that have had their time.
    pub fn tidy(&self, now: Timestamp) {
        let mut slots = self.slots.lock().unwrap_or_else(PoisonError::into_inner);
        slots.retain(|slot| slot.until > now);
    }

    fn slot(&self, second: i64, now: Timestamp) -> Arc<OnceCell<Arc<Past>>> {
        let mut slots = self.slots.lock().unwrap_or_else(PoisonError::into_inner);
        slots.retain(|slot| slot.until > now);
        if let Some(at) = slots.iter().position(|slot| slot.second == second) {
            // The one used last stands last.
            let slot = slots.remove(at);
            let view = Arc::clone(&slot.view);
            slots.push(slot);
            return view;
        }
        if slots.len() >= KEPT {
            slots.remove(0);
        }
        let recent = now.as_second() - second < FRESH.as_secs();
        let until = now + if recent { FRESH_FOR } else { OLD_FOR };
        let view = Arc::default();
        slots.push(Slot { second, until, view: Arc::clone(&view) });
        view
    }
}

/// Pull requests in the order of the live view; what has not changed since is the same object as today's.
fn pulls(past: Vec<Pull>, live: &Snapshot) -> Vec<Arc<Pull>> {
    let today: HashMap<&Text, &Arc<Pull>> = live.pulls.iter().map(|pull| (&pull.id, pull)).collect();
    let shared = past.into_iter().map(|pull| match today.get(&pull.id) {
        Some(known) if ***known == pull => Arc::clone(known),
        _ => Arc::new(pull),
    });
    let mut pulls: Vec<Arc<Pull>> = shared.collect();
    pulls.sort_by(|a, b| Pull::order(a, b));
    pulls
}

/// Puts environments back under their services.
fn snapshot_of(past: PastView, live: &Snapshot) -> Snapshot {
    let order: BTreeMap<&Text, usize> = live.environment_order.iter().zip(0..).collect();
    let mut services: BTreeMap<Text, Vec<Arc<Environment>>> = BTreeMap::new();
    // What has not changed since is the same object as today's: a past view then costs little.
    let today: HashMap<&Text, &Arc<Environment>> =
        live.services.iter().flat_map(|service| &service.environments).map(|e| (&e.id, e)).collect();
    for environment in past.environments {
        let shared = match today.get(&environment.id) {
            Some(known) if ***known == environment => Arc::clone(known),
            _ => Arc::new(environment),
        };
        services.entry(Arc::clone(&shared.service)).or_default().push(shared);
    }
    let mut columns = live.environment_order.clone();
    let services: Vec<Arc<Service>> = services
        .into_iter()
        .map(|(name, mut environments)| {
            let place = |e: &Environment| {
                (e.preview, order.get(&e.name).copied().unwrap_or(usize::MAX), e.name.clone())
            };
            environments.sort_by_cached_key(|environment| place(environment));
            for environment in environments.iter().filter(|e| !e.preview) {
                if !columns.contains(&environment.name) {
                    columns.push(Arc::clone(&environment.name));
                }
            }
            let today = live.service(&name);
            Arc::new(Service {
                owner: today.and_then(|service| service.owner.clone()),
                repository: today.and_then(|service| service.repository.clone()),
                unassigned: today.is_some_and(|service| service.unassigned),
                name,
                environments,
            })
        })
        .collect();
    let mut findings = past.findings;
    findings.sort_by(|a, b| (a.severity, b.since, &a.id).cmp(&(b.severity, a.since, &b.id)));
    // At that moment they had not ended.
    for finding in &mut findings {
        finding.until = None;
    }
    Snapshot {
        revision: live.revision,
        as_of: Some(past.as_of),
        unassigned: services.iter().filter(|service| service.unassigned).count(),
        generators: Arc::default(),
        services,
        findings: findings.into_iter().map(Arc::new).collect(),
        sources: past
            .sources
            .into_iter()
            .map(|source| (Arc::clone(&source.name), Arc::new(source)))
            .collect(),
        environment_order: columns,
        pulls: pulls(past.pulls, live),
    }
}
