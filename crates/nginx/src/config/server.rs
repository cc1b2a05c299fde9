//! One `server` block: its names and sockets.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv4Addr};

use super::build::{Builder, flag, line_limit};
use super::listen::parse_listen;
use super::model::{Address, Listen, LocKind, Server, ServerId, ServerName, Settings, Socket};
use super::names::Added;
use crate::syntax::{Directive, Pos};

impl Builder<'_> {
    pub(super) fn server(
        &mut self,
        directive: &Directive,
        http: &Settings,
        merge_slashes: Option<bool>,
        underscores: Option<bool>,
        limit: Option<u64>,
    ) {
        let block = directive.block.as_deref().unwrap_or_default();
        let id = ServerId(self.http.servers.len());
        let mut names = Vec::new();
        let mut listens: Vec<Listen> = Vec::new();
        let mut ssl_on = false;
        for inner in block {
            match inner.name.text.as_slice() {
                b"server_name" => {
                    for word in &inner.args {
                        match self.server_name(&word.text, word.pos) {
                            Ok(name) => names.extend(name),
                            Err(why) => self.error(word.pos, why),
                        }
                    }
                }
                b"listen" => match parse_listen(inner) {
                    Ok(found) => {
                        for listen in found {
                            if listens.iter().any(|other| other.address == listen.address) {
                                self.error(inner.name.pos, format!("a duplicate listen {}", listen.address));
                            } else {
                                listens.push(listen);
                            }
                        }
                    }
                    Err(why) => self.error(inner.name.pos, why),
                },
                b"ssl" => ssl_on = inner.arg(0).eq_ignore_ascii_case(b"on"),
                _ => {}
            }
        }
        if names.is_empty() {
            names.push(ServerName { written: String::new(), pattern: None, key: Vec::new() });
        }
        if listens.is_empty() {
            // as the superuser, which every nginx that other hosts reach is
            listens.push(Listen {
                address: Address::Ip(IpAddr::V4(Ipv4Addr::UNSPECIFIED), 80),
                default: false,
                ssl: false,
                v6only: true,
                pos: directive.name.pos,
            });
        }
        for listen in &mut listens {
            listen.ssl |= ssl_on;
        }
        let settings = self.settings(block, http);
        let loc = self.loc(directive, LocKind::Server, settings, None, id);
        self.http.servers.push(Server {
            pos: directive.name.pos,
            names,
            loc,
            named: HashMap::new(),
            merge_slashes: flag(block, "merge_slashes").or(merge_slashes).unwrap_or(true),
            underscores: flag(block, "underscores_in_headers").or(underscores).unwrap_or(false),
            line_limit: line_limit(block).or(limit).unwrap_or(8192),
            listens,
            closes: closes(block),
        });
        self.level(block, loc);
    }

    pub(super) fn server_name(&mut self, word: &[u8], pos: Pos) -> Result<Option<ServerName>, String> {
        let written = String::from_utf8_lossy(word).into_owned();
        let bad_star = word.starts_with(b"*") && (word.len() < 3 || word[1] != b'.');
        if bad_star || word == b"." {
            return Err(format!("server name \"{written}\" is invalid"));
        }
        if let Some(pattern) = word.strip_prefix(b"~") {
            if pattern.is_empty() {
                return Err("empty regex in server name".to_owned());
            }
            let caseless = pattern.iter().any(u8::is_ascii_uppercase);
            let regex = self.regex(pattern, caseless, pos);
            return Ok(regex.map(|regex| ServerName { written, pattern: Some(regex), key: Vec::new() }));
        }
        if word == b"$hostname" {
            // the machine's own name: known to nginx when it starts, not to us
            self.warn(pos, "server_name $hostname: the machine's name is not known here, it is not matched");
            return Ok(None);
        }
        Ok(Some(ServerName { written, pattern: None, key: word.to_ascii_lowercase() }))
    }

    /// Groups the servers by listening address, in the order of the file.
    pub(super) fn sockets(&mut self) {
        let mut sockets: Vec<Socket> = Vec::new();
        let mut problems = Vec::new();
        for (index, server) in self.http.servers.iter().enumerate() {
            let id = ServerId(index);
            for listen in &server.listens {
                if let Some(socket) = sockets.iter_mut().find(|socket| socket.address == listen.address) {
                    socket.servers.push(id);
                    socket.ssl |= listen.ssl;
                    socket.v6only &= listen.v6only;
                    if listen.default {
                        if socket.explicit_default {
                            problems.push((
                                listen.pos,
                                format!("a duplicate default server for {}", listen.address),
                            ));
                        }
                        socket.explicit_default = true;
                        socket.default = id;
                    }
                } else {
                    sockets.push(Socket {
                        address: listen.address.clone(),
                        default: id,
                        explicit_default: listen.default,
                        ssl: listen.ssl,
                        v6only: listen.v6only,
                        servers: vec![id],
                        names: super::names::Names::default(),
                        patterns: Vec::new(),
                    });
                }
            }
        }
        for (pos, message) in problems {
            self.error(pos, message);
        }
        for socket in &mut sockets {
            for id in socket.servers.clone() {
                for index in 0..self.http.servers[id.0].names.len() {
                    let server = &self.http.servers[id.0];
                    let name = &server.names[index];
                    let pos = server.pos;
                    if name.pattern.is_some() {
                        socket.patterns.push((id, index));
                        continue;
                    }
                    let (key, written) = (name.key.clone(), name.written.clone());
                    match socket.names.add(&key, (id, index), true) {
                        Added::Ok => {}
                        Added::Conflict => self.warn(
                            pos,
                            format!("conflicting server name \"{written}\" on {}, ignored", socket.address),
                        ),
                        Added::Invalid => self.error(
                            pos,
                            format!("invalid server name or wildcard \"{written}\" on {}", socket.address),
                        ),
                    }
                }
            }
        }
        self.http.sockets = sockets;
    }
}

/// Whether something in the block closes connections.
fn closes(block: &[Directive]) -> bool {
    block.iter().any(|inner| {
        let code = inner.args.iter().any(|word| {
            matches!(word.text.strip_prefix(b"=").unwrap_or(&word.text), b"408" | b"444" | b"499")
        });
        (code && (inner.is("return") || inner.is("try_files"))) || inner.block.as_deref().is_some_and(closes)
    })
}
