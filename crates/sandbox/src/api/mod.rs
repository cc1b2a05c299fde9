//! The API server's face: paths to answers, as a real one gives them, and nothing else.

mod discovery;
mod item;
mod list;
mod options;
mod path;
mod review;
mod selector;
mod status;
mod watch;

use std::sync::{Arc, PoisonError};

use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, Method, Request, Response, StatusCode, header};
use axum::response::IntoResponse;
use tokio_util::sync::CancellationToken;

use self::options::Options;
use self::path::{Asked, Target};
use self::selector::Selector;
use self::status::Status;
use crate::cluster::Cluster;
use crate::counters::Violation;
use crate::faults::Gate;
use crate::kinds::KindId;

/// What one cluster's server needs.
#[derive(Clone, Debug)]
pub(crate) struct Server {
    pub cluster: Cluster,
    /// Ends open watches and hanging requests.
    pub stop: CancellationToken,
}

/// The routes of one cluster: a single handler, since everything hangs on the path.
pub(crate) fn router(server: Server) -> axum::Router {
    axum::Router::new().fallback(answer).with_state(Arc::new(server))
}

/// How a request is counted.
struct Counted {
    verb: &'static str,
    resource: &'static str,
}

async fn answer(State(server): State<Arc<Server>>, request: Request<Body>) -> Response<Body> {
    let asked = path::parse(request.uri().path());
    let options = match Options::parse(request.uri()) {
        Ok(options) => options,
        Err(status) => return status.into_response(),
    };
    let counted = count_as(&asked, &options);
    let response = respond(&server, request, asked, options, &counted).await;
    server.cluster.0.recorder.request(counted.verb, counted.resource, response.status().as_u16());
    response
}

fn count_as(asked: &Asked, options: &Options) -> Counted {
    let (verb, resource) = match asked {
        Asked::Objects(target) => {
            let verb = if target.name.is_some() {
                "get"
            } else if options.watch && options.send_initial_events {
                "watch-list"
            } else if options.watch {
                "watch"
            } else if options.continue_at.is_some() {
                "list-page"
            } else {
                "list"
            };
            (verb, target.id.kind().plural)
        }
        Asked::Version
        | Asked::Core
        | Asked::CoreV1
        | Asked::Groups
        | Asked::Group(_)
        | Asked::GroupVersion(..) => ("discovery", "-"),
        Asked::AccessReview | Asked::RulesReview => ("review", "-"),
        Asked::Health => ("health", "-"),
        Asked::Secret(..) => ("get", "secrets"),
        Asked::Unknown(_) => ("other", "-"),
    };
    Counted { verb, resource }
}

async fn respond(
    server: &Server,
    request: Request<Body>,
    asked: Asked,
    options: Options,
    counted: &Counted,
) -> Response<Body> {
    let cluster = &server.cluster;
    let id = if let Asked::Objects(target) = &asked { Some(target.id) } else { None };
    if let Some(delay) = cluster.0.faults.delay(id) {
        tokio::time::sleep(delay).await;
    }
    hang_while_half_open(server, id).await;

    let method = request.method().clone();
    let posts = matches!(asked, Asked::AccessReview | Asked::RulesReview);
    let public = matches!(asked, Asked::Version | Asked::Health);
    if !public && !authorised(cluster, request.headers()) {
        return Status::unauthorized().into_response();
    }
    if method != if posts { Method::POST } else { Method::GET } {
        let why = if method == Method::GET { "a review is posted" } else { "a reader may not write" };
        return violation(cluster, &request, why, &Status::forbidden_write(&method, request.uri().path()));
    }
    match cluster.0.faults.gate(id, counted.verb.trim_end_matches("-page")) {
        Gate::Status(403) => return Status::forbidden(id, None, counted.verb, "").into_response(),
        Gate::Status(code) => return Status::by_code(code).into_response(),
        Gate::NotYetAllowed if !public => {
            let why = ": RBAC: [clusterrole.rbac.authorization.k8s.io \"landfall\" not found]";
            return Status::forbidden(id, None, counted.verb, why).into_response();
        }
        Gate::NotYetServing if !public => return Status::not_installed_yet().into_response(),
        Gate::Pass | Gate::NotYetAllowed | Gate::NotYetServing => {}
    }
    match asked {
        Asked::Objects(target) => objects(server, target, options, request.headers(), counted).await,
        Asked::Version => discovery::version(),
        Asked::Core => discovery::core(cluster, request.headers()),
        Asked::CoreV1 => discovery::group_version(cluster, "", "v1"),
        Asked::Groups => discovery::groups(cluster, request.headers()),
        Asked::Group(group) => discovery::group(cluster, &group),
        Asked::GroupVersion(group, version) => discovery::group_version(cluster, &group, &version),
        Asked::Health => health(cluster),
        Asked::AccessReview => review::access(cluster, request.into_body()).await,
        Asked::RulesReview => review::rules(cluster, request.into_body()).await,
        Asked::Secret(namespace, name) => secret(cluster, &request, &namespace, &name),
        Asked::Unknown(known_secret) => {
            let status = Status::forbidden_path(request.uri().path(), known_secret);
            violation(cluster, &request, "not a path that a reader has business with", &status)
        }
    }
}

