//! Paged lists.

use std::{fmt::Write as _, sync::Mutex};

use landfall_model::{Interner, observe::Observation};

use super::{
    edge::{self, Edge},
    resource::Plan,
    server::{Failure, Server},
    wire::Page,
};

/// A complete list.
#[derive(Debug)]
pub struct Listed {
    pub items: Vec<Observation>,
    pub version: u64,
    /// Items that have not even a name.
    pub nameless: u64,
}

/// How lists of a plan are asked for.
pub fn accept(plan: &Plan) -> &'static str {
    if plan.resource.metadata_only {
        "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1"
    } else {
        "application/json"
    }
}

/// Reads all pages. The whole list is of one version: that of its first page.
pub async fn pages(
    server: &Server,
    plan: &Plan,
    api_version: &str,
    page: u32,
    edge: &Edge<'_>,
) -> Result<Listed, Failure> {
    let mut listed = Listed { items: Vec::new(), version: 0, nameless: 0 };
    let mut next: Option<String> = None;
    loop {
        let mut path = format!("{}?limit={page}", plan.resource.path(api_version, plan.within.as_deref()));
        if let Some(selector) = plan.selector() {
            let _ = write!(path, "&fieldSelector={}", encode(&selector));
        }
        if let Some(next) = &next {
            let _ = write!(path, "&continue={}", encode(next));
        }
        let bytes = server.get(&path, accept(plan)).await?;
        let read: Page<'_> =
            serde_json::from_slice(&bytes).map_err(|error| Failure::Broken(format!("list: {error}")))?;
        if next.is_none() {
            let text = read.metadata.resource_version.unwrap_or_default();
            listed.version = super::wire::version(&text)
                .ok_or_else(|| Failure::Broken(format!("the list's version `{text:.40}` is no number")))?;
        }
        for item in read.items.into_iter().flatten() {
            match edge.reduce(item.get()) {
                Some(reduced) => listed.items.extend(reduced.observation),
                None => listed.nameless += 1,
            }
        }
        next = read.metadata.next.filter(|next| !next.is_empty());
        if next.is_none() {
            return Ok(listed);
        }
        // A page takes milliseconds to reduce; others wait for this thread.
        tokio::task::yield_now().await;
    }
}

/// One list of a plan, with its discovery.
pub async fn once(
    server: &Server,
    plan: &Plan,
    page: u32,
    interner: &Mutex<Interner>,
) -> Result<Vec<Observation>, Failure> {
    let version = server.find(&plan.resource).await?;
    let edge = Edge { plan, epoch: 0, interner };
    let mut items = pages(server, plan, version, page, &edge).await?.items;
    edge::by_name(&mut items);
    Ok(items)
}

/// Percent-encodes a value of a query string.
pub fn encode(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'~') {
            out.push(char::from(byte));
        } else {
            let _ = write!(out, "%{byte:02X}");
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn selectors_are_encoded() {
        assert_eq!(encode("involvedObject.kind=Application"), "involvedObject.kind%3DApplication");
        assert_eq!(encode("a+b/ü"), "a%2Bb%2F%C3%BC");
    }
}
