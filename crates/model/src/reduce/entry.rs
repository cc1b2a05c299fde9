//! What traffic enters by: Services, Ingresses, HTTPRoutes and Gateways.

use std::sync::Arc;

use serde::Deserialize;

use super::{
    lax::{List, Must, Obj, Str},
    meta::{Meta, Metadata},
    strings::Strings,
};
use crate::{
    observe::{Body, Entry, Unreadable},
    text::Text,
    words::Kind,
};

/// Most host names and most addresses of one entry.
const LIMIT: usize = 100;

#[derive(Debug, Deserialize)]
#[serde(expecting = "an object")]
pub(super) struct Wire<'a> {
    #[serde(borrow)]
    metadata: Must<Metadata<'a>>,
    #[serde(borrow, default)]
    spec: Obj<Spec<'a>>,
    #[serde(borrow, default)]
    status: Obj<Status<'a>>,
}

#[derive(Debug, Default, Deserialize)]
struct Spec<'a> {
    // Service
    #[serde(borrow, default, rename = "type")]
    service_type: Str<'a>,
    // Ingress
    #[serde(borrow, default)]
    rules: List<Obj<Rule<'a>>>,
    #[serde(borrow, default)]
    tls: List<Obj<Tls<'a>>>,
    // HTTPRoute
    #[serde(borrow, default)]
    hostnames: List<Str<'a>>,
    // Gateway
    #[serde(borrow, default)]
    listeners: List<Obj<Listener<'a>>>,
}

#[derive(Debug, Default, Deserialize)]
struct Rule<'a> {
    #[serde(borrow, default)]
    host: Str<'a>,
}

#[derive(Debug, Default, Deserialize)]
struct Tls<'a> {
    #[serde(borrow, default)]
    hosts: List<Str<'a>>,
}

#[derive(Debug, Default, Deserialize)]
struct Listener<'a> {
    #[serde(borrow, default)]
    hostname: Str<'a>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Status<'a> {
    #[serde(borrow, default)]
    load_balancer: Obj<LoadBalancer<'a>>,
    #[serde(borrow, default)]
    addresses: List<Obj<Address<'a>>>,
}

#[derive(Debug, Default, Deserialize)]
struct LoadBalancer<'a> {
    #[serde(borrow, default)]
    ingress: List<Obj<Address<'a>>>,
}

#[derive(Debug, Default, Deserialize)]
struct Address<'a> {
    #[serde(borrow, default)]
    ip: Str<'a>,
    #[serde(borrow, default)]
    hostname: Str<'a>,
    #[serde(borrow, default)]
    value: Str<'a>,
}

impl<'a> super::Wire<'a> for Wire<'a> {
    fn meta(&self) -> Meta {
        self.metadata.meta()
    }

    fn body(self, kind: Kind, strings: &mut Strings<'_>) -> Result<Option<Body>, Unreadable> {
        let Self { metadata, spec: Obj(spec), status: Obj(status) } = self;
        // Only the fields of the kind itself are ever set, so they need not be told apart.
        let mut hosts: Vec<&Str<'_>> = spec.rules.0.iter().map(|rule| &rule.0.host).collect();
        hosts.extend(spec.tls.0.iter().flat_map(|tls| &tls.0.hosts.0));
        hosts.extend(&spec.hostnames.0);
        hosts.extend(spec.listeners.0.iter().map(|listener| &listener.0.hostname));
        let given = status.load_balancer.0.ingress.0.iter().chain(&status.addresses.0);
        let addresses = given.flat_map(|Obj(address)| [&address.ip, &address.hostname, &address.value]);
        Ok(Some(Body::Entry(Arc::new(Entry {
            hosts: distinct(hosts.into_iter(), strings),
            service_type: (kind == Kind::Service).then(|| strings.maybe(&spec.service_type.0)).flatten(),
            managed_by: metadata.managed_by(strings),
            addresses: distinct(addresses, strings),
        }))))
    }
}

/// In order of first appearance, at most [`LIMIT`].
fn distinct<'s, 'a: 's>(texts: impl Iterator<Item = &'s Str<'a>>, strings: &mut Strings<'_>) -> Vec<Text> {
    let mut found: Vec<Text> = Vec::new();
    for text in texts.filter_map(Str::get) {
        if found.len() == LIMIT {
            break;
        }
        if found.iter().all(|known| **known != *text) {
            found.push(strings.shared(text));
        }
    }
    found
}
