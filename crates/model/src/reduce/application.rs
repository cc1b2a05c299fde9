//! Argo CD Applications. Paths after `pkg/apis/application/v1alpha1/types.go` of argoproj/argo-cd, v2.8 to v3.6.

use std::sync::Arc;

use serde::Deserialize;

use super::{
    condition::{WireCondition, conditions},
    failure::unreadable,
    lax::{Flag, List, Must, Obj, Present, Str, Time},
    meta::{Every, Meta, Metadata, Strict},
    source::{Hydrator, WireSource, sources},
    strings::{MESSAGE, Strings},
    url::safe_url,
};
use crate::{
    observe::{Application, Automation, Body, Destination, Unreadable},
    text::Text,
    words::{Health, Kind, SyncStatus},
};

mod history;
mod operation;
mod owner;
mod resources;
mod updater;

/// Most finalizers, URLs and revisions of one Application.
const LINES: usize = 100;
/// Most image strings of the summary.
const IMAGES: usize = 500;

#[derive(Debug, Deserialize)]
#[serde(expecting = "an object")]
pub(super) struct Wire<'a> {
    #[serde(borrow)]
    metadata: Must<Metadata<'a, Every, List<Obj<owner::Manager<'a>>>>>,
    #[serde(borrow)]
    spec: Must<Spec<'a>>,
    #[serde(borrow, default)]
    status: Option<Must<Status<'a>>>,
    #[serde(default)]
    operation: Present,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", expecting = "an object")]
struct Spec<'a> {
    #[serde(borrow, default)]
    project: Str<'a>,
    #[serde(borrow, default)]
    destination: Option<Must<WireDestination<'a>>>,
    #[serde(borrow, default)]
    source: Option<Must<WireSource<'a>>>,
    #[serde(borrow, default)]
    sources: List<Obj<WireSource<'a>>>,
    #[serde(borrow, default)]
    source_hydrator: Obj<Hydrator<'a>>,
    #[serde(default)]
    sync_policy: Option<Must<SyncPolicy>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(expecting = "an object")]
struct WireDestination<'a> {
    #[serde(borrow, default)]
    server: Str<'a>,
    #[serde(borrow, default)]
    name: Str<'a>,
    #[serde(borrow, default)]
    namespace: Str<'a>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(expecting = "an object")]
struct SyncPolicy {
    #[serde(default)]
    automated: Option<Must<Automated>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", expecting = "an object")]
struct Automated {
    #[serde(default)]
    enabled: Option<bool>,
    #[serde(default)]
    prune: Flag,
    #[serde(default)]
    self_heal: Flag,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", expecting = "an object")]
struct Status<'a> {
    #[serde(borrow, default)]
    sync: Option<Must<Sync<'a>>>,
    #[serde(borrow, default)]
    health: Option<Must<WireHealth<'a>>>,
    #[serde(borrow, default)]
    operation_state: Option<Must<operation::State<'a>>>,
    #[serde(borrow, default)]
    history: List<Obj<history::WireEntry<'a>>>,
    #[serde(borrow, default)]
    summary: Obj<Summary<'a>>,
    #[serde(borrow, default)]
    conditions: List<Obj<WireCondition<'a>>>,
    #[serde(borrow, default)]
    resources: Option<Vec<Obj<resources::WireResource<'a>>>>,
}

#[derive(Debug, Deserialize)]
#[serde(expecting = "an object")]
struct Sync<'a> {
    #[serde(borrow, default)]
    status: Option<Strict<'a>>,
    #[serde(borrow, default)]
    revision: Str<'a>,
    #[serde(borrow, default)]
    revisions: List<Str<'a>>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", expecting = "an object")]
struct WireHealth<'a> {
    #[serde(borrow, default)]
    status: Option<Strict<'a>>,
    #[serde(borrow, default)]
    message: Str<'a>,
    #[serde(default)]
    last_transition_time: Time,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Summary<'a> {
    #[serde(borrow, default)]
    images: List<Str<'a>>,
    #[serde(borrow, default, rename = "externalURLs")]
    external_urls: List<Str<'a>>,
    #[serde(default)]
    is_app_of_apps: Flag,
}

