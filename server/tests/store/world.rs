//! Small objects to write, and a store to write them to.

use std::{sync::Arc, time::Duration};

use jiff::Timestamp;
use landfall::source::registry::{Child, Described};
use landfall::store::{
    Batch, Epoch, Frame, Leadership, Lease, LeaseSettings, Look, ObjectChange, SourceChange, Store,
};
use landfall_model::{
    Text,
    index::FindingRow,
    observe::{Body, Namespace, ObjectName, Observation, Scope, Version},
    transition::Transition,
    view::{Environment, Finding, SourceView},
    words::{Kind, TransitionKind},
};
use serde_json::{Value, json};
use sqlx::PgPool;
use uuid::Uuid;

/// How long a test waits for what should happen at once on an idle machine.
pub const PATIENCE: Duration = Duration::from_secs(30);

/// Runs a test on a store that is closed at its end, so that the database can be dropped.
pub async fn with_store(pool: PgPool, test: impl AsyncFnOnce(Store)) {
    let store = store_on(&pool);
    test(store.clone()).await;
    store.close().await;
}

/// A store of its own on the same database: another replica.
pub fn store_on(pool: &PgPool) -> Store {
    Store::with_options(pool.connect_options().as_ref().clone(), 4)
}

/// Leads at once and for long, without a task.
pub async fn lead(pool: &PgPool, holder: &str) -> Epoch {
    let number = sqlx::query_scalar::<_, i64>(
        "insert into lease (name, holder, epoch, acquired_at, expires_at)
         values ('landfall', $1, 1, now(), now() + interval '1 hour')
         on conflict (name) do update set holder = $1, epoch = lease.epoch + 1, expires_at = now() + interval '1 hour'
         returning epoch",
    )
    .bind(holder)
    .fetch_one(pool)
    .await
    .expect("a lease");
    Epoch { lease: Text::from("landfall"), number }
}

/// Seeks the lease until it leads.
pub async fn leading(store: &Store, holder: &str, ttl: Duration) -> (Lease, Epoch) {
    let mut settings = LeaseSettings::new(holder).with_ttl(ttl);
    settings.holder = Text::from(holder);
    let lease = Lease::start(store.clone(), settings);
    let epoch = led(&lease).await;
    (lease, epoch)
}

/// Waits until the lease is held.
pub async fn led(lease: &Lease) -> Epoch {
    let mut leadership = lease.leadership();
    let wait = leadership.wait_for(|now| now.epoch().is_some());
    let now = tokio::time::timeout(PATIENCE, wait).await.expect("leads in time").expect("a living task");
    now.epoch().cloned().expect("an epoch")
}

/// Waits until a candidate knows who leads.
pub async fn known_leader(lease: &Lease) -> Option<Text> {
    let mut leadership = lease.leadership();
    let wait = leadership.wait_for(|now| !matches!(now, Leadership::Follower { leader: None }));
    match &*tokio::time::timeout(PATIENCE, wait).await.expect("looks in time").expect("a living task") {
        Leadership::Follower { leader } => leader.clone(),
        Leadership::Leader { .. } => None,
    }
}

/// Waits until it is not held.
pub async fn followed(lease: &Lease) -> Option<Text> {
    let mut leadership = lease.leadership();
    let wait = leadership.wait_for(|now| now.epoch().is_none());
    match &*tokio::time::timeout(PATIENCE, wait).await.expect("follows in time").expect("a living task") {
        Leadership::Follower { leader } => leader.clone(),
        Leadership::Leader { .. } => None,
    }
}

pub fn at(text: &str) -> Timestamp {
    text.parse().expect("a time")
}

pub fn batch() -> Batch {
    Batch { id: Uuid::new_v4(), ..Batch::default() }
}

pub fn scope() -> Scope {
    Scope { source: Text::from("cluster/prod"), kind: Kind::Namespace }
}

pub fn name(name: &str) -> ObjectName {
    ObjectName { namespace: Text::from(""), name: Text::from(name) }
}

/// An object called `called` whose body says `label`.
pub fn object(called: &str, label: &str, resource: u64) -> Observation {
    Observation {
        scope: scope(),
        name: name(called),
        uid: Text::from("u-1"),
        version: Version { epoch: 1, resource },
        noticed_at: at("2026-11-20T10:00:00.123456Z"),
        body: Body::Namespace(Arc::new(Namespace {
            created: None,
            deleting_since: None,
            labels: vec![(Text::from("label"), Text::from(label))],
        })),
    }
}

