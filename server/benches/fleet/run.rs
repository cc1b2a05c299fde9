//! The course of a run: the bare server first, then one world after the other.

use std::{collections::BTreeMap, time::Duration};

use landfall_sandbox::{Big, Churn, Clock, Running, World};
use serde::Serialize;

use super::{
    child, clients,
    database::Database,
    hello::Hello,
    load::{self, Latency, Load},
    pages::{self, FirstVisit},
    report::Report,
    tabs::{self, Seen},
    world::{self, Server},
};

/// What to measure.
pub struct Plan {
    pub sizes: Vec<u32>,
    pub quick: bool,
    pub pinned: bool,
    pub url: String,
}

impl Plan {
    fn seconds(&self, whole: u64, quick: u64) -> Duration {
        Duration::from_secs(if self.quick { quick } else { whole })
    }
}

/// Figures of one size of fleet.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Fleet {
    pub applications: u32,
    pub pods: u32,
    /// Seconds from the start of the process.
    pub cold_first_answer_s: f64,
    pub cold_complete_s: f64,
    pub cold_written_s: f64,
    pub cold_cpu_s: f64,
    /// Bytes.
    pub memory: u64,
    pub memory_peak: u64,
    pub memory_after: u64,
    pub database: i64,
    pub lists: BTreeMap<String, u64>,
    pub watches: BTreeMap<String, u64>,
    pub first_visit: FirstVisit,
    pub loads: BTreeMap<&'static str, Load>,
    pub idle_rows: BTreeMap<String, i64>,
    pub idle_refreshes: u64,
    pub idle_cpu: f64,
    pub step_cpu_ms: f64,
    pub change_cpu: f64,
    pub tabs: Seen,
    pub as_of_api: Latency,
    pub as_of_board: Latency,
    pub stop_ms: f64,
    /// Share of core 0 that other programs took while viewers were there: much of it, and the figures are theirs.
    pub others: f64,
    pub warm_useful_s: f64,
    /// Steady, after a start from what was stored, once the sources answered.
    pub warm_memory: u64,
    pub violations: u64,
}

/// Memory at one size, for slopes.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct Point {
    pub applications: u32,
    pub pods: u32,
    pub memory: u64,
}

/// Refreshes a second of an idle fleet of 10,000, and changes a second of a busy one.
const REFRESHES: u32 = 55;
const CHANGES: u32 = 20;

/// Everything.
pub async fn all(plan: &Plan) -> anyhow::Result<Report> {
    let begun = std::time::Instant::now();
    eprintln!("the bare server ...");
    let hello = Hello::start(plan.pinned)?;
    let bare = load::load(hello.address, |_| "/".to_owned(), plan.seconds(4, 1)).await?;
    drop(hello);
    let mut fleets = Vec::new();
    for apps in &plan.sizes {
        eprintln!("{apps} Applications, {} pods ...", apps * 5);
        fleets.push(fleet(plan, *apps).await?);
    }
    let mut points: Vec<Point> = fleets
        .iter()
        .map(|f| Point { applications: f.applications, pods: f.pods, memory: f.memory })
        .collect();
    if !plan.quick {
        for (applications, pods) in [(1_000, 5_000), (1_000, 20_000)] {
            if !points.iter().any(|p| (p.applications, p.pods) == (applications, pods)) {
                eprintln!("{applications} Applications, {pods} pods, for the slope ...");
                points.push(Point {
                    applications,
                    pods,
                    memory: only_memory(plan, applications, pods).await?,
                });
            }
        }
    }
    Ok(Report {
        pinned: plan.pinned,
        quick: plan.quick,
        bare,
        fleets,
        points,
        took_s: begun.elapsed().as_secs_f64(),
    })
}

async fn served(apps: u32, pods: u32) -> anyhow::Result<(World, Running)> {
    let world = World::big(Big { apps, pods, ..Big::default() }, Clock::real());
    let running = world.start().await?;
    Ok((world, running))
}

