//! nginx's own variables, and the paths of files.

use std::net::IpAddr;

use super::run::{Run, Val};
use crate::config::model::{Address, LocKind};
use crate::config::vars::Builtin;

impl Run<'_> {
    pub(super) fn builtin(&mut self, builtin: Builtin) -> Option<Val> {
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

    pub(super) fn server_name(&self) -> Option<Val> {
        let first = self.http.servers[self.server.0].names.first()?;
        let written = first.written.strip_prefix('~').or_else(|| first.written.strip_prefix('.'));
        Some(Val::Known(written.unwrap_or(&first.written).to_ascii_lowercase().into_bytes()))
            .filter(|_| first.pattern.is_none())
    }

    /// The folder that `root` names, absolute; `None` where it cannot be said.
    pub(super) fn root_path(&mut self) -> Option<Val> {
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
