//! A slot is one folder for one private cluster. Whoever holds its lock owns it, so two runs at once take
//! two slots, and what a killed run left behind is found and ended by the next one.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::os::unix::fs::{DirBuilderExt as _, PermissionsExt as _, chown};
use std::path::{Path, PathBuf};
use std::thread::sleep;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use rustix::process::{Pid, Signal, kill_process};

use super::tools::{User, command_line};
use crate::workspace;

/// What a private cluster is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// Starts empty, is removed afterwards, and need not survive a crash of the machine.
    Test,
    /// Starts empty and is removed afterwards, but writes as a real one does.
    Bench,
    /// Kept between runs.
    Demo,
}

impl Purpose {
    /// Does its data outlive the run?
    pub fn keeps(self) -> bool {
        self == Self::Demo
    }

    /// Does a commit wait for the disk?
    pub fn is_durable(self) -> bool {
        self != Self::Test
    }
}

/// A folder of our own, until dropped.
#[derive(Debug)]
pub struct Slot {
    /// Holds `data/`, the socket, the log and the password.
    pub dir: PathBuf,
    purpose: Purpose,
    _lock: File,
}

impl Slot {
    /// Takes the first free slot of this kind.
    pub fn take(kind: &str, purpose: Purpose, user: Option<User>) -> Result<Self> {
        let parent = workspace::cache()?.join("pg");
        fs::create_dir_all(&parent)?;
        let prefix = format!("{}-{kind}", workspace::clone_id());
        for number in 1..=64 {
            let dir = parent.join(format!("{prefix}-{number}"));
            let Some(lock) = try_lock(&dir.with_extension("lock"))? else { continue };
            end_left_over(&dir.join("data"))?;
            let slot = Self { dir, purpose, _lock: lock };
            if !purpose.keeps() {
                slot.empty()?;
            }
            slot.create(user)?;
            return Ok(slot);
        }
        bail!("64 private databases are in use under {}", parent.display())
    }

    /// Forgets all data.
    pub fn reset(&self, user: Option<User>) -> Result<()> {
        self.empty()?;
        self.create(user)
    }

    fn create(&self, user: Option<User>) -> Result<()> {
        if !self.dir.is_dir() {
            fs::DirBuilder::new().mode(0o700).create(&self.dir)?;
        }
        fs::set_permissions(&self.dir, fs::Permissions::from_mode(0o700))?;
        if let Some(user) = user {
            chown(&self.dir, Some(user.uid), Some(user.gid))?;
        }
        Ok(())
    }

    pub(super) fn empty(&self) -> Result<()> {
        match fs::remove_dir_all(&self.dir) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                Err(error).with_context(|| format!("cannot remove {}", self.dir.display()))
            }
            _ => Ok(()),
        }
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        if !self.purpose.keeps() {
            let _ = self.empty();
        }
    }
}

/// The lock file stays: removing it would let two runs lock two different files of one name.
fn try_lock(path: &Path) -> Result<Option<File>> {
    let file = OpenOptions::new().create(true).truncate(false).write(true).open(path);
    let file = file.with_context(|| format!("cannot open {}", path.display()))?;
    match file.try_lock() {
        Ok(()) => Ok(Some(file)),
        Err(TryLockError::WouldBlock) => Ok(None),
        Err(TryLockError::Error(error)) => {
            Err(error).with_context(|| format!("cannot lock {}", path.display()))
        }
    }
}

/// Nobody holds the lock, so a server on this folder is what a killed run left: it is ended. A process id
/// that by now belongs to something else is only forgotten.
fn end_left_over(data: &Path) -> Result<()> {
    let pid_file = data.join("postmaster.pid");
    let Ok(text) = fs::read_to_string(&pid_file) else { return Ok(()) };
    let pid: Option<u32> = text.lines().next().and_then(|line| line.trim().parse().ok());
    let ours = |pid: u32| command_line(pid).contains(&*data.to_string_lossy());
    let Some(pid) = pid.filter(|pid| ours(*pid)) else {
        return fs::remove_file(&pid_file).with_context(|| format!("cannot remove {}", pid_file.display()));
    };
    let Some(process) = i32::try_from(pid).ok().and_then(Pid::from_raw) else { return Ok(()) };
    for signal in [Signal::INT, Signal::QUIT, Signal::KILL] {
        let _ = kill_process(process, signal);
        let end = Instant::now() + Duration::from_secs(10);
        while Instant::now() < end {
            if !ours(pid) {
                return Ok(());
            }
            sleep(Duration::from_millis(20));
        }
    }
    bail!("a PostgreSQL of an earlier run (process {pid}) does not end")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lock_is_held_once() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("slot.lock");
        let first = try_lock(&path).unwrap();
        assert!(first.is_some());
        assert!(try_lock(&path).unwrap().is_none());
        drop(first);
        assert!(try_lock(&path).unwrap().is_some());
    }

    #[test]
    fn a_reused_process_id_is_left_alone() {
        let dir = tempfile::tempdir().unwrap();
        let data = dir.path().join("data");
        fs::create_dir(&data).unwrap();
        fs::write(data.join("postmaster.pid"), format!("{}\n{}\n", std::process::id(), data.display()))
            .unwrap();
        end_left_over(&data).unwrap();
        assert!(!data.join("postmaster.pid").exists());
    }
}
