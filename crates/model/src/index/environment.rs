//! The view of one environment, from what belongs to its Application.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::{
    images::{self, tag_digest},
    joined::{Joined, JoinedWorkload},
    state::{self, Verdict},
};
use crate::{
    mapping::Mapped,
    text::Text,
    view::{Environment, ImageView, Trouble, WorkloadView},
    words::{Kind, Phase},
};

/// At most this many kinds of trouble are shown for a workload.
const TROUBLES: usize = 10;

/// What the index knows beside the objects.
#[derive(Debug)]
pub struct Around<'a> {
    pub mapped: &'a Mapped,
    pub instance: &'a Text,
    /// Container of the primary image, from the catalogue.
    pub container: Option<&'a str>,
    /// The same environment as it was before: remembers since when, and whether automation was on.
    pub before: Option<&'a Environment>,
    pub now: Timestamp,
}

/// Builds the view.
pub fn environment(joined: &Joined<'_>, around: &Around<'_>) -> Environment {
    let app = joined.application;
    let workloads: Vec<WorkloadView> = joined.workloads.iter().map(workload).collect();
    let (mut image, mut other_images) = images::images(joined, &around.mapped.service, around.container);
    let was =
        around.before.map(|b| b.image.iter().chain(&b.other_images).collect::<Vec<_>>()).unwrap_or_default();
    for view in image.iter_mut().chain(&mut other_images) {
        remember_image(view, &was, around.now);
    }
    let Verdict { state, why, began } = state::state(joined, &workloads);
    let (why, why_phrase) = why.map(|why| (why.text, why.phrase)).unzip();
    let (since, since_exact) = state::since(state, began, around.before, app, around.now);
    let last = app.history.last();
    let succeeded = app.operation.as_ref().filter(|o| o.phase == Phase::Succeeded);
    let mut sources = vec![Text::clone(&joined.key.source)];
    sources.extend(joined.cluster.clone());
    sources.sort();
    sources.dedup();
    Environment {
        id: id(around.instance, joined),
        service: Text::clone(&around.mapped.service),
        name: Text::clone(&around.mapped.environment),
        preview: around.mapped.preview,
        mapped_by: Text::clone(&around.mapped.mapped_by.text),
        mapped_by_phrase: around.mapped.mapped_by.phrase.clone(),
        cluster: joined.cluster.as_ref().map(|c| Text::from(c.strip_prefix("cluster/").unwrap_or(c))),
        namespace: app.destination.namespace.clone().or_else(|| {
            app.resources
                .workloads
                .first()
                .map(|object| Text::clone(&object.namespace))
                .filter(|ns| !ns.is_empty())
        }),
        instance: Text::clone(around.instance),
        application: Text::from(joined.key.name.to_string()),
        project: Text::clone(&app.project),
        created: app.created,
        state,
        why,
        why_phrase: why_phrase.flatten(),
        since,
        since_exact,
        sync: app.sync,
        health: app.health,
        health_since: app.health_since,
        operation: app.operation.clone(),
        compared: app.compared.clone(),
        deployed: last
            .map(|entry| entry.revisions.clone())
            .or_else(|| succeeded.map(|o| o.revisions.clone()))
            .unwrap_or_default(),
        deployed_at: last
            .and_then(|entry| entry.deployed_at)
            .or_else(|| succeeded.and_then(|o| o.finished_at)),
        manifests: app.sources.clone(),
        auto_sync: auto_sync(joined, around.before),
        deleting_since: app.deleting_since,
        finalizers: app.finalizers.clone(),
        conditions: app.conditions.clone(),
        workloads,
        image,
        other_images,
        urls: app.urls.clone(),
        objects: app.resources.total,
        objects_out_of_sync: app.resources.out_of_sync,
        sources,
    }
}

/// `instance:namespace/application`.
pub fn id(instance: &str, joined: &Joined<'_>) -> Text {
    Text::from(format!("{instance}:{}", joined.key.name))
}

/// `None` where automation was never configured; off where it is switched off or was on before.
fn auto_sync(joined: &Joined<'_>, before: Option<&Environment>) -> Option<bool> {
    let automation = joined.application.automation;
    if automation.present {
        Some(automation.enabled)
    } else {
        before.and_then(|b| b.auto_sync).map(|_| false)
    }
}

/// When the leading image began to run: kept while it leads, exact when its coming was seen.
fn remember_image(view: &mut ImageView, before: &[&ImageView], now: Timestamp) {
    let Some(was) = before.iter().find(|b| b.repository == view.repository) else { return };
    let Some(leading) = view.running.first() else {
        // Scaled to nothing: what ran last stays known as the time, not as running.
        view.since = was.since;
        view.since_exact = was.since_exact;
        return;
    };
    match was.running.first() {
        Some(old) if tag_digest(old) == tag_digest(leading) => {
            view.since = match (view.since, was.since) {
                (Some(a), Some(b)) if !was.since_exact => Some(a.min(b)),
                (_, kept) => kept.or(view.since),
            };
            view.since_exact = was.since_exact;
        }
        Some(_) => {
            // Another image leads: since its first pod started, which cannot be before the earlier one came to lead.
            let began = view.since.filter(|at| was.since.is_none_or(|earlier| *at > earlier));
            view.since = Some(began.unwrap_or(now));
            view.since_exact = true;
        }
        None => {}
    }
}

fn workload(joined: &JoinedWorkload<'_>) -> WorkloadView {
    let live = joined.live;
    WorkloadView {
        kind: joined.kind,
        namespace: Text::clone(&joined.object.namespace),
        name: Text::clone(&joined.object.name),
        desired: live.and_then(|w| w.desired),
        ready: live.map_or(0, |w| w.ready),
        missing: joined.is_missing(),
        suspended: live.is_some_and(|w| w.paused),
        rolling: joined.is_rolling(),
        troubles: troubles(joined),
    }
}

/// Troubled pods by reason and container, most pods first.
fn troubles(joined: &JoinedWorkload<'_>) -> Vec<Trouble> {
    let mut found: BTreeMap<(Text, Option<Text>), Trouble> = BTreeMap::new();
    let mut note =
        |reason: &Text, container: Option<&Text>, message: Option<&Text>, since: Option<Timestamp>| {
            let entry = found.entry((Text::clone(reason), container.cloned())).or_insert_with(|| Trouble {
                reason: Text::clone(reason),
                container: container.cloned(),
                message: message.cloned(),
                pods: 0,
                since,
            });
            entry.pods += 1;
            entry.since = match (entry.since, since) {
                (Some(a), Some(b)) => Some(a.min(b)),
                (a, b) => a.or(b),
            };
        };
    for pod in joined.living_pods().filter(|p| !p.pod.ready || joined.kind == Kind::Job) {
        let since = pod.pod.ready_since.or(pod.pod.created);
        let troubled =
            pod.pod.init.iter().chain(&pod.pod.containers).filter_map(|c| Some((c, c.trouble.as_ref()?)));
        let mut any = false;
        for (container, reason) in troubled {
            any = true;
            note(reason, Some(&container.name), container.message.as_ref(), since);
        }
        if let Some(reason) = pod.pod.reason.as_ref().filter(|_| !any) {
            note(reason, None, None, since);
        }
    }
    let mut troubles: Vec<Trouble> = found.into_values().collect();
    troubles.sort_by(|a, b| b.pods.cmp(&a.pods).then_with(|| a.reason.cmp(&b.reason)));
    troubles.truncate(TROUBLES);
    troubles
}
