//! `landfall serve`: the server.

use std::path::PathBuf;

use crate::config::Config;

/// What the command line says beside the configuration.
#[derive(Debug)]
pub struct ServeOptions {
    /// Folder with the browser part.
    pub site: Option<PathBuf>,
}

/// Serves until a signal ends it.
pub async fn run(_config: Config, _options: ServeOptions) -> anyhow::Result<()> {
    anyhow::bail!("`serve` is not part of this build")
}
