//! Variables: which exist, where they come from.

use std::collections::HashMap;

use super::builtins::builtin;
use crate::syntax::Pos;

/// Index of a variable.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct VarId(pub usize);

/// Variables that a request alone decides.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Builtin {
    Uri,
    RequestUri,
    Args,
    IsArgs,
    Host,
    RemoteAddr,
    BinaryRemoteAddr,
    RealipRemoteAddr,
    RemoteUser,
    Scheme,
    Https,
    ServerName,
    ServerPort,
    ServerAddr,
    ServerProtocol,
    RequestMethod,
    Request,
    DocumentRoot,
    RequestFilename,
    ProxyAddXff,
    SslServerName,
    ContentLength,
    ContentType,
    InvalidReferer,
    /// nginx knows it, the request alone does not decide it.
    Opaque,
}

/// Where a variable's value comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum VarDef {
    /// Only used so far; an error at the end unless a foreign module may define it.
    Undefined,
    Builtin(Builtin),
    /// `$http_name`: the header, with dashes.
    Header(String),
    Arg(Vec<u8>),
    Cookie(Vec<u8>),
    Map(usize),
    Geo(usize),
    Split(usize),
    /// `set`; empty until then.
    Set,
    /// A named group of a pattern.
    Group,
    /// Defined by a directive whose value we cannot know.
    Foreign(Pos),
}

#[derive(Debug, Clone)]
pub(crate) struct Var {
    pub name: String,
    pub def: VarDef,
    /// The value is kept for the whole request once it was computed.
    pub cacheable: bool,
    /// First use.
    pub pos: Pos,
}

/// The table of variables.
#[derive(Debug, Clone, Default)]
pub(crate) struct Vars {
    pub all: Vec<Var>,
    index: HashMap<String, VarId>,
}

impl Vars {
    /// The variable of that name, for use.
    pub fn used(&mut self, name: &[u8], pos: Pos) -> VarId {
        let name = String::from_utf8_lossy(name).to_ascii_lowercase();
        if let Some(id) = self.index.get(&name) {
            return *id;
        }
        let (def, cacheable) = builtin(&name).unwrap_or((VarDef::Undefined, true));
        let id = VarId(self.all.len());
        self.index.insert(name.clone(), id);
        self.all.push(Var { name, def, cacheable, pos });
        id
    }

    /// Defines the variable. The error is nginx's: a variable of nginx's own cannot be redefined.
    pub fn define(&mut self, name: &[u8], def: VarDef, pos: Pos) -> Result<VarId, String> {
        let id = self.used(name, pos);
        let var = &mut self.all[id.0];
        match (&var.def, &def) {
            // `set`, groups and $args write the value; they do not take the definition away
            (VarDef::Builtin(Builtin::Args), VarDef::Set)
            | (VarDef::Map(_) | VarDef::Geo(_) | VarDef::Split(_), VarDef::Set | VarDef::Group)
            | (VarDef::Set, VarDef::Group) => {}
            (VarDef::Builtin(Builtin::Opaque), VarDef::Set) if var.name == "limit_rate" => {}
            (VarDef::Builtin(Builtin::Opaque), _)
                if ["sent_", "upstream_http", "upstream_cookie", "upstream_trailer"]
                    .iter()
                    .any(|prefix| var.name.starts_with(prefix)) =>
            {
                var.def = def;
            }
            (VarDef::Builtin(_), _) => return Err(format!("the duplicate \"{}\" variable", var.name)),
            _ => {
                var.def = def;
                var.cacheable = true;
            }
        }
        Ok(id)
    }

    /// The definition of `id`.
    pub fn get(&self, id: VarId) -> &Var {
        &self.all[id.0]
    }
}

/// The name of a variable after `$`, as `set` and `map` take it.
pub(super) fn name_of(word: &[u8]) -> Option<&[u8]> {
    word.strip_prefix(b"$").filter(|name| !name.is_empty())
}
