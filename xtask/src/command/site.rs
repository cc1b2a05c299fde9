//! `cargo xtask site`

use anyhow::Result;
use clap::Args;

use crate::site::{self, Effort};

/// Builds the browser part alone: islands, style sheet, compressed twins
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  cargo xtask site\n  cargo xtask site --small\n\n\
    Writes target/site, the folder that `landfall --site` takes. Other commands do it by themselves.")]
pub struct Site {
    /// As small as possible, as in a release
    #[arg(long)]
    small: bool,
}

impl Site {
    pub fn run(self) -> Result<()> {
        site::build(if self.small { Effort::Small } else { Effort::Quick })?;
        site::report()
    }
}
