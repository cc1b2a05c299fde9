//! The compiled rewrite phase, tables of variables, and logs.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::Arc;

use super::model::{LocId, Regex};
use super::names::Names;
use super::net::Net;
use super::value::Template;
use super::vars::VarId;
use crate::syntax::Pos;

#[derive(Debug)]
pub(crate) enum Code {
    Rewrite(Rewrite),
    Return { status: u16, text: Option<Template> },
    Set { var: VarId, value: Template, args: bool },
    Break,
    If { cond: Cond, body: Vec<Code>, loc: Option<LocId> },
}

#[derive(Debug)]
pub(crate) struct Rewrite {
    pub regex: Arc<Regex>,
    pub replacement: Template,
    pub redirect: Option<u16>,
    /// `last`, `break` or a redirect: the directives after it do not run.
    pub ends: bool,
    pub stays: bool,
    pub add_args: bool,
    pub pos: Pos,
}

#[derive(Debug)]
pub(crate) enum Cond {
    Var(VarId),
    Equal { var: VarId, value: Template, negated: bool },
    Match { var: VarId, regex: Arc<Regex>, negated: bool },
    File { what: u8, value: Template, negated: bool },
}

#[derive(Debug)]
pub(crate) struct Map {
    pub name: String,
    pub source: Template,
    pub hostnames: bool,
    pub volatile: bool,
    pub names: Names<usize>,
    pub patterns: Vec<(Arc<Regex>, usize)>,
    pub values: Vec<Template>,
    pub default: Option<usize>,
}

#[derive(Debug)]
pub(crate) struct Geo {
    pub name: String,
    /// The variable that holds the address; the client's when absent.
    pub source: Option<VarId>,
    pub nets: Vec<(u8, HashMap<IpAddr, usize>)>,
    pub ranges: Vec<(IpAddr, IpAddr, usize)>,
    pub proxies: Vec<Net>,
    pub proxy_recursive: bool,
    pub values: Vec<Vec<u8>>,
    pub default: Option<usize>,
}

#[derive(Debug)]
pub(crate) struct Split {
    pub name: String,
    pub source: Template,
    /// Upper bound of the hash (0: the rest) and value.
    pub parts: Vec<(u32, Vec<u8>)>,
}

/// A `log_format`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogFormat {
    /// Its name.
    pub name: String,
    /// The text, its pieces joined.
    pub text: Vec<u8>,
    /// `default`, `json` or `none`.
    pub escape: String,
}

/// An `access_log` at a level.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccessLog {
    /// The path as written, variables included.
    pub path: String,
    /// Name of the format.
    pub format: String,
    /// Whether `if=` leaves lines out.
    pub conditional: bool,
}
