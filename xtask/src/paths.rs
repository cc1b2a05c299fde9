//! Every path that the documents name or link to exists.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};

use crate::gates::files;
use crate::workspace::root;

/// Documents at the top, and folders of more.
const DOCUMENTS: [&str; 5] =
    ["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "SECURITY.md", "migrations/README.md"];
const FOLDERS: [&str; 2] = ["docs", "deploy"];

/// Where a path of the repository begins that stands in text.
const TOP: [&str; 11] = [
    ".cargo/",
    ".ci/",
    "app/",
    "crates/",
    "deploy/",
    "docs/",
    "end2end/",
    "migrations/",
    "server/",
    "style/",
    "xtask/",
];

/// Each place that names what is not there.
pub fn check() -> Result<Vec<String>> {
    let mut documents: Vec<_> = DOCUMENTS.map(|name| root().join(name)).into();
    for folder in FOLDERS {
        documents.extend(files(&root().join(folder), &["md"])?);
    }
    let mut places = Vec::new();
    for document in documents {
        let text =
            fs::read_to_string(&document).with_context(|| format!("cannot read {}", document.display()))?;
        let folder = document.parent().map_or_else(root, Path::to_path_buf);
        let name = document.strip_prefix(root()).unwrap_or(&document).display();
        for (at, line) in text.lines().enumerate() {
            let gone = missing(line, &folder);
            places.extend(gone.into_iter().map(|path| format!("{name}:{}: there is no `{path}`", at + 1)));
        }
    }
    Ok(places)
}

/// Paths of a line that lead nowhere: those of links from the document's folder, those in code from the root.
fn missing(line: &str, folder: &Path) -> Vec<String> {
    let linked = links(line).filter(|path| !folder.join(path).exists());
    let named = codes(line).filter(|path| !root().join(path).exists());
    linked.chain(named).map(str::to_owned).collect()
}

/// Targets of links within the repository, without what stands behind `#`.
fn links(line: &str) -> impl Iterator<Item = &str> {
    line.split("](")
        .skip(1)
        .filter_map(|rest| rest.split(')').next())
        .filter(|target| !target.contains("://") && !target.starts_with(['/', '#']))
        .filter_map(|target| target.split('#').next())
        .filter(|path| !path.is_empty())
}

/// Paths in code, which begin with a folder of ours. One with a placeholder or a pattern is none.
fn codes(line: &str) -> impl Iterator<Item = &str> {
    line.split('`').skip(1).step_by(2).flat_map(str::split_whitespace).filter(|word| {
        let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-' | '/');
        TOP.iter().any(|top| word.starts_with(top)) && word.chars().all(plain)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_there_is_found() {
        let missing = |line: &str| missing(line, &root());
        assert!(
            missing("see [`gates.rs`](xtask/src/gates.rs#top), `docs/findings/<id>.md` and `app`").is_empty()
        );
        assert!(missing("[a](https://x.example/gone.md) [b](/api) [c](#here) `xtask/src/`").is_empty());
        assert_eq!(
            missing("[`a`](xtask/src/gone.rs) and `server/src/gone.rs`"),
            ["xtask/src/gone.rs", "server/src/gone.rs"]
        );
    }

    #[test]
    fn the_documents_name_what_is_there() {
        assert_eq!(check().unwrap(), Vec::<String>::new());
    }
}
