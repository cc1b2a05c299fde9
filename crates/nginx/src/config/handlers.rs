//! Content handlers: what answers in a location, and where it passes requests on.

use super::blocks::with_port;
use super::build::Builder;
use super::model::{Handler, HandlerKind, LocId, LocKind, Target};
use crate::syntax::{Directive, Pos};

impl Builder<'_> {
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

    pub(super) fn pass(
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
    pub(super) fn fixed(&mut self, host: &str, port: Option<u16>, _pos: Pos) -> Result<Target, String> {
        let (name, written_port) = split_port(host)?;
        if let Some(upstream) = self.http.upstream(host).or_else(|| self.http.upstream(&name)) {
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
