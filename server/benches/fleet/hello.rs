//! The bare server that figures are compared with: axum, one route, eleven bytes.

use std::{
    io::{BufRead as _, Write as _},
    net::SocketAddr,
    path::Path,
    process::{Child, Command, Stdio},
};

use anyhow::Context as _;
use axum::{Router, routing::get};

/// Serves until killed; says on standard output where.
pub fn serve() -> anyhow::Result<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
        println!("{}", listener.local_addr()?);
        std::io::stdout().flush()?;
        let app = Router::new().route("/", get(async || "hello world"));
        Ok(axum::serve(listener, app).await?)
    })
}

/// It as a process, until dropped.
pub struct Hello {
    child: Child,
    pub address: SocketAddr,
}

impl Hello {
    pub fn start(pinned: bool) -> anyhow::Result<Self> {
        let own = std::env::current_exe()?;
        let mut command = if pinned { Command::new("taskset") } else { Command::new(&own) };
        if pinned {
            command.args([Path::new("-c"), Path::new("0"), &own]);
        }
        let mut child = command.arg("--hello").stdin(Stdio::null()).stdout(Stdio::piped()).spawn()?;
        let mut line = String::new();
        let output = child.stdout.take().context("no output")?;
        std::io::BufReader::new(output).read_line(&mut line)?;
        Ok(Self { child, address: line.trim().parse().context("the bare server does not say where it is")? })
    }
}

impl Drop for Hello {
    fn drop(&mut self) {
        let _already_gone = self.child.kill();
        let _status = self.child.wait();
    }
}
