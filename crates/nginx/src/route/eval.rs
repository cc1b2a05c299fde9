//! Values: variables and strings made of them.

use std::rc::Rc;

use super::escape::{argument, cookie, escape_args};
use super::run::{Captures, Headers, Run, Val};
use crate::config::value::{Part, Template};
use crate::config::vars::{VarDef, VarId};

impl Run<'_> {
    /// The string, and where its arguments begin when it has a mark for them.
    pub(super) fn expand(&mut self, template: &Template, quote: bool) -> (Val, Option<usize>) {
        if let [Part::Text(text)] = template.parts.as_slice() {
            return (Val::Known(text.clone()), None);
        }
        // nginx computes the lengths first: variables are evaluated before any group is copied
        let before = self.generation;
        let mut values = Vec::new();
        let mut group_first = false;
        let mut broken = false;
        for part in &template.parts {
            match part {
                Part::Capture(_) => group_first = true,
                Part::Var(var) => {
                    values.push(self.var(*var));
                    broken |= group_first && self.generation != before;
                }
                _ => {}
            }
        }
        if broken {
            return (
                Val::Unknown(Rc::from("a group that the pattern of a map changes while it is used")),
                None,
            );
        }
        let mut out = Vec::new();
        let mut args = None;
        let mut values = values.into_iter();
        for part in &template.parts {
            match part {
                Part::Text(text) => out.extend_from_slice(text),
                Part::Args => args = Some(out.len()),
                Part::Var(_) => match values.next() {
                    Some(Val::Known(value)) => out.extend_from_slice(&value),
                    Some(Val::Unknown(why)) => return (Val::Unknown(why), args),
                    None => {}
                },
                Part::Capture(group) => match self.capture(*group, quote || args.is_some()) {
                    Val::Known(value) => out.extend_from_slice(&value),
                    Val::Unknown(why) => return (Val::Unknown(why), args),
                },
            }
        }
        (Val::Known(out), args)
    }

    pub(super) fn capture(&self, group: usize, escape: bool) -> Val {
        match &self.captures {
            Captures::Unknown(why) => Val::Unknown(why.clone()),
            Captures::Known { data, groups } => {
                let Some(Some((start, end))) = groups.get(group) else { return Val::empty() };
                let value = data.get(*start..*end).unwrap_or_default();
                if self.quoted || self.plus {
                    let escaped = escape_args(value);
                    if escape {
                        return Val::Known(escaped);
                    }
                    if self.args_leak && escaped != value {
                        return Val::Unknown(Rc::from("a group used after a rewrite with arguments"));
                    }
                }
                Val::Known(value.to_vec())
            }
        }
    }

    /// The value of a variable, kept for the request where nginx keeps it.
    pub(super) fn var(&mut self, id: VarId) -> Val {
        let http = self.http;
        let var = http.vars.get(id);
        let cached = var.cacheable || matches!(var.def, VarDef::Map(_));
        if cached
            && let Some(value) = &self.vars[id.0]
            && (var.cacheable || !matches!(var.def, VarDef::Map(_)))
        {
            return value.clone();
        }
        let unknown = || Val::Unknown(Rc::from(format!("${}", var.name)));
        let value = match &var.def {
            VarDef::Undefined | VarDef::Foreign(_) => unknown(),
            VarDef::Set | VarDef::Group => Val::empty(),
            VarDef::Builtin(builtin) => self.builtin(*builtin).unwrap_or_else(unknown),
            VarDef::Header(_) | VarDef::Cookie(_) if self.headers == Headers::Partly => unknown(),
            VarDef::Header(name) if self.known.partly && name != "host" && !self.listed(name) => unknown(),
            VarDef::Cookie(_) if self.known.partly && !self.listed("cookie") => unknown(),
            VarDef::Header(name) => Val::Known(self.header(name)),
            VarDef::Arg(name) => match &self.args {
                Val::Known(args) => Val::Known(argument(args, name).unwrap_or_default().to_vec()),
                Val::Unknown(why) => Val::Unknown(why.clone()),
            },
            VarDef::Cookie(name) => {
                Val::Known(cookie(&self.header("cookie"), name).unwrap_or_default().to_vec())
            }
            VarDef::Map(index) => self.map(*index),
            VarDef::Geo(index) => self.geo(*index),
            VarDef::Split(index) => self.split(*index),
        };
        if cached {
            self.vars[id.0] = Some(value.clone());
        }
        value
    }

    pub(super) fn listed(&self, name: &str) -> bool {
        self.request.headers.iter().any(|(key, _)| key.eq_ignore_ascii_case(name))
    }

    pub(super) fn header(&self, name: &str) -> Vec<u8> {
        if self.headers == Headers::NotRead {
            return Vec::new();
        }
        if name == "host" {
            return self.request.host.clone();
        }
        if !name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-') {
            return Vec::new();
        }
        let underscores = self.http.servers[self.server.0].underscores;
        // in the variable's name dashes became underscores, and so do those of the header
        let found = self.request.headers.iter().find(|(key, _)| {
            key.len() == name.len()
                && (underscores || !key.contains('_'))
                && key
                    .bytes()
                    .zip(name.bytes())
                    .all(|(one, other)| one.eq_ignore_ascii_case(&other) || (one == b'_' && other == b'-'))
        });
        found.map(|(_, value)| value.trim_ascii().to_vec()).unwrap_or_default()
    }
}
