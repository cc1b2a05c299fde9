//! `landfall serve` as a process that a test may kill, stop and let go on.

use std::{
    net::{SocketAddr, TcpListener},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::Duration,
};

use landfall_sandbox::World;
use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    time::{Instant, timeout},
};

/// No wait of these tests is longer, whatever the machine does.
pub const PATIENCE: Duration = Duration::from_secs(120);
const LOOK: Duration = Duration::from_millis(50);

/// One replica. It is started again on the same port with the same configuration.
pub struct Replica {
    pub address: SocketAddr,
    folder: tempfile::TempDir,
    environment: Vec<(String, String)>,
    child: Option<Child>,
}

impl Replica {
    /// Starts one on this world and database. `lease` as in `[database] lease`.
    pub fn start(world: &World, url: &str, lease: &str) -> Self {
        Self::start_with(world, url, lease, &[])
    }

    /// The same with environment variables.
    pub fn start_with(world: &World, url: &str, lease: &str, environment: &[(&str, &str)]) -> Self {
        Self::configured(world, url, None, lease, environment)
    }

    /// One whose tables belong to another role, which connects at `owner`.
    pub fn with_owner(world: &World, url: &str, owner: &str, lease: &str) -> Self {
        Self::configured(world, url, Some(owner), lease, &[])
    }

    fn configured(
        world: &World,
        url: &str,
        owner: Option<&str>,
        lease: &str,
        environment: &[(&str, &str)],
    ) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let url_file = folder.path().join("url");
        std::fs::write(&url_file, url).unwrap();
        let mut database =
            vec![format!("url_file = {:?}", url_file.display().to_string()), format!("lease = {lease:?}")];
        if let Some(owner) = owner {
            let file = folder.path().join("owner");
            std::fs::write(&file, owner).unwrap();
            database.push(format!("migrate_url_file = {:?}", file.display().to_string()));
        }
        let database = database.join("\n");
        let text = world
            .landfall_toml()
            .replace("127.0.0.1:3000", &format!("127.0.0.1:{port}"))
            .replace("url_env = \"DATABASE_URL\"", &database);
        std::fs::write(folder.path().join("landfall.toml"), text).unwrap();
        let environment = environment.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
        let address = ([127, 0, 0, 1], port).into();
        let mut replica = Self { address, folder, environment, child: None };
        replica.again();
        replica
    }

    /// Starts it again after a kill.
    pub fn again(&mut self) {
        assert!(self.child.is_none(), "it still runs");
        let log = std::fs::File::options().create(true).append(true).open(self.log()).unwrap();
        let mut command = Command::new(program());
        command.arg("serve").arg("--config").arg(self.folder.path().join("landfall.toml"));
        command.envs(self.environment.iter().map(|(k, v)| (k, v)));
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(log);
        self.child = Some(command.spawn().unwrap());
    }

    fn log(&self) -> PathBuf {
        self.folder.path().join("log")
    }

    /// The last lines that it logged.
    pub fn tail(&self) -> String {
        let text = std::fs::read_to_string(self.log()).unwrap_or_default();
        let lines: Vec<&str> = text.lines().collect();
        lines[lines.len().saturating_sub(30)..].join("\n")
    }

    /// How often it logged this.
    pub fn logged(&self, words: &str) -> usize {
        let text = std::fs::read_to_string(self.log()).unwrap_or_default();
        text.lines().filter(|line| line.contains(words)).count()
    }

    pub fn signal(&self, signal: Signal) {
        let child = self.child.as_ref().expect("it runs");
        let pid = Pid::from_raw(i32::try_from(child.id()).unwrap()).unwrap();
        kill_process(pid, signal).unwrap();
    }

    pub fn pid(&self) -> u32 {
        self.child.as_ref().expect("it runs").id()
    }

    /// `kill -9`, and waits until it is gone.
    pub fn kill(&mut self) {
        let mut child = self.child.take().expect("it runs");
        child.kill().unwrap();
        child.wait().unwrap();
    }

    /// Asks it to end; gives how long that took.
    pub async fn stop(&mut self) -> Duration {
        self.signal(Signal::TERM);
        let begun = Instant::now();
        let mut child = self.child.take().expect("it runs");
        while child.try_wait().unwrap().is_none() {
            if begun.elapsed() > PATIENCE {
                child.kill().unwrap();
                child.wait().unwrap();
                panic!("it does not end when asked");
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        begun.elapsed()
    }

    /// Whether the process still runs.
    pub fn lives(&mut self) -> bool {
        self.child.as_mut().is_some_and(|child| child.try_wait().unwrap().is_none())
    }

    /// Bytes in memory.
    pub fn memory(&self) -> u64 {
        let text = std::fs::read_to_string(format!("/proc/{}/status", self.pid())).unwrap_or_default();
        let line = text.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap_or_default();
        line.trim().trim_end_matches("kB").trim().parse::<u64>().unwrap_or_default() * 1024
    }

    /// An answer's status and body; `None` where there is none in time.
    pub async fn get(&self, path: &str) -> Option<(u16, Vec<u8>)> {
        timeout(Duration::from_secs(10), ask(self.address, path)).await.ok()?.ok()
    }

    pub async fn json(&self, path: &str) -> Option<Value> {
        let (status, body) = self.get(path).await?;
        (status == 200).then(|| serde_json::from_slice(&body).ok())?
    }

    /// A metric without labels; `None` while it does not answer.
    pub async fn metric(&self, name: &str) -> Option<f64> {
        let (_, body) = timeout(Duration::from_secs(2), self.get("/metrics")).await.ok()??;
        let text = String::from_utf8(body).ok()?;
        text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' ')?.parse().ok())
    }

    /// Whether it says that it leads.
    pub async fn leads(&self) -> bool {
        self.metric("landfall_leader").await == Some(1.0)
    }

    /// Waits until all sources are well.
    pub async fn until_well(&self) {
        until(self, "all sources are well", async || {
            let sources = self.json("/api/v1/sources").await;
            sources.is_some_and(|list| {
                list["items"].as_array().is_some_and(|items| {
                    !items.is_empty() && items.iter().all(|source| source["state"] == "ok")
                })
            })
        })
        .await;
    }

    /// Waits until everything that was noticed is written.
    pub async fn until_written(&self) {
        let mut calm = 0;
        until(self, "everything is written", async || {
            calm = if self.metric("landfall_writer_queue").await == Some(0.0) { calm + 1 } else { 0 };
            calm > 30
        })
        .await;
    }
}