/// One Secret, if a test lets the reader have it.
fn secret(cluster: &Cluster, request: &Request<Body>, namespace: &str, name: &str) -> Response<Body> {
    let planted = cluster.0.secrets.lock().unwrap_or_else(PoisonError::into_inner);
    let planted = planted.get(&(namespace.to_owned(), name.to_owned())).cloned();
    let status = Status::forbidden_path(request.uri().path(), true);
    match planted {
        Some(Some(data)) => axum::Json(serde_json::json!({
            "kind": "Secret", "apiVersion": "v1", "type": "kubernetes.io/dockerconfigjson",
            "metadata": {"namespace": namespace, "name": name}, "data": data,
        }))
        .into_response(),
        Some(None) => status.into_response(),
        None => violation(cluster, request, "not a Secret that the reader has business with", &status),
    }
}

async fn objects(
    server: &Server,
    target: Target,
    options: Options,
    headers: &HeaderMap,
    counted: &Counted,
) -> Response<Body> {
    let cluster = &server.cluster;
    let id = target.id;
    let namespace = target.namespace.as_deref().filter(|_| id.kind().namespaced);
    let verb = match counted.verb {
        "watch-list" => "watch",
        "list-page" => "list",
        verb => verb,
    };
    if !cluster.0.access.may_read(id, namespace) {
        return Status::forbidden(Some(id), namespace, verb, "").into_response();
    }
    if !cluster.0.access.installed(id) {
        return status::page_not_found();
    }
    let selector = match Selector::parse(id, &target, &options) {
        Ok(selector) => selector,
        Err(status) => return status.into_response(),
    };
    let partial = wants_partial(headers);
    if let Some(name) = &target.name {
        return item::get(cluster, id, target.namespace.as_deref().unwrap_or_default(), name, partial);
    }
    if options.watch {
        watch::watch(server, id, selector, options, partial)
    } else {
        list::list(server, id, selector, options, partial).await
    }
}

/// Whether the client asks for `PartialObjectMetadata`. Its Accept header may name several forms; the first one that
/// the server knows wins, and protobuf is not known here.
fn wants_partial(headers: &HeaderMap) -> bool {
    let accept = headers.get(header::ACCEPT).and_then(|value| value.to_str().ok()).unwrap_or_default();
    accept
        .split(',')
        .map(str::trim)
        .find(|form| form.starts_with("application/json"))
        .is_some_and(|form| form.contains("as=PartialObjectMetadata"))
}

fn authorised(cluster: &Cluster, headers: &HeaderMap) -> bool {
    let Some(token) = cluster.token() else { return true };
    headers
        .get(header::AUTHORIZATION)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.strip_prefix("Bearer "))
        .is_some_and(|given| given == token)
}

async fn hang_while_half_open(server: &Server, id: Option<KindId>) {
    let mut epoch = server.cluster.0.faults.subscribe();
    while server.cluster.0.faults.half_open(id) {
        tokio::select! {
            () = server.stop.cancelled() => return,
            changed = epoch.changed() => if changed.is_err() { return },
        }
    }
}

fn violation(cluster: &Cluster, request: &Request<Body>, why: &str, status: &Status) -> Response<Body> {
    cluster.0.recorder.violation(Violation {
        cluster: cluster.name().to_owned(),
        method: request.method().to_string(),
        path: request.uri().to_string(),
        why: why.to_owned(),
    });
    status.clone().into_response()
}

fn health(cluster: &Cluster) -> Response<Body> {
    if cluster.0.faults.restarting().is_some() {
        return (StatusCode::INTERNAL_SERVER_ERROR, "[-]poststarthook/rbac/bootstrap-roles failed")
            .into_response();
    }
    "ok".into_response()
}

fn json(status: StatusCode, body: impl Into<Body>) -> Response<Body> {
    let mut response = Response::new(body.into());
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, header::HeaderValue::from_static("application/json"));
    headers.insert(header::CACHE_CONTROL, header::HeaderValue::from_static("no-cache, private"));
    response
}
