//! `map`, `geo`, `split_clients`: variables made from other values. And `upstream`.

use std::sync::Arc;

use super::build::Builder;
use super::model::{Map, Split, Upstream};
use super::names::{Added, Names};
use super::value::Template;
use super::vars::{VarDef, name_of};
use crate::syntax::Directive;

impl Builder<'_> {
    pub(super) fn map(&mut self, directive: &Directive) {
        let pos = directive.name.pos;
        let Some(source) = self.template(directive.arg(0), false, pos) else { return };
        let Some(name) = name_of(directive.arg(1)) else {
            let written = directive.args.get(1).map(|word| word.lossy().into_owned()).unwrap_or_default();
            return self.error(pos, format!("invalid variable name \"{written}\""));
        };
        let index = self.http.maps.len();
        if let Err(why) = self.http.vars.define(name, VarDef::Map(index), pos) {
            return self.error(pos, why);
        }
        let mut map = Map {
            name: String::from_utf8_lossy(name).into_owned(),
            source,
            hostnames: false,
            volatile: false,
            names: Names::default(),
            patterns: Vec::new(),
            values: Vec::new(),
            default: None,
        };
        for entry in directive.block.iter().flatten() {
            self.map_entry(entry, &mut map);
        }
        if map.volatile
            && let Some(var) = self.http.vars.all.iter_mut().find(|var| var.def == VarDef::Map(index))
        {
            var.cacheable = false;
        }
        self.http.maps.push(map);
    }

    pub(super) fn map_entry(&mut self, entry: &Directive, map: &mut Map) {
        let pos = entry.name.pos;
        if entry.args.is_empty() && entry.is("hostnames") {
            map.hostnames = true;
            return;
        }
        if entry.args.is_empty() && entry.is("volatile") {
            map.volatile = true;
            return;
        }
        if entry.args.len() != 1 || entry.block.is_some() {
            return self.error(pos, "invalid number of the map parameters, expected a value and a result");
        }
        let Some(value) = self.template(entry.arg(0), false, entry.args[0].pos) else { return };
        let index = map.values.len();
        map.values.push(value);
        let key = entry.name.text.as_slice();
        if key == b"default" {
            if map.default.is_some() {
                return self.error(pos, "duplicate default map parameter");
            }
            map.default = Some(index);
            return;
        }
        if let Some(pattern) = key.strip_prefix(b"~") {
            let (pattern, caseless) = match pattern.strip_prefix(b"*") {
                Some(pattern) => (pattern, true),
                None => (pattern, false),
            };
            if let Some(regex) = self.regex(pattern, caseless, pos) {
                map.patterns.push((regex, index));
            }
            return;
        }
        let key = key.strip_prefix(b"\\").unwrap_or(key);
        match map.names.add(key, index, map.hostnames) {
            Added::Ok => {}
            Added::Conflict => self.error(pos, format!("conflicting parameter \"{}\"", entry.name.lossy())),
            Added::Invalid => {
                self.error(pos, format!("invalid hostname or wildcard \"{}\"", entry.name.lossy()));
            }
        }
    }

    pub(super) fn split_clients(&mut self, directive: &Directive) {
        let pos = directive.name.pos;
        let Some(source) = self.template(directive.arg(0), false, pos) else { return };
        let Some(name) = name_of(directive.arg(1)) else {
            return self.error(pos, "invalid variable name, expected \"$name\"");
        };
        let index = self.http.splits.len();
        if let Err(why) = self.http.vars.define(name, VarDef::Split(index), pos) {
            return self.error(pos, why);
        }
        let mut split = Split { name: String::from_utf8_lossy(name).into_owned(), source, parts: Vec::new() };
        let (mut sum, mut last) = (0_u64, 0_u32);
        for entry in directive.block.iter().flatten() {
            let key = entry.name.lossy().into_owned();
            let bound = if key == "*" {
                0
            } else {
                let Some(hundredths) = key.strip_suffix('%').and_then(hundredths).filter(|value| *value > 0)
                else {
                    self.error(entry.name.pos, format!("invalid percent value \"{key}\""));
                    continue;
                };
                sum += hundredths;
                if sum > 10_000 {
                    self.error(entry.name.pos, "percent total is greater than 100%");
                    continue;
                }
                let share = hundredths * u64::from(u32::MAX) / 10_000;
                last = last.wrapping_add(u32::try_from(share).unwrap_or(u32::MAX));
                last
            };
            split.parts.push((bound, entry.arg(0).to_vec()));
        }
        self.http.splits.push(split);
    }

    pub(super) fn upstream(&mut self, directive: &Directive) {
        let pos = directive.name.pos;
        let name = directive.args.first().map(|word| word.lossy().into_owned()).unwrap_or_default();
        if self.http.upstream(&name).is_some() {
            return self.error(pos, format!("duplicate upstream \"{name}\""));
        }
        let mut addresses = Vec::new();
        let mut servers = 0;
        for entry in directive.block.iter().flatten().filter(|entry| entry.is("server")) {
            servers += 1;
            let known =
                ["weight=", "max_conns=", "max_fails=", "fail_timeout=", "slow_start=", "route=", "service="];
            for option in entry.args.iter().skip(1) {
                let option_text = option.lossy();
                let plain = matches!(option_text.as_ref(), "backup" | "down" | "resolve" | "drain");
                if !plain && !known.iter().any(|prefix| option_text.starts_with(prefix)) {
                    self.error(option.pos, format!("invalid parameter \"{option_text}\""));
                }
            }
            if !entry.args.iter().skip(1).any(|option| option.text == b"down") {
                addresses.push(with_port(
                    &entry.args.first().map(|w| w.lossy().into_owned()).unwrap_or_default(),
                    80,
                ));
            }
        }
        if servers == 0 {
            self.error(pos, format!("no servers are inside upstream \"{name}\""));
        }
        self.http.upstream_names.insert(name.to_ascii_lowercase(), self.http.upstreams.len());
        self.http.upstreams.push(Upstream { name, addresses });
    }

    /// A template, or an error at `pos`.
    pub(super) fn template(
        &mut self,
        source: &[u8],
        args: bool,
        pos: crate::syntax::Pos,
    ) -> Option<Template> {
        match Template::parse(source, args, pos, &mut self.http.vars) {
            Ok(template) => Some(template),
            Err(why) => {
                self.error(pos, why);
                None
            }
        }
    }

    /// A pattern with its named groups, or an error at `pos`.
    pub(super) fn regex(
        &mut self,
        pattern: &[u8],
        caseless: bool,
        pos: crate::syntax::Pos,
    ) -> Option<Arc<super::model::Regex>> {
        let written = String::from_utf8_lossy(pattern).into_owned();
        match crate::pattern::Pattern::new(pattern, caseless) {
            Ok(pattern) => {
                let mut groups = Vec::new();
                for (name, group) in pattern.names().to_vec() {
                    match self.http.vars.define(name.as_bytes(), VarDef::Group, pos) {
                        Ok(var) => groups.push((var, group)),
                        Err(why) => self.error(pos, why),
                    }
                }
                Some(Arc::new(super::model::Regex { pattern, groups, pos, written }))
            }
            Err(why) => {
                self.error(pos, format!("the pattern \"{written}\" does not compile: {why}"));
                None
            }
        }
    }
}

/// `host` or `host:port` with the port written out; unix sockets stay.
pub(super) fn with_port(address: &str, port: u16) -> String {
    if address.starts_with("unix:") {
        return address.to_owned();
    }
    let tail = address.rfind(']').map_or(address, |end| &address[end..]);
    if tail.contains(':') { address.to_owned() } else { format!("{address}:{port}") }
}

/// `12.5` as hundredths.
fn hundredths(text: &str) -> Option<u64> {
    let (whole, part) = text.split_once('.').unwrap_or((text, ""));
    if part.len() > 2 || whole.is_empty() || whole.len() > 5 || !part.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let part: u64 = format!("{part:0<2}").parse().ok()?;
    Some(whole.parse::<u64>().ok()? * 100 + part)
}
