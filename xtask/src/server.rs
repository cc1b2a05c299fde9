//! The `landfall` binary as a child: built, started on a port, waited for.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Result, bail};
use rustix::process::Signal;

use crate::process::{Process, run, tied, wait_a_little};
use crate::site::{self, Effort};
use crate::workspace::{cargo, server_binary};

const START_LIMIT: Duration = Duration::from_mins(2);

/// Builds the server and the browser part.
pub fn build(release: bool) -> Result<()> {
    binary(release)?;
    site::build(if release { Effort::Small } else { Effort::Quick })
}

/// Builds the server alone.
pub fn binary(release: bool) -> Result<()> {
    let mut build = cargo();
    build.args(["build", "--package", "landfall", "--bin", "landfall"]);
    if release {
        build.arg("--release");
    }
    run(&mut build)
}

/// `landfall demo` on this port and database.
pub fn demo(release: bool, port: u16, database_url: &str, arguments: &[String]) -> Command {
    let mut command = tied(server_binary(release), Signal::TERM);
    command.arg("demo").arg("--listen").arg(format!("127.0.0.1:{port}")).arg("--site").arg(site_folder());
    command.args(arguments).env("DATABASE_URL", database_url).env("LANDFALL_SITE", site_folder());
    command
}

fn site_folder() -> std::path::PathBuf {
    crate::workspace::site()
}

/// Starts it and waits until `/readyz` says yes.
pub fn start(command: &mut Command, port: u16) -> Result<Process> {
    let mut server = Process::start("landfall", command, Signal::TERM)?;
    let end = Instant::now() + START_LIMIT;
    while Instant::now() < end {
        if let Some(status) = server.ended()? {
            bail!("landfall ended with {status} before it was ready");
        }
        if is_ready(port) {
            return Ok(server);
        }
        if !wait_a_little(Duration::from_millis(50)) {
            bail!("interrupted");
        }
    }
    bail!("landfall is not ready within {} s", START_LIMIT.as_secs())
}

fn is_ready(port: u16) -> bool {
    let ask = || -> std::io::Result<bool> {
        let mut stream = TcpStream::connect(("127.0.0.1", port))?;
        stream.set_read_timeout(Some(Duration::from_secs(2)))?;
        write!(stream, "GET /readyz HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nConnection: close\r\n\r\n")?;
        let mut status = [0_u8; 12];
        stream.read_exact(&mut status)?;
        Ok(status.starts_with(b"HTTP/1.") && status.ends_with(b" 200"))
    };
    ask().unwrap_or(false)
}
