//! The search for the location: exact, longest prefix, patterns, nested levels, the redirect to `/x/`.

use super::escape::escape_uri;
use super::run::{Headers, Next, Run, Stop, Val};
use crate::config::model::{LocId, LocKind, Statics};
use crate::pattern::Match;
use crate::syntax::text;

/// How a level's search ended.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Search {
    Declined,
    /// Found, nothing more to look for.
    Found,
    /// A prefix location: patterns of this level may still win.
    Again,
    /// The URI lacks the last slash of a location that passes on.
    Redirect,
}

impl Run<'_> {
    pub(super) fn find_location(&mut self) -> Result<Next, Stop> {
        self.handler = None;
        self.uri_changed = false;
        let found = self.search()?;
        if !self.internal && self.loc().internal {
            self.say(format!(
                "location {} is internal: not for requests from outside",
                text(&self.loc().name)
            ));
            return Ok(Next::Status(404, None));
        }
        let loc = self.loc();
        if loc.kind == LocKind::Server {
            self.say("no location fits: the server's own settings");
        } else {
            let modifier = if loc.modifier.is_empty() { String::new() } else { format!("{} ", loc.modifier) };
            let how = match loc.kind {
                LocKind::Exact => "exact",
                LocKind::Prefix { stops: true } => "longest prefix, stops the search",
                LocKind::Prefix { stops: false } => "longest prefix",
                _ => "first pattern that matches",
            };
            self.say(format!("location {modifier}{} ({how})", text(&loc.name)));
        }
        self.enter();
        if self.too_large() {
            self.say("the body is larger than client_max_body_size");
            self.body_dropped = true;
            return Ok(Next::Status(413, None));
        }
        if found == Search::Redirect {
            let mut target = escape_uri(&loc.name);
            let location = match &self.args {
                Val::Known(args) if args.is_empty() => Val::Known(target),
                Val::Known(args) => {
                    target.push(b'?');
                    target.extend_from_slice(args);
                    Val::Known(target)
                }
                Val::Unknown(why) => Val::Unknown(why.clone()),
            };
            self.say("the URI lacks the last slash: nginx redirects to it");
            return Ok(Next::Status(301, Some(location)));
        }
        Ok(Next::LocationRewrite)
    }

    fn search(&mut self) -> Result<Search, Stop> {
        let level = self.loc;
        let mut found = self.static_search(level);
        let mut stops = false;
        if found == Search::Again {
            stops = matches!(self.loc().kind, LocKind::Prefix { stops: true });
            found = self.search()?;
        }
        if matches!(found, Search::Found | Search::Redirect) {
            return Ok(found);
        }
        if !stops {
            let regexes = &self.http.locs[level.0].regexes;
            for id in regexes {
                let Some(regex) = self.http.locs[id.0].regex.clone() else { continue };
                let subject = Val::Known(self.uri.clone());
                if self.exec(&regex, &subject, "location")? {
                    self.loc = *id;
                    self.search()?;
                    return Ok(Search::Found);
                }
            }
        }
        Ok(found)
    }

    fn static_search(&mut self, level: LocId) -> Search {
        let (found, redirect) = self.http.locs[level.0].statics.find(&self.uri);
        if let Some(id) = redirect {
            self.loc = id;
            return Search::Redirect;
        }
        match found {
            Some((id, true)) => {
                self.loc = id;
                Search::Found
            }
            Some((id, false)) => {
                self.loc = id;
                Search::Again
            }
            None => Search::Declined,
        }
    }

    /// What takes effect when a location is entered.
    pub(super) fn enter(&mut self) {
        if let Some((methods, inner)) = &self.loc().limit_except
            && !methods.contains(&self.method)
        {
            self.loc = *inner;
            self.say(format!("limit_except applies to {}", self.method));
        }
        if self.loc().handler.is_some() {
            self.handler = Some(self.loc);
        }
    }

    fn too_large(&self) -> bool {
        let limit = self.loc().set.max_body;
        let length = self.request.header("content-length").and_then(|value| std::str::from_utf8(value).ok());
        // the length is not known where nginx did not read all headers
        limit > 0
            && self.headers == Headers::Read
            && !self.body_dropped
            && length.and_then(|value| value.trim().parse::<u64>().ok()).is_some_and(|length| length > limit)
    }

    /// Matches and keeps the groups, as every pattern of nginx does. A subject that is not known forks the way.
    pub(super) fn exec(
        &mut self,
        regex: &std::sync::Arc<crate::config::model::Regex>,
        subject: &Val,
        directive: &str,
    ) -> Result<bool, Stop> {
        match subject {
            Val::Known(subject) => match regex.pattern.exec(subject) {
                Match::No => Ok(false),
                Match::Yes(groups) => {
                    for (var, group) in &regex.groups {
                        let value = match groups.get(*group) {
                            Some(Some((start, end))) => {
                                subject.get(*start..*end).unwrap_or_default().to_vec()
                            }
                            _ => Vec::new(),
                        };
                        self.vars[var.0] = Some(Val::Known(value));
                    }
                    self.captures = super::run::Captures::Known { data: subject.clone(), groups };
                    self.generation += 1;
                    Ok(true)
                }
                Match::Cannot(why) => {
                    Err(Self::stop(directive, regex.pos, &format!("{directive} {}: {why}", regex.written)))
                }
            },
            Val::Unknown(why) => {
                let options = [
                    format!("{why} matches {}", regex.written),
                    format!("{why} does not match {}", regex.written),
                ];
                let key = format!("match {why} {}", regex.written);
                if self.choices.choose(&key, &options) == 1 {
                    return Ok(false);
                }
                for (var, _) in &regex.groups {
                    self.vars[var.0] = Some(Val::Unknown(why.clone()));
                }
                self.captures = super::run::Captures::Unknown(why.clone());
                self.generation += 1;
                Ok(true)
            }
        }
    }
}

impl Statics {
    /// The location for `uri` and whether it is exact; and the location to whose slash nginx redirects.
    pub(crate) fn find(&self, uri: &[u8]) -> (Option<(LocId, bool)>, Option<LocId>) {
        if self.entries.is_empty() {
            return (None, None);
        }
        let after = self.entries.partition_point(|entry| entry.name.as_slice() <= uri);
        let mut at = after.checked_sub(1);
        if let Some(index) = at {
            let entry = &self.entries[index];
            if entry.name == uri {
                if let Some(exact) = entry.exact {
                    return (Some((exact, true)), None);
                }
                return (entry.prefix.map(|id| (id, false)), None);
            }
        }
        if !uri.ends_with(b"/") || self.entries.len() > after {
            let slashed = |entry: &&crate::config::model::Static| {
                entry.name.len() == uri.len() + 1 && entry.name.starts_with(uri) && entry.name.ends_with(b"/")
            };
            // names between `uri` and `uri/` begin with `uri` and a byte below the slash
            let candidate =
                self.entries.iter().skip(after).take_while(|entry| entry.name.starts_with(uri)).find(slashed);
            if let Some(entry) = candidate
                && entry.auto_redirect
            {
                return (None, entry.exact.or(entry.prefix));
            }
        }
        while let Some(index) = at {
            let entry = &self.entries[index];
            if uri.starts_with(&entry.name)
                && let Some(prefix) = entry.prefix
            {
                return (Some((prefix, false)), None);
            }
            at = entry.up;
        }
        (None, None)
    }
}
