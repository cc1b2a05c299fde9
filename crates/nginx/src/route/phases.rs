//! The rewrite phase and the access phase.

use super::answer::Kind;
use super::escape::unescape_redirect;
use super::run::{Captures, Next, Run, Stop, Val, outcome};
use crate::config::model::{Code, LocKind, Rewrite};
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
}
