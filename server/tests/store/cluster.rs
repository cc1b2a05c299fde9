//! A PostgreSQL server of a test's own, which it may stop and start.

use std::{
    path::{Path, PathBuf},
    process::Command,
};

use landfall::store::Store;
use sqlx::postgres::PgConnectOptions;

/// Lives in a temporary folder and listens on a socket there; stopped and removed at the end.
pub struct Cluster {
    folder: tempfile::TempDir,
    programs: PathBuf,
}

impl Cluster {
    /// Makes and starts one, and applies the migrations.
    pub async fn start() -> Self {
        let folder = tempfile::Builder::new().prefix("lf").tempdir_in("/tmp").expect("a folder");
        let cluster = Self { programs: programs(), folder };
        if is_root() {
            // PostgreSQL refuses to run as root.
            run(Command::new("chown").arg("postgres").arg(cluster.folder.path()));
        }
        let data = cluster.data();
        cluster.program("initdb", &["--no-sync", "-A", "trust", "-U", "landfall", "-E", "UTF8", "-D", &data]);
        cluster.up();
        cluster.store().migrate().await.expect("migrations");
        cluster
    }

    pub fn store(&self) -> Store {
        Store::with_options(self.options(), 4)
    }

    pub fn options(&self) -> PgConnectOptions {
        PgConnectOptions::new_without_pgpass()
            .socket(self.folder.path())
            .port(5432)
            .username("landfall")
            .database("postgres")
    }

    pub fn up(&self) {
        let socket = self.folder.path().display();
        // Whatever PGPORT says of another server.
        let options =
            format!("-c port=5432 -c listen_addresses='' -c unix_socket_directories='{socket}' -c fsync=off");
        let log = format!("{socket}/log");
        self.program("pg_ctl", &["-D", &self.data(), "-l", &log, "-o", &options, "-w", "start"]);
    }

    /// Stops at once, as when the power fails.
    pub fn down(&self) {
        self.program("pg_ctl", &["-D", &self.data(), "-m", "immediate", "-w", "stop"]);
    }

    fn data(&self) -> String {
        self.folder.path().join("data").display().to_string()
    }

    fn program(&self, name: &str, arguments: &[&str]) {
        let program = self.programs.join(name);
        let mut command = if is_root() {
            let mut command = Command::new("runuser");
            command.args(["-u", "postgres", "--"]).arg(program);
            command
        } else {
            Command::new(program)
        };
        run(command.args(arguments).current_dir("/tmp"));
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        let data = self.data();
        if Path::new(&data).join("postmaster.pid").exists() {
            self.down();
        }
    }
}

fn run(command: &mut Command) {
    // A server that stays must not hold our pipes: output goes to the test's own.
    let status = command
        .stdout(std::process::Stdio::null())
        .status()
        .unwrap_or_else(|error| panic!("{command:?}: {error}"));
    assert!(status.success(), "{command:?}: {status}");
}

fn is_root() -> bool {
    std::fs::metadata("/proc/self").is_ok_and(|meta| std::os::unix::fs::MetadataExt::uid(&meta) == 0)
}

/// Folder of the server's programs: on PATH, or where distributions keep them.
fn programs() -> PathBuf {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let packaged = std::fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .flatten()
        .map(|d| d.path().join("bin"));
    std::env::split_paths(&path)
        .chain(packaged)
        .find(|folder| folder.join("initdb").exists() && folder.join("pg_ctl").exists())
        .expect("the programs of a PostgreSQL server: apt-get install postgresql")
}
