//! Where things lie: the workspace, the build folder, the user's cache folder; and `cargo` itself.

use std::env;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};
use sha2::{Digest, Sha256};

/// The folder of the workspace's `Cargo.toml`.
pub fn root() -> PathBuf {
    let manifest = env::var_os("CARGO_MANIFEST_DIR").unwrap_or_else(|| env!("CARGO_MANIFEST_DIR").into());
    let manifest = PathBuf::from(manifest);
    manifest.parent().map_or(manifest.clone(), Path::to_path_buf)
}

/// Cargo's build folder: `CARGO_TARGET_DIR`, else `target` in the workspace.
pub fn target() -> PathBuf {
    env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), |dir| root().join(dir))
}

/// The folder of static files that the server is given: `/pkg/landfall.js` and its siblings.
pub fn site() -> PathBuf {
    target().join("site")
}

/// The browser tests' folder.
pub fn end2end() -> PathBuf {
    root().join("end2end")
}

/// A `cargo` that works in the workspace and never asks.
pub fn cargo() -> Command {
    let mut command = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.current_dir(root());
    // Set for this program by the cargo that runs it. Build scripts that look at them (ring's) would take them for a
    // change, and build themselves and all that rests on them anew.
    for (name, _) in env::vars_os() {
        let ours = name.to_str().is_some_and(|name| {
            name.starts_with("CARGO_PKG_")
                || matches!(
                    name,
                    "CARGO_MANIFEST_DIR"
                        | "CARGO_MANIFEST_PATH"
                        | "CARGO_BIN_NAME"
                        | "CARGO_CRATE_NAME"
                        | "CARGO_PRIMARY_PACKAGE"
                )
        });
        if ours {
            command.env_remove(&name);
        }
    }
    command
}

/// The file that a build of the server makes.
pub fn server_binary(release: bool) -> PathBuf {
    let profile = if release { "release" } else { "debug" };
    target().join(profile).join(format!("landfall{}", env::consts::EXE_SUFFIX))
}

/// Are we the superuser? PostgreSQL refuses to run as one, Chromium's sandbox too.
pub fn is_root() -> bool {
    rustix::process::geteuid().is_root()
}

/// The folder for what outlives a build: `LANDFALL_CACHE`, else the user's cache folder; for root a folder
/// that other users can pass through, since the database runs as one of them.
pub fn cache() -> Result<PathBuf> {
    let dir = match (env::var_os("LANDFALL_CACHE"), is_root()) {
        (Some(dir), _) => PathBuf::from(dir),
        (None, true) => PathBuf::from("/var/cache/landfall"),
        (None, false) => user_cache()?.join("landfall"),
    };
    fs::create_dir_all(&dir).with_context(|| format!("cannot create the cache folder {}", dir.display()))?;
    Ok(dir)
}

fn user_cache() -> Result<PathBuf> {
    if let Some(dir) = env::var_os("XDG_CACHE_HOME").filter(|dir| Path::new(dir).is_absolute()) {
        return Ok(dir.into());
    }
    let home: OsString = env::var_os("HOME").context("neither HOME nor LANDFALL_CACHE is set")?;
    let below = if cfg!(target_os = "macos") { "Library/Caches" } else { ".cache" };
    Ok(Path::new(&home).join(below))
}

/// Eight hex digits that tell this clone from others on the machine.
pub fn clone_id() -> String {
    hex(&Sha256::digest(root().as_os_str().as_encoded_bytes()))[..8].to_owned()
}

/// Lower-case hexadecimal.
pub fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// The first of these programs that is on `PATH`.
pub fn on_path(names: &[&str]) -> Option<PathBuf> {
    let path = env::var_os("PATH")?;
    let folders: Vec<PathBuf> = env::split_paths(&path).collect();
    names.iter().flat_map(|name| folders.iter().map(move |dir| dir.join(name))).find(|file| file.is_file())
}

/// The platform that the compiler builds for by itself, such as `x86_64-unknown-linux-gnu`.
pub fn host() -> Result<String> {
    let text = crate::process::output(Command::new("rustc").arg("-vV").current_dir(root()))?;
    let host = text.lines().find_map(|line| line.strip_prefix("host: "));
    host.map(str::to_owned).context("`rustc -vV` names no host")
}
