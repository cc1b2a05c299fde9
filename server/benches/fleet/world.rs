//! A server on a big world: started, waited for, stopped.

use std::{
    net::{SocketAddr, TcpListener},
    path::{Path, PathBuf},
    time::Duration,
};

use anyhow::Context as _;
use landfall_sandbox::{Running, World};
use serde_json::Value;
use tokio::time::Instant;

use super::{child::Process, clients, database::Database, target};

/// No start may take longer.
const PATIENCE: Duration = Duration::from_mins(2);
const LOOK: Duration = Duration::from_millis(20);

/// `landfall serve` on a world.
pub struct Server {
    pub process: Process,
    pub address: SocketAddr,
    pub started: Instant,
}

impl Server {
    /// Starts it; does not wait.
    pub fn start(world: &World, database: &Database, pinned: bool, name: &str) -> anyhow::Result<Self> {
        let folder = target().join("bench");
        std::fs::create_dir_all(&folder)?;
        let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        let url_file = folder.join(format!("{name}.url"));
        std::fs::write(&url_file, &database.url)?;
        let text = world.landfall_toml().replace("127.0.0.1:3000", &format!("127.0.0.1:{port}")).replace(
            "url_env = \"DATABASE_URL\"",
            &format!("url_file = {:?}", url_file.display().to_string()),
        );
        let file = folder.join(format!("{name}.toml"));
        std::fs::write(&file, text)?;
        let (program, file) = (program(), file.display().to_string());
        let log = folder.join(format!("{name}.log"));
        let arguments = ["serve", "--config", &file];
        let process = Process::start(&program, &arguments, pinned, &log)?;
        Ok(Self { process, address: ([127, 0, 0, 1], port).into(), started: Instant::now() })
    }

    /// Waits until `seen` says yes; gives the time since the start.
    pub async fn until<F>(
        &mut self,
        what: &str,
        mut seen: impl FnMut(SocketAddr) -> F,
    ) -> anyhow::Result<Duration>
    where
        F: Future<Output = anyhow::Result<bool>>,
    {
        loop {
            // Nobody listens at first: an error is "not yet".
            if seen(self.address).await.unwrap_or(false) {
                return Ok(self.started.elapsed());
            }
            self.process.must_live()?;
            anyhow::ensure!(self.started.elapsed() < PATIENCE, "{what}: not within {} s", PATIENCE.as_secs());
            tokio::time::sleep(LOOK).await;
        }
    }

    /// A gauge or counter of `/metrics`; the sum where it has labels.
    pub async fn metric(&self, name: &str) -> anyhow::Result<f64> {
        let mut connection = clients::Connection::open(self.address).await?;
        let answer = connection.get_as("/metrics", "identity").await?;
        let text = String::from_utf8_lossy(&answer.body).into_owned();
        let values = text.lines().filter_map(|line| {
            let rest = line.strip_prefix(name)?;
            if rest.starts_with([' ', '{']) { rest.rsplit_once(' ')?.1.parse::<f64>().ok() } else { None }
        });
        Ok(values.sum())
    }

    /// Waits until everything is written; gives the time since the start.
    pub async fn written(&mut self) -> anyhow::Result<Duration> {
        let mut calm = 0;
        loop {
            let queued = self.metric("landfall_writer_queue").await?;
            calm = if queued == 0.0 { calm + 1 } else { 0 };
            if calm == 5 {
                return Ok(self.started.elapsed());
            }
            self.process.must_live()?;
            anyhow::ensure!(self.started.elapsed() < PATIENCE, "{queued} rows are still not written");
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }
}

/// The server program: what `cargo xtask bench` built, else what cargo built for this benchmark.
fn program() -> PathBuf {
    std::env::var_os("LANDFALL_BIN")
        .map_or_else(|| Path::new(env!("CARGO_BIN_EXE_landfall")).to_owned(), PathBuf::from)
}

/// Whether every source is well and holds everything, and all services are there.
pub async fn complete(address: SocketAddr, objects: u64, services: u64) -> anyhow::Result<bool> {
    let sources = clients::json(address, "/api/v1/sources").await?;
    let items = sources["items"].as_array().context("no items")?;
    let well = items.iter().all(|source| source["state"] == "ok");
    let held: u64 = items.iter().filter_map(|source| source["objects"].as_u64()).sum();
    if !well || held < objects {
        return Ok(false);
    }
    let list = clients::json(address, "/api/v1/services?limit=1").await?;
    Ok(list["total"].as_u64() == Some(services))
}

/// Whether the board shows services.
pub async fn useful(address: SocketAddr, services: u64) -> anyhow::Result<bool> {
    let mut connection = clients::Connection::open(address).await?;
    let page = connection.get_as("/", "identity").await?;
    if page.status != 200 || !String::from_utf8_lossy(&page.body).contains("service-0") {
        return Ok(false);
    }
    let list: Value = clients::json(address, "/api/v1/services?limit=1").await?;
    Ok(list["total"].as_u64() == Some(services))
}

/// Objects that the world lets its reader see.
pub fn objects(running: &Running) -> u64 {
    running
        .world()
        .clusters()
        .iter()
        .flat_map(|cluster| cluster.sizes().into_values())
        .map(|n| n as u64)
        .sum()
}
