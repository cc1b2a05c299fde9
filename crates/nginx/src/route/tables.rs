//! `map`, `geo`, `split_clients`.

use std::net::IpAddr;
use std::rc::Rc;

use super::realip::forwarded;
use super::run::{Run, Val};
use crate::config::net::unmapped;
use crate::config::value::Template;

impl Run<'_> {
    pub(super) fn map(&mut self, index: usize) -> Val {
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

    pub(super) fn geo(&mut self, index: usize) -> Val {
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

    pub(super) fn split(&mut self, index: usize) -> Val {
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
