//! The control endpoint, on a port of its own: counters, violations, faults, rights, objects and the clock over HTTP.
//!
//! For tests in a browser and for playing by hand. Nothing here is part of the Kubernetes API.

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::counters::{Counters, Violation};
use crate::faults::{Fault, UnknownResource};
use crate::store::ApplyError;
use crate::story::Action;
use crate::world::World;

pub(crate) fn router(world: World) -> Router {
    Router::new()
        .route("/_sandbox", get(about))
        .route("/_sandbox/counters", get(counters).delete(reset))
        .route("/_sandbox/violations", get(violations))
        .route("/_sandbox/faults", get(faults).post(inject).delete(clear))
        .route("/_sandbox/access", post(access))
        .route("/_sandbox/clock", get(time).post(advance))
        .route("/_sandbox/story", get(units).post(act))
        .route("/_sandbox/autoplay", post(autoplay))
        .route("/_sandbox/hostile", post(hostile))
        .route("/_sandbox/landfall.toml", get(configuration))
        .route("/_sandbox/objects/{cluster}", post(apply))
        .route("/_sandbox/objects/{cluster}/{resource}/{namespace}/{name}", get(object).delete(delete))
        .with_state(world)
}

/// A request that could not be done, with the reason.
struct Refused(StatusCode, String);

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        (self.0, Json(json!({ "error": self.1 }))).into_response()
    }
}

impl From<UnknownResource> for Refused {
    fn from(error: UnknownResource) -> Self {
        Self(StatusCode::UNPROCESSABLE_ENTITY, error.to_string())
    }
}

impl From<ApplyError> for Refused {
    fn from(error: ApplyError) -> Self {
        Self(StatusCode::UNPROCESSABLE_ENTITY, error.to_string())
    }
}

fn known(world: &World, name: &str) -> Result<crate::Cluster, Refused> {
    let found = world.clusters().into_iter().find(|cluster| cluster.name() == name);
    found.ok_or_else(|| Refused(StatusCode::NOT_FOUND, format!("no cluster {name:?}")))
}

/// The clusters that a request means: one, or all without a name.
fn meant(world: &World, name: Option<&str>) -> Result<Vec<crate::Cluster>, Refused> {
    match name {
        Some(name) => Ok(vec![known(world, name)?]),
        None => Ok(world.clusters()),
    }
}

async fn about(State(world): State<World>) -> Json<Value> {
    let endpoints = world.0.endpoints.lock().unwrap_or_else(std::sync::PoisonError::into_inner).clone();
    let sizes: Value =
        world.clusters().iter().map(|cluster| (cluster.name().to_owned(), json!(cluster.sizes()))).collect();
    let registry = world.0.registry.lock().unwrap_or_else(std::sync::PoisonError::into_inner).clone();
    Json(
        json!({ "clusters": endpoints, "registry": registry, "objects": sizes, "now": world.clock().now().to_string() }),
    )
}

async fn counters(State(world): State<World>) -> Json<Counters> {
    Json(world.counters())
}

async fn reset(State(world): State<World>) -> StatusCode {
    world.reset_counters();
    StatusCode::NO_CONTENT
}

async fn violations(State(world): State<World>) -> Json<Vec<Violation>> {
    Json(world.violations())
}

async fn faults(State(world): State<World>) -> Json<Value> {
    let all: Value = world
        .clusters()
        .iter()
        .map(|cluster| {
            let active: Vec<Value> = cluster
                .faults()
                .active()
                .into_iter()
                .map(|(resource, fault)| json!({ "resource": resource, "fault": fault }))
                .collect();
            (cluster.name().to_owned(), json!(active))
        })
        .collect();
    Json(all)
}

/// `{"cluster":"prod","resource":"pods","fault":"slow","ms":200}`; without cluster or resource: all.
#[derive(Deserialize)]
struct Inject {
    cluster: Option<String>,
    resource: Option<String>,
    #[serde(flatten)]
    fault: Fault,
}

async fn inject(State(world): State<World>, Json(body): Json<Inject>) -> Result<StatusCode, Refused> {
    for cluster in meant(&world, body.cluster.as_deref())? {
        cluster.inject(body.resource.as_deref().unwrap_or("*"), body.fault.clone())?;
    }
    Ok(StatusCode::NO_CONTENT)
}

