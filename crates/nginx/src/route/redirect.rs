//! Statuses and where error pages lead; going on with another URI inside nginx.

use super::answer::{Kind, Outcome};
use super::run::{Next, Run, Stop, Val, outcome, split_args};
use crate::config::model::{ErrorPage, Hide};
use crate::syntax::text;

impl Run<'_> {
    /// What nginx answers for a status, or where an error page leads.
    pub(super) fn special_response(&mut self, status: u16, location: Option<Val>) -> Result<Next, Stop> {
        if matches!(status, 408 | 444 | 499) {
            self.say(format!("{status}: the connection is closed without an answer"));
            return Ok(Next::End(outcome(Kind::Closed)));
        }
        self.err_status = Some(status);
        if location.is_some() {
            self.location = location;
        }
        let set = &self.loc().set;
        if !self.error_page && !set.error_pages.is_empty() && self.uri_changes != 0 {
            self.error_page = !set.recursive_error_pages;
            let pages = std::sync::Arc::clone(&set.error_pages);
            if let Some(page) = pages.iter().find(|page| page.status == status) {
                return self.error_page_for(page);
            }
        }
        let status = match status {
            494..=497 => 400,
            other => other,
        };
        let mut end = outcome(Kind::Return);
        end.status = Some(status);
        self.set_location(&mut end);
        Ok(Next::End(end))
    }

    pub(super) fn set_location(&mut self, end: &mut Outcome) {
        match self.location.clone() {
            Some(Val::Known(bytes)) => end.uri = Some(text(&bytes).into_owned()),
            Some(Val::Unknown(why)) => {
                let hide = Hide { directive: "return".to_owned(), pos: self.loc().pos };
                self.say(format!("where the redirect leads is not known: {why}"));
                self.hides.push(hide);
            }
            None => {}
        }
    }

    pub(super) fn error_page_for(&mut self, page: &ErrorPage) -> Result<Next, Stop> {
        if let Some(overwrite) = page.overwrite {
            self.err_status = (overwrite != 0).then_some(overwrite);
        }
        let target = self.eval(&page.target, false);
        let Val::Known(target) = target else {
            return Err(Self::stop("error_page", page.pos, "the target of error_page is not known"));
        };
        self.say(format!("error_page {} {}", page.status, text(&target)));
        match target.first() {
            Some(b'/') => {
                let (uri, args) = if page.target.as_constant().is_some() {
                    (target, page.args.clone())
                } else {
                    split_args(target)
                };
                if self.method != "HEAD" {
                    "GET".clone_into(&mut self.method);
                }
                self.internal_redirect(uri, Val::Known(args))
            }
            Some(b'@') => self.named(&target),
            _ => {
                let status = self
                    .err_status
                    .filter(|status| matches!(status, 301 | 302 | 303 | 307 | 308))
                    .unwrap_or(302);
                let mut end = outcome(Kind::Return);
                end.status = Some(status);
                end.uri = Some(text(&target).into_owned());
                Ok(Next::End(end))
            }
        }
    }

    /// `return`, error pages, `index` and `try_files` go on with another URI.
    pub(super) fn internal_redirect(&mut self, uri: Vec<u8>, args: Val) -> Result<Next, Stop> {
        self.uri_changes -= 1;
        if self.uri_changes == 0 {
            self.say("rewrite or internal redirection cycle");
            return self.special_response(500, None);
        }
        self.say(format!("goes on inside nginx as {}", text(&uri)));
        self.uri = uri;
        self.args = args;
        self.loc = self.http.servers[self.server.0].loc;
        self.handler = None;
        self.internal = true;
        self.valid_unparsed = false;
        self.valid_location = true;
        Ok(Next::ServerRewrite)
    }

    /// Goes to a named location.
    pub(super) fn named(&mut self, name: &[u8]) -> Result<Next, Stop> {
        self.uri_changes -= 1;
        if self.uri_changes == 0 || self.uri.is_empty() {
            self.say("rewrite or internal redirection cycle");
            return self.special_response(500, None);
        }
        let server = &self.http.servers[self.server.0];
        let Some(id) = server.named.get(name).copied() else {
            self.say(format!("there is no location {}", text(name)));
            return self.special_response(500, None);
        };
        self.internal = true;
        self.handler = None;
        self.uri_changed = false;
        self.loc = id;
        self.say(format!("location {}", text(name)));
        self.enter();
        Ok(Next::LocationRewrite)
    }
}
