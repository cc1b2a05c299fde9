//! Handlers that pass the request on, and where to.

use super::answer::{Kind, Outcome};
use super::run::{Next, Run, Stop, Val, outcome};
use crate::config::model::{Handler, HandlerKind, Hide, Target};
use crate::config::value::Template;
use crate::config::{scheme, split_port, split_uri};
use crate::syntax::text;

impl Run<'_> {
    pub(super) fn pass(&mut self, handler: &Handler) -> Result<Next, Stop> {
        let end = self.upstream_outcome(handler)?;
        let Some(end) = end else { return Ok(Next::Status(502, None)) };
        if end.status.is_some() {
            return Ok(Next::Status(end.status.unwrap_or(500), None));
        }
        let name = end.upstream.clone().unwrap_or_default();
        self.say(format!("{} {}", handler.directive, name));
        if self.error_page || self.uri_changes == 0 || self.instead_of.is_some() {
            return Ok(Next::End(end));
        }
        // statuses that nginx gives itself when the upstream fails, or takes over from it
        let set = &self.loc().set;
        let intercepts = set.intercept.contains(&handler.kind);
        let mut ways: Vec<(u16, Vec<u8>, String)> = Vec::new();
        for page in set.error_pages.iter() {
            if !(matches!(page.status, 502 | 504) || intercepts) {
                continue;
            }
            match ways.iter_mut().find(|(_, target, _)| *target == page.target.source) {
                Some((_, _, codes)) => {
                    codes.push_str(", ");
                    codes.push_str(&page.status.to_string());
                }
                None => ways.push((page.status, page.target.source.clone(), page.status.to_string())),
            }
        }
        if ways.is_empty() {
            return Ok(Next::End(end));
        }
        let mut options = vec![format!("{name} answers")];
        options.extend(ways.iter().map(|(_, _, codes)| format!("{name} fails with {codes}")));
        let taken = self.choices.choose(&format!("upstream {name}"), &options);
        match taken.checked_sub(1).and_then(|way| ways.get(way)) {
            None => Ok(Next::End(end)),
            Some((status, _, _)) => {
                self.instead_of = Some((end, self.server, self.loc, self.because.len()));
                Ok(Next::Status(*status, None))
            }
        }
    }

    /// Where a handler passes the request; `None` where nginx finds no such host (502); a status where it fails.
    pub(super) fn upstream_outcome(&mut self, handler: &Handler) -> Result<Option<Outcome>, Stop> {
        let kind = match handler.kind {
            HandlerKind::Fastcgi => Kind::Fastcgi,
            HandlerKind::Uwsgi => Kind::Uwsgi,
            HandlerKind::Scgi => Kind::Scgi,
            HandlerKind::Grpc => Kind::Grpc,
            _ => Kind::Proxy,
        };
        let mut end = outcome(kind);
        let mut uri_part = handler.uri.clone();
        let mut variable = false;
        match &handler.target {
            Target::None => return Ok(Some(end)),
            Target::Fixed { upstream, addresses } => {
                end.upstream = Some(upstream.clone());
                end.addresses.clone_from(addresses);
            }
            Target::Variable(template) => {
                variable = true;
                let url = match self.eval(template, false) {
                    Val::Known(url) => String::from_utf8_lossy(&url).into_owned(),
                    Val::Unknown(why) => {
                        return self.unknown_url(handler, template, end, &why).map(Some);
                    }
                };
                let failed = |run: &mut Self, why: String| {
                    run.say(why);
                    let mut end = outcome(kind);
                    end.status = Some(500);
                    Ok(Some(end))
                };
                let (rest, port) = match scheme(handler.kind, &url) {
                    Ok(found) => found,
                    Err(why) => return failed(self, why),
                };
                let (host, uri) = split_uri(rest);
                if handler.kind == HandlerKind::Proxy {
                    uri_part = uri.as_bytes().to_vec();
                    if uri_part.first() == Some(&b'?') {
                        uri_part.insert(0, b'/');
                    }
                }
                let (name, written_port) = match split_port(host) {
                    Ok(found) => found,
                    Err(why) => return failed(self, why),
                };
                if name.is_empty() {
                    return failed(self, format!("no host in \"{url}\""));
                }
                if !self.resolve(&name, written_port, port, handler, &mut end)? {
                    return Ok(None);
                }
            }
        }
        let uri = match handler.kind {
            HandlerKind::Proxy => self.proxy_uri(handler, &uri_part, variable)?,
            HandlerKind::Grpc => Some(self.sent_uri()),
            HandlerKind::Memcached => None,
            _ => self.param_uri(handler.kind),
        };
        match uri {
            Some(Val::Known(uri)) => end.uri = Some(text(&uri).into_owned()),
            Some(Val::Unknown(why)) => {
                self.say(format!("what the upstream receives is not known: {why}"));
                self.hides.push(Hide { directive: handler.directive.to_owned(), pos: handler.pos });
            }
            None => {}
        }
        Ok(Some(end))
    }

    pub(super) fn unknown_url(
        &mut self,
        handler: &Handler,
        template: &Template,
        mut end: Outcome,
        why: &str,
    ) -> Result<Outcome, Stop> {
        // the host may still stand in the text before the first variable
        let source = text(&template.source).into_owned();
        if let Ok((rest, _)) = scheme(handler.kind, &source)
            && let (host, uri) = split_uri(rest)
            && !host.contains('$')
            && !host.is_empty()
            && !uri.is_empty()
        {
            let port = scheme(handler.kind, &source).ok().and_then(|(_, port)| port);
            let (name, written) = split_port(host).unwrap_or((host.to_owned(), None));
            if self.resolve(&name, written, port, handler, &mut end)? {
                self.say(format!("what the upstream receives is not known: {why}"));
                self.hides.push(Hide { directive: handler.directive.to_owned(), pos: handler.pos });
                return Ok(end);
            }
        }
        Err(Self::stop(
            handler.directive,
            handler.pos,
            &format!("{} goes where {why} says", handler.directive),
        ))
    }

    /// The host of a variable `proxy_pass`: an upstream block, a host known from elsewhere, an address, a name.
    pub(super) fn resolve(
        &mut self,
        name: &str,
        written: Option<u16>,
        port: Option<u16>,
        handler: &Handler,
        end: &mut Outcome,
    ) -> Result<bool, Stop> {
        if let Some(upstream) = self.http.upstream(name).filter(|_| written.is_none()) {
            end.upstream = Some(upstream.name.clone());
            end.addresses.clone_from(&upstream.addresses);
            return Ok(true);
        }
        end.upstream = Some(name.to_owned());
        if name.starts_with("unix:") {
            end.addresses = vec![name.to_owned()];
            return Ok(true);
        }
        let Some(port) = written.or(port) else {
            return Err(Self::stop(handler.directive, handler.pos, "the upstream has no port"));
        };
        if name.trim_matches(['[', ']']).parse::<std::net::IpAddr>().is_ok() {
            end.addresses = vec![format!("{name}:{port}")];
            return Ok(true);
        }
        if let Some(addresses) = self.http.implicit.get(&(name.to_ascii_lowercase(), port)) {
            end.addresses.clone_from(addresses);
            return Ok(true);
        }
        if self.loc().set.resolver {
            end.addresses = vec![format!("{name}:{port}")];
            return Ok(true);
        }
        self.say(format!("no resolver is set to find {name}: nginx answers 502"));
        Ok(false)
    }
}
