//! `try_files`, `index`, files, and handlers that pass the request on.

use super::answer::Kind;
use super::run::{Next, Run, Stop, Val, outcome, split_args};
use crate::config::model::{Fallback, HandlerKind, TryFiles};
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

    pub(super) fn try_files(&mut self, tries: &TryFiles) -> Result<Option<Next>, Stop> {
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

    pub(super) fn root_only(&mut self) -> Option<String> {
        match self.path_of(&self.uri.clone()) {
            Some(Val::Known(path)) => {
                let root = self.loc().set.root.clone()?;
                let tail = self.uri.len().checked_sub(root.replaces.unwrap_or(self.uri.len()))?;
                path.get(..path.len().checked_sub(tail)?).map(|base| text(base).into_owned())
            }
            _ => None,
        }
    }
}
