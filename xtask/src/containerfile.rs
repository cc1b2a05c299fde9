//! What `deploy/Containerfile` names must be there: it is not built by the tests.

use std::fs;

use anyhow::{Context, Result, anyhow};

use crate::workspace::root;

/// Every mistake that can be told without building it.
pub fn check() -> Result<Vec<String>> {
    let name = "deploy/Containerfile";
    let text = fs::read_to_string(root().join(name)).with_context(|| format!("cannot read {name}"))?;
    let toolchain = fs::read_to_string(root().join("rust-toolchain.toml"))?;
    let channel = toolchain
        .lines()
        .find_map(|line| line.strip_prefix("channel = \"")?.strip_suffix('"'))
        .ok_or_else(|| anyhow!("rust-toolchain.toml names no channel"))?;
    let mut wrong = wrong_paths(&text, |path| root().join(path).exists());
    wrong.extend(wrong_toolchain(&text, channel));
    Ok(wrong.into_iter().map(|what| format!("{name}: {what}")).collect())
}

/// Paths of the sources that are copied and do not exist. What the build makes lies below `target/` and `/out`.
fn wrong_paths(text: &str, exists: impl Fn(&str) -> bool) -> Vec<String> {
    let joined = text.replace("\\\n", " ");
    let mut wrong = Vec::new();
    for line in joined.lines().map(str::trim).filter(|line| !line.starts_with('#')) {
        for command in line.split("&&").map(str::trim) {
            let words: Vec<&str> = command.split_whitespace().filter(|word| !word.starts_with('-')).collect();
            let [verb, sources @ .., _] = words.as_slice() else { continue };
            let copies = *verb == "cp" || (*verb == "COPY" && !line.contains("--from="));
            let made = |path: &str| path.starts_with("target/") || path.starts_with("/out");
            let missing = sources.iter().filter(|path| copies && !made(path) && !exists(path));
            wrong.extend(missing.map(|path| format!("copies {path}, which does not exist")));
        }
    }
    wrong
}

/// The image must have the toolchain that the workspace asks for.
fn wrong_toolchain(text: &str, channel: &str) -> Option<String> {
    let image = text.lines().find_map(|line| line.strip_prefix("FROM docker.io/library/rust:"))?;
    let version = image.split(['-', ' ']).next().unwrap_or_default();
    let fits = channel == version || channel.starts_with(&format!("{version}."));
    (!fits).then(|| format!("builds with Rust {version}, the workspace asks for {channel}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_copied_must_exist() {
        let text = "# COPY no\nCOPY . .\nRUN a && \\\n    cp target/x /out/ && cp LICENSE GONE /out/\n\
                    COPY --from=build /out/ /app/\nCOPY lost.toml /etc/\n";
        let wrong = wrong_paths(text, |path| matches!(path, "." | "LICENSE"));
        assert_eq!(wrong, ["copies GONE, which does not exist", "copies lost.toml, which does not exist"]);
    }

    #[test]
    fn the_image_has_the_right_toolchain() {
        let of = |channel| wrong_toolchain("FROM docker.io/library/rust:1.95-bookworm AS build\n", channel);
        assert_eq!(of("1.95.0"), None);
        assert_eq!(of("1.96.0").as_deref(), Some("builds with Rust 1.95, the workspace asks for 1.96.0"));
    }

    #[test]
    fn the_file_is_in_order() {
        assert_eq!(check().unwrap(), Vec::<String>::new());
    }

    /// Its commands are ours, with options that exist.
    #[test]
    fn the_commands_it_runs_exist() {
        use clap::Parser as _;
        let text = fs::read_to_string(root().join("deploy/Containerfile")).unwrap();
        assert!(text.contains("cargo xtask site --small"), "{text}");
        crate::Cli::try_parse_from(["xtask", "site", "--small"]).unwrap();
    }
}
