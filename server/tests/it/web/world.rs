//! A small view, a history in memory, and a server on them.

use std::{
    collections::BTreeMap,
    net::SocketAddr,
    sync::{Arc, Mutex},
    time::Duration,
};

use axum::{
    extract::State,
    http::{HeaderMap, Uri},
    response::IntoResponse,
    routing::{MethodRouter, get, post},
};
use futures::future::BoxFuture;
use jiff::{SignedDuration, Timestamp};
use landfall::{
    hook::Hooks,
    store::{
        Bucket, ClosedFindings, Cursor, Found, FoundPage, Gap, HistoryQuery, How, ImageDetails, KindCount,
        Newest, Page as StorePage, PastPull, PastView, PreviewWeek, Sighting, Sightings, StoreError,
        UsualStep,
    },
    web::{
        self, AppState, Form, Limits, Page, Pages, Parts, Problem, WebSettings,
        cache::{PageKey, Rendered, cached_page},
        events::{Events, RevisionEvent},
        history::History,
        metrics::Metrics,
        pages::{PageSettings, WebPages},
    },
};
use landfall_model::{
    observe::Repository,
    query::Needle,
    transition::Transition,
    view::{Environment, Finding, Pull, Service, Snapshot, SourceView},
    words::{PreviewState, StepKind, TransitionKind},
};
use serde_json::json;
use tokio::{net::TcpListener, sync::watch, task::JoinHandle};
use tokio_util::sync::CancellationToken;

pub fn now() -> Timestamp {
    "2026-11-24T05:05:12Z".parse().unwrap()
}

/// A running server.
pub struct World {
    pub address: SocketAddr,
    pub state: AppState,
    pub snapshots: watch::Sender<Arc<Snapshot>>,
    pub events: Arc<Events>,
    pub shutdown: CancellationToken,
    pub task: JoinHandle<std::io::Result<()>>,
    pub renders: Arc<Mutex<usize>>,
}

impl World {
    pub async fn start() -> Self {
        Self::with(WebSettings::default(), Limits::default()).await
    }

    pub async fn with(settings: WebSettings, limits: Limits) -> Self {
        let history: Arc<dyn History> = Arc::new(Memory);
        Self::build(settings, limits, Some(history)).await
    }

    /// With the real pages.
    pub async fn paged(settings: PageSettings, history: Option<Arc<dyn History>>) -> Self {
        let pages = WebPages::new(settings);
        Self::build_with(
            WebSettings::default(),
            Limits::default(),
            history,
            pages,
            Arc::default(),
            Arc::default(),
        )
        .await
    }

    /// One that registries may call.
    pub async fn called(hooks: Arc<Hooks>) -> Self {
        let renders = Arc::default();
        let pages = Arc::new(Plain(Arc::clone(&renders)));
        Self::build_with(WebSettings::default(), Limits::default(), None, pages, renders, hooks).await
    }

    pub async fn build(settings: WebSettings, limits: Limits, history: Option<Arc<dyn History>>) -> Self {
        let renders = Arc::default();
        let pages = Arc::new(Plain(Arc::clone(&renders)));
        Self::build_with(settings, limits, history, pages, renders, Arc::default()).await
    }

    async fn build_with(
        settings: WebSettings,
        limits: Limits,
        history: Option<Arc<dyn History>>,
        pages: Arc<dyn Pages>,
        renders: Arc<Mutex<usize>>,
        hooks: Arc<Hooks>,
    ) -> Self {
        let (snapshots, snapshot) = watch::channel(Arc::new(snapshot()));
        let events = Events::new(snapshot.borrow().revision);
        let metrics = Arc::new(Metrics::new());
        let shutdown = CancellationToken::new();
        let state = AppState::new(Parts {
            settings,
            snapshot,
            events: Arc::clone(&events),
            history,
            writer: None,
            leadership: None,
            pages,
            metrics: Arc::clone(&metrics),
            hooks,
            clock: now,
            shutdown: shutdown.clone(),
        });
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let router = web::router(&state);
        let task = tokio::spawn(web::serve(listener, router, limits, metrics, shutdown.clone()));
        Self { address, state, snapshots, events, shutdown, task, renders }
    }

    /// A change of meaning.
    pub fn change(&self, changed: &[&str]) -> u64 {
        let mut next = (*self.state.live()).clone();
        next.revision += 1;
        let revision = next.revision;
        self.snapshots.send_replace(Arc::new(next));
        self.events
            .publish(RevisionEvent { revision, changed: changed.iter().map(|id| (*id).into()).collect() });
        revision
    }
}

