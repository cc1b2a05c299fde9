//! `geo`: a variable from an address.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use super::build::Builder;
use super::model::Geo;
use super::net::Net;
use super::vars::{VarDef, name_of};
use crate::syntax::Directive;

impl Builder<'_> {
    pub(super) fn geo(&mut self, directive: &Directive) {
        let pos = directive.name.pos;
        let last = directive.args.len().saturating_sub(1);
        let Some(name) = name_of(directive.arg(last)) else {
            return self.error(pos, "invalid variable name, expected \"$name\"");
        };
        let source = if directive.args.len() == 2 {
            let Some(source) = name_of(directive.arg(0)) else {
                return self.error(pos, "invalid variable name, expected \"$name\"");
            };
            Some(self.http.vars.used(source, pos))
        } else {
            None
        };
        let index = self.http.geos.len();
        if let Err(why) = self.http.vars.define(name, VarDef::Geo(index), pos) {
            return self.error(pos, why);
        }
        let mut geo = Geo {
            name: String::from_utf8_lossy(name).into_owned(),
            source,
            nets: Vec::new(),
            ranges: Vec::new(),
            proxies: Vec::new(),
            proxy_recursive: false,
            values: Vec::new(),
            default: None,
        };
        let mut nets: HashMap<(IpAddr, u8), usize> = HashMap::new();
        let mut ranges = false;
        for entry in directive.block.iter().flatten() {
            match (entry.name.text.as_slice(), entry.args.len()) {
                (b"ranges", 0) => {
                    ranges = true;
                    continue;
                }
                (b"proxy_recursive", 0) => {
                    geo.proxy_recursive = true;
                    continue;
                }
                (b"delete", 1) => {
                    if let Some(net) = Net::parse(&entry.args[0].lossy()) {
                        nets.remove(&(net.base, net.bits));
                    }
                    continue;
                }
                (b"proxy", 1) => {
                    match Net::parse(&entry.args[0].lossy()) {
                        Some(net) => geo.proxies.push(net),
                        None => self.error(entry.name.pos, "invalid network, expected an address or CIDR"),
                    }
                    continue;
                }
                (_, 1) => {}
                _ => {
                    self.error(entry.name.pos, "invalid number of the geo parameters");
                    continue;
                }
            }
            let value = geo.values.len();
            geo.values.push(entry.arg(0).to_vec());
            let key = entry.name.lossy().into_owned();
            if key == "default" {
                geo.default = Some(value);
            } else if ranges {
                let found = key.split_once('-').and_then(|(low, high)| {
                    Some((low.parse::<IpAddr>().ok()?, high.parse::<IpAddr>().ok()?))
                });
                match found {
                    Some((low, high)) if low <= high && low.is_ipv4() == high.is_ipv4() => {
                        geo.ranges.push((low, high, value));
                    }
                    _ => self.error(entry.name.pos, format!("invalid range \"{key}\"")),
                }
            } else if let Some(net) = Net::parse(&key) {
                if net.bits == 0 {
                    // both families have their own zero network, and either is the default of nginx's tree
                    let any: [IpAddr; 2] = [Ipv4Addr::UNSPECIFIED.into(), Ipv6Addr::UNSPECIFIED.into()];
                    nets.insert((any[usize::from(net.base.is_ipv6())], 0), value);
                } else {
                    nets.insert((net.base, net.bits), value);
                }
            } else {
                self.error(entry.name.pos, format!("invalid network \"{key}\""));
            }
        }
        let mut by_bits: HashMap<u8, HashMap<IpAddr, usize>> = HashMap::new();
        for ((base, bits), value) in nets {
            by_bits.entry(bits).or_default().insert(base, value);
        }
        geo.nets = by_bits.into_iter().collect();
        geo.nets.sort_by_key(|(bits, _)| std::cmp::Reverse(*bits));
        self.http.geos.push(geo);
    }
}
