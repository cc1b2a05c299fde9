//! Paged lists.

use std::{fmt::Write as _, sync::Mutex};

use landfall_model::{Interner, observe::Observation, said};
use prometheus_client::metrics::counter::Counter;

use super::{
    edge::{self, Edge},
    resource::Plan,
    server::{Failure, Server},
    skim::{Form, Skim},
    wire::{self, Page},
};

/// So many broken objects are told apart; more in one list mean that the list itself is broken.
const MOST_BROKEN: usize = 50;
/// A page that cannot be read is asked for again in pages so many times smaller.
const NARROWER: u32 = 8;

/// A complete list.
#[derive(Debug)]
pub struct Listed {
    pub items: Vec<Observation>,
    pub version: u64,
    /// Items of which no more than a name or a place is known, beside those that reduction found unreadable.
    pub broken: u64,
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
///
/// An object that is no JSON makes its whole page unreadable. Such a page is asked for again in ever smaller ones,
/// until the object stands alone; it is then skipped under its name, or its place.
pub async fn pages(
    server: &Server,
    plan: &Plan,
    api_version: &str,
    page: u32,
    edge: &Edge<'_>,
) -> Result<Listed, Failure> {
    let mut listed = Listed { items: Vec::new(), version: 0, broken: 0 };
    let mut next: Option<String> = None;
    let mut limit = page;
    let mut skipped = 0;
    loop {
        let bytes = server.get(&path(plan, api_version, limit, next.as_deref()), accept(plan)).await?;
        let read: Result<Page<'_>, _> = serde_json::from_slice(&bytes);
        let broken = match &read {
            Ok(_) => None,
            Err(error) => match wire::metadata(&bytes) {
                Some(head) if skipped < MOST_BROKEN => Some((head, error.to_string())),
                _ => return Err(broken_list(error)),
            },
        };
        if broken.is_some() && limit > 1 {
            limit = (limit / NARROWER).max(1);
            continue;
        }
        let metadata = match (read, broken) {
            (Ok(read), _) => {
                take_version(&mut listed, next.as_deref(), &read.metadata)?;
                for item in read.items.into_iter().flatten() {
                    take(&mut listed, edge, item.get(), server.largest_object());
                }
                read.metadata
            }
            (Err(_), Some((head, why))) => {
                take_version(&mut listed, next.as_deref(), &head)?;
                let meta = Skim::of(Form::Object, wire::only_item(&bytes));
                let place = || edge::place_in_list(&listed.items);
                let item = edge.known_as(meta.as_ref(), place, &format!("is no JSON: {why}"));
                listed.items.push(item);
                listed.broken += 1;
                skipped += 1;
                limit = page;
                head
            }
            (Err(error), None) => return Err(broken_list(&error)),
        };
        next = metadata.next.filter(|next| !next.is_empty());
        if next.is_none() {
            return Ok(listed);
        }
        // A page takes milliseconds to reduce; others wait for this thread.
        tokio::task::yield_now().await;
    }
}

fn broken_list(error: &serde_json::Error) -> Failure {
    let why = error.to_string();
    Failure::Broken(said!("list-broken", "list: {why}", why = why))
}

fn path(plan: &Plan, api_version: &str, limit: u32, next: Option<&str>) -> String {
    let mut path = format!("{}?limit={limit}", plan.resource.path(api_version, plan.within.as_deref()));
    if let Some(selector) = plan.selector() {
        let _ = write!(path, "&fieldSelector={}", encode(&selector));
    }
    if let Some(next) = next {
        let _ = write!(path, "&continue={}", encode(next));
    }
    path
}

fn take_version(listed: &mut Listed, next: Option<&str>, metadata: &wire::ListMeta) -> Result<(), Failure> {
    if next.is_none() {
        let text = metadata.resource_version.as_deref().unwrap_or_default();
        listed.version = wire::version(text).ok_or_else(|| {
            let text: String = text.chars().take(40).collect();
            Failure::Broken(said!(
                "list-version",
                "the list's version `{version}` is no number",
                version = text
            ))
        })?;
    }
    Ok(())
}

fn take(listed: &mut Listed, edge: &Edge<'_>, item: &str, largest: usize) {
    let place = || edge::place_in_list(&listed.items);
    let broken = if item.len() > largest {
        let meta = Skim::of(Form::Object, item.as_bytes());
        edge.known_as(meta.as_ref(), place, &edge::too_large(largest))
    } else {
        match edge.reduce(item) {
            Ok(reduced) => {
                listed.items.extend(reduced.observation);
                return;
            }
            Err(why) => edge.unnamed(&place(), &why),
        }
    };
    listed.items.push(broken);
    listed.broken += 1;
}

/// One list of a plan, with its discovery.
pub async fn once(
    server: &Server,
    plan: &Plan,
    page: u32,
    interner: &Mutex<Interner>,
) -> Result<Vec<Observation>, Failure> {
    let version = server.find(&plan.resource).await?;
    let panics = Counter::default();
    let edge = Edge { plan, epoch: 0, interner, panics: &panics };
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