/// Pages without a look: what the real ones are is tested elsewhere.
struct Plain(Arc<Mutex<usize>>);

impl Pages for Plain {
    fn handler(&self, page: Page) -> MethodRouter<AppState> {
        let renders = Arc::clone(&self.0);
        get(move |State(state): State<AppState>, uri: Uri, headers: HeaderMap| async move {
            assert!(uri.query() != Some("panic"), "asked to");
            let key = PageKey {
                href: uri.to_string(),
                look: String::new(),
                revision: state.live().revision,
                minute: state.now().as_second() / 60,
            };
            let render = || async {
                *renders.lock().unwrap() += 1;
                tokio::time::sleep(Duration::from_millis(20)).await;
                Ok(Rendered::from(format!("<!doctype html><title>{page:?}</title>{}", "row ".repeat(1_000))))
            };
            cached_page(&state, &headers, key, render)
                .await
                .unwrap_or_else(|problem| (problem.status, String::from(problem.detail)).into_response())
        })
    }

    fn form(&self, _: Form) -> MethodRouter<AppState> {
        post(|| async { "sent" })
    }

    fn error(&self, _: &AppState, _: &Uri, _: &HeaderMap, problem: &Problem) -> String {
        format!("<!doctype html><title>{}</title>", problem.title)
    }

    fn script_hashes(&self) -> Vec<String> {
        vec!["AAAA".to_owned()]
    }
}

fn read<T: serde::de::DeserializeOwned>(value: serde_json::Value) -> T {
    serde_json::from_value(value).unwrap()
}

pub fn environment(service: &str, name: &str, state: &str) -> Environment {
    let digest = "sha256:8a5c1f6f7f5f0d3c7f1f6c2d1e0b9a8877665544332211000011223344556677";
    read(json!({
        "id": format!("main:argocd/{service}-{name}"), "service": service, "name": name, "preview": false,
        "mapped_by": "label app.kubernetes.io/name", "cluster": "prod", "namespace": service, "instance": "main",
        "application": format!("argocd/{service}-{name}"), "project": "default", "created": null, "state": state,
        "why": "1 of 3 pods ready", "since": "2026-11-24T04:40:00Z", "since_exact": true, "sync": "Synced",
        "health": "Healthy", "health_since": null,
        "operation": {"phase": "Succeeded", "message": "ok", "started_at": "2026-11-24T04:30:00Z",
            "finished_at": "2026-11-24T04:31:00Z", "retries": 0, "initiated_by": "automated", "revisions": []},
        "compared": ["4f1c0a9be2"], "deployed": ["4f1c0a9be2"], "deployed_at": null, "manifests": [], "auto_sync": true,
        "deleting_since": null, "finalizers": [], "conditions": [],
        "workloads": [{"kind": "Deployment", "namespace": service, "name": service, "desired": 3, "ready": 1,
            "missing": false, "suspended": false, "rolling": false, "troubles": []}],
        "image": {"repository": format!("registry.example/hosting/{service}"), "containers": [service],
            "meant": [{"tag": "20231127-170000", "digest": null}], "reported": [{"tag": "20231127-170000", "digest": null}],
            "running": [{"tag": "20231127-170000", "digest": digest, "pods": 3, "ready": 1}],
            "since": "2026-11-24T04:31:00Z", "since_exact": true, "chosen_by": "container"},
        "other_images": [], "urls": ["https://control-panel.example"], "objects": 5, "objects_out_of_sync": 0,
        "sources": ["argocd/main", "cluster/prod"],
    }))
}

pub fn finding(id: &str, until: Option<&str>) -> Finding {
    read(json!({
        "id": id, "rule": "degraded", "severity": "critical",
        "subject": {"kind": "environment", "name": "control-panel production"}, "service": "control-panel",
        "environment": "production", "environment_id": "main:argocd/control-panel-production",
        "since": "2026-11-24T04:40:00Z", "opened_at": "2026-11-24T04:42:00Z", "until": until,
        "summary": "1 of 3 pods ready", "way_out": "Look at the pods' logs", "link": "https://argocd.example/x",
        "proof": [{"what": "pods ready", "value": "1 of 3", "source": "cluster/prod", "as_of": "2026-11-24T05:05:10Z"}],
    }))
}

