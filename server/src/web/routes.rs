//! Every route, each with its rule. What does not stand in [`ROUTES`] is not served.

use axum::{
    Router,
    extract::State,
    http::{HeaderMap, Uri},
    response::Response,
    routing::{MethodRouter, get, post},
};
use landfall_model::said;

use super::{AppState, Problem, api, assets, badge, card, events, guard, health, metrics, respond, webhook};

/// Who may use a route.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Tells nothing about what is watched: health, assets.
    Anybody,
    /// Shows what is watched; asks for sign-in once access control is configured.
    Reader,
    /// State and tag of one environment, told to whoever has the address once addresses are signed.
    Address,
    /// Proves itself by a secret of its own, and is told nothing.
    Caller,
    /// For the machine that scrapes: names of sources and counts, nothing else.
    Operator,
}

/// What caches may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Caching {
    /// Keep it, but ask each time (`ETag`).
    Revalidate,
    /// Do not keep it.
    Never,
    /// The handler says it: immutable where the URL names the content.
    Own,
}

/// A page for people.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Page {
    Board,
    Service,
    History,
    Findings,
    Sources,
    Images,
    /// One repository of images.
    Image,
    /// Pull requests with their previews.
    Previews,
    /// One pull request of the first forge.
    Pull,
    /// One of a forge by its name.
    ForgePull,
    Search,
    /// Saved views.
    Views,
    /// The readable page of the API.
    Api,
    Docs,
}

/// A form that a page sends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Form {
    /// Saves, renames or deletes one of the reader's own views, in a cookie of his.
    Views,
}

/// What answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    Page(Page),
    Form(Form),
    Api(api::Endpoint),
    /// State and tag of an environment in a picture.
    Badge,
    /// A page in a picture.
    Card,
    Events,
    Asset,
    Live,
    Ready,
    Metrics,
    /// A registry says that something was pushed.
    RegistryWebhook,
    ForgeWebhook,
    GithubWebhook,
}

/// One route.
#[derive(Debug, Clone, Copy)]
pub struct Route {
    /// `GET` means `HEAD` as well.
    pub method: &'static str,
    pub path: &'static str,
    pub access: Access,
    pub caching: Caching,
    pub answer: Answer,
}

const fn page(path: &'static str, page: Page) -> Route {
    let (access, caching) = (Access::Reader, Caching::Revalidate);
    Route { method: "GET", path, access, caching, answer: Answer::Page(page) }
}

/// A form is sent to the page that shows it. It must come from one of our pages (see `guard`).
const fn form(path: &'static str, form: Form) -> Route {
    let (access, caching) = (Access::Reader, Caching::Never);
    Route { method: "POST", path, access, caching, answer: Answer::Form(form) }
}

const fn api(path: &'static str, endpoint: api::Endpoint) -> Route {
    let (access, caching) = (Access::Reader, Caching::Revalidate);
    Route { method: "GET", path, access, caching, answer: Answer::Api(endpoint) }
}

const fn webhook(path: &'static str, answer: Answer) -> Route {
    Route { method: "POST", path, access: Access::Caller, caching: Caching::Never, answer }
}

const fn other(path: &'static str, access: Access, caching: Caching, answer: Answer) -> Route {
    Route { method: "GET", path, access, caching, answer }
}

/// Every route.
pub const ROUTES: &[Route] = &[
    page("/", Page::Board),
    page("/services/{name}", Page::Service),
    page("/history", Page::History),
    page("/findings", Page::Findings),
    page("/sources", Page::Sources),
    page("/images", Page::Images),
    page("/images/{*repository}", Page::Image),
    page("/previews", Page::Previews),
    page("/pr/{*path}", Page::Pull),
    page("/forge/{*path}", Page::ForgePull),
    page("/search", Page::Search),
    page("/views", Page::Views),
    form("/views", Form::Views),
    page("/api", Page::Api),
    page("/docs", Page::Docs),
    page("/docs/{*path}", Page::Docs),
    api("/api/v1/services", api::Endpoint::Services),
    api("/api/v1/services.csv", api::Endpoint::ServicesCsv),
    api("/api/v1/services/{name}", api::Endpoint::Service),
    api("/api/v1/history", api::Endpoint::History),
    api("/api/v1/history.csv", api::Endpoint::HistoryCsv),
    api("/api/v1/history.jsonl", api::Endpoint::HistoryLines),
    api("/api/v1/findings", api::Endpoint::Findings),
    api("/api/v1/findings.csv", api::Endpoint::FindingsCsv),
    api("/api/v1/sources", api::Endpoint::Sources),
    api("/api/v1/sources.csv", api::Endpoint::SourcesCsv),
    api("/api/v1/images", api::Endpoint::Images),
    api("/api/v1/images.csv", api::Endpoint::ImagesCsv),
    api("/api/v1/images/{*repository}", api::Endpoint::Image),
    api("/api/v1/previews", api::Endpoint::Previews),
    api("/api/v1/previews.csv", api::Endpoint::PreviewsCsv),
    api("/api/v1/previews/weeks", api::Endpoint::PreviewWeeks),
    api("/api/v1/pulls/{*pull}", api::Endpoint::Pull),
    api("/api/v1/search", api::Endpoint::Search),
    api("/api/v1/openapi.json", api::Endpoint::OpenApi),
    other("/badge/{service}/{file}", Access::Address, Caching::Revalidate, Answer::Badge),
    other("/card/{*page}", Access::Reader, Caching::Revalidate, Answer::Card),
    webhook("/webhooks/registry/{name}", Answer::RegistryWebhook),
    webhook("/webhooks/forge/{name}", Answer::ForgeWebhook),
    webhook("/webhooks/github", Answer::GithubWebhook),
    other("/events", Access::Reader, Caching::Never, Answer::Events),
    other("/pkg/{*file}", Access::Anybody, Caching::Own, Answer::Asset),
    other("/livez", Access::Anybody, Caching::Never, Answer::Live),
    other("/readyz", Access::Anybody, Caching::Never, Answer::Ready),
    other("/metrics", Access::Operator, Caching::Never, Answer::Metrics),
];

