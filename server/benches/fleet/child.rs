//! A program under measurement: on a core of its own, watched from outside, gone when dropped.

use std::{
    path::Path,
    process::{Child, Command, Stdio},
    time::Duration,
};

use anyhow::Context as _;
use rustix::{
    process::{Pid, Signal, kill_process},
    thread::{CpuSet, sched_setaffinity},
};

/// Ticks of `/proc/PID/stat` per second, on every Linux that Rust runs on.
const TICKS: u64 = 100;

/// Whether one core can be set aside for the server.
pub fn can_pin() -> bool {
    let several = std::thread::available_parallelism().is_ok_and(|cores| cores.get() > 1);
    several && Command::new("taskset").arg("-V").stdout(Stdio::null()).status().is_ok_and(|s| s.success())
}

/// Puts the calling thread, and those it will start, on one core.
pub fn pin_self(core: usize) -> anyhow::Result<()> {
    let mut set = CpuSet::new();
    set.set(core);
    sched_setaffinity(None, &set).context("cannot stay on one core")
}

/// Time that core 0 was busy since the machine started, whoever used it.
pub fn core_busy() -> Duration {
    let text = std::fs::read_to_string("/proc/stat").unwrap_or_default();
    let line = text.lines().find_map(|line| line.strip_prefix("cpu0 ")).unwrap_or_default();
    let fields: Vec<u64> = line.split_whitespace().filter_map(|n| n.parse().ok()).collect();
    // user, nice, system, (idle, waiting), interrupts, soft interrupts, stolen by the host
    let busy = [0, 1, 2, 5, 6, 7].iter().filter_map(|at| fields.get(*at)).sum::<u64>();
    Duration::from_millis(busy * 1_000 / TICKS)
}

/// A process of ours.
#[derive(Debug)]
pub struct Process(Child);

impl Process {
    /// Starts a program, on core 0 if `pinned`. What it logs goes to `log`.
    pub fn start(program: &Path, arguments: &[&str], pinned: bool, log: &Path) -> anyhow::Result<Self> {
        let mut command = if pinned {
            let mut command = Command::new("taskset");
            command.args(["-c", "0"]).arg(program);
            command
        } else {
            Command::new(program)
        };
        if let Some(folder) = log.parent() {
            std::fs::create_dir_all(folder)?;
        }
        command.args(arguments).stdin(Stdio::null()).stdout(Stdio::null());
        command.stderr(std::fs::File::create(log)?);
        let child = command.spawn().with_context(|| format!("cannot start {}", program.display()))?;
        Ok(Self(child))
    }

    fn status(&self, field: &str) -> Option<u64> {
        let text = std::fs::read_to_string(format!("/proc/{}/status", self.0.id())).ok()?;
        let line = text.lines().find_map(|line| line.strip_prefix(field))?;
        line.trim_matches([':', ' ', '\t', 'k', 'B']).parse().ok()
    }

    /// Bytes in memory now.
    pub fn memory(&self) -> u64 {
        self.status("VmRSS").unwrap_or_default() * 1024
    }

    /// Most bytes that were ever in memory.
    pub fn memory_peak(&self) -> u64 {
        self.status("VmHWM").unwrap_or_default() * 1024
    }

    /// Time on a processor, its own and the kernel's for it.
    pub fn cpu(&self) -> Duration {
        let text = std::fs::read_to_string(format!("/proc/{}/stat", self.0.id())).unwrap_or_default();
        let after_name = text.rsplit_once(')').map_or("", |(_, rest)| rest);
        let ticks: u64 =
            after_name.split_whitespace().skip(11).take(2).filter_map(|n| n.parse::<u64>().ok()).sum();
        Duration::from_millis(ticks * 1_000 / TICKS)
    }

    /// An error if it has ended by itself.
    pub fn must_live(&mut self) -> anyhow::Result<()> {
        match self.0.try_wait()? {
            Some(status) => anyhow::bail!("the server ended by itself with {status}"),
            None => Ok(()),
        }
    }

    /// Asks it to end and says how long that took.
    pub async fn stop(mut self) -> anyhow::Result<Duration> {
        let begun = std::time::Instant::now();
        if let Some(pid) = i32::try_from(self.0.id()).ok().and_then(Pid::from_raw) {
            kill_process(pid, Signal::TERM)?;
        }
        while self.0.try_wait()?.is_none() {
            anyhow::ensure!(begun.elapsed() < Duration::from_secs(20), "the server does not end when asked");
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        Ok(begun.elapsed())
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // Our own child, not waited for yet: the id cannot be somebody else's.
        let _already_gone = self.0.kill();
        let _status = self.0.wait();
    }
}
