//! Directives to the compiled configuration: the `http` block, its servers and sockets.

use std::collections::HashMap;
use std::sync::Arc;

use super::model::{Http, LogFormat, Settings};
use super::value::Template;
use super::vars::VarDef;
use crate::error::ConfigError;
use crate::syntax::{Directive, Pos, Tree};

pub(super) struct Builder<'t> {
    pub tree: &'t Tree,
    pub http: Http,
    pub errors: Vec<ConfigError>,
    pub warnings: Vec<ConfigError>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            root: None,
            index: Arc::new(vec![Template::constant(b"index.html")]),
            error_pages: Arc::default(),
            recursive_error_pages: false,
            access: Arc::default(),
            satisfy_any: false,
            auth_basic: None,
            auth_request: None,
            mirror: None,
            realip_from: Arc::default(),
            realip_header: Arc::from("x-real-ip"),
            realip_recursive: false,
            max_body: 1 << 20,
            intercept: Vec::new(),
            resolver: false,
            params: HashMap::new(),
            hide: Arc::default(),
            // what nginx does where nothing is said
            access_logs: Arc::new(vec![super::model::AccessLog {
                path: "access.log".to_owned(),
                format: "combined".to_owned(),
                conditional: false,
            }]),
        }
    }
}

impl Builder<'_> {
    pub(super) fn error(&mut self, pos: Pos, message: impl Into<String>) {
        let error = self.tree.error(pos, message);
        self.errors.push(error);
    }

    pub(super) fn warn(&mut self, pos: Pos, message: impl Into<String>) {
        let warning = self.tree.error(pos, message);
        self.warnings.push(warning);
    }

    pub(super) fn http_block(&mut self, directive: &Directive) {
        let block = directive.block.as_deref().unwrap_or_default();
        // what makes variables comes first, so that a use before the definition finds it
        for inner in block {
            match inner.name.text.as_slice() {
                b"map" if inner.args.len() == 2 => self.map(inner),
                b"geo" if matches!(inner.args.len(), 1 | 2) => self.geo(inner),
                b"split_clients" if inner.args.len() == 2 => self.split_clients(inner),
                b"upstream" if inner.args.len() == 1 => self.upstream(inner),
                b"log_format" if inner.args.len() >= 2 => self.log_format(inner),
                b"geoip2" => {
                    for row in inner.block.iter().flatten() {
                        self.foreign_var(&row.name.text, row.name.pos);
                    }
                }
                b"js_set" | b"perl_set" | b"js_var" | b"auth_jwt_claim_set" => {
                    self.foreign_var(inner.arg(0), inner.name.pos);
                }
                _ => {}
            }
        }
        let settings = self.settings(block, &Settings::default());
        let merge_slashes = flag(block, "merge_slashes");
        let underscores = flag(block, "underscores_in_headers");
        let line_limit = line_limit(block);
        for inner in block.iter().filter(|inner| inner.is("server") && inner.block.is_some()) {
            self.server(inner, &settings, merge_slashes, underscores, line_limit);
        }
        self.sockets();
    }

    /// A variable that a foreign module defines.
    pub(super) fn foreign_var(&mut self, word: &[u8], pos: Pos) {
        if let Some(name) = word.strip_prefix(b"$") {
            // nginx's own names stay nginx's
            let _ = self.http.vars.define(name, VarDef::Foreign(pos), pos);
        }
    }

    pub(super) fn log_format(&mut self, directive: &Directive) {
        let mut pieces = directive.args.iter().skip(1).peekable();
        let mut escape = "default".to_owned();
        if let Some(first) = pieces.peek()
            && let Some(kind) = first.text.strip_prefix(b"escape=")
        {
            match kind {
                b"default" | b"json" | b"none" => escape = String::from_utf8_lossy(kind).into_owned(),
                other => {
                    let other = String::from_utf8_lossy(other).into_owned();
                    let pos = first.pos;
                    self.error(pos, format!("unknown log format escaping \"{other}\""));
                }
            }
            pieces.next();
        }
        let text: Vec<u8> = pieces.flat_map(|word| word.text.iter().copied()).collect();
        let name = directive.args[0].lossy().into_owned();
        if self.http.log_formats.iter().any(|format| format.name == name) {
            return self.error(directive.name.pos, format!("duplicate \"log_format\" name \"{name}\""));
        }
        self.http.log_formats.push(LogFormat { name, text, escape });
    }
}

/// The flag of that name in the block.
pub(super) fn flag(block: &[Directive], name: &str) -> Option<bool> {
    block.iter().find(|inner| inner.is(name)).map(|inner| inner.arg(0).eq_ignore_ascii_case(b"on"))
}

pub(super) fn line_limit(block: &[Directive]) -> Option<u64> {
    let found = block.iter().find(|inner| inner.is("large_client_header_buffers"))?;
    size(found.arg(1))
}

/// `8k`, `1m`, `1g`, bytes.
pub(super) fn size(text: &[u8]) -> Option<u64> {
    let text = std::str::from_utf8(text).ok()?;
    let (digits, unit) = match text.chars().last()? {
        'k' | 'K' => (&text[..text.len() - 1], 1 << 10),
        'm' | 'M' => (&text[..text.len() - 1], 1 << 20),
        'g' | 'G' => (&text[..text.len() - 1], 1 << 30),
        _ => (text, 1),
    };
    digits.parse::<u64>().ok()?.checked_mul(unit)
}
