//! `listen`: addresses, options, ports.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use super::model::{Address, Listen};
use crate::syntax::{Directive, text};

/// Reads one `listen`; a range of ports gives several.
pub(super) fn parse_listen(directive: &Directive) -> Result<Vec<Listen>, String> {
    let written = text(directive.arg(0)).into_owned();
    let mut base = Listen {
        address: Address::Unix(String::new()),
        default: false,
        ssl: false,
        v6only: true,
        pos: directive.name.pos,
    };
    for option in directive.args.iter().skip(1) {
        let option = option.lossy();
        match option.as_ref() {
            "default_server" | "default" => base.default = true,
            "ssl" | "quic" => base.ssl = true,
            "http2" | "proxy_protocol" | "spdy" | "deferred" | "reuseport" | "bind" | "multipath" => {}
            "ipv6only=on" => base.v6only = true,
            "ipv6only=off" => base.v6only = false,
            other => {
                let known = [
                    "backlog=",
                    "rcvbuf=",
                    "sndbuf=",
                    "setfib=",
                    "fastopen=",
                    "accept_filter=",
                    "so_keepalive=",
                ];
                if !known.iter().any(|prefix| other.starts_with(prefix)) {
                    return Err(format!("invalid parameter \"{other}\""));
                }
            }
        }
    }
    let addresses = addresses(&written)?;
    Ok(addresses.into_iter().map(|address| Listen { address, ..base.clone() }).collect())
}

fn addresses(written: &str) -> Result<Vec<Address>, String> {
    if let Some(path) = written.strip_prefix("unix:") {
        if path.is_empty() {
            return Err(format!(
                "no path in the unix domain socket in \"{written}\" of the \"listen\" directive"
            ));
        }
        return Ok(vec![Address::Unix(path.to_owned())]);
    }
    if written.contains('/') || written.is_empty() {
        return Err(format!("invalid host in \"{written}\" of the \"listen\" directive"));
    }
    let (host, ports) = if let Some(rest) = written.strip_prefix('[') {
        let (host, rest) = rest
            .split_once(']')
            .ok_or_else(|| format!("invalid host in \"{written}\" of the \"listen\" directive"))?;
        let host: Ipv6Addr = host
            .parse()
            .map_err(|_| format!("invalid IPv6 address in \"{written}\" of the \"listen\" directive"))?;
        let ports = if rest.is_empty() {
            None
        } else {
            Some(
                rest.strip_prefix(':')
                    .ok_or_else(|| format!("invalid port in \"{written}\" of the \"listen\" directive"))?,
            )
        };
        (Host::Ip(IpAddr::V6(host)), ports)
    } else if let Some((host, ports)) = written.split_once(':') {
        (host_of(host), Some(ports))
    } else if written.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-') {
        (Host::Ip(IpAddr::V4(Ipv4Addr::UNSPECIFIED)), Some(written))
    } else {
        (host_of(written), None)
    };
    let (first, last) = match ports {
        None => (80, 80),
        Some(ports) => {
            let invalid = || format!("invalid port in \"{written}\" of the \"listen\" directive");
            let port = |digits: &str| digits.parse::<u16>().ok().filter(|port| *port > 0).ok_or_else(invalid);
            match ports.split_once('-') {
                Some((first, last)) => (port(first)?, port(last)?),
                None => (port(ports)?, port(ports)?),
            }
        }
    };
    if last < first {
        return Err(format!("invalid port range in \"{written}\" of the \"listen\" directive"));
    }
    Ok((first..=last)
        .map(|port| match &host {
            Host::Ip(ip) => Address::Ip(*ip, port),
            Host::Name(name) => Address::Name(name.clone(), port),
        })
        .collect())
}

enum Host {
    Ip(IpAddr),
    Name(String),
}

fn host_of(host: &str) -> Host {
    if host.is_empty() || host == "*" {
        return Host::Ip(IpAddr::V4(Ipv4Addr::UNSPECIFIED));
    }
    if host == "localhost" {
        return Host::Ip(IpAddr::V4(Ipv4Addr::LOCALHOST));
    }
    host.parse::<Ipv4Addr>().map_or_else(|_| Host::Name(host.to_owned()), |ip| Host::Ip(IpAddr::V4(ip)))
}

impl std::fmt::Display for Address {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Ip(IpAddr::V4(ip), port) => write!(f, "{ip}:{port}"),
            Self::Ip(IpAddr::V6(ip), port) => write!(f, "[{ip}]:{port}"),
            Self::Unix(path) => write!(f, "unix:{path}"),
            Self::Name(name, port) => write!(f, "{name}:{port}"),
        }
    }
}

impl Address {
    /// The port, where there is one.
    pub(crate) fn port(&self) -> Option<u16> {
        match self {
            Self::Ip(_, port) | Self::Name(_, port) => Some(*port),
            Self::Unix(_) => None,
        }
    }

    /// Reads a local address as `--listen` gives it.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let found = addresses(text).ok()?;
        (found.len() == 1).then(|| found.into_iter().next()).flatten()
    }
}
