//! A small world made by hand, for page tests and the gallery. One story, seen Tue 24 Nov 2026 14:05:12 JST.

pub mod pulls;

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write as _,
    sync::Arc,
};

use jiff::{SignedDuration, Timestamp, tz::TimeZone};
use landfall_app::{
    data::{
        Board, Column, Database, DeepLinks, Facet, FacetOption, Freshness, Group, GroupTitle, Pager, Review,
        ReviewCounts, SavedView, Shell, Theme, ViewName,
    },
    format::Clock,
    lang::Lang,
    links::Params,
};
use landfall_model::{
    Text,
    observe::{Condition, Operation, Source as Manifest},
    query::Prepared,
    transition::Transition,
    view::{
        ColumnView, Environment, Finding, ImageView, Proof, RunningImage, Service, Snapshot, SourceView,
        Subject, TagDigest, Trouble, WorkloadView,
    },
    words::{
        Health, Kind, Phase, Rule, Severity, SourceKind, SourceState, State, SubjectKind, SyncStatus,
        TransitionKind,
    },
};

/// The moment the world is seen at.
pub fn now() -> Timestamp {
    "2026-11-24T05:05:12Z".parse().expect("a time")
}

pub fn ago(seconds: i64) -> Timestamp {
    now().checked_sub(SignedDuration::from_secs(seconds)).expect("in range")
}

const MIN: i64 = 60;
const HOUR: i64 = 3_600;
const DAY: i64 = 86_400;

pub fn t(text: &str) -> Text {
    Text::from(text)
}

