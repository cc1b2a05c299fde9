//! `landfall demo`: the server on a small made-up world.

use std::{net::SocketAddr, path::PathBuf};

/// What the command line says.
#[derive(Debug)]
pub struct DemoOptions {
    pub listen: SocketAddr,
    /// Folder with the browser part.
    pub site: Option<PathBuf>,
    pub seed: u64,
    pub manual_clock: bool,
    pub database_url: String,
}

/// Serves the demo until a signal ends it.
pub async fn run(_options: DemoOptions) -> anyhow::Result<()> {
    anyhow::bail!("`demo` is not part of this build")
}
