//! The settings of a level: what it inherits from the one around it.

use std::collections::HashMap;
use std::sync::Arc;

use super::model::{AccessLog, HandlerKind, Params};
use super::net::Net;
use super::value::Template;
use crate::syntax::Pos;

/// What a level inherits from the one around it.
#[derive(Debug, Clone)]
#[expect(clippy::struct_excessive_bools, reason = "switches of the configuration, independent of each other")]
pub(crate) struct Settings {
    pub root: Option<Arc<Root>>,
    pub index: Arc<Vec<Template>>,
    pub error_pages: Arc<Vec<ErrorPage>>,
    pub recursive_error_pages: bool,
    pub access: Arc<Vec<AccessRule>>,
    pub satisfy_any: bool,
    pub auth_basic: Option<Arc<Template>>,
    pub auth_request: Option<Pos>,
    pub mirror: Option<Pos>,
    pub realip_from: Arc<Vec<RealIpFrom>>,
    pub realip_header: Arc<str>,
    pub realip_recursive: bool,
    pub max_body: u64,
    pub intercept: Vec<HandlerKind>,
    pub resolver: bool,
    pub params: HashMap<HandlerKind, Arc<Params>>,
    pub hide: Arc<Vec<Hide>>,
    pub access_logs: Arc<Vec<AccessLog>>,
}

#[derive(Debug)]
pub(crate) struct Root {
    pub value: Template,
    pub alias: bool,
    /// Bytes of the URI that an alias replaces; `None` in a regex location, where it replaces all.
    pub replaces: Option<usize>,
}

/// A directive of a foreign module that may change the route.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Hide {
    pub directive: String,
    pub pos: Pos,
}

#[derive(Debug, Clone)]
pub(crate) struct ErrorPage {
    pub status: u16,
    /// `=code`; 0 for a bare `=`.
    pub overwrite: Option<u16>,
    pub target: Template,
    pub args: Vec<u8>,
    pub pos: Pos,
}

#[derive(Debug, Clone, Copy)]
pub(crate) struct AccessRule {
    pub allow: bool,
    pub who: Who,
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Who {
    All,
    Unix,
    Net(Net),
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum RealIpFrom {
    Unix,
    Net(Net),
}
