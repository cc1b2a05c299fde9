//! Locations: their text, their order, what may stand inside which, and what each does.

use std::sync::Arc;

use super::blocks::with_port;
use super::build::Builder;
use super::model::{
    Address, Fallback, Handler, HandlerKind, Loc, LocId, LocKind, Root, ServerId, Settings, Static, Statics,
    Target, TryFiles,
};
use crate::syntax::{Directive, Pos};

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

    fn location(&mut self, directive: &Directive, outer: LocId) {
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

    /// Sorts the exact and prefix locations of a level; finds the doubles.
    fn statics(&mut self, outer: LocId) {
        let mut entries: Vec<Static> = Vec::new();
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
            let index = if let Some(index) = entries.iter().position(|entry| entry.name == name) {
                index
            } else {
                entries.push(Static {
                    name: name.clone(),
                    exact: None,
                    prefix: None,
                    auto_redirect: false,
                    up: None,
                });
                entries.len() - 1
            };
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

    fn try_files(&mut self, directive: &Directive) -> Option<TryFiles> {
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

    fn limit_except(&mut self, directive: &Directive, outer: LocId) {
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

    /// The content handler of a block.
    pub(super) fn handlers(&mut self, block: &[Directive], id: LocId) {
        for directive in block {
            let pos = directive.name.pos;
            let (kind, name) = match directive.name.text.as_slice() {
                b"proxy_pass" => (HandlerKind::Proxy, "proxy_pass"),
                b"fastcgi_pass" => (HandlerKind::Fastcgi, "fastcgi_pass"),
                b"uwsgi_pass" => (HandlerKind::Uwsgi, "uwsgi_pass"),
                b"scgi_pass" => (HandlerKind::Scgi, "scgi_pass"),
                b"grpc_pass" => (HandlerKind::Grpc, "grpc_pass"),
                b"memcached_pass" => (HandlerKind::Memcached, "memcached_pass"),
                b"stub_status" => (HandlerKind::Stub, "stub_status"),
                b"empty_gif" => (HandlerKind::Stub, "empty_gif"),
                b"flv" => (HandlerKind::Static, "flv"),
                b"mp4" => (HandlerKind::Static, "mp4"),
                _ => continue,
            };
            if self.http.locs[id.0].handler.as_ref().is_some_and(|other| other.kind == kind && kind.passes())
            {
                self.error(pos, format!("\"{name}\" directive is duplicate"));
                continue;
            }
            let handler = if kind.passes() {
                self.pass(directive, kind, name, id)
            } else {
                Some(Handler {
                    kind,
                    directive: name,
                    pos,
                    target: Target::None,
                    uri: Vec::new(),
                    replaces: 0,
                })
            };
            if handler.is_some() {
                self.http.locs[id.0].handler = handler;
            }
        }
    }

    fn pass(
        &mut self,
        directive: &Directive,
        kind: HandlerKind,
        name: &'static str,
        id: LocId,
    ) -> Option<Handler> {
        let pos = directive.name.pos;
        let word = directive.args.first()?;
        let mut handler =
            Handler { kind, directive: name, pos, target: Target::None, uri: Vec::new(), replaces: 0 };
        let template = self.template(&word.text, false, word.pos)?;
        if template.as_constant().is_none() {
            handler.target = Target::Variable(template);
            return Some(handler);
        }
        let url = word.lossy().into_owned();
        let (rest, port) = match scheme(kind, &url) {
            Ok(found) => found,
            Err(why) => {
                self.error(word.pos, why);
                return None;
            }
        };
        let (host, uri) = split_uri(rest);
        if host.is_empty() || host.starts_with(':') {
            self.error(word.pos, format!("no host in upstream \"{url}\""));
            return None;
        }
        if kind == HandlerKind::Proxy {
            handler.uri = uri.as_bytes().to_vec();
            let loc = &self.http.locs[id.0];
            if matches!(loc.kind, LocKind::Exact | LocKind::Prefix { .. }) {
                handler.replaces = loc.name.len();
            } else if !uri.is_empty() {
                self.error(
                    pos,
                    "\"proxy_pass\" cannot have URI part in location given by regular expression, or inside named \
                     location, or inside \"if\" statement, or inside \"limit_except\" block",
                );
                return None;
            }
        }
        match self.fixed(host, port, pos) {
            Ok(target) => handler.target = target,
            Err(why) => {
                self.error(word.pos, why);
                return None;
            }
        }
        Some(handler)
    }

    /// An upstream block, or a host that stands for itself.
    fn fixed(&mut self, host: &str, port: Option<u16>, _pos: Pos) -> Result<Target, String> {
        let (name, written_port) = split_port(host)?;
        if let Some(upstream) = self
            .http
            .upstreams
            .iter()
            .find(|up| up.name.eq_ignore_ascii_case(host) || up.name.eq_ignore_ascii_case(&name))
        {
            if let Some(port) = written_port
                && !upstream.name.eq_ignore_ascii_case(host)
            {
                return Err(format!("upstream \"{}\" may not have port {port}", upstream.name));
            }
            return Ok(Target::Fixed {
                upstream: upstream.name.clone(),
                addresses: upstream.addresses.clone(),
            });
        }
        let Some(port) = written_port.or(port) else {
            if host.starts_with("unix:") {
                return Ok(Target::Fixed { upstream: name, addresses: vec![host.to_owned()] });
            }
            return Err(format!("no port in upstream \"{host}\""));
        };
        let address = if host.starts_with("unix:") {
            host.to_owned()
        } else {
            let base = if name == "localhost" { "127.0.0.1" } else { name.as_str() };
            with_port(base, port)
        };
        if !host.starts_with("unix:") {
            self.http.implicit.insert((name.to_ascii_lowercase(), port), vec![address.clone()]);
        }
        Ok(Target::Fixed { upstream: name, addresses: vec![address] })
    }
}

/// An alias replaces the location's own text; set where the location is known.
fn own_root(block: &[Directive], set: &mut Settings, kind: LocKind, len: usize) {
    if block.iter().any(|inner| inner.is("alias"))
        && let Some(root) = &set.root
    {
        let replaces = (kind != LocKind::Regex).then_some(len);
        set.root = Some(Arc::new(Root { value: root.value.clone(), alias: true, replaces }));
    }
}

/// What follows the scheme, and the scheme's port.
pub(crate) fn scheme(kind: HandlerKind, url: &str) -> Result<(&str, Option<u16>), String> {
    let strip = |prefix: &str| {
        url.get(..prefix.len())
            .filter(|start| start.eq_ignore_ascii_case(prefix))
            .and_then(|_| url.get(prefix.len()..))
    };
    let invalid = || format!("invalid URL prefix in \"{url}\"");
    match kind {
        HandlerKind::Proxy => strip("http://")
            .map(|rest| (rest, Some(80)))
            .or_else(|| strip("https://").map(|rest| (rest, Some(443))))
            .ok_or_else(invalid),
        HandlerKind::Grpc => Ok(strip("grpc://")
            .or_else(|| strip("grpcs://"))
            .map_or((url, Some(if strip("grpcs://").is_some() { 443 } else { 80 })), |rest| {
                (rest, Some(if strip("grpcs://").is_some() { 443 } else { 80 }))
            })),
        HandlerKind::Uwsgi => Ok((strip("uwsgi://").or_else(|| strip("suwsgi://")).unwrap_or(url), None)),
        _ => Ok((url, None)),
    }
}

/// Host and URI part: the URI begins at the first `/` or `?`.
pub(crate) fn split_uri(rest: &str) -> (&str, &str) {
    if let Some(path) = rest.strip_prefix("unix:") {
        // unix:/path:/uri
        return match path.find(':') {
            Some(colon) => (&rest[.."unix:".len() + colon], &path[colon + 1..]),
            None => (rest, ""),
        };
    }
    match rest.find(['/', '?']) {
        Some(start) => rest.split_at(start),
        None => (rest, ""),
    }
}

/// Host without port, and the port.
pub(crate) fn split_port(host: &str) -> Result<(String, Option<u16>), String> {
    if host.starts_with("unix:") {
        return Ok((host.to_owned(), None));
    }
    let tail = host.rfind(']').map_or(0, |end| end);
    match host[tail..].find(':') {
        None => Ok((host.to_owned(), None)),
        Some(colon) => {
            let (name, port) = host.split_at(tail + colon);
            let port: u16 = port[1..]
                .parse()
                .ok()
                .filter(|port| *port > 0)
                .ok_or_else(|| format!("invalid port in upstream \"{host}\""))?;
            Ok((name.to_owned(), Some(port)))
        }
    }
}

impl Address {
    /// The port, where there is one.
    pub(crate) fn port(&self) -> Option<u16> {
        match self {
            Self::Ip(_, port) | Self::Name(_, port) => Some(*port),
            Self::Unix(_) => None,
        }
    }
}
