//! One service in one environment: its Application, its workload, its pods.

use jiff::{SignedDuration, Timestamp};

use super::cast::Member;
use crate::build::application::{Application, Deployed, Initiator, Managed, Operation};
use crate::build::hex_of;
use crate::build::pod::{Pod, PodState, digest_of};
use crate::build::workload::{Roll, Workload, WorkloadKind};

/// What is wrong with the image that a unit rolls out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Flaw {
    Crash(String),
    Pull,
    NoRoom,
}

#[derive(Clone, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own")]
pub(crate) struct Unit {
    pub service: String,
    pub environment: String,
    /// Cluster of the workload and cluster of the Application, as positions in the world.
    pub cluster: usize,
    pub argo: usize,
    /// Whether the Application exists.
    pub exists: bool,
    pub has_workload: bool,
    pub app: Application,
    pub work: Workload,
    /// ReplicaSets: image, revision, created. Newest last.
    pub sets: Vec<(String, u64, Timestamp)>,
    pub pods: Vec<Pod>,
    /// The image that Git means.
    pub meant: String,
    pub host: String,
    pub flaw: Option<Flaw>,
    /// Seconds between two steps of a roll.
    pub pace_s: i64,
    /// Counts pods ever made, for their names.
    pub made: u64,
    /// Is part of a state that the story shows at its start: nothing happens to it by itself.
    pub held: bool,
    /// Something is going on.
    pub busy: bool,
    /// `summary.images` is not kept up to date.
    pub stale_summary: bool,
}

pub(crate) const REGISTRY: &str = "registry.hosting.example";

pub(crate) fn image_of(team: &str, service: &str, tag: &str) -> String {
    format!("{REGISTRY}/{}/{service}:{tag}", team.replace(' ', "-"))
}

/// A tag named by the time of its build, as the company's workflow names them (in its own time zone).
pub(crate) fn tag_at(built: Timestamp) -> String {
    let local = built.saturating_add(SignedDuration::from_hours(9)).unwrap_or(built);
    local.strftime("%Y%m%d-%H%M%S").to_string()
}

pub(crate) fn revision_of(service: &str, image: &str) -> String {
    hex_of(&["commit", service, image])[..40].to_owned()
}

impl Unit {
    /// A unit as it was long before the story: one deployment, everything well.
    pub fn settled(
        member: &Member,
        environment: &str,
        cluster: usize,
        argo: usize,
        image: &str,
        at: Timestamp,
    ) -> Self {
        let service = member.name;
        let namespace =
            if service == "ssl-issuer" && environment == "production" { "ssl-prod" } else { service };
        let app_name = if member.bare_name { service.to_owned() } else { format!("{service}-{environment}") };
        let pods = if environment == "production" { member.pods.0 } else { member.pods.1 };
        Self::new(
            member.team,
            service,
            environment,
            &app_name,
            namespace,
            member.kind,
            pods,
            (cluster, argo),
            image,
            at,
        )
    }

