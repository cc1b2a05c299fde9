//! What happens before the phases: socket, request line, host, server.

use std::net::IpAddr;

use super::run::{Headers, Next, Run, Stop, Val};
use super::uri::{may_have_host, parse_target, valid_host};
use crate::config::model::Address;
use crate::syntax::text;

impl Run<'_> {
    /// Socket, request line, host, server: what happens before the phases.
    pub(super) fn start(&mut self) -> Result<Next, Option<Stop>> {
        let Some((socket, local)) = self.pick_socket() else { return Err(None) };
        self.socket = socket;
        self.local = local;
        let socket = self.socket();
        self.say(format!("listen {}{}", socket.address, if socket.ssl { " (TLS)" } else { "" }));
        self.server = socket.default;
        self.loc = self.http.servers[self.server.0].loc;
        let refused = |run: &mut Self, why: &str| {
            run.say(format!("nginx refuses the request: {why}"));
            Ok(Next::Status(400, None))
        };
        let request = self.request;
        let header_host = (!request.host.is_empty()).then_some(request.host.as_slice());
        let checked_host = header_host.map(valid_host);
        if socket.ssl
            && let Some(Some(host)) = &checked_host
            && !host.starts_with(b"[")
            && std::str::from_utf8(host).is_ok_and(|host| host.parse::<IpAddr>().is_err())
        {
            // the name in the TLS handshake chooses the server before the request line is read
            if let Err(stop) = self.select_server(host, false) {
                return Err(Some(stop));
            }
        }
        let line_server = &self.http.servers[self.server.0];
        let version = if header_host.is_some() { "HTTP/1.1" } else { "HTTP/1.0" };
        let line = request.method.len() + request.target.len() + version.len() + 4;
        let early = broken_early(&request.method, &request.target, line_server.line_limit.max(1024));
        if line as u64 > line_server.line_limit.max(1024) && !early {
            self.say("the request line is longer than large_client_header_buffers allows");
            return Ok(Next::Status(414, None));
        }
        self.method.clear();
        let method_ok = !request.method.is_empty()
            && request.method.bytes().all(|b| b.is_ascii_uppercase() || b == b'_' || b == b'-');
        if !method_ok {
            return refused(self, "the method is no token of upper-case letters");
        }
        self.method.clone_from(&request.method);
        let Some(target) = parse_target(&request.target, line_server.merge_slashes) else {
            return refused(self, "the request target is not valid");
        };
        self.headers = Headers::Partly;
        let absolute = target.host.clone();
        self.uri = target.uri;
        self.args = Val::Known(target.args);
        self.unparsed = target.unparsed;
        self.valid_unparsed = target.valid_unparsed;
        self.quoted = target.quoted;
        self.plus = target.plus;
        if let Some(host) = absolute {
            let Some(host) = valid_host(&host) else {
                return refused(self, "the host in the target is not valid");
            };
            self.host = host;
            if let Err(stop) = self.select_server(&self.host.clone(), true) {
                return Err(Some(stop));
            }
        }
        self.headers = Headers::Partly;
        match checked_host {
            Some(None) => return refused(self, "the Host header is not valid"),
            Some(Some(host)) if self.host.is_empty() => self.host = host,
            _ => {}
        }
        self.headers = Headers::Read;
        if let Err(stop) = self.select_server(&self.host.clone(), true) {
            return Err(Some(stop));
        }
        if request.method == "TRACE" || request.method == "CONNECT" {
            self.say(format!("nginx does not serve {}", request.method));
            return Ok(Next::Status(405, None));
        }
        self.realip();
        Ok(Next::ServerRewrite)
    }

    /// The socket that the connection came in on, and its local address where known.
    pub(super) fn pick_socket(&mut self) -> Option<(usize, Option<IpAddr>)> {
        let sockets = &self.http.sockets;
        let Some(listen) = &self.request.listen else {
            if sockets.is_empty() || self.known.sockets.is_some_and(<[usize]>::is_empty) {
                self.say("no server listens anywhere");
                return None;
            }
            let all: Vec<usize> = (0..sockets.len()).collect();
            let among = self.known.sockets.unwrap_or(&all);
            if among.len() > 8 {
                self.say("the configuration listens on more than eight addresses: say on which the request came in");
                return None;
            }
            let chosen = if among.len() == 1 {
                among[0]
            } else {
                let options: Vec<String> = among
                    .iter()
                    .map(|socket| format!("it came in on {}", sockets[*socket].address))
                    .collect();
                among.get(self.choices.choose("listen", &options)).copied().unwrap_or(0)
            };
            let local = match &sockets[chosen].address {
                Address::Ip(ip, _) if !ip.is_unspecified() => Some(*ip),
                _ => None,
            };
            return Some((chosen, local));
        };
        let Some(wanted) = Address::parse(listen) else {
            self.say(format!("\"{listen}\" is no address"));
            return None;
        };
        let exact = sockets.iter().position(|socket| socket.address == wanted);
        let found = exact.or_else(|| {
            let Address::Ip(ip, port) = &wanted else { return None };
            sockets
                .iter()
                .position(|socket| {
                    matches!(&socket.address, Address::Ip(other, other_port)
                        if other.is_unspecified() && other_port == port && other.is_ipv4() == ip.is_ipv4())
                })
                .or_else(|| {
                    sockets.iter().position(|socket| {
                        matches!(&socket.address, Address::Ip(other, other_port)
                            if other.is_unspecified() && other_port == port && other.is_ipv6() && !socket.v6only)
                    })
                })
        });
        let Some(found) = found else {
            self.say(format!("no server listens on {listen}"));
            return None;
        };
        let local = match wanted {
            Address::Ip(ip, _) if !ip.is_unspecified() => Some(ip),
            _ => None,
        };
        Some((found, local))
    }

    /// The server for the host.
    pub(super) fn select_server(&mut self, host: &[u8], aloud: bool) -> Result<(), Stop> {
        let socket = self.socket();
        let named = if let Some(((server, index), _)) = socket.names.find(host) {
            Some((server, index))
        } else {
            let mut found = None;
            if !host.is_empty() {
                for (server, index) in &socket.patterns {
                    let name = &self.http.servers[server.0].names[*index];
                    let Some(regex) = name.pattern.clone() else { continue };
                    let subject = Val::Known(host.to_vec());
                    if self.exec(&regex, &subject, "server_name")? {
                        found = Some((*server, *index));
                        break;
                    }
                }
            }
            found
        };
        // on TLS the name was looked up before; without a new hit the server stays
        let (server, step) = if let Some((server, index)) = named {
            let written = &self.http.servers[server.0].names[index].written;
            let how = if written.starts_with('~') {
                "first pattern that matches"
            } else if written.contains('*') || written.starts_with('.') {
                "wildcard"
            } else {
                "exact"
            };
            (
                server,
                if written.is_empty() {
                    "server without a name (no Host header)".to_owned()
                } else {
                    format!("server_name {written} ({how})")
                },
            )
        } else {
            let default = if aloud { self.server } else { socket.default };
            let shown = text(host).into_owned();
            (default, format!("no server_name fits \"{shown}\": the default server of {}", socket.address))
        };
        self.server = server;
        self.loc = self.http.servers[server.0].loc;
        if aloud && !self.because.contains(&step) {
            self.say(step);
        }
        Ok(())
    }
}

/// Whether nginx refuses a request line before it has read more of it than fits its buffers.
fn broken_early(method: &str, target: &[u8], limit: u64) -> bool {
    let token = |b: u8| b.is_ascii_uppercase() || b == b'_' || b == b'-';
    let room = usize::try_from(limit).unwrap_or(usize::MAX).saturating_sub(method.len() + 1);
    let read = target.get(..room).unwrap_or(target);
    !method.bytes().all(token)
        || read.iter().any(|byte| *byte <= 0x20 || *byte == 0x7f)
        || (read.first() != Some(&b'/') && !may_have_host(read))
}