/// The rule of a path as it stands in the table; `HEAD` has that of `GET`.
pub fn rule(method: &str, path: &str) -> Option<&'static Route> {
    let method = if method == "HEAD" { "GET" } else { method };
    let mut here = ROUTES.iter().filter(|route| route.path == path);
    here.clone().find(|route| route.method == method).or_else(|| here.next())
}

/// The methods that an address takes, as the header `Allow` tells them.
pub fn allowed(path: &str) -> &'static str {
    let is = |method: &str| ROUTES.iter().any(|route| fits(route.path, path) && route.method == method);
    match (is("GET"), is("POST")) {
        (false, true) => "POST",
        (_, true) => "GET, HEAD, POST",
        _ => "GET, HEAD",
    }
}

/// Whether an address is of this route: names in braces stand for one part.
fn fits(route: &str, path: &str) -> bool {
    let (mut parts, mut route) = (path.split('/'), route.split('/'));
    route.all(|part| parts.next().is_some_and(|said| part == said || part.starts_with('{')))
        && parts.next().is_none()
}

/// Who draws the pages.
pub trait Pages: Send + Sync + 'static {
    /// The handler of a page. It answers GET (and with it HEAD) only.
    fn handler(&self, page: Page) -> MethodRouter<AppState>;

    /// The handler of a form. It answers POST only.
    fn form(&self, form: Form) -> MethodRouter<AppState>;

    /// An error as a page, complete HTML.
    fn error(&self, state: &AppState, uri: &Uri, headers: &HeaderMap, problem: &Problem) -> String;

    /// Base64 of the SHA-256 of each constant inline script, for the content security policy.
    fn script_hashes(&self) -> Vec<String>;
}

/// The router, made from [`ROUTES`].
pub fn router(state: &AppState) -> Router {
    let mut router = Router::new();
    for route in ROUTES {
        router = router.route(route.path, handler(route.answer, state));
    }
    router
        .fallback(not_found)
        .method_not_allowed_fallback(wrong_method)
        .layer(axum::middleware::from_fn_with_state(state.clone(), guard::guard))
        .with_state(state.clone())
}

fn handler(answer: Answer, state: &AppState) -> MethodRouter<AppState> {
    match answer {
        Answer::Page(page) => state.pages.handler(page),
        Answer::Form(form) => state.pages.form(form),
        Answer::Api(endpoint) => api::handler(endpoint),
        Answer::Badge => get(badge::badge),
        Answer::Card => get(card::card),
        Answer::Events => get(events::events),
        Answer::Asset => get(assets::asset),
        Answer::Live => get(health::live),
        Answer::Ready => get(health::ready),
        Answer::Metrics => get(metrics::metrics),
        Answer::RegistryWebhook => post(webhook::registry),
        Answer::ForgeWebhook => post(webhook::forge),
        Answer::GithubWebhook => post(webhook::github),
    }
}

async fn not_found(State(state): State<AppState>, uri: Uri, headers: HeaderMap) -> Response {
    let problem = Problem::not_found("There is no such page here.");
    respond::problem(&state, &uri, &headers, &problem)
}

async fn wrong_method(State(state): State<AppState>, uri: Uri, headers: HeaderMap) -> Response {
    let problem = Problem::method(said!(
        "wrong-method",
        "This address takes {methods} only.",
        methods = allowed(uri.path()),
    ));
    respond::problem(&state, &uri, &headers, &problem)
}