    #[expect(clippy::too_many_arguments, reason = "what makes one unit differ from another")]
    pub fn new(
        team: &str,
        service: &str,
        environment: &str,
        app_name: &str,
        namespace: &str,
        kind: WorkloadKind,
        pods: u32,
        (cluster, argo): (usize, usize),
        image: &str,
        at: Timestamp,
    ) -> Self {
        let created = at.saturating_sub(SignedDuration::from_hours(24)).unwrap_or(at);
        let host = match environment {
            "production" => format!("{service}.hosting.example"),
            "staging" => format!("{service}.stg.hosting.example"),
            preview => format!("{preview}.{service}.preview.hosting.example"),
        };
        let revision = revision_of(service, image);
        let replicas = if kind == WorkloadKind::CronJob { 0 } else { pods };
        let (kind_name, group, _) = kind.names();
        let version = if kind == WorkloadKind::Rollout { "v1alpha1" } else { "v1" };
        let mut resources = vec![
            Managed::synced("", "v1", "ConfigMap", service),
            Managed::synced("", "v1", "Service", service),
            Managed::synced(group, version, kind_name, service),
            Managed::synced("networking.k8s.io", "v1", "Ingress", service),
        ];
        if kind == WorkloadKind::CronJob {
            resources.retain(|resource| matches!(resource.kind, "ConfigMap" | "CronJob"));
        }
        let app = Application {
            name: app_name.to_owned(),
            namespace: "argocd".to_owned(),
            project: team.replace(' ', "-"),
            labels: vec![
                ("app.kubernetes.io/name".to_owned(), service.to_owned()),
                ("app.kubernetes.io/part-of".to_owned(), team.replace(' ', "-")),
                ("environment".to_owned(), environment.to_owned()),
                ("team".to_owned(), team.replace(' ', "-")),
            ],
            annotations: vec![(
                "link.argocd.argoproj.io/runbook".to_owned(),
                format!("https://wiki.hosting.example/runbooks/{service}"),
            )],
            repo: "https://git.hosting.example/hosting/deploy.git".to_owned(),
            path: format!("{service}/{environment}"),
            target: "main".to_owned(),
            image: None,
            image_written: None,
            destination: "https://kubernetes.default.svc".to_owned(),
            by_name: false,
            to_namespace: namespace.to_owned(),
            automated: Some(true),
            created,
            generation: 40,
            sync: "Synced",
            revision: revision.clone(),
            health: ("Healthy", at),
            reconciled: at,
            operation: Some(Operation {
                phase: "Succeeded",
                message: "successfully synced (all tasks run)".to_owned(),
                started: at,
                finished: Some(at),
                retries: 0,
                revision: revision.clone(),
                by: Initiator::Automated,
                failed: None,
                images: Some(vec![image.to_owned()]),
            }),
            history: vec![Deployed {
                id: 0,
                revision,
                started: at,
                at,
                image: None,
                by: Initiator::Automated,
            }],
            conditions: Vec::new(),
            resources,
            images: if replicas == 0 { Vec::new() } else { vec![image.to_owned()] },
            urls: vec![
                format!("https://{host}/"),
                format!("https://wiki.hosting.example/runbooks/{service}"),
            ],
            deleted: None,
            owner: None,
            spec_manager: "kubectl-client-side-apply",
        };
        let work = Workload {
            kind,
            namespace: namespace.to_owned(),
            name: service.to_owned(),
            app: app_name.to_owned(),
            image: image.to_owned(),
            sidecar: None,
            replicas,
            generation: 1,
            revision: 1,
            deadline_s: 600,
            max_unavailable: "25%".to_owned(),
            on_delete: false,
            suspended: false,
            created: at,
            applied: at,
            edited: None,
            counts: (replicas, replicas, replicas),
            roll: (Roll::Complete, at),
        };
        let mut unit = Self {
            service: service.to_owned(),
            environment: environment.to_owned(),
            cluster,
            argo,
            exists: true,
            has_workload: true,
            app,
            work,
            sets: vec![(image.to_owned(), 1, at)],
            pods: Vec::new(),
            meant: image.to_owned(),
            host,
            flaw: None,
            pace_s: 8,
            made: 0,
            held: false,
            busy: false,
            stale_summary: false,
        };
        for _ in 0..replicas {
            let mut pod = unit.new_pod(image, at);
            pod.state = PodState::Ready;
            unit.pods.push(pod);
        }
        unit
    }

    /// A pod that is being made.
    pub fn new_pod(&mut self, image: &str, at: Timestamp) -> Pod {
        self.made += 1;
        let name = match self.work.kind {
            WorkloadKind::StatefulSet => {
                let free = (0..=self.pods.len()).find(|n| {
                    let name = format!("{}-{n}", self.work.name);
                    !self.pods.iter().any(|pod| pod.name == name)
                });
                format!("{}-{}", self.work.name, free.unwrap_or(0))
            }
            kind => {
                let base = if kind.has_replica_sets() {
                    self.work.replica_set_name(image)
                } else {
                    self.work.name.clone()
                };
                let hex = hex_of(&[&base, &self.work.namespace, &self.made.to_string()]);
                format!("{base}-{}", &hex[..5])
            }
        };
        let state =
            if self.flaw == Some(Flaw::NoRoom) { PodState::Unschedulable } else { PodState::Creating };
        Pod {
            name,
            image: image.to_owned(),
            digest: digest_of(image),
            created: at,
            state,
            since: at,
            restarts: 0,
            deleted: None,
        }
    }

    /// Ready pods and all pods of an image.
    pub fn count(&self, image: &str) -> (u32, u32) {
        let of = |ready: bool| {
            let pods = self.pods.iter().filter(|pod| pod.image == image && pod.deleted.is_none());
            u32::try_from(pods.filter(|pod| !ready || pod.is_ready()).count()).unwrap_or(u32::MAX)
        };
        (of(true), of(false))
    }

    /// Takes over what the pods are into the workload's status and Argo CD's summary.
    pub fn recount(&mut self) {
        let all: u32 =
            u32::try_from(self.pods.iter().filter(|pod| pod.deleted.is_none()).count()).unwrap_or(u32::MAX);
        let ready =
            u32::try_from(self.pods.iter().filter(|pod| pod.deleted.is_none() && pod.is_ready()).count());
        let updated = self.count(&self.work.image.clone()).1;
        self.work.counts = (all, updated, ready.unwrap_or(u32::MAX));
        if !self.stale_summary {
            let mut images: Vec<String> = self.pods.iter().map(|pod| pod.image.clone()).collect();
            images.sort();
            images.dedup();
            self.app.images = images;
        }
    }

    /// The image with another tag.
    pub fn with_tag(&self, tag: &str) -> String {
        let repository =
            self.meant.rsplit_once(':').map_or(self.meant.as_str(), |(repository, _)| repository);
        format!("{repository}:{tag}")
    }
}