pub fn snapshot() -> Snapshot {
    let source = |name: &str, kind: &str, state: &str| -> (landfall_model::Text, Arc<SourceView>) {
        let view = read(json!({
            "name": name, "kind": kind, "state": state, "since": "2026-11-24T05:00:00Z",
            "last_success": "2026-11-24T05:05:10Z", "error": null, "objects": 812, "unreadable": 0, "columns": [],
        }));
        (name.into(), Arc::new(view))
    };
    let service = |name: &str, environments: Vec<Environment>| {
        Arc::new(Service {
            name: name.into(),
            owner: Some("team-hosting".into()),
            repository: None,
            environments: environments.into_iter().map(Arc::new).collect(),
            unassigned: false,
        })
    };
    Snapshot {
        revision: 4711,
        as_of: None,
        services: vec![
            service("control-panel", vec![environment("control-panel", "production", "degraded")]),
            service(
                "mail",
                vec![environment("mail", "production", "healthy"), environment("mail", "staging", "drifted")],
            ),
        ],
        findings: vec![Arc::new(finding("f-1", None))],
        sources: [source("argocd/main", "argocd", "ok"), source("cluster/prod", "kubernetes", "ok")].into(),
        environment_order: vec!["production".into(), "staging".into()],
        unassigned: 0,
        generators: Arc::default(),
        pulls: vec![Arc::new(pull(482, PreviewState::Stuck))],
    }
}

/// A pull request of `accounts/control-panel` with one preview, which waits to be picked.
pub fn pull(number: u64, state: PreviewState) -> Pull {
    let step = |kind: &str, state: &str| json!({"kind": kind, "state": state, "at": null, "exact": false, "took": null, "what": null, "source": null});
    let is_stuck = state == PreviewState::Stuck;
    let sentence = json!({"text": "Tag pr-482-e41c07d does not fit regexp:^pr-482-[0-9]{8}$"});
    let waits = json!({
        "step": "picked", "sentence": sentence, "way_out": {"text": "Merge main."}, "turn": "author",
        "since": "2026-11-23T13:39:01Z", "stuck": true,
    });
    let preview = json!({
        "environment": format!("main:argocd/control-panel-pr-{number}"), "service": "control-panel",
        "application": format!("argocd/control-panel-pr-{number}"), "instance": "main", "set": "argocd/previews",
        "traced": {"method": "generator", "confidence": "certain", "by": {"text": "generator"}},
        "state": state,
        "steps": [
            {"kind": "labelled", "state": "done", "at": "2026-11-23T10:48:12Z", "exact": true, "took": null,
             "what": {"text": "label preview by y.tanaka"}, "source": "forge/github"},
            {"kind": "created", "state": "done", "at": "2026-11-23T10:50:40Z", "exact": true, "took": "PT148S",
             "what": {"text": "control-panel-pr-482 from ApplicationSet previews"}, "source": "argocd/main"},
            {"kind": "pushed", "state": "done", "at": "2026-11-23T13:39:01Z", "exact": false, "took": "PT694S",
             "what": {"text": "pr-482-e41c07d"}, "source": "registry/registry.example"},
            step("picked", if is_stuck { "stuck" } else { "ahead" }), step("synced", "ahead"), step("healthy", "ahead"),
        ],
        "waits": if is_stuck { waits } else { json!(null) },
        "rounds": [], "head": "e41c07d8a1b2c3d4e5f60718293a4b5c6d7e8f90",
        "deployed": {"sha": "9b2f6d0aa1b2c3d4e5f60718293a4b5c6d7e8f90", "by": {"text": "tag"}}, "behind": 2,
        "generated_for": null, "urls": ["https://pr-482.preview.example"], "last_good": null, "image": null,
        "created": "2026-11-23T10:50:40Z", "deleting_since": null, "ready": 2, "desired": 2,
    });
    serde_json::from_value(json!({
        "id": format!("accounts/control-panel#{number}"), "forge": "forge/github",
        "repository": "accounts/control-panel", "number": number,
        "url": format!("https://forge.example/accounts/control-panel/pull/{number}"), "request": null,
        "state": state, "previews": [preview], "sources": ["argocd/main"],
    }))
    .expect("a pull request")
}

/// A history in memory: five transitions a minute apart, one gap, one finding that ended.
pub struct Memory;

