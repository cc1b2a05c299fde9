//! `landfall serve`: the parts put together.

use std::{path::PathBuf, sync::Arc};

use anyhow::Context as _;
use landfall_app::{data::DeepLinks, links::Forge};
use landfall_model::{Text, time::ReviewSchedule};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use crate::{
    clock,
    config::Config,
    engine::{Engine, Publisher},
    hook::{self, Hooks},
    shutdown,
    store::{Lease, LeaseSettings, Meter, Store},
    watch::WatchMetrics,
    web::{
        self, AppState, Limits, Parts, WebSettings,
        badge::BadgeKeys,
        metrics::Metrics,
        pages::{PageSettings, WebPages},
    },
};

/// What the command line says beside the configuration.
#[derive(Debug)]
pub struct ServeOptions {
    /// Folder with the browser part.
    pub site: Option<PathBuf>,
}

/// Serves until a signal ends it.
pub async fn run(config: Config, options: ServeOptions) -> anyhow::Result<()> {
    let settings = config.database.settings().map_err(anyhow::Error::msg).context("the database's URL")?;
    let store = Store::connect(&settings)?;
    serve(config, options, store, shutdown::on_signal()?).await
}

/// Serves on this database until `shutdown`.
pub async fn serve(
    config: Config,
    options: ServeOptions,
    store: Store,
    shutdown: CancellationToken,
) -> anyhow::Result<()> {
    let config = Arc::new(config);
    let listen = config.server.listen;
    let listener = TcpListener::bind(listen).await.with_context(|| format!("cannot listen on {listen}"))?;
    let metrics = Arc::new(Metrics::new());
    let watching = WatchMetrics::default();
    metrics.with_registry(|registry| watching.register(registry.sub_registry_with_prefix("watch")));
    let hooks = Hooks::new(&config);
    metrics.with_registry(|registry| hooks.metrics.register(registry.sub_registry_with_prefix("webhook")));
    let store = store.metered(Arc::clone(&metrics) as Arc<dyn Meter>);
    // A database that is away is no reason not to start: the tables are made once it answers.
    tokio::spawn(migrate(store.clone(), shutdown.clone()));
    tokio::spawn(hook::hand_on(Arc::clone(&hooks), store.clone(), shutdown.clone()));
    let lease = Lease::start(store.clone(), LeaseSettings::new(&hostname()).with_ttl(config.database.lease));
    let leadership = lease.leadership();
    let publisher = Arc::new(Publisher::default());
    let state = AppState::new(Parts {
        settings: web_settings(&config, options.site.or_else(site_beside_program)),
        snapshot: publisher.snapshot(),
        events: Arc::clone(publisher.events()),
        history: Some(Arc::new(store.clone())),
        writer: Some(publisher.writer()),
        leadership: Some(leadership),
        pages: WebPages::new(page_settings(&config)),
        metrics: Arc::clone(&metrics),
        hooks: Arc::clone(&hooks),
        clock: clock::now,
        shutdown: shutdown.clone(),
    });
    tokio::spawn(state.clone().tidy());
    tracing::info!("serving on http://{listen}/");
    let limits = Limits {
        connections: config.limits.connections,
        connections_per_ip: config.limits.connections_per_address,
        ..Limits::default()
    };
    let engine =
        Engine { config, store: store.clone(), publisher, metrics: watching, hooks: hooks.metrics.clone() };
    let engine = tokio::spawn(engine.run(lease, shutdown.clone()));
    let web = tokio::spawn(web::serve(listener, web::router(&state), limits, metrics, shutdown.clone()));
    let (engine, web) = ends_together(engine, web, &shutdown).await;
    store.close().await;
    engine?;
    web
}

/// A part that ends by itself ends the process: half a Landfall would look alive and grow old.
async fn ends_together(
    engine: tokio::task::JoinHandle<anyhow::Result<()>>,
    web: tokio::task::JoinHandle<std::io::Result<()>>,
    shutdown: &CancellationToken,
) -> (anyhow::Result<()>, anyhow::Result<()>) {
    let watched = |what: &'static str| {
        let shutdown = shutdown.clone();
        move || {
            if !shutdown.is_cancelled() {
                tracing::error!("the {what} ended by itself: stopping");
                shutdown.cancel();
            }
        }
    };
    let engine_ended = watched("engine");
    let web_ended = watched("web server");
    let engine = async {
        let result = engine.await.map_err(anyhow::Error::from).and_then(|result| result);
        engine_ended();
        result
    };
    let web = async {
        let result =
            web.await.map_err(anyhow::Error::from).and_then(|result| result.map_err(anyhow::Error::from));
        web_ended();
        result
    };
    tokio::join!(engine, web)
}

/// Brings the tables up to date as soon as the database answers.
async fn migrate(store: Store, shutdown: CancellationToken) {
    let mut told = false;
    while !shutdown.is_cancelled() {
        match store.migrate().await {
            Ok(()) => return,
            Err(error) if !std::mem::replace(&mut told, true) => {
                tracing::warn!(%error, "the tables cannot be brought up to date yet; `landfall doctor` says why");
            }
            Err(error) => tracing::debug!(%error, "the tables cannot be brought up to date yet"),
        }
        let _ = tokio::time::timeout(std::time::Duration::from_secs(2), shutdown.cancelled()).await;
    }
}

fn web_settings(config: &Config, site: Option<PathBuf>) -> WebSettings {
    let review = config.review.as_ref().map_or_else(ReviewSchedule::default, |review| ReviewSchedule {
        weekday: review.weekday,
        time: review.time,
        zone: review.zone.clone(),
    });
    WebSettings {
        hosts: config.server.hosts.clone(),
        loopback: config.server.listen.ip().to_canonical().is_loopback(),
        https: config.server.https,
        base: config.server.base(),
        badges: BadgeKeys::new(config.server.badge_key.clone()),
        site,
        review,
        streams: config.limits.event_streams,
        streams_per_ip: config.limits.event_streams_per_address,
        ..WebSettings::default()
    }
}

fn page_settings(config: &Config) -> PageSettings {
    let argocd =
        config.settings.instances.iter().filter_map(|i| Some((Text::clone(&i.name), i.url.clone()?)));
    let registries = config.settings.links.iter().map(|(host, link)| (Text::clone(host), Text::clone(link)));
    let forges = config.forges.iter().filter_map(|forge| {
        let host = forge.url.split_once("://")?.1.split('/').next()?.to_ascii_lowercase();
        Some((Text::from(host), Forge::parse(&forge.kind)?))
    });
    PageSettings {
        links: DeepLinks {
            argocd: argocd.collect(),
            registries: registries.collect(),
            forges: forges.collect(),
        },
        views: config.views.iter().map(|view| (view.name.clone(), view.query.clone())).collect(),
    }
}

/// `site` beside the program, as `cargo xtask package` lays it.
fn site_beside_program() -> Option<PathBuf> {
    let site = std::env::current_exe().ok()?.parent()?.join("site");
    site.is_dir().then_some(site)
}

/// A name for this process that others understand: the host's, or the pod's.
fn hostname() -> String {
    let told = std::env::var("HOSTNAME").ok().filter(|name| !name.is_empty());
    let read =
        || std::fs::read_to_string("/proc/sys/kernel/hostname").ok().map(|name| name.trim().to_owned());
    told.or_else(read).unwrap_or_else(|| "landfall".to_owned())
}
