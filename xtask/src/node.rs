//! Node, its packages, and a Chromium: what the browser tests need.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};
use sha2::{Digest, Sha256};

use crate::process::{output, run};
use crate::workspace::{end2end, hex, is_root, on_path};
use crate::{apt, workspace};

const CHROMIUM: [&str; 4] = ["chromium", "chromium-browser", "google-chrome-stable", "google-chrome"];
/// The oldest that Playwright runs on.
const OLDEST_NODE: u32 = 18;

/// Node and npm are there, and `end2end/node_modules` is what the lockfile says.
pub fn ensure_packages() -> Result<()> {
    ensure_packages_in(&end2end())
}

/// The same for any folder with a lockfile.
fn ensure_packages_in(folder: &Path) -> Result<()> {
    if on_path(&["node"]).is_none() || on_path(&["npm"]).is_none() {
        apt::install("Node.js with npm", &["nodejs", "npm"])?;
    }
    let version = output(Command::new("node").arg("--version"))?;
    let major =
        version.trim().trim_start_matches('v').split('.').next().and_then(|it| it.parse::<u32>().ok());
    if major.is_none_or(|it| it < OLDEST_NODE) {
        bail!("Node.js {} is too old\nhelp: install Node.js {OLDEST_NODE} or newer", version.trim());
    }
    let lock = folder.join("package-lock.json");
    let bytes = fs::read(&lock).with_context(|| format!("cannot read {}", lock.display()))?;
    let key = hex(&Sha256::digest(&bytes));
    let stamp = folder.join("node_modules/.landfall-lock");
    if fs::read_to_string(&stamp).is_ok_and(|it| it == key) {
        return Ok(());
    }
    let mut npm = Command::new("npm");
    npm.args(["ci", "--no-audit", "--no-fund", "--loglevel=error"]).current_dir(folder);
    // The browser comes from the system, or from `npx playwright install`, never as a side effect.
    run(npm.env("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1"))?;
    fs::write(stamp, key)?;
    Ok(())
}

/// What to set as `LANDFALL_CHROMIUM`: a Chromium of the system; none where Playwright has its own.
pub fn ensure_browser() -> Result<Option<PathBuf>> {
    let given = env::var_os("LANDFALL_CHROMIUM").map(PathBuf::from);
    if let Some(file) = given.or_else(|| on_path(&CHROMIUM)) {
        ensure_fonts()?;
        return Ok(Some(file));
    }
    if !is_root() && playwright_has_browser() {
        return Ok(None);
    }
    let packages = ["chromium", "fonts-liberation", "fonts-noto-cjk"];
    apt::install("Chromium", &packages).with_context(|| {
        "no browser for the tests\nhelp: install Chromium, or `cd end2end && npx playwright install chromium`"
    })?;
    Ok(Some(on_path(&CHROMIUM).context("the package `chromium` brought no program of that name")?))
}

/// Without a Japanese font its pages are drawn as boxes: then measures of text mean nothing.
fn ensure_fonts() -> Result<()> {
    let Some(list) = on_path(&["fc-list"]) else { return Ok(()) };
    let missing = output(Command::new(list).arg(":lang=ja").arg("family"))?.trim().is_empty();
    match (missing, is_root()) {
        (false, _) => Ok(()),
        (true, true) => apt::install("a Japanese font", &["fonts-noto-cjk"]),
        (true, false) => {
            eprintln!("xtask: no Japanese font (Debian: fonts-noto-cjk); Japanese pages show boxes");
            Ok(())
        }
    }
}

fn playwright_has_browser() -> bool {
    let default = env::var_os("HOME").map(|home| Path::new(&home).join(".cache/ms-playwright"));
    let mac = env::var_os("HOME").map(|home| Path::new(&home).join("Library/Caches/ms-playwright"));
    let given = env::var_os("PLAYWRIGHT_BROWSERS_PATH").map(PathBuf::from);
    [given, default, mac].into_iter().flatten().filter_map(|dir| fs::read_dir(dir).ok()).any(|entries| {
        entries.flatten().any(|entry| entry.file_name().to_string_lossy().starts_with("chromium"))
    })
}

/// A program of `end2end/node_modules`, through Node.
pub fn npx(program: &str) -> Command {
    let mut command = Command::new("npx");
    command.args(["--no-install", program]).current_dir(end2end());
    command
}

/// binaryen's `wasm-opt`: only a release wants it, so it is not among the packages of the tests.
pub fn wasm_opt() -> Result<PathBuf> {
    let folder = workspace::root().join("xtask/tools");
    ensure_packages_in(&folder)?;
    Ok(folder.join("node_modules/.bin/wasm-opt"))
}
