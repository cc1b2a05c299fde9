//! Deployments, StatefulSets, DaemonSets, CronJobs, Jobs and Argo Rollouts.
//!
//! One wire type for all: their fields differ little and clash nowhere.

use std::sync::Arc;

use serde::Deserialize;

use super::{
    condition::{WireCondition, conditions},
    lax::{Flag, Int, List, Must, Obj, Str, Time},
    meta::{Meta, Metadata},
    strings::{MESSAGE, Strings},
    template::{PodSpec, Template},
};
use crate::{
    observe::{Body, Condition, Unreadable, Workload},
    text::Text,
    words::Kind,
};

/// What Kubernetes and Argo Rollouts use where `progressDeadlineSeconds` is absent.
const DEFAULT_PROGRESS_DEADLINE_S: i32 = 600;

#[derive(Debug, Deserialize)]
#[serde(expecting = "an object")]
pub(super) struct Wire<'a> {
    #[serde(borrow)]
    metadata: Must<Metadata<'a>>,
    #[serde(borrow)]
    spec: Must<Spec<'a>>,
    #[serde(borrow, default)]
    status: Option<Must<Status<'a>>>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", expecting = "an object")]
struct Spec<'a> {
    #[serde(default)]
    replicas: Option<i32>,
    #[serde(default)]
    progress_deadline_seconds: Int,
    #[serde(default)]
    paused: Flag,
    #[serde(default)]
    suspend: Flag,
    #[serde(borrow, default)]
    schedule: Str<'a>,
    #[serde(borrow, default)]
    template: Option<Must<Template<'a>>>,
    #[serde(borrow, default)]
    job_template: Option<Must<JobTemplate<'a>>>,
    #[serde(borrow, default)]
    workload_ref: Obj<Reference<'a>>,
}

#[derive(Debug, Deserialize)]
#[serde(expecting = "an object")]
struct JobTemplate<'a> {
    #[serde(borrow, default)]
    spec: Option<Must<JobSpec<'a>>>,
}

#[derive(Debug, Deserialize)]
#[serde(expecting = "an object")]
struct JobSpec<'a> {
    #[serde(borrow, default)]
    template: Option<Must<Template<'a>>>,
}

#[derive(Debug, Default, Deserialize)]
struct Reference<'a> {
    #[serde(borrow, default)]
    kind: Str<'a>,
    #[serde(borrow, default)]
    name: Str<'a>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", expecting = "an object")]
struct Status<'a> {
    #[serde(default)]
    observed_generation: Int,
    #[serde(default)]
    ready_replicas: Option<i32>,
    #[serde(default)]
    updated_replicas: Option<i32>,
    #[serde(default)]
    available_replicas: Option<i32>,
    // DaemonSet
    #[serde(default)]
    desired_number_scheduled: Option<i32>,
    #[serde(default)]
    number_ready: Option<i32>,
    #[serde(default)]
    updated_number_scheduled: Option<i32>,
    #[serde(default)]
    number_available: Option<i32>,
    // Job
    #[serde(default)]
    ready: Option<i32>,
    #[serde(default)]
    start_time: Time,
    #[serde(default)]
    completion_time: Time,
    // CronJob
    #[serde(default)]
    last_schedule_time: Time,
    #[serde(default)]
    last_successful_time: Time,
    // Rollout
    #[serde(borrow, default)]
    phase: Str<'a>,
    #[serde(borrow, default)]
    message: Str<'a>,
    #[serde(borrow, default)]
    conditions: List<Obj<WireCondition<'a>>>,
}

impl<'a> super::Wire<'a> for Wire<'a> {
    fn meta(&self) -> Meta {
        self.metadata.meta()
    }

    fn body(self, kind: Kind, strings: &mut Strings<'_>) -> Result<Option<Body>, Unreadable> {
        let Self { metadata, spec: Must(spec), status } = self;
        let status = status.unwrap_or_default().0;
        let template = match kind {
            Kind::CronJob => spec.job_template.and_then(|job| job.0.spec?.0.template),
            _ => spec.template,
        };
        let pods: PodSpec<'_> = template.and_then(|template| template.0.spec).unwrap_or_default().0;
        let (desired, ready, updated, available) = match kind {
            Kind::DaemonSet => (
                Some(status.desired_number_scheduled.unwrap_or(0)),
                status.number_ready,
                status.updated_number_scheduled,
                status.number_available,
            ),
            Kind::CronJob => (None, None, None, None),
            Kind::Job => (None, status.ready, None, None),
            _ => (
                Some(spec.replicas.unwrap_or(1)),
                status.ready_replicas,
                status.updated_replicas,
                status.available_replicas,
            ),
        };
        let (last_run, finished) = match kind {
            Kind::CronJob => (status.last_schedule_time.0, status.last_successful_time.0),
            Kind::Job => (status.start_time.0, status.completion_time.0.or_else(|| failed_at(&status))),
            _ => (None, None),
        };
        let mut conditions = conditions(&status.conditions, strings);
        if kind == Kind::Rollout && !status.phase.is_empty() {
            conditions.push(Condition {
                kind: strings.shared("Phase"),
                status: None,
                reason: strings.maybe(&status.phase.0),
                message: strings.message(&status.message.0, MESSAGE),
                since: None,
            });
        }
        Ok(Some(Body::Workload(Arc::new(Workload {
            kind,
            created: metadata.creation_timestamp.0,
            deleting_since: metadata.deletion_timestamp.0,
            labels: metadata.selected_labels(strings),
            managed_by: metadata.managed_by(strings),
            owner: metadata.controller(strings),
            generation: metadata.generation.0.unwrap_or(0),
            observed_generation: status.observed_generation.0.unwrap_or(0),
            desired,
            ready: ready.unwrap_or(0),
            updated: updated.unwrap_or(0),
            available: available.unwrap_or(0),
            paused: spec.paused.is_true() || spec.suspend.is_true(),
            progress_deadline_s: matches!(kind, Kind::Deployment | Kind::Rollout).then(|| {
                let given = spec.progress_deadline_seconds.0.and_then(|s| i32::try_from(s).ok());
                given.unwrap_or(DEFAULT_PROGRESS_DEADLINE_S)
            }),
            conditions,
            containers: pods
                .lasting()
                .map(|(container, sidecar)| container.meant(sidecar, strings))
                .collect(),
            init_containers: pods.passing().map(|container| container.meant(false, strings)).collect(),
            revision: metadata
                .annotated_number("deployment.kubernetes.io/revision")
                .or_else(|| metadata.annotated_number("rollout.argoproj.io/revision")),
            template_of: reference(&spec.workload_ref.0, strings),
            schedule: strings.maybe(&spec.schedule.0),
            last_run,
            finished,
        }))))
    }
}

/// A failed Job has no completion time; its condition says when it ended.
fn failed_at(status: &Status<'_>) -> Option<jiff::Timestamp> {
    let failed = |condition: &&Obj<WireCondition<'_>>| {
        condition.0.kind.0 == "Failed" && condition.0.status.0 == "True"
    };
    status.conditions.0.iter().find(failed)?.0.last_transition_time.0
}

fn reference(reference: &Reference<'_>, strings: &mut Strings<'_>) -> Option<(Text, Text)> {
    Some((strings.maybe(&reference.kind.0)?, strings.maybe(&reference.name.0)?))
}
