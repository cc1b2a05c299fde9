//! The state of an environment in one word, why, and since when.

use jiff::Timestamp;

use super::joined::Joined;
use crate::{
    observe::Application,
    phrase::Said,
    said,
    text::Text,
    view::{Environment, WorkloadView},
    words::{Health, Kind, Phase, State, SyncStatus},
};

/// A state with its reason and the time at which the objects say it began.
#[derive(Debug, Clone, PartialEq)]
pub struct Verdict {
    pub state: State,
    pub why: Option<Said>,
    pub began: Option<Timestamp>,
}

/// The first state that fits, in the order of [`State`].
pub fn state(joined: &Joined<'_>, workloads: &[WorkloadView]) -> Verdict {
    let app = joined.application;
    let told = |state, why: Option<Said>, began| Verdict { state, why, began };
    if let Some(kinds) = forbidden(joined) {
        return told(
            State::Unknown,
            Some(said!("may-not-read-kinds", "may not read {kinds}", kinds = kinds)),
            None,
        );
    }
    let (Some(sync), Some(health)) = (app.sync, app.health) else {
        return told(State::Unknown, Some(said!("never-compared", "never compared")), app.created);
    };
    let blocking = app.conditions.iter().find(|c| is_render_error(&c.kind));
    if sync == SyncStatus::Unknown || health == Health::Unknown {
        let why = blocking.map(|c| &c.message).or(app.health_message.as_ref()).map(Said::from);
        return told(State::Unknown, why, blocking.and_then(|c| c.since).or(app.health_since));
    }
    if !joined.settled {
        return told(State::Unknown, Some(said!("cluster-unread", "the cluster was not read yet")), None);
    }
    if health == Health::Degraded {
        let why = words(app.health_message.as_ref()).or_else(|| pods_in_words(workloads, joined));
        return told(State::Degraded, why, app.health_since);
    }
    let operation = app.operation.as_ref().filter(|o| matches!(o.phase, Phase::Running | Phase::Terminating));
    if let Some(operation) = operation {
        return told(State::Progressing, words(operation.message.as_ref()), operation.started_at);
    }
    if health == Health::Progressing || app.deleting_since.is_some() {
        let began = app.deleting_since.or(app.health_since);
        return told(
            State::Progressing,
            words(app.health_message.as_ref()).or_else(|| pods_in_words(workloads, joined)),
            began,
        );
    }
    if let Some(missing) = workloads.iter().find(|w| w.missing) {
        let why =
            said!("does-not-exist", "{kind} {name} does not exist", kind = missing.kind, name = missing.name);
        return told(State::Missing, Some(why), None);
    }
    if health == Health::Missing {
        return told(State::Missing, words(app.health_message.as_ref()), app.health_since);
    }
    if let Some(dead) = workloads.iter().find(|w| is_dead(w)) {
        // Argo CD calls it healthy, the pods do not run.
        let why = said!(
            "pods-ready-of",
            "{ready} of {desired} pods of {name} ready",
            ready = dead.ready,
            desired = dead.desired.unwrap_or(0),
            name = dead.name,
        );
        return told(State::Degraded, Some(why), None);
    }
    if sync == SyncStatus::OutOfSync {
        return told(State::Drifted, differing(app), None);
    }
    if let Some(why) = drift::image(joined) {
        return told(State::Drifted, Some(why), None);
    }
    if health == Health::Suspended {
        return told(State::Suspended, words(app.health_message.as_ref()), app.health_since);
    }
    if !workloads.is_empty() && workloads.iter().all(|w| w.suspended) {
        return told(State::Suspended, Some(said!("suspended-there", "suspended in the cluster")), None);
    }
    told(State::Healthy, None, app.health_since)
}

/// A workload that wants pods and has none ready, although no rollout is under way.
pub fn is_dead(workload: &WorkloadView) -> bool {
    workload.desired.is_some_and(|desired| desired > 0)
        && workload.ready == 0
        && !workload.rolling
        && !workload.suspended
        && !matches!(workload.kind, Kind::Job | Kind::CronJob)
}

/// Conditions under which Argo CD cannot tell what is meant.
pub fn is_render_error(kind: &str) -> bool {
    matches!(kind, "ComparisonError" | "InvalidSpecError")
}

fn forbidden(joined: &Joined<'_>) -> Option<String> {
    let kinds: Vec<&str> = joined.forbidden.iter().map(|kind| kind.as_str()).collect();
    (!kinds.is_empty()).then(|| kinds.join(", "))
}

/// Words of others.
fn words(text: Option<&Text>) -> Option<Said> {
    text.map(Said::from)
}

/// What the pods say; where enough are ready all the same, what keeps the new ones of a rollout from it; else what the
/// cluster says of the rollout.
fn pods_in_words(workloads: &[WorkloadView], joined: &Joined<'_>) -> Option<Said> {
    let short = workloads.iter().find(|w| w.desired.is_some_and(|desired| w.ready < desired));
    if let Some(worst) = short {
        let (ready, desired) = (worst.ready, worst.desired.unwrap_or(0));
        return Some(if let Some(trouble) = worst.troubles.first() {
            said!(
                "pods-ready-because",
                "{ready} of {desired} pods ready, {reason}",
                ready = ready,
                desired = desired,
                reason = trouble.reason,
            )
        } else {
            said!("pods-ready", "{ready} of {desired} pods ready", ready = ready, desired = desired)
        });
    }
    if let Some((worst, trouble)) = workloads.iter().find_map(|w| Some((w, w.troubles.first()?))) {
        return Some(said!(
            "pods-ready-new",
            "{ready} of {desired} pods ready, new ones: {reason}",
            ready = worst.ready,
            desired = worst.desired.unwrap_or(0),
            reason = trouble.reason,
        ));
    }
    let exceeded = |reason: &Option<Text>| reason.as_deref() == Some("ProgressDeadlineExceeded");
    let conditions = joined.workloads.iter().filter_map(|w| Some(&w.live?.conditions)).flatten();
    conditions.into_iter().find(|c| exceeded(&c.reason)).map(|c| Said::from(&c.message))
}