/// A digest made from a tag, so that equal tags have equal digests.
pub fn digest(tag: &str) -> Text {
    let mut hash = 0xcbf2_9ce4_8422_2325_u64;
    let mut out = String::from("sha256:");
    while out.len() < 71 {
        for byte in tag.bytes() {
            hash = (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        }
        let _ = write!(out, "{hash:016x}");
    }
    out.truncate(71);
    t(&out)
}

pub fn shell(lang: Lang, query: &str, path: &str) -> Shell {
    let snapshot = snapshot();
    Shell {
        clock: Clock { now: now(), zone: TimeZone::get("Asia/Tokyo").expect("a zone"), lang },
        theme: Theme::System,
        path: path.to_owned(),
        params: Params::parse(query),
        at: None,
        since: None,
        review: Review { id: "2026-W47".to_owned(), at: ago(4 * DAY - HOUR + 5 * MIN + 12) },
        assets: "/pkg".to_owned(),
        base: Some("https://landfall.example".to_owned()),
        version: "0.1.0",
        revision: 4711,
        schema: Some(7),
        sources: Freshness::of(&snapshot),
        findings: snapshot.findings.len(),
        gap: None,
        database: Database::Ok,
        starting: None,
        links: Arc::new(DeepLinks {
            argocd: BTreeMap::from([
                (t("prod"), t("https://argocd.hosting.example")),
                (t("stg"), t("https://argocd-stg.hosting.example")),
            ]),
            ..DeepLinks::default()
        }),
    }
}

/// Team, service, production (tag, state, age), staging (the same); an empty tag: nothing there.
type Line = (&'static str, &'static str, (&'static str, State, i64), (&'static str, State, i64));

const LINES: &[Line] = &[
    ("accounts", "control-panel", ("b7c24e0", State::Drifted, HOUR), ("b7c24e0", State::Drifted, HOUR)),
    (
        "accounts",
        "identity-sync",
        ("20261123-101544", State::Healthy, 27 * HOUR),
        ("20261124-094410", State::Healthy, 4 * HOUR),
    ),
    (
        "accounts",
        "mypage",
        ("20261124-091210", State::Healthy, 4 * HOUR),
        ("20261124-091210", State::Healthy, 4 * HOUR),
    ),
    (
        "accounts",
        "session-api",
        ("20261124-134702", State::Progressing, 4 * MIN),
        ("20261124-134702", State::Healthy, 13 * MIN),
    ),
    (
        "accounts",
        "signup",
        ("20261122-174455", State::Healthy, 44 * HOUR),
        ("20261124-112640", State::Healthy, 2 * HOUR),
    ),
    (
        "accounts",
        "two-factor",
        ("20261112-150233", State::Healthy, 11 * DAY),
        ("20261120-163015", State::Healthy, 3 * DAY),
    ),
    ("billing", "billing", ("", State::None, 0), ("20261119-174031", State::Drifted, 4 * DAY)),
    (
        "billing",
        "dunning",
        ("20261117-080000", State::Suspended, 6 * DAY),
        ("20261117-080000", State::Healthy, 7 * DAY),
    ),
    (
        "billing",
        "invoice-pdf",
        ("20261120-140921", State::Healthy, 3 * DAY),
        ("20261124-085012", State::Healthy, 5 * HOUR),
    ),
    (
        "billing",
        "tax-rates",
        ("20261101-000510", State::Healthy, 23 * DAY),
        ("20261101-000510", State::Healthy, 23 * DAY),
    ),
    (
        "domains",
        "dns-editor",
        ("20261124-133350", State::Degraded, 24 * MIN),
        ("20261124-133350", State::Healthy, 27 * MIN),
    ),
    (
        "domains",
        "domain-transfer",
        ("20261118-101112", State::Healthy, 6 * DAY),
        ("20261118-101112", State::Healthy, 6 * DAY),
    ),
    (
        "domains",
        "registrar-sync",
        ("20261116-112200", State::Healthy, 8 * DAY),
        ("20261116-112200", State::Healthy, 8 * DAY),
    ),
    (
        "domains",
        "whois-proxy",
        ("20261109-093000", State::Healthy, 15 * DAY),
        ("20261124-101500", State::Healthy, 3 * HOUR),
    ),
    (
        "mail",
        "mail-admin",
        ("20261120-174410", State::Healthy, 3 * DAY),
        ("20261124-083300", State::Healthy, 5 * HOUR),
    ),
    (
        "mail",
        "mail-migrator",
        ("20261119-091500", State::Healthy, 5 * DAY),
        ("20261119-091500", State::Healthy, 5 * DAY),
    ),
    ("mail", "spam-report", ("", State::Missing, 3 * HOUR), ("20261120-155900", State::Healthy, 3 * DAY)),
    (
        "web hosting",
        "access-log-viewer",
        ("20261119-140200", State::Healthy, 4 * DAY),
        ("20261119-140200", State::Healthy, 4 * DAY),
    ),
    (
        "web hosting",
        "cron-editor",
        ("20261120-111843", State::Healthy, 4 * DAY),
        ("20261120-111843", State::Healthy, 4 * DAY),
    ),
    (
        "web hosting",
        "php-settings",
        ("20261120-090717", State::Healthy, 4 * DAY),
        ("20261124-121930", State::Healthy, HOUR),
    ),
    (
        "web hosting",
        "ssl-issuer",
        ("", State::Unknown, 4 * HOUR),
        ("20261112-091433", State::Healthy, 12 * DAY),
    ),
    (
        "web hosting",
        "wp-installer",
        ("20261123-144005", State::Healthy, 23 * HOUR),
        ("20261123-144005", State::Healthy, 23 * HOUR),
    ),
];

pub fn image(service: &str, team: &str, tag: &str, pods: u32, since: i64) -> ImageView {
    let td = TagDigest { tag: Some(t(tag)), digest: Some(digest(tag)) };
    ImageView {
        repository: t(&format!("registry.hosting.example/{}/{service}", team.replace(' ', "-"))),
        containers: vec![t(service)],
        meant: vec![TagDigest { tag: Some(t(tag)), digest: None }],
        reported: vec![TagDigest { tag: Some(t(tag)), digest: None }],
        running: vec![RunningImage { tag: td.tag, digest: td.digest, pods, ready: pods }],
        since: Some(ago(since)),
        since_exact: true,
        chosen_by: t("container"),
        outlook: (service == "control-panel" && tag == "b7c24e0").then(|| Box::new(outlook())),
    }
}

pub fn environment(team: &str, service: &str, name: &str, tag: &str, state: State, age: i64) -> Environment {
    let instance = if name == "production" { "prod" } else { "stg" };
    let pods = if name == "production" { 6 } else { 2 };
    let ready = if state == State::Degraded { 1 } else { pods };
    let revision = "4f1c2b3a9d8e7f6051423324150617283940abcd";
    Environment {
        id: t(&format!("{instance}:argocd/{service}-{name}")),
        service: t(service),
        name: t(name),
        preview: false,
        mapped_by: t(&format!("Application {service}-{name}: name suffix -{name}")),
        mapped_by_phrase: None,
        cluster: Some(t(instance)),
        namespace: Some(t(&format!("{service}-{instance}"))),
        instance: t(instance),
        application: t(&format!("argocd/{service}-{name}")),
        project: t("default"),
        created: Some(ago(90 * DAY)),
        state,
        why: match state {
            State::Degraded => Some(t("1 of 6 pods ready, CrashLoopBackOff")),
            State::Missing => Some(t("namespaces \"spam-report\" not found")),
            State::Unknown => Some(t("may not read Pod")),
            State::Drifted => Some(t("control-panel runs b7c24e0, meant is c9d41b7")),
            State::Suspended => Some(t("CronJob suspended")),
            _ => None,
        },
        why_phrase: None,
        since: Some(ago(age)),
        since_exact: age < 20 * DAY,
        sync: Some(if state == State::Drifted { SyncStatus::OutOfSync } else { SyncStatus::Synced }),
        health: Some(match state {
            State::Degraded => Health::Degraded,
            State::Missing => Health::Missing,
            State::Progressing => Health::Progressing,
            State::Suspended => Health::Suspended,
            State::Unknown => Health::Unknown,
            _ => Health::Healthy,
        }),
        health_since: Some(ago(age)),
        operation: Some(Operation {
            phase: if state == State::Missing { Phase::Failed } else { Phase::Succeeded },
            message: Some(t("successfully synced (all tasks run)")),
            started_at: Some(ago(age + 40)),
            finished_at: Some(ago(age)),
            retries: 0,
            initiated_by: Some(t("automated")),
            revisions: vec![t(revision)],
        }),
        compared: vec![t(revision)],
        deployed: vec![t(revision)],
        deployed_at: Some(ago(age)),
        manifests: vec![Manifest {
            repo_url: t("https://forge.example/platform/manifests.git"),
            path: Some(t(&format!("{service}/{name}"))),
            target_revision: Some(t("main")),
            ..Manifest::default()
        }],
        auto_sync: Some(true),
        deleting_since: None,
        finalizers: Vec::new(),
        conditions: if state == State::Unknown {
            vec![Condition {
                kind: t("ComparisonError"),
                status: None,
                reason: None,
                message: t(
                    "pods is forbidden: User \"system:serviceaccount:landfall:landfall\" cannot list resource \"pods\"",
                ),
                since: Some(ago(age)),
            }]
        } else {
            Vec::new()
        },
        workloads: vec![WorkloadView {
            kind: Kind::Deployment,
            namespace: t(&format!("{service}-{instance}")),
            name: t(service),
            desired: Some(pods),
            ready: if state == State::Missing { 0 } else { ready },
            missing: state == State::Missing,
            suspended: state == State::Suspended,
            rolling: state == State::Progressing,
            troubles: if state == State::Degraded {
                vec![Trouble {
                    reason: t("CrashLoopBackOff"),
                    container: Some(t(service)),
                    message: Some(t(
                        "back-off 5m0s restarting failed container; exit 1, missing key ZONE_SIGNER",
                    )),
                    pods: 5,
                    since: Some(ago(age)),
                }]
            } else {
                Vec::new()
            },
        }],
        image: (!tag.is_empty()).then(|| image(service, team, tag, u32::try_from(pods).unwrap_or(0), age)),
        other_images: if service == "control-panel" {
            vec![image("nginx-static", "base", "1.27.3", 6, 9 * DAY)]
        } else {
            Vec::new()
        },
        urls: vec![t(&format!("https://{service}.hosting.example"))],
        objects: 12,
        objects_out_of_sync: u32::from(state == State::Drifted),
        sources: vec![t(&format!("argocd/{instance}")), t(&format!("cluster/{instance}"))],
    }
}

fn finding(
    rule: Rule,
    severity: Severity,
    service: &str,
    environment: &str,
    since: i64,
    summary: &str,
    link: bool,
) -> Finding {
    let instance = if environment == "production" { "prod" } else { "stg" };
    let id = format!("{instance}:argocd/{service}-{environment}");
    Finding {
        id: t(&format!("{rule}-{service}-{environment}")),
        rule,
        severity,
        subject: Subject { kind: SubjectKind::Environment, name: t(&id) },
        service: Some(t(service)),
        environment: Some(t(environment)),
        environment_id: Some(t(&id)),
        since: ago(since),
        opened_at: ago(since - 120),
        until: None,
        summary: t(summary),
        summary_phrase: None,
        proof: vec![
            Proof {
                what: t("health"),
                what_phrase: None,
                value: t("Degraded"),
                value_phrase: None,
                source: t("argocd/prod"),
                as_of: Some(ago(since)),
            },
            Proof {
                what: t("pods ready"),
                what_phrase: None,
                value: t("1 of 6, Deployment dns-editor"),
                value_phrase: None,
                source: t("cluster/prod"),
                as_of: None,
            },
            Proof {
                what: t("pods say"),
                what_phrase: None,
                value: t("CrashLoopBackOff (5 pods): exit 1, “missing key ZONE_SIGNER”"),
                value_phrase: None,
                source: t("cluster/prod"),
                as_of: Some(ago(since)),
            },
        ],
        way_out: t("Look at the pods' reason and logs; roll back in Argo CD if the last deploy brought it."),
        way_out_phrase: None,
        link: link.then(|| {
            t(&format!("https://argocd.hosting.example/applications/argocd/{service}-{environment}"))
        }),
    }
}

fn source(name: &str, kind: SourceKind, state: SourceState, last: i64, objects: u64) -> SourceView {
    let column = |kind, objects| ColumnView {
        kind,
        namespace: None,
        state: if state == SourceState::Forbidden && kind == Kind::Pod {
            SourceState::Forbidden
        } else {
            SourceState::Ok
        },
        last_success: Some(ago(last)),
        error: None,
        error_phrase: None,
        objects,
        unreadable: 0,
    };
    SourceView {
        name: t(name),
        kind,
        state,
        since: Some(ago(last.max(9 * DAY))),
        last_success: Some(ago(last)),
        error: (state != SourceState::Ok).then(|| t("connection refused (10.0.4.7:6443)")),
        error_phrase: None,
        objects,
        unreadable: u64::from(name == "argocd/stg"),
        budget: None,
        columns: match kind {
            SourceKind::ArgoCd => vec![
                column(Kind::Application, objects),
                column(Kind::ApplicationSet, 12),
                column(Kind::AppProject, 4),
            ],
            _ => vec![
                column(Kind::Pod, objects),
                column(Kind::Deployment, 62),
                column(Kind::ReplicaSet, 300),
                column(Kind::Event, 40),
            ],
        },
    }
}

pub fn snapshot() -> Arc<Snapshot> {
    let mut services: Vec<Arc<Service>> = LINES
        .iter()
        .map(|(team, name, prod, stg)| {
            let mut environments = Vec::new();
            for (environment_name, (tag, state, age)) in [("production", prod), ("staging", stg)] {
                if *state != State::None {
                    environments.push(Arc::new(environment(team, name, environment_name, tag, *state, *age)));
                }
            }
            if *name == "control-panel" {
                for pr in ["pr-471", "pr-479", "pr-482"] {
                    let mut preview =
                        environment(team, name, pr, &format!("{pr}-e41c07d"), State::Healthy, 5 * HOUR);
                    preview.preview = true;
                    environments.push(Arc::new(preview));
                }
            }
            Arc::new(Service {
                name: t(name),
                owner: Some(t(team)),
                repository: Some(t(&format!("https://forge.example/{}/{name}", team.replace(' ', "-")))),
                environments,
                unassigned: false,
            })
        })
        .collect();
    services.sort_by(|a, b| a.name.cmp(&b.name));
    let sources = [
        source("argocd/prod", SourceKind::ArgoCd, SourceState::Ok, 4, 62),
        source("argocd/stg", SourceKind::ArgoCd, SourceState::Ok, 6, 68),
        source("cluster/prod", SourceKind::Kubernetes, SourceState::Ok, 2, 214),
        source("cluster/stg", SourceKind::Kubernetes, SourceState::Ok, 6, 180),
        source("cluster/dr", SourceKind::Kubernetes, SourceState::Stale, 2 * DAY, 40),
    ];
    let mut silent = finding(
        Rule::SourceStale,
        Severity::Warning,
        "",
        "",
        2 * DAY,
        "No word from cluster/dr: connection refused. Its last known values are shown, marked",
        false,
    );
    silent.subject = Subject { kind: SubjectKind::Source, name: t("cluster/dr") };
    silent.service = None;
    silent.environment = None;
    silent.proof = vec![Proof {
        what: t("Pod"),
        what_phrase: None,
        value: t("connection refused (10.0.4.7:6443)"),
        value_phrase: None,
        source: t("cluster/dr"),
        as_of: Some(ago(2 * DAY)),
    }];
    silent.way_out = t("Check that the source can be reached from here: `landfall doctor` says how.");
    let findings = vec![
        finding(
            Rule::Degraded,
            Severity::Critical,
            "dns-editor",
            "production",
            24 * MIN,
            "1 of 6 pods ready, CrashLoopBackOff after the sync of 20261124-133350",
            true,
        ),
        finding(
            Rule::ImageDrift,
            Severity::Warning,
            "control-panel",
            "production",
            HOUR,
            "6 pods of control-panel run b7c24e0; meant is c9d41b7",
            true,
        ),
        finding(
            Rule::SyncFailed,
            Severity::Warning,
            "spam-report",
            "production",
            3 * HOUR,
            "The sync failed after 5 retries: namespaces \"spam-report\" not found",
            true,
        ),
        silent,
        finding(
            Rule::NoPermission,
            Severity::Warning,
            "ssl-issuer",
            "production",
            4 * HOUR,
            "Landfall may not read Pod in ssl-prod: what rests on it is unknown, not healthy",
            false,
        ),
        finding(
            Rule::MixedImages,
            Severity::Warning,
            "billing",
            "staging",
            4 * DAY,
            "Pods of billing run 2 digests under one tag: it was moved between two pulls",
            true,
        ),
        finding(
            Rule::AutoSyncOff,
            Severity::Notice,
            "whois-proxy",
            "production",
            8 * DAY,
            "Automation was on and is now off",
            true,
        ),
    ];
    Arc::new(Snapshot {
        revision: 4711,
        as_of: Some(now()),
        services,
        findings: findings.into_iter().map(Arc::new).collect(),
        sources: sources.into_iter().map(|s| (Text::clone(&s.name), Arc::new(s))).collect(),
        environment_order: vec![t("production"), t("staging")],
        unassigned: 0,
        generators: Arc::default(),
        pulls: Vec::new(),
    })
}

pub fn board() -> Board {
    board_of(snapshot())
}

pub fn board_of(snapshot: Arc<Snapshot>) -> Board {
    let mut by_team: BTreeMap<Text, Vec<Arc<Service>>> = BTreeMap::new();
    for service in &snapshot.services {
        by_team.entry(service.owner.clone().unwrap_or_else(|| t("–"))).or_default().push(Arc::clone(service));
    }
    let mut worst: BTreeMap<Text, Arc<Finding>> = BTreeMap::new();
    for finding in &snapshot.findings {
        if let Some(service) = &finding.service {
            worst.entry(Text::clone(service)).or_insert_with(|| Arc::clone(finding));
        }
    }
    let columns = snapshot
        .environment_order
        .iter()
        .map(|name| {
            let count = |state: State| {
                snapshot
                    .services
                    .iter()
                    .filter(|s| s.environments.iter().any(|e| e.name == *name && e.state == state))
                    .count()
            };
            Column {
                name: Text::clone(name),
                sources: vec![t(if **name == *"production" { "argocd/prod" } else { "argocd/stg" })],
                stale: 0,
                states: State::ALL.iter().rev().map(|s| (*s, count(*s))).filter(|(_, n)| *n > 0).collect(),
            }
        })
        .collect();
    let option = |value: &str, count| FacetOption { value: t(value), count: Some(count), chosen: false };
    let total = snapshot.services.len();
    Board {
        since_review: Some(ReviewCounts {
            begins: None,
            deploys: 41,
            failed: 3,
            rolled_back: 2,
            opened: 11,
            closed: 8,
        }),
        look: snapshot.findings.clone(),
        columns,
        groups: by_team
            .into_iter()
            .map(|(team, services)| Group {
                title: Some(GroupTitle {
                    filter: Some(("team", Text::clone(&team))),
                    name: Some(team),
                    total: services.len(),
                    look: services.iter().filter(|s| worst.contains_key(&s.name)).count(),
                    unassigned: false,
                }),
                services,
            })
            .collect(),
        facets: vec![
            Facet {
                key: "team",
                options: vec![option("accounts", 13), option("billing", 6), option("domains", 5)],
            },
            Facet { key: "state", options: State::ALL.iter().map(|s| option(s.as_str(), 4)).collect() },
            Facet { key: "env", options: vec![option("production", 60), option("staging", 62)] },
            Facet { key: "rule", options: vec![option("degraded", 1), option("sync-failed", 1)] },
        ],
        views: vec![
            SavedView { name: ViewName::All, query: String::new(), count: Some(total), current: true },
            SavedView {
                name: ViewName::NeedsALook,
                query: "flag=look".into(),
                count: Some(worst.len()),
                current: false,
            },
            SavedView {
                name: ViewName::Shared(t("accounts and billing")),
                query: "team=accounts&team=billing".into(),
                count: Some(13),
                current: false,
            },
        ],
        group_choices: vec!["team", "none"],
        group: "team".into(),
        sort_choices: vec!["name", "since", "state"],
        sort: "name".into(),
        pager: Pager {
            from: 1,
            to: total,
            total,
            limit: 50,
            limits: vec![25, 50, 100, 200],
            next: Some("abc".into()),
            previous: None,
        },
        unfiltered: total,
        stale: 1,
        worst,
        changed: BTreeSet::new(),
        snapshot,
    }
}

#[expect(clippy::too_many_arguments, reason = "a line of a table")]
pub fn transition(
    ago_seconds: i64,
    service: &str,
    environment: &str,
    kind: TransitionKind,
    from: serde_json::Value,
    to: serde_json::Value,
    bad: bool,
    detail: Option<&str>,
) -> Arc<Transition> {
    Arc::new(Transition {
        id: uuid::Uuid::new_v5(
            &uuid::Uuid::NAMESPACE_OID,
            format!("{ago_seconds}{service}{kind}").as_bytes(),
        ),
        at: ago(ago_seconds),
        noticed_at: ago(ago_seconds),
        service: Some(t(service)),
        environment: Some(t(environment)),
        entity: t(&format!("prod:argocd/{service}-{environment}")),
        kind,
        from,
        to,
        detail: detail.map(t),
        detail_phrase: None,
        bad,
        source: t("argocd/prod"),
        subject: t("Deployment"),
    })
}

pub fn transitions() -> Vec<Arc<Transition>> {
    use serde_json::{Value, json};
    let image = |tag: &str| json!({"tag": tag, "digest": &*digest(tag)});
    vec![
        transition(
            4 * MIN,
            "session-api",
            "production",
            TransitionKind::Image,
            image("20261124-101133"),
            image("20261124-134702"),
            false,
            Some("rolling out, 3 of 8 pods"),
        ),
        transition(
            13 * MIN,
            "session-api",
            "staging",
            TransitionKind::Image,
            image("20261124-101133"),
            image("20261124-134702"),
            false,
            None,
        ),
        transition(
            24 * MIN,
            "dns-editor",
            "production",
            TransitionKind::Health,
            json!("Progressing"),
            json!("Degraded"),
            true,
            Some("1 of 4 pods ready, CrashLoopBackOff"),
        ),
        transition(
            72 * MIN,
            "control-panel",
            "production",
            TransitionKind::Finding,
            Value::Null,
            json!("image-drift"),
            true,
            Some("6 pods of control-panel run b7c24e0; meant is c9d41b7"),
        ),
        transition(
            3 * HOUR,
            "spam-report",
            "production",
            TransitionKind::Operation,
            json!("Running"),
            json!("Failed"),
            true,
            Some("namespaces \"spam-report\" not found"),
        ),
        transition(
            5 * HOUR,
            "ssl-issuer",
            "production",
            TransitionKind::Health,
            json!("Healthy"),
            json!("Unknown"),
            true,
            None,
        ),
        transition(
            28 * HOUR,
            "cron-editor",
            "production",
            TransitionKind::Revision,
            json!("4f1c2b3a9d8e7f6051423324150617283940abcd"),
            json!("9d8e7f60514233241506172839404f1c2b3aabcd"),
            false,
            Some("deployed, by automated"),
        ),
        transition(
            29 * HOUR,
            "cron-editor",
            "production",
            TransitionKind::Replicas,
            json!("2 of 4"),
            json!("4 of 4"),
            false,
            None,
        ),
        transition(
            50 * HOUR,
            "wp-installer",
            "staging",
            TransitionKind::Appeared,
            Value::Null,
            json!("argocd/wp-installer-staging"),
            false,
            None,
        ),
    ]
}

pub fn service_page(name: &str) -> landfall_app::data::ServicePage {
    let snapshot = snapshot();
    let service = Arc::clone(snapshot.service(name).expect("in the sample"));
    landfall_app::data::ServicePage {
        findings: snapshot.findings.iter().filter(|f| f.service.as_deref() == Some(name)).cloned().collect(),
        timeline: transitions(),
        no_timeline: None,
        more: true,
        changed: BTreeSet::new(),
        badges: vec![landfall_app::data::Badge {
            environment: t("production"),
            src: landfall_app::links::badge(name, "production", "svg"),
            markdown: format!(
                "[![{name} production](https://landfall.example/badge/x.svg)](https://landfall.example/)"
            ),
        }],
        service,
        snapshot,
    }
}

pub fn images_of(snapshot: &Arc<Snapshot>) -> landfall_app::data::Images {
    let repositories = Prepared::new(snapshot, None).repositories().to_vec();
    landfall_app::data::Images {
        unfiltered: repositories.len(),
        pager: Pager { from: 1, to: repositories.len(), total: repositories.len(), ..Pager::default() },
        facets: Vec::new(),
        sort: "state".into(),
        host: None,
        newest: repositories.iter().map(|_| Some(newest())).collect(),
        repositories,
    }
}

fn newest() -> landfall_app::data::NewestTag {
    let digest = digest("20231127-180000").to_string();
    landfall_app::data::NewestTag { tag: "20231127-180000".into(), digest, at: Some(ago(HOUR)) }
}

/// The reverted release: c9d41b7 is a1f3c92 built again, so newest-build keeps b7c24e0.
fn tags_of_the_revert() -> landfall_model::observe::Repository {
    use landfall_model::{
        image::{ImageFacts, PlatformFacts, SeenBy},
        observe::{Edge, Repository},
    };
    let tags = [
        ("a1f3c92", "a1f3c92", 4 * DAY, 4 * DAY),
        ("b7c24e0", "b7c24e0", 3 * HOUR, 3 * HOUR),
        ("c9d41b7", "a1f3c92", 4 * DAY, HOUR),
        ("main", "a1f3c92", 4 * DAY, HOUR),
        ("pr-482-e41c07d", "e41c07d", HOUR, HOUR),
    ];
    let edge = |(tag, of, _, pushed): &(&str, &str, i64, i64)| Edge {
        tag: t(tag),
        digest: digest(of),
        first_seen: ago(*pushed),
        ended_at: None,
        seen_by: SeenBy::Webhook,
        pushed_at: None,
    };
    let facts = |(_, of, built, _): &(&str, &str, i64, i64)| {
        let part = PlatformFacts {
            platform: t("linux/amd64"),
            manifest: digest(of),
            config: t(of),
            created: Some(t(&ago(*built).to_string())),
        };
        (digest(of), ImageFacts { platforms: vec![part], ..ImageFacts::default() })
    };
    Repository {
        tags: 64,
        settled_at: Some(ago(30 * DAY)),
        edges: tags.iter().map(edge).collect(),
        facts: tags.iter().map(facts).collect(),
        error: None,
    }
}

/// How the image stands after the revert.
pub fn outlook() -> landfall_model::view::Outlook {
    use landfall_model::{
        observe::ObjectName,
        said,
        updater::{
            Pick,
            settings::{ImageSettings, Origin, Setting, Shadowed, WritesBack},
            trap::{Cause, Expected, OrderSource, State as Stands},
        },
        view::{Outlook, PolicyInForce},
    };
    fn set<T>(value: T, origin: Origin) -> Setting<T> {
        Setting { value, origin }
    }
    let image = ImageSettings {
        alias: t("web"),
        repository: t("registry.hosting.example/accounts/control-panel"),
        constraint: t(""),
        strategy: set(t("latest"), Origin::Image),
        force_update: set(false, Origin::Default),
        allow_tags: set(t("regexp:^[0-9a-f]{7}$|^main$"), Origin::Reference),
        ignore_tags: set(vec![t("latest"), t("main")], Origin::Spec),
        platforms: set(Vec::new(), Origin::Default),
        pull_secret: set(None, Origin::Default),
        verified: set(true, Origin::Spec),
        target: landfall_model::observe::ManifestTarget::default(),
        shadowed: vec![Shadowed {
            field: t("forceUpdate"),
            holds: t("false"),
            at: Origin::Image,
            outer: t("true"),
            outer_at: Origin::Spec,
        }],
    };
    let write_back = WritesBack {
        method: set(t("argocd"), Origin::Spec),
        repository: set(None, Origin::Default),
        branch: set(None, Origin::Default),
        target: set(None, Origin::Default),
        pull_request: None,
    };
    let object = |name| ObjectName { namespace: t("argocd"), name: t(name) };
    let policy = PolicyInForce {
        object: Some(object("accounts")),
        name_pattern: Some(t("control-panel-*")),
        from_annotations: false,
        also: vec![object("everything")],
        write_back,
        image,
    };
    Outlook {
        state: Stands::Trapped,
        cause: Some(Cause::Revert),
        summary: said!(
            "trap-revert",
            "{tag} is {before} built again, so its date is older than that of {kept}, which Image Updater keeps",
            tag = "c9d41b7",
            before = "a1f3c92",
            kept = "b7c24e0"
        ),
        proof: Vec::new(),
        way_out: Some(said!(
            "way-trap-sortable",
            "Give images tags that sort by time (20231127-170000) and pick them with alphabetical, or follow one moving tag with digest."
        )),
        expected: Some(Expected {
            tag: t("c9d41b7"),
            digest: digest("a1f3c92"),
            at: Some(ago(HOUR)),
            by: Some(OrderSource::Webhook),
        }),
        would_pick: Some(Pick { tag: "b7c24e0".into(), digest: Some(digest("b7c24e0").to_string()) }),
        since: Some(ago(HOUR)),
        settles_at: None,
        policy: Some(Arc::new(policy)),
        built_from: None,
    }
}

/// The policy of the revert, with what it and others choose.
fn in_force() -> landfall_app::data::InForce {
    let outlook = outlook();
    let policy = outlook.policy.expect("there is one");
    let tags = tags_of_the_revert();
    landfall_app::data::InForce {
        explained: Some(landfall_model::updater::explain(&policy.image, &tags, outlook.expected.as_ref())),
        looked_at: tags.edges.len(),
        tags: 64,
        patterns: policy.name_pattern.iter().cloned().collect(),
        policy,
        uses: vec![0, 1],
    }
}

/// A released image beside the one before, with an arm64 build that only the newer has.
fn compared() -> landfall_app::data::Compared {
    use landfall_app::data::{Compared, ComparedImage, Image, ImagePart};
    let part = |platform: &str, config: &str, revision: &str, bytes| ImagePart {
        platform: Some(platform.into()),
        config: Some(config.into()),
        created: Some(ago(4 * DAY).to_string()),
        labels: vec![
            ("org.opencontainers.image.source".into(), "https://github.com/accounts/control-panel".into()),
            ("org.opencontainers.image.revision".into(), revision.into()),
        ],
        bytes: Some(bytes),
        layers: Some(vec![("base".into(), 201_000_000), (config.into(), bytes - 201_000_000)]),
    };
    let side = |tag: &str, parts| ComparedImage {
        asked: tag.into(),
        image: Some(Image {
            digest: digest(tag).to_string(),
            tags: vec![tag.into(), "main".into()],
            first_seen: Some(ago(4 * DAY)),
            parts,
        }),
    };
    let (a, b) = ("4f1c2b3a9d8e7f6051423324150617283940abcd", "b7c24e05142332415061728394f1c2b3a9d8e7f6");
    Compared {
        from: side("a1f3c92", vec![part("linux/amd64", "sha256:aa", a, 214_000_000)]),
        to: side(
            "b7c24e0",
            vec![
                part("linux/amd64", "sha256:bb", b, 217_100_000),
                part("linux/arm64", "sha256:bc", b, 210_000_000),
            ],
        ),
    }
}

pub fn repository_of(
    snapshot: &Arc<Snapshot>,
    changes: Vec<Arc<Transition>>,
) -> landfall_app::data::RepositoryPage {
    let repository = images_of(snapshot).repositories.swap_remove(0);
    let seen = |tag: &str, of: &str, first, ended: Option<i64>| landfall_app::data::Edge {
        tag: tag.to_owned(),
        digest: digest(of).to_string(),
        created: Some(ago(first + 100)),
        first_seen: ago(first),
        pushed_at: None,
        last_seen: ago(ended.map_or(60, |ended| ended + 60)),
        ended_at: ended.map(ago),
        moved: ended.is_some(),
    };
    let seen = landfall_app::data::Seen {
        tried_at: ago(60),
        tags: 3,
        error: Some("the registry answered 503".into()),
        edges: vec![
            seen("c9d41b7", "a1f3c92", HOUR, None),
            seen("b7c24e0", "b7c24e0", 3 * HOUR, None),
            seen("main", "b7c24e0", 3 * HOUR, Some(HOUR)),
            seen("a1f3c92", "a1f3c92", 4 * DAY, None),
        ],
    };
    let policies = vec![in_force()];
    landfall_app::data::RepositoryPage {
        repository,
        changes,
        missing: None,
        seen: Some(seen),
        policies,
        compared: Some(compared()),
    }
}

pub fn history() -> landfall_app::data::History {
    use landfall_app::data::{Bar, Comparison, Difference, Gap, History, Side};
    let side = |tag: &str, state| Side { tag: Some(t(tag)), digest: Some(digest(tag)), state: Some(state) };
    let from = shell(Lang::En, "", "/history").review.at;
    History {
        missing: None,
        first: Some(ago(84 * DAY)),
        from,
        to: now(),
        total: 214,
        bad: 13,
        histogram: (0..96_u64)
            .map(|i| Bar {
                good: (i * 7 + i * i / 3) % 9 * u64::from(i % 24 > 3 && i % 24 < 18),
                bad: u64::from(i % 17 == 5) * (i % 3),
            })
            .collect(),
        gaps: vec![Gap {
            from: ago(34 * HOUR),
            to: ago(34 * HOUR - 40),
            why: "database away, spool full".into(),
        }],
        kinds: vec![
            (TransitionKind::Image, 86, false),
            (TransitionKind::Health, 30, false),
            (TransitionKind::Finding, 22, false),
            (TransitionKind::Operation, 76, false),
        ],
        facets: vec![Facet {
            key: "env",
            options: vec![FacetOption { value: t("production"), count: None, chosen: false }],
        }],
        transitions: transitions(),
        pager: Pager { next: Some("abc".into()), ..Pager::default() },
        comparison: Some(Comparison {
            from,
            to: now(),
            to_now: true,
            worse: vec![
                Difference {
                    service: t("dns-editor"),
                    environment: t("production"),
                    was: side("20261122-090114", State::Healthy),
                    is: side("20261124-133350", State::Degraded),
                    changed: Some(ago(23 * MIN)),
                },
                Difference {
                    service: t("spam-report"),
                    environment: t("production"),
                    was: Side::default(),
                    is: Side { state: Some(State::Missing), ..Side::default() },
                    changed: Some(ago(3 * HOUR)),
                },
            ],
            better: vec![Difference {
                service: t("wp-installer"),
                environment: t("staging"),
                was: side("20261120-101500", State::Drifted),
                is: side("20261123-144005", State::Healthy),
                changed: Some(ago(23 * HOUR)),
            }],
            other: vec![Difference {
                service: t("mypage"),
                environment: t("production"),
                was: side("20261119-110032", State::Healthy),
                is: side("20261124-091210", State::Healthy),
                changed: Some(ago(4 * HOUR)),
            }],
            more: (0, 0, 29),
        }),
    }
}

pub fn findings() -> landfall_app::data::Findings {
    use landfall_app::data::{Findings, SeverityCounts};
    let snapshot = snapshot();
    let total = snapshot.findings.len();
    Findings {
        closed: false,
        open_total: total,
        closed_total: Some(8),
        counts: SeverityCounts::of(&snapshot.findings),
        opened_since: Some(11),
        closed_since: Some(8),
        findings: snapshot.findings.clone(),
        facets: vec![Facet {
            key: "severity",
            options: vec![
                FacetOption { value: t("critical"), count: Some(1), chosen: false },
                FacetOption { value: t("warning"), count: Some(5), chosen: false },
            ],
        }],
        rules: snapshot.findings.iter().map(|f| (f.rule, 1)).collect(),
        by_rule: false,
        pager: Pager {
            from: 1,
            to: total,
            total,
            limit: 50,
            limits: vec![50, 100],
            next: None,
            previous: None,
        },
        missing: None,
    }
}

pub fn sources() -> landfall_app::data::Sources {
    let snapshot = snapshot();
    landfall_app::data::Sources {
        sources: snapshot.sources.values().cloned().collect(),
        resting: BTreeMap::from([(t("cluster/dr"), 5)]),
    }
}

fn found_sightings() -> landfall_app::data::FoundSightings {
    use landfall_app::data::{Edge, FoundSighting, FoundSightings};
    let found = |tag: &str, ended: Option<i64>, runs: &[(&str, &str)]| FoundSighting {
        repository: "registry.hosting.example/accounts/control-panel".into(),
        is_used: true,
        edge: Edge {
            tag: tag.into(),
            digest: digest(tag).to_string(),
            created: Some(ago(4 * DAY)),
            first_seen: ago(3 * DAY),
            last_seen: ago(60),
            ended_at: ended.map(ago),
            moved: false,
            pushed_at: None,
        },
        revision: Some("4f1c2b3a9d8e7f6051423324150617283940abcd".into()),
        runs: runs.iter().map(|(service, environment)| (t(service), t(environment))).collect(),
    };
    FoundSightings {
        rows: vec![
            found("main-4f1c2b3", None, &[("control-panel", "production"), ("control-panel", "staging")]),
            found("main", Some(HOUR), &[]),
        ],
        first: 30,
        total: 62,
        is_partial: true,
    }
}

pub fn search(q: &str) -> landfall_app::data::Search {
    use landfall_app::data::{Hit, Search};
    let snapshot = snapshot();
    let services: Vec<Hit> = snapshot
        .services
        .iter()
        .filter(|s| s.name.contains(q))
        .map(|s| Hit { service: Arc::clone(s), environments: Vec::new() })
        .collect();
    Search {
        q: q.to_owned(),
        services_total: services.len(),
        services,
        past: Some(transitions()),
        seen: Some(found_sightings()),
        near: vec![t("control-panel")],
    }
}
