//! Pods: what runs, by what the kubelet reports.

use std::sync::Arc;

use serde::Deserialize;

use super::{
    condition::WireCondition,
    lax::{Int, List, Must, Obj, Str, Time},
    meta::{Meta, Metadata},
    strings::{SHORT_MESSAGE, Strings},
    template::{Container, PodSpec},
};
use crate::{
    image::{ImageId, image_id},
    observe::{Body, Pod, RunningContainer, Unreadable},
    text::Text,
    words::Kind,
};

#[derive(Debug, Deserialize)]
#[serde(expecting = "an object")]
pub(super) struct Wire<'a> {
    #[serde(borrow)]
    metadata: Must<Metadata<'a>>,
    #[serde(borrow)]
    spec: Must<PodSpec<'a>>,
    #[serde(borrow, default)]
    status: Option<Must<Status<'a>>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", expecting = "an object")]
struct Status<'a> {
    #[serde(borrow, default)]
    phase: Str<'a>,
    #[serde(borrow, default)]
    reason: Str<'a>,
    #[serde(borrow, default)]
    message: Str<'a>,
    #[serde(borrow, default)]
    conditions: List<Obj<WireCondition<'a>>>,
    #[serde(borrow, default)]
    container_statuses: Option<Vec<Must<ContainerStatus<'a>>>>,
    #[serde(borrow, default)]
    init_container_statuses: List<Obj<ContainerStatus<'a>>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", expecting = "an object")]
struct ContainerStatus<'a> {
    #[serde(borrow, default)]
    name: Str<'a>,
    #[serde(borrow, default, rename = "imageID")]
    image_id: Str<'a>,
    #[serde(default)]
    ready: Option<bool>,
    #[serde(default)]
    restart_count: Int,
    #[serde(borrow, default)]
    state: Obj<ContainerState<'a>>,
    #[serde(borrow, default)]
    last_state: Obj<ContainerState<'a>>,
}

#[derive(Debug, Default, Deserialize)]
struct ContainerState<'a> {
    #[serde(borrow, default)]
    waiting: Option<Obj<Waiting<'a>>>,
    #[serde(default)]
    running: Option<Obj<Running>>,
    #[serde(borrow, default)]
    terminated: Option<Obj<Terminated<'a>>>,
}

#[derive(Debug, Default, Deserialize)]
struct Waiting<'a> {
    #[serde(borrow, default)]
    reason: Str<'a>,
    #[serde(borrow, default)]
    message: Str<'a>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Running {
    #[serde(default)]
    started_at: Time,
}

/// Its `message` is not read: it may be the container's own output.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Terminated<'a> {
    #[serde(borrow, default)]
    reason: Str<'a>,
    #[serde(default)]
    exit_code: Int,
    #[serde(default)]
    started_at: Time,
}

impl<'a> super::Wire<'a> for Wire<'a> {
    fn meta(&self) -> Meta {
        self.metadata.meta()
    }

    fn body(self, _: Kind, strings: &mut Strings<'_>) -> Result<Option<Body>, Unreadable> {
        let status = self.status.unwrap_or_default().0;
        let (reason, message) = status.trouble();
        let ready = status.condition("Ready");
        let init_statuses: Vec<_> = status.init_container_statuses.0.iter().map(|status| &status.0).collect();
        let statuses: Vec<_> =
            status.container_statuses.iter().flatten().map(|status| &status.0).chain(init_statuses).collect();
        let of = |container: &Container<'_>| statuses.iter().find(|s| s.name.0 == container.name.0).copied();
        let containers =
            self.spec.lasting().map(|(c, sidecar)| running(c, of(c), sidecar, strings)).collect();
        let unfinished = |c: &&Container<'_>| of(c).is_some_and(|status| !status.succeeded());
        let init =
            self.spec.passing().filter(unfinished).map(|c| running(c, of(c), false, strings)).collect();
        Ok(Some(Body::Pod(Arc::new(Pod {
            created: self.metadata.creation_timestamp.0,
            deleting_since: self.metadata.deletion_timestamp.0,
            owner: self.metadata.controller(strings),
            phase: strings.shared(status.phase.get().unwrap_or("Unknown")),
            ready: ready.is_some_and(|condition| condition.status.0 == "True"),
            ready_since: ready.and_then(|condition| condition.last_transition_time.0),
            reason: strings.maybe(reason),
            message: strings.maybe_message(message, SHORT_MESSAGE),
            containers,
            init,
        }))))
    }
}

