//! A small truthful world for the index's tests: objects with versions, and every message a source could send about them.

use std::{collections::BTreeMap, sync::Arc};

use jiff::{SignedDuration, Timestamp};
use landfall_model::{
    Text,
    index::{Index, SourceReport, source_kind},
    mapping::Mapper,
    observe::{
        Application, Automation, Body, Destination, HistoryEntry, ManagedObject, MeantContainer, ObjectName,
        Observation, Operation, Pod, ReplicaSet, Resources, RunningContainer, Scope, Source, Version,
        Workload,
    },
    settings::{
        ClusterSettings, ForgeSettings, InstanceSettings, RegistrySettings, Settings, UPDATER_INTERVAL,
    },
    words::{ForgeKind, Health, Kind, Phase, PreviewState, SourceState, SyncStatus},
};

pub const CLUSTER: &str = "cluster/prod";
pub const ARGOCD: &str = "argocd/main";
pub const REGISTRY: &str = "registry/registry.example";
pub const FORGE: &str = "forge/github";

/// The moment at which tests begin.
pub fn start() -> Timestamp {
    "2026-11-24T05:00:00Z".parse().expect("a time")
}

pub fn after(seconds: i64) -> Timestamp {
    start() + SignedDuration::from_secs(seconds)
}

pub fn text(s: &str) -> Text {
    Text::from(s)
}

pub fn settings() -> Settings {
    Settings {
        clusters: vec![ClusterSettings { name: text("prod") }],
        instances: vec![InstanceSettings {
            name: text("main"),
            cluster: text("prod"),
            url: Some(text("https://argocd.example")),
            namespace: text("argocd"),
            destinations: Vec::new(),
            updater_interval: UPDATER_INTERVAL,
        }],
        registries: vec![RegistrySettings {
            host: text("registry.example"),
            interval: SignedDuration::from_mins(1),
        }],
        forges: vec![ForgeSettings {
            name: text("github"),
            kind: ForgeKind::Github,
            url: text("https://github.com"),
            interval: SignedDuration::from_mins(1),
        }],
        ..Settings::default()
    }
}

pub fn index() -> Index {
    let settings = settings();
    let mapper = Mapper::new(&settings).expect("settings without patterns");
    Index::new(settings, mapper)
}

pub fn scope(kind: Kind) -> Scope {
    let source = match kind {
        Kind::Application | Kind::ApplicationSet | Kind::Event | Kind::ImageUpdater => ARGOCD,
        Kind::Repository => REGISTRY,
        Kind::Pull => FORGE,
        _ => CLUSTER,
    };
    Scope { source: text(source), kind }
}

pub fn name(namespace: &str, name: &str) -> ObjectName {
    ObjectName { namespace: text(namespace), name: text(name) }
}

pub fn observation(kind: Kind, at: ObjectName, resource: u64, body: Body) -> Observation {
    Observation {
        scope: scope(kind),
        uid: text(&format!("uid-{kind}-{at}")),
        name: at,
        version: Version { epoch: 0, resource },
        noticed_at: start(),
        body,
    }
}

/// Every kind was read and is empty: what is not there does not exist.
pub fn read_everything(index: &mut Index, at: Timestamp) {
    let cluster = landfall_model::index::CLUSTER_KINDS.iter().map(|kind| (CLUSTER, *kind));
    let argocd = landfall_model::index::ARGOCD_KINDS.iter().map(|kind| (ARGOCD, *kind));
    for (source, kind) in cluster.chain(argocd) {
        let scope = Scope { source: text(source), kind };
        index.reset(&scope, None, Vec::new(), Version::default());
        alive(index, &scope, at);
    }
}

pub fn alive(index: &mut Index, scope: &Scope, at: Timestamp) {
    index.report(SourceReport {
        scope: scope.clone(),
        within: None,
        source_kind: source_kind(&scope.source),
        state: SourceState::Ok,
        success_at: Some(at),
        error: None,
    });
}

/// All streams are alive at this moment.
pub fn all_alive(index: &mut Index, at: Timestamp) {
    let cluster = landfall_model::index::CLUSTER_KINDS.iter().map(|kind| (CLUSTER, *kind));
    let argocd = landfall_model::index::ARGOCD_KINDS.iter().map(|kind| (ARGOCD, *kind));
    for (source, kind) in cluster.chain(argocd) {
        alive(index, &Scope { source: text(source), kind }, at);
    }
}

/// An Application `argocd/{service}-production` that manages one Deployment of the same name as the service.
pub fn application(service: &str) -> Application {
    let source = Source {
        repo_url: text("https://git.example/deploy.git"),
        path: Some(text(service)),
        target_revision: Some(text("main")),
        ..Source::default()
    };
    let deployment = managed(service);
    Application {
        created: Some(after(-86_400)),
        deleting_since: None,
        finalizers: Vec::new(),
        labels: vec![
            (text("app.kubernetes.io/name"), text(service)),
            (text("environment"), text("production")),
        ],
        owner_set: None,
        project: text("default"),
        destination: Destination {
            server: Some(text("https://kubernetes.default.svc")),
            name: None,
            namespace: Some(text("apps")),
        },
        sources: vec![source],
        multi_source: false,
        automation: Automation { present: true, enabled: true, prune: true, self_heal: true },
        sync: Some(SyncStatus::Synced),
        compared: vec![text("aaaa")],
        health: Some(Health::Healthy),
        health_message: None,
        health_since: Some(after(-3_600)),
        operation: Some(Operation {
            phase: Phase::Succeeded,
            message: Some(text("successfully synced")),
            started_at: Some(after(-3_700)),
            finished_at: Some(after(-3_660)),
            retries: 0,
            initiated_by: Some(text("automated")),
            revisions: vec![text("aaaa")],
        }),
        operation_pending: false,
        history: vec![HistoryEntry {
            id: 0,
            revisions: vec![text("aaaa")],
            started_at: Some(after(-3_700)),
            deployed_at: Some(after(-3_660)),
            initiated_by: Some(text("automated")),
            images: Vec::new(),
        }],
        reported_images: vec![image(service, "1")],
        urls: Vec::new(),
        conditions: Vec::new(),
        resources: Resources { total: 1, workloads: vec![deployment], ..Resources::default() },
        synced_images: Vec::new(),
        image_owner: None,
        app_of_apps: false,
        updater: Vec::new(),
    }
}