async fn clear(State(world): State<World>) -> Result<StatusCode, Refused> {
    for cluster in world.clusters() {
        cluster.faults().clear("*")?;
    }
    Ok(StatusCode::NO_CONTENT)
}

/// `{"cluster":"prod","resource":"pods","namespace":"ssl-prod","do":"allow"}`
#[derive(Deserialize)]
struct Access {
    cluster: Option<String>,
    resource: String,
    namespace: Option<String>,
    r#do: Change,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Change {
    Allow,
    Forbid,
    NamespacedOnly,
    Install,
    Uninstall,
}

async fn access(State(world): State<World>, Json(body): Json<Access>) -> Result<StatusCode, Refused> {
    for cluster in meant(&world, body.cluster.as_deref())? {
        match body.r#do {
            Change::Allow => cluster.allow(&body.resource, body.namespace.as_deref())?,
            Change::Forbid => cluster.forbid(&body.resource, body.namespace.as_deref())?,
            Change::NamespacedOnly => cluster.namespaced_only(&body.resource)?,
            Change::Install => cluster.install(&body.resource)?,
            Change::Uninstall => cluster.uninstall(&body.resource)?,
        }
    }
    Ok(StatusCode::NO_CONTENT)
}

async fn time(State(world): State<World>) -> Json<Value> {
    Json(json!({ "now": world.clock().now().to_string() }))
}

/// `{"advance_s": 60}`
#[derive(Deserialize)]
struct Advance {
    advance_s: u64,
}

async fn advance(State(world): State<World>, Json(body): Json<Advance>) -> Json<Value> {
    world.advance(std::time::Duration::from_secs(body.advance_s));
    time(State(world)).await
}

async fn apply(
    State(world): State<World>,
    Path(cluster): Path<String>,
    Json(object): Json<Value>,
) -> Result<Json<Value>, Refused> {
    let version = known(&world, &cluster)?.apply(object)?;
    Ok(Json(json!({ "resourceVersion": version.to_string() })))
}

type ObjectPath = (String, String, String, String);

/// A namespace of `-` means none.
fn plain(namespace: &str) -> &str {
    if namespace == "-" { "" } else { namespace }
}

async fn object(
    State(world): State<World>,
    Path((cluster, resource, namespace, name)): Path<ObjectPath>,
) -> Result<Json<Value>, Refused> {
    let found = known(&world, &cluster)?.get(&resource, plain(&namespace), &name);
    found.map(Json).ok_or_else(|| Refused(StatusCode::NOT_FOUND, "no such object".to_owned()))
}

async fn delete(
    State(world): State<World>,
    Path((cluster, resource, namespace, name)): Path<ObjectPath>,
) -> Result<StatusCode, Refused> {
    if known(&world, &cluster)?.delete(&resource, plain(&namespace), &name) {
        Ok(StatusCode::NO_CONTENT)
    } else {
        Err(Refused(StatusCode::NOT_FOUND, "no such object".to_owned()))
    }
}

async fn units(State(world): State<World>) -> Json<Value> {
    let units: Vec<Value> = world
        .units()
        .into_iter()
        .map(|(service, environment)| json!({ "service": service, "environment": environment }))
        .collect();
    Json(json!(units))
}

/// `{"service":"mypage","environment":"production","do":"deploy","tag":"20261124-150000"}`
#[derive(Deserialize)]
struct Act {
    service: String,
    environment: String,
    #[serde(flatten)]
    action: Action,
}

async fn act(State(world): State<World>, Json(body): Json<Act>) -> Result<StatusCode, Refused> {
    world
        .act(&body.service, &body.environment, body.action)
        .map_err(|error| Refused(StatusCode::NOT_FOUND, error.to_string()))?;
    Ok(StatusCode::NO_CONTENT)
}

/// `{"on": true}`
#[derive(Deserialize)]
struct Autoplay {
    on: bool,
}

async fn autoplay(State(world): State<World>, Json(body): Json<Autoplay>) -> StatusCode {
    world.autoplay(body.on);
    StatusCode::NO_CONTENT
}

/// `{"round": 2}`: the hostile cast comes, or changes.
#[derive(Deserialize)]
struct Hostile {
    #[serde(default)]
    round: u32,
}

async fn hostile(State(world): State<World>, Json(body): Json<Hostile>) -> Result<Json<Value>, Refused> {
    Ok(Json(json!({ "objects": world.hostile(body.round)? })))
}

async fn configuration(State(world): State<World>) -> String {
    world.landfall_toml()
}
