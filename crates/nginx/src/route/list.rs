//! What a configuration routes where, location by location, without asking for one request.

use serde::Serialize;

use super::answer::{Kind, LocationRef, Outcome, ServerRef};
use super::run::outcome;
use crate::config::Config;
use crate::config::model::{Code, Fallback, HandlerKind, Loc, LocId, LocKind, Target};
use crate::syntax::text;

/// One location (or a server's own level) and what it does with requests.
#[derive(Debug, Clone, Serialize)]
pub struct Listed {
    /// The server block.
    pub server: ServerRef,
    /// Where the server listens.
    pub listen: Vec<String>,
    /// The location; `None` for the server's own level.
    pub location: Option<LocationRef>,
    /// Where requests can go from here. A variable destination stands as it is written; `uri` is the URI part of
    /// `proxy_pass` or the target of a redirect, as written.
    pub outcomes: Vec<Outcome>,
    /// What else decides.
    pub notes: Vec<String>,
}

impl Listed {
    /// Whether requests can reach that upstream block or host from here.
    pub fn reaches(&self, upstream: &str) -> bool {
        self.outcomes.iter().any(|outcome| outcome.upstream.as_deref() == Some(upstream))
    }
}

impl Config {
    /// Every location of every server, in the order of the file.
    pub fn routes(&self) -> Vec<Listed> {
        let mut found = Vec::new();
        for (index, loc) in self.http.locs.iter().enumerate() {
            let inner = matches!(loc.kind, LocKind::If | LocKind::LimitExcept);
            let level = loc.kind == LocKind::Server;
            if inner || (level && loc.codes.is_empty()) {
                continue;
            }
            let server = &self.http.servers[loc.server.0];
            let mut listed = Listed {
                server: self.server_ref(loc.server),
                listen: server.listens.iter().map(|listen| listen.address.to_string()).collect(),
                location: (!level).then(|| self.location_ref(LocId(index))),
                outcomes: Vec::new(),
                notes: Vec::new(),
            };
            self.fill(loc, &mut listed);
            found.push(listed);
        }
        found.sort_by_key(|listed| {
            let order = |file: &str| self.tree().files.iter().position(|known| known == file);
            let place = listed.location.as_ref().map(|location| (order(&location.file), location.line));
            (order(&listed.server.file), listed.server.line, place)
        });
        found
    }

    fn fill(&self, loc: &Loc, listed: &mut Listed) {
        if loc.internal {
            listed.notes.push("internal: not for requests from outside".to_owned());
        }
        if let Some(hide) = loc.set.hide.first() {
            listed.notes.push(format!("{} may decide otherwise", hide.directive));
        }
        if self.codes_end(&loc.codes, None, listed) || loc.kind == LocKind::Server {
            return;
        }
        if let Some(tries) = &loc.try_files {
            let names: Vec<String> = tries
                .tries
                .iter()
                .map(|(name, folder)| format!("{}{}", text(&name.source), if *folder { "/" } else { "" }))
                .collect();
            let (last, next) = match &tries.last {
                Fallback::Code(code) => (format!("={code}"), None),
                Fallback::Target(target) => {
                    let goes_on = target.as_constant().and_then(|name| {
                        self.http.servers[loc.server.0].named.get(name).map(|id| &self.http.locs[id.0])
                    });
                    (text(&target.source).into_owned(), goes_on)
                }
            };
            listed.notes.push(format!("tries {}, then {last}", names.join(", ")));
            if let Some(end) = next.and_then(Self::handled) {
                let condition = Some("no file is found".to_owned());
                listed.outcomes.push(Outcome { condition, ..end });
            }
        }
        let end = Self::handled(loc).unwrap_or_else(|| outcome(Kind::Static));
        let condition = loc.try_files.as_ref().map(|_| "a file is found".to_owned());
        listed.outcomes.push(Outcome { condition, ..end });
        for page in loc.set.error_pages.iter() {
            if page.target.source.starts_with(b"@")
                && let Some(id) = self.http.servers[loc.server.0].named.get(&page.target.source)
                && let Some(end) = Self::handled(&self.http.locs[id.0])
            {
                let condition = Some(format!("the status is {}", page.status));
                listed.outcomes.push(Outcome { condition, ..end });
            }
        }
    }

    /// Adds what the rewrite phase can end in; true where it always does.
    fn codes_end(&self, codes: &[Code], condition: Option<&str>, listed: &mut Listed) -> bool {
        for code in codes {
            match code {
                Code::Return { status, text: body } => {
                    let mut end = outcome(if *status == 444 { Kind::Closed } else { Kind::Return });
                    end.status = (*status != 444).then_some(*status);
                    if matches!(status, 301 | 302 | 303 | 307 | 308) {
                        end.uri = body.as_ref().map(|body| text(&body.source).into_owned());
                    }
                    end.condition = condition.map(str::to_owned);
                    listed.outcomes.push(end);
                    return true;
                }
                Code::Rewrite(rewrite) => {
                    let to = text(&rewrite.replacement.source).into_owned();
                    if let Some(status) = rewrite.redirect {
                        let mut end = outcome(Kind::Return);
                        (end.status, end.uri) = (Some(status), Some(to));
                        end.condition = Some(format!("the URI matches {}", rewrite.regex.written));
                        listed.outcomes.push(end);
                    } else {
                        let stays = if rewrite.stays { " and stays here" } else { "" };
                        listed.notes.push(format!("rewrites {} to {to}{stays}", rewrite.regex.written));
                    }
                }
                Code::If { body, loc, .. } => {
                    let line = loc.map(|id| self.http.locs[id.0].pos.line);
                    let words = line
                        .map_or_else(|| "its if holds".to_owned(), |l| format!("the if of line {l} holds"));
                    if !self.codes_end(body, Some(&words), listed)
                        && let Some(inner) = loc.map(|id| &self.http.locs[id.0])
                        && let Some(end) = Self::handled(inner)
                        && Self::handled(&self.http.locs[inner.parent.unwrap_or(LocId(0)).0]).as_ref()
                            != Some(&end)
                    {
                        listed.outcomes.push(Outcome { condition: Some(words), ..end });
                    }
                }
                Code::Set { .. } | Code::Break => {}
            }
        }
        false
    }

    /// What the handler of a location does; `None` for files.
    fn handled(loc: &Loc) -> Option<Outcome> {
        let handler = loc.handler.as_ref()?;
        let kind = match handler.kind {
            HandlerKind::Proxy | HandlerKind::Memcached => Kind::Proxy,
            HandlerKind::Fastcgi => Kind::Fastcgi,
            HandlerKind::Uwsgi => Kind::Uwsgi,
            HandlerKind::Scgi => Kind::Scgi,
            HandlerKind::Grpc => Kind::Grpc,
            HandlerKind::Stub => Kind::Stub,
            HandlerKind::Static => Kind::Static,
        };
        let mut end = outcome(kind);
        match &handler.target {
            Target::Fixed { upstream, addresses } => {
                end.upstream = Some(upstream.clone());
                end.addresses.clone_from(addresses);
            }
            Target::Variable(template) => end.upstream = Some(text(&template.source).into_owned()),
            Target::None => {}
        }
        end.uri = (!handler.uri.is_empty()).then(|| text(&handler.uri).into_owned());
        Some(end)
    }
}