impl Memory {
    fn transitions() -> Vec<Transition> {
        let make = |number: i64| Transition {
            id: uuid::Uuid::from_u128(u128::from(number.unsigned_abs())),
            at: now() - jiff::SignedDuration::from_mins(number),
            noticed_at: now() - jiff::SignedDuration::from_mins(number),
            service: Some("control-panel".into()),
            environment: Some("production".into()),
            entity: "main:argocd/control-panel-production".into(),
            kind: if number % 2 == 0 { TransitionKind::Image } else { TransitionKind::Health },
            from: json!("Healthy"),
            to: json!({"tag": "20231127-170000", "digest": null}),
            detail: Some("=HYPERLINK(\"x\")".into()),
            detail_phrase: None,
            bad: number % 2 == 1,
            source: "cluster/prod".into(),
            subject: "Deployment control-panel/control-panel".into(),
        };
        (1..=5).map(make).collect()
    }

    fn gap() -> Gap {
        Gap {
            from: "2026-11-23T04:12:00Z".parse().unwrap(),
            until: "2026-11-23T04:12:40Z".parse().unwrap(),
            lost: 3,
            why: "the spool was full".into(),
        }
    }

    fn chosen(query: &HistoryQuery) -> Vec<Transition> {
        let mut all = Self::transitions();
        all.retain(|t| {
            let service = t.service.as_deref().unwrap_or_default();
            (query.services.is_empty() || query.services.iter().any(|s| s == service))
                && (query.kinds.is_empty() || query.kinds.contains(&t.kind))
                && query.since.is_none_or(|since| t.at >= since)
                && query.until.is_none_or(|until| t.at < until)
        });
        all
    }
}

