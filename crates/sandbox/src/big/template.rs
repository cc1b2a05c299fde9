//! Objects stamped out of a template: built once as a controller writes them, then only names are put in.

use serde_json::Value;

use crate::kinds::{self, KindId};
use crate::store::{Parts, write};

/// Stand-ins that a template's object carries; none of them occurs in real text.
pub(crate) const NAME: &str = "zq-name-qz";
pub(crate) const NAMESPACE: &str = "zq-space-qz";
pub(crate) const TEAM: &str = "zq-team-qz";
pub(crate) const TAG: &str = "zq-tag-qz";
pub(crate) const POD: &str = "zq-pod-qz";
const DIGEST: &str = "zq-digest-qz";
const OWN_UID: &str = "zq-own-qz";
const UID: &str = "zq-uid-qz";
const TOKENS: [&str; 8] = [NAME, NAMESPACE, TEAM, TAG, POD, DIGEST, OWN_UID, UID];

/// What is put in for each stand-in.
#[derive(Clone, Copy)]
pub(crate) struct Filling<'a> {
    pub name: &'a str,
    pub namespace: &'a str,
    pub team: &'a str,
    pub tag: &'a str,
    pub pod: &'a str,
    pub digest: &'a str,
    /// Twelve hex digits that end the uid of the object itself.
    pub own_uid: &'a str,
    /// Twelve hex digits that end the uids of its owners.
    pub uid: &'a str,
}

/// An object with its stand-ins found.
#[derive(Debug)]
pub(crate) struct Template {
    pub id: KindId,
    head: Vec<u8>,
    /// Text, and the stand-in that follows it.
    pieces: Vec<(String, Option<usize>)>,
    len: usize,
}

impl Template {
    /// A template of an object; `digest` is the digest that it carries.
    pub fn new(object: &Value, digest: Option<&str>) -> Option<Self> {
        let text = |at: &str| object.get(at).and_then(Value::as_str).unwrap_or_default();
        let id = kinds::by_type(text("apiVersion"), text("kind"))?;
        let (parts, _) = write(object, id).ok()?;
        let mut tail = String::from_utf8(parts.tail).ok()?;
        if let Some(digest) = digest {
            tail = tail.replace(digest, &format!("sha256:{DIGEST}"));
        }
        let own = object.pointer("/metadata/uid").and_then(Value::as_str).unwrap_or_default();
        if let Some(begin) = own.get(..24) {
            tail = tail.replace(own, &format!("{begin}{OWN_UID}"));
        }
        let tail = mark_owners(&tail);
        let (mut pieces, mut rest) = (Vec::new(), tail.as_str());
        while let Some((at, token)) =
            TOKENS.iter().enumerate().filter_map(|(token, text)| rest.find(text).map(|at| (at, token))).min()
        {
            pieces.push((rest[..at].to_owned(), Some(token)));
            rest = &rest[at + TOKENS[token].len()..];
        }
        pieces.push((rest.to_owned(), None));
        Some(Self { id, head: parts.head, pieces, len: tail.len() + 512 })
    }

    pub fn fill(&self, with: &Filling<'_>) -> Parts {
        let values =
            [with.name, with.namespace, with.team, with.tag, with.pod, with.digest, with.own_uid, with.uid];
        let mut tail = String::with_capacity(self.len);
        for (text, token) in &self.pieces {
            tail.push_str(text);
            if let Some(token) = token {
                tail.push_str(values[*token]);
            }
        }
        Parts { head: self.head.clone(), tail: tail.into_bytes() }
    }
}

/// Puts the stand-in into every uid that is not the object's own.
fn mark_owners(text: &str) -> String {
    let (mut out, mut rest) = (String::with_capacity(text.len()), text);
    while let Some(at) = rest.find("\"uid\":\"") {
        let start = at + 7;
        out.push_str(&rest[..start]);
        rest = &rest[start..];
        let end = rest.find('"').unwrap_or(0);
        if end == 36 {
            out.push_str(&rest[..24]);
            out.push_str(UID);
            rest = &rest[36..];
        }
    }
    out + rest
}
