//! Compiles the guides of `docs/` in: a table of path and text, sorted by path.

use std::{
    env,
    fmt::Write,
    fs, io,
    path::{Path, PathBuf},
};

fn main() -> io::Result<()> {
    // A new migration is compiled in by a macro that cannot see new files by itself.
    println!(
        "cargo::rerun-if-changed={}",
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../migrations").display()
    );
    let docs = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs");
    println!("cargo::rerun-if-changed={}", docs.display());
    let mut pages = Vec::new();
    collect(&docs, "", &mut pages)?;
    pages.sort();
    let mut table = String::from("pub static PAGES: &[(&str, &str)] = &[\n");
    for (path, file) in pages {
        writeln!(table, "    ({path:?}, include_str!({:?})),", file.display().to_string())
            .map_err(io::Error::other)?;
    }
    table.push_str("];\n");
    let out = env::var_os("OUT_DIR").ok_or_else(|| io::Error::other("OUT_DIR is not set"))?;
    fs::write(PathBuf::from(out).join("docs.rs"), table)
}

fn collect(folder: &Path, prefix: &str, to: &mut Vec<(String, PathBuf)>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let Some(name) = path.file_name().and_then(|name| name.to_str()) else { continue };
        if path.is_dir() {
            println!("cargo::rerun-if-changed={}", path.display());
            collect(&path, &format!("{prefix}{name}/"), to)?;
        } else if let Some(stem) = name.strip_suffix(".md") {
            let page = if matches!(stem, "README" | "index") {
                prefix.trim_end_matches('/').to_owned()
            } else {
                format!("{prefix}{stem}")
            };
            to.push((page, path.canonicalize()?));
        }
    }
    Ok(())
}
