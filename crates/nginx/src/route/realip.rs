//! The realip module: who the client is behind trusted proxies.

use std::net::IpAddr;

use super::run::Run;

impl Run<'_> {
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
pub(super) fn forwarded(
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
