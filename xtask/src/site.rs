//! The browser part: the islands as WebAssembly, the style sheet, and everything compressed beside it.
//!
//! Written to `target/site`, which the server serves as it stands: `pkg/landfall.js`, `pkg/landfall.wasm`,
//! `pkg/landfall.css`, a `.gz` and a `.br` beside each, and `pkg/manifest.json` with a content hash of each
//! (for `?v=`). Whatever lies in `public/` is copied to the root.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};
use sha2::{Digest, Sha256};
use wasm_bindgen_cli_support::Bindgen;

use crate::process::{output, run};
use crate::workspace::{cargo, hex, on_path, root, site, target};
use crate::{css, node};

const TRIPLE: &str = "wasm32-unknown-unknown";

/// How much work the result is worth.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effort {
    /// Quick to build, for development and tests.
    Quick,
    /// Small, for a release and for measuring: optimised, `wasm-opt`, best compression.
    Small,
}

/// Builds everything.
pub fn build(effort: Effort) -> Result<()> {
    client(effort)?;
    assets(effort)
}

/// Builds only what needs no compiler: the style sheet and the files of `public/`.
pub fn assets(effort: Effort) -> Result<()> {
    let sheet = css::bundle(&root().join("style/main.css"))?;
    put("landfall.css", sheet.as_bytes(), effort)?;
    let public = root().join("public");
    if public.is_dir() {
        copy_folder(&public, &site(), effort)?;
    }
    manifest()
}

/// Compiles the islands and writes their two files.
fn client(effort: Effort) -> Result<()> {
    ensure_target()?;
    let profile = match effort {
        Effort::Quick => "wasm-dev",
        Effort::Small => "wasm-release",
    };
    run(cargo().args(["build", "--package", "landfall-client", "--target", TRIPLE, "--profile", profile]))?;
    let compiled = target().join(TRIPLE).join(profile).join("landfall_client.wasm");
    let input = fs::read(&compiled).with_context(|| format!("cannot read {}", compiled.display()))?;

    // The rest takes seconds, so it is left out when the compiler gave the same bytes as before.
    let stamp = site().join("pkg").join(".client");
    let key = format!("{effort:?} {}", hex(&Sha256::digest(&input)));
    if fs::read_to_string(&stamp).is_ok_and(|it| it == key) && site().join("pkg/landfall.wasm.br").is_file() {
        return Ok(());
    }
    let folder = target().join("bindgen");
    let mut bindgen = Bindgen::new();
    bindgen.input_bytes("landfall", input).typescript(false).out_name("landfall");
    bindgen.keep_debug(false).remove_name_section(effort == Effort::Small).remove_producers_section(true);
    bindgen.web(true).and_then(|it| it.generate(&folder)).context("wasm-bindgen failed")?;

    let module = folder.join("landfall_bg.wasm");
    if effort == Effort::Small {
        optimise(&module)?;
    }
    // Leptos asks for `landfall.wasm` when LEPTOS_OUTPUT_NAME is set, as .cargo/config.toml does;
    // wasm-bindgen's own name has a `_bg`.
    let script = fs::read_to_string(folder.join("landfall.js"))?.replace("landfall_bg.wasm", "landfall.wasm");
    put("landfall.js", script.as_bytes(), effort)?;
    put("landfall.wasm", &fs::read(&module)?, effort)?;
    let snippets = folder.join("snippets");
    if snippets.is_dir() {
        copy_folder(&snippets, &site().join("pkg/snippets"), effort)?;
    }
    fs::write(stamp, key)?;
    Ok(())
}

/// Adds the compiler's WebAssembly target where rustup is in charge and it is missing.
fn ensure_target() -> Result<()> {
    let mut rustc = Command::new("rustc");
    let libraries = output(rustc.current_dir(root()).args(["--print", "target-libdir", "--target", TRIPLE]))?;
    if Path::new(libraries.trim()).is_dir() {
        return Ok(());
    }
    on_path(&["rustup"]).with_context(|| {
        format!("this Rust has no {TRIPLE} target\nhelp: install Rust through https://rustup.rs, or your system's package for it")
    })?;
    run(Command::new("rustup").current_dir(root()).args(["target", "add", TRIPLE]))
}

/// Makes the module smaller with binaryen's `wasm-opt`, from PATH or from npm.
fn optimise(module: &Path) -> Result<()> {
    let program =
        on_path(&["wasm-opt"]).map_or_else(node::wasm_opt, Ok).context("a small build needs wasm-opt")?;
    let features = ["--enable-bulk-memory", "--enable-nontrapping-float-to-int", "--enable-reference-types"];
    let more = ["--enable-sign-ext", "--enable-mutable-globals", "--enable-multivalue"];
    run(Command::new(program).arg("-Oz").args(features).args(more).arg(module).arg("-o").arg(module))
}

