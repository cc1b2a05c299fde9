//! Values: variables and strings made of them.

use std::net::IpAddr;
use std::rc::Rc;

use super::run::{Captures, Headers, Run, Val};
use super::uri::{argument, cookie, escape_args};
use crate::config::model::{Address, LocKind};
use crate::config::net::unmapped;
use crate::config::value::{Part, Template};
use crate::config::vars::{Builtin, VarDef, VarId};

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

    fn capture(&self, group: usize, escape: bool) -> Val {
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

    fn listed(&self, name: &str) -> bool {
        self.request.headers.iter().any(|(key, _)| key.eq_ignore_ascii_case(name))
    }

    fn header(&self, name: &str) -> Vec<u8> {
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

    fn builtin(&mut self, builtin: Builtin) -> Option<Val> {
        let known = |text: &str| Some(Val::Known(text.as_bytes().to_vec()));
        let server = &self.http.servers[self.server.0];
        let socket = self.socket();
        match builtin {
            Builtin::Uri => Some(Val::Known(self.uri.clone())),
            Builtin::RequestUri => Some(Val::Known(self.unparsed.clone())),
            Builtin::Args => Some(self.args.clone()),
            Builtin::IsArgs => match &self.args {
                Val::Known(args) => known(if args.is_empty() { "" } else { "?" }),
                Val::Unknown(why) => Some(Val::Unknown(why.clone())),
            },
            Builtin::Host => {
                if self.host.is_empty() {
                    self.server_name()
                } else {
                    Some(Val::Known(self.host.clone()))
                }
            }
            Builtin::ServerName => self.server_name(),
            Builtin::RemoteAddr => self.client.map(|ip| Val::Known(ip.to_string().into_bytes())),
            Builtin::RealipRemoteAddr => {
                self.request.client.map(|ip| Val::Known(ip.to_string().into_bytes()))
            }
            Builtin::BinaryRemoteAddr => self.client.map(|ip| {
                Val::Known(match ip {
                    IpAddr::V4(v4) => v4.octets().to_vec(),
                    IpAddr::V6(v6) => v6.octets().to_vec(),
                })
            }),
            Builtin::RemoteUser => Some(Val::Known(basic_user(self.request.header("authorization")))),
            Builtin::Scheme => known(if socket.ssl { "https" } else { "http" }),
            Builtin::Https => known(if socket.ssl { "on" } else { "" }),
            Builtin::ServerPort => match socket.address.port() {
                Some(port) => known(&port.to_string()),
                None => known(""),
            },
            Builtin::ServerAddr => match (&socket.address, self.local) {
                (_, Some(ip)) => known(&ip.to_string()),
                (Address::Unix(path), None) => known(&format!("unix:{path}")),
                _ => None,
            },
            Builtin::ServerProtocol => {
                known(if self.request.host.is_empty() { "HTTP/1.0" } else { "HTTP/1.1" })
            }
            Builtin::RequestMethod => known(&self.method.clone()),
            Builtin::Request => {
                let version = if self.request.host.is_empty() { " HTTP/1.0" } else { " HTTP/1.1" };
                let mut line = self.request.method.clone().into_bytes();
                line.push(b' ');
                line.extend_from_slice(&self.request.target);
                line.extend_from_slice(version.as_bytes());
                Some(Val::Known(line))
            }
            Builtin::DocumentRoot => self.root_path(),
            Builtin::RequestFilename => self.path_of(&self.uri.clone()),
            Builtin::ProxyAddXff => {
                let header = self.header("x-forwarded-for");
                let ip = self.client?.to_string().into_bytes();
                Some(Val::Known(if header.is_empty() { ip } else { [header, b", ".to_vec(), ip].concat() }))
            }
            Builtin::SslServerName => known(""),
            Builtin::ContentLength => Some(Val::Known(self.header("content-length"))),
            Builtin::ContentType => Some(Val::Known(self.header("content-type"))),
            Builtin::InvalidReferer | Builtin::Opaque => None,
        }
        .filter(|_| !(builtin == Builtin::SslServerName && socket.ssl) && server.pos.line > 0)
    }

    fn server_name(&self) -> Option<Val> {
        let first = self.http.servers[self.server.0].names.first()?;
        let written = first.written.strip_prefix('~').or_else(|| first.written.strip_prefix('.'));
        Some(Val::Known(written.unwrap_or(&first.written).to_ascii_lowercase().into_bytes()))
            .filter(|_| first.pattern.is_none())
    }

    /// The folder that `root` names, absolute; `None` where it cannot be said.
    fn root_path(&mut self) -> Option<Val> {
        let set = &self.loc().set;
        let Some(root) = set.root.clone() else {
            return self
                .config
                .prefix
                .as_ref()
                .map(|prefix| Val::Known(format!("{prefix}/html").into_bytes()));
        };
        match self.eval(&root.value, false) {
            Val::Known(path) if path.starts_with(b"/") => Some(Val::Known(path)),
            Val::Known(path) => self
                .config
                .prefix
                .as_ref()
                .map(|prefix| Val::Known([prefix.as_bytes(), b"/", &path].concat())),
            unknown @ Val::Unknown(_) => Some(unknown),
        }
    }

    /// The file that `uri` names.
    pub(super) fn path_of(&mut self, uri: &[u8]) -> Option<Val> {
        let set = &self.loc().set;
        let root = set.root.clone();
        let Some(Val::Known(mut base)) = self.root_path() else { return None };
        match root {
            Some(root) if root.alias => {
                if let Some(replaces) = root.replaces {
                    base.extend_from_slice(uri.get(replaces..)?);
                }
            }
            _ => base.extend_from_slice(uri),
        }
        Some(Val::Known(base))
    }

    /// A file's name for a condition, even where the root is not known.
    pub(super) fn shown_path(&mut self, uri: &[u8]) -> String {
        if let Some(Val::Known(path)) = self.path_of(uri) {
            String::from_utf8_lossy(&path).into_owned()
        } else {
            let kind = if self.loc().kind == LocKind::Server { "server" } else { "location" };
            format!("{} under the {kind}'s root", String::from_utf8_lossy(uri))
        }
    }

    fn map(&mut self, index: usize) -> Val {
        let http = self.http;
        let map = &http.maps[index];
        let chosen = match self.eval(&map.source, false) {
            Val::Known(mut value) => {
                if map.hostnames && value.ends_with(b".") {
                    value.pop();
                }
                let found = map.names.find(&value.to_ascii_lowercase()).map(|(index, _)| index);
                if let Some(found) = found {
                    Some(found)
                } else {
                    let mut hit = None;
                    for (regex, index) in &map.patterns {
                        if value.is_empty() {
                            break;
                        }
                        match self.exec(regex, &Val::Known(value.clone()), "map") {
                            Ok(true) => {
                                hit = Some(*index);
                                break;
                            }
                            Ok(false) => {}
                            Err(stop) => return Val::Unknown(Rc::from(stop.why.as_str())),
                        }
                    }
                    hit.or(map.default)
                }
            }
            Val::Unknown(_) => {
                let mut options: Vec<&Template> = map.values.iter().collect();
                let empty = Template::constant(b"");
                if map.default.is_none() {
                    options.push(&empty);
                }
                let mut seen: Vec<&Template> = Vec::new();
                for option in options {
                    if !seen.iter().any(|other| other.source == option.source) {
                        seen.push(option);
                    }
                }
                if seen.len() > 16 {
                    return Val::Unknown(Rc::from(format!("${}", map.name)));
                }
                let words: Vec<String> = seen
                    .iter()
                    .map(|value| format!("${} is \"{}\"", map.name, String::from_utf8_lossy(&value.source)))
                    .collect();
                let taken = self.choices.choose(&format!("${}", map.name), &words);
                let template = seen.get(taken).copied().cloned().unwrap_or_default();
                return self.eval(&template, false);
            }
        };
        match chosen {
            Some(chosen) => self.eval(&map.values[chosen], false),
            None => Val::empty(),
        }
    }

    fn geo(&mut self, index: usize) -> Val {
        let http = self.http;
        let geo = &http.geos[index];
        let address = match geo.source {
            None => self.client,
            Some(var) => match self.var(var) {
                Val::Known(value) => {
                    // what is no address counts as 255.255.255.255
                    let text = String::from_utf8_lossy(&value).into_owned();
                    Some(text.parse().unwrap_or(IpAddr::V4(std::net::Ipv4Addr::BROADCAST)))
                }
                Val::Unknown(_) => None,
            },
        };
        let Some(mut address) = address.map(unmapped) else {
            let mut seen: Vec<&[u8]> = Vec::new();
            for value in
                geo.values.iter().map(Vec::as_slice).chain(geo.default.is_none().then_some(b"".as_slice()))
            {
                if !seen.contains(&value) {
                    seen.push(value);
                }
            }
            if seen.len() > 16 {
                return Val::Unknown(Rc::from(format!("${}", geo.name)));
            }
            let words: Vec<String> = seen
                .iter()
                .map(|value| format!("${} is \"{}\"", geo.name, String::from_utf8_lossy(value)))
                .collect();
            let taken = self.choices.choose(&format!("${}", geo.name), &words);
            return Val::Known(seen.get(taken).copied().unwrap_or_default().to_vec());
        };
        if !geo.proxies.is_empty() {
            let header = self.header("x-forwarded-for");
            address = forwarded(address, &header, geo.proxy_recursive, &|ip| {
                geo.proxies.iter().any(|net| net.contains(ip))
            })
            .unwrap_or(address);
        }
        let by_range = geo
            .ranges
            .iter()
            .rev()
            .find(|(low, high, _)| low.is_ipv4() == address.is_ipv4() && (*low..=*high).contains(&address))
            .map(|(_, _, value)| *value);
        let by_net = geo.nets.iter().find_map(|(bits, nets)| {
            let most = if address.is_ipv4() { 32 } else { 128 };
            (*bits <= most).then(|| nets.get(&crate::config::net::masked(address, *bits)).copied()).flatten()
        });
        match by_range.or(by_net).or(geo.default) {
            Some(value) => Val::Known(geo.values[value].clone()),
            None => Val::empty(),
        }
    }

    fn split(&mut self, index: usize) -> Val {
        let http = self.http;
        let split = &http.splits[index];
        match self.eval(&split.source, false) {
            Val::Known(value) => {
                let hash = murmur2(&value);
                let part = split.parts.iter().find(|(bound, _)| *bound == 0 || hash < *bound);
                Val::Known(part.map(|(_, value)| value.clone()).unwrap_or_default())
            }
            Val::Unknown(_) => {
                let mut seen: Vec<&[u8]> = Vec::new();
                let whole = split.parts.iter().any(|(bound, _)| *bound == 0);
                for value in split
                    .parts
                    .iter()
                    .map(|(_, value)| value.as_slice())
                    .chain((!whole).then_some(b"".as_slice()))
                {
                    if !seen.contains(&value) {
                        seen.push(value);
                    }
                }
                let words: Vec<String> = seen
                    .iter()
                    .map(|value| {
                        format!("split_clients gives ${} \"{}\"", split.name, String::from_utf8_lossy(value))
                    })
                    .collect();
                let taken = self.choices.choose(&format!("${}", split.name), &words);
                Val::Known(seen.get(taken).copied().unwrap_or_default().to_vec())
            }
        }
    }

    /// The realip module: who the client is behind trusted proxies.
    pub(super) fn realip(&mut self) {
        let set = &self.loc().set;
        if self.realip_done || set.realip_from.is_empty() {
            return;
        }
        let Some(address) = self.client else { return };
        let trusted = |ip: IpAddr| {
            set.realip_from.iter().any(|from| match from {
                crate::config::model::RealIpFrom::Net(net) => net.contains(ip),
                crate::config::model::RealIpFrom::Unix => false,
            })
        };
        let header = match set.realip_header.as_ref() {
            "proxy_protocol" => {
                self.client = None; // the address came in the PROXY protocol, which the request does not show
                return;
            }
            name => self.header(name),
        };
        if header.is_empty() {
            return;
        }
        // a hop that is not trusted leaves the question to the location's own rules
        if let Some(client) = forwarded(address, &header, set.realip_recursive, &trusted) {
            self.realip_done = true;
            self.client = Some(client);
        }
    }
}

/// The address that a list of forwarded addresses names, read from the right as long as hops are trusted; `None`
/// where none is taken.
fn forwarded(
    mut address: IpAddr,
    header: &[u8],
    recursive: bool,
    trusted: &dyn Fn(IpAddr) -> bool,
) -> Option<IpAddr> {
    let mut found = None;
    let text = String::from_utf8_lossy(header).into_owned();
    for hop in text.rsplit([',', ' ']).filter(|hop| !hop.is_empty()) {
        if !trusted(address) {
            break;
        }
        let plain = hop.trim_start_matches('[').split(']').next().unwrap_or(hop);
        let parsed = plain.parse::<IpAddr>().ok().or_else(|| {
            let (host, port) = plain.rsplit_once(':')?;
            port.parse::<u16>().ok()?;
            host.parse::<IpAddr>().ok()
        });
        let Some(next) = parsed else { break };
        address = next;
        found = Some(next);
        if !recursive {
            break;
        }
    }
    found
}

/// The user of HTTP basic authentication.
fn basic_user(header: Option<&[u8]>) -> Vec<u8> {
    let Some(encoded) = header.and_then(|value| {
        value.get(..6).filter(|start| start.eq_ignore_ascii_case(b"basic ")).and_then(|_| value.get(6..))
    }) else {
        return Vec::new();
    };
    let decoded = base64(encoded.trim_ascii());
    decoded
        .iter()
        .position(|byte| *byte == b':')
        .and_then(|end| decoded.get(..end))
        .unwrap_or_default()
        .to_vec()
}

fn base64(text: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    let (mut bits, mut count) = (0_u32, 0);
    for byte in text {
        let value = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'+' => 62,
            b'/' => 63,
            _ => break,
        };
        bits = bits << 6 | u32::from(value);
        count += 6;
        if count >= 8 {
            count -= 8;
            out.push(u8::try_from(bits >> count & 0xff).unwrap_or(0));
        }
    }
    out
}

/// MurmurHash2, with seed 0, as `split_clients` uses it.
fn murmur2(data: &[u8]) -> u32 {
    const M: u32 = 0x5bd1_e995;
    let mut hash = u32::try_from(data.len()).unwrap_or(u32::MAX);
    let mut chunks = data.chunks_exact(4);
    for chunk in &mut chunks {
        let mut k = u32::from_le_bytes([chunk[0], chunk[1], chunk[2], chunk[3]]).wrapping_mul(M);
        k ^= k >> 24;
        k = k.wrapping_mul(M);
        hash = hash.wrapping_mul(M) ^ k;
    }
    let rest = chunks.remainder();
    for (index, byte) in rest.iter().enumerate().rev() {
        hash ^= u32::from(*byte) << (8 * index);
    }
    if !rest.is_empty() {
        hash = hash.wrapping_mul(M);
    }
    hash ^= hash >> 13;
    hash = hash.wrapping_mul(M);
    hash ^ hash >> 15
}
