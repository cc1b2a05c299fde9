//! A PostgreSQL of our own: no system service, no superuser, nothing left running.

mod slot;
mod tools;

use std::fs::{self, File};
use std::io::Write as _;
use std::net::TcpListener;
use std::os::unix::fs::{OpenOptionsExt as _, chown};
use std::os::unix::process::CommandExt as _;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use rustix::process::Signal;

pub use self::slot::Purpose;
use self::slot::Slot;
use self::tools::{Tools, User};
use crate::process::{Process, interrupted, output, wait_a_little};
use crate::workspace;

const SUPERUSER: &str = "landfall_admin";
/// The table in which sqlx keeps what it has applied; queries and grants name it.
const MIGRATIONS_TABLE: &str = "create table _sqlx_migrations (version bigint primary key, description text not null, \
    installed_on timestamptz not null default now(), success boolean not null, checksum bytea not null, \
    execution_time bigint not null)";
const START_LIMIT: Duration = Duration::from_mins(1);

/// A running private cluster. Dropping it stops the server.
///
/// The order of the fields is the order in which they are dropped: the server, then its folder.
#[derive(Debug)]
pub struct Postgres {
    _server: Process,
    slot: Slot,
    tools: Tools,
    port: u16,
    password: String,
}

impl Postgres {
    /// Starts the cluster of this kind (`demo`, `test`, …), making it first when there is none.
    pub fn start(kind: &str, purpose: Purpose, reset: bool) -> Result<Self> {
        let tools = Tools::find()?;
        let user = User::unprivileged()?;
        let slot = Slot::take(kind, purpose, user)?;
        if reset {
            slot.reset(user)?;
        }
        let password = initialise(&tools, &slot, user)?;
        let mut tries = 3;
        loop {
            let port = free_port(None)?;
            match serve(&tools, &slot, user, purpose, port) {
                Ok(server) => return Ok(Self { _server: server, slot, tools, port, password }),
                // Another program may have taken the port in between.
                Err(_) if tries > 1 && !interrupted() => tries -= 1,
                Err(error) => return Err(error),
            }
        }
    }

    /// Where a database of the cluster is reached, over loopback, as its superuser.
    pub fn url(&self, database: &str) -> String {
        format!("postgres://{SUPERUSER}:{}@127.0.0.1:{}/{database}", self.password, self.port)
    }

    /// Makes a database unless it is there.
    pub fn create_database(&self, name: &str) -> Result<()> {
        let ask = "select 1 from pg_database where datname = :'name'";
        let found = self.psql("postgres", &[("name", name)], ask)?;
        if found.trim().is_empty() {
            self.psql("postgres", &[("name", name)], "create database :\"name\"")?;
        }
        Ok(())
    }

