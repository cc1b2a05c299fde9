//! PostgreSQL's programs: where they are, and how to get them.

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};
use rustix::process::Signal;

use crate::process::{output, tied};
use crate::{apt, workspace};

/// The oldest major version that Landfall's SQL is written for.
const OLDEST: u32 = 15;
/// Where distributions put them; `*` is the version.
const FOLDERS: [(&str, &str); 3] =
    [("/usr/lib/postgresql", "bin"), ("/opt/homebrew/opt", "bin"), ("/usr/local/opt", "bin")];

/// One installation.
#[derive(Debug, Clone)]
pub struct Tools {
    /// Folder with `postgres`, `initdb`, `psql`, `createdb`.
    pub bin: PathBuf,
    /// Major version.
    pub major: u32,
}

impl Tools {
    /// The newest installation of this machine; installs one when there is none and we may.
    pub fn find() -> Result<Self> {
        if let Some(found) = Self::search() {
            return Ok(found);
        }
        apt::install(&format!("PostgreSQL {OLDEST} or newer"), &["postgresql"])?;
        Self::search().with_context(|| {
            format!("the distribution's PostgreSQL is older than {OLDEST}\nhelp: see https://www.postgresql.org/download/")
        })
    }

    fn search() -> Option<Self> {
        let mut folders: Vec<PathBuf> = workspace::on_path(&["postgres"])
            .and_then(|file| fs::canonicalize(file).ok())
            .and_then(|file| file.parent().map(Path::to_path_buf))
            .into_iter()
            .collect();
        for (parent, below) in FOLDERS {
            let entries = fs::read_dir(parent).into_iter().flatten().flatten();
            folders.extend(entries.map(|entry| entry.path().join(below)));
        }
        let complete = |bin: &PathBuf| ["postgres", "initdb", "psql"].iter().all(|it| bin.join(it).is_file());
        let mut found: Vec<Self> = folders
            .into_iter()
            .filter(complete)
            .filter_map(|bin| version(&bin).map(|major| Self { bin, major }))
            .filter(|tools| tools.major >= OLDEST)
            .collect();
        found.sort_by_key(|tools| tools.major);
        found.pop()
    }

    /// One of its programs.
    pub fn command(&self, name: &str) -> Command {
        Self::clean(Command::new(self.bin.join(name)))
    }

    /// The server, which ends when we do.
    pub fn server(&self) -> Command {
        // SIGINT is PostgreSQL's "fast shutdown": roll back, disconnect, end.
        Self::clean(tied(self.bin.join("postgres"), Signal::INT))
    }

    fn clean(mut command: Command) -> Command {
        // Nobody's own settings may reach a private cluster.
        for name in
            ["PGHOST", "PGPORT", "PGUSER", "PGDATABASE", "PGDATA", "PGPASSWORD", "PGOPTIONS", "PGSERVICE"]
        {
            command.env_remove(name);
        }
        command.current_dir("/").env("LC_ALL", "C");
        command
    }
}

fn version(bin: &Path) -> Option<u32> {
    let text = output(Command::new(bin.join("postgres")).arg("--version")).ok()?;
    parse_version(&text)
}

/// `postgres (PostgreSQL) 15.18 (Debian …)` is 15.
fn parse_version(text: &str) -> Option<u32> {
    let number = text.split_whitespace().find(|word| word.starts_with(|c: char| c.is_ascii_digit()))?;
    number.split(|c: char| !c.is_ascii_digit()).next()?.parse().ok()
}

/// A user as `/etc/passwd` has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct User {
    /// User id.
    pub uid: u32,
    /// Its primary group.
    pub gid: u32,
}

impl User {
    /// The user that a superuser's cluster runs as: `postgres`, else `nobody`. None for everybody else.
    pub fn unprivileged() -> Result<Option<Self>> {
        if !workspace::is_root() {
            return Ok(None);
        }
        let users = fs::read_to_string("/etc/passwd").context("cannot read /etc/passwd")?;
        match ["postgres", "nobody"].iter().find_map(|name| find_user(&users, name)) {
            Some(user) => Ok(Some(user)),
            None => bail!("PostgreSQL refuses to run as root, and there is no user `postgres` or `nobody`"),
        }
    }
}

fn find_user(passwd: &str, name: &str) -> Option<User> {
    let line = passwd.lines().find(|line| line.split(':').next() == Some(name))?;
    let mut fields = line.split(':').skip(2);
    let user = User { uid: fields.next()?.parse().ok()?, gid: fields.next()?.parse().ok()? };
    (user.uid != 0).then_some(user)
}

/// The command line of a process, empty when there is no such process.
pub fn command_line(pid: u32) -> String {
    if let Ok(line) = fs::read(format!("/proc/{pid}/cmdline")) {
        return String::from_utf8_lossy(&line).replace('\0', " ");
    }
    let ps = Command::new(OsStr::new("ps")).args(["-o", "command=", "-p", &pid.to_string()]).output();
    ps.map_or_else(|_| String::new(), |out| String::from_utf8_lossy(&out.stdout).trim().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions() {
        assert_eq!(parse_version("postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)\n"), Some(15));
        assert_eq!(parse_version("postgres (PostgreSQL) 19beta1"), Some(19));
        assert_eq!(parse_version("nothing"), None);
    }

    #[test]
    fn users() {
        let passwd = "root:x:0:0:root:/root:/bin/sh\npostgres:x:101:104::/var/lib/postgresql:/bin/bash\n";
        assert_eq!(find_user(passwd, "postgres"), Some(User { uid: 101, gid: 104 }));
        assert_eq!(find_user(passwd, "root"), None, "never the superuser");
        assert_eq!(find_user(passwd, "post"), None);
    }
}