/// Waits until `seen`; fails with the replica's log.
pub async fn until(replica: &Replica, what: &str, mut seen: impl AsyncFnMut() -> bool) -> Duration {
    let begun = Instant::now();
    while !seen().await {
        assert!(begun.elapsed() < PATIENCE, "{what}: not in time; its log ends so:\n{}", replica.tail());
        tokio::time::sleep(LOOK).await;
    }
    begun.elapsed()
}

impl Drop for Replica {
    fn drop(&mut self) {
        if let Some(mut child) = self.child.take() {
            let _already_gone = child.kill();
            let _status = child.wait();
        }
    }
}

/// What `cargo xtask faults` built, else what cargo built for this test.
fn program() -> PathBuf {
    let built = || Path::new(env!("CARGO_BIN_EXE_landfall")).to_owned();
    std::env::var_os("LANDFALL_BIN").map_or_else(built, PathBuf::from)
}

async fn ask(address: SocketAddr, path: &str) -> std::io::Result<(u16, Vec<u8>)> {
    let mut stream = TcpStream::connect(address).await?;
    let text = format!("GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n");
    stream.write_all(text.as_bytes()).await?;
    let mut raw = Vec::new();
    stream.read_to_end(&mut raw).await?;
    let end = raw.windows(4).position(|four| four == b"\r\n\r\n").ok_or(std::io::ErrorKind::UnexpectedEof)?;
    let status =
        std::str::from_utf8(raw.get(9..12).unwrap_or_default()).ok().and_then(|code| code.parse().ok());
    Ok((status.ok_or(std::io::ErrorKind::InvalidData)?, raw[end + 4..].to_vec()))
}