/// Writes one file of `pkg/` and its compressed twins, unless it is there with these bytes.
fn put(name: &str, bytes: &[u8], effort: Effort) -> Result<()> {
    put_file(&site().join("pkg").join(name), bytes, effort)
}

fn put_file(file: &Path, bytes: &[u8], effort: Effort) -> Result<()> {
    let [gz, br] = ["gz", "br"].map(|it| beside(file, it));
    let same = fs::read(file).is_ok_and(|old| old == bytes) && gz.is_file() && br.is_file();
    if same && effort == Effort::Quick {
        return Ok(());
    }
    let folder = file.parent().context("a file of the site has a folder")?;
    fs::create_dir_all(folder).with_context(|| format!("cannot create {}", folder.display()))?;
    replace(&gz, &gzip(bytes, effort)?)?;
    replace(&br, &brotli(bytes, effort)?)?;
    replace(file, bytes)
}

/// Never leaves half a file where a running server reads.
fn replace(file: &Path, bytes: &[u8]) -> Result<()> {
    let half = beside(file, "half");
    fs::write(&half, bytes).with_context(|| format!("cannot write {}", half.display()))?;
    fs::rename(&half, file).with_context(|| format!("cannot write {}", file.display()))
}

fn beside(file: &Path, extension: &str) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(".");
    name.push(extension);
    name.into()
}

fn gzip(bytes: &[u8], effort: Effort) -> Result<Vec<u8>> {
    let level = if effort == Effort::Small { 9 } else { 5 };
    // No time and no name in the header: the same input gives the same file.
    let mut writer = flate2::GzBuilder::new().write(Vec::new(), flate2::Compression::new(level));
    writer.write_all(bytes)?;
    Ok(writer.finish()?)
}

fn brotli(bytes: &[u8], effort: Effort) -> Result<Vec<u8>> {
    let quality = if effort == Effort::Small { 11 } else { 6 };
    let parameters = brotli::enc::BrotliEncoderParams { quality, ..Default::default() };
    let mut out = Vec::new();
    brotli::BrotliCompress(&mut &*bytes, &mut out, &parameters)?;
    Ok(out)
}

fn copy_folder(from: &Path, to: &Path, effort: Effort) -> Result<()> {
    for entry in fs::read_dir(from)? {
        let path = entry?.path();
        let name = path.file_name().unwrap_or_default();
        if path.is_dir() {
            copy_folder(&path, &to.join(name), effort)?;
        } else {
            put_file(&to.join(name), &fs::read(&path)?, effort)?;
        }
    }
    Ok(())
}

/// Sixteen hex digits of each file's SHA-256, by name.
fn manifest() -> Result<()> {
    let folder = site().join("pkg");
    let mut hashes = BTreeMap::new();
    for entry in fs::read_dir(&folder)? {
        let path = entry?.path();
        if [Some("js"), Some("wasm"), Some("css")].contains(&path.extension().and_then(OsStr::to_str)) {
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            hashes.insert(name, hex(&Sha256::digest(fs::read(&path)?))[..16].to_owned());
        }
    }
    replace(&folder.join("manifest.json"), serde_json::to_string_pretty(&hashes)?.as_bytes())
}

/// Prints what a browser has to load.
pub fn report() -> Result<()> {
    println!("{:<16} {:>10} {:>10} {:>10}", "browser part", "bytes", "gzip", "brotli");
    for name in ["landfall.js", "landfall.wasm", "landfall.css"] {
        let file = site().join("pkg").join(name);
        let [raw, gz, br] = [file.clone(), beside(&file, "gz"), beside(&file, "br")]
            .map(|it| fs::metadata(it).map(|it| it.len()));
        println!("{name:<16} {:>10} {:>10} {:>10}", raw?, gz?, br?);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_have_twins_that_decompress() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("pkg/a.css");
        put_file(&file, b"a { color: red }", Effort::Small).unwrap();
        let mut text = String::new();
        let gz = fs::File::open(beside(&file, "gz")).unwrap();
        std::io::Read::read_to_string(&mut flate2::read::GzDecoder::new(gz), &mut text).unwrap();
        assert_eq!(text, "a { color: red }");
        let mut plain = Vec::new();
        let br = fs::read(beside(&file, "br")).unwrap();
        brotli::BrotliDecompress(&mut &*br, &mut plain).unwrap();
        assert_eq!(plain, b"a { color: red }");
        assert_eq!(gzip(b"x", Effort::Quick).unwrap(), gzip(b"x", Effort::Quick).unwrap());
    }
}
