//! Packages of the distribution: installed when we may, else named with the exact command.

use std::process::Command;
use std::sync::Once;

use anyhow::{Result, bail};

use crate::process::run;
use crate::workspace::{is_root, on_path};

/// Installs these packages through apt when root; otherwise an error that says what to type.
pub fn install(what: &str, packages: &[&str]) -> Result<()> {
    static UPDATED: Once = Once::new();
    let names = packages.join(" ");
    if on_path(&["apt-get"]).is_none() {
        bail!(
            "{what} is missing, and there is no apt here.\nhelp: install it with your system's package manager"
        );
    }
    if !is_root() {
        bail!("{what} is missing.\nhelp: sudo apt-get update && sudo apt-get install --yes {names}");
    }
    eprintln!("xtask: {what} is missing; installing {names}");
    let mut updated = Ok(());
    UPDATED.call_once(|| updated = run(apt().arg("update")));
    updated?;
    run(apt().args(["install", "--yes", "--no-install-recommends"]).args(packages))
}

fn apt() -> Command {
    let mut command = Command::new("apt-get");
    command.env("DEBIAN_FRONTEND", "noninteractive").args(["-qq", "-o", "DPkg::Lock::Timeout=300"]);
    command
}