impl<'a> super::Wire<'a> for Wire<'a> {
    fn meta(&self) -> Meta {
        self.metadata.meta()
    }

    fn body(self, _: Kind, strings: &mut Strings<'_>) -> Result<Option<Body>, Unreadable> {
        let Self { metadata, spec: Must(spec), status, operation } = self;
        let status = status.unwrap_or_default().0;
        let source = spec.source.unwrap_or_default();
        let (sources, multi_source) = sources(&source, &spec.sources.0, &spec.source_hydrator.0, strings);
        let resources = resources::reduce(status.resources.as_deref().unwrap_or_default(), strings);
        let has_images = sources.iter().any(|source| !source.images.is_empty());
        let (sync, compared) = match &status.sync {
            Some(sync) => (
                word(sync.status.as_ref(), "status.sync.status", SyncStatus::parse, SyncStatus::Unknown)?,
                revisions(&sync.revision, &sync.revisions, strings),
            ),
            None => (None, Vec::new()),
        };
        let (health, health_message, health_since) = match &status.health {
            Some(health) => (
                word(health.status.as_ref(), "status.health.status", Health::parse, Health::Unknown)?,
                strings.maybe_message(&health.message.0, MESSAGE),
                health.last_transition_time.0,
            ),
            None => (None, None, None),
        };
        let (operation_state, synced_images) = match &status.operation_state {
            Some(state) => (state.reduce(strings)?, state.images(strings)),
            None => (None, Vec::new()),
        };
        let automated = spec.sync_policy.and_then(|policy| policy.0.automated);
        let destination = spec.destination.unwrap_or_default();
        let summary = &status.summary.0;
        let app_of_apps = summary.is_app_of_apps.is_true() || resources.has_applications;
        Ok(Some(Body::Application(Arc::new(Application {
            created: metadata.creation_timestamp.0,
            deleting_since: metadata.deletion_timestamp.0,
            finalizers: metadata
                .finalizers
                .0
                .iter()
                .take(LINES)
                .filter_map(|f| strings.maybe(&f.0))
                .collect(),
            labels: metadata.selected_labels(strings),
            owner_set: metadata.owner_of_kind("ApplicationSet", strings),
            // An empty project means the default one.
            project: strings.shared(spec.project.get().unwrap_or("default")),
            destination: Destination {
                server: strings.maybe(&destination.server.0),
                name: strings.maybe(&destination.name.0),
                namespace: strings.maybe(&destination.namespace.0),
            },
            sources,
            multi_source,
            automation: automated.map_or_else(Automation::default, |automated| Automation {
                present: true,
                enabled: automated.enabled.unwrap_or(true),
                prune: automated.prune.is_true(),
                self_heal: automated.self_heal.is_true(),
            }),
            sync,
            compared,
            health,
            health_message,
            health_since,
            operation: operation_state,
            operation_pending: operation.0,
            history: history::reduce(&status.history.0, strings),
            reported_images: summary
                .images
                .0
                .iter()
                .take(IMAGES)
                .filter_map(|i| strings.maybe(&i.0))
                .collect(),
            urls: urls(summary, strings),
            conditions: conditions(&status.conditions, strings),
            resources: resources.resources,
            synced_images,
            image_owner: if has_images { owner::of_images(&metadata.managed_fields, strings) } else { None },
            app_of_apps,
            updater: updater::annotations(
                metadata.annotations.0.iter().map(|(key, value)| (&*key.0, &*value.0)),
                strings,
            ),
        }))))
    }
}

/// A word of Argo CD's. Absent and empty mean "never said". A word that this version does not know is not guessed:
/// it counts as Argo CD's own `Unknown`.
fn word<T>(
    text: Option<&Strict<'_>>,
    field: &str,
    parse: impl Fn(&str) -> Option<T>,
    unknown: T,
) -> Result<Option<T>, Unreadable> {
    match text.map(|text| &*text.0) {
        None | Some("") => Ok(None),
        Some(text) if text.len() > 64 => Err(unreadable(field, "is longer than any word of Argo CD")),
        Some(text) => Ok(Some(parse(text).unwrap_or(unknown))),
    }
}

/// The list where there is one, else the single value.
fn revisions(one: &Str<'_>, many: &List<Str<'_>>, strings: &mut Strings<'_>) -> Vec<Text> {
    if many.0.is_empty() {
        return strings.maybe(&one.0).into_iter().collect();
    }
    many.0.iter().take(LINES).map(|revision| strings.shared(&revision.0)).collect()
}

fn urls(summary: &Summary<'_>, strings: &mut Strings<'_>) -> Vec<Text> {
    let safe = summary.external_urls.0.iter().filter_map(|url| safe_url(&url.0));
    safe.take(LINES).map(|url| strings.shared(url)).collect()
}
