//! `try_files`, `index`, files, and handlers that pass the request on.

use super::answer::{Kind, Outcome};
use super::run::{Next, Run, Stop, Val, outcome, split_args};
use super::uri::escape_uri;
use crate::config::model::{Fallback, Handler, HandlerKind, Hide, Target, TryFiles};
use crate::config::{scheme, split_port, split_uri};
use crate::syntax::text;

impl Run<'_> {
    pub(super) fn access_and_content(&mut self) -> Result<Next, Stop> {
        if let Some(hide) = self.loc().set.hide.first() {
            return Err(Self::stop(
                &hide.directive,
                hide.pos,
                &format!("{} may decide otherwise", hide.directive),
            ));
        }
        self.realip();
        if self.http.servers[self.server.0].closes {
            let set = &self.loc().set;
            for (name, pos) in [("auth_request", set.auth_request), ("mirror", set.mirror)] {
                if let Some(pos) = pos {
                    let why = format!("the subrequest of {name} may close the connection");
                    return Err(Self::stop(name, pos, &why));
                }
            }
        }
        if let Some(next) = self.access() {
            return Ok(next);
        }
        let reads = matches!(self.method.as_str(), "GET" | "HEAD" | "POST");
        let files = self.loc().try_files.is_some() || (self.handler.is_none() && reads);
        if files && !self.valid_location && self.loc().set.root.as_ref().is_some_and(|root| root.alias) {
            self.say("alias cannot be used where the URI was rewritten");
            return Ok(Next::Status(500, None));
        }
        if let Some(tries) = &self.loc().try_files
            && let Some(next) = self.try_files(tries)?
        {
            return Ok(next);
        }
        let Some(handler) = self.handler else { return self.file() };
        let Some(handler) = &self.http.locs[handler.0].handler else { return self.file() };
        match handler.kind {
            HandlerKind::Stub if !matches!(self.method.as_str(), "GET" | "HEAD") => {
                self.say(format!("{} does not answer {}", handler.directive, self.method));
                Ok(Next::Status(405, None))
            }
            HandlerKind::Stub => {
                self.say(format!("{}: nginx answers itself", handler.directive));
                Ok(Next::End(outcome(Kind::Stub)))
            }
            HandlerKind::Static => {
                self.say(format!("{}: a file", handler.directive));
                self.file()
            }
            _ => self.pass(handler),
        }
    }

    fn try_files(&mut self, tries: &TryFiles) -> Result<Option<Next>, Stop> {
        let root = self.loc().set.root.clone();
        let alias = root.filter(|root| root.alias);
        for (template, dir) in &tries.tries {
            let Val::Known(mut name) = self.eval(template, false) else {
                return Err(Self::stop("try_files", tries.pos, "what try_files looks for is not known"));
            };
            let mut full = name.clone();
            if let Some(alias) = &alias
                && let Some(replaces) = alias.replaces
                && template.as_constant().is_none()
                && name.len() >= replaces
                && self.uri.get(..replaces) == name.get(..replaces)
            {
                name.drain(..replaces);
                full.clone_from(&name);
            }
            let path = match &alias {
                Some(_) => match self.root_only() {
                    Some(base) => format!("{base}{}", text(&full)),
                    None => text(&full).into_owned(),
                },
                None => self.shown_path(&full),
            };
            let exists = if *dir { self.dir_exists(&path) } else { self.file_exists(&path) };
            if !exists {
                continue;
            }
            self.say(format!("try_files finds {path}{}", if *dir { "/" } else { "" }));
            match &alias {
                None => self.uri.clone_from(&full),
                Some(alias) => match alias.replaces {
                    Some(replaces) => {
                        let mut uri = self.uri.get(..replaces).unwrap_or_default().to_vec();
                        uri.extend_from_slice(&full);
                        self.uri = uri;
                    }
                    None if !dir => self.uri.clone_from(&full),
                    None => {}
                },
            }
            if *dir && !self.uri.ends_with(b"/") && template.source.ends_with(b"/") {
                self.uri.push(b'/');
            }
            return Ok(None);
        }
        match &tries.last {
            Fallback::Code(404) if !self.has_page(404) => {
                self.say("try_files finds nothing: 404");
                Ok(Some(Next::End(outcome(Kind::Static))))
            }
            Fallback::Code(code) => {
                self.say(format!("try_files finds nothing: {code}"));
                if *code >= 300 || *code == 201 || *code == 204 {
                    return Ok(Some(Next::Status(*code, None)));
                }
                Err(Self::stop("try_files", tries.pos, "try_files ends with a code that is no error"))
            }
            Fallback::Target(template) => {
                let Val::Known(target) = self.eval(template, false) else {
                    return Err(Self::stop("try_files", tries.pos, "the fallback of try_files is not known"));
                };
                // with an alias nginx cuts the location's text off, but only from a variable's value
                let target = match &alias {
                    Some(alias)
                        if template.as_constant().is_none()
                            && alias.replaces.is_some_and(|n| {
                                target.len() >= n && self.uri.get(..n) == target.get(..n)
                            }) =>
                    {
                        target.get(alias.replaces.unwrap_or(0)..).unwrap_or_default().to_vec()
                    }
                    _ => target,
                };
                self.say(format!("try_files falls back to {}", text(&target)));
                if target.first() == Some(&b'@') {
                    return self.named(&target).map(Some);
                }
                let (uri, args) = split_args(target);
                self.internal_redirect(uri, Val::Known(args)).map(Some)
            }
        }
    }

    fn root_only(&mut self) -> Option<String> {
        match self.path_of(&self.uri.clone()) {
            Some(Val::Known(path)) => {
                let root = self.loc().set.root.clone()?;
                let tail = self.uri.len().checked_sub(root.replaces.unwrap_or(self.uri.len()))?;
                path.get(..path.len().checked_sub(tail)?).map(|base| text(base).into_owned())
            }
            _ => None,
        }
    }

    fn has_page(&self, status: u16) -> bool {
        !self.error_page
            && self.uri_changes != 0
            && self.loc().set.error_pages.iter().any(|page| page.status == status)
    }

    /// The file handlers: index, folders, files; errors matter only where an error page leads elsewhere.
    fn file(&mut self) -> Result<Next, Stop> {
        let reads = matches!(self.method.as_str(), "GET" | "HEAD" | "POST");
        let folder = self.uri.ends_with(b"/");
        if !reads {
            self.say(format!("files are not served by {}", self.method));
            if self.has_page(405) {
                return Ok(Next::Status(405, None));
            }
            return Ok(Next::End(outcome(Kind::Static)));
        }
        if folder {
            let index = std::sync::Arc::clone(&self.loc().set.index);
            let mut folder_seen = false;
            for name in index.iter() {
                let Val::Known(name) = self.eval(name, false) else {
                    return Err(Self::stop("index", self.loc().pos, "the index file is not known"));
                };
                if name.first() == Some(&b'/') {
                    return self.internal_redirect(name, self.args.clone());
                }
                let uri = [self.uri.as_slice(), &name].concat();
                if !self.index_matters(&uri) {
                    continue;
                }
                let path = self.shown_path(&uri);
                if self.file_exists(&path) {
                    return self.internal_redirect(uri, self.args.clone());
                }
                // after the first miss nginx looks whether the folder is there at all
                let folder = self.shown_path(&self.uri.clone());
                if !std::mem::replace(&mut folder_seen, true)
                    && (index.len() > 1 || self.has_page(404))
                    && !self.dir_exists(&folder)
                {
                    self.say(format!("the folder {folder} is missing"));
                    return Ok(if self.has_page(404) {
                        Next::Status(404, None)
                    } else {
                        Next::End(outcome(Kind::Static))
                    });
                }
            }
        }
        let path = self.shown_path(&self.uri.clone());
        for (status, what) in
            [(404, "is missing"), (403, "may not be read"), (301, "is a folder"), (405, "exists")]
        {
            let possible = match status {
                301 => !folder,
                405 => self.method == "POST" && !folder,
                _ => true,
            };
            if !possible || !self.has_page(status) {
                continue;
            }
            let fails = match status {
                // an alias can make a folder of a URI without a last slash
                404 if !folder && path.ends_with('/') => !self.dir_exists(&path),
                // a folder without its slash is redirected to
                404 if !folder => !self.file_exists(&path) && !self.dir_exists(&path),
                405 => self.file_exists(&path),
                _ => {
                    let options = [format!("{path} {what}"), format!("not: {path} {what}")];
                    self.choices.choose(&format!("{status} {path}"), &options) == 0
                }
            };
            if fails && status == 301 {
                let folder = Val::Known([self.uri.as_slice(), b"/"].concat());
                return Ok(Next::Status(status, Some(self.with_args_of(folder))));
            }
            if fails {
                return Ok(Next::Status(status, None));
            }
        }
        self.say(format!("a file: {path}"));
        Ok(Next::End(outcome(Kind::Static)))
    }

    /// Whether an index file would lead to anything but a file of this same location.
    fn index_matters(&self, _uri: &[u8]) -> bool {
        self.uri_changes > 1
    }

    fn pass(&mut self, handler: &Handler) -> Result<Next, Stop> {
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
    fn upstream_outcome(&mut self, handler: &Handler) -> Result<Option<Outcome>, Stop> {
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

    fn unknown_url(
        &mut self,
        handler: &Handler,
        template: &crate::config::value::Template,
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
    fn resolve(
        &mut self,
        name: &str,
        written: Option<u16>,
        port: Option<u16>,
        handler: &Handler,
        end: &mut Outcome,
    ) -> Result<bool, Stop> {
        if let Some(upstream) =
            self.http.upstreams.iter().find(|up| written.is_none() && up.name.eq_ignore_ascii_case(name))
        {
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

    /// The URI of the new request.
    fn proxy_uri(&mut self, handler: &Handler, part: &[u8], variable: bool) -> Result<Option<Val>, Stop> {
        if variable && !part.is_empty() {
            return Ok(Some(Val::Known(part.to_vec())));
        }
        if part.is_empty() && self.valid_unparsed {
            return Ok(Some(Val::Known(self.unparsed.clone())));
        }
        let replaces = if self.valid_location && !part.is_empty() { handler.replaces } else { 0 };
        let Some(rest) = self.uri.get(replaces..) else {
            return Err(Self::stop(
                handler.directive,
                handler.pos,
                "the URI is shorter than the location's text",
            ));
        };
        let mut out = if self.valid_location { part.to_vec() } else { Vec::new() };
        if self.quoted || self.internal {
            out.extend_from_slice(&escape_uri(rest));
        } else {
            out.extend_from_slice(rest);
        }
        Ok(Some(self.with_args(out)))
    }

    fn sent_uri(&self) -> Val {
        if self.valid_unparsed {
            return Val::Known(self.unparsed.clone());
        }
        let path = if self.quoted || self.internal { escape_uri(&self.uri) } else { self.uri.clone() };
        self.with_args(path)
    }

    fn with_args_of(&self, path: Val) -> Val {
        match path {
            Val::Known(path) => self.with_args(path),
            unknown @ Val::Unknown(_) => unknown,
        }
    }

    fn with_args(&self, mut path: Vec<u8>) -> Val {
        match &self.args {
            Val::Known(args) if args.is_empty() => Val::Known(path),
            Val::Known(args) => {
                path.push(b'?');
                path.extend_from_slice(args);
                Val::Known(path)
            }
            Val::Unknown(why) => Val::Unknown(why.clone()),
        }
    }

    /// What a FastCGI-like upstream takes for the request's URI.
    fn param_uri(&mut self, kind: HandlerKind) -> Option<Val> {
        let params = self.loc().set.params.get(&kind)?.clone();
        let named = |name: &[u8]| params.iter().find(|(key, _)| key == name).map(|(_, value)| value.clone());
        let template =
            named(b"REQUEST_URI").or_else(|| named(b"DOCUMENT_URI")).or_else(|| named(b"SCRIPT_NAME"))?;
        Some(self.eval(&template, false))
    }
}
