//! `status.operationState`: the last operation, or the one that runs.
//!
//! At its first instant it has `operation`, `phase` and `startedAt` only. One that retries is `Running` *with*
//! `finishedAt`, which is the end of the last attempt.

use serde::Deserialize;

use super::{
    super::{
        failure::unreadable,
        lax::{Int, List, Obj, Str, Time},
        meta::Strict,
        strings::{MESSAGE, Strings},
    },
    history::Initiator,
    resources::managed_object,
    revisions,
};
use crate::{
    observe::{ManagedObject, Operation, Unreadable},
    text::Text,
    words::Phase,
};

/// Most objects whose images are kept, and most images of one.
const OBJECTS: usize = 500;
const IMAGES: usize = 100;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", expecting = "an object")]
pub(super) struct State<'a> {
    #[serde(borrow, default)]
    phase: Option<Strict<'a>>,
    #[serde(borrow, default)]
    message: Str<'a>,
    #[serde(default)]
    started_at: Time,
    #[serde(default)]
    finished_at: Time,
    #[serde(default)]
    retry_count: Int,
    #[serde(borrow, default)]
    operation: Obj<Asked<'a>>,
    #[serde(borrow, default)]
    sync_result: Obj<SyncResult<'a>>,
}

/// What was asked for.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Asked<'a> {
    #[serde(borrow, default)]
    initiated_by: Obj<Initiator<'a>>,
    #[serde(borrow, default)]
    sync: Obj<Revisions<'a>>,
}

#[derive(Debug, Default, Deserialize)]
struct Revisions<'a> {
    #[serde(borrow, default)]
    revision: Str<'a>,
    #[serde(borrow, default)]
    revisions: List<Str<'a>>,
}

/// What came of it.
#[derive(Debug, Default, Deserialize)]
struct SyncResult<'a> {
    #[serde(borrow, default)]
    revision: Str<'a>,
    #[serde(borrow, default)]
    revisions: List<Str<'a>>,
    #[serde(borrow, default)]
    resources: List<Obj<Synced<'a>>>,
}

#[derive(Debug, Default, Deserialize)]
struct Synced<'a> {
    #[serde(borrow, default)]
    group: Str<'a>,
    #[serde(borrow, default)]
    kind: Str<'a>,
    #[serde(borrow, default)]
    namespace: Str<'a>,
    #[serde(borrow, default)]
    name: Str<'a>,
    #[serde(borrow, default)]
    images: List<Str<'a>>,
}

impl State<'_> {
    /// The operation; `None` where it has no phase.
    pub fn reduce(&self, strings: &mut Strings<'_>) -> Result<Option<Operation>, Unreadable> {
        let phase = match self.phase.as_ref().map(|phase| &*phase.0) {
            None | Some("") => return Ok(None),
            Some(phase) => Phase::parse(phase).ok_or_else(|| {
                unreadable(
                    "status.operationState.phase",
                    "is none of Running, Terminating, Succeeded, Failed, Error",
                )
            })?,
        };
        let (asked, result) = (&self.operation.0, &self.sync_result.0);
        let mut deployed = revisions(&result.revision, &result.revisions, strings);
        if deployed.is_empty() {
            deployed = revisions(&asked.sync.0.revision, &asked.sync.0.revisions, strings);
        }
        Ok(Some(Operation {
            phase,
            message: strings.maybe_message(&self.message.0, MESSAGE),
            started_at: self.started_at.0,
            finished_at: self.finished_at.0,
            retries: self.retry_count.count().unwrap_or(0),
            initiated_by: asked.initiated_by.0.name(strings),
            revisions: deployed,
        }))
    }

    /// Images of the workloads that it applied (Argo CD v3.1 and later), by object.
    pub fn images(&self, strings: &mut Strings<'_>) -> Vec<(ManagedObject, Vec<Text>)> {
        let resources = self.sync_result.0.resources.0.iter().map(|resource| &resource.0);
        resources
            .filter(|resource| !resource.images.0.is_empty() && !resource.name.is_empty())
            .take(OBJECTS)
            .map(|resource| {
                let object = managed_object(
                    [&resource.kind, &resource.group, &resource.namespace, &resource.name],
                    strings,
                );
                let images =
                    resource.images.0.iter().take(IMAGES).filter_map(|image| strings.maybe(&image.0));
                (object, images.collect())
            })
            .collect()
    }
}