fn differing(app: &Application) -> Option<Said> {
    let first = app.resources.differing.first()?;
    let more = app.resources.out_of_sync.saturating_sub(1);
    let (kind, name) = (&first.kind, &first.name);
    Some(match more {
        0 => said!("object-differs", "{kind} {name} differs", kind = kind, name = name),
        more => said!(
            "objects-differ",
            "{kind} {name} and {more} more differ",
            kind = kind,
            name = name,
            more = more,
        ),
    })
}

/// When the state began, and whether that is exact.
///
/// The objects' own time wins. Where they tell none, a change that was seen dates the state (within one watch delay); a
/// state that was there when Landfall first looked is at least that old.
pub fn since(
    state: State,
    began: Option<Timestamp>,
    before: Option<&Environment>,
    app: &Application,
    now: Timestamp,
) -> (Option<Timestamp>, bool) {
    match before {
        Some(before) if before.state == state => match (began, before.since) {
            // The same state began anew (a second outage, a new operation).
            (Some(began), Some(since)) if began > since => (Some(began), true),
            (Some(began), _) if !before.since_exact => (Some(began), true),
            (_, Some(since)) => (Some(since), before.since_exact),
            (began, None) => (Some(began.unwrap_or(now)), began.is_some()),
        },
        Some(before) => {
            // The state changed: it cannot have begun before the earlier one did.
            let earliest = before.since.filter(|_| before.since_exact);
            let finished = app.operation.as_ref().and_then(|o| o.finished_at);
            let told = began.or(finished).filter(|at| earliest.is_none_or(|e| *at >= e) && *at <= now);
            (Some(told.unwrap_or(now)), true)
        }
        None => (Some(began.unwrap_or(now).min(now)), began.is_some()),
    }
}

/// What runs, against what is meant.
pub mod drift {
    use super::super::{
        images::{meant, same, split},
        joined::{Joined, JoinedWorkload},
    };
    use crate::{observe::MeantContainer, phrase::Said, said, text::Text, view::TagDigest, words::Kind};

    /// One container that does not run what is meant.
    #[derive(Debug, Clone, PartialEq)]
    pub struct Drift {
        pub workload: Text,
        pub container: Text,
        pub meant: Text,
        pub lives: Text,
        /// Pods that run it; `None` where the workload's own spec differs from what was synced.
        pub pods: Option<usize>,
    }

    /// Every container whose image differs from what is meant.
    pub fn drifts(joined: &Joined<'_>) -> Vec<Drift> {
        let mut found = Vec::new();
        for workload in &joined.workloads {
            let Some(live) = workload.live else { continue };
            for (container, wanted) in meant(joined, workload) {
                let Some(spec) = live.containers.iter().find(|c| c.name == *container) else { continue };
                if differs(wanted, &spec.image) {
                    found.push(Drift {
                        workload: Text::clone(&workload.object.name),
                        container: Text::clone(container),
                        meant: Text::clone(wanted),
                        lives: Text::clone(&spec.image),
                        pods: None,
                    });
                } else if !matches!(workload.kind, Kind::CronJob | Kind::Job) && !workload.is_rolling() {
                    found.extend(stragglers(workload, spec));
                }
            }
        }
        found
    }

    /// Pods that still run another image although no rollout is under way.
    fn stragglers(workload: &JoinedWorkload<'_>, spec: &MeantContainer) -> Option<Drift> {
        let others: Vec<&Text> = workload
            .living_pods()
            .filter_map(|pod| pod.pod.containers.iter().find(|c| c.name == spec.name))
            .filter(|c| c.digest.is_some() && differs(&spec.image, &c.image))
            .map(|c| &c.image)
            .collect();
        Some(Drift {
            workload: Text::clone(&workload.object.name),
            container: Text::clone(&spec.name),
            meant: Text::clone(&spec.image),
            lives: Text::clone(others.first()?),
            pods: Some(others.len()),
        })
    }

    /// Whether two image strings mean different images. A registry that rewrites host names (a mirror) keeps the tag:
    /// that is no drift.
    fn differs(meant: &str, lives: &str) -> bool {
        if meant == lives {
            return false;
        }
        let ((_, a), (_, b)) = (split(meant), split(lives));
        let empty = TagDigest { tag: None, digest: None };
        a == empty || b == empty || !same(&a, &b)
    }

    /// The first drift in words.
    pub fn image(joined: &Joined<'_>) -> Option<Said> {
        let drift = drifts(joined).into_iter().next()?;
        Some(said!(
            "container-drifted",
            "{container} runs {lives}, meant is {meant}",
            container = drift.container,
            lives = drift.lives,
            meant = drift.meant,
        ))
    }
}