/// Lets the server be for a while, then asks how much memory it holds.
async fn steady(server: &Server, plan: &Plan) -> u64 {
    let mut least = u64::MAX;
    for _ in 0..plan.seconds(10, 3).as_secs() {
        tokio::time::sleep(Duration::from_secs(1)).await;
        least = server.process.memory();
    }
    least
}

async fn only_memory(plan: &Plan, apps: u32, pods: u32) -> anyhow::Result<u64> {
    let (world, running) = served(apps, pods).await?;
    let database = Database::make(&plan.url).await?;
    let mut server = Server::start(&world, &database, plan.pinned, &format!("slope-{apps}-{pods}"))?;
    let objects = world::objects(&running);
    server.until("a complete view", |at| world::complete(at, objects, u64::from(apps))).await?;
    server.written().await?;
    let memory = steady(&server, plan).await;
    server.process.stop().await?;
    running.shutdown().await;
    database.drop_it().await?;
    Ok(memory)
}

async fn fleet(plan: &Plan, apps: u32) -> anyhow::Result<Fleet> {
    let (world, running) = served(apps, apps * 5).await?;
    let database = Database::make(&plan.url).await?;
    let name = format!("fleet-{apps}");
    let mut fleet = Fleet { applications: apps, pods: apps * 5, ..Fleet::default() };
    let services = u64::from(apps);

    // A cold start, and what it asked of the API server.
    let objects = world::objects(&running);
    let mut server = Server::start(&world, &database, plan.pinned, &name)?;
    let first =
        server.until("a first answer", async |at| Ok(clients::get(at, "/livez").await?.status == 200));
    fleet.cold_first_answer_s = first.await?.as_secs_f64();
    let complete = server.until("a complete view", |at| world::complete(at, objects, services));
    fleet.cold_complete_s = complete.await?.as_secs_f64();
    fleet.cold_cpu_s = server.process.cpu().as_secs_f64();
    for row in world.counters().requests.iter().filter(|row| row.status == 200) {
        // A streaming list is both: the list and the watch that goes on from it, in one request.
        let (lists, watches) = match row.verb.as_str() {
            "list" => (row.count, 0),
            "watch" => (0, row.count),
            "watch-list" => (row.count, row.count),
            _ => continue,
        };
        *fleet.lists.entry(row.resource.clone()).or_default() += lists;
        *fleet.watches.entry(row.resource.clone()).or_default() += watches;
    }
    fleet.cold_written_s = server.written().await?.as_secs_f64();
    fleet.memory_peak = server.process.memory_peak();
    fleet.memory = steady(&server, plan).await;
    eprintln!("  complete after {:.2} s, written after {:.1} s", fleet.cold_complete_s, fleet.cold_written_s);

    fleet.first_visit = pages::first_visit(server.address).await?;
    noise(plan, &world, &database, &server, &mut fleet).await?;
    let (begun, taken, own) = (std::time::Instant::now(), child::core_busy(), server.process.cpu());
    busy(plan, &world, &server, &mut fleet).await?;
    let prod = world.cluster("prod");
    fleet.tabs = tabs::watch(server.address, &prod, apps, plan.seconds(15, 4)).await?;
    let own = server.process.cpu().saturating_sub(own);
    let others = child::core_busy().saturating_sub(taken).saturating_sub(own);
    fleet.others = others.as_secs_f64() / begun.elapsed().as_secs_f64();
    let as_of = |path: &'static str| as_of(&server, path);
    (fleet.as_of_api, fleet.as_of_board) = (as_of("/api/v1/services?limit=100&").await?, as_of("/?").await?);
    fleet.memory_after = steady(&server, plan).await;
    fleet.memory_peak = fleet.memory_peak.max(server.process.memory_peak());
    fleet.database = database.size().await?;
    fleet.violations = world.counters().violations;

    // Again, from what is stored; no source answers.
    fleet.stop_ms = server.process.stop().await?.as_secs_f64() * 1_000.0;
    prod.inject("*", landfall_sandbox::Fault::Down)?;
    let mut server = Server::start(&world, &database, plan.pinned, &format!("{name}-again"))?;
    let useful = server.until("a useful page", |at| world::useful(at, services));
    fleet.warm_useful_s = useful.await?.as_secs_f64();
    prod.faults().clear("*")?;
    server.until("a complete view", |at| world::complete(at, objects, services)).await?;
    server.written().await?;
    fleet.warm_memory = steady(&server, plan).await;
    server.process.stop().await?;
    running.shutdown().await;
    database.drop_it().await?;
    Ok(fleet)
}