impl<'a> Status<'a> {
    fn condition(&self, kind: &str) -> Option<&WireCondition<'a>> {
        self.conditions.0.iter().map(|condition| &condition.0).find(|condition| condition.kind.0 == kind)
    }

    /// Why the pod as a whole does not run: evicted, lost, or not placed on any node.
    fn trouble(&self) -> (&str, &str) {
        if !self.reason.is_empty() {
            return (&self.reason.0, &self.message.0);
        }
        match self.condition("PodScheduled") {
            Some(scheduled) if scheduled.status.0 == "False" => (&scheduled.reason.0, &scheduled.message.0),
            _ => ("", ""),
        }
    }
}

impl ContainerStatus<'_> {
    fn succeeded(&self) -> bool {
        self.state.0.terminated.as_ref().is_some_and(|end| end.0.exit_code.0 == Some(0))
    }

    fn started(&self) -> Option<jiff::Timestamp> {
        let state = &self.state.0;
        let running = state.running.as_ref().map(|running| running.0.started_at.0);
        running.or_else(|| state.terminated.as_ref().map(|end| end.0.started_at.0)).flatten()
    }

    /// Reason and message of trouble, and whether it only waits for something usual.
    fn trouble(&self, strings: &mut Strings<'_>) -> (Option<Text>, Option<Text>, bool) {
        if let Some(Obj(waiting)) = &self.state.0.waiting {
            return match &*waiting.reason.0 {
                "" | "ContainerCreating" | "PodInitializing" => (None, None, true),
                // The kubelet's own message holds a back-off that changes; how it ended last time says more.
                reason @ "CrashLoopBackOff" => {
                    let ended = self.last_state.0.terminated.as_ref();
                    let ended =
                        ended.and_then(|end| end.0.words()).map(|ended| format!("last ended: {ended}"));
                    (
                        Some(strings.shared(reason)),
                        ended.map(|ended| strings.message(&ended, SHORT_MESSAGE)),
                        false,
                    )
                }
                reason => {
                    let message = strings.maybe_message(&waiting.message.0, SHORT_MESSAGE);
                    (Some(strings.shared(reason)), message, false)
                }
            };
        }
        match &self.state.0.terminated {
            Some(Obj(end)) if end.exit_code.0 != Some(0) => {
                let message = end.words().map(|ended| strings.message(&ended, SHORT_MESSAGE));
                (Some(strings.shared(end.reason.get().unwrap_or("Terminated"))), message, false)
            }
            _ => (None, None, false),
        }
    }
}

impl Terminated<'_> {
    /// `OOMKilled, exit code 137`.
    fn words(&self) -> Option<String> {
        match (self.reason.get(), self.exit_code.0) {
            (Some(reason), Some(code)) => Some(format!("{reason}, exit code {code}")),
            (Some(reason), None) => Some(reason.to_owned()),
            (None, Some(code)) => Some(format!("exit code {code}")),
            (None, None) => None,
        }
    }
}

fn running(
    container: &Container<'_>,
    status: Option<&ContainerStatus<'_>>,
    sidecar: bool,
    strings: &mut Strings<'_>,
) -> RunningContainer {
    let (digest, local_id) = match status.map(|status| image_id(&status.image_id.0)) {
        Some(ImageId::Repository(digest)) => (Some(strings.shared(digest)), None),
        Some(ImageId::Local(id)) => (None, Some(strings.shared(id))),
        Some(ImageId::Unknown) | None => (None, None),
    };
    let (trouble, message, starting) = status.map_or((None, None, true), |status| status.trouble(strings));
    RunningContainer {
        name: strings.shared(&container.name.0),
        image: strings.shared(&container.image.0),
        digest,
        local_id,
        ready: status.and_then(|status| status.ready).unwrap_or(false),
        restarts: status.and_then(|status| status.restart_count.count()).unwrap_or(0),
        started: status.and_then(ContainerStatus::started),
        trouble,
        message,
        starting,
        sidecar,
    }
}