    /// Runs SQL with `psql` variables; gives rows, unadorned.
    pub fn psql(&self, database: &str, variables: &[(&str, &str)], sql: &str) -> Result<String> {
        // Tests of one process call this at the same time: each has a file of its own.
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let mut command = self.psql_command(database);
        for (name, value) in variables {
            command.arg(format!("--set={name}={value}"));
        }
        // Variables are not expanded in `--command`, so the text goes through a file.
        let (process, nth) = (std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        let script = workspace::target().join(format!("psql-{process}-{nth}.sql"));
        fs::create_dir_all(workspace::target())?;
        fs::write(&script, sql)?;
        let result = output(command.arg("--file").arg(&script));
        let _ = fs::remove_file(&script);
        result
    }

    /// Applies every file of `migrations/` in the order of names, each in a transaction.
    ///
    /// For `sqlx-prepare`, which must work while the server does not compile; the server itself migrates
    /// with sqlx.
    pub fn apply_migrations(&self, database: &str) -> Result<()> {
        let mut files: Vec<PathBuf> = fs::read_dir(workspace::root().join("migrations"))?
            .map(|entry| entry.map(|entry| entry.path()))
            .collect::<Result<_, _>>()?;
        files.retain(|file| file.extension().is_some_and(|it| it == "sql"));
        files.sort();
        self.psql(database, &[], MIGRATIONS_TABLE)?;
        for file in files {
            let single = !fs::read_to_string(&file)?.starts_with("-- no-transaction");
            let mut command = self.psql_command(database);
            if single {
                command.arg("--single-transaction");
            }
            output(command.arg("--file").arg(&file))
                .with_context(|| format!("migration {} failed", file.display()))?;
        }
        Ok(())
    }

    fn psql_command(&self, database: &str) -> Command {
        let mut command = self.tools.command("psql");
        command.args(["--no-psqlrc", "--quiet", "--tuples-only", "--no-align", "--set=ON_ERROR_STOP=1"]);
        command.env("PGDATABASE", database).env("PGCONNECT_TIMEOUT", "10");
        command.envs(self.environment());
        command
    }

    /// For tests that make databases of their own: the programs' folder and how they reach the cluster.
    pub fn environment(&self) -> Vec<(&'static str, String)> {
        vec![
            ("LANDFALL_PG_BIN", self.tools.bin.display().to_string()),
            ("PGHOST", "127.0.0.1".to_owned()),
            ("PGPORT", self.port.to_string()),
            ("PGUSER", SUPERUSER.to_owned()),
            ("PGPASSWORD", self.password.clone()),
        ]
    }

    /// Where it lies.
    pub fn folder(&self) -> PathBuf {
        self.slot.dir.clone()
    }
}

/// A free port of 127.0.0.1, the preferred one if possible.
pub fn free_port(preferred: Option<u16>) -> Result<u16> {
    if let Some(port) = preferred
        && TcpListener::bind(("127.0.0.1", port)).is_ok()
    {
        return Ok(port);
    }
    let listener = TcpListener::bind(("127.0.0.1", 0)).context("no free port on 127.0.0.1")?;
    Ok(listener.local_addr()?.port())
}

/// Makes the cluster unless it is there. Gives the superuser's password.
fn initialise(tools: &Tools, slot: &Slot, user: Option<User>) -> Result<String> {
    let data = slot.dir.join("data");
    let password_file = slot.dir.join("password");
    if let Ok(version) = fs::read_to_string(data.join("PG_VERSION")) {
        if version.trim() != tools.major.to_string() {
            bail!(
                "{} was made by PostgreSQL {}, installed is {}\nhelp: --reset makes it anew (its history is lost)",
                data.display(),
                version.trim(),
                tools.major
            );
        }
        return fs::read_to_string(&password_file)
            .context("the private cluster's password is lost\nhelp: --reset");
    }
    let _ = fs::remove_dir_all(&data);
    let password = random_password()?;
    let mut file =
        File::options().create(true).write(true).truncate(true).mode(0o600).open(&password_file)?;
    file.write_all(password.as_bytes())?;
    if let Some(user) = user {
        chown(&password_file, Some(user.uid), Some(user.gid))?;
    }
    let mut initdb = tools.command("initdb");
    initdb.args(["--no-sync", "--encoding=UTF8", "--locale=C", "--auth=scram-sha-256"]);
    initdb.arg(format!("--username={SUPERUSER}")).arg("--pwfile").arg(&password_file);
    initdb.arg("--pgdata").arg(&data);
    become_user(&mut initdb, user);
    if let Err(error) = output(&mut initdb) {
        let _ = fs::remove_dir_all(&data);
        return Err(error);
    }
    Ok(password)
}

fn random_password() -> Result<String> {
    let mut bytes = [0_u8; 16];
    let mut source = File::open("/dev/urandom").context("no source of randomness")?;
    std::io::Read::read_exact(&mut source, &mut bytes)?;
    Ok(workspace::hex(&bytes))
}

fn become_user(command: &mut Command, user: Option<User>) {
    if let Some(user) = user {
        command.uid(user.uid).gid(user.gid);
    }
}

/// Starts the server and waits until it answers.
fn serve(tools: &Tools, slot: &Slot, user: Option<User>, purpose: Purpose, port: u16) -> Result<Process> {
    let data = slot.dir.join("data");
    let log = slot.dir.join("postgres.log");
    let out = File::create(&log)?;
    let mut command = tools.server();
    command.arg("-D").arg(&data).arg("-p").arg(port.to_string());
    command.args(["-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories="]);
    command.args(["-c", "max_connections=200", "-c", "timezone=UTC", "-c", "log_timezone=UTC"]);
    if !purpose.is_durable() {
        // Nothing of it is wanted after a crash.
        command.args(["-c", "fsync=off", "-c", "synchronous_commit=off", "-c", "full_page_writes=off"]);
    }
    become_user(&mut command, user);
    command.stdout(Stdio::from(out.try_clone()?)).stderr(Stdio::from(out));
    let mut server = Process::start("PostgreSQL", &mut command, Signal::INT)?;
    let end = Instant::now() + START_LIMIT;
    while Instant::now() < end {
        if let Some(status) = server.ended()? {
            let text = fs::read_to_string(&log).unwrap_or_default();
            let tail: Vec<&str> = text.lines().rev().take(15).collect();
            let tail: Vec<&str> = tail.into_iter().rev().collect();
            bail!("PostgreSQL ended with {status}; its log {} says\n{}", log.display(), tail.join("\n"));
        }
        // The eighth line of its pid file tells its state.
        let pid_file = fs::read_to_string(data.join("postmaster.pid")).unwrap_or_default();
        if pid_file.lines().nth(7).is_some_and(|state| state.trim() == "ready") {
            return Ok(server);
        }
        if !wait_a_little(Duration::from_millis(20)) {
            bail!("interrupted");
        }
    }
    bail!("PostgreSQL does not answer within {} s; its log: {}", START_LIMIT.as_secs(), log.display())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_at_once_and_nothing_left() {
        let first = Postgres::start("unit", Purpose::Test, false).unwrap();
        let second = Postgres::start("unit", Purpose::Test, false).unwrap();
        assert_ne!(first.folder(), second.folder());
        first.create_database("o'clock").unwrap();
        first.create_database("o'clock").unwrap();
        assert_eq!(first.psql("o'clock", &[], "select current_database()").unwrap().trim(), "o'clock");
        assert!(second.psql("o'clock", &[], "select 1").is_err(), "they share nothing");
        assert_eq!(second.psql("postgres", &[], "show fsync").unwrap().trim(), "off");
        let folders = [first.folder(), second.folder()];
        let port = first.port;
        drop((first, second));
        assert!(std::net::TcpStream::connect(("127.0.0.1", port)).is_err(), "the server still listens");
        assert!(folders.iter().all(|folder| !folder.exists()), "the folder is still there");
    }

    #[test]
    fn data_is_kept_and_a_killed_run_is_cleaned_up() {
        let first = Postgres::start("keep", Purpose::Demo, true).unwrap();
        first.create_database("kept").unwrap();
        let slot = first.slot.dir.clone();
        // As after a kill of this process: the server runs on, the lock is free.
        let Postgres { _server: server, slot: held, .. } = first;
        std::mem::forget(server);
        drop(held);
        let second = Postgres::start("keep", Purpose::Demo, false).unwrap();
        assert_eq!(second.folder(), slot);
        assert_eq!(second.psql("kept", &[], "show fsync").unwrap().trim(), "on");
        second.slot.empty().unwrap();
    }
}