/// An idle fleet: Argo CD compares, nothing changes.
async fn noise(
    plan: &Plan,
    world: &World,
    database: &Database,
    server: &Server,
    fleet: &mut Fleet,
) -> anyhow::Result<()> {
    let time = plan.seconds(15, 4);
    world.churn(Churn { refreshes_per_s: REFRESHES, changes_per_s: 0 });
    let (before, cpu) = (database.transitions().await?, server.process.cpu());
    tokio::time::sleep(time).await;
    fleet.idle_cpu = server.process.cpu().saturating_sub(cpu).as_secs_f64() / time.as_secs_f64();
    world.churn(Churn::default());
    tokio::time::sleep(Duration::from_secs(1)).await;
    fleet.idle_refreshes = u64::from(REFRESHES) * time.as_secs();
    for (kind, count) in database.transitions().await? {
        let new = count - before.get(&kind).copied().unwrap_or_default();
        if new != 0 {
            fleet.idle_rows.insert(kind, new);
        }
    }
    Ok(())
}

/// Twenty changes a second: what that costs alone, then with viewers.
async fn busy(plan: &Plan, world: &World, server: &Server, fleet: &mut Fleet) -> anyhow::Result<()> {
    let apps = fleet.applications;
    world.churn(Churn { refreshes_per_s: REFRESHES, changes_per_s: CHANGES });
    let time = plan.seconds(10, 3);
    let (cpu, revision) = (server.process.cpu(), server.metric("landfall_snapshot_revision").await?);
    tokio::time::sleep(time).await;
    let spent = server.process.cpu().saturating_sub(cpu).as_secs_f64();
    let steps = server.metric("landfall_snapshot_revision").await? - revision;
    fleet.change_cpu = spent / time.as_secs_f64();
    fleet.step_cpu_ms = spent * 1_000.0 / steps.max(1.0);
    let time = plan.seconds(4, 1);
    let mut load = async |name, path: &dyn Fn(u32) -> String| -> anyhow::Result<()> {
        let loaded = load::load(server.address, path, time).await?;
        fleet.loads.insert(name, loaded);
        Ok(())
    };
    load("board", &|_| "/".to_owned()).await?;
    // Everybody looks for something else: nothing can be shared.
    load("board, 200 questions", &|viewer| format!("/?q=service-{:05}", viewer * (apps / 200).max(1) % apps))
        .await?;
    load("service", &|viewer| format!("/services/service-{:05}", viewer * 7 % apps)).await?;
    load("findings", &|_| "/findings".to_owned()).await?;
    load("history", &|_| "/history".to_owned()).await?;
    load("API, services", &|_| "/api/v1/services?limit=100".to_owned()).await?;
    world.churn(Churn::default());
    tokio::time::sleep(Duration::from_secs(1)).await;
    Ok(())
}

/// The view of twenty different moments of this run.
async fn as_of(server: &Server, path: &str) -> anyhow::Result<Latency> {
    let mut connection = clients::Connection::open(server.address).await?;
    let now = landfall::clock::now();
    let since = i64::try_from(server.started.elapsed().as_secs())?.max(25);
    let mut times = Vec::new();
    for nth in 0..20 {
        let at = now.checked_sub(jiff::SignedDuration::from_secs(1 + nth * (since - 5) / 20))?;
        let asked = std::time::Instant::now();
        let answer = connection.get(&format!("{path}at={at:.0}")).await?;
        anyhow::ensure!(answer.status == 200, "{path}at={at}: {}", answer.status);
        times.push(asked.elapsed());
    }
    Ok(Latency::of(times))
}
