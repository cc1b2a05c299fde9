//! What a block sets for itself and everything inside it.

use std::sync::Arc;

use super::build::{Builder, flag, size};
use super::directives::{harmless, rules};
use super::model::{AccessLog, AccessRule, ErrorPage, HandlerKind, Hide, RealIpFrom, Root, Settings, Who};
use super::net::Net;
use crate::syntax::Directive;

impl Builder<'_> {
    /// The settings of a block inside one with the settings `outer`.
    pub(super) fn settings(&mut self, block: &[Directive], outer: &Settings) -> Settings {
        let mut set = outer.clone();
        let mut index = Vec::new();
        let mut pages: Vec<ErrorPage> = Vec::new();
        let mut access = Vec::new();
        let mut from = Vec::new();
        let mut logs: Option<Vec<AccessLog>> = None;
        let mut hide = Vec::new();
        for directive in block {
            let pos = directive.name.pos;
            match directive.name.text.as_slice() {
                b"index" => {
                    for word in &directive.args {
                        index.extend(self.template(&word.text, false, word.pos));
                    }
                }
                b"error_page" => self.error_page(directive, &mut pages),
                b"allow" | b"deny" => {
                    if let Some(who) = who(directive.arg(0)) {
                        access.push(AccessRule { allow: directive.is("allow"), who });
                    } else {
                        let written = String::from_utf8_lossy(directive.arg(0)).into_owned();
                        self.error(pos, format!("invalid parameter \"{written}\""));
                    }
                }
                b"satisfy" => match directive.arg(0) {
                    b"any" => set.satisfy_any = true,
                    b"all" => set.satisfy_any = false,
                    other => {
                        let other = String::from_utf8_lossy(other).into_owned();
                        self.error(pos, format!("invalid value \"{other}\""));
                    }
                },
                b"auth_basic" => {
                    let realm = self.template(directive.arg(0), false, pos);
                    set.auth_basic = realm.filter(|realm| realm.as_constant() != Some(b"off")).map(Arc::new);
                }
                b"auth_request" => {
                    set.auth_request = (directive.arg(0) != b"off").then_some(pos);
                }
                b"mirror" => {
                    set.mirror = (directive.arg(0) != b"off").then_some(pos);
                }
                b"auth_request_set" => {
                    let _ = self.http.vars.define(
                        directive.arg(0).strip_prefix(b"$").unwrap_or_default(),
                        super::vars::VarDef::Foreign(pos),
                        pos,
                    );
                }
                b"set_real_ip_from" => match directive.arg(0) {
                    b"unix:" => from.push(RealIpFrom::Unix),
                    other => {
                        let written = String::from_utf8_lossy(other);
                        match Net::parse(&written) {
                            Some(net) => from.push(RealIpFrom::Net(net)),
                            None => self.warn(
                                pos,
                                format!("set_real_ip_from {written}: a host name is not resolved here"),
                            ),
                        }
                    }
                },
                b"real_ip_header" => {
                    set.realip_header =
                        Arc::from(String::from_utf8_lossy(directive.arg(0)).to_ascii_lowercase());
                }
                b"client_max_body_size" => match size(directive.arg(0)) {
                    Some(bytes) => set.max_body = bytes,
                    None => self.error(pos, "\"client_max_body_size\" directive invalid value"),
                },
                b"resolver" => set.resolver = true,
                b"access_log" => self.access_log(directive, &mut logs),
                b"fastcgi_param" => self.param(directive, HandlerKind::Fastcgi, &mut set),
                b"uwsgi_param" => self.param(directive, HandlerKind::Uwsgi, &mut set),
                b"scgi_param" => self.param(directive, HandlerKind::Scgi, &mut set),
                name if rules(name).is_none() => {
                    if name.starts_with(b"set_by_lua") || name.starts_with(b"js_set") {
                        self.foreign_var(directive.arg(0), pos);
                    } else if !harmless(name) && !is_declaration(directive) {
                        hide.push(Hide { directive: directive.name.lossy().into_owned(), pos });
                    }
                }
                name if name.starts_with(b"perl") && directive.is("perl") => {
                    hide.push(Hide { directive: "perl".to_owned(), pos });
                }
                _ => {}
            }
        }
        self.root(block, &mut set);
        for (name, kind) in [
            ("proxy_intercept_errors", HandlerKind::Proxy),
            ("fastcgi_intercept_errors", HandlerKind::Fastcgi),
            ("uwsgi_intercept_errors", HandlerKind::Uwsgi),
            ("scgi_intercept_errors", HandlerKind::Scgi),
            ("grpc_intercept_errors", HandlerKind::Grpc),
        ] {
            if let Some(on) = flag(block, name) {
                set.intercept.retain(|other| *other != kind);
                if on {
                    set.intercept.push(kind);
                }
            }
        }
        if let Some(on) = flag(block, "recursive_error_pages") {
            set.recursive_error_pages = on;
        }
        if let Some(on) = flag(block, "real_ip_recursive") {
            set.realip_recursive = on;
        }
        replace(&mut set.index, index);
        replace(&mut set.error_pages, pages);
        replace(&mut set.access, access);
        replace(&mut set.realip_from, from);
        if let Some(logs) = logs {
            set.access_logs = Arc::new(logs);
        }
        if !hide.is_empty() {
            let mut all = set.hide.as_ref().clone();
            all.extend(hide);
            set.hide = Arc::new(all);
        }
        set
    }

    fn root(&mut self, block: &[Directive], set: &mut Settings) {
        let mut seen = false;
        for directive in block.iter().filter(|inner| inner.is("root") || inner.is("alias")) {
            let pos = directive.name.pos;
            if seen {
                let name = directive.name.lossy().into_owned();
                self.error(pos, format!("\"{name}\" directive is duplicate"));
            }
            seen = true;
            let Some(value) = self.template(directive.arg(0), false, pos) else { continue };
            // what an alias replaces is filled in where the location is known
            set.root = Some(Arc::new(Root { value, alias: directive.is("alias"), replaces: None }));
        }
    }
}

/// A level's own list takes the place of the inherited one; without one it is inherited.
fn replace<T>(inherited: &mut Arc<Vec<T>>, own: Vec<T>) {
    if !own.is_empty() {
        *inherited = Arc::new(own);
    }
}

fn who(word: &[u8]) -> Option<Who> {
    match word {
        b"all" => Some(Who::All),
        b"unix:" => Some(Who::Unix),
        other => Net::parse(std::str::from_utf8(other).ok()?).map(Who::Net),
    }
}

/// A foreign block at a level where it only declares something.
fn is_declaration(directive: &Directive) -> bool {
    directive.block.is_some() && directive.lua.is_none() && !directive.name.text.ends_with(b"_pass")
}