impl History for Memory {
    fn as_of(&self, at: Timestamp) -> BoxFuture<'_, Result<Option<PastView>, StoreError>> {
        let earliest: Timestamp = "2026-11-01T00:00:00Z".parse().unwrap();
        let view = PastView {
            as_of: at,
            earliest,
            environments: vec![environment("control-panel", "production", "healthy")],
            pulls: Vec::new(),
            findings: vec![finding("f-0", Some("2026-11-20T00:00:00Z"))],
            sources: snapshot().sources.values().map(|source| (**source).clone()).collect(),
            gaps: Some(Self::gap()).into_iter().filter(|gap| gap.from <= at && at <= gap.until).collect(),
        };
        Box::pin(async move { Ok((at >= earliest).then_some(view)) })
    }

    fn earliest(&self) -> BoxFuture<'_, Result<Option<Timestamp>, StoreError>> {
        Box::pin(async { Ok(Some("2026-11-01T00:00:00Z".parse().unwrap())) })
    }

    fn page<'a>(
        &'a self,
        query: &'a HistoryQuery,
    ) -> BoxFuture<'a, Result<StorePage<Transition>, StoreError>> {
        Box::pin(async move {
            let all = Self::chosen(query);
            // The place is the number of the first item of the page, written as the store's own cursors are.
            let start =
                query.cursor.as_ref().map_or(0, |c| all.iter().position(|t| place(t) == *c).unwrap() + 1);
            let end = (start + query.limit as usize).min(all.len());
            let next = (end < all.len()).then(|| place(&all[end - 1]));
            Ok(StorePage { items: all[start..end].to_vec(), next })
        })
    }

    fn histogram<'a>(
        &'a self,
        _: &'a HistoryQuery,
        _: Timestamp,
        _: Timestamp,
        _: Duration,
    ) -> BoxFuture<'a, Result<Vec<Bucket>, StoreError>> {
        Box::pin(async { Ok(Vec::new()) })
    }

    fn counts_by_kind<'a>(
        &'a self,
        query: &'a HistoryQuery,
    ) -> BoxFuture<'a, Result<Vec<KindCount>, StoreError>> {
        let any = HistoryQuery { kinds: Vec::new(), ..query.clone() };
        let count = move |kind| KindCount {
            kind,
            count: Self::chosen(&any).iter().filter(|t| t.kind == kind).count() as u64,
        };
        Box::pin(async move { Ok(vec![count(TransitionKind::Image), count(TransitionKind::Health)]) })
    }

    fn findings_closed<'a>(
        &'a self,
        _: Option<&'a str>,
        _: Option<&'a Cursor>,
        _: u32,
    ) -> BoxFuture<'a, Result<ClosedFindings, StoreError>> {
        let items = vec![finding("f-0", Some("2026-11-23T00:00:00Z"))];
        Box::pin(async { Ok(StorePage { items, next: None }) })
    }

    fn count_findings_opened(&self, _: Timestamp, _: Timestamp) -> BoxFuture<'_, Result<u64, StoreError>> {
        Box::pin(async { Ok(78) })
    }

    fn count_findings_closed(
        &self,
        _: Option<Timestamp>,
        _: Option<Timestamp>,
    ) -> BoxFuture<'_, Result<u64, StoreError>> {
        Box::pin(async { Ok(77) })
    }

    fn sightings<'a>(&'a self, _: &'a str, _: u32) -> BoxFuture<'a, Result<Option<Sightings>, StoreError>> {
        let at = |text: &str| text.parse::<Timestamp>().unwrap();
        let edge = Sighting {
            tag: "1.0".into(),
            digest: "sha256:aa".into(),
            first_seen: at("2026-11-20T00:00:00Z"),
            last_seen: at("2026-11-24T00:00:00Z"),
            ended_at: None,
            seen_by: "poll".into(),
            pushed_at: None,
            created: Some(at("2026-11-19T00:00:00Z")),
        };
        let seen = Sightings {
            tried_at: at("2026-11-24T00:00:00Z"),
            listed_at: None,
            tags: 1,
            error: None,
            edges: vec![edge],
        };
        Box::pin(async { Ok(Some(seen)) })
    }

    fn find_sightings<'a>(
        &'a self,
        _: &'a Needle,
        at: Timestamp,
        _: u32,
        _: u32,
    ) -> BoxFuture<'a, Result<FoundPage, StoreError>> {
        Box::pin(async move {
            let seen = self.sightings("", 1).await?.expect("one is kept").as_of(at);
            let found = |sighting| Found {
                repository: "registry.example/control-panel".into(),
                sighting,
                how: How::Tag,
                revision: Some("1a2b3c4d".into()),
                platforms: Vec::new(),
            };
            let items: Vec<Found> = seen.edges.into_iter().map(found).collect();
            Ok(FoundPage { total: items.len() as u64, items, is_partial: false })
        })
    }

    fn image<'a>(
        &'a self,
        _: &'a str,
        image: &'a str,
        _: Timestamp,
    ) -> BoxFuture<'a, Result<Option<ImageDetails>, StoreError>> {
        let details = ImageDetails {
            digest: format!("sha256:{}", image.replace('.', "")),
            media_type: None,
            tags: Vec::new(),
            parts: Vec::new(),
        };
        Box::pin(async move { Ok(image.starts_with('1').then_some(details)) })
    }

    fn tags_at<'a>(
        &'a self,
        _: &'a str,
        _: Timestamp,
        _: &'a [String],
        _: u32,
    ) -> BoxFuture<'a, Result<Option<Repository>, StoreError>> {
        Box::pin(async { Ok(None) })
    }

    fn newest_tags<'a>(
        &'a self,
        repositories: &'a [String],
        _: Timestamp,
    ) -> BoxFuture<'a, Result<BTreeMap<String, Newest>, StoreError>> {
        let newest = |name: &String| {
            let newest = Newest {
                tag: "20231127-180000".into(),
                digest: format!("sha256:{}", "9".repeat(64)),
                at: None,
            };
            (name.clone(), newest)
        };
        Box::pin(async move { Ok(repositories.iter().map(newest).collect()) })
    }

    fn pull<'a>(
        &'a self,
        repository: &'a str,
        number: u64,
        at: Timestamp,
    ) -> BoxFuture<'a, Result<Option<PastPull>, StoreError>> {
        let gone: Timestamp = "2026-11-22T00:00:00Z".parse().unwrap();
        let known = (repository == "accounts/control-panel" && number == 7).then(|| PastPull {
            pull: pull(7, PreviewState::Ended),
            at: gone,
            gone_at: Some(gone).filter(|gone| *gone <= at),
        });
        Box::pin(async move { Ok(known) })
    }

    fn usual_steps<'a>(
        &'a self,
        _: Option<&'a str>,
        _: SignedDuration,
        _: Timestamp,
    ) -> BoxFuture<'a, Result<Vec<UsualStep>, StoreError>> {
        let usual = UsualStep {
            step: StepKind::Pushed,
            count: 41,
            median: SignedDuration::from_secs(545),
            p90: SignedDuration::from_secs(840),
        };
        Box::pin(async move { Ok(vec![usual]) })
    }

    fn preview_weeks(
        &self,
        _: Timestamp,
        _: Timestamp,
    ) -> BoxFuture<'_, Result<Vec<PreviewWeek>, StoreError>> {
        Box::pin(async { Ok(Vec::new()) })
    }

    fn gaps(&self, _: Timestamp) -> BoxFuture<'_, Result<Vec<Gap>, StoreError>> {
        Box::pin(async { Ok(vec![Self::gap()]) })
    }
}

