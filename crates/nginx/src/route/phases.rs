//! The rewrite phase and the access phase.

use super::answer::Kind;
use super::run::{Captures, Next, Run, Stop, Val, outcome};
use super::uri::unescape_redirect;
use crate::config::model::{Code, Cond, LocKind, Rewrite, Who};
use crate::config::net::unmapped;
use crate::syntax::text;

/// How a list of rewrite directives ended.
enum Flow {
    On,
    /// `last`, `break`, or the end: no further directive runs.
    Ends,
    To(Next),
}

impl Run<'_> {
    pub(super) fn server_rewrite(&mut self) -> Result<Next, Stop> {
        let loc = self.http.servers[self.server.0].loc;
        let level = &self.http.locs[loc.0];
        if let Some(hide) = level.set.hide.iter().find(|hide| hide.directive.starts_with("server_rewrite")) {
            return Err(Self::stop(
                &hide.directive,
                hide.pos,
                &format!("{} may change the way", hide.directive),
            ));
        }
        self.loc = loc;
        self.args_leak = false;
        let http = self.http;
        match self.codes(&http.locs[loc.0].codes)? {
            Flow::To(next) => Ok(next),
            Flow::On | Flow::Ends => Ok(Next::FindLocation),
        }
    }

    pub(super) fn location_rewrite(&mut self) -> Result<Next, Stop> {
        if self.loc().kind == LocKind::Server || self.loc().kind == LocKind::LimitExcept {
            return Ok(Next::Access);
        }
        self.args_leak = false;
        let http = self.http;
        let codes = &http.locs[self.loc.0].codes;
        if let Flow::To(next) = self.codes(codes)? {
            return Ok(next);
        }
        if !self.uri_changed {
            return Ok(Next::Access);
        }
        self.uri_changes -= 1;
        if self.uri_changes == 0 {
            self.say("rewrite or internal redirection cycle");
            return Ok(Next::Status(500, None));
        }
        self.loc = self.http.servers[self.server.0].loc;
        Ok(Next::FindLocation)
    }

    fn codes(&mut self, codes: &[Code]) -> Result<Flow, Stop> {
        for code in codes {
            let flow = match code {
                Code::Break => {
                    if self.uri_changed {
                        self.valid_location = false;
                        self.uri_changed = false;
                    }
                    Flow::Ends
                }
                Code::Set { var, value, args, .. } => {
                    let value = self.eval(value, true);
                    if *args {
                        self.args = value;
                        self.valid_unparsed = false;
                    } else {
                        self.vars[var.0] = Some(value);
                    }
                    Flow::On
                }
                Code::Return { status, text } => self.return_code(*status, text.as_ref()),
                Code::Rewrite(rewrite) => self.rewrite(rewrite)?,
                Code::If { cond, body, loc } => {
                    if self.condition(cond)? {
                        if let Some(loc) = loc {
                            self.loc = *loc;
                            self.enter();
                        }
                        self.codes(body)?
                    } else {
                        Flow::On
                    }
                }
            };
            if !matches!(flow, Flow::On) {
                return Ok(flow);
            }
        }
        Ok(Flow::On)
    }

    fn return_code(&mut self, status: u16, body: Option<&crate::config::value::Template>) -> Flow {
        let has_text = body.is_some_and(|body| !body.parts.is_empty());
        if status >= 400 && !has_text {
            self.say(format!("return {status}"));
            return Flow::To(Next::Status(status, None));
        }
        let value = match body {
            Some(body) => self.eval(body, false),
            None => Val::empty(),
        };
        if matches!(status, 301 | 302 | 303 | 307 | 308) {
            self.say(format!("return {status}"));
            self.location = None;
            // nginx writes the header even where its value is empty
            return Flow::To(Next::Status(status, Some(value)));
        }
        self.say(format!("return {status}"));
        let mut end = outcome(Kind::Return);
        // a status that an error page keeps wins over the one returned here
        end.status = Some(match self.err_status.unwrap_or(status) {
            494..=497 => 400,
            status => status,
        });
        self.set_location(&mut end);
        Flow::To(Next::End(end))
    }

    fn rewrite(&mut self, rewrite: &Rewrite) -> Result<Flow, Stop> {
        let subject = Val::Known(self.uri.clone());
        if !self.exec(&rewrite.regex, &subject, "rewrite")? {
            self.captures = Captures::Known { data: Vec::new(), groups: Vec::new() };
            return Ok(Flow::On);
        }
        self.internal = true;
        self.valid_unparsed = false;
        if rewrite.stays {
            self.valid_location = false;
            self.uri_changed = false;
        } else {
            self.uri_changed = true;
        }
        let (value, args_at) = self.expand(&rewrite.replacement, rewrite.redirect.is_some());
        let Val::Known(mut value) = value else {
            let Val::Unknown(why) = value else { return Ok(Flow::On) };
            if let Some(status) = rewrite.redirect {
                self.say(format!("rewrite {} redirects", rewrite.regex.written));
                return Ok(Flow::To(Next::Status(status, Some(Val::Unknown(why)))));
            }
            return Err(Self::stop(
                "rewrite",
                rewrite.pos,
                &format!("the rewritten URI is not known: {why}"),
            ));
        };
        if let Some(status) = rewrite.redirect {
            let mut location = unescape_redirect(&value);
            match &self.args {
                Val::Known(args) if rewrite.add_args && !args.is_empty() => {
                    location.push(if rewrite.replacement.question { b'&' } else { b'?' });
                    location.extend_from_slice(args);
                }
                Val::Unknown(why) if rewrite.add_args => {
                    let why = why.clone();
                    return Ok(Flow::To(Next::Status(status, Some(Val::Unknown(why)))));
                }
                _ => {}
            }
            self.say(format!("rewrite {} redirects to {}", rewrite.regex.written, text(&location)));
            return Ok(Flow::To(Next::Status(status, Some(Val::Known(location)))));
        }
        if let Some(start) = args_at {
            self.args_leak = true;
            let mut args = value.split_off(start);
            if rewrite.add_args {
                match &self.args {
                    Val::Known(own) if !own.is_empty() => {
                        args.push(b'&');
                        args.extend_from_slice(own);
                        self.args = Val::Known(args);
                    }
                    Val::Known(_) => self.args = Val::Known(args),
                    Val::Unknown(_) => {}
                }
            } else {
                self.args = Val::Known(args);
            }
        } else if !rewrite.add_args {
            self.args = Val::empty();
        }
        if value.is_empty() {
            self.say("the rewritten URI is empty");
            return Ok(Flow::To(Next::Status(500, None)));
        }
        let flag = if rewrite.stays { " (break: stays here)" } else { "" };
        self.say(format!("rewrite {} makes it {}{flag}", rewrite.regex.written, text(&value)));
        self.uri = value;
        Ok(if rewrite.ends { Flow::Ends } else { Flow::On })
    }

    fn condition(&mut self, cond: &Cond) -> Result<bool, Stop> {
        match cond {
            Cond::Var(var) => {
                let name = self.http.vars.get(*var).name.clone();
                Ok(match self.var(*var) {
                    Val::Known(value) => !value.is_empty() && value != b"0",
                    Val::Unknown(why) => {
                        let options = [format!("${name} is set"), format!("${name} is empty or 0")];
                        self.choices.choose(&format!("{why} ${name} set"), &options) == 0
                    }
                })
            }
            Cond::Equal { var, value, negated } => {
                let name = self.http.vars.get(*var).name.clone();
                let left = self.var(*var);
                let right = self.eval(value, true);
                let equal = if let (Val::Known(left), Val::Known(right)) = (&left, &right) {
                    left == right
                } else {
                    let shown = text(&value.source).into_owned();
                    let options = [format!("${name} is \"{shown}\""), format!("${name} is not \"{shown}\"")];
                    self.choices.choose(&format!("${name} = {shown}"), &options) == 0
                };
                Ok(equal != *negated)
            }
            Cond::Match { var, regex, negated } => {
                let subject = self.var(*var);
                let matched = self.exec(regex, &subject, "if")?;
                if !matched {
                    self.captures = Captures::Known { data: Vec::new(), groups: Vec::new() };
                }
                Ok(matched != *negated)
            }
            Cond::File { what, value, negated } => {
                let path = match self.eval(value, true) {
                    Val::Known(path) => text(&path).into_owned(),
                    Val::Unknown(_) => text(&value.source).into_owned(),
                };
                let exists = match what {
                    b'f' => self.file_exists(&path),
                    b'd' => self.dir_exists(&path),
                    b'x' => {
                        let options = [format!("{path} is executable"), format!("{path} is not executable")];
                        self.choices.choose(&format!("x {path}"), &options) == 0
                    }
                    _ => {
                        let options = [format!("{path} exists"), format!("{path} does not exist")];
                        self.choices.choose(&format!("e {path}"), &options) == 0
                    }
                };
                Ok(exists != *negated)
            }
        }
    }

    pub(super) fn file_exists(&mut self, path: &str) -> bool {
        if path.ends_with('/') || self.choices.decided(&format!("dir {path}")) == Some(0) {
            return false;
        }
        let options = [format!("the file {path} exists"), format!("the file {path} does not exist")];
        self.choices.choose(&format!("file {path}"), &options) == 0
    }

    pub(super) fn dir_exists(&mut self, path: &str) -> bool {
        let path = path.trim_end_matches('/');
        if self.choices.decided(&format!("file {path}")) == Some(0) {
            return false;
        }
        let options = [format!("the folder {path}/ exists"), format!("the folder {path}/ does not exist")];
        self.choices.choose(&format!("dir {path}"), &options) == 0
    }

    /// `allow`/`deny`, passwords, the subrequest that decides.
    pub(super) fn access(&mut self) -> Option<Next> {
        let set = self.loc().set.clone();
        let any = set.satisfy_any;
        let mut denied: Option<u16> = None;
        // address
        if !set.access.is_empty() {
            match self.address_allowed(&set.access) {
                Some(true) if any => return None,
                Some(false) if any => denied = Some(403),
                Some(false) => {
                    self.say("deny: this client is not let in");
                    return Some(Next::Status(403, None));
                }
                _ => {}
            }
        }
        // password
        if let Some(realm) = &set.auth_basic
            && self.eval(realm, false) != Val::Known(b"off".to_vec())
        {
            let given = self.known.partly
                || self.request.header("authorization").is_some_and(|value| {
                    value.get(..6).is_some_and(|start| start.eq_ignore_ascii_case(b"basic "))
                });
            let status = if given {
                let options = [
                    "the password is right".to_owned(),
                    "the user or password is wrong".to_owned(),
                    "the password file is missing".to_owned(),
                ];
                [None, Some(401), Some(403)][self.choices.choose("auth_basic", &options).min(2)]
            } else {
                Some(401)
            };
            match (status, any) {
                (None, true) => return None,
                (None, false) => {}
                (Some(status), true) => denied = Some(status),
                (Some(status), false) => {
                    self.say("auth_basic: no valid user and password");
                    return Some(Next::Status(status, None));
                }
            }
        }
        // subrequest
        if set.auth_request.is_some() {
            let options = [
                "auth_request lets the request in".to_owned(),
                "auth_request answers 401".to_owned(),
                "auth_request answers 403".to_owned(),
                "auth_request fails or answers with another status".to_owned(),
            ];
            let status = match self.choices.choose("auth_request", &options) {
                0 if any => return None,
                0 => None,
                1 => Some(401),
                2 => Some(403),
                _ => Some(500),
            };
            if let Some(status) = status {
                if any && status != 500 {
                    denied = Some(denied.filter(|before| *before == 401).unwrap_or(status));
                } else {
                    self.say(format!("auth_request answers {status}"));
                    return Some(Next::Status(status, None));
                }
            }
        }
        if let Some(status) = denied {
            self.say("satisfy any: nothing lets the request in");
            return Some(Next::Status(status, None));
        }
        None
    }

    /// Whether the client's address is let in; `None` when no rule speaks of it.
    fn address_allowed(&mut self, rules: &[crate::config::model::AccessRule]) -> Option<bool> {
        let Some(client) = self.client.map(unmapped) else {
            // without an address only a list that treats all alike can be decided
            if let Some(first) = rules.first()
                && first.who == Who::All
            {
                return Some(first.allow);
            }
            let options = [
                "the client's address is let in".to_owned(),
                "the client's address is not let in".to_owned(),
            ];
            return Some(self.choices.choose("client address", &options) == 0);
        };
        rules
            .iter()
            .find(|rule| match rule.who {
                Who::All => true,
                Who::Net(net) => net.contains(client),
                Who::Unix => false,
            })
            .map(|rule| rule.allow)
    }
}
