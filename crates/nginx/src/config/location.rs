//! Locations: their text, their order, what may stand inside which, and what each does.

use std::sync::Arc;

use super::build::Builder;
use super::model::{Loc, LocId, LocKind, Root, ServerId, Settings, Statics};
use crate::syntax::Directive;

impl Builder<'_> {
    /// Registers a location with what its own block says; its inner blocks come by [`Self::level`].
    pub(super) fn loc(
        &mut self,
        directive: &Directive,
        kind: LocKind,
        set: Settings,
        parent: Option<LocId>,
        server: ServerId,
    ) -> LocId {
        let id = LocId(self.http.locs.len());
        let loc = Loc {
            kind,
            modifier: "",
            name: Vec::new(),
            pos: directive.name.pos,
            parent,
            server,
            regex: None,
            set,
            // a nested location inherits it
            internal: directive.block.iter().flatten().any(|inner| inner.is("internal"))
                || parent.is_some_and(|parent: LocId| {
                    self.http.locs.get(parent.0).is_some_and(|loc| loc.internal)
                }),
            codes: Vec::new(),
            try_files: None,
            handler: None,
            statics: Statics::default(),
            regexes: Vec::new(),
            limit_except: None,
            plain: false,
        };
        self.http.locs.push(loc);
        id
    }

    /// What stands in the block of `id`: inner locations, the rewrite phase, the handler.
    pub(super) fn level(&mut self, block: &[Directive], id: LocId) {
        for inner in block.iter().filter(|inner| inner.is("location") && inner.block.is_some()) {
            self.location(inner, id);
        }
        self.statics(id);
        for inner in block {
            if inner.is("try_files") && inner.args.len() >= 2 {
                if self.http.locs[id.0].try_files.is_some() {
                    self.error(inner.name.pos, "\"try_files\" directive is duplicate");
                }
                let tries = self.try_files(inner);
                self.http.locs[id.0].try_files = tries;
            }
        }
        self.handlers(block, id);
        for inner in block.iter().filter(|inner| inner.is("limit_except") && inner.block.is_some()) {
            self.limit_except(inner, id);
        }
        let codes = self.codes(block, id);
        self.http.locs[id.0].codes = codes;
    }

    pub(super) fn location(&mut self, directive: &Directive, outer: LocId) {
        let pos = directive.name.pos;
        let written: Vec<&[u8]> = directive.args.iter().map(|word| word.text.as_slice()).collect();
        let (kind, modifier, name) = match written.as_slice() {
            [b"=", name] => (LocKind::Exact, "=", *name),
            [b"^~", name] => (LocKind::Prefix { stops: true }, "^~", *name),
            [b"~", name] => (LocKind::Regex, "~", *name),
            [b"~*", name] => (LocKind::Regex, "~*", *name),
            [other, _] => {
                let other = String::from_utf8_lossy(other).into_owned();
                let mut error = self.tree.error(pos, format!("invalid location modifier \"{other}\""));
                error.help = Some("modifiers are =, ^~, ~ and ~*".to_owned());
                return self.errors.push(error);
            }
            [name] => match name {
                [b'=', rest @ ..] => (LocKind::Exact, "=", rest),
                [b'^', b'~', rest @ ..] => (LocKind::Prefix { stops: true }, "^~", rest),
                [b'~', b'*', rest @ ..] => (LocKind::Regex, "~*", rest),
                [b'~', rest @ ..] => (LocKind::Regex, "~", rest),
                [b'@', ..] => (LocKind::Named, "@", *name),
                _ => (LocKind::Prefix { stops: false }, "", *name),
            },
            _ => return,
        };
        let shown = String::from_utf8_lossy(name).into_owned();
        let parent = &self.http.locs[outer.0];
        if parent.kind != LocKind::Server {
            let around = String::from_utf8_lossy(&parent.name).into_owned();
            let message = match (parent.kind, kind) {
                (LocKind::Exact, _) => {
                    Some(format!("location \"{shown}\" cannot be inside the exact location \"{around}\""))
                }
                (LocKind::Named, _) => {
                    Some(format!("location \"{shown}\" cannot be inside the named location \"{around}\""))
                }
                (_, LocKind::Named) => {
                    Some(format!("named location \"{shown}\" can be on the server level only"))
                }
                (_, LocKind::Regex) => None,
                _ if !name.starts_with(&parent.name) => {
                    Some(format!("location \"{shown}\" is outside location \"{around}\""))
                }
                _ => None,
            };
            if let Some(message) = message {
                return self.error(pos, message);
            }
        }
        let server = parent.server;
        let outer_set = parent.set.clone();
        let block = directive.block.as_deref().unwrap_or_default();
        let mut set = self.settings(block, &outer_set);
        own_root(block, &mut set, kind, name.len());
        if kind == LocKind::Named && block.iter().any(|inner| inner.is("alias")) {
            self.error(pos, "the \"alias\" directive cannot be used inside the named location");
        }
        let id = self.loc(directive, kind, set, Some(outer), server);
        if kind == LocKind::Regex {
            let regex = self.regex(name, modifier == "~*", pos);
            self.http.locs[id.0].regex = regex;
            self.http.locs[outer.0].regexes.push(id);
        }
        let loc = &mut self.http.locs[id.0];
        loc.modifier = modifier;
        loc.name = name.to_vec();
        if kind == LocKind::Named {
            self.http.servers[server.0].named.entry(name.to_vec()).or_insert(id);
        }
        self.level(block, id);
    }
}

/// An alias replaces the location's own text; set where the location is known.
pub(super) fn own_root(block: &[Directive], set: &mut Settings, kind: LocKind, len: usize) {
    if block.iter().any(|inner| inner.is("alias"))
        && let Some(root) = &set.root
    {
        let replaces = (kind != LocKind::Regex).then_some(len);
        set.root = Some(Arc::new(Root { value: root.value.clone(), alias: true, replaces }));
    }
}
