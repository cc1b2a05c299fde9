//! The order of exact and prefix locations on a level; `try_files`; `limit_except` and `if`.

use std::collections::HashMap;

use super::build::Builder;
use super::location::own_root;
use super::model::{Fallback, LocId, LocKind, Static, Statics, TryFiles};
use crate::syntax::Directive;

impl Builder<'_> {
    /// Sorts the exact and prefix locations of a level; finds the doubles.
    pub(super) fn statics(&mut self, outer: LocId) {
        let mut entries: Vec<Static> = Vec::new();
        let mut places: HashMap<Vec<u8>, usize> = HashMap::new();
        // what stands inside was registered after it
        let children: Vec<LocId> = (outer.0 + 1..self.http.locs.len())
            .map(LocId)
            .filter(|id| self.http.locs[id.0].parent == Some(outer))
            .collect();
        for id in children {
            let loc = &self.http.locs[id.0];
            let exact = match loc.kind {
                LocKind::Exact => true,
                LocKind::Prefix { .. } => false,
                _ => continue,
            };
            let redirect =
                loc.handler.as_ref().is_some_and(|handler| handler.kind.passes()) && loc.name.ends_with(b"/");
            let (name, pos) = (loc.name.clone(), loc.pos);
            let index = *places.entry(name.clone()).or_insert_with(|| {
                entries.push(Static {
                    name: name.clone(),
                    exact: None,
                    prefix: None,
                    auto_redirect: false,
                    up: None,
                });
                entries.len() - 1
            });
            let slot = if exact { &mut entries[index].exact } else { &mut entries[index].prefix };
            if slot.is_some() {
                let shown = String::from_utf8_lossy(&name).into_owned();
                self.error(pos, format!("duplicate location \"{shown}\""));
                continue;
            }
            *slot = Some(id);
            entries[index].auto_redirect |= redirect;
        }
        entries.sort_by(|one, other| one.name.cmp(&other.name));
        // in sorted order the prefixes of an entry stand before it: keep the open ones on a stack
        let mut open: Vec<usize> = Vec::new();
        for index in 0..entries.len() {
            while let Some(last) = open.last().copied()
                && !entries[index].name.starts_with(&entries[last].name)
            {
                open.pop();
            }
            entries[index].up = open.iter().rev().copied().find(|up| entries[*up].prefix.is_some());
            open.push(index);
        }
        // nginx builds no tree for what stands inside a regex location: it is never found there
        if self.http.locs[outer.0].kind != LocKind::Regex {
            self.http.locs[outer.0].statics = Statics { entries };
        }
    }

    pub(super) fn try_files(&mut self, directive: &Directive) -> Option<TryFiles> {
        let pos = directive.name.pos;
        let (last, tries) = directive.args.split_last()?;
        let mut found = Vec::new();
        for word in tries {
            let (text, dir) = match word.text.strip_suffix(b"/") {
                Some(text) => (text, true),
                None => (word.text.as_slice(), false),
            };
            found.push((self.template(text, false, word.pos)?, dir));
        }
        let fallback = if let Some(code) = last.text.strip_prefix(b"=") {
            let code = std::str::from_utf8(code).ok().and_then(|code| code.parse::<u16>().ok());
            let Some(code) = code.filter(|code| *code <= 999) else {
                let written = last.lossy().into_owned();
                self.error(last.pos, format!("invalid code \"{written}\""));
                return None;
            };
            Fallback::Code(code)
        } else {
            Fallback::Target(self.template(&last.text, false, last.pos)?)
        };
        Some(TryFiles { tries: found, last: fallback, pos })
    }

    pub(super) fn limit_except(&mut self, directive: &Directive, outer: LocId) {
        const METHODS: &[&str] = &[
            "GET",
            "HEAD",
            "POST",
            "PUT",
            "DELETE",
            "MKCOL",
            "COPY",
            "MOVE",
            "OPTIONS",
            "PROPFIND",
            "PROPPATCH",
            "LOCK",
            "UNLOCK",
            "PATCH",
        ];
        let mut methods: Vec<String> = Vec::new();
        for word in &directive.args {
            let method = word.lossy().to_ascii_uppercase();
            if !METHODS.contains(&method.as_str()) {
                self.error(word.pos, format!("invalid method \"{}\"", word.lossy()));
            }
            methods.push(method);
        }
        if methods.iter().any(|method| method == "GET") {
            methods.push("HEAD".to_owned());
        }
        if self.http.locs[outer.0].limit_except.is_some() {
            return self.error(directive.name.pos, "\"limit_except\" directive is duplicate");
        }
        let id = self.inner(directive, LocKind::LimitExcept, outer);
        self.http.locs[outer.0].limit_except = Some((methods, id));
    }

    /// The nameless location of an `if` or a `limit_except`: it inherits from the location around it.
    pub(super) fn inner(&mut self, directive: &Directive, kind: LocKind, outer: LocId) -> LocId {
        let block = directive.block.as_deref().unwrap_or_default();
        let around = &self.http.locs[outer.0];
        let (outer_set, server, name, modifier) =
            (around.set.clone(), around.server, around.name.clone(), around.modifier);
        let around_kind = around.kind;
        let mut set = self.settings(block, &outer_set);
        own_root(block, &mut set, around_kind, name.len());
        let id = self.loc(directive, kind, set, Some(outer), server);
        self.http.locs[id.0].name = name;
        self.http.locs[id.0].modifier = modifier;
        self.handlers(block, id);
        if self.http.locs[id.0].handler.is_none() {
            let inherited = self.http.locs[outer.0].handler.clone();
            self.http.locs[id.0].handler =
                inherited.filter(|handler| handler.kind.passes() || kind == LocKind::If);
        }
        id
    }
}
