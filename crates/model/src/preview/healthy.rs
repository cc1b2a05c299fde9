//! Step 6: it runs, and can be used.

use super::{
    App, Given, Head, Look,
    commit::{Shows, is_of},
    pushed, waits,
};
use crate::{
    phrase::Said,
    said,
    view::{Trouble, Waits},
    words::{Health, State, StepKind, Turn},
};

pub(super) fn look(at: &Given<'_>, head: Option<&Head>, shows: &Shows, synced: &Look) -> Look {
    let Some(app) = &at.app else { return Look::Unknown(Said::from("")) };
    let since = match synced {
        Look::Done { at, .. } => *at,
        Look::Unknown(_) if app.view.state == State::Unknown => return Look::Unknown(why(app)),
        _ => return Look::Unknown(Said::from("")),
    };
    if app.view.state == State::Unknown {
        return Look::Unknown(why(app));
    }
    let rolling = app.view.workloads.iter().any(|workload| workload.rolling || workload.missing);
    let healthy = app.body.health == Some(Health::Healthy) && !rolling;
    if healthy && runs_head(at, head, shows) {
        let told = app.body.health_since;
        let when = told.max(since);
        let exact = told.is_some() && told >= since;
        let (ready, desired) = app.view.replicas();
        return Look::done(
            when,
            exact,
            said!("of-pods", "{ready} of {desired} pods ready", ready = ready, desired = desired),
            app.argocd(),
        );
    }
    Look::Waits(waits_for(app))
}

fn why(app: &App<'_>) -> Said {
    let why = app.view.why.as_ref().map(Said::from);
    why.unwrap_or_else(|| said!("health-unknown", "its state cannot be known at present"))
}

/// All that runs is the head's, where that can be told.
fn runs_head(at: &Given<'_>, head: Option<&Head>, shows: &Shows) -> bool {
    let (Some(image), Some(head)) = (shows.view(at), head) else { return true };
    let pushed = pushed::tag(at, head, shows);
    let known = at.repository(&image.repository);
    image.running.iter().all(|it| {
        let by_tag = it.tag.as_deref().is_some_and(|tag| {
            is_of(tag, &head.sha) || pushed.as_ref().is_some_and(|(own, _)| **own == *tag)
        });
        let by_digest = pushed.as_ref().and_then(|(_, digest)| digest.as_deref()).zip(it.digest.as_deref());
        by_tag || by_digest.is_some_and(|(a, b)| known.map_or(a == b, |known| known.is_same(a, b)))
    })
}

fn waits_for(app: &App<'_>) -> Waits {
    let step = StepKind::Healthy;
    let trouble = app.view.workloads.iter().flat_map(|workload| &workload.troubles).next();
    if let Some(trouble) = trouble.filter(|trouble| !is_passing(trouble)) {
        let reason = &trouble.reason;
        let sentence = if let Some(message) = &trouble.message {
            said!("waits-pods-say", "Pods fail: {reason}: {message}", reason = reason, message = message)
        } else {
            said!("waits-pods", "Pods fail: {reason}", reason = reason)
        };
        // What the author wrote crashes; what cannot be pulled or placed is not the author's to mend.
        let turn = match &**reason {
            "ImagePullBackOff" | "ErrImagePull" | "Unschedulable" | "Evicted" | "FailedMount" => {
                Turn::Operator
            }
            _ => Turn::Author,
        };
        let way_out = said!("way-pods", "See the log of the container.");
        return waits(step, turn, sentence).stuck().since(trouble.since).way_out(way_out);
    }
    if app.body.health == Some(Health::Degraded) {
        let message = app.body.health_message.as_deref().unwrap_or("no message");
        let sentence = said!("waits-degraded", "Argo CD calls it degraded: {message}", message = message);
        return waits(step, Turn::Author, sentence).stuck().since(app.body.health_since);
    }
    let (ready, desired) = app.view.replicas();
    let sentence =
        said!("waits-pods-ready", "{ready} of {desired} pods are ready", ready = ready, desired = desired);
    waits(step, Turn::Cluster, sentence)
}

/// What goes by itself while pods start.
fn is_passing(trouble: &Trouble) -> bool {
    matches!(&*trouble.reason, "ContainerCreating" | "PodInitializing")
}
