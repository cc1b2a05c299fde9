//! The style sheet as one file. `@import` of a file beside it is replaced by that file, so the sheet may be
//! written in parts while a page asks for one.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail};

/// Reads a sheet and, in place of each `@import "part.css";` line (`layer(name)` is allowed), that part.
pub fn bundle(file: &Path) -> Result<String> {
    bundle_at(file, 0)
}

fn bundle_at(file: &Path, depth: u8) -> Result<String> {
    if depth > 8 {
        bail!("{}: the style sheets import each other in a circle", file.display());
    }
    let text = fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()))?;
    let mut whole = String::with_capacity(text.len());
    for (number, line) in text.lines().enumerate() {
        let Some(import) = line.trim().strip_prefix("@import ") else {
            whole.push_str(line);
            whole.push('\n');
            continue;
        };
        let (name, layer) = parse_import(import).with_context(|| {
            format!("{}:{}: an @import that is not understood", file.display(), number + 1)
        })?;
        let part = bundle_at(&file.with_file_name(name), depth + 1)?;
        match layer {
            Some(layer) => whole.extend(["@layer ", layer, " {\n", &part, "}\n"]),
            None => whole.push_str(&part),
        }
    }
    Ok(whole)
}

/// `"part.css" layer(base);` is the file and its layer.
fn parse_import(text: &str) -> Option<(&str, Option<&str>)> {
    let text = text.trim().strip_suffix(';')?.trim();
    let (name, rest) = text.strip_prefix('"')?.split_once('"')?;
    let rest = rest.trim();
    match rest {
        "" => Some((name, None)),
        _ => Some((name, Some(rest.strip_prefix("layer(")?.strip_suffix(')')?))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_put_in_place() {
        let dir = tempfile::tempdir().unwrap();
        let main = dir.path().join("main.css");
        fs::write(&main, "@layer base, pages;\n@import \"a.css\" layer(base);\n@import \"b.css\";\nc {}\n")
            .unwrap();
        fs::write(dir.path().join("a.css"), "a {}\n").unwrap();
        fs::write(dir.path().join("b.css"), "b {}").unwrap();
        assert_eq!(bundle(&main).unwrap(), "@layer base, pages;\n@layer base {\na {}\n}\nb {}\nc {}\n");
    }

    #[test]
    fn mistakes_are_located() {
        let dir = tempfile::tempdir().unwrap();
        let main = dir.path().join("main.css");
        fs::write(&main, "a {}\n@import url(b.css);\n").unwrap();
        assert!(bundle(&main).unwrap_err().to_string().contains("main.css:2"));
        fs::write(&main, "@import \"main.css\";\n").unwrap();
        assert!(bundle(&main).unwrap_err().to_string().contains("circle"));
    }
}
