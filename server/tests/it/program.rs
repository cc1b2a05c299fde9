//! The program, started as a shell would.

use std::{
    fs::File,
    net::SocketAddr,
    path::Path,
    process::{Child, Command, Stdio},
};

use sqlx::PgPool;
use tokio::net::TcpListener;

/// Ends the program when the test ends, however it does.
pub struct Program(pub Child);

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl Program {
    /// Starts it; what it says goes into `log` beside its configuration.
    pub fn start(arguments: &[&str], configuration: &Path, database: &str) -> Self {
        let log =
            File::options().create(true).append(true).open(configuration.with_file_name("log")).unwrap();
        let mut command = command(arguments, configuration, database);
        Self(command.stdout(Stdio::null()).stderr(log).spawn().unwrap())
    }
}

/// The program with these arguments, this configuration and this database.
pub fn command(arguments: &[&str], configuration: &Path, database: &str) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_landfall"));
    command
        .args(arguments)
        .arg("--config")
        .arg(configuration)
        .env("DATABASE_URL", database)
        .env_remove("LANDFALL_CONFIG");
    command
}

/// A port that nobody has, at this moment.
pub async fn free_address() -> SocketAddr {
    TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap()
}

/// The URL of a test's own database.
pub fn database_url(pool: &PgPool) -> reqwest::Url {
    let mut url = reqwest::Url::parse(&std::env::var("DATABASE_URL").unwrap()).unwrap();
    url.set_path(pool.connect_options().get_database().unwrap());
    url
}
