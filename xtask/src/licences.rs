//! Licences and forbidden crates of everything that is built, by the lists in `deny.toml`.
//!
//! `cargo deny check` reads the same file and knows more (advisories, sources); this needs no other tool.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use anyhow::{Context, Result, bail};
use serde::Deserialize;

use crate::process::output;
use crate::workspace::{cargo, root};

#[derive(Debug, Deserialize)]
struct Deny {
    licenses: Licenses,
    bans: Bans,
}

#[derive(Debug, Deserialize)]
struct Licenses {
    allow: BTreeSet<String>,
    #[serde(default)]
    exceptions: Vec<Exception>,
}

#[derive(Debug, Deserialize)]
struct Exception {
    #[serde(rename = "crate")]
    name: String,
    allow: BTreeSet<String>,
}

#[derive(Debug, Deserialize)]
struct Bans {
    deny: Vec<Banned>,
}

#[derive(Debug, Deserialize)]
struct Banned {
    #[serde(rename = "crate")]
    name: String,
    reason: String,
    /// Crates that may depend on it all the same.
    #[serde(default)]
    wrappers: BTreeSet<String>,
}

#[derive(Debug, Deserialize)]
struct Metadata {
    packages: Vec<Package>,
    resolve: Resolve,
}

#[derive(Debug, Deserialize)]
struct Resolve {
    nodes: Vec<Node>,
}

/// Who depends on whom, as it is built.
#[derive(Debug, Deserialize)]
struct Node {
    id: String,
    dependencies: Vec<String>,
}

/// One crate of the dependency tree.
#[derive(Debug, Deserialize)]
pub struct Package {
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: String,
    /// SPDX expression, where it declares one.
    pub license: Option<String>,
    /// Its `Cargo.toml`.
    pub manifest_path: std::path::PathBuf,
    source: Option<String>,
    id: String,
    /// Names of the crates that depend on it.
    #[serde(skip)]
    dependents: BTreeSet<String>,
}

/// Every crate from outside that a build on this machine takes in.
pub fn dependencies() -> Result<Vec<Package>> {
    let host = crate::workspace::host()?;
    let mut metadata = cargo();
    metadata.args(["metadata", "--format-version=1", "--locked"]);
    metadata.args(["--filter-platform", &host, "--filter-platform", "wasm32-unknown-unknown"]);
    let text = output(&mut metadata)?;
    let Metadata { mut packages, resolve } =
        serde_json::from_str(&text).context("cargo metadata is not understood")?;
    let names: BTreeMap<String, String> =
        packages.iter().map(|package| (package.id.clone(), package.name.clone())).collect();
    for package in &mut packages {
        let above = resolve.nodes.iter().filter(|node| node.dependencies.contains(&package.id));
        package.dependents = above.filter_map(|node| names.get(&node.id).cloned()).collect();
    }
    packages.retain(|package| package.source.is_some());
    Ok(packages)
}

/// Checks them all; every crate that does not pass is named.
pub fn check() -> Result<()> {
    let file = root().join("deny.toml");
    let deny: Deny = toml::from_str(&fs::read_to_string(&file).context("cannot read deny.toml")?)
        .context("deny.toml is not understood")?;
    let packages = dependencies()?;
    let mut wrong = Vec::new();
    for package in &packages {
        let Package { name, version, .. } = package;
        if let Some(banned) = deny.bans.deny.iter().find(|it| it.name == *name)
            && (banned.wrappers.is_empty() || !package.dependents.is_subset(&banned.wrappers))
        {
            wrong.push(format!("{name} {version} is not allowed: {}", banned.reason));
        }
        let extra = deny.licenses.exceptions.iter().filter(|it| it.name == *name).flat_map(|it| &it.allow);
        let extra: BTreeSet<&String> = extra.collect();
        let allowed = |id: &str| deny.licenses.allow.contains(id) || extra.iter().any(|it| *it == id);
        match &package.license {
            Some(licence) if allows(licence, &allowed) => {}
            Some(licence) => wrong.push(format!("{name} {version}: licence {licence} is not on the list")),
            None => wrong.push(format!("{name} {version} declares no licence")),
        }
    }
    if !wrong.is_empty() {
        bail!("dependencies that deny.toml does not allow:\n{}", wrong.join("\n"));
    }
    println!("licences: {} dependencies, all permissive", packages.len());
    Ok(())
}

/// Does an SPDX expression let us choose allowed licences only? `A/B` is the old way to write `A OR B`.
fn allows(expression: &str, allowed: &dyn Fn(&str) -> bool) -> bool {
    let spaced = expression.replace('(', " ( ").replace(')', " ) ").replace('/', " OR ");
    let words: Vec<&str> = spaced.split_whitespace().collect();
    let mut at = 0;
    let answer = any(&words, &mut at, allowed);
    answer && at == words.len()
}

fn any(words: &[&str], at: &mut usize, allowed: &dyn Fn(&str) -> bool) -> bool {
    let mut answer = all(words, at, allowed);
    while words.get(*at) == Some(&"OR") {
        *at += 1;
        answer |= all(words, at, allowed);
    }
    answer
}

fn all(words: &[&str], at: &mut usize, allowed: &dyn Fn(&str) -> bool) -> bool {
    let mut answer = one(words, at, allowed);
    while words.get(*at) == Some(&"AND") {
        *at += 1;
        answer &= one(words, at, allowed);
    }
    answer
}

fn one(words: &[&str], at: &mut usize, allowed: &dyn Fn(&str) -> bool) -> bool {
    let Some(word) = words.get(*at) else { return false };
    *at += 1;
    if *word == "(" {
        let answer = any(words, at, allowed);
        *at += 1;
        return answer;
    }
    if words.get(*at) == Some(&"WITH") {
        let exception = words.get(*at + 1).copied().unwrap_or_default();
        *at += 2;
        // An exception only ever permits more.
        return allowed(word) || allowed(&format!("{word} WITH {exception}"));
    }
    allowed(word)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn expressions() {
        let allowed = |id: &str| ["MIT", "Apache-2.0", "BSD-3-Clause"].contains(&id);
        for yes in [
            "MIT",
            "MIT/Apache-2.0",
            "GPL-3.0 OR MIT",
            "Apache-2.0 WITH LLVM-exception",
            "(MIT OR GPL-2.0) AND BSD-3-Clause",
        ] {
            assert!(allows(yes, &allowed), "{yes}");
        }
        for no in
            ["GPL-3.0", "MIT AND GPL-3.0", "(MIT OR Apache-2.0) AND MPL-2.0", "", "MIT MIT", "GPL-2.0 WITH x"]
        {
            assert!(!allows(no, &allowed), "{no}");
        }
    }
}