pub fn managed(service: &str) -> ManagedObject {
    ManagedObject {
        kind: text("Deployment"),
        group: text("apps"),
        namespace: text("apps"),
        name: text(service),
    }
}

pub fn image(service: &str, tag: &str) -> Text {
    text(&format!("registry.example/hosting/{service}:{tag}"))
}

pub fn deployment(service: &str, tag: &str, desired: i32, ready: i32) -> Workload {
    Workload {
        kind: Kind::Deployment,
        created: Some(after(-86_400)),
        deleting_since: None,
        labels: Vec::new(),
        managed_by: None,
        owner: None,
        generation: 1,
        observed_generation: 1,
        desired: Some(desired),
        ready,
        updated: desired,
        available: ready,
        paused: false,
        progress_deadline_s: Some(600),
        conditions: Vec::new(),
        containers: vec![MeantContainer { name: text("app"), image: image(service, tag), sidecar: false }],
        init_containers: Vec::new(),
        revision: Some(1),
        template_of: None,
        schedule: None,
        last_run: None,
        finished: None,
    }
}

pub fn replica_set(service: &str, revision: i64) -> ReplicaSet {
    ReplicaSet {
        created: Some(after(-3_700)),
        owner: Some((text("Deployment"), text(service))),
        revision: Some(revision),
    }
}

pub fn pod(set: &str, service: &str, tag: &str, ready: bool) -> Pod {
    Pod {
        created: Some(after(-3_650)),
        deleting_since: None,
        owner: Some((text("ReplicaSet"), text(set))),
        phase: text("Running"),
        ready,
        ready_since: Some(after(-3_640)),
        reason: None,
        message: None,
        containers: vec![RunningContainer {
            name: text("app"),
            image: image(service, tag),
            local_id: None,
            starting: false,
            digest: Some(text(&format!("sha256:{tag:0>64}"))),
            ready,
            restarts: 0,
            started: Some(after(-3_645)),
            trouble: (!ready).then(|| text("CrashLoopBackOff")),
            message: None,
            sidecar: false,
        }],
        init: Vec::new(),
    }
}

/// One healthy service with its Deployment, ReplicaSet and two pods, applied to the index.
pub fn put_service(index: &mut Index, service: &str, tag: &str, mut version: u64) -> u64 {
    let set = format!("{service}-1");
    let mut put = |index: &mut Index, kind, at, body| {
        version += 1;
        index.apply(observation(kind, at, version, body));
    };
    put(
        index,
        Kind::Application,
        name("argocd", &format!("{service}-production")),
        Body::Application(Arc::new(application(service))),
    );
    put(
        index,
        Kind::Deployment,
        name("apps", service),
        Body::Workload(Arc::new(deployment(service, tag, 2, 2))),
    );
    put(index, Kind::ReplicaSet, name("apps", &set), Body::ReplicaSet(Arc::new(replica_set(service, 1))));
    for n in 0..2 {
        let at = name("apps", &format!("{set}-{n}"));
        put(index, Kind::Pod, at, Body::Pod(Arc::new(pod(&set, service, tag, true))));
    }
    version
}

/// What a view says, without the moments at which Landfall noticed it.
pub fn essence(index: &mut Index, now: Timestamp) -> BTreeMap<String, String> {
    let snapshot = index.advance(now).snapshot;
    let environments = snapshot.services.iter().flat_map(|s| &s.environments).map(|e| {
        let mut e = (**e).clone();
        e.since = None;
        e.since_exact = false;
        for image in e.image.iter_mut().chain(&mut e.other_images) {
            image.since = None;
            image.since_exact = false;
            if let Some(outlook) = &mut image.outlook {
                outlook.since = None;
                outlook.settles_at = None;
            }
        }
        (e.id.to_string(), format!("{e:?}"))
    });
    let findings = snapshot
        .findings
        .iter()
        .map(|f| (format!("{} {}", f.rule, f.subject.name), format!("{} {:?}", f.summary, f.severity)));
    // Rounds, and times that nobody tells, are as they were noticed.
    let pulls = snapshot.pulls.iter().map(|pull| {
        let mut pull = (**pull).clone();
        pull.previews.retain(|preview| preview.state != PreviewState::Ended);
        for preview in &mut pull.previews {
            preview.rounds.clear();
            preview.last_good = None;
            preview.waits.iter_mut().for_each(|waits| waits.since = None);
            for step in &mut preview.steps {
                step.took = None;
                // What is no longer told is remembered.
                if !step.exact || step.source.is_none() {
                    (step.at, step.exact) = (None, false);
                }
            }
        }
        pull.state = PreviewState::None;
        (format!("pull {}", pull.id), format!("{pull:?}"))
    });
    environments.chain(findings).chain(pulls).collect()
}