fn place(transition: &Transition) -> Cursor {
    use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
    let text = format!("{}.{}", transition.at.as_microsecond(), transition.id.as_u128());
    Cursor::parse(&URL_SAFE_NO_PAD.encode(text)).unwrap()
}

/// A database that is away.
pub struct Away;

fn away<T: Send + 'static>() -> BoxFuture<'static, Result<T, StoreError>> {
    Box::pin(async { Err(StoreError::Unavailable("no answer".into())) })
}

impl History for Away {
    fn as_of(&self, _: Timestamp) -> BoxFuture<'_, Result<Option<PastView>, StoreError>> {
        away()
    }
    fn earliest(&self) -> BoxFuture<'_, Result<Option<Timestamp>, StoreError>> {
        away()
    }
    fn page<'a>(&'a self, _: &'a HistoryQuery) -> BoxFuture<'a, Result<StorePage<Transition>, StoreError>> {
        away()
    }
    fn histogram<'a>(
        &'a self,
        _: &'a HistoryQuery,
        _: Timestamp,
        _: Timestamp,
        _: Duration,
    ) -> BoxFuture<'a, Result<Vec<Bucket>, StoreError>> {
        away()
    }
    fn counts_by_kind<'a>(
        &'a self,
        _: &'a HistoryQuery,
    ) -> BoxFuture<'a, Result<Vec<KindCount>, StoreError>> {
        away()
    }
    fn findings_closed<'a>(
        &'a self,
        _: Option<&'a str>,
        _: Option<&'a Cursor>,
        _: u32,
    ) -> BoxFuture<'a, Result<ClosedFindings, StoreError>> {
        away()
    }
    fn count_findings_opened(&self, _: Timestamp, _: Timestamp) -> BoxFuture<'_, Result<u64, StoreError>> {
        away()
    }

    fn count_findings_closed(
        &self,
        _: Option<Timestamp>,
        _: Option<Timestamp>,
    ) -> BoxFuture<'_, Result<u64, StoreError>> {
        away()
    }
    fn sightings<'a>(&'a self, _: &'a str, _: u32) -> BoxFuture<'a, Result<Option<Sightings>, StoreError>> {
        away()
    }
    fn find_sightings<'a>(
        &'a self,
        _: &'a Needle,
        _: Timestamp,
        _: u32,
        _: u32,
    ) -> BoxFuture<'a, Result<FoundPage, StoreError>> {
        away()
    }
    fn image<'a>(
        &'a self,
        _: &'a str,
        _: &'a str,
        _: Timestamp,
    ) -> BoxFuture<'a, Result<Option<ImageDetails>, StoreError>> {
        away()
    }
    fn tags_at<'a>(
        &'a self,
        _: &'a str,
        _: Timestamp,
        _: &'a [String],
        _: u32,
    ) -> BoxFuture<'a, Result<Option<Repository>, StoreError>> {
        away()
    }
    fn newest_tags<'a>(
        &'a self,
        _: &'a [String],
        _: Timestamp,
    ) -> BoxFuture<'a, Result<BTreeMap<String, Newest>, StoreError>> {
        away()
    }
    fn pull<'a>(
        &'a self,
        _: &'a str,
        _: u64,
        _: Timestamp,
    ) -> BoxFuture<'a, Result<Option<PastPull>, StoreError>> {
        away()
    }
    fn usual_steps<'a>(
        &'a self,
        _: Option<&'a str>,
        _: SignedDuration,
        _: Timestamp,
    ) -> BoxFuture<'a, Result<Vec<UsualStep>, StoreError>> {
        away()
    }
    fn preview_weeks(
        &self,
        _: Timestamp,
        _: Timestamp,
    ) -> BoxFuture<'_, Result<Vec<PreviewWeek>, StoreError>> {
        away()
    }
    fn gaps(&self, _: Timestamp) -> BoxFuture<'_, Result<Vec<Gap>, StoreError>> {
        away()
    }
}
