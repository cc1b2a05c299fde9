//! `landfall demo`: the server on a small made-up world, with two weeks behind it and a story that goes on.

use std::{
    collections::BTreeMap,
    net::SocketAddr,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use anyhow::Context as _;
use jiff::{SignedDuration, Timestamp};
use landfall_model::{
    Interner, Text,
    index::{ARGOCD_KINDS, CLUSTER_KINDS, FindingRow, Index, SourceReport, source_kind},
    mapping::Mapper,
    observe::{ObjectName, Observation, Scope, Version},
    reduce,
    words::{Kind, SourceState},
};
use landfall_sandbox::{Clock, PastEvent, PastVerb, World};
use uuid::Uuid;

use crate::{
    clock,
    config::Config,
    serve::{self, ServeOptions},
    shutdown,
    store::{Batch, DatabaseSettings, Frame, Lease, LeaseSettings, ObjectChange, Past, SourceChange, Store},
};

mod began;
mod pushed;

/// What the command line says.
#[derive(Debug)]
pub struct DemoOptions {
    pub listen: SocketAddr,
    /// Folder with the browser part.
    pub site: Option<PathBuf>,
    pub seed: u64,
    pub manual_clock: bool,
    /// History begins now.
    pub no_past: bool,
    pub database_url: String,
}

/// How long the database and the lead are waited for.
const PATIENCE: Duration = Duration::from_mins(1);

/// Serves the demo until a signal ends it.
pub async fn run(options: DemoOptions) -> anyhow::Result<()> {
    let shutdown = shutdown::on_signal()?;
    let now = clock::now();
    let world_clock = if options.manual_clock { Clock::manual(now) } else { Clock::real() };
    let world = if options.manual_clock {
        World::story(options.seed, world_clock)
    } else {
        let began = began::began(&options.database_url, options.seed, now).await?;
        World::story_since(options.seed, began, world_clock)
    };
    let running = world.start_on(0).await.context("the sandbox world")?;
    let config = configuration(&world.landfall_toml(), options.listen)?;
    let store = Store::connect(&DatabaseSettings::new(options.database_url))?;
    store.migrate().await?;
    if !options.no_past {
        remember(&store, &config, &world, now).await.context("the demo's past")?;
    }
    if !options.manual_clock {
        world.go_on();
    }
    tracing::info!(control = running.control_url, "the sandbox world is told what to do here");
    let result = serve::serve(config, ServeOptions { site: options.site }, store, shutdown).await;
    for violation in world.violations() {
        tracing::error!(?violation, "the world was asked for something it must not be asked for");
    }
    running.shutdown().await;
    result
}

fn configuration(text: &str, listen: SocketAddr) -> anyhow::Result<Config> {
    let variables = BTreeMap::from([("LANDFALL_SERVER_LISTEN".to_owned(), listen.to_string())]);
    Ok(Config::parse(Path::new("demo.toml"), text, &variables.into_iter().collect())?)
}

/// Writes the two weeks before the start into an empty database, through the same index that works live.
async fn remember(store: &Store, config: &Config, world: &World, now: Timestamp) -> anyhow::Result<()> {
    if store.earliest().await?.is_some() {
        tracing::info!("the database has a past already; it goes on from there (an empty one begins anew)");
        return Ok(());
    }
    let Some(events) = world.past() else { return Ok(()) };
    let mut events = events.peekable();
    let began = events.peek().map_or(now, |first| first.at);
    let lease = Lease::start(store.clone(), LeaseSettings::new("demo"));
    let mut leadership = lease.leadership();
    let leading = tokio::time::timeout(PATIENCE, leadership.wait_for(|now| now.epoch().is_some())).await;
    let epoch = leading
        .context("another Landfall leads on this database")?
        .ok()
        .and_then(|now| now.epoch().cloned())
        .context("the lease ended")?;
    let (past, mut present) = relive(config, world, events, now)?;
    let written = store.backfill(&epoch, past).await?;
    // The past ends now, however long it took to write.
    present.alive = present.sources.iter().map(|s| (Text::clone(&s.view.name), clock::now())).collect();
    store.commit(&epoch, &present).await?;
    let edges = pushed::write(store, &epoch, world.pushes(), began).await?;
    tracing::info!(
        transitions = written.transitions,
        frames = written.frames,
        edges,
        "two weeks of history are written"
    );
    lease.release().await;
    Ok(())
}

/// What an index makes of the past.
struct Relived {
    index: Index,
    strings: Interner,
    past: Past,
    objects: BTreeMap<(Scope, ObjectName), Observation>,
    findings: BTreeMap<Text, FindingRow>,
}

/// Lets an index see the past as it happened. Returns what it would have written then, and the state it ends with.
fn relive(
    config: &Config,
    world: &World,
    events: impl Iterator<Item = PastEvent>,
    now: Timestamp,
) -> anyhow::Result<(Past, Batch)> {
    let mut settings = config.settings.clone();
    // Nobody fell silent in those weeks: only grace times end between two events.
    for (source, _) in streams(config) {
        settings.stale_after.insert(source, SignedDuration::from_hours(24 * 365));
    }
    let mapper = Mapper::new(&settings)?;
    let mut relived = Relived {
        index: Index::new(settings, mapper),
        strings: Interner::default(),
        past: Past::default(),
        objects: BTreeMap::new(),
        findings: BTreeMap::new(),
    };
    let hidden: Vec<String> =
        config.clusters.iter().map(|c| c.name.clone()).filter(|c| hides_pods(world, c)).collect();
    let mut events = events.filter(|e| !(e.kind.kind == "Pod" && hidden.contains(&e.cluster))).peekable();
    let mut wake = None;
    while let Some(first) = events.next() {
        let at = first.at.min(now);
        if relived.past.sources.is_empty() {
            relived.read_everything(config, &hidden, at);
        }
        while let Some(due) = wake.filter(|due| *due < at) {
            wake = relived.look(due).filter(|next| *next > due);
        }
        relived.take(config, &first);
        // What happens within one second is one look, as it would have been live.
        while let Some(next) = events.next_if(|next| next.at.duration_since(at).as_secs() < 1) {
            relived.take(config, &next);
        }
        wake = relived.look(at);
    }
    while let Some(due) = wake.filter(|due| *due < now) {
        wake = relived.look(due).filter(|next| *next > due);
    }
    relived.read_everything(config, &hidden, now);
    relived.look(now);
    Ok(relived.end(now))
}

/// Whether the reader may not see the pods of a cluster.
fn hides_pods(world: &World, cluster: &str) -> bool {
    let cluster = world.cluster(cluster);
    !cluster.list("pods").is_empty() && cluster.sizes().get("pods").is_none_or(|seen| *seen == 0)
}

impl Relived {
    /// One step. Returns when the next grace time ends.
    fn look(&mut self, at: Timestamp) -> Option<Timestamp> {
        let step = self.index.advance(at);
        let past = &mut self.past;
        past.transitions.extend(step.transitions);
        past.frames.extend(step.store.frames.into_iter().map(|(entity, view)| Frame { entity, at, view }));
        past.sources.extend(step.store.sources.into_iter().map(|view| SourceChange { at, view }));
        for row in step.store.findings {
            // A finding whose grace did not run out leaves no trace.
            let opened = self.findings.get(&row.finding.id).is_some_and(|known| known.open);
            if row.finding.until.is_some() && !row.open && !opened {
                self.findings.remove(&row.finding.id);
            } else {
                self.findings
                    .insert(Text::clone(&row.finding.id), FindingRow { open: row.open || opened, ..row });
            }
        }
        step.wake_at
    }

    fn take(&mut self, config: &Config, event: &PastEvent) {
        let (Some(kind), Ok(text)) = (Kind::parse(event.kind.kind), std::str::from_utf8(&event.object))
        else {
            return;
        };
        let sources: Vec<String> = if ARGOCD_KINDS.contains(&kind) {
            let here = config.settings.instances.iter().filter(|i| *i.cluster == *event.cluster);
            here.map(|i| format!("argocd/{}", i.name)).collect()
        } else {
            vec![format!("cluster/{}", event.cluster)]
        };
        for source in sources {
            // The world holds broken objects on purpose; the live view counts them, the past leaves them out.
            let Ok(reduced) = reduce::reduce(kind, &source, text, 0, event.at, &mut self.strings) else {
                continue;
            };
            let Some(seen) = reduced.observation else { continue };
            let key = (seen.scope.clone(), seen.name.clone());
            match event.verb {
                PastVerb::Apply => {
                    self.index.apply(seen.clone());
                    self.objects.insert(key, seen);
                }
                PastVerb::Delete => {
                    self.index.delete(&seen.scope, &seen.name, seen.version);
                    self.objects.remove(&key);
                }
            }
        }
    }

    /// Every stream lives, and everything of it is known: what is not there does not exist.
    fn read_everything(&mut self, config: &Config, hidden: &[String], at: Timestamp) {
        for (source, kind) in streams(config) {
            let forbidden =
                kind == Kind::Pod && hidden.iter().any(|name| *source == format!("cluster/{name}"));
            let scope = Scope { source, kind };
            if !forbidden {
                let items = self.objects.values().filter(|o| o.scope == scope).cloned().collect();
                self.index.reset(&scope, None, items, Version { epoch: 0, resource: 0 });
            }
            self.index.report(SourceReport {
                source_kind: source_kind(&scope.source),
                scope,
                within: None,
                state: if forbidden { SourceState::Forbidden } else { SourceState::Ok },
                success_at: (!forbidden).then_some(at),
                error: forbidden.then(|| "pods is forbidden".into()),
            });
        }
    }

    fn end(mut self, now: Timestamp) -> (Past, Batch) {
        let snapshot = self.index.snapshot();
        self.past.findings = self.findings.into_values().collect();
        let present = Batch {
            id: Uuid::new_v4(),
            revision: snapshot.revision,
            objects: self.objects.into_values().map(ObjectChange::Put).collect(),
            sources: snapshot
                .sources
                .values()
                .map(|view| SourceChange { at: now, view: Arc::clone(view) })
                .collect(),
            ..Batch::default()
        };
        (self.past, present)
    }
}

/// Every stream of the configuration: source and kind.
fn streams(config: &Config) -> Vec<(Text, Kind)> {
    let clusters = config.settings.clusters.iter().map(|c| (format!("cluster/{}", c.name), CLUSTER_KINDS));
    let instances = config.settings.instances.iter().map(|i| (format!("argocd/{}", i.name), ARGOCD_KINDS));
    clusters
        .chain(instances)
        .flat_map(|(source, kinds)| {
            let source = Text::from(source);
            kinds.iter().map(move |kind| (Text::clone(&source), *kind))
        })
        .collect()
}
