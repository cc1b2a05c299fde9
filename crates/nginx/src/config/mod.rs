//! What the directives mean for routing, and the mistakes for which nginx refuses to start.

mod blocks;
mod build;
mod builtins;
mod check;
mod directives;
mod geo;
mod handlers;
mod level;
mod listen;
mod location;
pub(crate) mod model;
pub(crate) mod names;
pub(crate) mod net;
mod pages;
mod parts;
mod rewrite;
mod server;
mod settings;
mod statics;
pub(crate) mod value;
pub(crate) mod vars;

pub(crate) use handlers::{scheme, split_port, split_uri};
pub use model::{AccessLog, LogFormat};
pub use net::Net;

use crate::error::{ConfigError, ConfigErrors};
use crate::syntax::{DiskFiles, DumpFiles, Files, MemoryFiles, Tree, load};
use build::Builder;
use model::Http;
use vars::VarDef;

/// A configuration, checked and compiled.
#[derive(Debug)]
pub struct Config {
    pub(crate) http: Http,
    tree: Tree,
    /// What nginx only warns of: conflicting server names and the like.
    pub warnings: Vec<ConfigError>,
    /// The folder that relative paths of `root` are taken from, where known.
    pub prefix: Option<String>,
}

impl Config {
    /// Reads a main file from disk, or an `nginx -T` dump when the file holds one.
    pub fn read(path: &str, prefix: Option<&str>) -> Result<Self, ConfigErrors> {
        let bytes = DiskFiles.read(path).map_err(|why| {
            ConfigErrors(vec![ConfigError {
                file: path.to_owned(),
                line: 0,
                column: 0,
                message: format!("cannot read the configuration: {why}"),
                help: None,
            }])
        })?;
        match DumpFiles::split(&bytes) {
            Some(dump) => Self::load(&dump, &dump.main, prefix),
            None => Self::load(&DiskFiles, path, prefix),
        }
    }

    /// Reads a configuration that is in memory: one file, or an `nginx -T` dump. Includes of a plain file are
    /// read from disk relative to `prefix` when there is one; `name` is the file's name in messages.
    pub fn read_bytes(bytes: &[u8], name: &str, prefix: Option<&str>) -> Result<Self, ConfigErrors> {
        if let Some(dump) = DumpFiles::split(bytes) {
            return Self::load(&dump, &dump.main, prefix);
        }
        let given = Given { name, bytes };
        Self::load(&given, name, prefix)
    }

    /// Reads `main` and its includes from `files`.
    pub fn load(files: &dyn Files, main: &str, prefix: Option<&str>) -> Result<Self, ConfigErrors> {
        let (tree, errors) = load(files, main, prefix);
        if !errors.is_empty() {
            return Err(ConfigErrors(errors));
        }
        let mut config = Self::build(tree)?;
        config.prefix = prefix.map(str::to_owned);
        Ok(config)
    }

    /// A configuration from text alone, for tests and the fuzzer.
    pub fn from_text(text: &str) -> Result<Self, ConfigErrors> {
        let mut files = MemoryFiles::default();
        files.0.insert("nginx.conf".to_owned(), text.as_bytes().to_vec());
        Self::load(&files, "nginx.conf", None)
    }

    /// Compiles a parsed configuration.
    pub fn build(tree: Tree) -> Result<Self, ConfigErrors> {
        let checked = check::check(&tree);
        let mut builder =
            Builder { tree: &tree, http: Http::default(), errors: checked.errors, warnings: Vec::new() };
        let https: Vec<_> = tree
            .directives
            .iter()
            .filter(|directive| directive.is("http") && directive.block.is_some())
            .collect();
        if let [_, second, ..] = https.as_slice() {
            builder.error(second.name.pos, "\"http\" directive is duplicate");
        }
        if let Some(http) = https.first() {
            builder.http_block(http);
        }
        if !tree.directives.iter().any(|directive| directive.is("events")) && builder.errors.is_empty() {
            builder.errors.push(ConfigError {
                file: tree.files.first().cloned().unwrap_or_default(),
                line: 0,
                column: 0,
                message: "no \"events\" section in configuration".to_owned(),
                help: Some(
                    "an nginx main file needs an events { } block; is this an included file?".to_owned(),
                ),
            });
        }
        for var in &mut builder.http.vars.all {
            if var.def == VarDef::Undefined {
                if checked.foreign {
                    var.def = VarDef::Foreign(var.pos);
                } else {
                    let message = format!("unknown \"{}\" variable", var.name);
                    builder.errors.push(tree.error(var.pos, message));
                }
            }
        }
        let Builder { http, mut errors, warnings, .. } = builder;
        if !errors.is_empty() {
            let order = |error: &ConfigError| tree.files.iter().position(|file| *file == error.file);
            errors.sort_by_key(|error| (order(error), error.line, error.column));
            errors.dedup();
            return Err(ConfigErrors(errors));
        }
        let mut config = Self { http, tree, warnings, prefix: None };
        crate::logs::mark_plain(&mut config.http);
        Ok(config)
    }

    /// The parsed text.
    pub fn tree(&self) -> &Tree {
        &self.tree
    }

    /// The `log_format`s.
    pub fn log_formats(&self) -> &[LogFormat] {
        &self.http.log_formats
    }
}

struct Given<'b> {
    name: &'b str,
    bytes: &'b [u8],
}

impl Files for Given<'_> {
    fn read(&self, path: &str) -> Result<Vec<u8>, String> {
        if path == self.name { Ok(self.bytes.to_vec()) } else { DiskFiles.read(path) }
    }

    fn glob(&self, pattern: &str) -> Vec<String> {
        DiskFiles.glob(pattern)
    }
}
