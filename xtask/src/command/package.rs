//! `cargo xtask package`

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::Write as _;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result};
use clap::Args;
use sha2::{Digest, Sha256};

use crate::process::output;
use crate::workspace::{hex, host, root, server_binary, site, target};
use crate::{licences, server};

/// Makes one archive with the optimised server, the browser part and all licences
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  cargo xtask package\n\n\
    Writes target/package/landfall-<version>-<platform>.tar.gz and its SHA-256 beside it.")]
pub struct Package {}

/// What goes in beside the server and the site, where the workspace has it.
const FILES: [&str; 5] =
    ["LICENSE", "README.md", "CHANGELOG.md", "deploy/landfall.example.toml", "deploy/rbac.yaml"];

impl Package {
    #[expect(clippy::unused_self, reason = "the same shape for every command")]
    pub fn run(self) -> Result<()> {
        server::build(true)?;
        crate::site::report()?;
        let name = format!("landfall-{}-{}", env!("CARGO_PKG_VERSION"), host()?);
        let folder = target().join("package").join(&name);
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(&folder)?;
        fs::copy(server_binary(true), folder.join("landfall")).context("no release binary")?;
        copy_folder(&site(), &folder.join("site"))?;
        for file in FILES.map(Path::new) {
            let from = root().join(file);
            if from.is_file() {
                fs::copy(from, folder.join(file.file_name().unwrap_or_default()))?;
            }
        }
        fs::write(folder.join("THIRD-PARTY-LICENSES.txt"), third_party()?)?;

        // What lies in the folder must start, from another folder than this one.
        output(Command::new(folder.join("landfall")).arg("--help").current_dir("/"))
            .context("it does not start")?;

        let archive = target().join("package").join(format!("{name}.tar.gz"));
        let gzip = flate2::write::GzEncoder::new(File::create(&archive)?, flate2::Compression::best());
        let mut tar = tar::Builder::new(gzip);
        tar.mode(tar::HeaderMode::Deterministic);
        tar.append_dir_all(&name, &folder)?;
        tar.into_inner()?.finish()?.flush()?;
        let bytes = fs::read(&archive)?;
        let sum = format!("{}  {name}.tar.gz\n", hex(&Sha256::digest(&bytes)));
        fs::write(archive.with_extension("gz.sha256"), &sum)?;
        println!("{}: {:.1} MB", archive.display(), f64::from(u32::try_from(bytes.len())?) / 1e6);
        Ok(())
    }
}

fn copy_folder(from: &Path, to: &Path) -> Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from).with_context(|| format!("cannot read {}", from.display()))? {
        let path = entry?.path();
        let name = path.file_name().unwrap_or_default();
        if path.is_dir() {
            copy_folder(&path, &to.join(name))?;
        } else if !name.to_string_lossy().starts_with('.') {
            fs::copy(&path, to.join(name))?;
        }
    }
    Ok(())
}

/// Licences of fonts that are compiled in.
const FONTS: &[&str] = &["server/src/web/card/fonts/OFL.txt"];

/// The licence texts of every dependency and font, each text once with the crates that carry it.
fn third_party() -> Result<String> {
    let mut texts: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for package in licences::dependencies()? {
        let title = format!("{} {}", package.name, package.version);
        let folder = package.manifest_path.parent().context("a manifest has a folder")?;
        let mut any = false;
        for entry in fs::read_dir(folder)? {
            let path = entry?.path();
            let name = path.file_name().unwrap_or_default().to_string_lossy().to_uppercase();
            if !["LICENSE", "LICENCE", "COPYING", "NOTICE", "UNLICENSE"].iter().any(|it| name.starts_with(it))
            {
                continue;
            }
            if let Ok(text) = fs::read_to_string(&path) {
                texts.entry(text.trim().replace("\r\n", "\n")).or_default().push(title.clone());
                any = true;
            }
        }
        if !any {
            let licence = package.license.unwrap_or_default();
            texts.entry(format!("(declared only: {licence})")).or_default().push(title);
        }
    }
    for fonts in FONTS {
        let text = fs::read_to_string(root().join(fonts))?;
        texts.entry(text.trim().to_owned()).or_default().push("Inter (fonts of link previews)".to_owned());
    }
    let line = "-".repeat(100);
    let mut all = String::from("Landfall contains these works of others.\n");
    for (text, packages) in texts {
        let names = packages.join(", ");
        all.extend(["\n", &line, "\n", &names, "\n", &line, "\n\n", &text, "\n"]);
    }
    Ok(all)
}