pub fn put(called: &str, label: &str, resource: u64) -> ObjectChange {
    ObjectChange::Put(object(called, label, resource))
}

pub fn gone(called: &str) -> ObjectChange {
    ObjectChange::Gone(scope(), name(called))
}

/// The `n`th change of `service`.
pub fn transition(n: u128, service: &str, noticed_at: &str) -> Transition {
    Transition {
        id: Uuid::from_u128(n),
        at: at(noticed_at),
        noticed_at: at(noticed_at),
        service: Some(Text::from(service)),
        environment: Some(Text::from("production")),
        entity: Text::from(format!("main:argocd/{service}")),
        kind: TransitionKind::Sync,
        from: json!("Synced"),
        to: json!({"n": n.to_string()}),
        detail: None,
        detail_phrase: None,
        bad: n.is_multiple_of(2),
        source: Text::from("argocd/main"),
        subject: Text::from("Application"),
    }
}

/// The view of `id` that is told apart by `why`.
pub fn environment(id: &str, why: &str) -> Environment {
    serde_json::from_value(json!({
        "id": id, "service": id, "name": "production", "preview": false, "mapped_by": "test", "instance": "main",
        "application": "argocd/app", "project": "default", "state": "healthy", "why": why, "since_exact": true,
        "compared": [], "deployed": [], "manifests": [], "finalizers": [], "conditions": [], "workloads": [],
        "other_images": [], "urls": [], "objects": 1, "objects_out_of_sync": 0, "sources": ["argocd/main"],
    }))
    .expect("an environment")
}

pub fn frame(id: &str, moment: Timestamp, why: Option<&str>) -> Frame {
    Frame { entity: Text::from(id), at: moment, view: why.map(|why| Arc::new(environment(id, why))) }
}

pub fn source(called: &str, state: &str, last_success: &str) -> SourceView {
    serde_json::from_value(json!({
        "name": called, "kind": "kubernetes", "state": state, "since": null, "last_success": last_success,
        "error": null, "objects": 1, "unreadable": 0, "columns": [],
    }))
    .expect("a source")
}

pub fn source_change(called: &str, state: &str, moment: &str) -> SourceChange {
    SourceChange { at: at(moment), view: Arc::new(source(called, state, moment)) }
}

pub fn finding(id: &str, opened_at: &str, until: Option<&str>) -> Finding {
    serde_json::from_value(json!({
        "id": id, "rule": "degraded", "severity": "critical", "subject": {"kind": "environment", "name": "web"},
        "service": "web", "environment": "production", "environment_id": "main:argocd/web",
        "since": opened_at, "opened_at": opened_at, "until": until, "summary": "s", "proof": [], "way_out": "w",
        "link": null,
    }))
    .expect("a finding")
}

pub fn finding_row(id: &str, opened_at: &str, until: Option<&str>, open: bool) -> FindingRow {
    FindingRow { finding: finding(id, opened_at, until), open }
}

/// A look that saw where one tag of `registry.example/web` points.
pub fn look(tag: &str, digest: &str) -> Look {
    Look {
        repository: "registry.example/web".into(),
        registry: "registry.example".into(),
        at: at("2026-11-20T10:00:00Z"),
        pointed: [(tag.to_owned(), digest.to_owned())].into(),
        ..Look::default()
    }
}

/// An index of these platforms.
pub fn described(digest: &str, children: &[&str]) -> Described {
    let child = |digest: &&str| Child { digest: (*digest).to_owned(), platform: None };
    Described {
        digest: digest.into(),
        media_type: "application/vnd.oci.image.index.v1+json".into(),
        children: children.iter().map(child).collect(),
        config: None,
        platform: None,
        created: None,
        created_text: None,
        labels: Vec::new(),
        size: None,
        layers: None,
        error: None,
    }
}

/// How many rows a table has.
pub async fn rows(pool: &PgPool, query: &'static str) -> i64 {
    sqlx::query_scalar(query).fetch_one(pool).await.expect(query)
}

/// Waits until a query gives `true`.
pub async fn until_true(pool: &PgPool, query: &'static str) {
    let wait = async {
        while !sqlx::query_scalar::<_, bool>(query).fetch_one(pool).await.unwrap_or(false) {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(PATIENCE, wait).await.unwrap_or_else(|_| panic!("never true: {query}"));
}

pub fn to_json(value: &impl serde::Serialize) -> Value {
    serde_json::to_value(value).expect("JSON")
}
